"""One alternative of each of several independent parts, in every way, lightest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any, TypeVar

T = TypeVar("T")


def products(factors: Sequence[Sequence[Sequence[T]]], weight: Callable[[Sequence[T]], Any]) -> Iterator[list[T]]:
    """The unions of one alternative of each factor, by weight, without writing all of them out first.

    Args:
        factors: the alternatives of each part, lightest first.
        weight: it must not fall for a union where it rises for an alternative.
    """
    if not all(factors):
        return

    def joined(picks: tuple[int, ...]) -> list[T]:
        return [m for f, i in zip(factors, picks, strict=True) for m in f[i]]

    start = (0,) * len(factors)
    heap = [(weight(joined(start)), start)]
    seen = {start}
    while heap:
        _, picks = heappop(heap)
        yield joined(picks)
        for k in range(len(factors)):
            nearby = (*picks[:k], picks[k] + 1, *picks[k + 1 :])
            if nearby[k] < len(factors[k]) and nearby not in seen:
                seen.add(nearby)
                heappush(heap, (weight(joined(nearby)), nearby))
