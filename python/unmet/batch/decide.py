"""A policy over tables: the answer of the single-case engine for every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.batch.answers import Answers, Form
from unmet.batch.arrays import chunk
from unmet.batch.block import Block, read_block
from unmet.batch.columns import Fault
from unmet.batch.judge import Judge
from unmet.batch.layout import ID, Layout, flattened, layout
from unmet.batch.lexicon import Lexicons
from unmet.batch.plan import Vector
from unmet.batch.report import Summary
from unmet.batch.scenes import column
from unmet.batch.vectors import any_of, counted_bits, unpacked
from unmet.circuits.rules import deep
from unmet.diagnostics import in_one_line
from unmet.errors import RequestError
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.results import Silence, Verdict

ROWS = 1 << 18
"""How many rows are decided at once: vectors of 32 KiB, which stay in the processor's cache."""

MOST_LAYOUTS = 64
"""Of how many forms of tables the layout is remembered."""

VERDICTS = (Verdict.APPROVED, Verdict.DENIED, Verdict.PENDED, Verdict.REFERRED)
STATUSES = ("met", "unmet", "unknown")
REJECT = 255

REJECTS = pa.schema([("row", pa.int64()), ("column", pa.string()), ("message", pa.string())])
"""The columns of what was rejected."""

NO_REJECTS = REJECTS.empty_table()


@dataclass(frozen=True)
class Wanted:
    """What is wanted of each row beside its verdict, and whether what drives the verdicts is counted."""

    statuses: bool = False
    unmet: bool = False
    blocking: bool = False
    drivers: bool = True

    @property
    def fully(self) -> bool:
        """Whether the statuses of the criteria are needed."""
        return self.statuses or self.unmet or self.blocking or self.drivers


@dataclass(frozen=True)
class BatchResult:
    """The answers to a table, in its order; `table` has every row once, a rejected one with nulls.

    `rejects` holds the row (from 1), column and message of whatever is wrong with rejected rows; `unread` are columns
    that the policy does not read.
    """

    table: pa.Table
    rejects: pa.Table
    summary: Summary
    unread: tuple[str, ...]


def as_table(table: pa.Table | pa.RecordBatch) -> pa.Table:
    """A record batch as a table."""
    return pa.Table.from_batches([table]) if isinstance(table, pa.RecordBatch) else table


