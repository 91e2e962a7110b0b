"""A block of rows as cases: what each row says of every finding, and which records it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import pyarrow as pa

from unmet.batch.arrays import Flags, Numbers, chunk, yes
from unmet.batch.columns import Fault, Reader, Said, days
from unmet.batch.dates import intervals
from unmet.batch.layout import MOST_RECORDS, Columns, Layout
from unmet.batch.lexicon import FIRST, Lexicons
from unmet.facts.terms import Pair
from unmet.values import Values
from unmet.vocabulary import LEVEL, Attribute, Entity, Mode, Type, Vocabulary

Get = Callable[[str], pa.Array]


@dataclass
class Entries:
    """The records of one kind that rows list: where each row's begin, and what the records say."""

    first: Numbers
    said: dict[str, Said]
    owner: Numbers


@dataclass
class Block:
    """Rows of a table, read. `counts` holds how many records of each listed kind a row lists."""

    rows: int
    said: dict[Pair, Said] = field(default_factory=dict)
    entries: dict[str, Entries] = field(default_factory=dict)
    counts: dict[str, Numbers] = field(default_factory=dict)
    complete: dict[str, Flags] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def of(self, pair: Pair) -> Said | None:
        """What rows say of a finding, None where no column speaks of it."""
        entity, name = pair
        listed = self.entries.get(entity.record)
        if listed is None or name not in listed.said:
            return self.said.get(pair)
        child, number = listed.said[name], int(entity.key or 0)
        there = self.counts[entity.record] >= number
        places = np.where(there, listed.first + number - 1, 0)
        ids = np.where(there, child.ids[places], 0) if len(child.ids) else np.zeros(self.rows, np.uint8)
        return Said(ids, child.answers)

    @cached_property
    def faulty(self) -> Flags:
        """The rows with which something is wrong."""
        found = np.zeros(self.rows, dtype=np.bool_)
        for fault in self.faults:
            found[fault.rows] = True
        return found

    def taken(self, rows: Numbers) -> Block:
        """Some of the rows as a block of their own."""
        return Block(
            len(rows),
            {pair: Said(said.ids[rows], said.answers) for pair, said in self.said.items()},
            {kind: Entries(each.first[rows], each.said, each.owner) for kind, each in self.entries.items()},
            {kind: count[rows] for kind, count in self.counts.items()},
            {kind: flags[rows] for kind, flags in self.complete.items()},
        )


def read_block(table: pa.Table, layout: Layout, lexicons: Lexicons) -> Block:
    """Reads the rows of a table with flat columns."""
    block = Block(table.num_rows)
    reader = _BlockReader(block, layout, lexicons, lambda name: chunk(table.column(name)))
    reader.read()
    return block


@dataclass
class _Dates:
    """Days since 1970, and where there are any."""

    days: Numbers
    valid: Flags


