"""What is possible in the worlds of a case, as gates.

The inputs of a circuit are the literals of a formula: whether the case allows one of their values. A gate is a
conjunction, a disjunction or a count of others. `unmet.circuits.exact` makes circuits whose output is whether some
world makes the formula true; a single case runs through them as `unmet.circuits.straight` has it, a block of rows as
vectors of bits (`unmet.batch.plan`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from unmet.circuits.formula import Op


@dataclass(frozen=True, slots=True)
class Gate:
    """A literal (`variable`, `mask`), or a conjunction, disjunction or count (`least`) of earlier gates."""

    op: Op
    variable: int = -1
    mask: int = 0
    least: int = 0
    inputs: tuple[int, ...] = ()


@dataclass
class Circuit:
    """Gates in an order in which each reads earlier ones only. The first two are the constants: never and always."""

    gates: list[Gate] = field(default_factory=lambda: [Gate(Op.CONSTANT), Gate(Op.CONSTANT)])
    _numbers: dict[Gate, int] = field(default_factory=dict)

    def literal(self, variable: int, mask: int) -> int:
        """The cases that allow one of these values."""
        return self._add(Gate(Op.LITERAL, variable, mask))

    def conjunction(self, inputs: Iterable[int]) -> int:
        """All of the inputs."""
        return self._group(Op.AND, inputs, 0, 1)

    def disjunction(self, inputs: Iterable[int]) -> int:
        """One of the inputs."""
        return self._group(Op.OR, inputs, 1, 0)

    def _group(self, op: Op, inputs: Iterable[int], decides: int, adds_nothing: int) -> int:
        kept = sorted(set(inputs) - {adds_nothing})
        if decides in kept:
            return decides
        if len(kept) < 2:
            return kept[0] if kept else adds_nothing
        return self._add(Gate(op, inputs=tuple(kept)))

    def at_least(self, least: int, inputs: Iterable[int]) -> int:
        """So many of the inputs; one that is given twice counts twice."""
        inputs = list(inputs)
        least -= inputs.count(1)
        kept = sorted(each for each in inputs if each > 1)
        if least <= 0 or least > len(kept):
            return 1 if least <= 0 else 0
        if least in (1, len(kept)):
            return self.disjunction(kept) if least == 1 else self.conjunction(kept)
        return self._add(Gate(Op.AT_LEAST, least=least, inputs=tuple(kept)))

    def _add(self, gate: Gate) -> int:
        found = self._numbers.get(gate)
        if found is None:
            found = self._numbers[gate] = len(self.gates)
            self.gates.append(gate)
        return found

    def needed(self, outputs: Iterable[int]) -> list[tuple[int, Gate]]:
        """The gates that some outputs need, with their numbers, each after those that it reads."""
        found, todo = set[int](), list(outputs)
        while todo:
            number = todo.pop()
            if number not in found:
                found.add(number)
                todo += self.gates[number].inputs
        return [(number, self.gates[number]) for number in sorted(found)]
