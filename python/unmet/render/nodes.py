"""The criteria of a unit as trees: what stands below what, and what has been shown already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unmet.results import CriterionStatus, Kind


@dataclass(frozen=True)
class Node:
    """A criterion at one place of a tree; `repeated` where it stands in full at an earlier place."""

    criterion: CriterionStatus
    negated: bool
    repeated: bool
    parts: tuple[CriterionStatus, ...]
    children: tuple[Node, ...]


def trees(criteria: Sequence[CriterionStatus]) -> tuple[Node, ...]:
    """One tree for each root, in order; a criterion that several groups read is unfolded the first time only."""
    by_name = {c.criterion: c for c in criteria if c.kind is not Kind.PART}
    parts: dict[str, list[CriterionStatus]] = {}
    for each in criteria:
        if each.kind is Kind.PART and each.parent:
            parts.setdefault(each.parent, []).append(each)
    shown: set[str] = set()

    def node(criterion: CriterionStatus, negated: bool) -> Node:
        name = criterion.criterion
        if name in shown:
            return Node(criterion, negated, True, (), ())
        shown.add(name)
        children = tuple(node(by_name[child], child in criterion.negated) for child in criterion.children)
        return Node(criterion, negated, False, tuple(parts.get(name, ())), children)

    return tuple(node(each, False) for each in by_name.values() if each.parent is None)
