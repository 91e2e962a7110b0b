"""What is judged apart from necessity: level of care, days of stay, population; and the warnings of a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unmet.case import Scene
from unmet.determine.decision import Decision
from unmet.policy import Policy
from unmet.results import Days, LevelOfCare, Population, Status
from unmet.values import Values
from unmet.vocabulary import ADULT_AGE, AGE, DAYS, PATIENT, SETTING, Entity, Mode, Vocabulary


def level_of_care(policy: Policy, scene: Scene, vocabulary: Vocabulary) -> LevelOfCare | None:
    """The setting asked for against those allowed; None for a policy that says nothing of it."""
    if not policy.setting and policy.days is None:
        return None
    statement = scene.of_request(SETTING)
    words = statement.values.words if statement and statement.values else ()
    options = vocabulary.attributes[SETTING].options if SETTING in vocabulary.attributes else ()
    status = _inside(words or options, policy.setting or options)
    return LevelOfCare(" or ".join(words) or None, policy.setting, status, _days(policy, scene, vocabulary))


def _days(policy: Policy, scene: Scene, vocabulary: Vocabulary) -> Days | None:
    """The days of stay asked for against those the policy sets; None for a policy that sets none."""
    if policy.days is None or DAYS not in vocabulary.attributes:
        return None
    attribute = vocabulary.attributes[DAYS]
    statement = scene.of_request(DAYS)
    values = statement.values if statement and statement.values else None
    asked = values or attribute.everything()
    within = Values(intervals=((attribute.low, policy.days[1]),))
    status = (
        Status.MET if asked.within(within) else Status.UNKNOWN if asked.meets(within.intervals[0]) else Status.UNMET
    )
    return Days(attribute.format(values) if values else None, f"{policy.days[0]} to {policy.days[1]}", status)


def _inside(words: tuple[str, ...], allowed: tuple[str, ...]) -> Status:
    """Whether all, none or some of the possible words are allowed."""
    inside = [word in allowed for word in words]
    return Status.MET if all(inside) else Status.UNKNOWN if any(inside) else Status.UNMET


def population(policy: Policy, scene: Scene, vocabulary: Vocabulary) -> Population | None:
    """Whether the patient's age is one the policy speaks of; None for a policy that says nothing of it."""
    if not policy.population or AGE not in vocabulary.attributes:
        return None
    attribute = vocabulary.attributes[AGE]
    statement = scene.statements.get((Entity(PATIENT), AGE))
    values = statement.values if statement and statement.values else attribute.everything()
    groups = [("pediatric", (attribute.low, ADULT_AGE - 1)), ("adult", (ADULT_AGE, attribute.high))]
    possible = [name in policy.population for name, ages in groups if values.meets(ages)]
    status = Status.MET if all(possible) else Status.UNKNOWN if any(possible) else Status.UNMET
    return Population(policy.population, status)


def warnings(policy: Policy, scene: Scene, decisions: Sequence[Decision]) -> Iterator[str]:
    """What a reader should know beside the answer."""
    day = scene.date_of_service()
    if policy.review_due and day and day > policy.review_due:
        yield f"the review of this policy was due on {policy.review_due}, before the date of service {day}"
    for presumption in (p for decision in decisions for p in decision.presumed if not p.applied):
        yield f"`{presumption.attribute}` of {presumption.entity} is not presumed: the case rules it out"
    if decisions:
        yield from _mismatches(scene, decisions)


def _mismatches(scene: Scene, decisions: Sequence[Decision]) -> Iterator[str]:
    """What is silent of the entry a line asks about (this hip) and stated of another one (the other hip)."""
    records = decisions[0].knowledge.vocabulary.records
    keyed = {pair for d in decisions for pair in d.basis.read if records[pair[0].record].mode is Mode.KEYED}
    for kind in (r.name for r in records.values() if r.mode is Mode.KEYED):
        read = {pair for pair in keyed if pair[0].record == kind}
        asked = {entity for entity, _ in read}
        others = [e for key in records[kind].keys if (e := Entity(kind, key)) not in asked]
        silent = sorted({name for e, name in read if (e, name) not in scene.statements})
        for other in others:
            stated = [name for name in silent if (other, name) in scene.statements]
            if stated:
                about = " and ".join(sorted(map(str, asked)))
                yield f"this line is about {about}, and {', '.join(stated)} is stated of {other} only"
