"""A comparison of two sides of a policy, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from unmet.comparison import (
    Affected,
    Change,
    Comparison,
    CriterionChange,
    Declared,
    Difference,
    Flip,
    Impact,
    Relation,
    Side,
)
from unmet.document import write
from unmet.render.wording import number_of

RELATIONS = {
    Relation.EQUIVALENT: "the same",
    Relation.STRICTER: "stricter",
    Relation.LOOSER: "looser",
    Relation.INCOMPARABLE: "incomparable: stricter for some, looser for others",
}


def as_text(found: Comparison) -> RenderableType:
    """Both sides, the relation of their outcomes, what changed, a case for each difference, and the impact."""
    parts: list[RenderableType] = [one_side("old", found.old), one_side("new", found.new), Text("")]
    if found.is_equivalent:
        parts.append(Text("equivalent: no line is answered otherwise", style="bold green"))
    elif found.decides_alike:
        parts.append(Text("decided alike on the criteria; what is declared beside them answers lines otherwise"))
    parts.append(Text("on the criteria, of a line that the policy governs:", style="dim"))
    for outcome, relation in (
        ("approval", found.approval), ("denial", found.denial), ("referral", found.referral)
    ):  # fmt: skip
        parts.append(Text.assemble((f"{outcome:<10}", "bold"), RELATIONS[relation]))
    if found.records:
        held = ", ".join(number_of(n, f"{kind} record") for kind, n in found.records.items())
        parts.append(Text(f"over all worlds of at most {held}, which tell what any number tells", style="dim"))
    if found.declared:
        parts += [Text("\ndeclared otherwise", style="bold"), *(_declared(each) for each in found.declared)]
    if found.changes:
        parts += [Text("\nchanged criteria", style="bold"), *(_change(c) for c in found.changes)]
    for i, difference in enumerate(found.differences, 1):
        parts += [Text(f"\ndifference {i}", style="bold"), *_difference(difference)]
    if found.impact is not None:
        parts += [Text("\nimpact", style="bold"), *_impact(found.impact)]
    return Group(*parts)


def one_side(name: str, side: Side) -> Text:
    """A version and its readings, after what it is called."""
    readings = ", ".join(f"{reading}={option}" for reading, option in side.readings.items())
    text = Text.assemble((f"{name}: ", "bold"), f"{side.policy}, version {side.version} of {side.effective}")
    return text.append(f" ({readings})") if readings else text


def _declared(each: Declared) -> RenderableType:
    lines = [Text.assemble("  ", (each.name, "cyan"))]
    for mark, style, words, place in (("-", "red", each.old, each.old_place), ("+", "green", each.new, each.new_place)):
        if words:
            lines.append(Text(f"    {mark} {', '.join(words)}  ({place})", style=style))
    return Group(*lines, *(part for kind in each.lines for part in _affected(kind)))


def _affected(kind: Affected) -> Iterable[RenderableType]:
    """The sentence, what the sides answer, and the case."""
    yield Text(f"    {kind.sentence}")
    if kind.old is None or kind.new is None or kind.new_case is None:
        return
    yield Text(f"      by the old side: {_answered(kind.old)}; by the new: {_answered(kind.new)}")
    yield Padding(Text(write(_as_stated(kind.new_case)).rstrip()), (0, 0, 0, 8))
    if not kind.exact:
        yield Text("      no statement of it can be left out; another case may state fewer findings")


def _answered(answer: dict[str, Any]) -> str:
    """What is expected of a line, in a few words."""
    levels = [f"{level} {each['verdict']}" for level, each in answer.get("levels", {}).items()]
    words = [f"{name} {value}" for name, value in answer.items() if name != "levels"]
    return ", ".join([*words, *levels]).replace("_", " ")


def _change(change: CriterionChange) -> RenderableType:
    names = ", ".join(change.changes)
    lines = [Text.assemble("  ", (change.criterion, "cyan"), f": {names}")]
    for mark, style, side, other in (("-", "red", change.old, change.new), ("+", "green", change.new, change.old)):
        if side is None:
            continue
        if Change.TEXT in change.changes or Change.CITATION in change.changes:
            lines.append(Text(f"    {mark} {side.text} [{side.citation}]", style=style))
        if not {Change.TEXT, Change.CITATION} >= set(change.changes):
            lines += [
                Text(f"    {mark} {rule}", style=style)
                for rule in side.rules
                if other is None or rule not in other.rules
            ]
    return Group(*lines)


def _difference(difference: Difference) -> Iterable[RenderableType]:
    begins = ", ".join(difference.criteria) or "the roots"
    yield Text(f"  {difference.old} by the old side, {difference.new} by the new; it begins in {begins}")
    if difference.new_case is None:
        yield Text("  no case shows it by itself: it rests on a value that the record does not state")
        return
    yield Padding(Text(write(_as_stated(difference.new_case)).rstrip()), (0, 0, 0, 4))
    if not difference.exact:
        yield Text("  no statement of it can be left out; another case may state fewer findings")


def _as_stated(case: dict[str, Any]) -> dict[str, Any]:
    """A case without its title and what it expects."""
    return {key: value for key, value in case.items() if key not in ("title", "expect")}


def _impact(impact: Impact) -> Iterable[RenderableType]:
    told = f"  {impact.flipped} of {number_of(impact.lines, 'line')} in {number_of(impact.cases, 'case')} flip"
    if impact.for_another_cause:
        told += f"; {impact.for_another_cause} more only in the cause of the verdict"
    yield Text(told)
    if impact.flips:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for column in ("case", "line", "level", "answer", "old", "new"):
            table.add_column(column, overflow="fold")
        for flip in impact.flips:
            table.add_row(*_flip(flip))
        yield Padding(table, (0, 0, 0, 2))


def _flip(flip: Flip) -> tuple[str, ...]:
    answer = flip.answer.replace("_", " ")
    return flip.case, flip.line, flip.level or "", answer, flip.old or "not said", flip.new or "not said"


def replayed(found: Comparison, folder: Path, kb: Path | None) -> RenderableType:
    """How the case files of a folder replay: those of a draft where the knowledge base also holds it."""
    of_base = f" --kb {kb}" if kb else ""
    sides = (("old", found.old), ("new", found.new))
    commands = [
        f"  unmet test {folder}/*_{name}.yaml" + (f" --draft {side.file}" if side.is_draft else "") + of_base
        for name, side in sides
    ]
    return Text("\n".join(["", "replay with", *commands]))


def as_json(found: Comparison) -> dict[str, Any]:
    """The dataclasses of `unmet.comparison`, field by field."""
    return {"equivalent": found.is_equivalent, **asdict(found)}


def witness_files(found: Comparison) -> dict[str, str]:
    """A case file for each side of each difference and kind of line, by name: they replay with `unmet test`."""
    files: dict[str, str] = {}
    for each in found.declared:
        for i, kind in enumerate(each.lines, 1):
            for name, case in (("old", kind.old_case), ("new", kind.new_case)):
                if case is not None:
                    files[f"{each.name}_{i}_{name}.yaml"] = write(case)
    for i, difference in enumerate(found.differences, 1):
        begins = "_".join(difference.criteria[:2]) or "roots"
        sides = ("old", difference.old, difference.old_case), ("new", difference.new, difference.new_case)
        for name, verdict, case in sides:
            if case is not None:
                files[f"{verdict}_{i}_{begins}_{name}.yaml"] = write(case)
    return files
