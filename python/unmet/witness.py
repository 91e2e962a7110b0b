"""From a world of two copies to the smallest case that shows the same.

A claim about worlds is shown by a case if all worlds of the case agree with it. Starting from one world, its findings
are groups of assumptions; a minimal set of them with which no world contradicts the claim is what the case has to
state. A finding that has its presumed value need not be stated to have it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from unmet.casewriter import Draft
from unmet.copies import Copies
from unmet.facts.answers import cells_of
from unmet.facts.domain import Domain, Situation
from unmet.facts.layout import Layout, World
from unmet.facts.terms import Cell, Pair, finding, presence, symbol_of
from unmet.solver import Assumption, Core, Program, Symbol
from unmet.source.copying import PREFIX
from unmet.vocabulary import Entity

Choose = Callable[[int, Pair, Cell], str | int]
"""The value by which a case states a word or a class of numbers, on a side."""

Side = Callable[[Symbol], Symbol]
"""The atom of a side that stands for an atom of a program of one side."""


def least(side: int, pair: Pair, cell: Cell) -> str | int:
    """A word itself; of a class the least number."""
    return cell if isinstance(cell, str) else cell[0]


@dataclass(frozen=True)
class Worlds:
    """A model of two copies: one world that both sides judge, or a world of each."""

    copies: Copies
    atoms: frozenset[Symbol]

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides that have a world of their own."""
        return (0, 1) if self.copies.apart else (0,)

    @cached_property
    def _cells(self) -> tuple[Mapping[Pair, Cell], ...]:
        """Of each side, the word or class that each finding has."""
        copied = f"{PREFIX}finding"
        second = [symbol_of("finding", a.arguments) for a in self.atoms if a.name == copied]
        return tuple(
            {pair: self._class(pair, value) for pair, value in cells_of(atoms).items()}
            for atoms in (self.atoms, second)
        )

    def _class(self, pair: Pair, value: str | int) -> Cell:
        if isinstance(value, str):
            return value
        return next(c for c in self.copies.domain.cells[pair[1]] if c[0] == value)

    @cached_property
    def stated(self) -> tuple[frozenset[Pair], ...]:
        """Of each side, the findings that the record states."""
        return tuple(
            frozenset(p for p in self._cells[side] if self.holds(side, Situation.statable(p))) for side in self.sides
        )

    def cell(self, side: int, pair: Pair) -> Cell | None:
        """The word, or the class of numbers, that a finding has; None where there is no such record."""
        return self._cells[side].get(pair)

    def holds(self, side: int, symbol: Symbol) -> bool:
        """Whether an atom of a program of one side holds on that side."""
        return self.copies.side(side, symbol) in self.atoms

    def is_there(self, side: int, entity: Entity) -> bool:
        """Whether a record is there."""
        return not self.copies.domain.is_listed(entity) or self.holds(side, presence(entity))


def drafts(
    worlds: Worlds,
    under: Sequence[Assumption],
    claim: Symbol,
    *,
    left_out: Iterable[Pair] = (),
    choose: Choose = least,
    presuming: bool = True,
) -> tuple[Draft, ...] | None:
    """The case of each side with as few statements as show the claim; None where the worlds are no case.

    None is an answer where the claim rests on a value that the record does not state, and no presumption gives.

    Args:
        under: what holds beside the cases: the readings.
        claim: the atom that every world (or pair of worlds) of the cases has to meet.
        left_out: findings about which the cases say nothing, and yet each world has its value of them.
        presuming: whether presumptions are taken to apply; the caller checks that they do.
    """
    return _Search(worlds, under, claim, frozenset(left_out), choose, presuming).drafts()


def near(
    program: Program, base: Sequence[Assumption], wishes: Sequence[Sequence[Assumption]]
) -> list[Assumption] | None:
    """The assumptions with as many wishes beside them as can be had, one after the other; None where no world agrees.

    Wishes that the solver does not blame for a conflict are had at once.
    """
    core = Core(program, base, wishes)
    if not core.satisfiable(()):
        return None
    granted, _ = core.granted(range(len(wishes)), ())
    return [*base, *(a for i in granted for a in wishes[i])]


class Nearest:
    """Worlds of a program that state all they can and make small cases: few records, and what is presumed."""

    def __init__(self, program: Program, layouts: Sequence[Layout]) -> None:
        """`layouts` are those of the worlds that a model of the program holds, one or two over one domain."""
        domain = layouts[0].domain
        wishes = [[x for each in layouts for x in each.stated.values()]]
        wishes += [[-each.present[e] for each in layouts] for e in reversed(layouts[0].present)]
        wishes += [[-x for each in layouts for x in each.unlike(pair, cells)] for pair, cells in domain.presumed_cells]
        self._program, self._layouts, self._wishes = program, layouts, wishes

    def worlds(self, base: Sequence[int], pairs: Collection[Pair] | None = None) -> tuple[World, ...] | None:
        """The worlds of a model that agrees with these literals, and is otherwise as small a case as it can be.

        They are told of some findings alone where these are named. None where no model agrees.
        """
        core = Core.of(self._program, base, self._wishes)
        found = core.most(range(len(self._wishes)), lambda holds: tuple(x.read(holds, pairs) for x in self._layouts))
        return None if found is None else found[1]


