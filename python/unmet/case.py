"""A case as data: the request, what its record states, and what the answer should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from dateutil.relativedelta import relativedelta

from unmet.diagnostics import Span
from unmet.document import Document, Place
from unmet.results import Silence, Status, Verdict
from unmet.values import Values
from unmet.vocabulary import DATE_OF_SERVICE, LEVEL, REQUEST, Attribute, Entity, Vocabulary

THE_REQUEST = Entity(REQUEST)

NOT_SAID = "not_said"
"""What a case file expects where the answer is to say nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the case says of one attribute of one entity; `values` is None where it is `unclear`."""

    entity: Entity
    attribute: str
    values: Values | None
    span: Span
    path: str
    source: str | None = None
    date: str | None = None
    quote: str | None = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the request, with what it states of the request's attributes (shared ones included)."""

    name: str
    code: str | None
    policy: str | None
    levels: tuple[str, ...]
    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedLevel:
    """What a case file expects of one level of a line; its verdict may be `NOT_SAID`."""

    verdict: str | None = None
    criteria: Mapping[str, Status] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """What a case file expects of one line.

    What is judged apart is a status or `NOT_SAID`; so is the code of a cause.
    """

    verdict: Verdict | None = None
    criteria: Mapping[str, Status] = field(default_factory=dict)
    level_of_care: str | None = None
    days: str | None = None
    population: str | None = None
    cause: str | None = None
    levels: Mapping[str, ExpectedLevel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case file expects of one run."""

    span: Span
    place: Place
    silence: Silence = Silence.OPEN
    readings: Mapping[str, str] = field(default_factory=dict)
    outcome: Verdict | None = None
    lines: Mapping[str, ExpectedLine] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """The case as one line sees it: what is stated, and how many records of each listed kind there are."""

    line: Line
    statements: Mapping[tuple[Entity, str], Statement]
    listed: Mapping[str, int]
    complete: frozenset[str]

    def date_of_service(self) -> str | None:
        """The line's date of service, None where it is unclear."""
        statement = self.of_request(DATE_OF_SERVICE)
        return statement.values.words[0] if statement and statement.values else None

    def of_request(self, attribute: str) -> Statement | None:
        """What the line states of an attribute of the request."""
        return self.statements.get((THE_REQUEST, attribute))

    def number(self, attribute: str) -> int | None:
        """The number the line states exactly of the request, None otherwise."""
        statement = self.of_request(attribute)
        intervals = statement.values.intervals if statement and statement.values else ()
        return intervals[0][0] if len(intervals) == 1 and intervals[0][0] == intervals[0][1] else None

    def stating(self, computed: Mapping[str, Values], source: str) -> Scene:
        """The scene with attributes of the request that follow from its other lines, where the line is silent."""
        added = {
            (THE_REQUEST, name): Statement(
                THE_REQUEST, name, values, self.line.span, f"{REQUEST}.{name}", source, derived=True
            )
            for name, values in computed.items()
        }
        return replace(self, statements={**added, **self.statements}) if added else self

    def at(self, level: str | None) -> Scene:
        """The scene of one level of the line; None leaves the level silent."""
        return self if level is None else self.stating({LEVEL: Values(words=(level,))}, f"line {self.line.name}")


@dataclass(frozen=True)
class Case:
    """A case that a vocabulary allows."""

    name: str
    title: str | None
    lines: tuple[Line, ...]
    statements: tuple[Statement, ...]
    listed: Mapping[str, int]
    complete: frozenset[str]
    expectations: tuple[Expectation, ...]
    document: Document = field(repr=False, compare=False)
    vocabulary: Vocabulary = field(repr=False, compare=False)

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """The case as each line sees it, in order."""
        return tuple(self._scene(line) for line in self.lines)

    def _scene(self, line: Line) -> Scene:
        stated = {(s.entity, s.attribute): s for s in (*line.statements, *self.statements)}
        for derived in derivations(self.vocabulary, stated):
            stated[derived.entity, derived.attribute] = derived
        return Scene(line, stated, self.listed, self.complete)


# -- dates ----------------------------------------------------------------------------------------------------


def derivations(vocabulary: Vocabulary, stated: Mapping[tuple[Entity, str], Statement]) -> Iterator[Statement]:
    """The numbers that follow from two stated dates, for every entity that has both."""
    for attribute in vocabulary.attributes.values():
        if attribute.derivation is None:
            continue
        ends = (attribute.derivation.start, attribute.derivation.end)
        owners = {vocabulary.attributes[name].record for name in ends}
        entities = {e for e, name in stated if name in ends and e.record == attribute.record}
        if attribute.record not in owners:
            entities = {Entity(attribute.record)}
        for entity in sorted(entities, key=str):
            found = [stated.get((entity, n)) or stated.get((Entity(vocabulary.attributes[n].record), n)) for n in ends]
            start, end = found
            if start is None or end is None or start.values is None or end.values is None:
                continue
            value = interval(
                attribute, date.fromisoformat(start.values.words[0]), date.fromisoformat(end.values.words[0])
            )
            yield replace(
                start,
                entity=entity,
                attribute=attribute.name,
                values=attribute.singleton(value),
                source=f"{ends[0]} {start.values.words[0]}, {ends[1]} {end.values.words[0]}",
                date=None,
                quote=None,
                derived=True,
            )


def interval(attribute: Attribute, start: date, end: date) -> int:
    """The time from one date to another in the attribute's unit, scaled by its places.

    Years and weeks are completed ones. Months are calendar months; days beyond them count as a fraction that is
    never rounded to a whole month, so that more than 3 months is true of three months and a day.
    """
    assert attribute.derivation is not None
    scale = int(10**attribute.places)
    if end < start and attribute.derivation.unit in ("years", "months"):
        return min(-interval(attribute, end, start), -1)
    match attribute.derivation.unit:
        case "days":
            return (end - start).days * scale
        case "weeks":
            return (end - start).days // 7 * scale
        case "years":
            return int(relativedelta(end, start).years) * scale
        case _:
            whole = relativedelta(end, start)
            months = int(whole.years * 12 + whole.months)
            reached = start + relativedelta(months=months)
            beyond = (end - reached).days
            if beyond == 0 or scale == 1:
                return months * scale
            # From December to January it is 31 days, also where the calendar ends before January.
            length = 31 if reached.month == 12 else (start + relativedelta(months=months + 1) - reached).days
            return months * scale + min(max(beyond * scale // length, 1), scale - 1)
