"""Sets of values, what can be wrong with one, and how a value reads in a message."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from unmet.errors import RequestError


@dataclass(frozen=True, slots=True)
class Values:
    """A non-empty set of values of one attribute: words in the order of its options, or disjoint rising intervals."""

    words: tuple[str, ...] = ()
    intervals: tuple[tuple[int, int], ...] = ()

    def meets(self, cell: str | tuple[int, int]) -> bool:
        """Whether the set shares a value with a word or with an interval of numbers."""
        if isinstance(cell, str):
            return cell in self.words
        low, high = cell
        return any(a <= high and low <= b for a, b in self.intervals)

    def within(self, other: Values) -> bool:
        """Whether every value of this set is one of the other's."""
        return set(self.words) <= set(other.words) and all(
            any(a <= low and high <= b for a, b in other.intervals) for low, high in self.intervals
        )


class ValueFault(ValueError):
    """A value that the attribute cannot have: a diagnostic's code, message and help, without its place.

    `at` is the position of the value in a list of them, None where there is no list.
    """

    def __init__(self, code: str, message: str, help: str | None = None, at: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.at = code, message, help, at


def is_identifier(word: str) -> bool:
    """Whether a word can stand in a program without quotes."""
    return re.fullmatch(r"_*[a-z][A-Za-z0-9_]*", word) is not None


def parse_date(raw: object) -> datetime.date:
    """A calendar date from `YYYY-MM-DD`.

    Raises:
        ValueFault: it is not one, or the date does not exist.
    """
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        raise ValueFault("wrong-type", f"a date is wanted here, not {describe(raw)}", "write it as `2025-09-02`")
    try:
        return datetime.date.fromisoformat(raw)
    except ValueError:
        raise ValueFault("no-such-date", f"there is no date `{raw}`") from None


def check_day(day: str | None) -> None:
    """Holds a day that somebody names against the calendar.

    Raises:
        RequestError: it is no ISO date.
    """
    try:
        if day is not None:
            parse_date(day)
    except ValueFault as fault:
        raise RequestError(fault.message) from None


HIDDEN = tuple(
    code
    for first, last in ((0, 8), (11, 12), (14, 31), (127, 159), (0x2028, 0x202E), (0x2066, 0x2069), (0xD800, 0xDFFF))
    for code in range(first, last + 1)
)
"""Control characters but tabs and line ends, what reorders the text around it, and halves of characters."""

_SHOWN = {code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" for code in HIDDEN}


def visible(text: str) -> str:
    """A text in which nothing acts on a terminal or reorders its line.

    A case may hold `ESC [ 2 J`, which would clear the screen it is printed on, or turn the direction of writing; such
    characters are written as `\\x1b` and `\\u202e`. Line ends and tabs stay.
    """
    return text.translate(_SHOWN)


def clip(text: str, length: int = 60) -> str:
    """A text short enough for a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def describe(raw: object) -> str:
    """A raw value of a case file in the words of a message."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return f"`{str(raw).lower()}`"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case "":
            return "an empty text"
        case _:
            return f"`{clip(str(raw))}`"
