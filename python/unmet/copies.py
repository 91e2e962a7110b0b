"""Two policies in one program, over one world or over two: a comparison is then one question to the solver.

The second side's predicates are copies (`unmet.source.copying`): what is `met(c)` of the first is `_other_met(c)` of
the second. Record kinds *apart* belong to each side by itself, all others are shared. With none apart both sides judge
the same world (versions, readings); with all apart there are two worlds, whose differences `difference.lp` names.

    both = prepare(knowledge, knowledge.source(old), knowledge.source(new))
    world = both.program.world([*both.under(0, {}), *both.under(1, {}), both.outcome(0, "approve"),
                                both.outcome(1, "deny")])
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

from unmet.facts.answers import met_symbol
from unmet.facts.domain import Domain
from unmet.facts.layout import Layout
from unmet.facts.outline import OUTCOMES
from unmet.facts.terms import (
    Cell,
    Pair,
    cell_symbol,
    chosen_symbol,
    entity_symbol,
    finding,
    outcome,
    pair_terms,
    symbol_of,
)
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.solver import Assumption, Program, Symbol
from unmet.solver.program import encoding
from unmet.source.copying import PREFIX, computing, copied, other
from unmet.sources import PolicySource
from unmet.vocabulary import Entity, Type

WORLD = ("world", "prepared")
"""The encodings of a world that nothing is known of."""


@dataclass(frozen=True)
class Copies:
    """Two sides, 0 and 1, over one domain; every symbol and assumption is that of a side."""

    program: Program
    domain: Domain
    policies: tuple[Policy, Policy]
    apart: frozenset[str]

    def side(self, side: int, symbol: Symbol) -> Symbol:
        """The atom of a side that stands for an atom of a program of one side."""
        return other(symbol) if side else symbol

    def met(self, side: int, criterion: str, truth: bool = True) -> Assumption:
        """That a criterion is met, or is not."""
        return self.side(side, met_symbol(criterion)), truth

    def outcome(self, side: int, name: str, truth: bool = True) -> Assumption:
        """That the outcome is `approve`, `deny` or `refer`, or is not."""
        return self.side(side, outcome(name)), truth

    def outcomes(self, side: int) -> dict[str, int]:
        """The literals of the side's outcomes."""
        return {name: self.program.literal(self.outcome(side, name)[0]) for name in OUTCOMES}

    @cached_property
    def layouts(self) -> tuple[Layout, Layout]:
        """The literals of both worlds, where each side has one by itself."""
        domain, literal = self.domain, self.program.literal
        return Layout(domain, literal), Layout(domain, literal, lambda symbol: self.side(1, symbol))

    @cached_property
    def differing(self) -> dict[Pair, int]:
        """The literals of findings' not being the same in two worlds."""
        return {pair: self.program.literal(self.differs(pair)[0]) for pair in self.domain.pairs}

    @cached_property
    def stating(self) -> dict[Pair, int]:
        """The literals of findings' being stated by the record of one of two worlds alone."""
        return {pair: self.program.literal(self.differs_stated(pair)[0]) for pair in self.domain.pairs}

    @cached_property
    def lacking(self) -> dict[Entity, int]:
        """The literals of listed records' being in one of two worlds alone."""
        return {entity: self.program.literal(self.differs(entity)[0]) for entity in self.layouts[0].present}

    def under(self, side: int, chosen: Mapping[str, str]) -> list[Assumption]:
        """A choice of readings, by default where it names none; and, of a policy decided level by level, its levels."""
        policy = self.policies[side]
        choice = policy.defaults | dict(chosen)
        return [
            (self.side(side, chosen_symbol(name, option)), option == choice[name])
            for name, reading in policy.readings.items()
            for option in reading.options
        ] + list(self._levels(side))

    def _levels(self, side: int) -> Iterator[Assumption]:
        per, vocabulary = self.policies[side].per, self.domain.vocabulary
        for pair in self.domain.pairs:
            if per is not None and pair[1] == per:
                keys = vocabulary.records[per].keys
                yield from ((self.finding(side, pair, c), False) for c in self.domain.cells[per] if c not in keys)

    def finding(self, side: int, pair: Pair, cell: Cell) -> Symbol:
        """The atom that a finding has a value, in the side's world."""
        return self.side(side if pair[0].record in self.apart else 0, finding(pair, cell))

    def differs(self, subject: Pair | Entity, truth: bool = True) -> Assumption:
        """That a finding (of two worlds), or the presence of a record, differs between them."""
        terms = [entity_symbol(subject)] if isinstance(subject, Entity) else pair_terms(subject)
        return symbol_of("_differs", terms), truth

    def differs_stated(self, pair: Pair, truth: bool = True) -> Assumption:
        """That one of two worlds' records states a finding and the other's does not."""
        return symbol_of("_differs_stated", pair_terms(pair)), truth


