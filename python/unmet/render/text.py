"""Determinations for people: trees and columns, in colour on a terminal only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from unmet.diagnostics import Diagnostic
from unmet.render import drawn, nodes, wording
from unmet.render.drawn import Drawn, Parts, Text, Tree
from unmet.render.nodes import Node
from unmet.results import (
    CriterionStatus,
    Determination,
    Evidence,
    Kind,
    LineDetermination,
    Origin,
    Silence,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 110
"""Columns where no terminal tells."""

MOST_NAMED = 12
"""How many findings one note names."""

STATUS_STYLE = {Status.MET: "green", Status.UNMET: "red", Status.UNKNOWN: "yellow"}

VERDICT_STYLE = {
    Verdict.APPROVED: "bold green",
    Verdict.DENIED: "bold red",
    Verdict.PARTIAL: "bold magenta",
    Verdict.PENDED: "bold yellow",
    Verdict.REFERRED: "bold blue",
    Verdict.BUNDLED: "bold",
    Verdict.MOOT: "bold",
}

COLOURED = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Variables that ask for colours where there is no terminal."""


def show(renderable: Drawn, file: TextIO | None, *, wrap: bool = True) -> None:
    """Prints: in colour and as wide as the terminal on one, else plain, of fixed width, without trailing blanks.

    Where the stream is closed (None), there is nowhere to print to.
    """
    if file is None:
        return
    terminal = file.isatty()
    if not terminal and not any(os.environ.get(name) for name in COLOURED) and _is_unicode(file):
        try:
            lines = [line.rstrip() for line in drawn.lines(renderable, WIDTH if wrap else None)]
        except drawn.NotPlainError:
            pass
        else:
            file.write("\n".join(lines) + "\n")
            return
    from unmet.render.coloured import show

    show(renderable, file, None if terminal else WIDTH, wrap=wrap)


def _is_unicode(file: TextIO) -> bool:
    return (file.encoding or "utf").lower().startswith("utf")


def diagnostics(found: Iterable[Diagnostic]) -> Text:
    """Each problem on its line, with its help below."""
    text = Text()
    for diagnostic in found:
        text.append(f"{diagnostic.location}: ")
        text.append(f"{diagnostic.severity}[{diagnostic.code}]", style="bold red")
        where = f" (at `{diagnostic.path}`)" if diagnostic.path else ""
        text.append(f": {diagnostic.message}{where}\n")
        if diagnostic.help:
            text.append("  help: ", style="bold cyan").append(f"{diagnostic.help}\n")
    return text.stripped()


# -- determination --------------------------------------------------------------------------------------------


def determination(answer: Determination) -> Drawn:
    """The request's outcome, and every line with its tree of criteria."""
    return Parts(heading(answer), *(line_of(line, answer.request.silence) for line in answer.lines))


def heading(answer: Determination) -> Drawn:
    """The request's outcome, and a table of its lines where there are several."""
    request = answer.request
    head = Text.assemble(
        (request.case, "bold"), ": ", (request.outcome.upper(), VERDICT_STYLE[request.outcome]),
        " with silence closed" if request.silence is Silence.CLOSED else "",
    )  # fmt: skip
    parts: list[Drawn] = [head]
    if len(answer.lines) > 1:
        parts += [Text(""), _overview(answer.lines)]
    return Parts(*parts)


def _overview(lines: Sequence[LineDetermination]) -> Table:
    """A row a line: what is asked for, its verdict, and level of care apart."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("line", "code", "levels", "policy", "verdict", "level of care"):
        table.add_column(column, overflow="fold")
    for line in lines:
        care = line.level_of_care
        levels = " ".join(f"{level.level} {level.verdict}" for level in line.levels if level.level)
        verdict = Text(line.verdict, VERDICT_STYLE[line.verdict])
        status = Text(care.status, STATUS_STYLE[care.status]) if care else Text("")
        table.add_row(line.line, line.code or "", levels, line.policy or "", verdict, status)
    return table


def line_of(line: LineDetermination, silence: Silence) -> Drawn:
    """One line: what is asked for, its verdict, what is judged apart, its criteria, and notes."""
    parts: list[Drawn] = [*particulars(line), *trees(line.criteria)]
    for level in line.levels:
        parts += [level_head(level.level, level.verdict), Parts(*trees(level.criteria), by=2)]
    parts += list(notes(line, silence))
    return below_head(line, parts)


def below_head(line: LineDetermination, parts: Sequence[Drawn]) -> Drawn:
    """A line's first words, and what belongs to it indented below."""
    asked = wording.asked(line)
    head = Text.assemble("line ", (line.line, "bold"), f", {asked}: ", (line.verdict, VERDICT_STYLE[line.verdict]))
    return Parts(Text(""), head, Parts(*parts, by=2))


