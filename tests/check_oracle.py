"""What the findings of `unmet check` mean, by brute force, in plain Python.

Like `tests.oracle`, on which it stands, this module shares no code with the engine. All worlds of a small knowledge
base are written out, with every choice of what the record states; each check looks at all of them, or at all pairs of
them. `findings` gives them as pairs of a code and what it is about, in the engine's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations, product

from tests import oracle
from tests.model import (
    Count,
    Distinct,
    Entity,
    Finding,
    Holds,
    Keyed,
    KnowledgeBase,
    Literal,
    Predicate,
    Record,
    Rule,
    Var,
)
from tests.oracle import Key, Question, World

Told = tuple[str, tuple[str, ...]]
Options = tuple[tuple[str, str], ...]
"""Readings, each with an option that is not the chosen one."""
Place = tuple[str, Rule, Rule | None]
"""A rule of a predicate that is left out, or put in another form."""
Child = tuple[str, bool]
"""A criterion as a group reads it, and whether under `not`."""


class Overridden(World):
    """A world in which some criteria have another status than their rules give them."""

    forced: Mapping[str, bool] = {}

    def extension(self, name: str) -> frozenset[Entity | None]:
        if name in self.forced:
            return frozenset({None} if self.forced[name] else ())
        return super().extension(name)


@dataclass(frozen=True)
class Declared:
    """What a vocabulary or policy declares beside its rules."""

    needier: frozenset[str] = frozenset()
    complementary: tuple[tuple[str, str], ...] = ()
    acknowledged: tuple[tuple[str, str], ...] = ()


class Checked:
    """A knowledge base under a choice of readings, with all its worlds."""

    def __init__(self, question: Question, worlds: list[World], declared: Declared) -> None:
        self.kb, self.chosen = question.kb, question.chosen
        self.question, self.worlds, self.declared = question, worlds, declared
        self.signs = question.polarities()

    # -- the outline ----------------------------------------------------------------------------------------------

    @cached_property
    def criteria(self) -> list[str]:
        """The criteria in use, each where the tree reaches it first."""
        found: list[str] = []

        def visit(name: str) -> None:
            if name not in found:
                found.append(name)
                for child, _ in self.children(name):
                    visit(child)

        for root in self.roots:
            visit(root)
        return found

    def children(self, name: str) -> list[Child]:
        return list(dict.fromkeys(self.question.children(name)))

    def kind(self, name: str) -> str:
        rules = self.kb.rules(name, self.chosen)
        if not self.children(name):
            return "leaf"
        groups = [r for r in rules if any(self._reads(lit) for lit in r.body)]
        if len(groups) > 1:
            return "any"
        (body,) = [r.body for r in groups]
        if counts := [lit for lit in body if isinstance(lit, Count)]:
            return "any" if counts[0].least == 1 else "at least"
        return "not" if len(body) == 1 and isinstance(body[0], Holds) and body[0].negated else "all"

    def _reads(self, literal: Literal) -> bool:
        return any(self.kb.is_criterion(n) for n in oracle.names_read(literal))

    def threshold(self, name: str) -> int:
        kind = self.kind(name)
        if kind == "any":
            return 1
        if kind == "at least":
            counts = [lit for r in self.kb.rules(name, self.chosen) for lit in r.body if isinstance(lit, Count)]
            return counts[0].least
        return len(self.children(name))

    def readers(self, name: str) -> list[str]:
        return [g for g in self.criteria for c, _ in self.children(g) if c == name]

    def below(self, names: Iterable[str]) -> set[str]:
        found = set(names)
        while more := {c for n in found for c, _ in self.children(n)} - found:
            found |= more
        return found

    @cached_property
    def roots(self) -> list[str]:
        return [n for n in ("necessary", "referral") if n in self.signs]

    @cached_property
    def bars(self) -> list[str]:
        """What is not met in any world in which `necessary` is, as the outline alone tells."""
        found = self._denied("necessary", set())
        return [n for n in self.criteria if n in found or n == "referral"]

    def _denied(self, group: str, above: set[str]) -> set[str]:
        children = self.children(group)
        if self.threshold(group) < len(children) or group in above:
            return set()
        deeper = [self._denied(c, above | {group}) for c, negated in children if not negated]
        return {c for c, negated in children if negated}.union(*deeper)

    # -- truth ----------------------------------------------------------------------------------------------------

    def met(self, world: World, name: str) -> bool:
        return bool(world.extension(name))

    def holds(self, world: World, child: Child) -> bool:
        return self.met(world, child[0]) is not child[1]

    def some(self, *literals: Child) -> bool:
        return any(all(self.holds(w, c) for c in literals) for w in self.worlds)

    def implies(self, one: Child, other: Child) -> bool:
        return not self.some(one, (other[0], not other[1]))

    @cached_property
    def constant(self) -> dict[str, bool]:
        found = {}
        for name in self.criteria:
            values = {self.met(w, name) for w in self.worlds}
            if len(values) == 1:
                found[name] = values.pop()
        return found

    def overridden(self, world: World, forced: Mapping[str, bool]) -> str:
        other = Overridden(self.kb, world.case, world.values, world.entities)
        other.chosen, other.forced = self.chosen, forced
        return other.outcome()

    @cached_property
    def decisive(self) -> set[str]:
        return {
            name
            for name in self.criteria
            if any(self.overridden(w, {name: not self.met(w, name)}) != w.outcome() for w in self.worlds)
        }

    def without(self, changed: KnowledgeBase) -> bool:
        """Whether every outcome is the same under changed rules."""
        for world in self.worlds:
            other = World(changed, world.case, world.values, world.entities)
            other.chosen = self.chosen
            if other.outcome() != world.outcome():
                return False
        return True

    # -- findings -------------------------------------------------------------------------------------------------

    def findings(self) -> set[Told]:
        """All of them."""
        return {
            *self._approval(), *self._constants(), *self._undecisive(), *self._idle(), *self._pairs(),
            *self._branches(), *self._bars(), *self._grounds(), *self._in_two_lists(), *self._complements(),
            *self._ranges(), *self._two_worlds(), *self._double(),
        }  # fmt: skip

    def about(self, told: Told) -> set[str]:
        """The criteria that a finding is about; those that read an attribute, where it is about that."""
        code, subjects = told
        if code in ("never-approves", "never-denies", "never-pends"):
            return set()
        if code in ("worse-loses", "documenting-loses"):
            reached = self.computed_from(subjects[0]) if code == "worse-loses" else {subjects[0]}
            return {n for n in self.criteria if self.kind(n) == "leaf" and reached & self._read(n)}
        return {*subjects[:1]} if code == "presumption-decides" else {*subjects}

    def _read(self, leaf: str) -> set[str]:
        """The attributes that a leaf reads, through parts and helpers too."""
        rules = [r for n in (leaf, *self._rests_on(leaf)) for r in self.kb.rules(n, self.chosen)]
        return {lit.attribute for r in rules for lit in r.body if isinstance(lit, Finding)}

    def _approval(self) -> Iterator[Told]:
        outcomes = {w.outcome() for w in self.worlds}
        if "approved" not in outcomes:
            yield "never-approves", ("necessary",)
        if "denied" not in outcomes:
            yield "never-denies", ("necessary",)
        by_statements: dict[frozenset[Key], set[str]] = {}
        for world in self.worlds:
            by_statements.setdefault(frozenset(world.case.stated), set()).add(world.outcome())
        if len(outcomes) > 1 and all(len(found) == 1 for found in by_statements.values()):
            yield "never-pends", ("necessary",)

    def is_minimal_conflict(self, literals: Sequence[Child]) -> bool:
        """Whether no world holds these literals together, and some world all but any one of them."""
        return not self.some(*literals) and all(
            self.some(*(other for other in literals if other != each)) for each in literals
        )

    def _constants(self) -> Iterator[Told]:
        for name, value in self.constant.items():
            if name == "necessary":
                continue
            children = self.children(name)
            rules = self.kb.rules(name, self.chosen) if children else ()
            if any(isinstance(literal, Count) for rule in rules for literal in rule.body):
                yield "count-always" if value else "count-never", (name,)
                continue
            known = [None if c not in self.constant else self.constant[c] is not negated for c, negated in children]
            enough = known.count(True) >= self.threshold(name)
            lost = len(known) - known.count(False) < self.threshold(name)
            if not children or not (enough or lost):
                yield "always-met" if value else "never-met", (name,)

    def _undecisive(self) -> Iterator[Told]:
        for name in self.criteria:
            above = self.readers(name)
            explained = above and name not in self.roots and not any(p in self.decisive for p in above)
            if name not in self.decisive and not explained:
                yield "never-decisive", (name,)

    def _rests_on(self, name: str) -> set[str]:
        """The parts and helpers that a predicate reads, through others too."""
        read = {n for r in self.kb.rules(name, self.chosen) for lit in r.body for n in oracle.names_read(lit)}
        own = {n for n in read if not self.kb.is_criterion(n)}
        return own.union(*(self._rests_on(n) for n in own))

    def _idle(self) -> Iterator[Told]:
        yield from self.idle_places
        for name in self.criteria:
            children = self.children(name)
            if self.kind(name) == "all" and len(children) > 1 and name in self.decisive:
                for child in children:
                    others = [o for o in children if o != child]
                    if child[0] in self.constant or child[0] not in self.decisive:
                        continue
                    if any(self.implies(o, child) and self.constant.get(o[0]) is not o[1] for o in others):
                        continue
                    rules = self.kb.rules(name, self.chosen)
                    literal = next(lit for lit in rules[0].body if oracle.names_read(lit) == (child[0],))
                    if self.without(self.changed(name, rules[0], replace_body(rules[0], literal))):
                        yield "idle-condition", (name, child[0])

    @cached_property
    def idle_places(self) -> dict[Told, set[Place]]:
        """What is idle in leaves, parts and helpers, and where each of it stands."""
        found: dict[Told, set[Place]] = {}
        for told, place in self._idle_below():
            found.setdefault(told, set()).add(place)
        return found

    def _idle_below(self) -> Iterator[tuple[Told, Place]]:
        leaves = [n for n in self.criteria if self.kind(n) == "leaf"]
        for predicate in self.kb.predicates:
            if predicate.sort != "criterion":
                using = tuple(sorted(n for n in leaves if predicate.name in self._rests_on(n)))
                if any(n in self.decisive and n not in self.constant for n in using):
                    yield from self._idle_rules(predicate, using)
        for name in leaves:
            if name in self.decisive and name not in self.constant:
                yield from self._idle_rules(self.kb.predicate(name), (name,))

    def _idle_rules(self, predicate: Predicate, leaves: tuple[str, ...]) -> Iterator[tuple[Told, Place]]:
        rules = self.kb.rules(predicate.name, self.chosen)
        for rule in rules:
            if len(rules) > 1 and self.without(self.changed(predicate.name, rule, None)):
                yield ("idle-rule", leaves), (predicate.name, rule, None)
            conditions = [lit for lit in rule.body if not isinstance(lit, Record)]
            if sum(atoms_of(lit) for lit in conditions) < 2:
                continue
            for literal in conditions:
                for smaller in reduced(rule, literal):
                    if self.without(self.changed(predicate.name, rule, smaller)):
                        yield ("idle-condition", leaves), (predicate.name, rule, smaller)

    def changed(self, name: str, rule: Rule, instead: Rule | None) -> KnowledgeBase:
        predicates = []
        for each in self.kb.predicates:
            if each.name == name:
                kept = [r for r in each.rules if r is not rule]
                each = replace(each, rules=tuple(kept + ([instead] if instead else [])))
            predicates.append(each)
        return replace(self.kb, predicates=tuple(predicates))

    def _same(self, one: Child, other: Child) -> bool:
        return self.implies(one, other) and self.implies(other, one)

    def _pairs(self) -> Iterator[Told]:
        in_bars = self.below(self.bars)
        live = [n for n in self.criteria if n not in self.constant]
        for i, name in enumerate(live):
            same = [f for f in live[:i] if self._same((f, False), (name, False))]
            apart = [f for f in same if name not in self.below([f]) and f not in self.below([name])]
            for first in apart[:1]:
                yield "same-ground" if {first, name} <= in_bars else "equal", tuple(sorted((first, name)))
        for name in self.criteria:
            kind = self.kind(name)
            members = [c for c in self.children(name) if c[0] not in self.constant]
            for one, other in permutations(members if kind in ("all", "any") else [], 2):
                if self.implies(one, other) and (one[1] is not other[1] or not self.implies(other, one)):
                    code = "implied" if kind == "all" else "same-ground" if name in in_bars else "implying"
                    yield code, tuple(sorted((name, one[0], other[0])))

    def _branches(self) -> Iterator[Told]:
        approves = any(w.outcome() == "approved" for w in self.worlds)
        for name in self.criteria:
            if self.kind(name) != "any" or len(self.children(name)) < 2:
                continue
            live = [c for c in self.children(name) if c[0] not in self.constant]
            for branch in live:
                others = [c for c in self.children(name) if c != branch]
                alone = [w for w in self.worlds if self.holds(w, branch) and not any(self.holds(w, o) for o in others)]
                useful = any(self.overridden(w, {name: False}) != w.outcome() for w in alone)
                if not alone:
                    if not any(self.implies(branch, o) for o in live if o != branch):
                        yield "never-alone", (name, branch[0])
                elif not useful and {name, branch[0]} <= self.decisive:
                    yield "useless-branch", (name, branch[0])
                barred = self._is_barred(branch) and not self._is_barred((name, False))
                if approves and self.signs[name] == {True} and barred:
                    yield "barred-branch", (name, branch[0])

    def _is_barred(self, child: Child) -> bool:
        free = [(b, True) for b in self.bars]
        return bool(free) and not self.some(child, *free) and self.some(*free)

    def _bars(self) -> Iterator[Told]:
        for name in self._indications("necessary", set()) - self.constant.keys():
            if self._is_barred((name, False)):
                yield "always-barred", (name,)
            for bar in self.bars:
                if bar not in self.constant and self.some((name, False), (bar, False)):
                    yield "bar-possible", (name, bar)

    def _indications(self, group: str, above: set[str]) -> set[str]:
        """What `necessary` asks for; and what is asked for beside a bar by what it needs."""
        children = self.children(group)
        wanted, alone = {c for c, negated in children if not negated}, self.threshold(group) < len(children)
        if alone or group in above:
            return wanted if group == "necessary" else set()
        deeper = [self._indications(c, above | {group}) for c in wanted]
        return (wanted if len(wanted) < len(children) or group == "necessary" else set()).union(*deeper)

    def grounds(self, bar: str) -> list[tuple[Child, str]]:
        """The grounds of a bar, alternatives all the way down, each with the list that it stands in."""
        found: list[tuple[Child, str]] = []
        todo: list[tuple[Child, str]] = [((bar, False), bar)]
        while todo:
            (name, negated), place = todo.pop(0)
            if self.kind(name) == "any" and not negated:
                todo += [(child, name) for child in self.children(name)]
            elif name not in self.constant:
                found.append(((name, negated), place))
        return found

    def _grounds(self) -> Iterator[Told]:
        every = [(bar, ground, place) for bar in self.bars for ground, place in self.grounds(bar)]
        for (bar, one, here), (second, other, there) in combinations(every, 2):
            forward, backward = self.implies(one, other), self.implies(other, one)
            unlike = (bar == "referral") is not (second == "referral")
            if one == other or here == there or not (forward or backward):
                continue
            if unlike or not (forward and backward):
                yield "two-strengths", tuple(sorted((one[0], other[0])))
            elif one[1] is not other[1]:
                yield "same-ground", tuple(sorted((one[0], other[0])))

    def _in_two_lists(self) -> Iterator[Told]:
        """Criteria that are alternatives of two lists of grounds, or one and a bar themselves."""
        for child in ((n, negated) for n in self.criteria if n not in self.constant for negated in (False, True)):
            lists = [child[0], *self.readers(child[0])]
            force = {p: {b == "referral" for b in self.bars if self._is_ground(child, p, b)} for p in lists}
            for here, there in combinations((p for p in force if force[p]), 2):
                code = "two-strengths" if len(force[here] | force[there]) > 1 else "same-ground"
                yield code, tuple(sorted({child[0], here, there}))

    def _is_ground(self, child: Child, place: str, bar: str) -> bool:
        """Whether a literal in a list alone meets a bar, through lists of alternatives; itself, if it is the bar."""
        if child[0] == place:
            return child == (bar, False)
        if self.kind(place) != "any" or child not in self.children(place):
            return False
        return place == bar or any(self._is_ground((place, False), above, bar) for above in self.readers(place))

    # -- branches over one number or scale --------------------------------------------------------------------------

    def alternatives(self, child: Child) -> list[Child]:
        """What of a literal any one is enough, through groups for which any one of several is enough."""
        name, negated = child
        children = self.children(name)
        if len(children) < 2 or self.threshold(name) != (len(children) if negated else 1):
            return [child]
        inner = [self.alternatives((c, own is not negated)) for c, own in children]
        return list(dict.fromkeys(each for found in inner for each in found))

    @cached_property
    def choices(self) -> list[str]:
        """The groups for which any one of several literals is enough, but those inside of another."""
        groups = {name for name in self.criteria if self.alternatives((name, False)) != [(name, False)]}
        inner = {n for group in groups for n, negated in self._inside((group, False)) if not negated}
        return [name for name in self.criteria if name in groups - inner]

    def _inside(self, child: Child) -> set[Child]:
        """The literals between a group and its alternatives, and these."""
        if self.alternatives(child) == [child]:
            return set()
        own = {(c, negated is not child[1]) for c, negated in self.children(child[0])}
        return own.union(*map(self._inside, own))

    def compared(self, branch: str) -> set[str]:
        """The numbers and scales that leaves below a criterion read: of no listed record, and of none by its key.

        It is never asked whether they are documented.
        """
        found, excluded = set[str](), set[str]()
        for leaf in (n for n in self.below([branch]) if self.kind(n) == "leaf"):
            rules = [r for n in (leaf, *self._rests_on(leaf)) for r in self.kb.rules(n, self.chosen)]
            named = self._named_kinds(rules)
            found |= self._read(leaf)
            excluded |= {a for a in self._read(leaf) if self.kb.attribute(a).kind in named}
        everywhere = [lit for p in self.kb.predicates for r in p.rules for lit in r.body if isinstance(lit, Finding)]
        excluded |= {lit.attribute for lit in everywhere if lit.documented}
        attributes = [self.kb.attribute(a) for a in found - excluded]
        return {a.name for a in attributes if a.type in ("number", "scale") and self.kb.kind(a.kind).sort != "listed"}

    def tests_alone(self, name: str, attribute: str) -> bool:
        """Whether a leaf, or the NOT of one, tests a number or scale and nothing else; no record by its key.

        What only says which keyed record is asked for is nothing else.
        """
        while self.kind(name) == "not":
            ((name, _),) = self.children(name)
        rules = [r for n in (name, *self._rests_on(name)) for r in self.kb.rules(n, self.chosen)]
        return (
            self.kind(name) == "leaf"
            and self._read(name) - self._locating(rules) == {attribute}
            and not any(isinstance(lit, Record | Count) and self._is_listed(lit) for r in rules for lit in r.body)
            and not self._named_kinds(rules)
        )

    def _is_listed(self, literal: Record | Count) -> bool:
        return isinstance(literal, Count) or self.kb.kind(literal.kind).sort == "listed"

    def _locating(self, rules: Sequence[Rule]) -> set[str]:
        """The attributes that in these rules do nothing but say which keyed record is asked for."""
        found: set[str] = set()
        other = {lit.attribute for b in self.kb.impossible for lit in b if isinstance(lit, Finding)}
        for rule in rules:
            keys = {
                t.key
                for t in (rule.head, *(lit.entity for lit in rule.body if isinstance(lit, Finding)))
                if isinstance(t, Keyed)
            }
            for lit in (lit for lit in rule.body if isinstance(lit, Finding)):
                (found if lit.binds in keys else other).add(lit.attribute)
        return found - other

    def _named_kinds(self, rules: Sequence[Rule]) -> set[str]:
        """The keyed kinds of which a key is named."""
        literals = [lit for r in rules for lit in r.body if isinstance(lit, Finding | Holds)]
        terms = [lit.entity if isinstance(lit, Finding) else lit.argument for lit in literals]
        return {t.kind for t in terms if isinstance(t, Entity) and self.kb.kind(t.kind).sort == "keyed"}

    def _values(self, attribute: str, branch: Child | None = None) -> set[int]:
        """The places of the values that all records of the kind can have, where a branch holds if one is named."""
        order = self.kb.attribute(attribute).values.index
        worlds = [w for w in self.worlds if branch is None or self.holds(w, branch)]
        values = [{v for k, v in w.values.items() if k[1] == attribute} for w in worlds]
        return {order(next(iter(each))) for each in values if len(each) == 1}

    def _ranges(self) -> Iterator[Told]:
        """Gaps and overlaps between branches, value by value: those with the same values around them are one range.

        A value that no branch accepts lies in a gap if some branch accepts the nearest accepted value below it, and
        another one the nearest above; if one branch accepts both, it is that branch's own matter.
        """
        for name in self.choices:
            children = [c for c in self.alternatives((name, False)) if c[0] not in self.constant]
            for attribute in set[str]().union(*(self.compared(c) for c, _ in children)):
                branches = [c for c in children if attribute in self.compared(c[0])]
                if len(branches) < 2:
                    continue
                possible = self._values(attribute)
                taken = {branch: self._values(attribute, branch) for branch in branches}
                every = set().union(*taken.values())
                gaps: dict[tuple[int, int], list[int]] = {}
                for value in sorted(possible - every):
                    below, above = [v for v in every if v < value], [v for v in every if v > value]
                    if below and above and not any({max(below), min(above)} <= t for t in taken.values()):
                        gaps.setdefault((max(below), min(above)), []).append(value)
                for values in gaps.values():
                    names = (branch for branch, _ in branches)
                    yield "branch-gap", (name, *names, attribute, self._range(attribute, values))
                alone = [branch for branch in branches if self.tests_alone(branch[0], attribute)]
                for one, other in combinations(alone, 2):
                    both = taken[one] & taken[other]
                    if both in (taken[one], taken[other]):
                        continue
                    ranges: dict[frozenset[int], list[int]] = {}
                    for value in sorted(both):
                        ranges.setdefault(frozenset(v for v in possible - both if v < value), []).append(value)
                    for values in ranges.values():
                        yield "branch-overlap", (name, one[0], other[0], attribute, self._range(attribute, values))

    def _range(self, attribute: str, places: list[int]) -> str:
        values = self.kb.attribute(attribute).values
        low, high = str(values[places[0]]), str(values[places[-1]])
        return low if low == high else f"{low} to {high}"

    # -- the smallest approval --------------------------------------------------------------------------------------

    @cached_property
    def smallest(self) -> int | None:
        """The fewest statements with which a case is approved whatever else is so; None where no case is."""
        approved = [world for world in self.worlds if world.outcome() == "approved"]
        found = ((stated, world) for world in approved for stated in self._statements(world))
        for stated, world in sorted(found, key=lambda each: len(each[0])):
            if all(other.outcome() == "approved" for other in self._of_case(stated, world)):
                return len(stated)
        return None

    def _statements(self, world: World) -> Iterator[set[Key]]:
        """What the record can state in a world: as the world says of findings of which a rule asks that, else any."""
        rules = [r for p in self.kb.predicates for r in p.rules]
        asked = {lit.attribute for r in rules for lit in r.body if isinstance(lit, Finding) and lit.documented}
        free = [key for key in world.values if key[1] not in asked]
        for number in range(len(free) + 1):
            for chosen in combinations(free, number):
                yield {*chosen, *(key for key in world.case.stated if key[1] in asked)}

    def _of_case(self, stated: set[Key], world: World) -> list[World]:
        """The worlds of the case that states these findings of a world and has its records."""
        record, values = set(world.case.stated), world.values
        alike = [w for w in self.worlds if set(w.case.stated) == record and w.entities == world.entities]
        agreeing = [w for w in alike if all(w.values[key] == values[key] for key in stated)]
        silent = {k: p for k in values if k not in stated and (p := self.kb.attribute(k[1]).presumed) is not None}
        presumed = [frozenset(k for k, value in silent.items() if w.values[k] == value) for w in agreeing]
        applied = oracle.in_every_maximal(set(presumed))
        return [w for w, own in zip(agreeing, presumed, strict=True) if applied <= own]

    def _complements(self) -> Iterator[Told]:
        for one, other in self.declared.complementary:
            if {one, other} <= set(self.criteria):
                if self.some((one, True), (other, True)):
                    yield "gap", (one, other)
                if self.some((one, False), (other, False)):
                    yield "overlap", (one, other)

    # -- pairs of worlds --------------------------------------------------------------------------------------------

    def differing(self, one: World, two: World) -> tuple[set[Key], set[Key], bool]:
        """The findings that differ, those that one record states alone, and whether they have the same records."""
        findings = {k for k in one.values if k in two.values and one.values[k] != two.values[k]}
        return findings, set(one.case.stated) ^ set(two.case.stated), one.entities == two.entities

    def computed_from(self, name: str) -> set[str]:
        """An attribute, and what formulas compute from it, directly or through others."""
        found = {name}
        while more := {d.target for d in self.kb.derivations if {d.before, d.after} & found} - found:
            found |= more
        return found

    def given(self, key: Key, *worlds: World) -> bool:
        """Whether a formula gives a finding its value, in all of these worlds."""
        entity, name = key
        formulas = [d for d in self.kb.derivations if d.target == name]
        known = [[d.value(*(int(w.values[entity, n]) for n in (d.before, d.after))) for d in formulas] for w in worlds]
        return all(any(value is not None for value in values) for values in known)

    def _two_worlds(self) -> Iterator[Told]:
        for one in self.worlds:
            if one.outcome() != "approved":
                continue
            for two in self.worlds:
                if two.outcome() == "approved":
                    continue
                findings, statements, same = self.differing(one, two)
                if same and not statements:
                    yield from self._worse(one, two, findings)
                    yield from self._by_presuming(one, two, findings)
                if same and not findings and len(statements) == 1 and statements <= set(two.case.stated):
                    (key,) = statements
                    yield "documenting-loses", (key[1],)

    def _worse(self, one: World, two: World, differing: set[Key]) -> Iterator[Told]:
        """All that a rule in use reads is the same but one finding, and what formulas compute from it in both worlds.

        What else they compute that from is the same too.
        """
        read = set[str]().union(*(self._read(n) for n in self.criteria if self.kind(n) == "leaf"))
        for key in differing:
            attribute = self.kb.attribute(key[1])
            rank = attribute.values.index
            ordered = attribute.type in ("number", "scale")
            worse = rank(two.values[key]) > rank(one.values[key]) if ordered else two.values[key] == "yes"
            follow = {n for n in self.computed_from(key[1]) - {key[1]} if self.computed_from(n) & read}
            beside = {n for d in self.kb.derivations if d.target in follow for n in (d.before, d.after)}
            others = {
                k for k in differing - {key} if k[0] != key[0] or k[1] not in follow or not self.given(k, one, two)
            }
            alone = not any(n in read | follow or (e == key[0] and n in beside) for e, n in others)
            if key[1] in self.declared.needier and worse and alone and attribute.type != "choice":
                yield "worse-loses", (key[1],)

    def _by_presuming(self, one: World, two: World, differing: set[Key]) -> Iterator[Told]:
        """A case that says what both worlds do, and nothing of where they differ, is approved by what is presumed."""
        leaves = [n for n in self.criteria if self.kind(n) == "leaf" and self.signs[n] == {True}]
        turned = [n for n in leaves if n not in self.constant and self.met(one, n) and not self.met(two, n)]
        if not turned or any(key in one.case.stated for key in differing):
            return
        for key in differing:
            if one.values[key] != self.kb.attribute(key[1]).presumed:
                continue
            case = [w for w in self.worlds if w.entities == one.entities and set(w.case.stated) == set(one.case.stated)]
            case = [w for w in case if all(w.values[k] == v for k, v in one.values.items() if k not in differing)]
            case = [w for w in case if w.values[key] == one.values[key]]
            if all(w.outcome() == "approved" for w in case):
                yield from (("presumption-decides", (n, key[1])) for n in turned if all(self.met(w, n) for w in case))

    def _double(self) -> Iterator[Told]:
        for name in self.criteria:
            if self.kind(name) != "at least":
                continue
            members = [c for c in self.children(name) if c[0] not in self.constant]
            for one, other in combinations(members, 2):
                before = [w for w in self.worlds if not self.holds(w, one) and not self.holds(w, other)]
                after = [w for w in self.worlds if self.holds(w, one) and self.holds(w, other)]
                if any(self.one_differs(a, b) for a in before for b in after) or self._forced(one, other, before):
                    yield "double-counting", (name, one[0], other[0])

    def _forced(self, one: Child, other: Child, before: list[World]) -> bool:
        """Whether a finding has a value with which all worlds meet both that say the same of what nothing ties to it.

        They say the same as a world that meets neither. Findings of listed records are not looked at.
        """
        for world in before:
            for key in world.values:
                tied = self.tied(key[1])
                if len(tied) == 1 or any(self.kb.kind(self.kb.attribute(n).kind).sort == "listed" for n in tied):
                    continue
                rest = {k: v for k, v in world.values.items() if k[1] not in tied}
                alike = [w for w in self.worlds if w.entities == world.entities]
                alike = [w for w in alike if set(w.case.stated) == set(world.case.stated)]
                alike = [w for w in alike if all(w.values[k] == v for k, v in rest.items())]
                for value in {w.values[key] for w in alike}:
                    if all(self.holds(w, one) and self.holds(w, other) for w in alike if w.values[key] == value):
                        return True
        return False

    def tied(self, name: str) -> set[str]:
        """The attributes that assumptions and formulas tie to one, directly or through others."""
        links = [{lit.attribute for lit in body if isinstance(lit, Finding)} for body in self.kb.impossible]
        links += [{d.target, d.before, d.after} for d in self.kb.derivations]
        found = {name}
        while more := {n for link in links if link & found for n in link} - found:
            found |= more
        return found

    def one_differs(self, one: World, two: World) -> bool:
        """Whether two worlds differ in one finding, with what is computed from it in both, or in one record."""
        findings, statements, same = self.differing(one, two)
        if same and not statements:
            return sum(not self.given(key, one, two) for key in findings) == 1
        more, fewer = set(two.entities) ^ set(one.entities), set(statements)
        return len(more) == 1 and not findings and all(k[0] in more for k in fewer)


def replace_body(rule: Rule, literal: Literal) -> Rule:
    return replace(rule, body=tuple(lit for lit in rule.body if lit is not literal))


def atoms_of(literal: Literal) -> int:
    """How many conditions a literal is written as: a finding and each of its comparisons."""
    if isinstance(literal, Finding):
        comparisons = [t for t in literal.tests if t.op in oracle.COMPARISONS]
        chained = len(comparisons) == 2 and comparisons[0].op in (">", ">=") and comparisons[1].op in ("<", "<=")
        return 1 + (1 if chained else len(comparisons))
    return 1


def reduced(rule: Rule, literal: Literal) -> Iterator[Rule]:
    """The rule without the literal, or with one of its comparisons less, where all variables stay bound."""
    comparisons = [t for t in literal.tests if t.op in oracle.COMPARISONS] if isinstance(literal, Finding) else []
    if isinstance(literal, Finding) and comparisons:
        chained = atoms_of(literal) == 2
        for left in [()] if chained else [tuple(t for t in literal.tests if t is not c) for c in comparisons]:
            yield replace(rule, body=tuple(replace(lit, tests=left) if lit is literal else lit for lit in rule.body))
        return
    smaller = replace_body(rule, literal)
    if is_bound(smaller):
        yield smaller


def is_bound(rule: Rule) -> bool:
    """Whether what is negated, compared or derived is bound by a plain literal."""
    bound: set[Var | None] = set()
    needed: set[Var | None] = oracle.variables(rule.head)
    for literal in rule.body:
        if isinstance(literal, Record):
            bound.add(literal.variable)
        elif isinstance(literal, Distinct):
            needed |= {literal.left, literal.right}
        elif isinstance(literal, Finding | Holds):
            of = oracle.variables(literal.entity if isinstance(literal, Finding) else literal.argument)
            of |= {literal.binds} if isinstance(literal, Finding) and literal.binds else set()
            if literal.negated:
                needed |= of
            else:
                bound |= of
    return needed - {None} <= bound


def readings(kb: KnowledgeBase, worlds: list[World], chosen: Mapping[str, str]) -> Iterator[Told]:
    """Each option against the chosen one."""
    for name, options in kb.readings:
        for option in options:
            if option == chosen[name]:
                continue
            pairs = [(w.outcome(), under(w, {**chosen, name: option})) for w in worlds]
            for outcome in ("approved", "denied"):
                loses = any(a == outcome != b for a, b in pairs)
                wins = any(b == outcome != a for a, b in pairs)
                if loses or wins:
                    stricter, looser = (loses, wins) if outcome == "approved" else (wins, loses)
                    what = "incomparable" if stricter and looser else "stricter" if stricter else "looser"
                    yield f"reading-{what}", (name, option)
                    break
            else:
                yield "reading-equivalent", (name, option)


def under(world: World, chosen: Mapping[str, str]) -> str:
    """The outcome of a world under another choice of readings."""
    return _under(world, chosen).outcome()


def elsewhere(usual: Checked) -> Iterator[tuple[Options, Told]]:
    """What is so, under the fewest other options that bring criteria into use, of these criteria; nothing twice."""
    told, places = usual.findings(), {p for found in usual.idle_places.values() for p in found}
    for options, other, fresh in brought(usual):
        found = {t for t in other.findings() if other.about(t) & fresh}
        idle = {t for t, own in other.idle_places.items() if t in found and own <= places}
        yield from ((options, t) for t in found - idle - (told - set(other.idle_places)))
        told |= found
        places |= {p for t in found for p in other.idle_places.get(t, ())}


def brought(usual: Checked) -> Iterator[tuple[Options, Checked, set[str]]]:
    """Every choice of options that are not chosen, the fewest first, that uses what no choice of fewer uses."""
    used, readings = set(usual.criteria), usual.kb.readings
    for number in range(1, len(readings) + 1):
        known = frozenset(used)
        for some in combinations(readings, number):
            others = [[(name, o) for o in options if o != usual.chosen[name]] for name, options in some]
            for options in product(*others):
                question = Question(usual.kb, usual.question.case, {**usual.chosen, **dict(options)})
                other = Checked(question, [_under(w, question.chosen) for w in usual.worlds], usual.declared)
                if fresh := set(other.criteria) - known:
                    yield options, other, fresh
                    used |= fresh


def _under(world: World, chosen: Mapping[str, str]) -> World:
    """A world under another choice of readings."""
    other = World(world.kb, world.case, world.values, world.entities)
    other.chosen = dict(chosen)
    return other
