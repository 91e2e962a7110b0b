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
_MORE = rf"\s*(?:[-–—,;/&+]|\b(?:to|through|and|or)\b)\s*[(\[]?{_ORDINAL}"
_NAMED = r"(?<=\w\s)[A-HJ-UWYZ](?=\s|$|[,;:(])"
"""A capital after a word, which names rather than counts: `Hepatitis C`."""
_CHAIN = re.compile(
    rf"(?<![\w'’-])(?!{_NAMED})[(\[]?{_ORDINAL}[)\]]?(?:[.\s]*[(\[]?{_ORDINAL}[)\]]?)*"
    rf"(?:(?P<more>{_MORE}.*)|(?=\s*$|\s*[,;:(]|\.(?:\s|$))|(?<=[)\]])(?=\s))"
)
"""Ordinals one below the other, with nothing but marks between them; `more` begins the rest of a range or a list.

What a word follows with no mark between is no ordinal (`Type 2 diabetes`), nor what is part of a word.
"""
_ROMAN = re.compile("(x{0,3})(ix|iv|(v?)(i{0,3}))")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A number, a letter or a roman numeral as a citation has it."""

    text: str


Token = str | Ordinal
"""A word in small letters, or an ordinal."""


def check(study: Study) -> Iterator[Finding]:
    """Each criterion of the file cites no earlier place than the last one before it with which it can be compared."""
    before: dict[tuple[Token, ...], list[tuple[tuple[Token, ...], str]]] = {}
    for name, criterion in study.policy.criteria.items():
        place = tokens(criterion.citation)
        heading = tuple(takewhile(lambda token: isinstance(token, str), place))
        if len(heading) == len(place):
            continue
        earlier = before.setdefault(heading, [])
        order, last = next(((o, n) for p, n in reversed(earlier) if (o := compared(place, p)) is not None), (0, ""))
        if order < 0:
            message = f"`{name}` cites {criterion.citation}, after `{last}`, which cites a later place"
            yield finding(study, "citation-order", message, [name, last], help="follow the document's own order")
        earlier.append((place, name))


def tokens(citation: str) -> tuple[Token, ...]:
    """The words and ordinals of a citation; of a range, or of a list, those of its beginning."""
    found, start = list[Token](), 0
    for match in _CHAIN.finditer(citation):
        found += _words(citation[start : match.start()])
        end = match.start("more") if match["more"] else match.end()
        found += [Ordinal(text) for text in re.findall(r"\d+|[A-Za-z]+", citation[match.start() : end])]
        start = match.end()
    return (*found, *_words(citation[start:]))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|§", text.casefold())


def compared(one: tuple[Token, ...], other: tuple[Token, ...]) -> int | None:
    """Less than 0 where the first place is the earlier one, 0 where both are one, None where that is not told.

    What is below a place comes after it (`2.a` after `2`).
    """
    for first, second in zip(one, other, strict=False):
        if first == second:
            continue
        if isinstance(first, str) or isinstance(second, str):
            return None
        if order := _order(first.text, second.text):
            return order
        if order is None:
            return None
    common = min(len(one), len(other))
    below = [*one[common:], *other[common:]][:1]
    return None if below and isinstance(below[0], str) else len(one) - len(other)


def _order(one: str, other: str) -> int | None:
    """How two ordinals of one kind follow each other.

    Of two single letters it makes no difference whether they are roman numerals: i, v and x are in order as both.
    """
    if one.isdigit() and other.isdigit():
        return int(one) - int(other)
    if one.isdigit() or other.isdigit() or one.isupper() is not other.isupper():
        return None
    if len(one) == len(other) == 1:
        return ord(one) - ord(other)
    first, second = _roman(one), _roman(other)
    return None if first is None or second is None else first - second


def _roman(text: str) -> int | None:
    """The value of a roman numeral below 40; None of anything else."""
    match = _ROMAN.fullmatch(text.lower())
    if not match or not text:
        return None
    tens, ones, five, few = match.groups()
    return 10 * len(tens) + {"ix": 9, "iv": 4}.get(ones, 5 * bool(five) + len(few or ""))
