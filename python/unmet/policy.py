"""A policy as data: its criteria with text and citation, its rules as an outline, its readings.

`unmet.source` reads it from a policy file. Questions about the outline (which criteria are in use under a choice of
readings, what shape a criterion has, at which polarity it stands) are answered here; clingo answers the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from unmet.diagnostics import Span
from unmet.results import Kind

NECESSARY, REFERRAL = "necessary", "referral"
"""The roots of a policy's criteria."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a finding is known, and why it stands; `subjects` are some of what the finding is about, at least one."""

    code: str
    subjects: tuple[str, ...]
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Criterion:
    """A statement of the policy that a case meets or does not; `row` marks the policy's own summary."""

    name: str
    text: str
    citation: str
    span: Span
    row: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A statement about each record, shown under the criterion that counts it."""

    name: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reading:
    """One way and another to understand an ambiguous text: options with their justification, one the default."""

    name: str
    options: Mapping[str, str]
    default: str
    span: Span


@dataclass(frozen=True, slots=True)
class Child:
    """A criterion that a group reads."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a criterion, part or helper, as far as its outline goes.

    `guards` are the readings it holds under; `children` the criteria it reads (a group's rule), with `threshold`
    where it counts them; `parts` and `helpers` the names it uses; `attributes` those it reads itself,
    `documented` those of which it asks whether they are stated, `locators` those that only say which keyed record is
    read; `named` the keyed record kinds of which it names a key; `listed` the listed record kinds it ranges over;
    `cuts` the numbers it compares, each with a constant from which on it holds or ceases to, `steps` the scales, each
    with such a word.
    """

    head: str
    position: int
    span: Span
    guards: tuple[tuple[str, str], ...] = ()
    children: tuple[Child, ...] = ()
    threshold: int | None = None
    parts: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()
    locators: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    cuts: tuple[tuple[str, int], ...] = ()
    steps: tuple[tuple[str, str], ...] = ()

    def holds(self, chosen: Mapping[str, str]) -> bool:
        """Whether the rule is in force under these readings."""
        return all(chosen[reading] == option for reading, option in self.guards)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a criterion is under a choice of readings."""

    kind: Kind
    children: tuple[Child, ...] = ()
    threshold: int | None = None

    def needs(self, number: int) -> int:
        """How many of its literals a group needs, which are so many."""
        if self.kind is Kind.ANY:
            return 1
        return number if self.threshold is None else self.threshold


@dataclass(frozen=True)
class Policy:
    """One version of one policy.

    `per` is the record kind by whose entries the policy is decided one by one (levels), None where a line is decided
    as a whole; `days` the least and most days of stay it sets. `rules` maps the name of a criterion to its rules,
    `helper_rules` and `part_rules` likewise. `attributes` are all that its rules read; `cuts` the constants its
    numbers are compared with; `spares` how many records beyond the listed ones of a kind can matter
    (docs/semantics.md).
    """

    name: str
    title: str
    version: str
    document: str
    effective: str
    review_due: str | None
    covers: tuple[str, ...]
    unlisted: tuple[str, ...]
    population: tuple[str, ...]
    setting: tuple[str, ...]
    days: tuple[int, int] | None
    per: str | None
    criteria: Mapping[str, Criterion]
    parts: Mapping[str, Part]
    readings: Mapping[str, Reading]
    rules: Mapping[str, tuple[Rule, ...]]
    part_rules: Mapping[str, tuple[Rule, ...]]
    helper_rules: Mapping[str, tuple[Rule, ...]]
    attributes: frozenset[str]
    cuts: Mapping[str, frozenset[int]]
    spares: Mapping[str, int]
    path: Path
    span: Span
    complementary: tuple[tuple[str, str], ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where the file first makes each kind of statement, by its name."""
    locators: frozenset[str] = frozenset()
    """Attributes that only say which keyed record is read: no rule compares them or names a key."""
    _outlines: dict[tuple[tuple[str, str], ...], Outline] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def defaults(self) -> dict[str, str]:
        """The default option of every reading."""
        return {name: reading.default for name, reading in self.readings.items()}

    @cached_property
    def options(self) -> dict[str, tuple[str, ...]]:
        """The options of every reading."""
        return {name: tuple(reading.options) for name, reading in self.readings.items()}

    @cached_property
    def documented(self) -> frozenset[str]:
        """Attributes of which some rule asks whether the record states them."""
        return frozenset(a for rule in self._every_rule for a in rule.documented)

    def documented_under(self, chosen: Mapping[str, str]) -> frozenset[str]:
        """The same of the rules that are in force under these readings, of which each is chosen."""
        return frozenset(a for rule in self._every_rule if rule.holds(chosen) for a in rule.documented)

    @cached_property
    def steps(self) -> frozenset[tuple[str, str]]:
        """The scales that rules compare, each with a word from which on one begins or ceases to hold."""
        return frozenset(step for rule in self._every_rule for step in rule.steps)

    @property
    def _every_rule(self) -> Iterator[Rule]:
        for table in (self.rules, self.part_rules, self.helper_rules):
            for rules in table.values():
                yield from rules

    def outline(self, chosen: Mapping[str, str] | None = None) -> Outline:
        """The tree of criteria under a choice of readings (the defaults where none is given)."""
        choice = self.defaults | dict(chosen or {})
        key = tuple(sorted(choice.items()))
        if key not in self._outlines:
            self._outlines[key] = Outline(self, choice)
        return self._outlines[key]


class Outline:
    """The criteria in use under one choice of readings, from the roots down in the order of the file."""

    def __init__(self, policy: Policy, chosen: Mapping[str, str]) -> None:
        self.policy, self.chosen = policy, dict(chosen)
        self.parents: dict[str, str | None] = {}
        self.polarities: dict[str, frozenset[bool]] = {}
        self._shapes: dict[str, Shape] = {}
        self._depends: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._supports: dict[str, tuple[tuple[str, Rule], ...]] = {}
        self._visit(NECESSARY, None, True, frozenset())
        if self.rules(REFERRAL):
            self._visit(REFERRAL, None, False, frozenset(self.parents))

    def _visit(self, name: str, parent: str | None, positive: bool, settled: frozenset[str]) -> None:
        """Walks down from a criterion; what `necessary` reaches keeps the polarity it has there."""
        seen = self.polarities.get(name, frozenset())
        if positive in seen or name in settled:
            return
        self.parents.setdefault(name, parent)
        self.polarities[name] = seen | {positive}
        for child in self.shape(name).children:
            self._visit(child.name, name, positive != child.negated, settled)

    @cached_property
    def signs(self) -> Mapping[str, frozenset[bool]]:
        """The polarities under both roots, also of what `necessary` reads and `referral` reads as well."""
        found: dict[str, set[bool]] = {}
        todo = [(root, root == NECESSARY) for root in (NECESSARY, REFERRAL) if root in self.parents]
        while todo:
            name, positive = todo.pop()
            if positive not in found.setdefault(name, set()):
                found[name].add(positive)
                todo += [(c.name, positive != c.negated) for c in self.shape(name).children]
        return {name: frozenset(signs) for name, signs in found.items()}

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        """The criteria in use, each where the tree reaches it first."""
        return tuple(self.parents)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The leaves in use, in the order of the tree."""
        return tuple(n for n in self.parents if self.shape(n).kind is Kind.LEAF)

    def rules(self, name: str) -> tuple[Rule, ...]:
        """The rules of a criterion that are in force."""
        return tuple(r for r in self.policy.rules.get(name, ()) if r.holds(self.chosen))

    def shape(self, name: str) -> Shape:
        """The shape of a criterion."""
        if name not in self._shapes:
            self._shapes[name] = shape_of(self.rules(name))
        return self._shapes[name]

    def needed(self, name: str) -> bool:
        """Whether approval can only gain by this criterion being met."""
        return self.polarities[name] == {True}

    def leaves_below(self, name: str) -> Iterator[str]:
        """The leaves of a criterion, itself if it is one, each once."""
        todo, seen = [name], {name}
        while todo:
            shape = self.shape(here := todo.pop())
            if shape.kind is Kind.LEAF:
                yield here
            for child in reversed(shape.children):
                if child.name not in seen:
                    seen.add(child.name)
                    todo.append(child.name)

    def depends_on(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """The attributes that leaves below a criterion read, and the listed record kinds that they range over."""
        if name not in self._depends:
            rules = [rule for leaf in self.leaves_below(name) for _, rule in self.support(leaf)]
            self._depends[name] = (
                frozenset(attribute for rule in rules for attribute in rule.attributes),
                frozenset(kind for rule in rules for kind in rule.listed),
            )
        return self._depends[name]

    def support(self, name: str) -> tuple[tuple[str, Rule], ...]:
        """The rules whose findings a leaf or part rests on: its own, and those of the helpers and parts they use.

        Each comes with the name it is a rule of: a criterion, `name/part` or `name/helper`.
        """
        if name not in self._supports:
            self._supports[name] = self._support(name)
        return self._supports[name]

    def _support(self, name: str) -> tuple[tuple[str, Rule], ...]:
        own = [(name, r) for r in self.rules(name)] or [
            (f"{name}/part", r) for r in self.policy.part_rules.get(name, ()) if r.holds(self.chosen)
        ]
        found, seen = list(own), {name}
        for _, rule in found:
            for table, names, tag in (
                (self.policy.helper_rules, rule.helpers, "helper"),
                (self.policy.part_rules, rule.parts, "part"),
            ):
                for used in names:
                    if f"{used}/{tag}" not in seen:
                        seen.add(f"{used}/{tag}")
                        found += [(f"{used}/{tag}", r) for r in table.get(used, ()) if r.holds(self.chosen)]
        return tuple(found)


def shape_of(rules: tuple[Rule, ...]) -> Shape:
    """The shape of a criterion from its rules in force; the loader has checked that they have one."""
    groups = [r for r in rules if r.children]
    if not groups:
        return Shape(Kind.LEAF)
    if len(groups) > 1:
        return Shape(Kind.ANY, tuple(r.children[0] for r in groups))
    rule = groups[0]
    if rule.threshold is not None:
        return Shape(Kind.AT_LEAST, rule.children, rule.threshold)
    if len(rule.children) == 1 and rule.children[0].negated:
        return Shape(Kind.NOT, rule.children)
    return Shape(Kind.ALL, rule.children)
