"""Two worlds of a policy that differ in as little as they can."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from unmet.copies import Copies
from unmet.facts.layout import World
from unmet.facts.outline import OUTCOMES
from unmet.facts.terms import Cell, Pair, symbol_of
from unmet.knowledge import Knowledge
from unmet.outlined import outlined
from unmet.policy import Outline, Policy
from unmet.solver import Assumption, Core, Symbol
from unmet.vocabulary import REQUEST
from unmet.witness import Nearest

Flip = tuple[str, ...]
"""The outcomes of two worlds, first and second; none where they differ in something else."""


@dataclass(frozen=True)
class Found:
    """Two worlds with few differences, and their outcomes where these are what differs."""

    worlds: tuple[World, ...]
    flip: Flip

    @cached_property
    def differing(self) -> frozenset[Pair]:
        """The findings that are not the same in both."""
        first, second = (world.cells for world in self.worlds)
        return frozenset(p for p in {*first, *second} if first.get(p) != second.get(p))


@dataclass(frozen=True)
class TwoWorlds:
    """One version of a policy under one choice of readings, over two worlds in one program."""

    knowledge: Knowledge
    policy: Policy
    chosen: Mapping[str, str]
    _counted: dict[int, int] = field(default_factory=dict, repr=False)

    @cached_property
    def copies(self) -> Copies:
        """The policy twice, over two worlds."""
        source = self.knowledge.source(self.policy)
        kinds = self.knowledge.vocabulary.records
        return outlined(self.knowledge, source, source, apart=kinds, each=("overridden",), joint=("pairs",))

    @cached_property
    def outline(self) -> Outline:
        """The tree of criteria in use."""
        return self.policy.outline(self.chosen)

    def literals(self, assumptions: Iterable[Assumption]) -> list[int]:
        """Assumptions as the solver's literals."""
        return self.copies.program.literals(assumptions)

    def literal(self, symbol: Symbol) -> int:
        """The solver's literal of an atom."""
        return self.copies.program.literal(symbol)

    def can(self, literals: Iterable[int]) -> bool:
        """Whether any two worlds agree with these literals."""
        return self.copies.program.has_world([*self._under, *literals])

    @cached_property
    def _under(self) -> list[int]:
        return self.literals([*self.copies.under(0, self.chosen), *self.copies.under(1, self.chosen)])

    @cached_property
    def flips(self) -> dict[Flip, int]:
        """The pairs of unlike outcomes that two worlds have, approvals first, each with its literal."""
        pairs = {
            (o, p): self.literal(symbol_of("_flips", [symbol_of(o), symbol_of(p)]))
            for o in OUTCOMES
            for p in OUTCOMES
            if o != p
        }
        return {flip: literal for flip, literal in pairs.items() if self.can([literal])}

    def hold(self, pair: Pair, cells: tuple[Cell, Cell]) -> list[int]:
        """That a finding has one value in the first world and another in the second, and both records state it."""
        has = [layout.is_cell(pair, cell) for layout, cell in zip(self.copies.layouts, cells, strict=True)]
        return [*has, *(layout.stated[pair] for layout in self.copies.layouts)]

    # -- differences ----------------------------------------------------------------------------------------------

    def at_most(self, number: int) -> int:
        """That findings, statements and records differ in no more places than this number."""
        if number not in self._counted:
            both = self.copies
            places = [*both.differing.values(), *both.stating.values(), *both.lacking.values()]
            self._counted[number] = -both.program.more_than(number, places)
        return self._counted[number]

    def only(self, pair: Pair, moved: Collection[Pair], imprecise: Collection[Pair] = ()) -> list[int]:
        """That a finding differs of which nothing is stated, and else only some of what moves with it.

        Nothing is stated of these either, unless they may be `imprecise`.
        """
        both = self.copies
        differs = [*(-each.stated[pair] for each in both.layouts), both.differing[pair]]
        if set(moved) == {pair}:
            return [*differs, self.at_most(1)]
        others = [x for p, x in both.differing.items() if p not in moved]
        same = [-x for x in (*others, *both.stating.values(), *both.lacking.values())]
        with_it = [p for p in moved if p != pair and p not in imprecise]
        told = both.program.any_of_each([[both.differing[p], both.layouts[0].stated[p]]] for p in with_it)
        return [*differs, *same, *(-x for x in told)]

    def fewest(self, fixed: Sequence[int]) -> int | None:
        """In how many places two worlds that agree with these literals differ at least; None where there are none."""
        return self._least([*self._under, *fixed], 0) if self.can(fixed) else None

    def _least(self, base: Sequence[int], least: int) -> int:
        """In how many places two worlds differ at least that agree with these literals, as some do.

        It is sought in steps that double, then between the last two of them.
        """
        lacking, enough = least - 1, least
        while not self._at_most(enough, base):
            lacking, enough = enough, enough + max(1, enough - least)
        while enough - lacking > 1:
            middle = (lacking + enough) // 2
            lacking, enough = (lacking, middle) if self._at_most(middle, base) else (middle, enough)
        return enough

    def _at_most(self, number: int, base: Sequence[int]) -> bool:
        """Whether two worlds that agree with these literals differ in no more places than this number."""
        return self.copies.program.has_world([*base, self.at_most(number)])

    def nearest(
        self,
        fixed: Sequence[int],
        claims: Mapping[Flip, int],
        *,
        least: int = 0,
        about: str | None = None,
        silent: Collection[Pair] = (),
    ) -> Found | None:
        """Two worlds that hold the first of the claims that any do, with the fewest differences; None where none do.

        Their records state everything where that is possible, apart from what may be `silent`. Of those with as few
        differences, they differ in what a clinician can judge: not in what a line asks for, nor in how many records
        there are, nor in what the criterion that the claims are `about` does not read, unless there is no other way.

        Args:
            least: how many differences there are known to be at least.
        """
        program = self.copies.program
        stated = [x for each in self.copies.layouts for p, x in each.stated.items() if p not in silent]
        every = [*self._under, *fixed, program.any_of([x] for x in claims.values())]
        if not program.has_world(every):
            return None
        base = [*every, *stated] if program.has_world([*every, *stated]) else every
        base.append(self.at_most(self._least(base, least)))
        for same in self._rather_same(about) if not silent else ():
            base += same if program.has_world([*base, *same]) else ()
        flip = next(flip for flip, literal in claims.items() if program.has_world([*base, literal]))
        worlds = self._small.worlds(self._with_few_records([*base, claims[flip]]), silent=silent)
        assert worlds is not None, "what is possible can be had"
        return Found(worlds, flip)

    def _with_few_records(self, base: list[int]) -> list[int]:
        """These literals, and that records are absent: before all that may be stated of them."""
        absent = Core.of(self.copies.program, base, [[-x for x in each] for each in self._presences])
        found = absent.most(range(len(self._presences)), lambda _: True)
        assert found is not None, "what is possible can be had"
        return absent.literals(found[0])

    @cached_property
    def _presences(self) -> list[list[int]]:
        """That a record is in the worlds, from the last one on: slots fill up in order."""
        return [[each.present[e] for each in self.copies.layouts] for e in reversed(self.copies.layouts[0].present)]

    @cached_property
    def _small(self) -> Nearest:
        return Nearest(self.copies.program, self.copies.layouts)

    def _rather_same(self, about: str | None) -> list[list[int]]:
        """What had rather not differ, the most important first."""
        both = [*self.copies.differing.items(), *self.copies.stating.items()]
        asked = [-x for p, x in both if p[0].record == REQUEST or p[1] in self.policy.locators]
        found = [asked, [-x for x in self.copies.lacking.values()]]
        if about is not None:
            read, kinds = self.outline.depends_on(about)
            found.append([-x for p, x in both if p[1] not in read and p[0].record not in kinds])
        return found
