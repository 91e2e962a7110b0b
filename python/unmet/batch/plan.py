"""Circuits over packed bit vectors: one bit a row, 64 a word.

What is computed of a block depends on its rows only through a few vectors. So it is written down once, as steps that
each make a vector of one or two others, with common parts made once and what is constant left out; a block then takes
one call of NumPy for each step.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from unmet.circuits.formula import Op
from unmet.circuits.gates import Circuit

Vector = npt.NDArray[np.uint64]
"""One bit for each of a block's rows, the first row in the lowest bit of the first word; rows are padded to a word."""

NEVER, ALWAYS = 0, 1
"""The nodes of no rows and of all."""


@dataclass(frozen=True, slots=True)
class Node:
    """A vector that is not known yet."""

    trace: Trace
    number: int

    def __and__(self, other: Node) -> Node:
        return self.trace.made(np.bitwise_and, self.number, other.number)

    def __or__(self, other: Node) -> Node:
        return self.trace.made(np.bitwise_or, self.number, other.number)

    def __invert__(self) -> Node:
        return self.trace.inverted(self.number)


Bits = TypeVar("Bits", Node, Vector)
"""What can be computed with before a block is known, and then."""


@dataclass(frozen=True, slots=True)
class Step:
    """A vector made of one or two others, which are places in a list; so is where it goes."""

    function: np.ufunc
    place: int
    first: int
    second: int | None


class Trace:
    """What is computed, written down."""

    def __init__(self) -> None:
        self.inputs: dict[Hashable, int] = {}
        self._nodes: list[tuple[np.ufunc, int, int] | None] = [None, None]
        self._known: dict[tuple[np.ufunc, int, int], int] = {}
        self._inverse = {NEVER: ALWAYS, ALWAYS: NEVER}

    def constant(self, value: bool) -> Node:
        """All rows, or none."""
        return Node(self, ALWAYS if value else NEVER)

    def input(self, key: Hashable) -> Node:
        """A vector of a block by its name."""
        if key not in self.inputs:
            self.inputs[key] = len(self._nodes)
            self._nodes.append(None)
        return Node(self, self.inputs[key])

    def made(self, function: np.ufunc, first: int, second: int) -> Node:
        """A conjunction or disjunction."""
        neutral, decides = (ALWAYS, NEVER) if function is np.bitwise_and else (NEVER, ALWAYS)
        if first == second or second == neutral:
            return Node(self, first)
        if first == neutral:
            return Node(self, second)
        if decides in (first, second) or self._inverse.get(first) == second:
            return Node(self, decides)
        return self._add(function, min(first, second), max(first, second))

    def inverted(self, number: int) -> Node:
        """The rows that are not in a vector."""
        if number not in self._inverse:
            found = self._add(np.bitwise_not, number, number).number
            self._inverse |= {number: found, found: number}
        return Node(self, self._inverse[number])

    def _add(self, function: np.ufunc, first: int, second: int) -> Node:
        key = (function, first, second)
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return Node(self, self._known[key])

    def kernel(self, outputs: Iterable[Node]) -> Kernel:
        """The steps that some vectors need."""
        wanted = [node.number for node in outputs]
        needed, todo = set[int](), list(wanted)
        while todo:
            number = todo.pop()
            if number not in needed:
                needed.add(number)
                if (node := self._nodes[number]) is not None:
                    todo += node[1:]
        inputs = {key: number for key, number in self.inputs.items() if number in needed}
        return _placed(self._nodes, sorted(needed), inputs, wanted)


def _placed(
    nodes: Sequence[tuple[np.ufunc, int, int] | None],
    needed: Sequence[int],
    inputs: dict[Hashable, int],
    wanted: Sequence[int],
) -> Kernel:
    """Steps in places that are used again, so that few vectors are held at a time."""
    last = {each: number for number in needed for each in (nodes[number] or ())[1:]}
    place = {NEVER: NEVER, ALWAYS: ALWAYS} | {number: 2 + i for i, number in enumerate(inputs.values())}
    kept = {*wanted, *place}
    free: list[int] = []
    steps: list[Step] = []
    count = len(place)
    for number in needed:
        node = nodes[number]
        if node is None:
            continue
        function, first, second = node
        done = [each for each in {first, second} if last[each] == number and each not in kept]
        free += [place[each] for each in done]
        if free:
            place[number] = free.pop()
        else:
            place[number], count = count, count + 1
        steps.append(Step(function, place[number], place[first], None if first == second else place[second]))
    return Kernel(tuple(inputs), tuple(steps), tuple(place[number] for number in wanted), count)


@dataclass(frozen=True, slots=True)
class Kernel:
    """Vectors of a block by name, the steps that are made of them, and where what is wanted stands at the end."""

    inputs: tuple[Any, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    places: int

    def run(self, given: Callable[[Any], Vector], words: int) -> list[Vector]:
        """What is wanted, for a block of so many words; several may be one vector, or one that was given."""
        found: list[Any] = [constant(False, words), constant(True, words), *map(given, self.inputs)]
        found += [None] * (self.places - len(found))
        for step in self.steps:
            first = found[step.first]
            where = first if step.place == step.first else None  # a vector that is not needed any more
            if step.second is None:
                found[step.place] = step.function(first, where)
            else:
                found[step.place] = step.function(first, found[step.second], where)
        return [found[place] for place in self.outputs]


def constant(value: bool, words: int) -> Vector:
    """A vector of all rows, or of none."""
    return np.full(words, ~np.uint64(0) if value else np.uint64(0), dtype=np.uint64)


def computed(circuit: Circuit, outputs: Sequence[int], leaf: Callable[[int, int], Node], trace: Trace) -> list[Node]:
    """The outputs of a circuit; `leaf` tells the cases that allow a variable one of the values of a mask."""
    found: dict[int, Node] = {}
    for number, gate in circuit.needed(outputs):
        members = [found[each] for each in gate.inputs]
        if gate.op is Op.LITERAL:
            found[number] = leaf(gate.variable, gate.mask)
        elif gate.op is Op.CONSTANT:
            found[number] = trace.constant(bool(number))
        elif gate.op is Op.AT_LEAST:
            found[number] = _counted(gate.least, members, trace.constant(False))
        else:
            whole = members[0]
            for each in members[1:]:
                whole = whole & each if gate.op is Op.AND else whole | each
            found[number] = whole
    return [found[number] for number in outputs]


def _counted(least: int, members: Sequence[Node], nothing: Node) -> Node:
    """The rows in which at least so many hold."""
    reached = [nothing] * least
    for each in members:
        for count in range(least - 1, 0, -1):
            reached[count] = reached[count] | (reached[count - 1] & each)
        reached[0] = reached[0] | each
    return reached[-1]
