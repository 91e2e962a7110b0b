"""What a version and a choice of readings are called on the command line, where two of them are compared."""

from __future__ import annotations

from unmet.errors import RequestError
from unmet.values import check_day

NEWEST = "default"
"""The newest version with its default readings."""


def read_side(text: str, also: str = "") -> tuple[str | None, dict[str, str]]:
    """A day on which the version is in force (None: the newest), and the readings that are no default.

    Args:
        text: an ISO date, `default`, NAME=OPTION, or several of these with commas.
        also: what else might have been written, for the message.

    Raises:
        RequestError: the text is something else, or says one thing twice.
    """
    day: str | None = None
    readings: dict[str, str] = {}
    for part in text.split(","):
        name, equals, option = part.partition("=")
        if equals and name and option:
            if readings.setdefault(name, option) != option:
                raise RequestError(f"`{name}` is chosen twice")
        elif part[:1].isdigit():
            check_day(part)
            if day is not None:
                raise RequestError(f"`{text}` names two dates")
            day = part
        elif part != NEWEST:
            raise RequestError(f"`{part}` is neither a date, nor `default`, nor NAME=OPTION{also}")
    return day, readings
