"""Circuits over packed bit vectors: one bit a row, 64 a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from unmet.circuits.formula import Op
from unmet.circuits.gates import Circuit

Vector = npt.NDArray[np.uint64]
"""One bit for each of a block's rows, the first row in the lowest bit of the first word; rows are padded to a word."""

Leaf = Callable[[int, int], Vector]
"""The cases that allow a variable one of the values of a mask."""


class Plan:
    """The gates that some outputs need, in order, and after which gate each vector is done with."""

    def __init__(self, circuit: Circuit, outputs: Sequence[int]) -> None:
        self.outputs = tuple(outputs)
        self.gates = circuit.needed(outputs)
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
