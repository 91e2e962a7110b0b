"""A world as a solver holds it: the literals of its records, of the values of its findings, of what is stated.

They are looked up once for a program, because to write atoms as terms takes longer than to ask the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from clingo import Symbol

from unmet.facts.domain import Domain
from unmet.facts.terms import Cell, Pair, finding, presence, statable
from unmet.solver.program import Truth
from unmet.vocabulary import Entity


@dataclass(frozen=True, slots=True)
class World:
    """A world as data: of each finding its word or class, which listed records there are, and what is stated."""

    cells: Mapping[Pair, Cell]
    entities: frozenset[Entity]
    stated: frozenset[Pair]

    def value(self, pair: Pair) -> str | int:
        """The word that a finding is, or the least number of its class."""
        return least(self.cells[pair])

    def without(self, record: Entity) -> World:
        """The world without a listed record; those behind it move up."""
        cells = {(moved_up(e, record), name): cell for (e, name), cell in self.cells.items() if e != record}
        stated = frozenset((moved_up(e, record), name) for e, name in self.stated if e != record)
        return World(cells, frozenset(moved_up(e, record) for e in self.entities if e != record), stated)


def moved_up(entity: Entity, gone: Entity) -> Entity:
    """An entity by its number once a listed record is gone."""
    behind = entity.record == gone.record and int(entity.key or 0) > int(gone.key or 0)
    return Entity(entity.record, int(entity.key or 0) - 1) if behind else entity


def least(cell: Cell) -> str | int:
    """A word itself; of a class the least number."""
    return cell if isinstance(cell, str) else cell[0]


class Layout:
    """The literals of one world in a program."""

    def __init__(
        self, domain: Domain, of: Callable[[Symbol], int], side: Callable[[Symbol], Symbol] = lambda symbol: symbol
    ) -> None:
        """`of` tells the literal of an atom; `side` the atom of this world where the program holds two."""
        self.domain = domain
        self.values: dict[Pair, tuple[tuple[Cell, int], ...]] = {
            pair: tuple((cell, of(side(finding(pair, cell)))) for cell in domain.cells[pair[1]])
            for pair in domain.pairs
        }
        self._cells = {pair: dict(row) for pair, row in self.values.items()}
        self.stated: dict[Pair, int] = {pair: of(side(statable(pair))) for pair in domain.pairs}
        self._last: dict[Pair, tuple[Cell, int]] = {}
        self.present: dict[Entity, int] = {e: of(side(presence(e))) for e in domain.entities if domain.is_listed(e)}

    def read(self, holds: Truth, pairs: Iterable[Pair] | None = None) -> World:
        """The world that the solver has found; of these findings alone, where they are named."""
        wanted = self.domain.pairs if pairs is None else tuple(pairs)
        there = frozenset(e for e, literal in self.present.items() if holds(literal))
        cells = {}
        for pair in wanted:
            if pair[0] not in there and pair[0] in self.present:
                continue  # a record that is not there has no findings
            last = self._last.get(pair)
            if last is None or not holds(last[1]):  # most findings are what they were in the world before
                last = next((each for each in self.values[pair] if holds(each[1])), None)
            if last is not None:
                cells[pair] = last[0]
                self._last[pair] = last
        return World(cells, there, frozenset(pair for pair in wanted if holds(self.stated[pair])))

    def is_cell(self, pair: Pair, cell: Cell) -> int:
        """The literal of a finding's having a word, or a number of a class."""
        return self._cells[pair][cell]

    def unlike(self, pair: Pair, cells: Iterable[Cell]) -> list[int]:
        """The literals of all other words or classes of a finding."""
        kept = set(cells)
        return [literal for cell, literal in self.values[pair] if cell not in kept]
