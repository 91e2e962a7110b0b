"""Checks of numbers and scales: what falls between criteria, what meets two, and the values at each cut point."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from unmet.check.study import Study
from unmet.check.telling import finding, listed, witness
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
    for name in study.groups:
        if study.outline.shape(name).kind is Kind.ANY:
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
    if not study.concerns(name, *(c.name for c in study.literals(name))):
        return
    by_attribute: dict[str, list[str]] = {}
    for child in study.literals(name):
        if not child.negated and study.constant(child.name) is None and (attribute := tested(study, child.name)):
            by_attribute.setdefault(attribute, []).append(child.name)
    for attribute, leaves in by_attribute.items():
        if len(leaves) > 1 and study.concerns(name, *leaves):
            yield from _ranges(study, name, attribute, leaves)


def tested(study: Study, leaf: str) -> str | None:
    """The one number or scale that a leaf tests, None where it tests none, or something else besides."""
    if study.outline.shape(leaf).kind is not Kind.LEAF:
        return None
    rules = study.outline.support(leaf)
    read = {a for _, rule in rules for a in rule.attributes} - study.policy.locators
    attributes = study.knowledge.vocabulary.attributes
    if len(read) != 1 or any(rule.listed for _, rule in rules) or read & study.policy.documented:
        return None
    (name,) = read
    one = attributes[name]
    return name if one.type in (Type.NUMBER, Type.SCALE) else None


def everywhere(study: Study, attribute: str, cell: Cell) -> list[Assumption]:
    """That an attribute has a value, of whichever record of its kind."""
    pairs = [p for p in study.domain.pairs if p[1] == attribute]
    return [(study.finding(p, c), False) for p in pairs for c in study.domain.cells[attribute] if c != cell]


def accepted(study: Study, leaf: str, attribute: str) -> list[Cell]:
    """The values with which a leaf can be met."""
    return [
        cell
        for cell in study.domain.cells[attribute]
        if study.program.satisfiable([*study.under, study.met(leaf), *everywhere(study, attribute, cell)])
    ]


def _ranges(study: Study, group: str, attribute: str, leaves: list[str]) -> Iterator[Finding]:
    cells = study.domain.cells[attribute]
    taken = {leaf: accepted(study, leaf, attribute) for leaf in leaves}
    places = {leaf: [cells.index(c) for c in found] for leaf, found in taken.items()}
    every = sorted({i for found in places.values() for i in found})
    between = [i for i in range(every[0], every[-1]) if i not in every] if every else []
    if between and not _inside_one(between, places):
        gap = cells[between[0]]
        case = _witness(study, "branch-gap", group, attribute, leaves, gap, met=False)
        value = _value(study, attribute, gap)
        message = f"`{attribute}` of {value} lies between the branches of `{group}`, and none accepts it"
        yield finding(
            study, "branch-gap", message, [group, *leaves], help="see whether the gap is meant", witnesses=case
        )
    for one, other in combinations(leaves, 2):
        common = [i for i in places[one] if i in places[other]]
        if (
            study.concerns(group, one, other)
            and common
            and set(common) != set(places[one])
            and set(common) != set(places[other])
        ):
            cell = cells[common[0]]
            case = _witness(study, "branch-overlap", group, attribute, [one, other], cell, met=True)
            message = f"`{attribute}` of {_value(study, attribute, cell)} is accepted by both `{one}` and `{other}`"
            yield finding(
                study, "branch-overlap", message, [group, one, other], help="see whether that is meant", witnesses=case
            )


def _inside_one(between: list[int], places: dict[str, list[int]]) -> bool:
    """Whether what is left out lies within what one branch alone leaves out: its own matter."""
    return any(all(found[0] < i < found[-1] for i in between) for found in places.values() if found)


def _witness(study: Study, code: str, group: str, attribute: str, leaves: list[str], cell: Cell, *, met: bool) -> Proof:
    value = _value(study, attribute, cell)
    shows = f"{attribute} of {value}: {listed(leaves)} {'are both met' if met else 'are not met'}"
    pairs = [p for p in study.domain.pairs if p[1] == attribute]
    more = everywhere(study, attribute, cell)
    return witness(study, named(study, code, group), shows, dict.fromkeys(leaves, met), more=more, kept=pairs[:1])


def _value(study: Study, attribute: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    found = study.knowledge.vocabulary.attributes[attribute]
    first, last = found.numeral(cell[0]), found.numeral(cell[1])
    return first if first == last else f"{first} to {last}"


# -- cut points ---------------------------------------------------------------------------------------------------


def boundaries(study: Study) -> Iterator[Boundary]:
    """The values just below and just above each constant that the policy compares a number with."""
    attributes = study.knowledge.vocabulary.attributes
    leaves = [n for n in study.outline.criteria if study.outline.shape(n).kind is Kind.LEAF]
    for name, attribute in attributes.items():
        for cut in sorted(study.policy.cuts.get(name, ())):
            if attribute.low < cut <= attribute.high:
                readers = (n for n in leaves if any(name in r.attributes for _, r in study.outline.support(n)))
                yield Boundary(name, attribute.numeral(cut - 1), attribute.numeral(cut), tuple(readers))
