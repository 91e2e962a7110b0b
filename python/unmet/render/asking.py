"""The words of what is open: answers that settle a pended line, questions, and what each answer would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

from unmet.explanation import Answer, Question
from unmet.render.wording import Names, either, further, measured, subject
from unmet.results import Verdict


@dataclass(frozen=True)
class Choice:
    """A finding with the values of which any one would do; without attribute, whether there is such a record.

    `further` is which one of the records of its kind that the case does not list, 0 for what it knows of.
    """

    entity: str
    attribute: str | None
    label: str
    unit: str
    further: int
    values: tuple[str, ...]

    @property
    def subject(self) -> tuple[str, str | None]:
        """What it is about."""
        return self.entity, self.attribute


def choices(sets: Iterable[Sequence[Answer]]) -> tuple[tuple[Choice, ...], ...]:
    """Sets of answers, those that differ in the value of one finding alone taken together."""
    rows: list[tuple[Choice, ...]] = []
    for answers in sets:
        row = tuple(Choice(a.entity, a.attribute, a.label, a.unit, a.further, (a.value,)) for a in answers)
        while (other := next((r for r in rows if _differ_in_one(r, row) is not None), None)) is not None:
            i = _differ_in_one(other, row)
            assert i is not None
            rows.remove(other)
            both = replace(other[i], values=(*other[i].values, *row[i].values))
            row = (*other[:i], both, *other[i + 1 :])
        rows.append(row)
    return tuple(rows)


def sets_in(row: Sequence[Choice]) -> int:
    """How many sets of answers a row stands for."""
    return prod(len(each.values) for each in row)


def _differ_in_one(one: Sequence[Choice], other: Sequence[Choice]) -> int | None:
    """The only place at which two sets about the same findings differ."""
    if [c.subject for c in one] != [c.subject for c in other]:
        return None
    places = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return places[0] if len(places) == 1 else None


def choice(each: Choice) -> str:
    """One finding with the values that would do."""
    if each.attribute is None:
        some = "no" if each.values == ("none",) else "a"
        return f"{some} {further(each.entity, each.further)}"
    values = either([measured(value, each.unit) for value in each.values])
    return f"{subject(each.entity, each.label, new=each.further)}: {values}"


def together(each: Sequence[Choice]) -> str:
    """Findings that are needed together."""
    return "; and ".join(map(choice, each)) or "nothing more"


def asked(question: Question) -> str:
    """What is asked for."""
    return subject(question.entity, question.label, new=question.further)


def effects(question: Question) -> tuple[tuple[Verdict, str], ...]:
    """What the answers to a question would do: the values that lead to each verdict."""
    by_verdict: dict[Verdict, list[str]] = {}
    for effect in question.effects:
        by_verdict.setdefault(effect.verdict, []).append(measured(effect.value, question.unit))
    return tuple((verdict, either(values)) for verdict, values in by_verdict.items())


def outcome(verdict: Verdict) -> str:
    """What a line would be after an answer."""
    return "still pended" if verdict is Verdict.PENDED else str(verdict)


def undecided(question: Question) -> bool:
    """Whether no answer to a question settles the line by itself."""
    return question.settles == 0


def why_asked(question: Question, names: Names) -> str:
    """Why a question is asked first."""
    if question.settles:
        verb = "settles" if question.settles == 1 else "settle"
        settles = f"{question.settles} of {len(question.effects)} possible answers {verb} the line at once"
    else:
        settles = "no single answer settles the line, and none is less trouble to give"
    read = f"; it bears on {'; '.join(map(names, question.criteria))}" if question.criteria else ""
    return settles + read
