"""The words of an explanation, shared by text, HTML and notice: one sentence part for each value, nothing decided.

"Not documented" is said of what a record does not state; nothing here calls it absent. What a fix would take is worded
as what the policy would need, never as advice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, TypeVar

from unmet.results import CriterionStatus, Evidence, Kind, LineDetermination, Origin, Status

if TYPE_CHECKING:  # a determination is told without them
    from unmet.explanation import (
        Change,
        Enumeration,
        Example,
        Explanation,
        Factor,
        Feature,
        Fix,
        GroupNote,
        ReadingEffect,
        Reason,
        UnitExplanation,
    )

RECOMMENDATION = "a recommendation for review, not a decision and not clinical advice"

KIND_WORDS = {Kind.ALL: "all of", Kind.ANY: "any of", Kind.NOT: "not"}

CHANGE_WORDS: Mapping[str, str] = {
    "document": "would need to be documented",
    "obtain": "would need a test, an image, a report or a further record",
    "treat": "would need a trial of treatment",
    "wait": "would need time to pass",
    "clinical": "would have to be so",
}

PLURALS = {"fix": "fixes", "criterion": "criteria"}

NUMBERS = {1: "one", 2: "two", 3: "three"}

UNSPOKEN = frozenset({"patient", "request"})
"""The records whose findings need no name of the record beside them."""


@dataclass(frozen=True)
class Names:
    """The criteria of one unit by name: what to call them."""

    criteria: Mapping[str, CriterionStatus]

    def __call__(self, name: str) -> str:
        """A criterion with its place in the document; a finding by its own name."""
        found = self.criteria.get(name)
        return f"{found.text} [{found.citation}]" if found else finding_name(name)

    def text(self, name: str) -> str:
        """A criterion without its place."""
        found = self.criteria.get(name)
        return found.text if found else finding_name(name)


def names_of(line: LineDetermination, unit: UnitExplanation) -> Names:
    """What to call the criteria of a line, or of one level of it."""
    return Names({c.criterion: c for c in criteria_of(line, unit)})


def criteria_of(line: LineDetermination, unit: UnitExplanation) -> tuple[CriterionStatus, ...]:
    """The tree that an explanation belongs to."""
    return next((level.criteria for level in line.levels if level.level == unit.level), line.criteria)


# -- values ---------------------------------------------------------------------------------------------------


def spoken(value: str) -> str:
    """A value as people say it: `stage_2` is "stage 2", `5..10` is "5 to 10", `6..` is "at least 6"."""
    closed = re.sub(r"(?<=\w)\.\.(?=-?\w)", " to ", value)
    least = re.sub(r"(\S+)\.\.(?!\S)", r"at least \1", closed)
    return re.sub(r"(?<!\S)\.\.(?=\S)", "at most ", least).replace("_", " ")


def record(entity: str) -> str:
    """A record as people say it: "left hip", "injection 2", "level L2-L3"; empty where it goes without saying."""
    kind, _, key = entity.rstrip(")").partition("(")
    kind, key = kind.replace("_", " "), key.strip('"').replace("_", " ")
    if not key:
        return "" if kind in UNSPOKEN else kind
    return f"{key} {kind}" if key.replace(" ", "").islower() else f"{kind} {key}"


def subject(entity: str, label: str, *, new: int = 0) -> str:
    """What is found, and of which record; a `new` one, numbered from 1, the case does not list."""
    whose = f"a {further(entity, new)}" if new else record(entity)
    return f"{label} ({whose})" if whose else label


def further(entity: str, number: int) -> str:
    """A record that the case does not list, the first or a later one of its kind: "second further injection"."""
    ordinal = {1: "", 2: "second ", 3: "third "}.get(number, f"{number}th ")
    return f"{ordinal}further {entity.partition('(')[0].replace('_', ' ')}"


def finding_name(name: str) -> str:
    """A finding that stands among criteria: `hip(left) arthritis`."""
    entity, _, attribute = name.partition(" ")
    return subject(entity, attribute.replace("_", " ")) if attribute else name


def measured(value: str, unit: str) -> str:
    """A value with its unit."""
    single = value == "1" and unit.isalpha() and unit.endswith("s")
    return f"{spoken(value)} {unit[:-1] if single else unit}".rstrip()


def evidence_value(evidence: Evidence) -> str:
    """What a case says of a finding."""
    if evidence.origin is Origin.UNCLEAR:
        return "documented without a usable value"
    if evidence.value is None:
        return "not documented"
    presumed = ", presumed" if evidence.origin is Origin.PRESUMED else ""
    return measured(evidence.value, evidence.unit) + presumed


def evidence(found: Evidence) -> str:
    """A finding and what the case says of it."""
    return f"{subject(found.entity, found.label)}: {evidence_value(found)}"


def tells(found: Evidence) -> bool:
    """Whether a finding says more than which record is read."""
    return not found.locates or found.value is None


def source(found: Evidence) -> str:
    """Where a finding was read, empty where the case names no source."""
    return ", ".join(filter(None, (found.source, found.date)))


def sentence(text: str) -> str:
    """A text with a capital at its start."""
    return text[:1].upper() + text[1:]


def either(words: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def number_of(number: int, noun: str) -> str:
    """`1 fix`, `6 fixes`, as a summary counts."""
    return f"{number:,} {noun if number == 1 else PLURALS.get(noun, f'{noun}s')}"


def counted(number: int, noun: str) -> str:
    """`one fix`, `6 fixes`, as a sentence counts."""
    return f"one {noun}" if number == 1 else number_of(number, noun)


def how_many(found: Enumeration, noun: str, shown: int) -> str:
    """How many sets there are and how many are shown; an enumeration that stopped early says so."""
    if found.total is None:
        stopped = "the search did not go to its end"
        if not found.shown:
            return f"none found; {stopped}"
        return f"at least {counted(found.shown, noun)}, {shown} shown; {stopped}"
    if found.total == 0:
        return "none"
    return counted(found.total, noun) + (f" in all, {shown} shown" if shown < found.total else "")


def without_reason(found: Enumeration) -> str:
    """What is said where no reason is shown: there is none, or none was found before the search stopped."""
    if found.total is None:
        return "which criteria force it was not searched to its end"
    return "no criterion forces it by itself; it failed for want of what is not documented"


# -- criteria -------------------------------------------------------------------------------------------------


def shape(kind: Kind, threshold: int | None) -> str:
    """How a group reads its parts; empty for a leaf."""
    return f"at least {threshold} of" if kind is Kind.AT_LEAST else KIND_WORDS.get(kind, "")


def standing(criterion: CriterionStatus) -> str:
    """What is to be said beside a status; empty where nothing is."""
    if criterion.undocumented:
        return "not established"
    return "not ruled out" if criterion.status is Status.UNKNOWN and not criterion.needed else ""


def effect(criterion: CriterionStatus) -> Status:
    """A status by what it does: a bar that is met stands in the way like a need that is unmet."""
    opposite = {Status.MET: Status.UNMET, Status.UNMET: Status.MET}
    return criterion.status if criterion.needed else opposite.get(criterion.status, criterion.status)


def part_of(name: str) -> str:
    """The record that a part is about: "injection 1" of `qualifies(injection(1))`."""
    return record(name.partition("(")[2].removesuffix(")"))


def remarks(unit: UnitExplanation, names: Names) -> dict[str, str]:
    """What is said below the unmet groups of a unit, by name."""
    return {note.criterion: remark for note in unit.groups if (remark := group_note(note, names))}


def group_note(note: GroupNote, names: Names) -> str:
    """Which parts of an unmet group fail, and which would suffice; empty for a bar, where unmet stands in no way."""
    group = names.criteria[note.criterion]
    if not group.needed:
        return ""

    def name(part: str) -> str:
        return names.text(part) + (" (must not hold)" if part in group.negated else "")

    among = tuple(dict.fromkeys(n for chosen in note.suffice for n in chosen))
    enough = min((len(chosen) for chosen in note.suffice), default=0)
    many = "all" if enough == len(among) else f"any {NUMBERS.get(enough, enough)}"
    suffices = ""
    if set(among) != set(note.fail):
        suffices = f"what would suffice: {many} of {'; '.join(map(name, among))}"
    elif len(among) > 1:
        suffices = f"{many} of these would have to change"
    fails = "what fails: " + "; ".join(map(name, note.fail)) if note.fail else ""
    return f"{fails} ({suffices})" if fails and suffices else fails or suffices


# -- denied ---------------------------------------------------------------------------------------------------


def feature(each: Feature) -> str:
    """A criterion with its status, or a stated finding."""
    if each.status is None:
        return f"{spoken(each.text)} (as stated)"
    if each.undocumented:
        return f"{each.text} [{each.citation}] is not {'established' if each.status is Status.UNMET else 'ruled out'}"
    return f"{each.text} [{each.citation}] is {each.status}"


def reason(each: Reason) -> str:
    """The features of a reason in one sentence."""
    return "; and ".join(map(feature, each.features)) or "the policy approves no case, whatever is documented"


def change(each: Change) -> str:
    """From which status to which."""
    if each.after is None:
        return f"{spoken(each.text)} (as stated) would have to be otherwise"
    return f"{each.text} [{each.citation}] {before(each)} and would have to be {each.after}"


def before(each: Change) -> str:
    """How the criterion of a change stands now."""
    if each.undocumented:
        return "is not established" if each.before is Status.UNMET else "is not ruled out"
    return f"is {each.before}"


def taking(each: Change) -> str:
    """What a change would take, with concrete findings that would satisfy the policy."""
    shown = "; ".join(map(example, each.examples))
    return CHANGE_WORDS[each.kind] + (f", for example {shown}" if shown else "")


def example(each: Example) -> str:
    """A finding as it could be."""
    was = f", where {measured(each.was, each.unit)} is stated" if each.was is not None else ""
    return f"{subject(each.entity, each.label, new=each.new_record)}: {measured(each.value, each.unit)}{was}"


def still_needed(fix: Fix) -> str:
    """What is said of what a fix leaves open; with a colon at its end where the answers are to be listed."""
    shown, found = len(fix.then_document), fix.then_found
    if not shown and not found.complete:
        return "what would still have to be documented was not searched to its end"
    if not shown:
        return "no answers about what is then open would make sure of approval"
    if fix.then_document == ((),):
        return "after that nothing more would be needed for approval"
    if found.complete:
        return "then still needed for approval" + (", one of these sets:" if shown > 1 else ":")
    of = f" of {found.total}" if found.total is not None else ""
    return f"then still needed for approval, one of these (the {shown} lightest{of} sets):"


# -- sets -----------------------------------------------------------------------------------------------------


T = TypeVar("T")


def shared(sets: Sequence[Sequence[T]]) -> tuple[tuple[T, ...], tuple[tuple[T, ...], ...]]:
    """What several sets have in common, and what each has besides; of one set, all of it and nothing."""
    if not sets:
        return (), ()
    common = tuple(e for e in sets[0] if all(e in each for each in sets))
    return common, tuple(tuple(e for e in each if e not in common) for each in sets)


# -- readings and lines ---------------------------------------------------------------------------------------


def any_of(factor: Factor) -> tuple[int, tuple[Change, ...]] | None:
    """How many of which changes a factor takes, where its alternatives are all choices of so many; None elsewhere.

    Three of five maneuvers are ten alternatives, and one line to read. Single changes are as short as they are.
    """
    changes = {change.criterion: change for alternative in factor.alternatives for change in alternative}
    choices = {frozenset(change.criterion for change in alternative) for alternative in factor.alternatives}
    sizes = {len(choice) for choice in choices}
    number = max(sizes)
    every = len(sizes) == 1 and len(factor.alternatives) == len(choices) == comb(len(changes), number)
    return (number, tuple(changes.values())) if every and 1 < number < len(changes) else None


def no_reading(unit: UnitExplanation) -> str:
    """What is known where no choice of readings was found that changes the verdict."""
    if unit.readings_complete:
        return "no reading changes this verdict"
    return "no reading changes this verdict by itself; there are too many to try them all together"


def reading_effect(effect: ReadingEffect) -> str:
    """The verdict under another choice of readings."""
    chosen = " and ".join(f"{name}={option}" for name, option in effect.readings.items())
    return f"under the reading {chosen} it would be {effect.verdict}"


def title(answer: Explanation) -> str:
    """What a page about an explanation is called."""
    request = answer.determination.request
    return f"{request.case}: {request.outcome}"


def asked(line: LineDetermination) -> str:
    """What a line asks for."""
    return f"code {line.code}" if line.code else f"policy {line.policy or 'unknown'}"


def governed(line: LineDetermination) -> str:
    """The version that governs a line."""
    return f"{line.title} ({line.policy}, version {line.version}, in force since {line.effective})"
