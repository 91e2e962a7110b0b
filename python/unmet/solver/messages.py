"""What clingo says, as diagnostics with their place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clingo import MessageCode

from unmet.diagnostics import Diagnostic, Span
from unmet.values import clip

MESSAGE_LIMIT = 10_000
"""How many messages clingo may log; it falls silent after 20 unless told otherwise."""

PLACE = r"(.+?):(\d+):(\d+)(?:-[\d:]+)?"
"""A place in clingo's messages: file, line and column, with or without where it ends."""

BLOCK = "<block>"
"""What clingo calls the file of a program that is no file."""


class Messages:
    """A logger for clingo that turns what it says into diagnostics."""

    def __init__(self, file: str, lines: Sequence[str] | None = None) -> None:
        """`lines` are those of the file while it is parsed: columns are then counted in characters."""
        self.file, self.lines = file, lines
        self.diagnostics: list[Diagnostic] = []
        self.unsafe: list[Diagnostic] = []

    def __call__(self, code: MessageCode, message: str) -> None:
        place = re.match(rf"{PLACE}: (?:error|info|warning): (.*)", message, re.DOTALL)
        text, span = message, Span(self.file, 1, 1)
        if place:
            span, text = self._span(place), place[4]
        if unsafe := list(re.finditer(rf"{PLACE}: note: '(.*)' is unsafe", text)):
            self.unsafe += [_unsafe(self._span(note), note[4]) for note in unsafe]
            self.diagnostics += self.unsafe[-len(unsafe) :]
            return
        first, *rest = [line.strip() for line in text.strip().splitlines()]
        said = f"{first.removesuffix(':')}: `{clip(' '.join(rest))}`" if rest else first
        help = "let the body exclude it, such as a division by 0" if first.startswith("operation undefined") else None
        self.diagnostics.append(Diagnostic("syntax", f"clingo says: {said}", span, help=help))

    def _span(self, place: re.Match[str]) -> Span:
        if place[1] == BLOCK:
            return Span(self.file, 1, 1)
        line, column = int(place[2]), int(place[3])
        return Span(place[1], line, character(self.lines, line, column) if self.lines is not None else column)


def character(lines: Sequence[str], line: int, column: int) -> int:
    """A column in characters, from one in bytes, as clingo counts."""
    text = lines[line - 1] if line <= len(lines) else ""
    return len(text.encode()[: column - 1].decode(errors="ignore")) + 1


def _unsafe(span: Span, variable: str) -> Diagnostic:
    return Diagnostic(
        "syntax",
        f"`{variable}` has no value, because nothing in the rule binds it",
        span,
        help="let it stand in a plain literal of the body too, such as `finding(E, attribute, V)`",
    )
