"""Commands about cases: decide them, write their facts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unmet.cli.common import (
    FAILURE,
    VERDICT_CODES,
    common,
    complain,
    draft_option,
    load,
    readings_option,
    say,
    silence_option,
)

if TYPE_CHECKING:
    from unmet.errors import CaseError
    from unmet.results import Determination


@click.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASE...", type=click.Path(path_type=Path))
@silence_option
@readings_option
@draft_option
@common
def determine(
    cases: tuple[Path, ...],
    silence: str,
    readings: dict[str, str],
    draft: Path | None,
    kb: Path | None,
    format: str,
) -> None:
    """Decide every line of one or more cases.

    \b
    Example:
      unmet determine cases/hip_core_decompression/denied_age_fifty.yaml
      unmet determine --silence closed --reading page_break=inner CASE.yaml
    """
    from unmet.errors import CaseError

    base, codes, told = load(kb, draft), [0], []
    for path in cases:
        try:
            answer = base.determine(base.read_case(path), silence=silence, readings=readings)
        except CaseError as error:
            codes.append(FAILURE)
            told.append(_refused(path, error, format))
        else:
            codes.append(VERDICT_CODES[answer.request.outcome])
            told.append(_decided(answer, format))
    if format == "json":
        from unmet.render import json

        say(json.dump(told[0] if len(cases) == 1 else told))
    sys.exit(FAILURE if FAILURE in codes else max(codes))


def _refused(path: Path, error: CaseError, format: str) -> dict[str, Any]:
    """Tells why a case is refused, at once as text, or as data."""
    if format == "text":
        complain(error, format)
        return {}
    from unmet.render import json

    return {"case": str(path), **json.diagnostics(error.diagnostics)}


def _decided(answer: Determination, format: str) -> dict[str, Any]:
    """Tells an answer, at once as text, or as data."""
    if format == "text":
        from unmet.render import text

        say(text.determination(answer))
        return {}
    from unmet.render import json

    return json.determination(answer)


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--line", metavar="ID", help="One line of the request; its first when not given.")
@click.option("--level", metavar="LEVEL", help="One level of the line; its first when not given.")
@click.option("--files", is_flag=True, help="Print the files to run the facts with, instead of the facts.")
@readings_option
@common
def facts(
    case: Path, line: str | None, level: str | None, files: bool, readings: dict[str, str], kb: Path | None, format: str
) -> None:
    """Print a line's facts as ASP text, so that plain clingo can decide it.

    \b
    Example:
      unmet facts CASE.yaml > facts.lp
      clingo facts.lp $(unmet facts CASE.yaml --files) --enum-mode=cautious
    """
    from unmet.render import json

    base = load(kb)
    every = base.facts(base.read_case(case), line=line, readings=readings)
    found = [p for p in every if level in (None, p.level)]
    if not found:
        raise click.UsageError(f"the line names no level `{level}`")
    if format == "json":
        return say(json.dump(json.facts(found)))
    if not found[0].files:
        click.echo(f"no version governs the line `{found[0].line}`; `unmet determine` says why", err=True)
        sys.exit(FAILURE)
    return say("\n".join(map(str, found[0].files if files else found[0].facts)))
