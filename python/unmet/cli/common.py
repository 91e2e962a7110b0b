"""What commands share: options, messages for errors, exit codes, the knowledge base to use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from unmet.facade import KnowledgeBase

FAILURE, FAILED_EXPECTATIONS = 1, 5

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

            try:
                command(*arguments, **options)
            except DiagnosticError as error:
                complain(error, options["format"])
                sys.exit(FAILURE)
            except RequestError as error:
                raise click.UsageError(str(error)) from None

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


def deliver(what: Any, output: Path | None) -> None:
    """Prints a string, or what `unmet.render.text` made, or writes it to a file."""
    from unmet.render import text

    if output is None:
        return click.echo(what) if isinstance(what, str) else say(what)
    try:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            if isinstance(what, str):
                file.write(what.rstrip("\n") + "\n")
            else:
                text.show(what, file)
    except OSError as error:
        raise click.UsageError(f"`{output}` cannot be written: {error.strerror}") from None
    return None


def load(kb: Path | None) -> KnowledgeBase:
    """The knowledge base to use."""
    import unmet

    return unmet.load(kb)