class _BlockReader:
    def __init__(self, block: Block, layout: Layout, lexicons: Lexicons, get: Get) -> None:
        self.block, self.layout, self.lexicons, self.get = block, layout, lexicons, get
        self.domain = lexicons.domain
        self.vocabulary: Vocabulary = self.domain.vocabulary
        self.dates: dict[Pair, _Dates] = {}
        self.child_dates: dict[tuple[str, str], _Dates] = {}

    def read(self) -> None:
        for kind, record in self.vocabulary.records.items():
            if record.mode is Mode.LISTED:
                self._list(kind)
        for pair, columns in self.layout.findings.items():
            if self.vocabulary.attributes[pair[1]].type is Type.DATE:
                self.dates[pair] = self._date(columns, self.get, pair[1], self.block.faults, self.block.rows)
            elif pair[1] in self.domain.cells:
                self.block.said[pair] = self._reader(pair[1], self.block.faults).read(
                    columns, self.get, self.block.rows
                )
        for attribute in self.vocabulary.attributes.values():
            if attribute.derivation is not None and attribute.name in self.domain.cells:
                self._derive(attribute)
        self._check_levels()

    def _reader(self, name: str, faults: list[Fault]) -> Reader:
        return Reader(self.lexicons[name], faults)

    def _date(self, columns: Columns, get: Get, name: str, faults: list[Fault], rows: int) -> _Dates:
        """The dates of a finding; unclear ones are none, since a date serves only what follows from it."""
        if columns.value is None:
            return _Dates(np.zeros(rows, np.int64), np.zeros(rows, np.bool_))
        found, valid, _ = days(columns.value, get(columns.value), self.vocabulary.attributes[name], faults)
        return _Dates(found, valid)

    # -- listed records ---------------------------------------------------------------------------------------

    def _list(self, kind: str) -> None:
        rows, block = self.block.rows, self.block
        block.counts[kind] = np.zeros(rows, dtype=np.int64)
        block.complete[kind] = np.zeros(rows, dtype=np.bool_)
        if kind in self.layout.complete:
            name = self.layout.complete[kind]
            block.complete[kind], faults = yes(self.get(name))
            block.faults += [Fault(where, name, f"`{name}` is {message}") for where, message in faults]
        if kind in self.layout.lists:
            self._entries(kind, *self.layout.lists[kind])
        elif kind in self.layout.numbered:
            for pair, columns in self.layout.findings.items():
                if pair[0].record == kind:
                    given = np.zeros(rows, dtype=np.bool_)
                    for name in columns.names:
                        given |= np.asarray(self.get(name).is_valid())
                    number = int(pair[0].key or 0)
                    block.counts[kind] = np.where(given, np.maximum(block.counts[kind], number), block.counts[kind])

    def _entries(self, kind: str, name: str, within: Mapping[str, Columns]) -> None:
        array, block = self.get(name), self.block
        if pa.types.is_null(array.type):
            return
        counts = np.asarray(array.value_lengths().fill_null(0)).astype(np.int64)
        too_many = np.flatnonzero(counts > MOST_RECORDS)
        if len(too_many):
            block.faults.append(Fault(too_many, name, f"`{kind}` has more than {MOST_RECORDS} entries"))
        child = array.flatten()
        first = np.cumsum(counts) - counts
        owner = np.repeat(np.arange(block.rows), counts)
        columns = dict(_flat(child)) if within else {}
        faults: list[Fault] = []
        said: dict[str, Said] = {}
        for attribute, of in within.items():
            if self.vocabulary.attributes[attribute].type is Type.DATE:
                self.child_dates[kind, attribute] = self._date(of, columns.__getitem__, attribute, faults, len(child))
            elif attribute in self.domain.cells:
                said[attribute] = self._reader(attribute, faults).read(of, columns.__getitem__, len(child))
        block.faults += [Fault(owner[f.rows], f"{name}.{f.column}", f.message) for f in faults]
        counts[too_many] = 0
        block.counts[kind] = counts
        block.entries[kind] = Entries(first, said, owner)

    # -- dates ------------------------------------------------------------------------------------------------

    def _derive(self, attribute: Attribute) -> None:
        """What follows from two dates, where both are stated; it is stated itself then."""
        record = self.vocabulary.records[attribute.record]
        if record.name in self.block.entries:
            self._derive_entries(attribute)
            return
        keys: Iterable[str | int | None] = record.keys if record.mode is Mode.KEYED else [None]
        if record.mode is Mode.LISTED:
            keys = range(1, self.layout.numbered.get(record.name, 0) + 1)
        for entity in (Entity(record.name, key) for key in keys):
            ends = self._ends(attribute, partial(self._date_of, entity))
            if ends is not None:
                pair = (entity, attribute.name)
                columns = self.layout.findings.get(pair, Columns())
                said = self.block.said.get(pair)
                shown = (columns.names or tuple(self._date_columns(attribute, entity)))[0]
                self.block.said[pair] = self._derived(attribute, *ends, said, shown, self.block.faults)

    def _derive_entries(self, attribute: Attribute) -> None:
        entries = self.block.entries[attribute.record]

        def date(name: str) -> _Dates | None:
            if self.vocabulary.attributes[name].record == attribute.record:
                return self.child_dates.get((attribute.record, name))
            found = self._date_of(Entity(attribute.record), name)
            return found and _Dates(found.days[entries.owner], found.valid[entries.owner])

        ends = self._ends(attribute, date)
        if ends is not None:
            faults: list[Fault] = []
            said = entries.said.get(attribute.name)
            shown = f"{self.layout.lists[attribute.record][0]}.{attribute.name}"
            entries.said[attribute.name] = self._derived(attribute, *ends, said, shown, faults)
            self.block.faults += [Fault(entries.owner[f.rows], f.column, f.message) for f in faults]

    def _ends(
        self, attribute: Attribute, date: Callable[[str], _Dates | None]
    ) -> tuple[Numbers, Numbers, Flags] | None:
        assert attribute.derivation is not None
        start, end = date(attribute.derivation.start), date(attribute.derivation.end)
        if start is None or end is None or not (both := start.valid & end.valid).any():
            return None
        return start.days, end.days, both

    def _date_of(self, entity: Entity, name: str) -> _Dates | None:
        owner = self.vocabulary.attributes[name].record
        return self.dates.get((entity if owner == entity.record else Entity(owner), name))

    def _date_columns(self, attribute: Attribute, entity: Entity) -> Iterator[str]:
        assert attribute.derivation is not None
        for name in (attribute.derivation.start, attribute.derivation.end):
            for pair in ((entity, name), (Entity(self.vocabulary.attributes[name].record), name)):
                if pair in self.layout.findings:
                    yield from self.layout.findings[pair].names

    def _derived(
        self,
        attribute: Attribute,
        start: Numbers,
        end: Numbers,
        both: Flags,
        said: Said | None,
        column: str,
        faults: list[Fault],
    ) -> Said:
        """What is said of a finding, with what follows from dates in its place; what does not agree is a fault."""
        value = np.where(both, intervals(attribute, start, end), attribute.low)
        outside = both & ((value < attribute.low) | (value > attribute.high))
        by = f"by {attribute.derivation.start} and {attribute.derivation.end}" if attribute.derivation else ""
        for each in np.unique(value[outside]).tolist():
            number = attribute.format(attribute.singleton(each))
            rows = np.flatnonzero(outside & (value == each))
            faults.append(Fault(rows, column, f"`{attribute.name}` would be `{number}` {by}"))
        reader = self._reader(attribute.name, faults)
        value = np.where(outside, attribute.low, value)
        found = reader.classified(value, both & ~outside)
        if said is None:
            return found
        for position, message in self._disagreeing(attribute, said, value, both & ~outside, by):
            faults.append(Fault(position, column, message))
        shift = len(said.answers) - FIRST
        ids = np.where(found.ids >= FIRST, found.ids.astype(np.uint32) + shift, said.ids)
        return Said(ids, said.answers.with_stated(found.answers[FIRST:]))

    @staticmethod
    def _disagreeing(
        attribute: Attribute, said: Said, value: Numbers, derived: Flags, by: str
    ) -> Iterator[tuple[Numbers, str]]:
        rows = np.flatnonzero(derived & (said.ids >= FIRST))
        if not len(rows):
            return
        low, high = said.bounds or (None, None)
        for row in rows.tolist():
            stated = said.answers[said.ids[row]].values
            if stated is None and low is not None and high is not None:
                stated = Values(intervals=((int(low[row]), int(high[row])),))
            one = attribute.singleton(int(value[row]))
            if stated is not None and not one.within(stated):
                message = f"`{attribute.name}` is `{attribute.format(stated)}`, and `{attribute.format(one)}` {by}"
                yield np.array([row]), message

    # -- levels -----------------------------------------------------------------------------------------------

    def _check_levels(self) -> None:
        """A level is one that the policy is decided by."""
        for pair, said in self.block.said.items():
            if pair[1] == LEVEL:
                for place, answer in enumerate(said.answers):
                    if answer.mask == 0 and answer.values is not None:
                        rows = np.flatnonzero(said.ids == place)
                        if len(rows):
                            word = self.vocabulary.attributes[LEVEL].format(answer.values)
                            column = self.layout.findings[pair].names[0]
                            message = f"`{word}` is no level that the policy is decided by"
                            self.block.faults.append(Fault(rows, column, message))


def _flat(array: pa.StructArray, above: str = "") -> Iterator[tuple[str, pa.Array]]:
    """The columns of an array of structs, those of structs within by names with dots."""
    for inner, child in zip(array.type, array.flatten(), strict=True):
        if pa.types.is_struct(inner.type):
            yield from _flat(child, f"{above}{inner.name}.")
        else:
            yield f"{above}{inner.name}", child
