"""Commands about cases: decide them, write their facts, hold them against what they expect."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmet.cli.common import (
    FAILED_EXPECTATIONS,
    FAILURE,
    VERDICT_CODES,
    common,
    complain,
    load,
    readings_option,
    say,
    silence_option,
)

if TYPE_CHECKING:
    from unmet.diagnostics import Diagnostic
    from unmet.results import Mismatch


@click.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASE...", type=click.Path(path_type=Path))
@silence_option
@readings_option
@common
def determine(cases: tuple[Path, ...], silence: str, readings: dict[str, str], kb: Path | None, format: str) -> None:
    """Decide every line of one or more cases.

    \b
    Example:
      unmet determine cases/hip_core_decompression/denied_age_fifty.yaml
      unmet determine --silence closed --reading page_break=inner CASE.yaml
    """
    from unmet.errors import CaseError
    from unmet.render import json, text

    base, codes, answers = load(kb), [0], []
    for path in cases:
        try:
            answer = base.determine(base.read_case(path), silence=silence, readings=readings)
        except CaseError as error:
            codes.append(FAILURE)
            answers.append({"case": str(path), **json.diagnostics(error.diagnostics)})
            if format == "text":
                complain(error, format)
            continue
        codes.append(VERDICT_CODES[answer.request.outcome])
        answers.append(json.determination(answer))
        if format == "text":
            say(text.determination(answer))
    if format == "json":
        click.echo(json.dump(answers[0] if len(cases) == 1 else answers))
    sys.exit(FAILURE if FAILURE in codes else max(codes))


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
        return click.echo(json.dump(json.facts(found)))
    if not found[0].files:
        click.echo(f"no version governs the line `{found[0].line}`; `unmet determine` says why", err=True)
        sys.exit(FAILURE)
    return click.echo("\n".join(map(str, found[0].files if files else found[0].facts)))


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@common
def test(paths: tuple[Path, ...], kb: Path | None, format: str) -> None:
    """Hold every expectation of case files against the answer; `cases` when no path is given.

    \b
    Example:
      unmet test cases/hip_core_decompression
    """
    from unmet.errors import CaseError
    from unmet.render import json, text

    base, cases, expectations = load(kb), 0, 0
    failed: list[Mismatch] = []
    broken: list[Diagnostic] = []
    for path in case_files(paths or (Path("cases"),)):
        cases += 1
        try:
            case = base.read_case(path)
        except CaseError as error:
            broken += error.diagnostics
            continue
        expectations += len(case.expectations)
        failed += base.test(case)
    if format == "json":
        click.echo(json.dump(json.test_report(cases, expectations, failed, broken)))
    else:
        if broken:
            complain(CaseError(broken), format)
        say(text.test_report(cases, expectations, failed, len(broken)))
    sys.exit(FAILURE if broken else FAILED_EXPECTATIONS if failed else 0)


def case_files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The case files among paths and below folders, in order."""
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"there is no `{path}` here; name the case files or folders to test")
        found = (
            [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml", ".json"))
        )
        if not found:
            raise click.UsageError(f"`{path}` holds no case files (.yaml, .yml, .json)")
        yield from found
