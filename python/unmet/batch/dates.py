"""What follows from two dates, for whole columns: the same as `unmet.case.interval`, which defines it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unmet.vocabulary import Attribute

Numbers = npt.NDArray[np.int64]


def intervals(attribute: Attribute, start: Numbers, end: Numbers) -> Numbers:
    """The time from one date to another (days since 1970) in the attribute's unit, scaled by its places."""
    assert attribute.derivation is not None
    scale = int(10**attribute.places)
    match attribute.derivation.unit:
        case "days":
            return (end - start) * scale
        case "weeks":
            return (end - start) // 7 * scale
    backwards = end < start
    first, last = np.minimum(start, end), np.maximum(start, end)
    months = _months(first, last)
    if attribute.derivation.unit == "years":
        found = months // 12 * scale
    else:
        reached = _after(first, months)
        beyond = last - reached
        following = np.where(_month_of(reached) == 12, reached + 31, _after(first, months + 1))
        part = np.clip(beyond * scale // (following - reached), 1, max(scale - 1, 1))
        found = months * scale + np.where((beyond == 0) | (scale == 1), 0, part)
    return np.where(backwards, np.minimum(-found, -1), found)


def _fields(days: Numbers) -> tuple[Numbers, Numbers]:
    """The months since January 1970, and the day of the month from 0."""
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    return month.astype(np.int64), (date - month.astype("datetime64[D]")).astype(np.int64)


def _month_of(days: Numbers) -> Numbers:
    """The month of the year, from 1."""
    return _fields(days)[0] % 12 + 1


def _after(days: Numbers, months: Numbers) -> Numbers:
    """The date so many months later, the last of its month where that is shorter."""
    month, day = _fields(days)
    start: Any = (month + months).astype("datetime64[M]")
    first = start.astype("datetime64[D]").astype(np.int64)
    following = (start + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    after: Numbers = np.minimum(first + day, following - 1)
    return after


def _months(first: Numbers, last: Numbers) -> Numbers:
    """The completed months from one date to a later one."""
    found = _fields(last)[0] - _fields(first)[0]
    return found - (_after(first, found) > last)
