"""For every unmet group in use: which of its criteria fail, and which smallest sets of them suffice."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from unmet.determine.decision import Decision
from unmet.explanation import GroupNote
from unmet.policy import Shape
from unmet.results import Kind, Status


def explain_groups(decision: Decision) -> tuple[GroupNote, ...]:
    """One note for each unmet group, in the order of the tree."""
    outline, statuses = decision.outline, decision.statuses
    unmet = (name for name in outline.criteria if statuses[name] is Status.UNMET)
    shapes = ((name, outline.shape(name)) for name in unmet)
    return tuple(_note(name, shape, statuses) for name, shape in shapes if shape.kind is not Kind.LEAF)


def _note(name: str, shape: Shape, statuses: Mapping[str, Status]) -> GroupNote:
    stand = [(c.name, statuses[c.name], c.negated) for c in shape.children]
    fail = tuple([n for n, status, negated in stand if status is (Status.MET if negated else Status.UNMET)])
    unknown = {n for n, status, _ in stand if status is Status.UNKNOWN}
    needed = {Kind.ANY: 1, Kind.AT_LEAST: shape.threshold or 1}.get(shape.kind, len(stand))
    settled = len(stand) - len(fail) - len(unknown)
    missing = [n for n, _, _ in stand if n in fail or n in unknown]
    return GroupNote(name, fail, tuple(combinations(missing, max(needed - settled, 0))))
