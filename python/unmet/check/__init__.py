"""What is provably wrong or doubtful about policies, from their rules alone.

```
study         a policy under one choice of readings, all its worlds prepared
witness       minimal cases from worlds, and their names; telling: from a claim to a finding
approval      can it approve, deny, pend; conflict: what makes that impossible; smallest: the smallest approval
criteria      one by one, and pairs within a group
alternatives  branches of an ANY, bars and their grounds
numbers       gaps and overlaps of criteria, cut points; ranges: those of branches
pairs         two worlds that differ in little; presuming: in what silence presumes
counting      one fact that counts twice; forced: by what assumptions make of it
readings      each option against the default
elsewhere     criteria that other readings bring into use
across        several policies; versions: when they are in force together; together: approval by two of them
metadata      review, versions; citations: their order
acknowledged  what the knowledge base says of findings that stay
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from unmet.check import (
    across,
    alternatives,
    approval,
    citations,
    counting,
    criteria,
    elsewhere,
    metadata,
    numbers,
    presuming,
    readings,
)
from unmet.check import pairs as two_worlds
from unmet.check.acknowledged import Known, sorted_out
from unmet.check.pairs import Pairs
from unmet.check.smallest import smallest_approval
from unmet.check.study import Study
from unmet.check.witness import distinct
from unmet.diagnostics import did_you_mean
from unmet.errors import RequestError
from unmet.findings import ACROSS, FEW, OF_METADATA, RANK, Checked, CheckReport, Elsewhere, Finding, Smallest
from unmet.knowledge import Knowledge, options_of
from unmet.policy import Acknowledgement, Policy
from unmet.processes import shared
from unmet.values import check_day


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
    switchable = options_of(policies)
    for name, option in readings_chosen.items():
        if name not in switchable:
            message = f"no policy that is checked has the reading `{name}`"
            raise RequestError(message, did_you_mean(name, switchable))
        if option not in switchable[name]:
            message = f"no policy that is checked has the option `{option}` of `{name}`"
            raise RequestError(message, did_you_mean(option, switchable[name]))

    def unasked() -> list[Study]:
        """The policies, of which nothing was asked yet: on what was asked depends which worlds show something."""
        return [_study(knowledge, p, readings_chosen, records) for p in policies]

    studies = unasked()

    def work(piece: int) -> tuple[Checked | None, list[Finding]]:
        """A policy, or, by the number after the last one's, what concerns several."""
        if piece == len(studies):
            return None, list(across.check(knowledge, unasked()))
        study = studies[piece]
        smallest, changes = smallest_approval(study), elsewhere.brought(study)
        return _checked(study, smallest, changes), list(_of_policy(study, smallest, changes, few, day))

    longest = sorted(range(len(studies)), key=lambda i: -studies[i].size)
    parts = shared(work, [len(studies), *longest], jobs)  # what concerns several takes longer than most policies
    checked = [part for i in range(len(studies)) if (part := parts[i][0]) is not None]
    found = [each for i in range(len(studies) + 1) for each in parts[i][1]]
    if not names:
        found += across.unread(knowledge)
    whole = not names and not readings_chosen and records is None
    known = [Known(s.policy, a, _is_judged(s, a, whole, few)) for s in studies for a in s.policy.acknowledged]
    known += [Known(None, a, whole) for a in knowledge.coding.acknowledged]
    told, acknowledged, stale = sorted_out(known, distinct(found))
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
    yield from citations.check(study)


def _of_criteria(pairs: Pairs) -> Iterator[Finding]:
    """What is so of criteria, one by one and together, under one choice of readings."""
    yield from criteria.check(pairs.study)
    yield from alternatives.check(pairs.study)
    yield from numbers.check(pairs.study)
    yield from two_worlds.check(pairs)
    yield from presuming.check(pairs)
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


def _is_judged(study: Study, acknowledgement: Acknowledgement, whole: bool, few: int) -> bool:
    """Whether a policy's acknowledgement of what is not found is stale, or the options alone may be why it is not.

    `whole` is whether all policies were checked together, by default.
    """
    code, policy, knowledge = acknowledgement.code, study.policy, study.knowledge
    if code in ACROSS:
        return whole
    if code == "review-overdue":  # which day it is makes no difference
        due = metadata.review_due(policy, knowledge.versions(policy.name))
        return due is None or not {*acknowledgement.subjects} <= {policy.name, due}
    if code in OF_METADATA:
        return True
    bounded = any(kind in study.records for kind in study.domain.slots)
    usual = study.chosen == knowledge.chosen(policy, {}) and not bounded
    return usual and (code != "small-approval" or few == FEW)


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """By policy and version, most severe first, then by place."""
    return sorted(
        found, key=lambda f: (f.policy or "~", f.effective or "", RANK[f.severity], f.location, f.code, f.message)
    )
