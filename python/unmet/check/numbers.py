"""Checks of numbers and scales: what falls between criteria, what meets two, and the values at each cut point."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from unmet.check import ranges
from unmet.check.study import Study
from unmet.check.telling import finding, listed, witness
from unmet.check.witness import named
from unmet.facts.terms import Cell
from unmet.findings import Boundary, Finding
from unmet.policy import Child
from unmet.results import Kind


def check(study: Study) -> Iterator[Finding]:
    """Gaps and overlaps between complementary criteria, and between branches that compare one number or scale."""
    for members in complements(study):
        yield from _complementary(study, members)
    yield from ranges.check(study)


def complements(study: Study) -> list[list[str]]:
    """The sets of criteria declared complementary, pairs with a common member together."""
    found: list[list[str]] = []
    for one, other in study.policy.complementary:
        if {one, other} <= set(study.outline.criteria):
            touching = [s for s in found if one in s or other in s]
            found = [s for s in found if s not in touching]
            found.append(list(dict.fromkeys([*(n for s in touching for n in s), one, other])))
    return found


def _complementary(study: Study, members: list[str]) -> Iterator[Finding]:
    if study.concerns(*members) and study.can_hold(*(Child(n, True) for n in members)):
        shows = f"none of {listed(members)} is met"
        case = witness(study, named(study, "gap", *members), shows, dict.fromkeys(members, False))
        message = f"a case can meet none of {listed(members)}, which are declared complementary"
        yield finding(study, "gap", message, members, help="see which of them should take it", witnesses=case)
    for one, other in combinations(members, 2):
        if study.concerns(one, other) and study.can_hold(Child(one), Child(other)):
            shows = f"`{one}` and `{other}` are both met"
            case = witness(study, named(study, "overlap", one, other), shows, {one: True, other: True})
            message = f"a case can meet both `{one}` and `{other}`, which are declared complementary"
            yield finding(study, "overlap", message, [one, other], help="draw the line between them", witnesses=case)


# -- cut points ---------------------------------------------------------------------------------------------------


def boundaries(study: Study) -> Iterator[Boundary]:
    """The values just below and just above each constant that the policy compares a number or scale with.

    Of a number that a formula computes, the nearest ones that it gives.
    """
    readers = _readers(study)
    for name, attribute in study.knowledge.vocabulary.attributes.items():
        for below, above in pairwise(attribute.options):
            if (name, above) in study.policy.steps:
                yield Boundary(name, below, above, readers.get((name, above), ()))
        for cut in sorted(study.policy.cuts.get(name, ())):
            if attribute.low < cut <= attribute.high:
                low, high = _around(study, name, cut)
                if low is not None and high is not None:
                    yield Boundary(name, attribute.numeral(low), attribute.numeral(high), readers.get((name, cut), ()))


def _readers(study: Study) -> dict[tuple[str, str | int], tuple[str, ...]]:
    """The leaves in use that compare a number with a constant, or a scale with a word."""
    found: dict[tuple[str, str | int], tuple[str, ...]] = {}
    for leaf in (n for n in study.outline.criteria if study.outline.shape(n).kind is Kind.LEAF):
        compared: dict[tuple[str, str | int], None] = {}
        for _, rule in study.outline.support(leaf):
            compared |= dict.fromkeys(rule.cuts) | dict.fromkeys(rule.steps)
        for each in compared:
            found[each] = (*found.get(each, ()), leaf)
    return found


def _around(study: Study, name: str, cut: int) -> tuple[int | None, int | None]:
    """The nearest values of a number on both sides of a cut point; None where it has none there."""
    if name not in study.knowledge.vocabulary.formulas:
        return cut - 1, cut
    pair = next((p for p in study.domain.pairs if p[1] == name), None)

    def occurs(cell: Cell) -> bool:
        return pair is not None and study.program.satisfiable([*study.under, (study.finding(pair, cell), True)])

    cells = [c for c in study.domain.cells[name] if not isinstance(c, str)]
    below = next((high for low, high in reversed(cells) if high < cut and occurs((low, high))), None)
    return below, next((low for low, high in cells if low >= cut and occurs((low, high))), None)
