"""What is provably wrong or doubtful about policies, from their rules alone.

```
study         a policy under one choice of readings, all its worlds prepared
witness       minimal cases from worlds, and their names; telling: from a claim to a finding
approval      can it approve, deny, pend; smallest: the smallest approval
criteria      one by one, and pairs within a group
alternatives  branches of an ANY, bars and their grounds
numbers       gaps, overlaps, cut points
pairs         two worlds that differ in little
counting      one fact that counts twice; forced: by what assumptions make of it
readings      each option against the default
elsewhere     criteria that other readings bring into use
across        several policies together
metadata      review, citations, versions
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from unmet.check import across, alternatives, approval, counting, criteria, elsewhere, metadata, numbers, readings
from unmet.check import pairs as two_worlds
from unmet.check.pairs import Pairs
from unmet.check.smallest import smallest_approval
from unmet.check.study import Study
from unmet.check.witness import distinct
from unmet.errors import RequestError
from unmet.findings import ACROSS, FEW, RANK, Checked, CheckReport, Elsewhere, Finding, Smallest
from unmet.knowledge import Knowledge
from unmet.policy import Acknowledgement, Policy
from unmet.processes import shared
from unmet.values import check_day

_Known = tuple[Policy | None, Acknowledgement]
"""An acknowledgement, and the policy in whose file it stands; None for the coding file."""


def check(
    knowledge: Knowledge,
    names: Sequence[str] = (),
    *,
    day: str,
    chosen: Mapping[str, str] | None = None,
    records: int | None = None,
    few: int = FEW,
    jobs: int = 1,
) -> CheckReport:
    """Checks every version of some policies, or of all.

    Args:
        names: the policies; all, and what concerns several of them, where none is named.
        day: the day (ISO) on which reviews are held to be due.
        chosen: an option for each reading that is not to be taken by default.
        records: how many records of each listed kind a world may hold; by default as many as the rules can tell apart.
        few: approvals that need at most so many stated findings are reported.
        jobs: how many processes work at it; the report does not depend on that.

    Raises:
        RequestError: there is no such policy, day, reading or option; or no such number of records or processes.
    """
    if jobs < 1:
        raise RequestError(f"`{jobs}` is no number of processes")
    if records is not None and records < 0:
        raise RequestError(f"`{records}` is no number of records")
    readings_chosen = dict(chosen or {})
    knowledge.check_readings(readings_chosen)
    check_day(day)
    policies = [p for name in dict.fromkeys(names) or knowledge.names for p in knowledge.versions(name)]
    studies = [_study(knowledge, p, readings_chosen, records) for p in policies]

    def work(piece: int) -> tuple[Checked | None, list[Finding]]:
        """A policy, or, after the last one, what concerns several."""
        if piece == len(studies):
            return None, list(across.check(knowledge, studies))
        study = studies[piece]
        smallest, changes = smallest_approval(study), elsewhere.brought(study)
        return _checked(study, smallest, changes), list(_of_policy(study, smallest, changes, few, day))

    longest = sorted(range(len(studies)), key=lambda i: -studies[i].size)
    parts = shared(work, [*longest, len(studies)], jobs)
    checked = [part for i in range(len(studies)) if (part := parts[i][0]) is not None]
    found = [each for i in range(len(studies) + 1) for each in parts[i][1]]
    if not names:
        found += across.unread(knowledge)
    known: list[_Known] = [(p, a) for p in policies for a in p.acknowledged]
    known += [] if names else [(None, a) for a in knowledge.coding.acknowledged]
    told, acknowledged, stale = _acknowledged(known, distinct(found), stale=not readings_chosen)
    return CheckReport(tuple(checked), tuple(in_order([*told, *stale])), tuple(in_order(acknowledged)))


def _study(knowledge: Knowledge, policy: Policy, chosen: Mapping[str, str], records: int | None) -> Study:
    slots = {} if records is None else dict.fromkeys(knowledge.listed(policy), records)
    return Study(knowledge, policy, knowledge.chosen(policy, chosen), slots)


def _of_policy(
    study: Study, smallest: Smallest | None, changes: Sequence[Elsewhere], few: int, day: str
) -> Iterator[Finding]:
    pairs = Pairs(study)
    yield from approval.check(study, pairs, smallest, few)
    usual = list(_of_criteria(pairs))
    yield from usual
    yield from elsewhere.check(pairs, usual, _of_criteria, changes)
    yield from readings.check(study)
    yield from metadata.check(study, study.knowledge.versions(study.policy.name), day)


def _of_criteria(pairs: Pairs) -> Iterator[Finding]:
    """What is so of criteria, one by one and together, under one choice of readings."""
    yield from criteria.check(pairs.study)
    yield from alternatives.check(pairs.study)
    yield from numbers.check(pairs.study)
    yield from two_worlds.check(pairs)
    yield from counting.check(pairs)


def _checked(study: Study, smallest: Smallest | None, changes: Sequence[Elsewhere]) -> Checked:
    policy, outline = study.policy, study.outline
    known = {name for each in changes for name in each.criteria}
    return Checked(
        policy=policy.name,
        effective=policy.effective,
        readings=dict(study.chosen),
        records=dict(sorted(study.domain.slots.items())),
        criteria=len(outline.criteria),
        elsewhere=tuple(changes),
        unchecked=tuple(n for n in policy.criteria if n not in outline.parents and n not in known),
        smallest=smallest,
        boundaries=tuple(numbers.boundaries(study)),
    )


def _acknowledged(
    known: Iterable[_Known], found: Iterable[Finding], *, stale: bool
) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """The findings that stand, those that are acknowledged, and acknowledgements of what is not there."""
    every, used = list(known), set[Acknowledgement]()
    told: list[Finding] = []
    acknowledged: list[Finding] = []
    for each in found:
        match = next((a for policy, a in every if _speaks_of(policy, a, each)), None)
        if match is None:
            told.append(each)
        else:
            used.add(match)
            acknowledged.append(replace(each, acknowledged=match.reason))
    left = [_stale(policy, a) for policy, a in every if a not in used] if stale else []
    return told, acknowledged, left


def _speaks_of(policy: Policy | None, acknowledgement: Acknowledgement, found: Finding) -> bool:
    """Whether an acknowledgement in a policy, or in the coding file, is of this finding."""
    if acknowledgement.code != found.code or acknowledgement.subject not in found.subjects:
        return False
    if policy is None:
        return found.code in ACROSS
    own = (found.policy, found.effective) == (policy.name, policy.effective)
    return own or (found.code in ACROSS and policy.name in found.subjects)


def _stale(policy: Policy | None, acknowledgement: Acknowledgement) -> Finding:
    code, subject = acknowledgement.code, acknowledgement.subject
    return Finding(
        code="stale-acknowledgement",
        policy=policy.name if policy else None,
        message=f"`{code}` of `{subject}` is acknowledged and is not found",
        location=acknowledgement.span,
        subjects=(subject,),
        help="delete the acknowledgement",
        effective=policy.effective if policy else None,
    )


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """By policy and version, most severe first, then by place."""
    return sorted(
        found, key=lambda f: (f.policy or "~", f.effective or "", RANK[f.severity], f.location, f.code, f.message)
    )
