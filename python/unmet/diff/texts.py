"""What changed in the text of a policy: its criteria with their rules."""

from __future__ import annotations

from collections.abc import Iterator

from unmet.comparison import Change, CriterionChange, CriterionText
from unmet.diff.judge import Judge
from unmet.source.written import rules_in_force, skeleton


def changed_criteria(old: Judge, new: Judge) -> Iterator[CriterionChange]:
    """The criteria in use on either side that are not the same, in the order of the new side's tree."""
    before, after = (j.policy.outline(j.chosen).criteria for j in (old, new))
    for name in dict.fromkeys([*after, *before]):
        a = _text(old, name) if name in before else None
        b = _text(new, name) if name in after else None
        if changes := tuple(_changed(old, new, name, a, b)):
            yield CriterionChange(name, changes, a, b)


def _changed(
    old: Judge, new: Judge, name: str, before: CriterionText | None, after: CriterionText | None
) -> Iterator[Change]:
    if before is None or after is None:
        yield Change.ADDED if before is None else Change.REMOVED
        return
    if before.text != after.text:
        yield Change.TEXT
    if before.citation != after.citation:
        yield Change.CITATION
    if sorted(before.rules) != sorted(after.rules):
        skeletons = [sorted(map(skeleton, rules_in_force(j.source, name, j.chosen))) for j in (old, new)]
        grouped = any(j.policy.outline(j.chosen).shape(name).children for j in (old, new))
        if skeletons[0] == skeletons[1]:
            yield Change.THRESHOLDS
        else:
            yield Change.STRUCTURE if grouped else Change.RULES


def _text(judge: Judge, name: str) -> CriterionText:
    criterion = judge.policy.criteria[name]
    rules = tuple(map(str, rules_in_force(judge.source, name, judge.chosen)))
    return CriterionText(criterion.text, criterion.citation, str(criterion.span), rules)
