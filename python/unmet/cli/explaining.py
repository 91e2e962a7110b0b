"""Commands that say why: the explanation of a case, and the notice of its determination."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmet.cli.common import VERDICT_CODES, deliver, load, output_option, printing, readings_option, silence_option


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
@printing("text", "json")
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
    from unmet.render import explained, json

    base = load(kb)
    answer = base.explain(base.read_case(case), line=line, depth=depth, silence=silence, readings=readings)
    deliver(json.dump(json.explanation(answer)) if format == "json" else explained.explanation(answer), output)
    verdict = answer.lines[0].determination.verdict if line else answer.determination.request.outcome
    sys.exit(VERDICT_CODES[verdict])
