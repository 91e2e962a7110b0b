"""The command line: read, call, render, exit. Every import beyond click waits until a command needs it.

Exit codes: 0 approved or done, 1 a case or knowledge base that does not load, 2 usage, 3 denied or partial, 4 pended
or referred, 5 failed expectations. Of several cases the highest code is returned, and 1 where one does not load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from unmet.diagnostics import Diagnostic
    from unmet.facade import KnowledgeBase
    from unmet.results import Mismatch

FAILURE, FAILED_EXPECTATIONS = 1, 5

VERDICT_CODES = {"approved": 0, "bundled": 0, "denied": 3, "partial": 3, "moot": 3, "pended": 4, "referred": 4}

Command = TypeVar("Command", bound=Callable[..., Any])


def common(command: Command) -> Command:
    """The options of every command, and its errors as messages."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        from unmet.errors import DiagnosticError, RequestError

        try:
            command(*arguments, **options)
        except DiagnosticError as error:
            complain(error, options["format"])
            sys.exit(FAILURE)
        except RequestError as error:
            raise click.UsageError(str(error)) from None

    run = click.option(
        "--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output form."
    )(run)
    kb = click.option(
        "--kb", type=click.Path(path_type=Path), metavar="DIR", help="Another knowledge base than the shipped one."
    )
    return kb(run)  # type: ignore[return-value]


def readings_option(command: Command) -> Command:
    """`--reading NAME=OPTION`, any number of times."""
    return click.option(
        "--reading", "readings", multiple=True, metavar="NAME=OPTION", callback=_readings,
        help="Choose a reading of an ambiguous text (`policy.name` for one policy alone). Repeatable.",
    )(command)  # fmt: skip


def _readings(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for value in values:
        name, equals, option = value.partition("=")
        if not (name and equals and option):
            raise click.BadParameter(f"`{value}` is not NAME=OPTION")
        if chosen.setdefault(name, option) != option:
            raise click.BadParameter(f"`{name}` is chosen twice")
    return chosen


def complain(error: Any, format: str) -> None:
    """Diagnostics: text on stderr, JSON on stdout."""
    if format == "json":
        from unmet.render import json

        click.echo(json.dump(json.diagnostics(error.diagnostics)))
    else:
        from unmet.render import text

        text.show(text.diagnostics(error.diagnostics), sys.stderr, wrap=False)


def say(renderable: Any) -> None:
    """Prints what `unmet.render.text` made."""
    from unmet.render import text

    text.show(renderable, sys.stdout)


def load(kb: Path | None) -> KnowledgeBase:
    """The knowledge base to use."""
    import unmet

    return unmet.load(kb)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unmet")
def main() -> None:
    """Decide requests for prior authorization from policies written as rules, and say why.

    \b
    Exit codes: 0 approved or done · 1 does not load · 2 usage · 3 denied or
    partial · 4 pended or referred · 5 failed expectations

    \b
    Example:
      unmet determine cases/hip_core_decompression/denied_age_fifty.yaml
    """


@main.command()
@common
def policies(kb: Path | None, format: str) -> None:
    """List every version of every policy.

    \b
    Example:
      unmet policies --format json
    """
    from unmet.render import json, text

    found = load(kb).policies
    click.echo(json.dump(json.policies(found))) if format == "json" else say(text.policies(found))


@main.command()
@click.argument("policy")
@click.option(
    "--on",
    "day",
    metavar="DATE",
    callback=lambda c, p, v: _day(v),
    help="The version in force on this day; the newest when not given.",
)
@readings_option
@common
def show(policy: str, day: str | None, readings: dict[str, str], kb: Path | None, format: str) -> None:
    """Show a policy's outline: criteria, groups, citations, readings, codes.

    \b
    Example:
      unmet show hip_core_decompression
    """
    from unmet.render import json, text

    found, outline = load(kb).outline(policy, day, readings)
    click.echo(json.dump(json.outline(found, outline))) if format == "json" else say(text.outline(found, outline))


def _day(value: str | None) -> str | None:
    from unmet.values import ValueFault, parse_date

    try:
        return None if value is None else parse_date(value).isoformat()
    except ValueFault as fault:
        raise click.BadParameter(fault.message) from None


@main.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASE...", type=click.Path(path_type=Path))
@click.option(
    "--silence",
    type=click.Choice(["open", "closed"]),
    default="open",
    show_default=True,
    help="What silence means: anything, or (after the information deadline) not established.",
)
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


@main.command()
@click.argument("policy", required=False)
@common
def schema(policy: str | None, kb: Path | None, format: str) -> None:
    """Print the JSON Schema of a case: the whole vocabulary, or what one policy reads.

    \b
    Example:
      unmet schema hip_core_decompression > case.schema.json
    """
    from unmet.render import json

    click.echo(json.dump(load(kb).schema(policy)))


@main.command()
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


@main.command()
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