def prepare(
    knowledge: Knowledge,
    first: PolicySource,
    second: PolicySource,
    *,
    apart: Collection[str] = (),
    domain: Domain | None = None,
    text: str = "",
    encodings: Sequence[str] = (),
) -> Copies:
    """The program of two policies, or of one twice.

    Args:
        apart: the record kinds that each side has for itself.
        domain: what a world may hold; where not given, all that the sides read, with the spare slots of both together
            (of one, if they are the same), which every answer needs at most (docs/design.md).
        text: further rules, over both sides.
        encodings: further encodings by name.
    """
    policies = (first.policy, second.policy)
    domain = domain or domain_of(knowledge, policies[:1] if first is second else policies)
    own = frozenset(apart)
    facts = [*domain.facts(), *domain.facts(own, PREFIX)]
    if own:
        facts += _rises(knowledge, domain)
    copied_rules = copied(second.text, knowledge.vocabulary, own)
    kinds = "\n".join(f"_other_{kind}(E) :- _other__slot({kind}, E), _other__present(E)." for kind in sorted(own))
    program = Program(
        [knowledge.sources.words.rules, first.text, _copied_world(knowledge, own), "\n".join(copied_rules)],
        facts,
        "\n".join([domain.kinds_program(), kinds, text]),
        (*WORLD, "outcome", *(("difference",) if own else ()), *encodings),
        str(first.policy.path),
    )
    return Copies(program, domain, policies, own)


def _rises(knowledge: Knowledge, domain: Domain) -> list[Symbol]:
    """The order of the classes of numbers."""
    attributes = knowledge.vocabulary.attributes
    return [
        symbol_of("_rises", [symbol_of(name), cell_symbol(low), cell_symbol(high)])
        for name, cells in domain.cells.items()
        if attributes[name].type is Type.NUMBER
        for low, high in pairwise(cells)
    ]


_WORLDS: WeakKeyDictionary[Knowledge, dict[frozenset[str], str]] = WeakKeyDictionary()
"""Copies of a vocabulary's rules and of the encodings, by what they have apart."""


def _copied_world(knowledge: Knowledge, apart: frozenset[str]) -> str:
    """What the second side has for itself, its policy aside; and what formulas compute, in either of two worlds."""
    found = _WORLDS.setdefault(knowledge, {})
    if apart not in found:
        names = (*WORLD, "outcome") if apart else ("prepared", "outcome")
        words = knowledge.sources.words.rules if apart else ""
        computed = "\n".join(computing(words))
        texts = [words, computed, *map(encoding, names)]
        lines = (line for text in texts for line in copied(text, knowledge.vocabulary, apart))
        found[apart] = "\n".join([computed, *lines])
    return found[apart]


def domain_of(
    knowledge: Knowledge,
    policies: Sequence[Policy],
    slots: Mapping[str, int] | None = None,
    attributes: frozenset[str] | None = None,
) -> Domain:
    """The domain of some policies together, with their spare slots where no others are given.

    Of all attributes that they read, or of some of them.
    """
    cuts: dict[str, frozenset[int]] = {}
    room: dict[str, int] = {}
    for policy in policies:
        for name, points in policy.cuts.items():
            cuts[name] = cuts.get(name, frozenset()) | points
        for kind in knowledge.listed(policy):
            room[kind] = room.get(kind, 0) + policy.spares.get(kind, 0)
    if attributes is None:
        attributes = frozenset[str]().union(*(policy.attributes for policy in policies))
    documented = frozenset().union(*(policy.documented for policy in policies))
    room |= {kind: n for kind, n in (slots or {}).items() if kind in room}
    domain = Domain.of(knowledge.vocabulary, attributes, cuts, room, documented)
    return domain.narrowed(policies[0].per) if len(policies) == 1 else domain
