"""One policy under one choice of readings, prepared for the questions of the checks.

All worlds are asked at once which criteria some world meets, which some world turns on, which branch some world meets
alone (`encodings/decisive.lp`, `solver.cover`). The worlds that answer are kept as signatures of the criteria, so that
only what none of them tells apart is asked of the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from unmet.copies import domain_of
from unmet.facts.answers import met_symbol
from unmet.facts.domain import Domain
from unmet.facts.layout import Layout
from unmet.facts.terms import (
    Pair,
    chosen_symbol,
    finding,
    number_term,
    outcome,
    pair_terms,
    symbol_of,
)
from unmet.findings import Cited
from unmet.knowledge import Knowledge
from unmet.policy import Child, Outline, Policy
from unmet.solver import Assumption, Program, Symbol, cover
from unmet.source.marked import without_criteria
from unmet.source.variants import Variant, variants
from unmet.sources import PolicySource
from unmet.structure import Structure
from unmet.witness import Ground, Nearest


class _Seen:
    """What the worlds looked at so far meet: for each criterion a bit a world."""

    def __init__(self) -> None:
        self.masks: dict[str, int] = {}
        self.count = 0


@dataclass(frozen=True)
class Study:
    """A policy, its readings, and how many listed records of each kind a world may hold."""

    knowledge: Knowledge
    policy: Policy
    chosen: Mapping[str, str]
    records: Mapping[str, int]
    about: frozenset[str] | None = None
    """The criteria that findings are to be about, where not any."""
    within: frozenset[str] | None = None
    """The criteria of which its worlds tell, where not all."""
    _seen: _Seen = field(default_factory=_Seen, repr=False)
    _can: dict[Child, bool] = field(default_factory=dict, repr=False)
    _read: dict[frozenset[str], frozenset[str]] = field(default_factory=dict, repr=False)
    rooms: dict[object, Study] = field(default_factory=dict, repr=False)

    @cached_property
    def outline(self) -> Outline:
        return self.policy.outline(self.chosen)

    @cached_property
    def structure(self) -> Structure:
        """How its criteria stand to each other."""
        return Structure(self.outline)

    @cached_property
    def domain(self) -> Domain:
        """All that a world may hold."""
        read = None if self.within is None else frozenset[str]().union(*map(self.reads, self.within))
        domain = domain_of(self.knowledge, [self.policy], self.records, read)
        return replace(domain, filled=self.knowledge.coding.filled(self.policy.name))

    @cached_property
    def source(self) -> PolicySource:
        """The policy, or the rules of some of its criteria."""
        whole = self.knowledge.source(self.policy)
        if self.within is None:
            return whole
        others = frozenset(self.policy.criteria) - self.within
        return replace(whole, text=without_criteria(whole.text, others))

    def part(self, names: Iterable[str]) -> Study:
        """The same policy as far as some criteria rest on it: of them it says what the whole policy does."""
        return replace(self, within=frozenset(self.structure.below(names)), _seen=_Seen())

    @cached_property
    def _varied(self) -> tuple[list[Variant], str]:
        leaves = self.outline.leaves
        if not self.concerns(*leaves):
            return [], ""
        found, rules = variants(self.source, self.knowledge.vocabulary, leaves, self.chosen, self.about)
        return found, "\n".join(rules)

    @property
    def variants(self) -> list[Variant]:
        """The policy without a rule or a condition of a leaf, part or helper."""
        return self._varied[0]

    @cached_property
    def program(self) -> Program:
        """All worlds, and the outcome of each."""
        return self._prepared()

    def _prepared(self, rules: str = "", facts: Iterable[Symbol] = (), encodings: Sequence[str] = ()) -> Program:
        return Program(
            [self.knowledge.sources.words.rules, self.source.text, rules],
            [*self.domain.facts(), *facts],
            self.domain.kinds_program(),
            ("world", "prepared", "outcome", *encodings),
            str(self.policy.path),
        )

    @cached_property
    def _asked(self) -> tuple[str, ...]:
        """The criteria of which it is asked what worlds show: those that findings are about, and those next to them."""
        if self.about is None:
            return self.outline.criteria
        near = self.structure.beside(self.about)
        near.update(leaf for variant in self.variants for leaf in variant.leaves)
        return tuple(n for n in self.outline.criteria if n in near)

    # -- questions ----------------------------------------------------------------------------------------------

    def concerns(self, *names: str) -> bool:
        """Whether what is found of these criteria together is to be told."""
        return self.about is None or not self.about.isdisjoint(names)

    @cached_property
    def under(self) -> list[Assumption]:
        """The choice of readings."""
        return [
            (chosen_symbol(name, option), option == self.chosen[name])
            for name, reading in self.policy.readings.items()
            for option in reading.options
        ]

    @cached_property
    def shown(self) -> frozenset[Symbol]:
        """What some world shows (`encodings/covering.lp`); the worlds that show it are kept."""
        variants, rules = self._varied
        program = self._prepared(rules, self.structure.facts(self._asked, variants), ("decisive", "covering"))
        names = self.outline.criteria
        found = cover(program, self.under, [met_symbol(name) for name in names])
        self._seen.masks.update(zip(names, found.masks, strict=True))
        self._seen.count = found.worlds
        return found.shown

    def is_shown(self, what: str, *arguments: str) -> bool:
        """Whether some world shows something of names: `is_shown("met", "barred")`."""
        return symbol_of(what, [symbol_of(a) for a in arguments]) in self.shown

    @cached_property
    def can_approve(self) -> bool:
        """Whether some world is approved."""
        return self.program.has_world([*self.fixed, self.program.literal(outcome("approve"))])

    @cached_property
    def size(self) -> int:
        """How much a world says, for an estimate of how long questions take."""
        return sum(len(self.domain.cells[name]) for _, name in self.domain.pairs)

    def can_alter(self, number: int) -> bool:
        """Whether a change of the rules changes an outcome."""
        return symbol_of("matters", [number_term(number)]) in self.shown

    def can_hold(self, *literals: Child) -> bool:
        """Whether some world meets (or, negated, does not meet) all of these at once."""
        assert self.shown is not None, "the worlds that show it are looked at first"
        mask = (1 << self._seen.count) - 1
        for each in literals:
            met = self._seen.masks.get(each.name, 0)
            mask &= ~met if each.negated else met
        return bool(mask) or self._look([(met_symbol(c.name), not c.negated) for c in literals])

    def _look(self, assumptions: Iterable[Assumption]) -> bool:
        """Whether some world agrees with the assumptions; what one meets that does is kept."""
        found = self.program.holding([*self.fixed, *self.program.literals(assumptions)], self._met)
        if found is None:
            return False
        for i in found:
            name = self.outline.criteria[i]
            self._seen.masks[name] = self._seen.masks.get(name, 0) | (1 << self._seen.count)
        self._seen.count += 1
        return True

    @cached_property
    def _met(self) -> list[int]:
        """That criteria are met, in their order."""
        return self.program.literals((met_symbol(name), True) for name in self.outline.criteria)

    def mask(self, name: str) -> int:
        """Which of the worlds looked at so far meet a criterion."""
        assert self.shown is not None, "the worlds that show it are looked at first"
        return self._seen.masks.get(name, 0)

    def implies(self, one: Child, other: Child) -> bool:
        """Whether every world in which one literal holds is one in which the other does.

        Of criteria that are not related some world holds the one and not the other, if each can be so by itself.
        """
        against = Child(other.name, not other.negated)
        if not self.are_related(one.name, other.name) and self.can(one) and self.can(against):
            return False
        return not self.can_hold(one, against)

    def constant(self, name: str) -> bool | None:
        """Whether every world meets a criterion (True) or no world (False); None where some do."""
        if not self.can(Child(name)):
            return False
        return None if self.can(Child(name, True)) else True

    def is_constant(self, literal: Child) -> bool:
        return self.constant(literal.name) is not None

    def can(self, literal: Child) -> bool:
        """Whether a literal holds in some world."""
        if literal not in self._can:
            self._can[literal] = self.can_hold(literal)
        return self._can[literal]

    @cached_property
    def documented(self) -> frozenset[str]:
        """The attributes of which a rule that is in force asks whether the record states them."""
        return self.policy.documented_under(self.chosen)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that the policy reads under these readings."""
        return frozenset[str]().union(*(self.outline.depends_on(root)[0] for root in self.structure.roots))

    def reads(self, name: str) -> frozenset[str]:
        """The attributes on which a criterion depends, through parts and helpers, with those that are tied to them."""
        attributes = self.outline.depends_on(name)[0]
        if attributes not in self._read:
            self._read[attributes] = self.knowledge.vocabulary.linked(attributes)
        return self._read[attributes]

    def are_related(self, one: str, other: str) -> bool:
        """Whether one fact can reach two criteria: a common attribute, tied ones, or records of a common kind."""
        kinds = self.outline.depends_on(one)[1] & self.outline.depends_on(other)[1]
        return bool(kinds or self.reads(one) & self.reads(other))

    def beside(self, chosen: Mapping[str, str], about: frozenset[str] | None = None) -> Study:
        """The same worlds under another choice of readings, to find what is so of all criteria, or of some."""
        found = replace(self, chosen=dict(chosen), about=about, _seen=_Seen(), _can={})
        for name in ("program", "domain", "layout", "nearest"):
            found.__dict__[name] = getattr(self, name)
        return found

    # -- what a finding says of criteria --------------------------------------------------------------------------

    def cite(self, name: str) -> Cited:
        """A criterion with its citation and place."""
        criterion = self.policy.criteria[name]
        return Cited(name, criterion.text, criterion.citation, criterion.span)

    # -- atoms ----------------------------------------------------------------------------------------------------

    @staticmethod
    def stated(pair: Pair) -> Symbol:
        """That the record states a finding."""
        return symbol_of("_stated", pair_terms(pair))

    @staticmethod
    def outcome(name: str) -> Symbol:
        return outcome(name)

    @staticmethod
    def met(name: str, truth: bool = True) -> Assumption:
        return met_symbol(name), truth

    finding = staticmethod(finding)

    # -- a case, as literals of the program -----------------------------------------------------------------------

    @cached_property
    def layout(self) -> Layout:
        """The literals of a world."""
        return Layout(self.domain, self.program.literal)

    @cached_property
    def nearest(self) -> Nearest:
        """Worlds that make small cases."""
        return Nearest(self.program, [self.layout])

    @cached_property
    def fixed(self) -> list[int]:
        """The choice of readings."""
        return self.program.literals(self.under)

    @cached_property
    def ground(self) -> Ground:
        """What cases of this study stand on."""
        return Ground(self.program, self.layout, self.documented, self.fixed)

    def relevant(self, claims: Iterable[Assumption]) -> list[Pair]:
        """The findings on which claims depend: an outcome on all that the roots read, a criterion on what it reads."""
        names: set[str] = set()
        for symbol, _ in claims:
            names.update([str(symbol.arguments[0])] if symbol.name == "met" else self.structure.roots)
        read = frozenset[str]().union(*(self.reads(name) for name in names))
        return [pair for pair in self.domain.pairs if pair[1] in read]