def level_head(level: str | None, verdict: Verdict) -> Text:
    """A level and its verdict."""
    return Text.assemble((level or "no level named", "bold"), ": ", (verdict, VERDICT_STYLE[verdict]))


def particulars(line: LineDetermination) -> Iterable[Drawn]:
    """The policy that governs a line, its cause and warnings, and what is judged apart from necessity."""
    if line.policy:
        yield Text(wording.governed(line))
    if line.cause:
        yield Text(f"because {line.cause.message}")
    yield from (Text(f"warning: {warning}", style="yellow") for warning in line.warnings)
    yield from _apart(line)


def _apart(line: LineDetermination) -> Iterable[Text]:
    """Level of care and population, judged apart from necessity."""
    if care := line.level_of_care:
        requested = care.requested or "not stated"
        yield _status_line(care.status, f"level of care: {requested} requested, {' or '.join(care.allowed)} allowed")
        if days := care.days:
            yield _status_line(
                days.status, f"days of stay: {days.requested or 'not stated'} requested, {days.allowed} set"
            )
    if population := line.population:
        yield _status_line(
            population.status, f"population: the policy speaks of {' and '.join(population.allowed)} patients"
        )


def _status_line(status: Status, text: str) -> Text:
    return Text.assemble((f"{status:<8}", STATUS_STYLE[status]), text)


def trees(criteria: Sequence[CriterionStatus], remarks: Mapping[str, str] | None = None) -> list[Drawn]:
    """Criteria as trees, one for each root, with a remark below those that have one."""
    found: list[Drawn] = []
    for root in nodes.trees(criteria):
        tree = Tree(_criterion(root.criterion, negated=False))
        _grow(tree, root, remarks or {})
        found.append(tree)
    return found


def _grow(tree: Tree, node: Node, remarks: Mapping[str, str]) -> None:
    criterion = node.criterion
    if node.repeated:
        if criterion.children:
            tree.add(Text("as above", style="dim"))
        return
    if criterion.criterion in remarks:
        tree.add(Text(remarks[criterion.criterion], style="dim italic"))
    for evidence in criterion.evidence:
        if wording.tells(evidence):
            tree.add(_evidence(evidence))
    for part in node.parts:
        branch = tree.add(_criterion(part, negated=False))
        for evidence in part.evidence:
            branch.add(_evidence(evidence))
    for child in node.children:
        _grow(tree.add(_criterion(child.criterion, negated=child.negated)), child, remarks)


def _criterion(criterion: CriterionStatus, *, negated: bool) -> Text:
    text = Text.assemble((f"{criterion.status:<8}", STATUS_STYLE[wording.effect(criterion)]))
    if negated:
        text.append("must not hold: ", style="bold")
    text.append(criterion.text)
    text.append(f" [{criterion.citation}]", style="dim")
    if words := wording.shape(criterion.kind, criterion.threshold):
        text.append(f" ({words})", style="italic")
    if criterion.kind is Kind.PART:
        text.append(f" {criterion.criterion}", style="dim")
    if words := wording.standing(criterion):
        text.append(f" {words}", style="red" if criterion.undocumented else "yellow")
    return text


def _evidence(evidence: Evidence) -> Text:
    said = {
        Origin.SILENT: "not documented",
        Origin.UNCLEAR: "documented without a usable value",
        Origin.PRESUMED: f"{evidence.value}, presumed",
    }.get(evidence.origin, evidence.value or "")
    unit = f" {evidence.unit}" if evidence.unit and evidence.value else ""
    source = ", ".join(filter(None, (evidence.source, evidence.date)))
    quote = f': "{evidence.quote}"' if evidence.quote else ""
    known = evidence.origin in (Origin.STATED, Origin.DERIVED, Origin.UNCLEAR) and (source or quote)
    return Text.assemble(
        (f"{evidence.entity} {evidence.attribute}", "cyan"),
        f" = {said}{unit}",
        (f" ({source}{quote})" if known else "", "dim"),
    )


def notes(line: LineDetermination, silence: Silence) -> Iterable[Text]:
    """What a line presumes, lacks and reads its policy by."""
    if applied := [p for p in line.presumed if p.applied]:
        yield Text("presumed: " + ", ".join(f"{p.entity} {p.attribute} = {p.value}" for p in applied))
    if line.missing:
        closed = silence is Silence.CLOSED and line.verdict is Verdict.DENIED
        word = "failed for want of" if closed else "not documented"
        named = [f"{e.entity} {e.attribute}" for e in line.missing]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        yield Text(f"{word}: " + ", ".join(named[:MOST_NAMED]) + more)
    if line.readings:
        yield Text("readings: " + ", ".join(f"{name}={option}" for name, option in line.readings.items()))
