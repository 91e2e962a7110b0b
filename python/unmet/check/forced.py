"""One finding that meets two criteria because declared assumptions leave it no other way.

A finding reaches others through what the vocabulary ties together. Two worlds are looked for that say the same of all
else (the *context*); in the first neither criterion is met. The finding has a value with which, in this context, both
are met in every world. A context in which some world with the value misses one teaches which contexts need not be
looked at again: all those that hold the part of it by which it is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from unmet.check.pairs import Pairs
from unmet.check.study import Study
from unmet.facts.layout import Layout, World
from unmet.facts.terms import Cell, Pair
from unmet.policy import Child
from unmet.solver import Core

MOST_CONTEXTS = 100
"""So many contexts are looked at for one value of a finding."""


def forced(pairs: Pairs, one: Child, other: Child) -> tuple[Pair, list[int]] | None:
    """A finding that by one of its values meets both, and what holds in two worlds that show it; None without one."""
    for pair in _candidates(pairs.study, one, other):
        for cell in pairs.study.domain.cells[pair[1]]:
            found = _Search(pairs, one, other, pair, cell).worlds()
            if found is not None:
                return pair, found
    return None


def _candidates(study: Study, one: Child, other: Child) -> Iterator[Pair]:
    """Findings that are tied to others, and with them to both criteria; of listed records none."""
    vocabulary, outline = study.knowledge.vocabulary, study.outline
    read = [outline.depends_on(child.name)[0] for child in (one, other)]
    listed = {e.record for e in study.layout.present}
    unfit = {name for name, attribute in vocabulary.attributes.items() if attribute.record in listed}
    for pair in study.domain.pairs:
        tied = vocabulary.linked([pair[1]])
        if len(tied) > 1 and not tied & unfit and all(tied & each for each in read):
            yield pair


@dataclass(frozen=True)
class _Search:
    """The search for a context in which one value of a finding meets both criteria."""

    pairs: Pairs
    one: Child
    other: Child
    pair: Pair
    cell: Cell

    @property
    def study(self) -> Study:
        return self.pairs.study

    def worlds(self) -> list[int] | None:
        """What holds in two worlds of such a context; None where there is none among those looked at."""
        pairs, (first, second) = self.pairs, self.pairs.copies.layouts
        turns = [pairs.met(side, child, bool(side)) for side in (0, 1) for child in (self.one, self.other)]
        same = [*pairs.same_records, *pairs.same_statements(), *(-pairs.copies.differing[p] for p in self._context)]
        base = [*turns, *same, second.is_cell(self.pair, self.cell)]
        cuts: list[int] = []
        for _ in range(MOST_CONTEXTS):
            found = pairs.worlds([*base, *cuts], self.study.domain.pairs)
            if found is None:
                return None
            missed = self._missed(found[0])
            if missed is None:
                return [*base, *self._said(first, found[0])]
            cuts.append(pairs.copies.program.any_of([[-x] for x in self._part(missed)]))
        return None

    @cached_property
    def _context(self) -> list[Pair]:
        """The findings that nothing ties to this one."""
        tied = self.study.knowledge.vocabulary.linked([self.pair[1]])
        return [p for p in self.study.domain.pairs if p[1] not in tied]

    @cached_property
    def _met(self) -> list[int]:
        """The literals of both criteria as the group counts them."""
        every = [self.study.met(child.name, not child.negated) for child in (self.one, self.other)]
        return self.study.program.literals(every)

    def _missed(self, world: World) -> World | None:
        """A world with the value in the context of another one that misses one of the criteria."""
        layout = self.study.layout
        case = [*self._said(layout, world), layout.is_cell(self.pair, self.cell)]
        for criterion in self._met:
            found = self.study.program.model([*self.study.fixed, -criterion, *case], layout.read)[0]
            if found is not None:
                return found
        return None

    def _said(self, layout: Layout, world: World) -> Iterator[int]:
        """What a context says: of findings, of statements where a rule asks for them, and of records."""
        documented = self.study.documented
        yield from (layout.is_cell(p, world.cells[p]) for p in self._context if p in world.cells)
        for pair, stated in layout.stated.items():
            if pair[1] in documented:
                yield stated if pair in world.stated else -stated
        yield from (x if e in world.entities else -x for e, x in layout.present.items())

    def _part(self, missed: World) -> list[int]:
        """What a context says, of the first world, by which another one misses a criterion whatever else is so."""
        layout, first = self.study.layout, self.pairs.copies.layouts[0]
        context = set(self._context)
        tied = [layout.is_cell(p, cell) for p, cell in missed.cells.items() if p not in context]
        said, own = (list(self._said(each, missed)) for each in (layout, first))
        core = Core.of(self.study.program, [*self.study.fixed, *self._met], [[x] for x in (*tied, *said)])
        kept = core.few(range(len(tied) + len(said)))
        assert kept is not None, "a world that misses a criterion does not meet both"
        return [own[i - len(tied)] for i in kept if i >= len(tied)]
