"""Checks of what a policy says of itself: review, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    yield from _versions(study, versions)


def review_due(policy: Policy, versions: Sequence[Policy]) -> str | None:
    """The date from which the review of a version is overdue, if it can be at all."""
    due, later = policy.review_due, any(p.effective > policy.effective for p in versions)
    return None if due is None or due < policy.effective or later else due


def _versions(study: Study, versions: Sequence[Policy]) -> Iterator[Finding]:
    policy = study.policy
    number = _number(policy.version)
    before = [p for p in versions if p.effective < policy.effective]
    previous = _number(before[-1].version) if before else _Number(False, (0,))
    if number is None or previous is None or (before and number.lettered is not previous.lettered):
        return
    if _follows(number, previous) or (not before and number.parts <= (1,)):
        return
    if number.parts <= previous.parts:
        message = f"version {policy.version} is in force after version {before[-1].version}"
        help = "correct the version or the date"
    elif before:
        message = f"versions between {before[-1].version} and {policy.version} are missing"
        help = "a date of service between them is decided by the older one"
    else:
        message = f"the first version here is {policy.version}, and what was before it is missing"
        help = f"a date of service before {policy.effective} is referred"
    yield finding(study, "version-gap", message, subjects=[policy.name], help=help)


@dataclass(frozen=True, slots=True)
class _Number:
    """The number of a version: `1.2` as (1, 2), `1.0` as (1,), `B` as (2,) and lettered."""

    lettered: bool
    parts: tuple[int, ...]


def _number(version: str) -> _Number | None:
    """What a version counts; nothing where it is a name, or a year, between which and the next none need be."""
    text = version.strip()
    if re.match(r"(19|20)\d\d(?!\d)", text):
        return None
    if re.fullmatch("[A-Za-z]", text):
        return _Number(True, (ord(text.lower()) - ord("a") + 1,))
    if not re.fullmatch(r"\d+(\.\d+)*", text):
        return None
    parts = [int(part) for part in text.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return _Number(False, tuple(parts))


def _follows(number: _Number, previous: _Number) -> bool:
    """Whether a version is the next one at some level: after 1.2 come 1.2.1, 1.3 and 2."""
    old = previous.parts + (0,) * (len(number.parts) - len(previous.parts))
    return any(number.parts == (*old[:i], old[i] + 1) for i in range(len(old)))
