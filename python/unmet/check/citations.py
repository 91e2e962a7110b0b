"""The order of citations: what a citation says of its place in the document, and which of two places is the earlier.

A citation is read as words (of a heading) and ordinals: `Page 10, item 2` is page, 10, item, 2. Of two citations the
first token in which they differ tells which is earlier, if both have an ordinal of one kind there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.findings import Finding

_ORDINAL = r"(?:\d{1,3}[A-Za-z]?|[A-Za-z]|[ivx]+|[IVX]+)(?![^\W_])"
_CHAIN = rf"[(\[]?{_ORDINAL}[)\]]?(?:[.\s]*[(\[]?{_ORDINAL}[)\]]?)*"
"""Ordinals one below the other, with nothing but marks between them."""
_JOINT = r"\s*(?:[-–—,;/&+]|\b(?:to|through|and|or)\b)\s*"
_NAMED = r"(?<=\w\s)[A-HJ-UWYZ](?=\s|$|[,;:(])"
"""A capital after a word, which names rather than counts: `Hepatitis C`."""
_PLACES = re.compile(
    rf"(?<![\w'’-])(?!{_NAMED})(?P<first>{_CHAIN})(?:(?:{_JOINT}{_CHAIN})*{_JOINT}(?P<last>{_CHAIN}))?"
    r"(?:(?=\s*$|\s*[,;:(]|\.(?:\s|$))|(?<=[)\]])(?=\s))"
)
"""A chain, or a range or list of them. The citation ends with it, or a mark follows: `Type 2 diabetes` has none."""
_ROMAN = re.compile("(x{0,3})(ix|iv|(v?)(i{0,3}))")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A number, a letter or a roman numeral as a citation has it."""

    text: str


Token = str | Ordinal
"""A word in small letters, or an ordinal."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citation begins and ends; of anything but a range or a list, both are one."""

    begin: tuple[Token, ...]
    end: tuple[Token, ...]

    @property
    def heading(self) -> tuple[Token, ...]:
        """The words before the first ordinal."""
        return tuple(takewhile(lambda token: isinstance(token, str), self.begin))


def check(study: Study) -> Iterator[Finding]:
    """Each criterion of the file cites no earlier place than the last one before it with which it can be compared."""
    before: dict[tuple[Token, ...], list[tuple[Place, str]]] = {}
    for name, criterion in study.policy.criteria.items():
        place = place_of(criterion.citation)
        if place.heading == place.begin:
            continue
        earlier = before.setdefault(place.heading, [])
        order, last = next(((o, n) for p, n in reversed(earlier) if (o := compared(place, p)) is not None), (0, ""))
        if order < 0:
            message = f"`{name}` cites {criterion.citation}, after `{last}`, which cites a later place"
            yield finding(study, "citation-order", message, [name, last], help="follow the document's own order")
        earlier.append((place, name))


def place_of(citation: str) -> Place:
    """The words and ordinals of a citation; `1.a to c` is from 1, a to 1, c."""
    begin, end, start = list[Token](), list[Token](), 0
    for match in _PLACES.finditer(citation):
        words, first = _words(citation[start : match.start()]), _ordinals(match["first"])
        begin += [*words, *first]
        end += [*words, *(_completed(_ordinals(match["last"]), first) if match["last"] else first)]
        start = match.end()
    words = _words(citation[start:])
    return Place((*begin, *words), (*end, *words))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|§", text.casefold())


def _ordinals(text: str) -> list[Ordinal]:
    return [Ordinal(each) for each in re.findall(r"\d+|[A-Za-z]+", text)]


def _completed(last: list[Ordinal], first: list[Ordinal]) -> list[Ordinal]:
    """The end of a range below what its beginning is below: it replaces the first ordinal of its kind."""
    same = next((i for i, each in enumerate(first) if _difference(each, last[0]) is not None), 0)
    return [*first[:same], *last]


def compared(one: Place, other: Place) -> int | None:
    """Less than 0 where the first place is the earlier one, 0 where both are one, None where that is not told.

    What is below a place comes after it (`2.a` after `2`). Of ranges that overlap neither is the earlier.
    """
    if one == other:
        return 0
    if one.begin == one.end and other.begin == other.end:
        short, long = sorted((one.begin, other.begin), key=len)
        if long[: len(short)] == short:
            return None if isinstance(long[len(short)], str) else len(one.begin) - len(other.begin)
    before, after = _apart(one.end, other.begin), _apart(one.begin, other.end)
    return before if before and before < 0 else after if after and after > 0 else None


def _apart(one: tuple[Token, ...], other: tuple[Token, ...]) -> int | None:
    """Which way two places differ first, as far as both go; None where that is no order."""
    first = next(((a, b) for a, b in zip(one, other, strict=False) if a != b), None)
    if first is None or isinstance(first[0], str) or isinstance(first[1], str):
        return None
    return _difference(first[0], first[1])


def _difference(first: Ordinal, second: Ordinal) -> int | None:
    """How two ordinals of one kind follow each other.

    Of two single letters it makes no difference whether they are roman numerals: i, v and x are in order as both.
    """
    one, other = first.text, second.text
    if one.isdigit() and other.isdigit():
        return int(one) - int(other)
    if one.isdigit() or other.isdigit() or one.isupper() is not other.isupper():
        return None
    if len(one) == len(other) == 1:
        return ord(one) - ord(other)
    lower, upper = _roman(one), _roman(other)
    return None if lower is None or upper is None else lower - upper


def _roman(text: str) -> int | None:
    """The value of a roman numeral below 40; None of anything else."""
    match = _ROMAN.fullmatch(text.lower())
    if not match or not text:
        return None
    tens, ones, five, few = match.groups()
    return 10 * len(tens) + {"ix": 9, "iv": 4}.get(ones, 5 * bool(five) + len(few or ""))
