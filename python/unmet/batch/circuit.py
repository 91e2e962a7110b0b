"""What is possible in the worlds of a case, as gates over packed bit vectors: one bit a case, 64 a word.

The inputs of a circuit are the literals of a formula, each as the vector of the cases that allow one of its values; a
gate is a conjunction, a disjunction or a count of vectors. `unmet.batch.exact` makes circuits whose output is the
vector of the cases in which some world makes the formula true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from unmet.batch.formula import Op

Vector = npt.NDArray[np.uint64]
"""One bit for each of a block's rows, the first row in the lowest bit of the first word; rows are padded to a word."""


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


Leaf = Callable[[int, int], Vector]
"""The cases that allow a variable one of the values of a mask."""


class Plan:
    """The gates that some outputs need, in order, and after which gate each vector is done with."""

    def __init__(self, circuit: Circuit, outputs: Sequence[int]) -> None:
        self.outputs = tuple(outputs)
        needed, todo = set[int](), list(outputs)
        while todo:
            gate = todo.pop()
            if gate not in needed:
                needed.add(gate)
                todo += circuit.gates[gate].inputs
        self.gates = [(number, circuit.gates[number]) for number in sorted(needed)]
        last = {each: number for number, gate in self.gates for each in gate.inputs}
        kept = set(outputs)
        self._done: dict[int, list[int]] = {}
        for each, number in last.items():
            if each not in kept:
                self._done.setdefault(number, []).append(each)

    def run(self, leaf: Leaf, words: int) -> list[Vector]:
        """The vectors of the outputs, for blocks of so many words."""
        found: dict[int, Vector] = {}
        for number, gate in self.gates:
            if gate.op is Op.LITERAL:
                found[number] = leaf(gate.variable, gate.mask)
            elif gate.op is Op.CONSTANT:
                found[number] = constant(bool(number), words)
            elif gate.op is Op.AT_LEAST:
                found[number] = counted(gate.least, [found[each] for each in gate.inputs], words)
            else:
                first, second, *rest = gate.inputs
                combine = np.bitwise_and if gate.op is Op.AND else np.bitwise_or
                vector = combine(found[first], found[second])
                for each in rest:
                    combine(vector, found[each], out=vector)
                found[number] = vector
            for each in self._done.get(number, ()):
                del found[each]
        return [found[number] for number in self.outputs]


def constant(value: bool, words: int) -> Vector:
    """A vector of all rows, or of none."""
    return np.full(words, ~np.uint64(0) if value else np.uint64(0), dtype=np.uint64)


def counted(least: int, vectors: Sequence[Vector], words: int) -> Vector:
    """The rows in which at least so many of the vectors hold."""
    reached = [constant(False, words) for _ in range(least)]
    for vector in vectors:
        for count in range(least - 1, 0, -1):
            reached[count] |= reached[count - 1] & vector
        reached[0] |= vector
    return reached[-1]
