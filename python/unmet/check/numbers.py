"""Checks of numbers and scales: what falls between criteria, what meets two, and the values at each cut point."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby, pairwise

from unmet.check.study import Study
from unmet.check.telling import finding, listed, witness, word
from unmet.check.witness import Proof, named
from unmet.facts.terms import Cell
from unmet.findings import Boundary, Finding
from unmet.policy import Child
from unmet.results import Kind
from unmet.solver import Assumption
from unmet.vocabulary import Type


def check(study: Study) -> Iterator[Finding]:
    """Gaps and overlaps between complementary criteria, and between branches that test one number or scale."""
    for members in complements(study):
        yield from _complementary(study, members)
    for name in study.structure.groups:
        if study.structure.is_any(name):
            yield from _branches(study, name)


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


# -- branches over one number -----------------------------------------------------------------------------------


def _branches(study: Study, name: str) -> Iterator[Finding]:
    if not study.concerns(name, *(c.name for c in study.structure.literals(name))):
        return
    by_attribute: dict[str, list[Child]] = {}
    for branch in study.structure.literals(name):
        if not study.is_constant(branch) and (attribute := tested(study, branch.name)):
            by_attribute.setdefault(attribute, []).append(branch)
    for attribute, branches in by_attribute.items():
        if len(branches) > 1 and study.concerns(name, *(b.name for b in branches)):
            yield from _ranges(study, name, attribute, branches)


def tested(study: Study, name: str) -> str | None:
    """The one number or scale that a leaf, or the NOT of one, tests; None of any other criterion.

    What only says which keyed record is read is not tested; a record that is read by its key is another one.
    """
    while study.outline.shape(name).kind is Kind.NOT:
        (name,) = (child.name for child in study.structure.literals(name))
    if study.outline.shape(name).kind is not Kind.LEAF:
        return None
    rules = [rule for _, rule in study.outline.support(name)]
    vocabulary = study.knowledge.vocabulary
    tied = {each for link in vocabulary.links for each in link}
    read = {a for rule in rules for a in rule.attributes if a not in rule.locators or a in tied}
    if len(read) != 1 or any(rule.listed or rule.named for rule in rules) or read & study.policy.documented:
        return None
    (attribute,) = read
    return attribute if vocabulary.attributes[attribute].type in (Type.NUMBER, Type.SCALE) else None


def everywhere(study: Study, attribute: str, cell: Cell) -> list[Assumption]:
    """That an attribute has a value, of whichever record of its kind."""
    pairs = [p for p in study.domain.pairs if p[1] == attribute]
    return [(study.finding(p, c), False) for p in pairs for c in study.domain.cells[attribute] if c != cell]


def accepted(study: Study, branch: Child, attribute: str) -> list[Cell]:
    """The values with which a branch can hold."""
    holds = study.met(branch.name, not branch.negated)
    return [
        cell
        for cell in study.domain.cells[attribute]
        if study.program.satisfiable([*study.under, holds, *everywhere(study, attribute, cell)])
    ]


def _ranges(study: Study, group: str, attribute: str, branches: list[Child]) -> Iterator[Finding]:
    """Every range of values between those of two branches that none accepts, or that two of them accept."""
    taken = {branch: accepted(study, branch, attribute) for branch in branches}
    names = [branch.name for branch in branches]
    known = {cell for found in taken.values() for cell in found}
    cells = [c for c in study.domain.cells[attribute] if c in known or _is_possible(study, attribute, c)]
    accepting = [{branch for branch, found in taken.items() if cell in found} for cell in cells]
    for first, last in runs([not some for some in accepting]):
        if first == 0 or last == len(cells) - 1 or accepting[first - 1] & accepting[last + 1]:
            continue  # beyond all that is accepted, or what one branch itself leaves out
        value = _range(study, attribute, cells[first], cells[last])
        case = _witness(study, "branch-gap", group, attribute, branches, cells[first], value, met=False)
        message = f"`{attribute}` of {value} lies between the branches of `{group}`, and none accepts it"
        subjects = [group, *names, attribute, value]
        yield finding(
            study, "branch-gap", message, [group, *names],
            help="see whether the gap is meant", witnesses=case, subjects=subjects,
        )  # fmt: skip
    for one, other in combinations(branches, 2):
        if not study.concerns(group, one.name, other.name):
            continue
        if set(taken[one]) <= set(taken[other]) or set(taken[other]) <= set(taken[one]):
            continue  # one implies the other
        for first, last in runs([{one, other} <= some for some in accepting]):
            value = _range(study, attribute, cells[first], cells[last])
            case = _witness(study, "branch-overlap", group, attribute, [one, other], cells[first], value, met=True)
            message = f"`{attribute}` of {value} is accepted by both `{word(one)}` and `{word(other)}`"
            subjects = [group, one.name, other.name, attribute, value]
            yield finding(
                study, "branch-overlap", message, [group, one.name, other.name],
                help="see whether that is meant", witnesses=case, subjects=subjects,
            )  # fmt: skip


def runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """The first and the last place of each longest run of places that are flagged."""
    for flagged, places in groupby(range(len(flags)), key=flags.__getitem__):
        if flagged:
            found = list(places)
            yield found[0], found[-1]


def _is_possible(study: Study, attribute: str, cell: Cell) -> bool:
    """Whether some case has a value: no assumption excludes it."""
    return study.program.satisfiable([*study.under, *everywhere(study, attribute, cell)])


def _witness(
    study: Study, code: str, group: str, attribute: str, branches: list[Child], cell: Cell, value: str, *, met: bool
) -> Proof:
    """The case in which some branches all hold, or none of them, with a value of a range."""
    shown = _range(study, attribute, cell, cell)
    shows = f"{attribute} of {shown}: {listed([word(b) for b in branches])} {'both hold' if met else 'do not hold'}"
    names = [branch.name for branch in branches]
    pairs = [p for p in study.domain.pairs if p[1] == attribute]
    more = everywhere(study, attribute, cell)
    name = named(study, code, group, *(names if met else ()), attribute, value)
    truths = {branch.name: met is not branch.negated for branch in branches}
    return witness(study, name, shows, truths, more=more, kept=pairs[:1])


def _range(study: Study, attribute: str, first: Cell, last: Cell) -> str:
    """From one class of values to another in words: `3 to 4`, `mild`."""
    numeral = study.knowledge.vocabulary.attributes[attribute].numeral
    low = first if isinstance(first, str) else numeral(first[0])
    high = last if isinstance(last, str) else numeral(last[1])
    return low if low == high else f"{low} to {high}"


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
