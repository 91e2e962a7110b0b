"""Columns as answers: what each row says of one finding, as a number for each row and a small table of answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.batch.arrays import Flags, Numbers, masked, raw, yes
from unmet.batch.layout import UNCLEAR, Columns
from unmet.diagnostics import in_one_line
from unmet.facts.terms import Cell
from unmet.values import ValueFault, Values
from unmet.vocabulary import Attribute, Type

SILENT, MENTIONED, FIRST = 0, 1, 2
"""The answers of every column: nothing said, mentioned without a usable value; what is stated comes after them."""

LARGEST_TABLE = 1 << 16
"""Up to how many values a number is looked up by value, and not by search among its classes."""

EXACT = 2**53
"""Beyond this a floating number is not exact."""


@dataclass(frozen=True)
class Answer:
    """One thing that rows say of a finding: `mask` are the cells that its values meet.

    `values` are kept where they are words, or numbers of a list; other numbers by their cells alone.
    """

    values: Values | None
    mask: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with a column in some rows (their positions within the block)."""

    rows: Numbers
    column: str
    message: str


@dataclass
class Said:
    """What each row says of one finding: positions among the answers.

    `bounds` are the least and greatest value of each row that states a number, where the column is one of numbers.
    """

    ids: npt.NDArray[Any]
    answers: list[Answer]
    bounds: tuple[Numbers, Numbers] | None = None

    @classmethod
    def nothing(cls, rows: int, cells: int) -> Said:
        """Silence in every row."""
        return cls(np.zeros(rows, dtype=np.uint8), _start(cells))


