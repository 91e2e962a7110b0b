"""Versions of several policies: on which days they are in force together, and what they are called."""

from __future__ import annotations

from datetime import date, timedelta

from unmet.check.study import Study
from unmet.findings import Version

NEVER = "9999-12-31"


def meet(one: Study, other: Study) -> bool:
    """Whether these are versions of two policies that are in force on a common day."""
    apart = one.policy.name != other.policy.name
    return apart and one.policy.effective < _end(other) and other.policy.effective < _end(one)


def days(one: Study, other: Study) -> str:
    """On which days both of two versions that meet are in force: `from 2026-01-01 to 2026-02-28`."""
    first, end = max(one.policy.effective, other.policy.effective), min(_end(one), _end(other))
    if end == NEVER:
        return f"from {first} on"
    last = (date.fromisoformat(end) - timedelta(days=1)).isoformat()
    return f"on {first}" if first == last else f"from {first} to {last}"


def _end(study: Study) -> str:
    """The day from which a later version is in force."""
    later = (p.effective for p in study.knowledge.versions(study.policy.name) if p.effective > study.policy.effective)
    return min(later, default=NEVER)


def version_of(study: Study) -> Version:
    """A version as a finding about several policies names it."""
    return Version(study.policy.name, study.policy.effective, study.policy.span)


def called(study: Study) -> str:
    """A policy by its name; with the date of the version where there are several."""
    policy = study.policy
    version = f" of {policy.effective}" if len(study.knowledge.versions(policy.name)) > 1 else ""
    return f"`{policy.name}`{version}"
