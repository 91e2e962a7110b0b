"""One fact that counts twice among the members of an AT LEAST n."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from unmet.check.forced import forced
from unmet.check.pairs import Pairs, Side
from unmet.check.study import Study
from unmet.check.telling import finding, listed, word
from unmet.facts.terms import symbol_of
from unmet.findings import Finding
from unmet.policy import Child
from unmet.results import Kind

SMALL_PART = 4
"""A part of a policy is prepared by itself where the whole holds more than so many times what it does."""


def check(pairs: Pairs) -> Iterator[Finding]:
    """Pairs of members that one finding, or one record, meets at once."""
    study = pairs.study
    for group in study.structure.groups:
        if study.outline.shape(group).kind is not Kind.AT_LEAST or study.structure.is_any(group):
            continue
        members = [c for c in study.structure.literals(group) if not study.is_constant(c)]
        asked = [(a, b) for a, b in combinations(members, 2) if study.concerns(group, a.name, b.name)]
        related = [(a, b) for a, b in asked if study.are_related(a.name, b.name)]
        own = _about(pairs, group) if related else pairs
        for one, other in related:
            yield from _counted_twice(own, group, one, other)


def _about(pairs: Pairs, group: str) -> Pairs:
    """Two worlds of what a group rests on alone, where that is little of the policy: questions then take little."""
    part = pairs.study.part([group])
    return Pairs(part) if SMALL_PART * part.size < pairs.study.size else pairs


def _counted_twice(pairs: Pairs, group: str, one: Child, other: Child) -> Iterator[Finding]:
    study, names = pairs.study, [group, one.name, other.name]
    sides = (
        Side("before", f"neither `{word(one)}` nor `{word(other)}` holds", {c.name: c.negated for c in (one, other)}),
        Side("after", f"both `{word(one)}` and `{word(other)}` hold", {c.name: not c.negated for c in (one, other)}),
    )
    turns = [pairs.met(side, c, bool(side)) for side in (0, 1) for c in (one, other)]
    wanted = [pairs.holds(symbol_of("_one_differs")), *pairs.same_statements(), *turns]
    found, tied = pairs.shown(wanted, "double-counting", names, sides), None
    if found is None and (carried := forced(pairs, one, other)) is not None:
        tied, wanted = carried
        found = pairs.shown(wanted, "double-counting", names, sides)
    if found is None:
        return
    (before, after), cases = found
    changed = {p[1] for p in pairs.pairs if before.cells.get(p) != after.cells.get(p)}
    records = {e.record for e in before.entities ^ after.entities}
    if tied is not None:
        what = f"one finding ({listed([tied[1]])}), with what {_ties(study, tied[1])} make of it,"
    elif records:
        what = f"one further record ({listed(sorted(records))})"
    else:
        what = f"one finding ({listed(sorted(changed))})"
    message = f"`{one.name}` and `{other.name}` count as two of `{group}`, and {what} meets both"
    help = "count it once, or ask for what sets them apart"
    yield finding(study, "double-counting", message, names, help=help, witnesses=cases)


def _ties(study: Study, name: str) -> str:
    """What ties an attribute to others."""
    vocabulary = study.knowledge.vocabulary
    computed, every = vocabulary.moved(name), vocabulary.linked([name])
    if computed == every:
        return "formulas"
    return "declared assumptions" if computed == {name} else "formulas and declared assumptions"
