"""What the explanations of `unmet` mean, by brute force, in plain Python.

Like `tests.oracle`, on which it stands, this module shares no code with the engine. All worlds of the vocabulary are
written out, with nothing stated and every choice of what a record states; a set of features is held against each.
`family` finds all minimal reasons, corrections and fixes, `answers` what settles a pended line, `supports` what carries
an approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from math import prod

from tests import oracle
from tests.model import Case, Finding, Value
from tests.oracle import Key, Question, World

Name = str | Key
"""A feature: a leaf by its name, or a stated finding."""

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


@dataclass(frozen=True)
class Explained:
    """A case under a knowledge base, and what may never change or only grow."""

    question: Question
    immutable: frozenset[str] = frozenset()
    grows: frozenset[str] = frozenset()
    most_worlds: int = 2000
    most_features: int = 8

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
        return self.case.listed.get(kind, 0) + oracle.spare_records(self.question.kb, kind)

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
    def statuses(self) -> Mapping[str, str]:
        return self.question.answer.statuses

    @cached_property
    def stated(self) -> list[Key]:
        read = oracle.attributes_read(self.question.kb)
        return [key for key, values in self.case.stated.items() if values and key[1] in read]

    def standing(self, closed: bool) -> dict[Name, bool]:
        """The leaves that are features, and whether they stand at met; those not established where they hurt."""
        signs = self.question.polarities()
        found: dict[Name, bool] = {n: self.statuses[n] == "met" for n in self.leaves if self.statuses[n] != "unknown"}
        if closed:
            found |= {n: signs[n] == {False} for n in self.leaves if n not in found and len(signs[n]) == 1}
        return found

    def features(self, closed: bool) -> list[Name]:
        """Leaves; where they do not force the denial, findings read by unknown leaves too; else all that is stated."""
        found: list[Name] = list(self.standing(closed))
        if not self.agreeing(self.approving, found, closed):
            return found
        read = {key for name in self.leaves if self.statuses[name] == "unknown" for key in self.reads(name)}
        near: list[Name] = [*found, *(key for key in self.stated if key in read)]
        return [*found, *self.stated] if self.agreeing(self.approving, near, closed) else near

    def reads(self, name: str) -> set[Key]:
        """The findings that a leaf may read, through parts and helpers too."""
        found: set[Key] = set()
        for rule in self.question.kb.rules(name, self.question.chosen):
            for literal in rule.body:
                if isinstance(literal, Finding):
                    found |= {(e, literal.attribute) for e in self.question.may_mean(literal, rule.body)}
                for other in oracle.names_read(literal):
                    found |= self.reads(other)
        return found

    def agrees(self, world: World, feature: Name, closed: bool) -> bool:
        """Whether a leaf stands as it does, or a finding is stated as it is, in a world."""
        if isinstance(feature, str):
            return bool(world.extension(feature)) == self.standing(closed)[feature]
        documented = feature[1] not in self._documentable() or feature in world.case.stated
        return world.values.get(feature) in self.case.stated[feature] and documented

    def agreeing(self, worlds: Iterable[World], features: Iterable[Name], closed: bool) -> list[World]:
        held = list(features)
        return [world for world in worlds if all(self.agrees(world, each, closed) for each in held)]

    # -- a denied line --------------------------------------------------------------------------------------------

    def family(self, closed: bool) -> tuple[list[Name], Sets, Sets, Sets]:
        """The features, and all minimal reasons, corrections and fixes."""
        features = self.features(closed)
        if len(features) > self.most_features:
            raise TooMany

        def agreed(worlds: Iterable[World]) -> set[frozenset[Name]]:
            return {frozenset(f for f in features if self.agrees(world, f, closed)) for world in worlds}

        free, kept = agreed(self.approving), agreed(world for world in self.approving if self.keeps(world))
        everything = frozenset(features)
        return (
            features,
            minimal(features, lambda held: not any(held <= each for each in free)),
            minimal(features, lambda changed: any(everything - changed <= each for each in free)),
            minimal(features, lambda changed: any(everything - changed <= each for each in kept)),
        )

    def outcomes(self, reason: Iterable[Name], closed: bool) -> set[str]:
        """The outcomes that a reason leaves."""
        return {world.outcome() for world in self.agreeing(self.worlds, reason, closed)}

    def keeps(self, world: World) -> bool:
        """Whether a world holds what may not change: listed records, statements, immutable and growing findings."""
        documentable = self._documentable()
        for kind in self.question.kb.kinds:
            if any(entity not in world.entities for entity in self.case.entities(kind)):
                return False
        for key in self.stated:
            value, allowed = world.values[key], self.case.stated[key]
            if key[1] in documentable and key not in world.case.stated:
                return False
            if key[1] in self.immutable and value not in allowed:
                return False
            if key[1] in self.grows and int(value) < min(int(each) for each in allowed):
                return False
        return True

    # -- a pended line --------------------------------------------------------------------------------------------

    def classes(self, name: str) -> dict[Value, int]:
        """The class of each value: words are told apart, numbers as far as a rule or an assumption does."""
        attribute = self.question.kb.attribute(name)
        if attribute.type != "number":
            return {value: place for place, value in enumerate(attribute.values)}
        kb = self.question.kb
        bodies = [*kb.impossible, *(rule.body for predicate in kb.predicates for rule in predicate.rules)]
        literals = [lit for body in bodies for lit in body if isinstance(lit, Finding) and lit.attribute == name]
        tests = [test for literal in literals for test in literal.tests]
        found: dict[Value, int] = {}
        before: list[bool] | None = None
        for value in attribute.values:
            told = [oracle.passes(attribute, value, test) for test in tests]
            last = max(found.values(), default=0)
            found[value] = last if before in (None, told) else last + 1
            before = told
        return found

    def answers(self, outcome: str, about: Iterable[Key]) -> frozenset[frozenset[tuple[Key, int]]]:
        """The minimal sets of answers about these findings after which every world has the outcome."""
        classes = {key: self.classes(key[1]) for key in about}
        told = {
            (tuple((key, places[world.values[key]]) for key, places in classes.items()), world.outcome())
            for world in self.question.worlds
        }
        found: list[frozenset[tuple[Key, int]]] = []
        for keys in subsets(classes):
            after: dict[frozenset[tuple[Key, int]], set[str]] = {}
            for answers, each in told:
                given = frozenset(answer for answer in answers if answer[0] in keys)
                after.setdefault(given, set()).add(each)
            found += [
                given
                for given, outcomes in after.items()
                if outcomes == {outcome} and not any(smaller <= given for smaller in found)
            ]
        return frozenset(found)

    # -- an approved line -----------------------------------------------------------------------------------------

    def supports(self, outcome: str) -> Sets:
        """The minimal sets of stated and presumed findings and complete lists that carry an outcome.

        The records of the case are there, and what it is silent about is not stated.
        """
        documentable = self._documentable()
        complete: list[Name] = [k for k in self.case.complete if oracle.spare_records(self.question.kb, k)]
        carried = [*self.stated, *self.question.presumed, *complete]
        if len(carried) > self.most_features:
            raise TooMany
        given = {e for kind in self.question.kb.kinds for e in self.case.entities(kind)}

        def holds(world: World, what: Name) -> bool:
            if isinstance(what, str):
                return not any(e.kind == what and e not in given for e in world.entities)
            if what in self.question.presumed:
                return world.values[what] == self.question.kb.attribute(what[1]).presumed
            documented = what[1] not in documentable or what in world.case.stated
            return world.values[what] in self.case.stated[what] and documented

        def is_fair(world: World) -> bool:
            unstated = all(key in self.stated for key in world.case.stated)
            return unstated and given <= set(world.entities) and world.outcome() != outcome

        against = {frozenset(c for c in carried if holds(world, c)) for world in self.worlds if is_fair(world)}
        return minimal(carried, lambda held: not any(held <= each for each in against))
