"""A case as the solver's literals: what a prepared program knows of its domain, looked up once for all cases.

A case is a hundred assumptions. To write each as a term and look that up takes longer than to decide the case, so
the literals of all that a case can fix are kept beside the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clingo import Symbol

from unmet.facts.domain import Domain, Situation, meeting
from unmet.facts.terms import Cell, Pair, chosen_symbol, finding, presence, statable
from unmet.values import Values
from unmet.vocabulary import Entity

MOST_STATEMENTS = 10_000
"""Of how many different statements the literals are remembered."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What a case fixes of a program, and what all presumptions fix that its silence calls for."""

    fixed: list[int]
    presumed: list[int]


@dataclass(frozen=True, slots=True)
class _Presumption:
    position: int
    entity: Entity
    listed: bool
    literals: tuple[int, ...]


class Literals:
    """The literals of one prepared program, for cases over its domain."""

    def __init__(self, domain: Domain, of: Callable[[Symbol], int]) -> None:
        """`of` tells the literal of an atom."""
        self._domain, self._of = domain, of
        self._position = {pair: i for i, pair in enumerate(domain.pairs)}
        self._stated = [of(statable(pair)) for pair in domain.pairs]
        self._silent = [-literal for literal in self._stated]
        self._present = [(e, of(presence(e))) for e in domain.entities if domain.is_listed(e)]
        self._presumptions = [self._presumption(pair, cells) for pair, cells in domain.presumed_cells]
        self._excluding: dict[tuple[int, Values], tuple[int, ...]] = {}
        self._readings: dict[tuple[tuple[str, str], ...], list[int]] = {}

    def _presumption(self, pair: Pair, cells: tuple[Cell, ...]) -> _Presumption:
        entity, listed = pair[0], self._domain.is_listed(pair[0])
        return _Presumption(self._position[pair], entity, listed, self._excluded(pair, cells))

    def _excluded(self, pair: Pair, cells: tuple[Cell, ...]) -> tuple[int, ...]:
        """The values of a pair other than these, denied."""
        kept = set(cells)
        return tuple(-self._of(finding(pair, cell)) for cell in self._domain.cells[pair[1]] if cell not in kept)

    def of_case(self, situation: Situation) -> Laid:
        """What a case fixes: as `Situation.assumptions`, and apart from that all its presumptions."""
        fixed, mentioned = list(self._silent), set[int]()
        for entity, literal in self._present:
            if situation.is_given(entity):
                fixed.append(literal)
            elif situation.is_absent(entity):
                fixed.append(-literal)
        for pair, statement in situation.scene.statements.items():
            position = self._position.get(pair)
            if position is not None:
                mentioned.add(position)
                if statement.values is not None:
                    fixed[position] = self._stated[position]
                    fixed += self._of_statement(pair, position, statement.values)
        presumed: list[int] = []
        for p in self._presumptions:
            if p.position not in mentioned and not (p.listed and situation.is_absent(p.entity)):
                presumed += p.literals
        return Laid(fixed, presumed)

    def _of_statement(self, pair: Pair, position: int, values: Values) -> tuple[int, ...]:
        excluded = self._excluding.get((position, values))
        if excluded is None:
            excluded = self._excluded(pair, meeting(self._domain.cells[pair[1]], values))
            if len(self._excluding) < MOST_STATEMENTS:
                self._excluding[position, values] = excluded
        return excluded

    def of_readings(self, chosen: Mapping[str, str], options: Mapping[str, tuple[str, ...]]) -> list[int]:
        """What a choice of readings fixes; `options` are all that each has."""
        key = tuple(chosen.items())
        if key not in self._readings:
            every = [(name, option) for name, known in options.items() for option in known]
            literals = [self._of(chosen_symbol(name, option)) for name, option in every]
            signs = [1 if chosen[name] == option else -1 for name, option in every]
            self._readings[key] = [sign * literal for sign, literal in zip(signs, literals, strict=True)]
        return self._readings[key]
