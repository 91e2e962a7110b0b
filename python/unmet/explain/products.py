"""One alternative of each of several independent parts, in every way, lightest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any, TypeVar

T = TypeVar("T")


def products(factors: Sequence[Sequence[Sequence[T]]], weight: Callable[[Sequence[T]], Any]) -> Iterator[list[T]]:
    """The unions of one alternative of each factor, by weight, without writing all of them out first.

    The weight of a union must not fall where that of an alternative rises.
    """
    ordered = [sorted(f, key=weight) for f in factors]
    if not all(ordered):
        return

    def joined(picks: tuple[int, ...]) -> list[T]:
        return [m for f, i in zip(ordered, picks, strict=True) for m in f[i]]

    start = (0,) * len(ordered)
    heap = [(weight(joined(start)), start)]
    seen = {start}
    while heap:
        _, picks = heappop(heap)
        yield joined(picks)
        for k in range(len(ordered)):
            nearby = (*picks[:k], picks[k] + 1, *picks[k + 1 :])
            if nearby[k] < len(ordered[k]) and nearby not in seen:
                seen.add(nearby)
                heappush(heap, (weight(joined(nearby)), nearby))
