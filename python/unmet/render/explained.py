"""An explanation for people: below each line's determination, why it is so and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from unmet.explanation import (
    Answer,
    Change,
    Denial,
    Enumeration,
    Example,
    Explanation,
    Feature,
    LineExplanation,
    Opening,
    Question,
    Reason,
    Support,
    UnitExplanation,
)
from unmet.render.text import VERDICT_STYLE, heading, line_of
from unmet.results import Evidence, Verdict

KIND_WORDS = {
    "document": "to be documented",
    "obtain": "to be obtained",
    "treat": "would need treatment",
    "wait": "would need time",
    "clinical": "would have to be so",
}

MOST_SHOWN = 8
"""How many sets of one kind are written out for people; JSON holds all that were found."""


def explanation(answer: Explanation) -> RenderableType:
    """The outcome of the request, and every line determined and explained."""
    silence = answer.determination.request.silence
    lines = [Group(line_of(line.determination, silence), *_line(line)) for line in answer.lines]
    return Group(heading(answer.determination), *lines)


def _line(line: LineExplanation) -> Iterable[RenderableType]:
    for unit in line.units:
        if unit.level is not None:
            yield Text.assemble("  ", (unit.level, "bold"), ": ", (unit.verdict, VERDICT_STYLE[unit.verdict]))
        yield Padding(Group(*_unit(unit)), (0, 0, 0, 4 if unit.level is not None else 2))


def _unit(unit: UnitExplanation) -> Iterable[RenderableType]:
    if unit.denial:
        yield from _denial(unit.denial)
    if unit.opening:
        yield from _opening(unit.opening)
    if unit.support:
        yield from _support(unit.support, unit.verdict)
    if unit.readings:
        for effect in unit.readings:
            chosen = ", ".join(f"{name}={option}" for name, option in effect.readings.items())
            yield Text.assemble(f"under {chosen}: ", (effect.verdict, VERDICT_STYLE[effect.verdict]))
    else:
        yield Text("no reading changes this verdict")


def _title(text: str) -> Text:
    return Text(text, style="bold")


def _found(found: Enumeration, noun: str, shown: int) -> str:
    total = f"{found.total:,}" if found.total is not None else f"more than {found.shown:,}"
    more = f", {shown} shown" if found.total != shown else ""
    return f"{noun} ({total}{more})"


# -- denied ---------------------------------------------------------------------------------------------------


def _denial(denial: Denial) -> Iterable[RenderableType]:
    yield _title(_found(denial.reasons_found, "reasons, each enough by itself", min(len(denial.reasons), MOST_SHOWN)))
    yield from (_reason(reason) for reason in denial.reasons[:MOST_SHOWN])
    if denial.fixes_found.total == 0:
        yield _title("no path to approval under this version")
        if denial.blockers:
            yield Text("  what stands against it and may not change: " + _findings(denial.blockers))
        return
    yield _title(_found(denial.fixes_found, "fixes, one alternative of each group", len(denial.fixes)))
    for number, factor in enumerate(denial.factors, 1):
        for position, changes in enumerate(factor.alternatives[:MOST_SHOWN]):
            yield Text(f"  {number}. " if position == 0 else "     or ")
            yield Padding(Group(*(_change(c) for c in changes)), (0, 0, 0, 5))
        if len(factor.alternatives) > MOST_SHOWN:
            yield Text(f"     and {len(factor.alternatives) - MOST_SHOWN} more alternatives", style="dim")
    yield Text("must fix: " + (", ".join(denial.must_fix) or "nothing in every fix"))
    yield Text("could fix: " + ", ".join(denial.could_fix))


def _reason(reason: Reason) -> Text:
    text = Text("  ")
    text.append(" and ".join(map(_feature, reason.features)) or "the policy approves no case")
    if reason.outcome is not None:
        text.append(f" -> {reason.outcome}", style=VERDICT_STYLE[reason.outcome])
    return text


def _feature(feature: Feature) -> str:
    if feature.status is None:
        return feature.text
    status = f"{feature.status}, not established" if feature.undocumented else feature.status
    return f"{feature.text} [{feature.citation}] is {status}"


def _change(change: Change) -> Text:
    place = f" [{change.citation}]: {change.before} -> {change.after}" if change.citation else ": otherwise than stated"
    text = Text.assemble(f"{change.text}{place}, ", (KIND_WORDS[change.kind], "italic"))
    if change.examples:
        text.append("; for example " + ", ".join(map(_example, change.examples)), style="dim")
    return text


def _example(example: Example) -> str:
    unit = f" {example.unit}" if example.unit else ""
    was = f" (stated {example.was})" if example.was is not None else ""
    new = "a new " if example.new_record else ""
    return f"{new}{example.entity} {example.attribute} = {example.value}{unit}{was}"


# -- pended ---------------------------------------------------------------------------------------------------


def _opening(opening: Opening) -> Iterable[RenderableType]:
    if opening.next_question:
        yield _title("ask first")
        yield _question(opening.next_question)
    others = opening.ask[1:]
    if others:
        yield _title(f"also worth asking ({len(others)})")
        yield from (Text(f"  {q.entity} {q.attribute}: {q.label}") for q in others)
    sides = (
        ("answers that approve", opening.approving, opening.approving_found),
        ("answers that deny", opening.denying, opening.denying_found),
    )
    for noun, sets, found in sides:
        yield _title(_found(found, noun, min(len(sets), MOST_SHOWN)))
        yield from (Text("  " + _answers(s)) for s in sets[:MOST_SHOWN])
    if opening.irrelevant:
        yield Text("cannot matter any more: " + ", ".join(f"{e.entity} {e.attribute}" for e in opening.irrelevant))


def _question(question: Question) -> Text:
    effects = ", ".join(f"{e.value} -> {e.verdict}" for e in question.effects)
    unit = f", {question.unit}" if question.unit else ""
    why = f"{question.settles} of {len(question.effects)} answers settle the line"
    return Text(f"  {question.entity} {question.attribute} ({question.label}{unit}): {effects}; {why}")


def _answers(answers: Sequence[Answer]) -> str:
    return " and ".join(map(_answer, answers)) or "none needed"


def _answer(answer: Answer) -> str:
    if answer.attribute is None:
        return f"no {answer.entity}"
    unit = f" {answer.unit}" if answer.unit else ""
    return f"{answer.entity} {answer.attribute} = {answer.value}{unit}"


# -- approved -------------------------------------------------------------------------------------------------


def _support(support: Support, verdict: Verdict) -> Iterable[RenderableType]:
    noun = f"what carries the verdict {verdict}, each enough by itself"
    yield _title(_found(support.found, noun, min(len(support.sets), MOST_SHOWN)))
    yield from (Text("  " + _findings(s)) for s in support.sets[:MOST_SHOWN])


def _findings(evidence: Sequence[Evidence]) -> str:
    return ", ".join(
        f"{e.entity} {e.attribute} = {e.value}{' (presumed)' if e.origin == 'presumed' else ''}" for e in evidence
    )
