"""One alternative of each of several independent parts, in every way, lightest first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import TypeVar

T = TypeVar("T")

BITS_OF_BURDEN = 32


class Scale:
    """Weighs sets: fewest members first, then least burden, then those that hold the first members.

    A weight is one number, and the weight of several sets that have no member in common is the sum of theirs. Of two
    sets with as many members and the same burden that one comes first, which holds the first of the members that are
    not in both: each member is a bit, the first the highest, which counts against the weight.
    """

    def __init__(self, order: Iterable[Hashable]) -> None:
        self._members = list(order)
        self._bits = {member: 1 << i for i, member in enumerate(reversed(self._members))}

    def beside(self, more: Iterable[Hashable]) -> Scale:
        """The scale for more members, which come last."""
        members = list(more)
        return Scale([*self._members, *members]) if members else self

    def weight(self, members: Iterable[Hashable], burden: int = 0) -> int:
        """The weight of a set."""
        bits = [self._bits[member] for member in members]
        return ((len(bits) << BITS_OF_BURDEN) + burden << len(self._bits)) - sum(bits)


def products(factors: Sequence[Sequence[T]], weigh: Callable[[T], int]) -> Iterator[tuple[T, ...]]:
    """One alternative of each factor, the lightest first, without writing all of them out first."""
    ranked = [sorted(each, key=weigh) if len(each) > 1 else each for each in factors]
    weights = [[weigh(a) for a in each] if len(each) > 1 else [0] * len(each) for each in ranked]
    for picks in _lightest(weights):
        yield tuple([each[i] for each, i in zip(ranked, picks, strict=True)])


def _lightest(weights: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """The positions in each of several rising lists of numbers, by the sum of what is there.

    From each choice the next ones are made by going on in one list: in the last one that is not at its start, or in
    one behind it. So each choice is made once.
    """
    if not all(weights):
        return
    several = [k for k, each in enumerate(weights) if len(each) > 1]
    heap = [(sum(each[0] for each in weights), (0,) * len(weights))]
    while heap:
        weight, picks = heappop(heap)
        yield picks
        for k in reversed(several):
            i = picks[k]
            if i + 1 < len(weights[k]):
                further = weight + weights[k][i + 1] - weights[k][i]
                heappush(heap, (further, (*picks[:k], i + 1, *picks[k + 1 :])))
            if i:
                break
