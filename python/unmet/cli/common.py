"""What commands share: options, messages for errors, exit codes, the knowledge base to use, case files."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from unmet.case import Case
    from unmet.diagnostics import Diagnostic
    from unmet.facade import KnowledgeBase

FAILURE, FINDINGS = 1, 5

VERDICT_CODES = {"approved": 0, "bundled": 0, "denied": 3, "partial": 3, "moot": 3, "pended": 4, "referred": 4}

Command = TypeVar("Command", bound=Callable[..., Any])


def common(command: Command) -> Command:
    """The options of every command, and its errors as messages."""
    return printing("text", "json")(command)


def printing(*formats: str) -> Callable[[Command], Command]:
    """`common` for a command with forms of its own; the first is its default."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def run(*arguments: Any, **options: Any) -> None:
            from unmet.errors import DiagnosticError, RequestError
            from unmet.values import visible

            try:
                command(*arguments, **options)
            except DiagnosticError as error:
                complain(error, options["format"])
                sys.exit(FAILURE)
            except RequestError as error:
                raise click.UsageError(visible(str(error))) from None

        run = click.option(
            "--format", type=click.Choice(formats), default=formats[0], show_default=True, help="Output form."
        )(run)
        kb = click.option(
            "--kb", type=click.Path(path_type=Path), metavar="DIR", help="Another knowledge base than the shipped one."
        )
        return kb(run)  # type: ignore[return-value]

    return decorate


def silence_option(command: Command) -> Command:
    """`--silence open|closed`."""
    return click.option(
        "--silence",
        type=click.Choice(["open", "closed"]),
        default="open",
        show_default=True,
        help="What silence means: anything, or (after the information deadline) not established.",
    )(command)


def output_option(command: Command) -> Command:
    """`-o FILE`."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead of printing."
    )(command)


def draft_option(command: Command) -> Command:
    """`--draft FILE`."""
    return click.option(
        "--draft", type=click.Path(path_type=Path), metavar="FILE",
        help="Another version of a policy, held beside the others or for the one of its date.",
    )(command)  # fmt: skip


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


def day_option(command: Command) -> Command:
    """`--on DATE`: which version of a policy."""
    return click.option(
        "--on", "day", metavar="DATE", callback=lambda c, p, v: day_of(v),
        help="The version in force on this day; the newest when not given.",
    )(command)  # fmt: skip


def day_of(value: str | None) -> str | None:
    from unmet.values import ValueFault, parse_date

    try:
        return None if value is None else parse_date(value).isoformat()
    except ValueFault as fault:
        raise click.BadParameter(fault.message) from None


def complain(error: Any, format: str) -> None:
    """Diagnostics: text on stderr, JSON and SARIF on stdout."""
    if format == "json":
        from unmet.render import json

        say(json.dump(json.diagnostics(error.diagnostics)))
    elif format == "sarif":
        from importlib.metadata import version

        from unmet.render import json, sarif

        say(json.dump(sarif.refused(error.diagnostics, FAILURE, version("unmet"), Path.cwd())))
    else:
        from unmet.render import text

        text.show(text.diagnostics(error.diagnostics), sys.stderr, wrap=False)


def say(what: Any, *, wrap: bool = True) -> None:
    """Prints a string, or what `unmet.render.text` made.

    Raises:
        UsageError: stdout cannot be written.
    """
    from unmet.errors import reason

    try:
        if isinstance(what, str):
            click.echo(what.removesuffix("\n"))
            return
        from unmet.render import text

        text.show(what, sys.stdout, wrap=wrap)
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        raise click.UsageError(f"the answer cannot be printed: {reason(error)}") from None


def deliver(what: Any, output: Path | None) -> None:
    """Prints a string, or what `unmet.render.text` made, or writes it to a file.

    Raises:
        UsageError: the file cannot be written.
    """
    from unmet.cli.writing import write_file

    if output is None:
        return say(what)
    if not isinstance(what, str):
        from io import StringIO

        from unmet.render import text

        whole = StringIO()
        text.show(what, whole)
        what = whole.getvalue()
    return write_file(output, what.rstrip("\n") + "\n")


def load(kb: Path | None, draft: Path | None = None) -> KnowledgeBase:
    """The knowledge base to use. Garbage is not collected meanwhile: what is imported and read stays."""
    gc.disable()
    try:
        import unmet

        base = unmet.load(kb)
        return base if draft is None else base.with_draft(draft)
    finally:
        gc.freeze()
        gc.enable()


def case_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The case files among paths and below folders, in order, each once.

    Raises:
        UsageError: there is no such path, or a folder holds none.
    """
    seen: set[Path] = set()
    for path in paths:
        if not os.path.exists(path):  # which says no to what can be no path
            raise click.UsageError(f"there is no `{path}` here\n  help: name the case files or folders to read")
        found = (
            [path]
            if not path.is_dir()
            else sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml", ".json"))
        )
        if not found:
            raise click.UsageError(f"`{path}` holds no case files (.yaml, .yml, .json)")
        for file in found if path.is_dir() else ():
            if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe, which might be waited for without end
                raise click.UsageError(f"`{file}` is no file\n  help: name it by itself to read from it")
        yield from (file for file in dict.fromkeys(found) if file not in seen)
        seen.update(found)


def read_cases(base: KnowledgeBase, paths: Iterable[Path]) -> list[Case]:
    """The cases in files and below folders.

    Raises:
        CaseError: with every problem of all of them.
        UsageError: as `case_files`.
    """
    from unmet.errors import CaseError

    found: list[Case] = []
    problems: list[Diagnostic] = []
    for path in case_files(paths):
        try:
            found.append(base.read_case(path))
        except CaseError as error:
            problems += error.diagnostics
    if problems:
        raise CaseError(problems)
    return found
