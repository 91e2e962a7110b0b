"""The acknowledgements of a knowledge base, held against what a check found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from unmet.diagnostics import nearest
from unmet.findings import ACROSS, Finding
from unmet.policy import Acknowledgement, Policy

STALE = "stale-acknowledgement"


@dataclass(frozen=True, slots=True)
class Known:
    """An acknowledgement, and the policy in whose file it stands; None for the coding file.

    `judged` is whether the check looked for such a finding as it does without options, so that none is left.
    """

    policy: Policy | None
    acknowledgement: Acknowledgement
    judged: bool

    def is_of(self, found: Finding) -> bool:
        """Whether it fits a finding: it has the code, names some of the subjects, and stands where it may."""
        meant = self.acknowledgement
        if meant.code != found.code or not _words(meant.subjects) <= _words(found.subjects):
            return False
        if found.code in ACROSS:
            return True
        return self.policy is not None and (found.policy, found.effective) == (self.policy.name, self.policy.effective)


def sorted_out(known: Iterable[Known], found: Sequence[Finding]) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """The findings that stand, those that are acknowledged, and acknowledgements of none, or of several at once."""
    reasons: dict[int, str] = {}
    left: list[Finding] = []
    for each in known:
        fitting = [i for i, finding in enumerate(found) if each.is_of(finding)]
        exact = [i for i in fitting if _words(found[i].subjects) == _words(each.acknowledgement.subjects)]
        meant = exact or fitting
        if len({_words(found[i].subjects) for i in meant}) > 1:
            left.append(_ambiguous(each, [found[i] for i in meant]))
        elif meant:
            reasons = dict.fromkeys(meant, each.acknowledgement.reason) | reasons
        elif each.judged:
            left.append(_stale(each, found))
    told = [finding for i, finding in enumerate(found) if i not in reasons]
    acknowledged = [replace(found[i], acknowledged=reason) for i, reason in sorted(reasons.items())]
    return told, acknowledged, left


def _words(subjects: Iterable[str]) -> frozenset[str]:
    """Subjects to compare: a condition is the same however it is spaced."""
    return frozenset("".join(each.split()) for each in subjects)


def _ambiguous(known: Known, fitting: Sequence[Finding]) -> Finding:
    message = f"{_called(known.acknowledgement)} is acknowledged, and {len(fitting)} findings are that"
    subjects = ", ".join(_written(each) for each in fitting[0].subjects)
    return _finding(known, message, f'name the one: `acknowledged("{fitting[0].code}", ({subjects}), ...)`')


def _stale(known: Known, found: Iterable[Finding]) -> Finding:
    code, policy = known.acknowledgement.code, known.policy
    help = None
    if policy is None and code not in ACROSS:
        help = "it concerns one policy alone: acknowledge it in that policy's file"
    names = {subject for f in found if f.code == code for subject in f.subjects}
    names |= {policy.name, *policy.criteria, *policy.readings, *policy.attributes} if policy else set()
    for subject in known.acknowledgement.subjects:
        help = help or (nearest(subject, names) if subject not in names else None)
    return _finding(known, f"{_called(known.acknowledgement)} is acknowledged and is not found", help)


def _finding(known: Known, message: str, help: str | None) -> Finding:
    policy = known.policy
    return Finding(
        code=STALE,
        policy=policy.name if policy else None,
        message=message,
        location=known.acknowledgement.span,
        subjects=known.acknowledgement.subjects,
        help=help or "delete the acknowledgement",
        effective=policy.effective if policy else None,
    )


def _called(acknowledgement: Acknowledgement) -> str:
    return f"`{acknowledgement.code}` of {', '.join(f'`{s}`' for s in acknowledgement.subjects)}"


def _written(subject: str) -> str:
    """A subject as a file names it."""
    if subject.isidentifier() and subject[0].islower():
        return subject
    escaped = subject.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
