"""What the explanations of `unmet` mean, by brute force, in plain Python.

Like `tests.oracle`, on which it stands, this module shares no code with the engine. All worlds of the vocabulary are
written out, with nothing stated and every choice of what a record states; a set of features is held against each.
`family` finds all minimal reasons, corrections and fixes, `answers` what settles a pended line, `supports` what carries
an approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, combinations_with_replacement, islice, product
from math import prod

from tests import oracle
from tests.model import Case, Entity, Finding, Test, Value
from tests.oracle import Key, Question, World

Name = str | Key
"""A feature: a leaf by its name, or what the case holds.

That is a stated or presumed finding, `(Entity(kind), "complete")` for a complete list, `(entity, "")` for a record.
"""

Sets = frozenset[frozenset[Name]]


class TooMany(Exception):
    """More worlds or features than are worth writing out."""


def subsets(items: Iterable[Name]) -> Iterator[frozenset[Name]]:
    """All subsets, smaller ones first."""
    found = list(items)
    return map(frozenset, chain.from_iterable(combinations(found, n) for n in range(len(found) + 1)))


def minimal(items: Iterable[Name], holds: Callable[[frozenset[Name]], bool]) -> Sets:
    """The minimal subsets of which a monotone statement holds."""
    found: list[frozenset[Name]] = []
    for each in subsets(items):
        if not any(smaller <= each for smaller in found) and holds(each):
            found.append(each)
    return frozenset(found)


def hitting_sets(sets: Sets, items: Iterable[Name]) -> Sets:
    """The minimal sets that have a member in common with each of these."""
    return minimal(items, lambda chosen: all(chosen & each for each in sets))


Description = tuple[tuple[str, int], ...]
"""What is said of one record: attributes with the classes of their values."""


def embeds(few: Sequence[Description], many: Sequence[Description]) -> bool:
    """Whether each of a few descriptions is true of another one of many records."""
    if not few:
        return True
    first, *rest = few
    others = [(i, each) for i, each in enumerate(many) if set(first) <= set(each)]
    return any(embeds(rest, [*many[:i], *many[i + 1 :]]) for i, _ in others)


@dataclass(frozen=True)
class Answers:
    """A set of answers: findings, descriptions of unlisted records, and how many of these there are at most."""

    findings: frozenset[tuple[Key, int]]
    records: tuple[Description, ...]
    most: int | None

    def is_weaker(self, other: Answers) -> bool:
        """Whether it says nothing that the other does not say."""
        limited = self.most is None or (other.most is not None and other.most <= self.most)
        return limited and self.findings <= other.findings and embeds(self.records, other.records)


@dataclass(frozen=True)
class Explained:
    """A case under a knowledge base, and what may never change or only grow."""

    question: Question
    immutable: frozenset[str] = frozenset()
    grows: frozenset[str] = frozenset()
    top: bool = False
    most_worlds: int = 2000
    most_features: int = 8
    more: int = 0
    """How many records its worlds may hold beyond those that the rules can tell apart."""

    @property
    def case(self) -> Case:
        return self.question.case

    # -- worlds -------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """About how many worlds there are."""
        kb, read = self.question.kb, oracle.attributes_read(self.question.kb)
        documentable, found = self._documentable(), 1
        for kind in kb.kinds:
            mine = [a for a in kb.attributes if a.kind == kind.name and a.name in read]
            one = prod(len(a.values) * (2 if a.name in documentable else 1) for a in mine)
            most = self._records(kind.name) if kind.sort == "listed" else max(1, len(kind.keys))
            found *= sum(one**n for n in range(most + 1)) if kind.sort == "listed" else one**most
        return found

    def _records(self, kind: str) -> int:
        return self.case.listed.get(kind, 0) + oracle.spare_records(self.question.kb, kind) + self.more

    def _documentable(self) -> set[str]:
        """The attributes of which a rule asks whether they are stated."""
        rules = [rule for predicate in self.question.kb.predicates for rule in predicate.rules]
        read = [literal for rule in rules for literal in rule.body if isinstance(literal, Finding)]
        return {literal.attribute for literal in read if literal.documented}

    @cached_property
    def worlds(self) -> list[World]:
        """All worlds of the vocabulary, with every choice of what is stated."""
        if self.count() > self.most_worlds:
            raise TooMany
        kb, documentable = self.question.kb, self._documentable()
        listed = [kind.name for kind in kb.kinds if kind.sort == "listed"]
        blanks = [Case()]
        for kind in listed:
            blanks = [
                Case({}, {**blank.listed, kind: n}, frozenset(listed))
                for blank in blanks
                for n in range(self._records(kind) + 1)
            ]
        found: list[World] = []
        for blank in blanks:
            for plain in oracle.completions(kb, blank):
                open_to = [key for key in plain.values if key[1] in documentable]
                for chosen in subsets(open_to):
                    stated = {key: (plain.values[key],) for key in chosen if isinstance(key, tuple)}
                    world = World(kb, Case(stated, blank.listed, blank.complete), plain.values, plain.entities)
                    world.chosen = self.question.chosen
                    found.append(world)
        return found

    @cached_property
    def approving(self) -> list[World]:
        return [world for world in self.worlds if world.outcome() == "approved"]

    # -- features -----------------------------------------------------------------------------------------------

    @cached_property
    def leaves(self) -> list[str]:
        return [name for name in self.question.polarities() if not self.question.children(name)]

    @cached_property
    def explained_at(self) -> list[str]:
        """The criteria that are features: leaves, or at the top what stands two below a root, and the leaves beside."""
        if not self.top:
            return self.leaves
        question = self.question
        roots = [root for root in ("necessary", "referral") if question.kb.is_criterion(root)]
        tops: set[str] = set()
        for child in [name for root in roots for name, _ in question.children(root)]:
            tops |= {name for name, _ in question.children(child)} or {child}
        found: set[str] = set()
        ends, seen = list(roots), set[str]()
        while ends:
            name = ends.pop()
            children = [child for child, _ in question.children(name)]
            if name in tops or not children:
                found.add(name)
            elif name not in seen:
                ends += children
            seen.add(name)
        return [name for name in question.polarities() if name in found]

    @cached_property
    def statuses(self) -> Mapping[str, str]:
        return self.question.answer.statuses

    @cached_property
    def stated(self) -> list[Key]:
        read = oracle.attributes_read(self.question.kb)
        return [key for key, values in self.case.stated.items() if values and key[1] in read]

    def signs(self, *, both_roots: bool) -> Mapping[str, set[bool]]:
        """At which signs approval reads each criterion; with `both_roots`, as `referral` reads it too."""
        question = self.question
        if not both_roots:
            return question.polarities()
        found: dict[str, set[bool]] = {}
        ends = [(root, sign) for root, sign in (("necessary", True), ("referral", False))]
        ends = [end for end in ends if question.kb.is_criterion(end[0])]
        while ends:
            name, sign = ends.pop()
            if sign not in found.setdefault(name, set()):
                found[name].add(sign)
                ends += [(child, sign != negated) for child, negated in question.children(name)]
        return found

    def standing(self, closed: bool) -> dict[str, bool | None]:
        """The leaves that are features, and whether they stand at met.

        With silence closed those not established stand where they hurt, at None if that is either way. What
        `referral` reads as well counts only where the rest would not do.
        """
        found: dict[str, bool | None] = {
            n: self.statuses[n] == "met" for n in self.explained_at if self.statuses[n] != "unknown"
        }
        if not closed:
            return found
        for both_roots in (False, True):
            signs = self.signs(both_roots=both_roots)
            whole = found | {
                n: signs[n] == {False} if len(signs[n]) == 1 else None for n in self.explained_at if n not in found
            }
            if not any(self.stands_as(world, whole) for world in self.approving):
                return whole
        return whole

    def stands_as(self, world: World, standing: Mapping[str, bool | None]) -> bool:
        """Whether criteria stand in a world as said, those at None any way."""
        return all(bool(world.extension(n)) == met for n, met in standing.items() if met is not None)

    @cached_property
    def held(self) -> list[Key]:
        """All that the case holds: statements, presumptions, complete lists, records."""
        question, kb = self.question, self.question.kb
        listed = [k for k in kb.kinds if k.sort == "listed"]
        return [
            *self.stated,
            *(key for key in question.presumed if key[1] in oracle.attributes_read(kb)),
            *(
                (Entity(k.name), "complete")
                for k in listed
                if k.name in self.case.complete and oracle.spare_records(kb, k.name)
            ),
            *((e, "") for k in listed for e in self.case.entities(k)),
        ]

    def features(self, closed: bool) -> list[Name]:
        """Leaves; where they do not force the denial, what unknown leaves read of it too; else all the case holds."""
        standing = self.standing(closed)
        found: list[Name] = list(standing)
        if None in standing.values() or not self.agreeing(self.approving, found, closed):
            return found
        read = {key for name in self.leaves if self.statuses[name] == "unknown" for key in self.reads(name)}
        near: list[Name] = [*found, *(key for key in self.held if key in read)]
        return [*found, *self.held] if self.agreeing(self.approving, near, closed) else near

    def reads(self, name: str, *, documented: bool = False) -> set[Key]:
        """The findings that a criterion may read, or asks to be documented, through leaves, parts and helpers too."""
        found: set[Key] = set()
        if self.question.kb.is_criterion(name) and self.question.children(name):
            return found.union(*(self.reads(leaf, documented=documented) for leaf in self.question.leaves(name)))
        for rule in self.question.kb.rules(name, self.question.chosen):
            for literal in rule.body:
                if isinstance(literal, Finding) and literal.documented >= documented:
                    found |= {(e, literal.attribute) for e in self.question.may_mean(literal, rule.body)}
                for other in oracle.names_read(literal):
                    found |= self.reads(other, documented=documented)
        return found

    def agrees(self, world: World, feature: Name, closed: bool) -> bool:
        """Whether a leaf stands as it does, or something is as the case holds it, in a world."""
        if isinstance(feature, str):
            return self.stands_as(world, {feature: self.standing(closed)[feature]})
        return self.holds(world, feature)

    def holds(self, world: World, what: Key) -> bool:
        """Whether something is in a world as the case holds it."""
        entity, name = what
        if name == "":
            return entity in world.entities
        if name == "complete":
            given = self.case.entities(self.question.kb.kind(entity.kind))
            return not any(e.kind == entity.kind and e not in given for e in world.entities)
        if what in self.question.presumed:
            return world.values.get(what) == self.question.kb.attribute(name).presumed
        documented = name not in self._documentable() or what in world.case.stated
        return world.values.get(what) in self.case.stated[what] and documented

    def agreeing(self, worlds: Iterable[World], features: Iterable[Name], closed: bool) -> list[World]:
        held = list(features)
        return [world for world in worlds if all(self.agrees(world, each, closed) for each in held)]

    # -- a denied line --------------------------------------------------------------------------------------------

    def family(self, closed: bool) -> tuple[list[Name], Sets, Sets, Sets]:
        """The features, and all minimal reasons, corrections and fixes."""
        features = self.features(closed)
        if len(features) > self.most_features:
            raise TooMany

        kept = [world for world in self.worlds if self.keeps(world)]
        if None in self.standing(closed).values():
            corrections = self.leaving_only_approval(self.worlds, closed)
            fixes = self.leaving_only_approval(kept, closed)
            return features, hitting_sets(corrections, features), corrections, fixes

        def agreed(worlds: Iterable[World]) -> set[frozenset[Name]]:
            return {frozenset(f for f in features if self.agrees(world, f, closed)) for world in worlds}

        free, left = agreed(self.approving), agreed(world for world in kept if world.outcome() == "approved")
        everything = frozenset(features)
        return (
            features,
            minimal(features, lambda held: not any(held <= each for each in free)),
            minimal(features, lambda changed: any(everything - changed <= each for each in free)),
            minimal(features, lambda changed: any(everything - changed <= each for each in left)),
        )

    def leaving_only_approval(self, worlds: list[World], closed: bool) -> Sets:
        """The minimal sets of features whose change leaves approving worlds alone, of those given."""
        standing = self.standing(closed)
        ends: dict[tuple[bool, ...], set[bool]] = {}
        for world in worlds:
            vector = tuple(bool(world.extension(name)) for name in standing)
            ends.setdefault(vector, set()).add(world.outcome() == "approved")

        def only_approval(changed: frozenset[Name]) -> bool:
            left: dict[tuple[bool, ...], set[bool]] = {}
            for vector, approved in ends.items():
                pairs = list(zip(standing, vector, strict=True))
                as_said = (
                    met != standing[n] if n in changed else met == standing[n]
                    for n, met in pairs
                    if standing[n] is not None
                )
                if all(as_said):
                    way = tuple(met for n, met in pairs if standing[n] is None and n in changed)
                    left.setdefault(way, set()).update(approved)
            return {True} in left.values()

        return minimal(standing, only_approval)

    def outcomes(self, reason: Iterable[Name], closed: bool) -> set[str]:
        """The outcomes that a reason leaves."""
        return {world.outcome() for world in self.agreeing(self.worlds, reason, closed)}

    def keeps(self, world: World) -> bool:
        """Whether a world holds what may not change: listed records, statements, immutable and growing findings."""
        return all(self.keeps_one(world, what) for what in self.kept)

    @cached_property
    def kept(self) -> list[Key]:
        """What may not change: records, and what is stated."""
        return [*(key for key in self.held if not key[1]), *self.stated]

    def keeps_one(self, world: World, what: Key) -> bool:
        """Whether a record is there still, or a finding is still stated, and as far as it may change, as it was."""
        entity, name = what
        if not name or entity not in world.entities:
            return bool(name) or entity in world.entities
        if name in self._documentable() and what not in world.case.stated:
            return False
        value, allowed = world.values[what], self.case.stated[what]
        if name in self.immutable and value not in allowed:
            return False
        return name not in self.grows or int(value) >= min(int(each) for each in allowed)

    def blocks(self, what: Iterable[Key]) -> bool:
        """Whether no approving world keeps these."""
        held = list(what)
        return not any(all(self.keeps_one(world, each) for each in held) for world in self.approving)

    # -- a pended line --------------------------------------------------------------------------------------------

    def classes(self, name: str) -> dict[Value, int]:
        """The class of each value: words are told apart, numbers as far as a constant does."""
        attribute = self.question.kb.attribute(name)
        if attribute.type != "number":
            return {value: place for place, value in enumerate(attribute.values)}
        kb = self.question.kb
        bodies = [*kb.impossible, *(rule.body for predicate in kb.predicates for rule in predicate.rules)]
        literals = [lit for body in bodies for lit in body if isinstance(lit, Finding) and lit.attribute == name]
        tests = [Test(test.op, (v,)) for literal in literals for test in literal.tests for v in test.operands]
        tests += [Test(">", (0,)) for rule in kb.derivations if rule.before == name and rule.factor is not None]
        found: dict[Value, int] = {}
        before: list[bool] | None = None
        for value in attribute.values:
            told = [oracle.passes(attribute, value, test) for test in tests]
            last = max(found.values(), default=0)
            found[value] = last if before in (None, told) else last + 1
            before = told
        return found

    def answers(self, outcome: str, about: Iterable[Key]) -> frozenset[frozenset[tuple[Key, int]]]:
        """The minimal sets of answers about these findings after which every world has the outcome.

        What is answered is stated, if it is to approve, and anything else may be.
        """
        if outcome == "approved":
            return self.forcing(list(self.documenting()), about, outcome, stating=True)
        return self.forcing(self.question.worlds, about, outcome, stating=False)

    def forcing(
        self, worlds: Iterable[World], about: Iterable[Key], outcome: str, *, stating: bool
    ) -> frozenset[frozenset[tuple[Key, int]]]:
        """The minimal sets of answers after which all of these worlds that agree with them have the outcome.

        `stating`: they agree only where they also state what is answered.
        """
        classes = {key: self.classes(key[1]) for key in about}
        told = {
            (
                tuple((key, of[world.values[key]], bool(world.case.stated.get(key))) for key, of in classes.items()),
                world.outcome(),
            )
            for world in worlds
        }
        documentable = self._documentable() if stating else set()
        found: list[frozenset[tuple[Key, int]]] = []
        for keys in subsets(classes):
            after: dict[frozenset[tuple[Key, int]], set[str]] = {}
            for answers, each in told:
                mine = [answer for answer in answers if answer[0] in keys]
                if all(stated or key[1] not in documentable for key, _, stated in mine):
                    after.setdefault(frozenset((key, place) for key, place, _ in mine), set()).add(each)
            found += [
                given
                for given, outcomes in after.items()
                if outcomes == {outcome} and not any(smaller <= given for smaller in found)
            ]
        return frozenset(found)

    def sets_of_answers(self, outcome: str, about: Iterable[Key], named: int) -> set[Answers]:
        """The minimal sets of answers, also about records of the listed kind that the case may not list.

        They describe at most `named` such records, and may say that there are no more than so many, of which the first
        that is too many is named. Worlds hold that many more records than the rules can tell apart.
        """
        stating = outcome == "approved"
        worlds: Iterable[World] = self.documenting() if stating else self.question.worlds
        worlds = list(islice(worlds, 10 * self.most_worlds + 1))
        if len(worlds) > 10 * self.most_worlds:
            raise TooMany
        return self._sets_of_answers(worlds, outcome, about, named, oracle.is_unlisted, stating=stating)

    def _sets_of_answers(
        self,
        worlds: Iterable[World],
        outcome: str,
        about: Iterable[Key],
        named: int,
        is_further: Callable[[Entity], bool],
        *,
        stating: bool,
    ) -> set[Answers]:
        """The same over some worlds; `is_further` tells the records that the case may not list."""
        keys, documentable = list(about), self._documentable() if stating else set()
        told = {
            (
                tuple((key, *self._said(world, key, documentable)) for key in keys),
                tuple(sorted(self._record(world, e, documentable) for e in world.entities if is_further(e))),
                world.outcome(),
            )
            for world in worlds
        }
        if len(told) > self.most_worlds:
            raise TooMany
        descriptions = self._descriptions()
        multisets = [
            tuple(sorted(some)) for n in range(named + 1) for some in combinations_with_replacement(descriptions, n)
        ]
        found: list[Answers] = []
        for chosen in sorted(subsets(keys), key=len):
            by_findings: dict[frozenset[tuple[Key, int]], list[tuple[tuple[Description, ...], str]]] = {}
            for said, records, end in told:
                mine = [(key, place, stated) for key, place, stated in said if key in chosen]
                if all(stated for _, _, stated in mine):
                    given = frozenset((key, place) for key, place, _ in mine)
                    by_findings.setdefault(given, []).append((records, end))
            for given, ends in by_findings.items():
                for records in multisets:
                    matching = [(len(held), end) for held, end in ends if embeds(records, held)]
                    for most in (None, *reversed(range(len(records), named))):
                        left = {end for held, end in matching if most is None or held <= most}
                        if left == {outcome}:
                            found.append(Answers(given, records, most))
        return {one for one in found if not any(other != one and other.is_weaker(one) for other in found)}

    def _said(self, world: World, key: Key, documentable: set[str]) -> tuple[int, bool]:
        """The class of a finding in a world, and whether an answer may say so: it is stated if rules ask for that."""
        stated = key[1] not in documentable or bool(world.case.stated.get(key))
        return self.classes(key[1])[world.values[key]], stated

    def _record(self, world: World, entity: Entity, documentable: set[str]) -> Description:
        """All that answers could say of an unlisted record of a world."""
        mine = (key for key in world.values if key[0] == entity)
        said = ((key[1], *self._said(world, key, documentable)) for key in mine)
        return tuple(sorted((name, place) for name, place, stated in said if stated))

    def _descriptions(self) -> list[Description]:
        """All that answers could say of one record of the listed kind, be it only that there is one."""
        kb, read = self.question.kb, oracle.attributes_read(self.question.kb)
        listed = {kind.name for kind in kb.kinds if kind.sort == "listed"}
        names = [a.name for a in kb.attributes if a.kind in listed and a.name in read]
        values = {name: sorted(set(self.classes(name).values())) for name in names}
        found = [
            tuple(sorted(zip(some, places, strict=True)))
            for n in range(len(names) + 1)
            for some in combinations(names, n)
            for places in product(*(values[name] for name in some))
        ]
        if len(found) > 9:
            raise TooMany
        return found

    def asked(self) -> list[Key]:
        """The open findings that unknown leaves read, or that a leaf asks to be documented and that are not."""
        read = {k for n in self.leaves if self.statuses[n] == "unknown" for k in self.reads(n)}
        wanted = {k for n in self.leaves for k in self.reads(n, documented=True) if not self.case.stated.get(k)}
        values = {key: {world.values[key] for world in self.question.worlds} for key in read}
        open_ = {key for key in read if len({self.classes(key[1])[value] for value in values[key]}) > 1}
        return sorted(open_ | wanted)

    def settles(self, key: Key) -> int:
        """How many classes of a finding settle the line, once it is stated to be in that class."""
        found: dict[int, set[str]] = {}
        wanted = {key} if key[1] in self._documentable() and not self.case.stated.get(key) else set()
        for world in self.documenting():
            if {
                each for each, values in world.case.stated.items() if values and not self.case.stated.get(each)
            } == wanted:
                found.setdefault(self.classes(key[1])[world.values[key]], set()).add(world.outcome())
        return sum(len(outcomes) == 1 for outcomes in found.values())

    def documenting(self) -> Iterator[World]:
        """The worlds of the case with every choice of what else is documented."""
        documentable = self._documentable()
        for plain in self.question.worlds:
            silent = [key for key in plain.values if key[1] in documentable and not self.case.stated.get(key)]
            for chosen in subsets(silent):
                stated = {key: (plain.values[key],) for key in chosen if isinstance(key, tuple)}
                case = Case({**self.case.stated, **stated}, self.case.listed, self.case.complete)
                world = World(self.question.kb, case, plain.values, plain.entities)
                world.chosen = self.question.chosen
                yield world

    # -- after a fix ----------------------------------------------------------------------------------------------

    def then_document(self, fix: frozenset[Name], closed: bool) -> frozenset[frozenset[tuple[Key, int]]]:
        """The minimal answers that approve once the fix is made, of the case with what it reads reopened."""
        after = self._after(fix, closed)
        if after is None:
            return frozenset({frozenset[tuple[Key, int]]()})
        return self.forcing(*after, "approved", stating=True)

    def then_document_records(self, fix: frozenset[Name], closed: bool, kind: str, named: int) -> set[Answers]:
        """The same of a case that lists records of a kind: answers may be about so many further ones."""
        after = replace(self, more=named)._after(fix, closed)
        if after is None:
            return {Answers(frozenset(), (), None)}
        worlds, about = after
        listed = self.case.listed.get(kind, 0)

        def is_further(entity: Entity) -> bool:
            return entity.kind == kind and isinstance(entity.key, int) and entity.key > listed

        return self._sets_of_answers(worlds, "approved", about, named, is_further, stating=True)

    def _after(self, fix: frozenset[Name], closed: bool) -> tuple[list[World], list[Key]] | None:
        """The worlds after a fix and the findings that are open then; None where all of them are approved."""
        if "unknown" not in {self.statuses[name] for name in self.leaves}:
            return None
        standing = self.standing(closed)
        flipped = {name for name in fix if isinstance(name, str)}
        changed = {key for name in flipped for key in self.reads(name)} | {n for n in fix if not isinstance(n, str)}
        tied = self.tied({name for _, name in changed})
        worlds = [
            world
            for world in self.worlds
            if self.keeps(world) and all(bool(world.extension(n)) != standing[n] for n in flipped)
        ]

        def reopened(key: Key) -> bool:
            return key[1] in tied

        def agrees(world: World) -> bool:
            stay = [n for n in standing if n not in flipped and any(map(reopened, self.reads(n)))]
            said = [key for key in self.held if key[1] not in ("", "complete") and not reopened(key)]
            return self.stands_as(world, {n: standing[n] for n in stay}) and all(
                world.values[key] in self.case.stated.get(key, (self.question.kb.attribute(key[1]).presumed,))
                for key in said
            )

        left = [world for world in worlds if agrees(world)]
        if not any(world.outcome() == "approved" for world in left):
            rest: list[Name] = [n for n in self.features(closed) if n not in fix]
            left = self.agreeing(worlds, rest, closed)
            tied = {attribute.name for attribute in self.question.kb.attributes}
        if all(world.outcome() == "approved" for world in left):
            return None
        unknown = [n for n in self.leaves if len({bool(world.extension(n)) for world in left}) > 1]
        read = {key for name in unknown for key in self.reads(name)}
        possible = {
            key: self.question.kb.attribute(key[1]).values
            if key[1] in tied
            else {w.values[key] for w in self.question.worlds}
            for key in read
        }
        return left, [k for k, values in possible.items() if len({self.classes(k[1])[v] for v in values}) > 1]

    def tied(self, names: set[str]) -> set[str]:
        """These attributes and all that assumptions and derivations tie to them."""
        kb, reached = self.question.kb, set(names)
        links = [{lit.attribute for lit in body if isinstance(lit, Finding)} for body in kb.impossible]
        links += [{rule.target, rule.before, rule.after} for rule in kb.derivations]
        while more := set[str]().union(*(link for link in links if link & reached)) - reached:
            reached |= more
        return reached

    # -- an approved line -----------------------------------------------------------------------------------------

    def supports(self, outcome: str) -> Sets:
        """The minimal sets of stated and presumed findings and complete lists that carry an outcome.

        The records of the case are there, and what it is silent about is not stated.
        """
        given = {e for kind in self.question.kb.kinds for e in self.case.entities(kind)}
        carried = [key for key in self.held if key[1] and key[0] in {*given, *map(Entity, self.case.complete)}]
        if len(carried) > self.most_features:
            raise TooMany

        def is_fair(world: World) -> bool:
            unstated = all(key in self.stated for key in world.case.stated)
            presumed = all(
                world.values[key] == default
                for key in world.values
                if key[0] not in given and (default := self.question.kb.attribute(key[1]).presumed) is not None
            )
            return unstated and presumed and given <= set(world.entities) and world.outcome() != outcome

        against = {frozenset(c for c in carried if self.holds(world, c)) for world in self.worlds if is_fair(world)}
        return minimal(carried, lambda held: not any(held <= each for each in against))
