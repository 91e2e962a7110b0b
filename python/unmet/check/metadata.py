"""Checks of what a policy says of itself: review, citations, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.findings import Finding
from unmet.policy import Policy


def check(study: Study, versions: Sequence[Policy], day: str) -> Iterator[Finding]:
    """One version of a policy, beside all its versions, on a day (ISO)."""
    policy = study.policy
    due = review_due(policy, versions)
    if policy.review_due is not None and policy.review_due < policy.effective:
        message = f"review is due on {policy.review_due}, before the policy is in force on {policy.effective}"
        yield finding(
            study, "review-before-effective", message, subjects=[policy.name], help="correct one of the dates"
        )
    elif due is not None and due < day:
        message, help = f"review was due on {due}", "see whether the document has a new version"
        yield finding(study, "review-overdue", message, subjects=[policy.name, due], help=help)
    yield from _citations(study)
    yield from _versions(study, versions)


def review_due(policy: Policy, versions: Sequence[Policy]) -> str | None:
    """The date from which the review of a version is overdue, if it can be at all."""
    due, later = policy.review_due, any(p.effective > policy.effective for p in versions)
    return None if due is None or due < policy.effective or later else due


def ordinals(citation: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """A citation as its heading and its ordinals: `Indications 2.b` is ("Indications", (2, b))."""
    match = re.fullmatch(r"(.*?)[\s,]*((?:\d+|[a-zA-Z])(?:\.(?:\d+|[a-zA-Z]))*)?", citation.strip())
    heading, ordinal = (match[1], match[2]) if match else (citation, None)
    if ordinal is not None and not (ordinal[0].isdigit() or "." in ordinal) and heading:
        heading, ordinal = citation.strip(), None
    parts = ordinal.split(".") if ordinal else []
    return heading, tuple((int(p), "") if p.isdigit() else (0, p) for p in parts)


def _citations(study: Study) -> Iterator[Finding]:
    """Within a heading, criteria follow the order of their ordinals, in the order of the file."""
    last: dict[str, tuple[tuple[tuple[int, str], ...], str]] = {}
    for name, criterion in study.policy.criteria.items():
        heading, found = ordinals(criterion.citation)
        if not found:
            continue
        before = last.get(heading)
        if before is not None and found < before[0]:
            message = f"`{name}` cites {criterion.citation}, after `{before[1]}`, which cites a later place"
            yield finding(study, "citation-order", message, [name, before[1]], help="follow the document's own order")
        if before is None or found > before[0]:
            last[heading] = found, name


def _versions(study: Study, versions: Sequence[Policy]) -> Iterator[Finding]:
    policy = study.policy
    number = _number(policy.version)
    if number is None:
        return
    before = [p for p in versions if p.effective < policy.effective]
    previous = _number(before[-1].version) if before else 0
    if previous is None or previous + 1 == number or (not before and number <= 1):
        return
    if number <= previous:
        message = f"version {policy.version} is in force after version {before[-1].version}"
        help = "correct the version or the date"
    elif before:
        message = f"versions between {before[-1].version} and {policy.version} are missing"
        help = "a date of service between them is decided by the older one"
    else:
        message = f"the first version here is {policy.version}, and what was before it is missing"
        help = f"a date of service before {policy.effective} is referred"
    yield finding(study, "version-gap", message, subjects=[policy.name], help=help)


def _number(version: str) -> int | None:
    match = re.fullmatch(r"(\d+)(\.0+)?", version.strip())
    return int(match[1]) if match else None
