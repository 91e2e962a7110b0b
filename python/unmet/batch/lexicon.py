"""What raw values of one attribute say: each set of them is read once, for all the blocks that it comes up in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.diagnostics import in_one_line
from unmet.facts.domain import Domain
from unmet.facts.terms import Cell
from unmet.values import ValueFault, Values
from unmet.vocabulary import Attribute, Type

SILENT, MENTIONED, FIRST = 0, 1, 2
"""The answers of every column: nothing said, mentioned without a usable value; what is stated comes after them."""

LARGEST_TABLE = 1 << 16
"""Up to how many values a number is looked up by value, and not by search among its classes."""

MOST_WORDS, MOST_SETS = 1_024, 64
"""Sets of at most so many raw values are remembered, and so many of them for each attribute."""


@dataclass(frozen=True)
class Answer:
    """One thing that rows say of a finding: `mask` are the cells that its values meet.

    `values` are kept where they are words, or numbers of a list; other numbers by their cells alone.
    """

    values: Values | None
    mask: int


class Choices(tuple[Answer, ...]):
    """The answers among which the rows of a column choose, and sets of them: a bit for the place of each."""

    @classmethod
    def unstated(cls, cells: int) -> Choices:
        """Silence, and what is mentioned without a usable value: either leaves all cells."""
        everything = Answer(None, (1 << cells) - 1)
        return cls((everything, everything))

    def with_stated(self, stated: Iterable[Answer]) -> Choices:
        """These, and more that are stated."""
        return Choices((*self, *stated))

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """The cells that each leaves."""
        return tuple(answer.mask for answer in self)

    @cached_property
    def stated(self) -> int:
        """Those that state something."""
        return (1 << len(self)) - (1 << FIRST)

    @cached_property
    def several(self) -> int:
        """Those that leave more than one cell."""
        return sum(1 << place for place, answer in enumerate(self) if answer.mask.bit_count() > 1)

    def meeting(self, mask: int) -> int:
        """Those that leave one of the cells of a mask."""
        found = self._meeting.get(mask)
        if found is None:
            found = sum(1 << place for place, answer in enumerate(self) if answer.mask & mask)
            self._meeting[mask] = found
        return found

    @cached_property
    def _meeting(self) -> dict[int, int]:
        return {}


@dataclass(frozen=True)
class Table:
    """What each of some raw values says: the place of its answer, that of no value last.

    `wrong` are the positions of raw values that say nothing, with why. `plain` tells whether the places are those of
    the raw values, after the answers that every column has.
    """

    places: npt.NDArray[Any]
    answers: Choices
    wrong: tuple[tuple[int, str], ...]

    @cached_property
    def plain(self) -> bool:
        stated = len(self.places) - 1
        return stated < 254 and np.array_equal(self.places[:-1], np.arange(FIRST, stated + FIRST))


class Lexicon:
    """What raw values of an attribute say, by the cells that a policy tells apart."""

    def __init__(self, attribute: Attribute, cells: tuple[Cell, ...]) -> None:
        self.attribute, self.cells = attribute, cells
        self.nothing = Choices.unstated(len(cells))
        self._tables: dict[tuple[Any, ...], Table] = {}
        self._last: tuple[pa.Array, bool, Table] | None = None

    def mask(self, values: Values | None) -> int:
        """The cells that a set of values meets; all where it says nothing."""
        return sum(1 << i for i, cell in enumerate(self.cells) if values is None or values.meets(cell))

    # -- words ------------------------------------------------------------------------------------------------

    def words(self, raw: pa.Array, *, by_value: bool = False) -> Table:
        """What the raw values of a dictionary say; numbers of one class have one answer, unless `by_value`."""
        last = self._last
        if last is not None and last[1] == by_value and raw.equals(last[0]):
            return last[2]
        found = self._remembered(raw, by_value)
        self._last = (raw, by_value, found)
        return found

    def _remembered(self, raw: pa.Array, by_value: bool) -> Table:
        """Those of one type are remembered together: 1 and `true` are equal in Python."""
        values = raw.to_pylist()
        if len(values) > MOST_WORDS:
            return self.table(values, by_value=by_value)
        key = (str(raw.type), by_value, *values)
        found = self._tables.get(key)
        if found is None:
            if len(self._tables) >= MOST_SETS:
                self._tables.clear()
            found = self._tables[key] = self.table(values, by_value=by_value)
        return found

    def table(self, raw: Sequence[Any], *, by_value: bool = False) -> Table:
        """As `words`, of any values, read anew."""
        answers: dict[Any, Answer] = {}
        order: dict[Any, int] = {}
        places, wrong = list[int](), list[tuple[int, str]]()
        for position, value in enumerate(raw):
            try:
                values = self.parsed(value)
            except ValueFault as fault:
                wrong.append((position, in_one_line(fault.message, fault.help)))
                places.append(SILENT)
                continue
            if values is None:
                places.append(SILENT if value is None else MENTIONED)
                continue
            mask = self.mask(values)
            key = values if by_value or values.words else ("cells", mask)
            if key not in answers:
                order[key] = FIRST + len(answers)
                answers[key] = Answer(values if isinstance(key, Values) else None, mask)
            places.append(order[key])
        small = np.uint8 if FIRST + len(answers) <= 256 else np.uint32
        known = self.nothing.with_stated(answers.values())
        return Table(np.array([*places, SILENT], dtype=small), known, tuple(wrong))

    def parsed(self, raw: Any) -> Values | None:
        """What a raw value says; None where it is none, or unclear.

        Raises:
            ValueFault: it is no value of the attribute.
        """
        return None if raw is None else self.attribute.parse(self._plain(raw))

    def ends(self, raw: Sequence[Any]) -> npt.NDArray[np.int64]:
        """The least and greatest number that each raw value says, and last those of none."""
        return np.array([_ends(values) for values in [*self._each(raw), None]], dtype=np.int64)

    def _each(self, raw: Iterable[Any]) -> Iterator[Values | None]:
        for value in raw:
            try:
                yield self.parsed(value)
            except ValueFault:
                yield None

    def _plain(self, value: Any) -> Any:
        """A value of a column as a case file would hold it; text of a number as the number."""
        if isinstance(value, float):
            return Decimal(repr(value)) if np.isfinite(value) else str(value)
        if isinstance(value, list):
            return self._plain(value[0]) if len(value) == 1 else [self._plain(each) for each in value]
        if isinstance(value, str):
            return self._scalar(value)
        return value

    def _scalar(self, text: str) -> Any:
        """A word of a column as YAML reads it where the attribute is a number or a flag."""
        if self.attribute.type is Type.NUMBER and re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", text):
            return Decimal(text)
        if self.attribute.type is Type.FLAG and text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return text[0] in "tT"
        return text

    # -- numbers ----------------------------------------------------------------------------------------------

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The least number of each class."""
        return np.array([cell[0] for cell in self.cells], dtype=np.int64)

    @cached_property
    def class_answers(self) -> Choices:
        """One answer for each class."""
        return self.nothing.with_stated(Answer(None, 1 << place) for place in range(len(self.cells)))

    @property
    def is_small(self) -> bool:
        """Whether numbers are few enough to be looked up by value."""
        return self.attribute.high - self.attribute.low < LARGEST_TABLE

    @cached_property
    def class_table(self) -> npt.NDArray[np.int64]:
        """The class of each number, the least first; for small ranges."""
        every = np.arange(self.attribute.low, self.attribute.high + 1)
        found: npt.NDArray[np.int64] = np.searchsorted(self.starts, every, side="right") - 1
        return found

    @cached_property
    def answer_table(self) -> npt.NDArray[Any]:
        """The place of each number's answer among `class_answers`, the least first; for small ranges."""
        small = np.uint8 if len(self.class_answers) <= 256 else np.uint32
        return (self.class_table + FIRST).astype(small)


class Lexicons:
    """Those of a policy's attributes, each made when it is first asked for."""

    def __init__(self, domain: Domain) -> None:
        """The domain is that of the policy, with any number of slots."""
        self.domain = domain
        self._known: dict[str, Lexicon] = {}

    def __getitem__(self, name: str) -> Lexicon:
        if name not in self._known:
            attribute = self.domain.vocabulary.attributes[name]
            self._known.setdefault(name, Lexicon(attribute, self.domain.cells[name]))
        return self._known[name]


def _ends(values: Values | None) -> tuple[int, int]:
    """The least and greatest of a range."""
    return (values.intervals[0][0], values.intervals[-1][1]) if values else (0, 0)