def modest(domain: Domain, sides: Sequence[Side]) -> list[list[Assumption]]:
    """What makes worlds small cases: few records, and presumed values, which need not be stated."""
    records = [e for e in reversed(domain.entities) if domain.is_listed(e)]
    wishes = [[(side(presence(e)), False) for side in sides] for e in records]
    for pair, presumed in domain.presumed_cells:
        others = [c for c in domain.cells[pair[1]] if c not in presumed]
        wishes.append([(side(finding(pair, c)), False) for side in sides for c in others])
    return wishes


def sides_of(copies: Copies) -> list[Side]:
    """The worlds of two copies: one, or one of each side."""
    return [partial(copies.side, side) for side in ((0, 1) if copies.apart else (0,))]


def least_draft(draft: Draft, shows: Callable[[Draft], bool]) -> Draft:
    """The draft without what it need not state to show the same, tried one statement after the other."""
    for pair in draft.values:
        smaller = replace(draft, values={p: v for p, v in draft.values.items() if p != pair})
        draft = smaller if shows(smaller) else draft
    for kind in sorted(draft.complete):
        smaller = replace(draft, complete=draft.complete - {kind})
        draft = smaller if shows(smaller) else draft
    return draft


@dataclass(frozen=True)
class _Search:
    worlds: Worlds
    under: Sequence[Assumption]
    claim: Symbol
    left_out: frozenset[Pair]
    choose: Choose
    presuming: bool

    def drafts(self) -> tuple[Draft, ...] | None:
        """The drafts with a minimal set of statements."""
        subjects = [p for p in self._pairs if any(self._is_stated(s, p) for s in self.worlds.sides)]
        subjects = [p for p in subjects if p not in self.left_out]
        hard = [*self.under, (self.claim, False), *self._fixed()]
        core = Core(self.worlds.copies.program, hard, [self._said(p) for p in subjects])
        kept = core.minimal(range(len(subjects)))
        if kept is None:
            return None
        return tuple(self._draft(side, [subjects[i] for i in kept]) for side in self.worlds.sides)

    @cached_property
    def _pairs(self) -> list[Pair]:
        """The findings of records that are there on some side."""
        found = self.worlds.copies.domain.pairs
        return [p for p in found if any(self.worlds.is_there(s, p[0]) for s in self.worlds.sides)]

    def _fixed(self) -> list[Assumption]:
        """What holds without being stated: which records there are, presumed values, and what is not stated."""
        copies, fixed = self.worlds.copies, []
        for side in self.worlds.sides:
            for entity in copies.domain.entities:
                if copies.domain.is_listed(entity):
                    fixed.append((copies.side(side, presence(entity)), self.worlds.is_there(side, entity)))
            for pair in self._pairs:
                if pair in self.left_out or self._is_presumed(side, pair):
                    fixed += self._value(side, pair)
                if not self._is_stated(side, pair):
                    fixed.append((copies.side(side, Situation.statable(pair)), False))
        return fixed

    def _said(self, pair: Pair) -> list[Assumption]:
        """That a finding is stated where it is, and is what it is."""
        copies, said = self.worlds.copies, []
        for side in self.worlds.sides:
            if self._is_stated(side, pair):
                said += [(copies.side(side, Situation.statable(pair)), True), *self._value(side, pair)]
        return said

    def _value(self, side: int, pair: Pair) -> list[Assumption]:
        cell = self.worlds.cell(side, pair)
        others = (c for c in self.worlds.copies.domain.cells[pair[1]] if c != cell)
        return [] if cell is None else [(self.worlds.copies.finding(side, pair, c), False) for c in others]

    def _is_stated(self, side: int, pair: Pair) -> bool:
        return pair in self.worlds.stated[side]

    def _is_presumed(self, side: int, pair: Pair) -> bool:
        """Whether a finding has the value that silence about it would give it."""
        attribute = self.worlds.copies.domain.vocabulary.attributes[pair[1]]
        cell = self.worlds.cell(side, pair)
        if not self.presuming or attribute.presumed is None or cell is None:
            return False
        return attribute.singleton(attribute.presumed).meets(cell)

    def _draft(self, side: int, kept: Sequence[Pair]) -> Draft:
        domain = self.worlds.copies.domain
        values = {
            pair: self.choose(side, pair, cell)
            for pair in kept
            if self._is_stated(side, pair) and (cell := self.worlds.cell(side, pair)) is not None
        }
        there = [e.record for e in domain.entities if domain.is_listed(e) and self.worlds.is_there(side, e)]
        listed = {kind: there.count(kind) for kind in domain.slots}
        return Draft(values, listed, frozenset(domain.slots))
