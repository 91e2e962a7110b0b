"""For every unmet group in use: which of its criteria fail, and which smallest sets of them suffice."""

from __future__ import annotations

from itertools import combinations

from unmet.determine.decision import Decision
from unmet.explanation import GroupNote
from unmet.results import Kind, Status


def explain_groups(decision: Decision) -> tuple[GroupNote, ...]:
    """One note for each unmet group, in the order of the tree."""
    outline = decision.outline
    return tuple(
        _note(decision, name)
        for name in outline.criteria
        if outline.shape(name).kind is not Kind.LEAF and decision.status(name) is Status.UNMET
    )


def _note(decision: Decision, name: str) -> GroupNote:
    shape = decision.outline.shape(name)
    wrong = {True: Status.MET, False: Status.UNMET}
    fail = tuple(c.name for c in shape.children if decision.status(c.name) is wrong[c.negated])
    needed = {Kind.ANY: 1, Kind.AT_LEAST: shape.threshold or 1}.get(shape.kind, len(shape.children))
    holding = [c.name for c in shape.children if c.name not in fail]
    settled = sum(decision.status(n) is not Status.UNKNOWN for n in holding)
    missing = [c.name for c in shape.children if c.name in fail or decision.status(c.name) is Status.UNKNOWN]
    return GroupNote(name, fail, tuple(combinations(missing, max(needed - settled, 0))))
