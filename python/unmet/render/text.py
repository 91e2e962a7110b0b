"""Results for people: trees and columns, in colour on a terminal only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from unmet.diagnostics import Diagnostic
from unmet.policy import Outline, Policy, Shape
from unmet.render import nodes, wording
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
from unmet.values import visible

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


class _Visible:
    """What is printed, with the characters of its texts that would act on a terminal made visible."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in console.render(self._renderable, options):
            yield part if part.control else Segment(visible(part.text), part.style)


def show(renderable: RenderableType, file: TextIO | None, *, wrap: bool = True) -> None:
    """Prints: in colour and as wide as the terminal on one, else plain, of fixed width, without trailing blanks.

    Where the stream is closed (None), there is nowhere to print to.
    """
    if file is None:
        return
    terminal = file.isatty()
    console = Console(file=file, width=None if terminal else WIDTH, highlight=False, emoji=False, markup=False)
    if terminal:
        console.print(_Visible(renderable), soft_wrap=not wrap)
        return
    with console.capture() as capture:
        console.print(_Visible(renderable), soft_wrap=not wrap)
    file.write("\n".join(line.rstrip() for line in capture.get().removesuffix("\n").split("\n")) + "\n")


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
    text.rstrip()
    return text


# -- determination --------------------------------------------------------------------------------------------


def determination(answer: Determination) -> RenderableType:
    """The request's outcome, and every line with its tree of criteria."""
    return Group(heading(answer), *(line_of(line, answer.request.silence) for line in answer.lines))


def heading(answer: Determination) -> RenderableType:
    """The request's outcome, and a table of its lines where there are several."""
    request = answer.request
    head = Text.assemble(
        (request.case, "bold"), ": ", (request.outcome.upper(), VERDICT_STYLE[request.outcome]),
        " with silence closed" if request.silence is Silence.CLOSED else "",
    )  # fmt: skip
    parts: list[RenderableType] = [head]
    if len(answer.lines) > 1:
        parts += [Text(""), _overview(answer.lines)]
    return Group(*parts)


def _overview(lines: Sequence[LineDetermination]) -> Table:
    """A row a line: what is asked for, its verdict, and level of care apart."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("line", "code", "levels", "policy", "verdict", "level of care"):
        table.add_column(column, overflow="fold")
    for line in lines:
        care = line.level_of_care
        levels = " ".join(f"{level.level} {level.verdict}" for level in line.levels if level.level)
        verdict = Text(line.verdict, style=VERDICT_STYLE[line.verdict])
        status = Text(care.status, style=STATUS_STYLE[care.status]) if care else Text("")
        table.add_row(line.line, line.code or "", levels, line.policy or "", verdict, status)
    return table


def line_of(line: LineDetermination, silence: Silence) -> RenderableType:
    """One line: what is asked for, its verdict, what is judged apart, its criteria, and notes."""
    parts: list[RenderableType] = [*particulars(line), *trees(line.criteria)]
    for level in line.levels:
        parts += [level_head(level.level, level.verdict), Padding(Group(*trees(level.criteria)), (0, 0, 0, 2))]
    parts += list(notes(line, silence))
    return below_head(line, parts)


def below_head(line: LineDetermination, parts: Sequence[RenderableType]) -> RenderableType:
    """A line's first words, and what belongs to it indented below."""
    asked = wording.asked(line)
    head = Text.assemble("line ", (line.line, "bold"), f", {asked}: ", (line.verdict, VERDICT_STYLE[line.verdict]))
    return Group(Text(""), head, Padding(Group(*parts), (0, 0, 0, 2)))


def level_head(level: str | None, verdict: Verdict) -> Text:
    """A level and its verdict."""
    return Text.assemble((level or "no level named", "bold"), ": ", (verdict, VERDICT_STYLE[verdict]))


def particulars(line: LineDetermination) -> Iterable[RenderableType]:
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


def trees(criteria: Sequence[CriterionStatus], remarks: Mapping[str, str] | None = None) -> list[RenderableType]:
    """Criteria as trees, one for each root, with a remark below those that have one."""
    found: list[RenderableType] = []
    for root in nodes.trees(criteria):
        tree = Tree(_criterion(root.criterion, negated=False), guide_style="dim")
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


# -- policies -------------------------------------------------------------------------------------------------


def policies(found: Iterable[Policy]) -> RenderableType:
    """One row a version."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("policy", "version", "effective", "review due"):
        table.add_column(column, no_wrap=True)
    table.add_column("codes")
    for p in found:
        table.add_row(p.name, p.version, p.effective, p.review_due or "", " ".join(p.covers))
    return table


def outline(policy: Policy, tree: Outline) -> RenderableType:
    """A policy: what it is, its criteria as understood, its readings."""
    facts = [
        ("document", policy.document),
        ("version", f"{policy.version}, in force since {policy.effective}"),
        ("review due", policy.review_due or "not stated"),
        ("codes", " ".join(f"{c} (unlisted)" if c in policy.unlisted else c for c in policy.covers)),
        ("population", " and ".join(policy.population) or "not stated"),
        ("level of care", " or ".join(policy.setting) or "not stated"),
    ]
    if policy.days:
        facts.append(("days of stay", f"{policy.days[0]} to {policy.days[1]}"))
    if policy.per:
        facts.append(("decided per", policy.per))
    parts: list[RenderableType] = [Text.assemble((policy.title, "bold"), f" ({policy.name})")]
    parts += [Text(f"  {label + ':':<15}{value}") for label, value in facts]
    shown: set[str] = set()
    for root in (name for name in tree.criteria if tree.parents[name] is None):
        branch = Tree(_outlined(policy, root, tree.shape(root), negated=False), guide_style="dim")
        _sketch(branch, policy, tree, root, shown)
        parts += [Text(""), branch]
    if policy.readings:
        parts.append(Text("\nreadings", style="bold"))
    for reading in policy.readings.values():
        parts.append(Text(f"  {reading.name}"))
        for option, why in reading.options.items():
            marks = [
                w for w, here in (("default", reading.default), ("chosen", tree.chosen[reading.name])) if here == option
            ]
            mark = f" ({', '.join(marks)})" if marks else ""
            parts.append(Text.assemble("    ", (option, "cyan"), f"{mark}: {why}"))
    return Group(*parts)


def _sketch(branch: Tree, policy: Policy, tree: Outline, name: str, shown: set[str]) -> None:
    if name in shown:
        return
    shown.add(name)
    shape = tree.shape(name)
    if shape.kind is Kind.LEAF:
        attributes = dict.fromkeys(a for _, rule in tree.support(name) for a in rule.attributes)
        branch.add(Text("reads " + ", ".join(attributes) if attributes else "reads nothing", style="cyan"))
    for child in shape.children:
        label = _outlined(policy, child.name, tree.shape(child.name), negated=child.negated)
        _sketch(branch.add(label), policy, tree, child.name, shown)


def _outlined(policy: Policy, name: str, shape: Shape, *, negated: bool) -> Text:
    criterion = policy.criteria[name]
    text = Text("must not hold: " if negated else "", style="bold")
    text.append_text(Text(criterion.text, style="not bold"))
    text.append(f" [{criterion.citation}]", style="not bold dim")
    text.append(f" {name}", style="not bold cyan")
    if words := wording.shape(shape.kind, shape.threshold):
        text.append(f" ({words})", style="not bold italic")
    return text
