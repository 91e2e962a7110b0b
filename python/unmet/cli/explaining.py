"""Commands that say why: the explanation of a case, and the notice of its determination."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unmet.cli.common import VERDICT_CODES, deliver, load, output_option, printing, readings_option, silence_option

if TYPE_CHECKING:
    from unmet import Explanation, Notice


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--line", metavar="ID", help="One line of the request; all when not given.")
@click.option(
    "--depth",
    type=click.Choice(["leaf", "top"]),
    default="leaf",
    show_default=True,
    help="Explain a denial at the leaves, or at the policy's own summary rows.",
)
@silence_option
@readings_option
@output_option
@printing("text", "json", "html")
def explain(
    case: Path,
    line: str | None,
    depth: str,
    silence: str,
    readings: dict[str, str],
    output: Path | None,
    kb: Path | None,
    format: str,
) -> None:
    """Say of every line why it is decided so, and what would change it.

    \b
    Example:
      unmet explain cases/hip_core_decompression/denied_no_symptoms.yaml
      unmet explain --format html -o why.html CASE.yaml
    """
    base = load(kb)
    answer = base.explain(base.read_case(case), line=line, depth=depth, silence=silence, readings=readings)
    deliver(explanation_as(format, answer), output)
    verdict = answer.lines[0].determination.verdict if line else answer.determination.request.outcome
    sys.exit(VERDICT_CODES[verdict])


def explanation_as(format: str, answer: Explanation) -> Any:
    """An explanation in one of its forms; each form's libraries are imported for it alone."""
    if format == "json":
        from unmet.render import json

        return json.dump(json.explanation(answer))
    if format == "html":
        from unmet.render import html

        return html.explanation(answer)
    from unmet.render import explained

    return explained.explanation(answer)


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--line", metavar="ID", help="One line of the request; all when not given.")
@silence_option
@readings_option
@click.option(
    "--slots", "file", type=click.Path(path_type=Path), metavar="FILE", help="A YAML or JSON file that fills slots."
)
@click.option("--slot", "given", multiple=True, metavar="NAME=TEXT", help="Fill one slot. Repeatable.")
@output_option
@printing("markdown", "html", "json")
def notice(
    case: Path,
    line: str | None,
    silence: str,
    readings: dict[str, str],
    file: Path | None,
    given: tuple[str, ...],
    output: Path | None,
    kb: Path | None,
    format: str,
) -> None:
    """Write the notice of a determination: a draft until the plan fills its slots.

    \b
    Example:
      unmet notice --silence closed CASE.yaml
      unmet notice --slots plan.yaml --slot reviewer_name="A. Reviewer" CASE.yaml
    """
    base = load(kb)
    slots = filled_slots(file, given)
    found = base.notice(base.read_case(case), line=line, silence=silence, readings=readings, slots=slots)
    deliver(notice_as(format, found), output)
    sys.exit(VERDICT_CODES[found.lines[0].verdict if line else found.request.outcome])


def filled_slots(file: Path | None, given: tuple[str, ...]) -> dict[str, str]:
    """The slots of a file, and those of the command line, which win."""
    from unmet import slots

    named: dict[str, str] = {}
    for value in given:
        name, equals, text = value.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"`{value}` is not NAME=TEXT", param_hint="'--slot'")
        slots.check(name, text)
        if named.setdefault(name, text) != text:
            raise click.BadParameter(f"`{name}` is given twice", param_hint="'--slot'")
    return (slots.read(file) if file else {}) | named


def notice_as(format: str, found: Notice) -> str:
    """A notice in one of its forms."""
    if format == "json":
        from unmet.render import json

        return json.dump(json.notice(found))
    if format == "html":
        from unmet.render import html

        return html.notice(found)
    from unmet.render import markdown

    return markdown.notice(found)
