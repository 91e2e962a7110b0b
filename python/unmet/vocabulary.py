"""The words a case may use: record kinds, attributes and their types, and whether a value is allowed.

Data only; `unmet.source` reads it from the vocabulary files, `unmet.case` holds cases against it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from unmet.diagnostics import Span, did_you_mean
from unmet.values import ValueFault, Values, clip, describe, is_identifier, parse_date

UNCLEAR = "unclear"
"""The word by which a case says that its record mentions an attribute without a usable value."""

PATIENT, REQUEST = "patient", "request"
"""The record kinds that the program itself knows."""

AGE = "age"
DATE_OF_SERVICE, SETTING, LEVEL, STAGE, UNITS, DAYS = "date_of_service", "setting", "level", "stage", "units", "days"
"""The attributes that the program itself knows: of the patient (age) and of the request."""

ADULT_AGE = 18
"""Completed years from which a patient is an adult in the sense of `population/1`."""


class Mode(StrEnum):
    """How many entities a record kind has."""

    ONE = "one"
    KEYED = "keyed"
    LISTED = "listed"


class Type(StrEnum):
    """What values an attribute has."""

    FLAG = "flag"
    CHOICE = "choice"
    SCALE = "scale"
    NUMBER = "number"
    DATE = "date"


class Entity(NamedTuple):
    """One thing that has attributes: `patient`, `hip(left)`, `injection(2)`."""

    record: str
    key: str | int | None = None

    def __str__(self) -> str:
        if self.key is None:
            return self.record
        word = self.key if isinstance(self.key, int) or is_identifier(self.key) else f'"{self.key}"'
        return f"{self.record}({word})"


@dataclass(frozen=True, slots=True)
class Record:
    """A record kind; `keys` in declared order, for a keyed one."""

    name: str
    mode: Mode
    span: Span
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """A number that follows from two dates: `unit` from `start` to `end`."""

    unit: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a record kind. `low` and `high` are scaled by `places`; `ranks` goes with `options`."""

    name: str
    record: str
    type: Type
    span: Span
    options: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    low: int = 0
    high: int = 0
    places: int = 0
    label: str = ""
    unit: str = ""
    presumed: str | int | None = None
    immutable: bool = False
    grows: bool = False
    burden: int = 1
    worse_is_needier: bool = False
    changed_by: str | None = None
    derivation: Derivation | None = None

    # -- values as a case writes them -------------------------------------------------------------------------

    def parse(self, raw: object) -> Values | None:
        """The values a case states, None for `unclear`.

        Raises:
            ValueFault: the value is not one this attribute can have.
        """
        if raw == UNCLEAR:
            return None
        if self.type is Type.DATE:
            return Values(words=(parse_date(raw).isoformat(),))
        if isinstance(raw, list):
            return self._list(raw)
        if isinstance(raw, str) and ".." in raw and self.type in (Type.NUMBER, Type.SCALE):
            return self._range(raw)
        return self._set([self._one(raw)])

    def _list(self, raw: list[object]) -> Values:
        if not raw:
            raise ValueFault("wrong-type", f"`{self.name}` is one of no values", "leave it out, or write `unclear`")
        values: list[str | int] = []
        for at, item in enumerate(raw):
            try:
                value = self._one(item)
            except ValueFault as fault:
                raise ValueFault(fault.code, fault.message, fault.help, at) from None
            if value in values:
                raise ValueFault("duplicate-key", f"`{self.name}` lists {describe(item)} twice", at=at)
            values.append(value)
        return self._set(values)

    def _range(self, raw: str) -> Values:
        first, _, last = (part.strip() for part in raw.partition(".."))
        if not first and not last:
            raise ValueFault(
                "wrong-type", f"`{clip(raw)}` is a range without ends", "leave it out when nothing is known"
            )
        if self.type is Type.SCALE:
            low = self.options.index(str(self._one(first))) if first else 0
            high = self.options.index(str(self._one(last))) if last else len(self.options) - 1
            if low > high:
                raise ValueFault("wrong-type", f"`{clip(raw)}` runs backwards", f"write `{last}..{first}`")
            return Values(words=self.options[low : high + 1])
        start = self._number(self._numeral(first, raw)) if first else self.low
        end = self._number(self._numeral(last, raw)) if last else self.high
        if start > end:
            raise ValueFault("wrong-type", f"`{clip(raw)}` runs backwards", f"write `{last}..{first}`")
        return Values(intervals=((start, end),))

    def _numeral(self, text: str, raw: str) -> int | Decimal:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", text):
            raise ValueFault(
                "wrong-type", f"`{clip(raw)}` is not a range of numbers", "write it as `80..90`, `6..` or `..3`"
            )
        return Decimal(text)

    def _one(self, raw: object) -> str | int:
        return self._number(raw) if self.type is Type.NUMBER else self._word(raw)

    def _number(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, (int, Decimal)):
            raise ValueFault("wrong-type", f"`{self.name}` is a number, not {describe(raw)}", self._number_help(raw))
        scaled = Decimal(raw) * 10**self.places if -(10**18) < raw < 10**18 else Decimal("Infinity")
        if not self.low <= scaled <= self.high:
            bounds = f"{self.numeral(self.low)} to {self.numeral(self.high)}"
            raise ValueFault("out-of-range", f"`{self.name}` is {bounds}, not `{clip(str(raw))}`")
        if scaled != int(scaled):
            places = f"has at most {self.places} decimal{'s' * (self.places != 1)}"
            wanted = places if self.places else "is a whole number"
            raise ValueFault("wrong-type", f"`{self.name}` {wanted}, not `{clip(str(raw))}`")
        return int(scaled)

    def _number_help(self, raw: object) -> str:
        if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?", raw):
            return f"write it without quotes: {raw}"
        return "write a number, a range such as `80..90`, a list, or `unclear`"

    def _word(self, raw: object) -> str:
        if self.type is Type.FLAG and isinstance(raw, bool):
            return "yes" if raw else "no"
        if not isinstance(raw, str):
            kind = "yes or no" if self.type is Type.FLAG else "a word"
            raise ValueFault(
                "wrong-type", f"`{self.name}` is {kind}, not {describe(raw)}", did_you_mean("", self.options)
            )
        if raw not in self.options:
            raise ValueFault(
                "unknown-word",
                f"`{clip(raw)}` is not an option of `{self.name}`",
                did_you_mean(raw, (*self.options, UNCLEAR)) or "one of " + ", ".join(f"`{o}`" for o in self.options),
            )
        return raw

    def _set(self, values: list[str | int]) -> Values:
        if self.type is Type.NUMBER:
            return Values(intervals=tuple((n, n) for n in sorted(n for n in values if isinstance(n, int))))
        return Values(words=tuple(o for o in self.options if o in values))

    # -- values as people read them ---------------------------------------------------------------------------

    def numeral(self, scaled: int) -> str:
        """A scaled integer as a case writes it: 35 of one place is `3.5`, 30 is `3`."""
        text = f"{Decimal(scaled).scaleb(-self.places):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def format(self, values: Values) -> str:
        """A set of values as a case writes it: `43`, `80..90`, `6..` to the attribute's end, `mild or moderate`."""
        if values.words:
            first, last = values.words[0], values.words[-1]
            if self.type is Type.SCALE and len(values.words) > 2 and values.words == self._between(first, last):
                return f"{first}..{last}"
            return " or ".join(values.words)
        return " or ".join(itertools.starmap(self._interval, values.intervals))

    def _interval(self, low: int, high: int) -> str:
        """An end is left open where the attribute itself ends there, unless both are."""
        if low == high:
            return self.numeral(low)
        if low == self.low and high != self.high:
            return f"..{self.numeral(high)}"
        if high == self.high and low != self.low:
            return f"{self.numeral(low)}.."
        return f"{self.numeral(low)}..{self.numeral(high)}"

    def _between(self, first: str, last: str) -> tuple[str, ...]:
        return self.options[self.options.index(first) : self.options.index(last) + 1]

    def everything(self) -> Values:
        """All values of the attribute."""
        if self.type is Type.NUMBER:
            return Values(intervals=((self.low, self.high),))
        return Values(words=self.options)

    def singleton(self, value: str | int) -> Values:
        """The set of one value."""
        return Values(intervals=((value, value),)) if isinstance(value, int) else Values(words=(value,))

    # -- the schema that editors read -------------------------------------------------------------------------

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a bare finding of this attribute (see docs/case-files.md)."""
        unit = f" ({self.unit})" if self.unit else ""
        base: dict[str, Any] = {"description": f"{self.label}{unit}"}
        if self.type is Type.DATE:
            return base | {"anyOf": [{"type": "string", "format": "date"}, {"const": UNCLEAR}]}
        if self.type is Type.NUMBER:
            scale = 10**self.places
            one: dict[str, Any] = {"type": "number" if self.places else "integer"}
            one |= {"minimum": self.low / scale if self.places else self.low}
            one |= {"maximum": self.high / scale if self.places else self.high}
            ranges = {"type": "string", "pattern": r"^([+-]?\d+(\.\d+)?)?\.\.([+-]?\d+(\.\d+)?)?$"}
            return base | {"anyOf": [one, ranges, {"type": "array", "items": one, "minItems": 1}, {"const": UNCLEAR}]}
        words: dict[str, Any] = {"enum": [*self.options, *([True, False] if self.type is Type.FLAG else [])]}
        forms = [words, {"type": "array", "items": words, "minItems": 1}, {"const": UNCLEAR}]
        if self.type is Type.SCALE:
            forms.append({"type": "string", "pattern": r"^\S*\.\.\S*$"})
        return base | {"anyOf": forms}


@dataclass(frozen=True)
class Vocabulary:
    """Everything a case may say: record kinds and attributes by name, in the order of the files."""

    records: Mapping[str, Record] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    by_value: frozenset[str] = frozenset()
    """Numbers kept value by value, because a rule of the vocabulary computes with them."""
    links: tuple[frozenset[str], ...] = ()
    """Sets of attributes that one rule of the vocabulary ties together."""
    named: frozenset[str] = frozenset()
    """Keyed record kinds of which a rule of the vocabulary names a key."""
    cuts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The constants that the vocabulary's own rules compare numbers with."""
    formulas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The numbers that a rule computes, and the attributes that it computes each from."""

    @cached_property
    def order(self) -> dict[str, int]:
        """The position of each attribute: the order in which findings are shown and asked for."""
        return {name: position for position, name in enumerate(self.attributes)}

    def of_record(self, record: str) -> tuple[Attribute, ...]:
        """The attributes of one record kind."""
        return tuple(a for a in self.attributes.values() if a.record == record)

    def linked(self, names: Iterable[str]) -> frozenset[str]:
        """These attributes and all that rules of the vocabulary tie to them, directly or through others."""
        asked = frozenset(names)
        return asked.union(*(group for group in self._tied if group & asked))

    def moved(self, name: str) -> frozenset[str]:
        """An attribute, and those that cannot all stay as they are where it changes: its formula's, and what follows.

        They are attributes of one record.
        """
        found = {name}
        while more := found.union(*(self.formulas.get(each, ()) for each in found)) - found:
            found |= more
        return self.computed_from(found)

    def computed_from(self, names: Iterable[str]) -> frozenset[str]:
        """These attributes, and the numbers that formulas compute from them, directly or through others."""
        found = set(names)
        while more := {head for head, read in self.formulas.items() if read & found} - found:
            found |= more
        return frozenset(found)

    @cached_property
    def _tied(self) -> tuple[frozenset[str], ...]:
        """The groups of attributes that are tied to each other, directly or through others."""
        groups: list[frozenset[str]] = []
        for link in self.links:
            touched = [group for group in groups if group & link]
            groups = [group for group in groups if group not in touched] + [link.union(*touched)]
        return tuple(groups)

    def restricted(self, names: Iterable[str]) -> Vocabulary:
        """The vocabulary with these attributes alone, the dates they follow from, and what the program knows."""
        kept = set(names) | {AGE, DATE_OF_SERVICE, SETTING, LEVEL, STAGE, UNITS, DAYS}
        for name in tuple(kept & set(self.attributes)):
            if derivation := self.attributes[name].derivation:
                kept |= {derivation.start, derivation.end}
        attributes = {name: a for name, a in self.attributes.items() if name in kept}
        used = {a.record for a in attributes.values()} | {PATIENT, REQUEST}
        return replace(self, records={n: r for n, r in self.records.items() if n in used}, attributes=attributes)


def classes(attribute: Attribute, cuts: Iterable[int], by_value: bool) -> tuple[tuple[int, int], ...]:
    """The classes of a number: the intervals between its cut points, within which no rule tells values apart.

    A cut c separates c - 1 from c. With `by_value` every value is a class of its own.
    """
    if by_value:
        return tuple((n, n) for n in range(attribute.low, attribute.high + 1))
    starts = sorted({attribute.low, *(c for c in cuts if attribute.low < c <= attribute.high)})
    ends = [start - 1 for start in starts[1:]] + [attribute.high]
    return tuple(zip(starts, ends, strict=True))


def expand_levels(attribute: Attribute, raw: str) -> tuple[str, ...]:
    """The levels that a word names: one, or all between two vertebrae (`L2-L4` is `L2-L3` and `L3-L4`).

    Raises:
        ValueFault: it names no level, or runs upwards.
    """
    if raw in attribute.options:
        return (raw,)
    first, dash, last = raw.partition("-")
    between = [o for o in attribute.options if "-" in o]
    starts = [i for i, o in enumerate(between) if o.startswith(f"{first}-")]
    ends = [i for i, o in enumerate(between) if o.endswith(f"-{last}")]
    if not dash or not starts or not ends:
        known = attribute.options
        help = did_you_mean(raw, known) or f"levels are {known[0]} to {known[-1]}"
        raise ValueFault("unknown-word", f"`{clip(raw)}` is no level", help)
    if starts[0] > ends[0]:
        raise ValueFault("wrong-type", f"`{raw}` runs upwards", f"write `{last}-{first}`")
    return tuple(between[starts[0] : ends[0] + 1])