class Batch:
    """A version of a policy under one choice of readings, for any number of tables."""

    def __init__(self, knowledge: Knowledge, policy: Policy, readings: Mapping[str, str]) -> None:
        self.knowledge, self.policy = knowledge, policy
        self.chosen = knowledge.chosen(policy, readings)
        self.form = Form(policy.outline(self.chosen))
        self._judges: dict[tuple[tuple[str, int], ...], Judge] = {}
        self._listed = knowledge.listed(policy)
        self._lexicons = Lexicons(knowledge.domain(policy, dict.fromkeys(self._listed, 0)))
        self._layouts: dict[pa.Schema, Layout] = {}

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that a table may speak of: those the policy reads, what is tied to them, and their dates."""
        cells = self._lexicons.domain.cells
        names = set(cells)
        for name in cells:
            if derivation := self.knowledge.vocabulary.attributes[name].derivation:
                names |= {derivation.start, derivation.end}
        return frozenset(names)

    def layout(self, schema: pa.Schema) -> Layout:
        """What the columns of tables with this schema say.

        Raises:
            RequestError: with every column that says nothing.
        """
        return self._layout(flattened(schema.empty_table()).schema)

    def _layout(self, schema: pa.Schema) -> Layout:
        """That of tables without structs; remembered, because most tables are like one before."""
        found = self._layouts.get(schema)
        if found is None:
            if len(self._layouts) >= MOST_LAYOUTS:
                self._layouts.clear()
            found = layout(schema, self.knowledge.vocabulary, self.attributes)
            self._layouts[schema] = found
        return found

    def readable(self, table: pa.Table) -> tuple[pa.Table, list[Fault]]:
        """The columns that say something, where a file has other columns in some of its rows; and those rows."""
        faults: list[Fault] = []
        for each in table.schema:
            try:
                self.layout(pa.schema([each]))
            except RequestError as error:
                rows = np.flatnonzero(np.asarray(chunk(table.column(each.name)).is_valid()))
                faults.append(Fault(rows, each.name, in_one_line(error.message, error.help)))
                table = table.drop_columns([each.name])
        return table, faults

    def decide(self, table: pa.Table, silence: Silence = Silence.OPEN, wanted: Wanted | None = None) -> BatchResult:
        """Decides every row of a table.

        Raises:
            RequestError: the table has columns that say nothing.
        """
        wanted, table = wanted or Wanted(), flattened(table)
        found = self._layout(table.schema)
        summary, tables, rejects = Summary(), [], []
        for start in range(0, max(table.num_rows, 1), ROWS):
            part, rejected = self.block(table.slice(start, ROWS), found, silence, wanted, summary, start)
            tables.append(part)
            rejects.append(rejected)
        return BatchResult(pa.concat_tables(tables), pa.concat_tables(rejects), summary, found.unread)

    def block(
        self,
        table: pa.Table,
        layout: Layout,
        silence: Silence,
        wanted: Wanted,
        summary: Summary,
        start: int,
        faults: Iterable[Fault] = (),
    ) -> tuple[pa.Table, pa.Table]:
        """Decides a few rows, the first of them row `start` from 0; their counts are added to the summary.

        Args:
            faults: what is known to be wrong with rows.
        """
        block = read_block(table, layout, self._lexicons)
        block.faults += faults
        output = _Output(block.rows, self.form, wanted, summary)
        found = list(block.faults)
        for rooms, rows in self._by_room(block):
            found += self._judge(block, rooms, rows, silence, wanted, output)
        rejected = np.zeros(block.rows, dtype=np.bool_)
        for fault in found:
            rejected[fault.rows] = True
        summary.rows += block.rows
        summary.rejected += int(rejected.sum())
        ids = table.column(layout.id) if layout.id is not None else None
        return output.table(start, ids, rejected), _rejects(found, start)

    def _by_room(self, block: Block) -> Iterator[tuple[tuple[int, ...], npt.NDArray[np.int64] | None]]:
        """The good rows by the room that their listed records need; None for all rows of a block."""
        good = np.flatnonzero(~block.faulty) if block.faults else None
        rows = block.rows if good is None else len(good)
        if not rows:
            return
        if not self._listed:
            yield (), good
            return
        counts = np.stack([block.counts[kind] for kind in self._listed])
        counts = counts if good is None else counts[:, good]
        rooms = np.where(counts > 0, 1 << np.ceil(np.log2(np.maximum(counts, 1))).astype(np.int64), 0)
        kinds, places = np.unique(rooms, axis=1, return_inverse=True)
        for i, room in enumerate(kinds.T.tolist()):
            if kinds.shape[1] == 1:
                yield tuple(room), good
            else:
                some = np.flatnonzero(places.ravel() == i)
                yield tuple(room), some if good is None else good[some]

    def _judge(
        self,
        block: Block,
        rooms: tuple[int, ...],
        rows: npt.NDArray[np.int64] | None,
        silence: Silence,
        wanted: Wanted,
        output: _Output,
    ) -> list[Fault]:
        """Judges rows that need the same room; returned is what is wrong with some of them."""
        spares = self.policy.spares
        slots = {k: room + spares.get(k, 0) for k, room in zip(self._listed, rooms, strict=True)}
        key = tuple(sorted(slots.items()))
        judge = self._judges.get(key)
        if judge is None or not judge.is_prepared(fully=wanted.fully):
            with deep():
                judge = self._judges.setdefault(key, judge or Judge(self.knowledge, self.policy, self.chosen, slots))
                judge.prepare(fully=wanted.fully)
        some, faults = block if rows is None else block.taken(rows), list[Fault]()
        judged = judge.judge(some, faults, fully=wanted.fully)
        broken = np.zeros(some.rows, dtype=np.bool_)
        for fault in faults:
            broken[fault.rows] = True
        judged.drop(broken)
        output.add(Answers(judged, self.form, silence), judged.solver, judged.expanded, rows, some.rows)
        return faults if rows is None else [Fault(rows[f.rows], f.column, f.message) for f in faults]


class _Output:
    """The answers of a block's rows, as they come."""

    def __init__(self, rows: int, form: Form, wanted: Wanted, summary: Summary) -> None:
        self._rows, self._form, self._wanted, self._summary = rows, form, wanted, summary
        self._verdicts = np.full(rows, REJECT, dtype=np.uint8)
        self._statuses: dict[str, npt.NDArray[np.uint8]] = {}
        self._against: npt.NDArray[np.bool_] | None = None
        self._alone = np.full(rows, REJECT, dtype=np.uint32)
        if wanted.statuses:
            self._statuses = {name: np.full(rows, 2, dtype=np.uint8) for name in form.criteria}
        if wanted.unmet:
            self._against = np.zeros((rows, len(form.conditions)), dtype=np.bool_)

    def add(
        self, answers: Answers, solver: Vector, expanded: Vector, rows: npt.NDArray[np.int64] | None, count: int
    ) -> None:
        """Takes the answers of some of the rows."""
        where: Any = slice(None) if rows is None else rows
        verdicts = answers.verdicts
        code = unpacked(~any_of(verdicts.values(), len(answers.every)), count) * np.uint8(REJECT)
        for number, verdict in enumerate(VERDICTS):
            if number and verdicts[verdict].any():
                code += unpacked(verdicts[verdict], count) * np.uint8(number)
        self._verdicts[where] = code
        for name, status in self._statuses.items():
            unmet, met = unpacked(answers.unmet(name), count), unpacked(answers.met(name), count)
            status[where] = np.where(met.view(np.bool_), 0, 2 - unmet)
        conditions = self._form.conditions
        if self._against is not None:
            for number, condition in enumerate(conditions):
                self._against[where, number] = unpacked(answers.against[condition], count)
        if self._wanted.blocking:
            alone = np.full(count, len(conditions), dtype=np.uint32)
            for number, condition in enumerate(conditions):
                if answers.alone[condition].any():
                    alone[unpacked(answers.alone[condition], count).view(np.bool_)] = number
            self._alone[where] = alone
        self._count(answers, solver, expanded)

    def _count(self, answers: Answers, solver: Vector, expanded: Vector) -> None:
        summary, found = self._summary, answers.verdicts
        summary.verdicts.update({str(verdict): counted_bits(found[verdict]) for verdict in VERDICTS})
        by_solver, split = counted_bits(solver), counted_bits(expanded)
        rest = counted_bits(answers.every) - by_solver - split
        summary.routes.update({"algebra": rest, "expanded": split, "solver": by_solver})
        if self._wanted.drivers:
            summary.against.update(_counts({str(c): rows for c, rows in answers.against.items()}))
            summary.alone.update(_counts({str(c): rows for c, rows in answers.alone.items()}))
            summary.missing.update(_counts({column(pair): rows for pair, rows in answers.missing.items()}))

    def table(self, start: int, ids: pa.ChunkedArray | None, rejected: npt.NDArray[np.bool_]) -> pa.Table:
        """The answers as a table."""
        columns: dict[str, Any] = {"row": np.arange(start + 1, start + 1 + self._rows, dtype=np.int64)}
        if ids is not None:
            columns[ID] = ids.cast(ids.type.value_type) if pa.types.is_dictionary(ids.type) else ids
        columns["verdict"] = _words(self._verdicts, tuple(map(str, VERDICTS)), rejected)
        for name, status in self._statuses.items():
            columns[f"status.{name}"] = _words(status, STATUSES, rejected)
        names = tuple(map(str, self._form.conditions))
        denied = self._verdicts == VERDICTS.index(Verdict.DENIED)
        if self._against is not None:
            columns["unmet"] = _lists(self._against, names, denied & ~rejected)
        if self._wanted.blocking:
            columns["blocking"] = _words(self._alone, names, self._alone >= len(names))
        return pa.table(columns)