class Reader:
    """Reads the columns of one finding."""

    def __init__(self, attribute: Attribute, cells: tuple[Cell, ...], faults: list[Fault]) -> None:
        self.attribute, self.cells, self.faults = attribute, cells, faults

    def read(self, columns: Columns, get: Callable[[str], pa.Array], rows: int) -> Said:
        """What the rows of a block say, by the finding's columns."""
        said = Said.nothing(rows, len(self.cells))
        if columns.value is not None:
            said = self._value(columns.value, get(columns.value))
        if columns.min is not None or columns.max is not None:
            said = self._range(columns, get, said)
        if columns.unclear is not None:
            self._unclear(columns, get(columns.unclear), said)
        return said

    def mask(self, values: Values | None) -> int:
        """The cells that a set of values meets; all where it says nothing."""
        return sum(1 << i for i, cell in enumerate(self.cells) if values is None or values.meets(cell))

    # -- one value a row --------------------------------------------------------------------------------------

    def _value(self, name: str, array: pa.Array) -> Said:
        kind = array.type
        if self.attribute.type is Type.NUMBER and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            quick = self._small_numbers(array)
            if quick is not None:
                return quick
            number, valid = self._numbers(name, array)
            return self.classified(number, valid)
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return self._listed(name, array)
        return self._by_distinct(name, array)

    def _by_distinct(self, name: str, array: pa.Array, by_value: bool = False) -> Said:
        """Each distinct value is read once."""
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        words = array.dictionary.to_pylist()
        table, places, wrong = self._table(words, by_value)
        indices, valid = raw(array.indices)
        plain = len(table) <= 254 and np.array_equal(table[:-1], np.arange(FIRST, len(table) - 1 + FIRST))
        ids = indices.astype(np.uint8) + np.uint8(FIRST) if plain else table.take(indices, mode="clip")
        said = Said(masked(ids, valid), list(places.values()))
        for position, message in wrong:
            self._fault(np.flatnonzero(masked(indices == position, valid)), name, message)
        if self.attribute.type is Type.NUMBER and self.attribute.derivation is not None:
            ends = np.array([_ends(values) for values in [*self._parsed(words), None]], dtype=np.int64)
            said.bounds = (ends[:, 0].take(indices, mode="clip"), ends[:, 1].take(indices, mode="clip"))
        return said

    def _table(
        self, raw: Sequence[Any], by_value: bool = False
    ) -> tuple[npt.NDArray[Any], dict[Any, Answer], list[tuple[int, str]]]:
        """The place of each raw value's answer, that of no value last; the answers; what is wrong with which values.

        Numbers of one class have one answer, unless answers are wanted by value.
        """
        answers: dict[Any, Answer] = dict(enumerate(_start(len(self.cells))))
        order: dict[Any, int] = {SILENT: SILENT, MENTIONED: MENTIONED}
        table, wrong = list[int](), list[tuple[int, str]]()
        for position, value in enumerate(raw):
            try:
                values = None if value is None else self.attribute.parse(self._raw(value))
            except ValueFault as fault:
                wrong.append((position, _said(fault)))
                table.append(SILENT)
                continue
            if value is None or values is None:
                table.append(SILENT if value is None else MENTIONED)
                continue
            mask = self.mask(values)
            key = values if by_value or values.words else ("cells", mask)
            if key not in answers:
                order[key] = len(answers)
                answers[key] = Answer(values if isinstance(key, Values) else None, mask)
            table.append(order[key])
        small = np.uint8 if len(answers) <= 256 else np.uint32
        return np.array([*table, SILENT], dtype=small), answers, wrong

    def _parsed(self, raw: Iterable[Any]) -> Iterator[Values | None]:
        """The values of each raw value, None for those that are none."""
        for value in raw:
            try:
                yield None if value is None else self.attribute.parse(self._raw(value))
            except ValueFault:
                yield None

    def _raw(self, value: Any) -> Any:
        """A value of a column as a case file would hold it; text of a number as the number."""
        if isinstance(value, float):
            return Decimal(repr(value)) if np.isfinite(value) else str(value)
        if isinstance(value, list):
            return self._raw(value[0]) if len(value) == 1 else [self._raw(each) for each in value]
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

    def _listed(self, name: str, array: pa.Array) -> Said:
        """Lists of possible values, row by row; few tables have them."""
        raw = array.to_pylist()
        distinct: dict[Any, int] = {}
        positions = np.array([distinct.setdefault(_key(each), len(distinct)) for each in raw], dtype=np.int64)
        firsts = [None if key is None else list(key) for key in distinct]
        table, places, wrong = self._table(firsts, by_value=True)
        for position, message in wrong:
            self._fault(np.flatnonzero(positions == position), name, message)
        return Said(table[positions], list(places.values()))

    def _small_numbers(self, array: pa.Array) -> Said | None:
        """Whole numbers of a small range, all of them within it, looked up by value."""
        low, high = self.attribute.low, self.attribute.high
        if self.attribute.places or high - low >= LARGEST_TABLE or not len(array):
            return None
        if not pa.types.is_integer(array.type):
            return None
        numbers, valid = raw(array)
        if int(numbers.min()) < low or int(numbers.max()) > high:
            return None
        starts = np.array([cell[0] for cell in self.cells], dtype=np.int64)
        classes = np.searchsorted(starts, np.arange(low, high + 1), side="right") - 1 + FIRST
        table = classes.astype(np.uint8 if len(starts) + FIRST <= 256 else np.uint32)
        answers = _start(len(self.cells)) + [Answer(None, 1 << place) for place in range(len(starts))]
        ids = table.take(numbers - low if low else numbers, mode="clip")
        return Said(masked(ids, valid), answers, (numbers, numbers))

    # -- numbers ----------------------------------------------------------------------------------------------

    def _numbers(self, name: str, array: pa.Array) -> tuple[Numbers, Flags]:
        """The scaled numbers of a column, and where there are any."""
        valid = np.asarray(array.is_valid())
        scale = 10**self.attribute.places
        if pa.types.is_integer(array.type):
            least, greatest = self.attribute.low // scale, self.attribute.high // scale
            number = np.asarray(array.fill_null(0)).astype(np.int64, copy=False)
            if pa.types.is_uint64(array.type):
                number = np.where(number < 0, np.iinfo(np.int64).max, number)
            good = (number >= least) & (number <= greatest)
            number = np.where(good, number, 0) * scale
        else:
            decimal = np.asarray(array.fill_null(0.0), dtype=np.float64)
            with np.errstate(invalid="ignore", over="ignore"):
                scaled = np.rint(decimal * scale)
                good = (np.abs(scaled) < EXACT) & (scaled / scale == decimal)
                number = np.where(good, scaled, 0).astype(np.int64)
        good &= (number >= self.attribute.low) & (number <= self.attribute.high)
        if not (good | ~valid).all():
            self._faulty_numbers(name, array, np.flatnonzero(valid & ~good))
            valid = valid & good
        return number, valid

    def _faulty_numbers(self, name: str, array: pa.Array, rows: Numbers) -> None:
        faulty = array.take(pa.array(rows)).dictionary_encode()
        _, _, wrong = self._table(faulty.dictionary.to_pylist())
        positions = np.asarray(faulty.indices)
        for position, message in wrong:
            self._fault(rows[positions == position], name, message)

    def classified(self, numbers: Numbers, valid: Flags) -> Said:
        """What rows say that state a number."""
        return self._classified(numbers, numbers, valid)

    def _classified(self, low: Numbers, high: Numbers, valid: Flags) -> Said:
        """What rows say that state a number, or a range from one to another."""
        starts = np.array([cell[0] for cell in self.cells], dtype=np.int64)
        first = self._classes(low, starts)
        answers = _start(len(self.cells))
        if low is high:
            answers += [Answer(None, 1 << place) for place in range(len(starts))]
            ids = np.where(valid, first + FIRST, SILENT)
        else:
            last = self._classes(high, starts)
            pairs, positions = np.unique(first * len(starts) + last, return_inverse=True)
            for pair in pairs.tolist():
                least, greatest = divmod(pair, len(starts))
                answers.append(Answer(None, (1 << greatest + 1) - (1 << least) if least <= greatest else 0))
            ids = np.where(valid, positions + FIRST, SILENT)
        return Said(ids.astype(np.uint8 if len(answers) <= 256 else np.uint32), answers, (low, high))

    def _classes(self, numbers: Numbers, starts: Numbers) -> Numbers:
        """The class of each number."""
        low, high = self.attribute.low, self.attribute.high
        inside = np.clip(numbers, low, high) - low
        if high - low < LARGEST_TABLE:
            table = np.searchsorted(starts, np.arange(low, high + 1), side="right") - 1
            return table[inside]
        return np.searchsorted(starts, inside + low, side="right") - 1

    def _range(self, columns: Columns, get: Callable[[str], pa.Array], single: Said) -> Said:
        """Rows that state a range, beside those that state a value."""
        ends: list[tuple[Numbers, Flags]] = []
        rows = len(single.ids)
        for name, open_end in ((columns.min, self.attribute.low), (columns.max, self.attribute.high)):
            if name is None:
                ends.append((np.full(rows, open_end, dtype=np.int64), np.zeros(rows, dtype=np.bool_)))
            else:
                array = get(name)
                if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
                    array = self._as_numbers(name, array)
                number, valid = self._numbers(name, array)
                ends.append((np.where(valid, number, open_end), valid))
        (low, has_low), (high, has_high) = ends
        valid = has_low | has_high
        name = columns.min or columns.max or ""
        backwards = valid & (low > high)
        self._fault(np.flatnonzero(backwards), name, f"the range of `{self.attribute.name}` runs backwards")
        twice = valid & (single.ids != SILENT)
        self._fault(np.flatnonzero(twice), name, f"`{self.attribute.name}` is given as a value and as a range")
        valid &= ~backwards & ~twice
        ranged = self._classified(low, high + 0, valid)
        shift = len(single.answers) - FIRST
        ids = np.where(valid, ranged.ids.astype(np.uint32) + shift, single.ids)
        answers = [*single.answers, *ranged.answers[FIRST:]]
        bounds = None
        if single.bounds is not None or columns.value is None:
            before = single.bounds or (low, high)
            bounds = (np.where(valid, low, before[0]), np.where(valid, high, before[1]))
        return Said(ids.astype(np.uint8 if len(answers) <= 256 else np.uint32), answers, bounds)

    def _as_numbers(self, name: str, array: pa.Array) -> pa.Array:
        """A column of text or decimals as floating numbers; what is no number is a fault."""
        said = self._by_distinct(name, array, by_value=True)
        numbers = [a.values.intervals if a.values else () for a in said.answers]
        single = [of[0][0] if len(of) == 1 and of[0][0] == of[0][1] else None for of in numbers]
        several = np.array([s is None and i >= FIRST for i, s in enumerate(single)])[said.ids] | (said.ids == MENTIONED)
        self._fault(np.flatnonzero(several), name, f"an end of a range of `{self.attribute.name}` is one number")
        scale = 10**self.attribute.places
        values = pa.array([None if s is None else s / scale for s in single], pa.float64())
        return values.take(pa.array(said.ids))

    # -- mentioned without a usable value ---------------------------------------------------------------------

    def _unclear(self, columns: Columns, array: pa.Array, said: Said) -> None:
        name = columns.unclear or ""
        unclear, faults = yes(array)
        for rows, message in faults:
            self._fault(rows, name, f"`{name}` is {message}")
        twice = unclear & (said.ids >= FIRST)
        self._fault(np.flatnonzero(twice), name, f"`{self.attribute.name}` is given a value and called {UNCLEAR}")
        said.ids[unclear & ~twice] = MENTIONED

    def _fault(self, rows: Numbers, column: str, message: str) -> None:
        if len(rows):
            self.faults.append(Fault(rows, column, message))


