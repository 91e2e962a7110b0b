"""The denials that explanations are measured on: the largest policy, 1, 5 and 10 leaves unmet that approval needs met.

Everything is documented. A case begins as one that is approved, of whose choices exactly the needed ones are met: one
therapy failed of the four that count, one indication of the ten, worsening pain. Then findings are turned over, each of
which turns one leaf from met to unmet.
"""

from __future__ import annotations

from unmet.case import Case
from unmet.determine.decision import Decision
from unmet.determine.request import decide
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.results import Silence, Status
from unmet.vocabulary import PATIENT, REQUEST, Type

POLICY, CODE = "vertebral_augmentation", "22514"

Stated = dict[str, str | int]

MET: Stated = {
    "fracture_orthosis_failed": "yes",
    "osteoporotic_fracture": "yes",
    "fracture_region": "lumbar",
    "fracture_onset_days": 30,
    "fracture_on_advanced_imaging": "yes",
    "pain_score": 6,
    "optimal_nonsurgical_management": "yes",
    "pain_course": "worsening",
    "height_loss_percent": 20,
    "roland_morris_score": 10,
    "medically_refractory_pain": "yes",
    "pain_reduces_daily_activities": "yes",
    "bone_density_referral": "yes",
    "osteoporosis_education_referral": "yes",
    "osteoporosis_program_referral": "yes",
    "neurologically_intact": "yes",
    "correlating_signs": "yes",
    "coagulopathy": "none",
    "fractures_treated": 1,
}
"""What an approved case states; every other flag is `no`, every evaluation `acceptable`."""

UNMET: Stated = {
    "bone_density_referral": "no",
    "fracture_on_advanced_imaging": "no",
    "fracture_orthosis_failed": "no",
    "medically_refractory_pain": "no",
    "pain_reduces_daily_activities": "no",
    "osteoporosis_education_referral": "no",
    "osteoporosis_program_referral": "no",
    "optimal_nonsurgical_management": "no",
    "pain_course": "stable",
    "pain_score": 4,
}
"""The findings that are turned over, in this order."""

SIZES = (1, 5, 10)


def largest(knowledge: Knowledge) -> Policy:
    """The policy with most criteria in use."""
    policy = max(knowledge.policies, key=lambda p: len(p.outline(p.defaults).criteria))
    assert policy.name == POLICY, f"the largest policy is {policy.name} now: the denials have to be of that one"
    return policy


def documented(knowledge: Knowledge) -> Stated:
    """A statement of every finding that the policy reads, as for approval."""
    attributes = knowledge.vocabulary.attributes
    rest = {n: "no" if attributes[n].type is Type.FLAG else "acceptable" for n in largest(knowledge).attributes}
    return {**rest, **MET}


def denial(knowledge: Knowledge, unmet: int) -> Case:
    """The case in which so many leaves are unmet that approval needs met; with none it is approved."""
    return case_of(knowledge, {**documented(knowledge), **dict(list(UNMET.items())[:unmet])})


def case_of(knowledge: Knowledge, stated: Stated) -> Case:
    """A case of one line that states these findings."""
    attributes = knowledge.vocabulary.attributes
    of = {r: {n: v for n, v in stated.items() if attributes[n].record == r} for r in (PATIENT, REQUEST)}
    line = {"line": "lumbar", "code": CODE}
    request = {"date_of_service": "2024-06-03", "lines": [line], **of[REQUEST]}
    return knowledge.case({"request": request, "patient": {"age": 68, **of[PATIENT]}})


def decided(knowledge: Knowledge, case: Case) -> Decision:
    """The decision of the case's only line."""
    _, lines = decide(knowledge, case, Silence.OPEN, {})
    return lines[0].units[0]


def turned(knowledge: Knowledge, case: Case) -> list[str]:
    """The leaves that are met in the approved case and unmet in this one."""
    before, after = (decided(knowledge, c) for c in (denial(knowledge, 0), case))
    return [n for n in after.leaves if (before.status(n), after.status(n)) == (Status.MET, Status.UNMET)]