def _counts(vectors: Mapping[str, Vector]) -> Counter[str]:
    return Counter({name: count for name, rows in vectors.items() if (count := counted_bits(rows))})


def _words(codes: npt.NDArray[Any], words: tuple[str, ...], nothing: npt.NDArray[np.bool_]) -> pa.Array:
    """Codes as a dictionary column."""
    small = np.int8 if len(words) < 128 else np.int32
    some = nothing.any()
    indices = pa.array((np.where(nothing, 0, codes) if some else codes).astype(small), mask=nothing if some else None)
    return pa.DictionaryArray.from_arrays(indices, _texts(words))


@lru_cache
def _texts(words: tuple[str, ...]) -> pa.Array:
    return pa.array(words, pa.string())


def _lists(held: npt.NDArray[np.bool_], words: tuple[str, ...], rows: npt.NDArray[np.bool_]) -> pa.Array:
    """For some rows the words of their bits as lists; null for the others."""
    held = held & rows[:, None]
    lengths = held.sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    small = pa.array(np.nonzero(held)[1].astype(np.int8 if len(words) < 128 else np.int32))
    items = pa.DictionaryArray.from_arrays(small, pa.array(words, pa.string()))
    return pa.ListArray.from_arrays(pa.array(offsets), items.cast(pa.string()), mask=pa.array(~rows))


def _rejects(faults: list[Fault], start: int) -> pa.Table:
    if not faults:
        return NO_REJECTS
    lines = [(start + 1 + row, fault.column, fault.message) for fault in faults for row in fault.rows.tolist()]
    lines = list(dict.fromkeys(sorted(lines)))
    return pa.Table.from_pydict(
        {"row": [r for r, _, _ in lines], "column": [c for _, c, _ in lines], "message": [m for _, _, m in lines]},
        REJECTS,
    )