def days(name: str, array: pa.Array, attribute: Attribute, faults: list[Fault]) -> tuple[Numbers, Flags, Flags]:
    """The dates of a column as days since 1970, where there are any, and where it says that they are unclear."""
    if pa.types.is_date(array.type):
        dates = np.asarray(array.cast(pa.date32()).cast(pa.int32()).fill_null(0)).astype(np.int64)
        valid = np.asarray(array.is_valid())
        return dates, valid, np.zeros(len(array), dtype=np.bool_)
    if pa.types.is_null(array.type):
        return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_), np.zeros(len(array), np.bool_)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = array.dictionary.to_pylist()
    positions = np.asarray(array.indices.cast(pa.int32()).fill_null(len(words)))
    table, state = np.zeros(len(words) + 1, np.int64), np.zeros(len(words) + 1, np.int8)
    for place, word in enumerate(words):
        try:
            values = None if word is None else attribute.parse(word if isinstance(word, str) else str(word))
        except ValueFault as fault:
            faults.append(Fault(np.flatnonzero(positions == place), name, _said(fault)))
            continue
        if values is not None:
            table[place], state[place] = np.datetime64(values.words[0], "D").astype(np.int64), 1
        elif word is not None:
            state[place] = 2
    return table[positions], state[positions] == 1, state[positions] == 2


def _start(cells: int) -> list[Answer]:
    everything = (1 << cells) - 1
    return [Answer(None, everything), Answer(None, everything)]


def _ends(values: Values | None) -> tuple[int, int]:
    """The least and greatest of a range."""
    return (values.intervals[0][0], values.intervals[-1][1]) if values else (0, 0)


def _key(raw: Any) -> Any:
    return None if raw is None else tuple(raw)


def _said(fault: ValueFault) -> str:
    return in_one_line(fault.message, fault.help)
