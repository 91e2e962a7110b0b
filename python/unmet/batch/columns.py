"""Columns as answers: what each row says of one finding, as a number for each row and a small table of answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.batch.arrays import Flags, Numbers, masked, raw, yes
from unmet.batch.layout import UNCLEAR, Columns
from unmet.batch.lexicon import FIRST, MENTIONED, SILENT, Answer, Choices, Lexicon
from unmet.diagnostics import in_one_line
from unmet.values import ValueFault
from unmet.vocabulary import Attribute, Type

EXACT = 2**53
"""Beyond this a floating number is not exact."""


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
    answers: Choices
    bounds: tuple[Numbers, Numbers] | None = None


class Reader:
    """Reads the columns of one finding."""

    def __init__(self, lexicon: Lexicon, faults: list[Fault]) -> None:
        self.lexicon, self.attribute, self.faults = lexicon, lexicon.attribute, faults

    def read(self, columns: Columns, get: Callable[[str], pa.Array], rows: int) -> Said:
        """What the rows of a block say, by the finding's columns."""
        if columns.value is not None:
            said = self._value(columns.value, get(columns.value))
        else:
            said = Said(np.zeros(rows, dtype=np.uint8), self.lexicon.nothing)
        if columns.min is not None or columns.max is not None:
            said = self._range(columns, get, said)
        if columns.unclear is not None:
            self._unclear(columns, get(columns.unclear), said)
        return said

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
        table = self.lexicon.words(array.dictionary, by_value=by_value)
        indices, valid = raw(array.indices)
        if table.plain:
            ids = np.add(indices, FIRST, dtype=np.uint8, casting="unsafe")
        else:
            ids = table.places.take(indices, mode="clip")
        said = Said(masked(ids, valid), table.answers)
        for position, message in table.wrong:
            self._fault(np.flatnonzero(masked(indices == position, valid)), name, message)
        if self.attribute.type is Type.NUMBER and self.attribute.derivation is not None:
            ends = self.lexicon.ends(array.dictionary.to_pylist())
            said.bounds = (ends[:, 0].take(indices, mode="clip"), ends[:, 1].take(indices, mode="clip"))
        return said

    def _listed(self, name: str, array: pa.Array) -> Said:
        """Lists of possible values, row by row; few tables have them."""
        raw = array.to_pylist()
        distinct: dict[Any, int] = {}
        positions = np.array([distinct.setdefault(_key(each), len(distinct)) for each in raw], dtype=np.int64)
        firsts = [None if key is None else list(key) for key in distinct]
        table = self.lexicon.table(firsts, by_value=True)
        for position, message in table.wrong:
            self._fault(np.flatnonzero(positions == position), name, message)
        return Said(table.places[positions], table.answers)

    def _small_numbers(self, array: pa.Array) -> Said | None:
        """Whole numbers of a small range, all of them within it, looked up by value."""
        low, high = self.attribute.low, self.attribute.high
        if self.attribute.places or not self.lexicon.is_small or not len(array):
            return None
        if not pa.types.is_integer(array.type):
            return None
        numbers, valid = raw(array)
        if int(numbers.min()) < low or int(numbers.max()) > high:
            return None
        ids = self.lexicon.answer_table.take(numbers - low if low else numbers, mode="clip")
        return Said(masked(ids, valid), self.lexicon.class_answers, (numbers, numbers))

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
        table = self.lexicon.table(faulty.dictionary.to_pylist())
        positions = np.asarray(faulty.indices)
        for position, message in table.wrong:
            self._fault(rows[positions == position], name, message)

    def classified(self, numbers: Numbers, valid: Flags) -> Said:
        """What rows say that state a number."""
        return self._classified(numbers, numbers, valid)

    def _classified(self, low: Numbers, high: Numbers, valid: Flags) -> Said:
        """What rows say that state a number, or a range from one to another."""
        first = self._classes(low)
        if low is high:
            answers = self.lexicon.class_answers
            ids = np.where(valid, first + FIRST, SILENT)
        else:
            last, count = self._classes(high), len(self.lexicon.cells)
            pairs, positions = np.unique(first * count + last, return_inverse=True)
            ends = [divmod(pair, count) for pair in pairs.tolist()]
            masks = [(1 << greatest + 1) - (1 << least) if least <= greatest else 0 for least, greatest in ends]
            answers = self.lexicon.nothing.with_stated(Answer(None, mask) for mask in masks)
            ids = np.where(valid, positions + FIRST, SILENT)
        return Said(ids.astype(np.uint8 if len(answers) <= 256 else np.uint32), answers, (low, high))

    def _classes(self, numbers: Numbers) -> Numbers:
        """The class of each number."""
        low, high = self.attribute.low, self.attribute.high
        inside = np.clip(numbers, low, high)
        if self.lexicon.is_small:
            return self.lexicon.class_table[inside - low]
        return np.searchsorted(self.lexicon.starts, inside, side="right") - 1

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
        answers = single.answers.with_stated(ranged.answers[FIRST:])
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
            faults.append(Fault(np.flatnonzero(positions == place), name, in_one_line(fault.message, fault.help)))
            continue
        if values is not None:
            table[place], state[place] = np.datetime64(values.words[0], "D").astype(np.int64), 1
        elif word is not None:
            state[place] = 2
    return table[positions], state[positions] == 1, state[positions] == 2


def _key(raw: Any) -> Any:
    return None if raw is None else tuple(raw)
