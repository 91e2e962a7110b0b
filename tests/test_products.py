"""One alternative of each of several parts, lightest first, against all choices written out and sorted."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from unmet.explain.products import Scale, products

Alternative = tuple[frozenset[str], int]
"""Its members and their burden."""


@st.composite
def parts(draw: st.DrawFn) -> list[list[Alternative]]:
    """Parts that share no member."""
    names = draw(st.permutations("abcdefghijkl"))
    count = draw(st.integers(0, 4))
    mine = [names[3 * i : 3 * i + 3] for i in range(count)]
    alternatives = [st.tuples(st.frozensets(st.sampled_from(each)), st.integers(0, 3)) for each in mine]
    return [draw(st.lists(each, max_size=4)) for each in alternatives]


def weight(chosen: tuple[Alternative, ...]) -> tuple[int, int, list[str]]:
    """How many members, their burden, the members in order."""
    members = [name for names, _ in chosen for name in names]
    return len(members), sum(burden for _, burden in chosen), sorted(members)


@given(parts())
def test_every_choice_comes_once_and_the_lightest_first(factors: list[list[Alternative]]) -> None:
    scale = Scale("abcdefghijkl")
    found = list(products(factors, lambda each: scale.weight(*each)))
    assert [weight(each) for each in found] == sorted(weight(each) for each in product(*factors))
    assert sorted(found, key=repr) == sorted(product(*factors), key=repr)
