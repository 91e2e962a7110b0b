"""Single cases by the circuits of their policy: in microseconds what the solver says in a millisecond.

A case is laid out as the mask of the values that it allows each variable. Where all its presumptions hold together
with what it states, the circuits are exact, and say what the solver would; the rest is left to the solver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from unmet.circuits.compiled import Compiled, Root
from unmet.circuits.exact import Limits, TooLarge
from unmet.circuits.formula import FALSE
from unmet.circuits.rules import NO, YES, Ground
from unmet.circuits.straight import Straight, straight
from unmet.facts.domain import Situation
from unmet.solver import Symbol
from unmet.values import Values

LIMITS = Limits(gates=5_000, restricted=60_000)
"""How large the circuit of a policy may become, that it is compiled in a second or two."""

MOST_STATEMENTS = 10_000
"""Of how many different statements of an attribute it is remembered what they allow."""

NOWHERE: dict[str | int | None, int] = {}
"""The variables of an attribute that the policy does not read."""

Allowed = list[int]
"""The mask of the values that a case allows each variable."""


class CaseCircuits:
    """Which of a program's shown atoms hold in some world of a case."""

    def __init__(self, ground: Ground, compiled: Compiled, roots: Sequence[Root], outcomes: Sequence[int]) -> None:
        """`roots` are those of the shown atoms, `outcomes` the positions of the outcomes among them."""
        self._cells, circuit = ground.domain.cells, compiled.circuit
        consistent = compiled.consistent
        gates = [root.gate for root in roots]
        self._consistent: Straight | None = straight(circuit, [consistent.gate]) if consistent else None
        self.shown, self.of_shown = range(len(gates)), straight(circuit, gates)
        self.outcomes, self.of_outcomes = tuple(outcomes), straight(circuit, [gates[i] for i in outcomes])
        self._places = _places(ground)
        self._records = [(i, v.entity) for i, v in enumerate(ground.variables) if v.entity is not None]
        self._silent = _silent(ground)
        self.readings = {v.reading: i for i, v in enumerate(ground.variables) if v.reading is not None}
        self._masks: dict[str, dict[object, int]] = {name: {} for name in self._cells}

    @classmethod
    def of(cls, ground: Ground, shown: Sequence[Symbol], outcomes: Sequence[int]) -> CaseCircuits | None:
        """Those of a policy's rules; None where they would be too large, and not exact."""
        compiled, roots = Compiled(ground, LIMITS), list[Root]()
        try:
            for atom in shown:
                root = compiled.root(ground.atoms.get(atom, FALSE))
                if root.doubtful:
                    return None
                roots.append(root)
            consistent = compiled.consistent
        except TooLarge:
            return None
        return None if consistent and consistent.doubtful else cls(ground, compiled, roots, outcomes)

    def case(self, situation: Situation) -> LaidCase | None:
        """A case with all its presumptions; None where no world agrees with that."""
        found = list(self._silent)
        for variable, entity in self._records:
            if situation.is_given(entity):
                found[variable] = YES
            elif situation.is_absent(entity):
                found[variable] = NO
        for statement in situation.scene.statements.values():
            place = self._places.get(statement.attribute, NOWHERE).get(statement.entity.key)
            if place is not None:
                found[place] = self._mask(statement.attribute, statement.values)
                if not found[place]:
                    return None
                if statement.values is not None:
                    found[place + 1] = YES
        return LaidCase(self, found) if self._consistent is None or self._consistent(found)[0] else None

    def again(self, other: LaidCase) -> LaidCase:
        """A case that is laid over the circuits of one choice of readings, over those with the readings open."""
        return LaidCase(self, other.allowed + self._silent[len(other.allowed) :])

    def _mask(self, attribute: str, values: Values | None) -> int:
        """The cells that a statement leaves, all where it is unclear."""
        known, key = self._masks[attribute], values and (values.words or values.intervals)
        mask = known.get(key)
        if mask is None:
            mask = sum(1 << i for i, c in enumerate(self._cells[attribute]) if values is None or values.meets(c))
            if len(known) < MOST_STATEMENTS:
                known[key] = mask
        return mask


@dataclass(frozen=True, slots=True)
class LaidCase:
    """A case laid over the circuits of its policy."""

    circuits: CaseCircuits
    allowed: Allowed

    def outcomes(self) -> frozenset[int]:
        """The positions of the outcomes that some world has."""
        return frozenset(compress(self.circuits.outcomes, self.circuits.of_outcomes(self.allowed)))

    def under(self, options: Mapping[str, int]) -> LaidCase:
        """The same under one option of each of some readings that are open, told by their places."""
        allowed = list(self.allowed)
        for name, place in options.items():
            allowed[self.circuits.readings[name]] = 1 << place
        return LaidCase(self.circuits, allowed)

    def possible(self) -> frozenset[int]:
        """The positions of the shown atoms that hold in some world."""
        return frozenset(compress(self.circuits.shown, self.circuits.of_shown(self.allowed)))


def _places(ground: Ground) -> dict[str, dict[str | int | None, int]]:
    """The variable of each finding, by its attribute and the key of its record; attributes are of one record each."""
    found: dict[str, dict[str | int | None, int]] = {}
    for number, variable in enumerate(ground.variables):
        if variable.pair is not None and not variable.stated:
            entity, name = variable.pair
            found.setdefault(name, {})[entity.key] = number
    return found


def _silent(ground: Ground) -> Allowed:
    """What a case allows that says nothing: what is presumed, and otherwise everything; nothing is stated."""
    presumed = dict(ground.domain.presumed_cells)
    found: Allowed = []
    for variable in ground.variables:
        if variable.pair is None:
            found.append(ground.formulas.full[len(found)])
        elif variable.stated:
            found.append(NO)
        else:
            cells = ground.domain.cells[variable.pair[1]]
            kept = set(presumed.get(variable.pair, cells))
            found.append(sum(1 << i for i, cell in enumerate(cells) if cell in kept))
    return found
