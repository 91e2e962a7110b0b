"""What it changes to decide the same cases by another version of a policy, or by other readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.batch.arrays import chunk
from unmet.batch.columns import Fault
from unmet.batch.decide import ROWS, STATUSES, Batch, Wanted
from unmet.batch.files import Source, Span
from unmet.batch.layout import ID, flattened
from unmet.batch.pool import Stopped, worked
from unmet.batch.report import Summary
from unmet.comparison import Side
from unmet.results import Kind, Silence

T = TypeVar("T")

WANTED = Wanted(statuses=True, drivers=False)


@dataclass(frozen=True)
class Sample:
    """A row that flips: its number from 1, its id if it has one, and the criteria the change comes through."""

    row: int
    id: Any
    through: tuple[str, ...]


@dataclass
class Flip:
    """The rows that go from one verdict to another.

    `through` counts the criteria that a flip comes through: those whose status differs, or which only one side has,
    while no criterion that they read differs.
    """

    old: str
    new: str
    rows: int = 0
    through: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


@dataclass
class Impact:
    """Two sides over the same rows; `rejected` rows have no verdict on one side or the other."""

    policy: str
    old: Side
    new: Side
    rows: int = 0
    rejected: int = 0
    same: int = 0
    flips: dict[tuple[str, str], Flip] = field(default_factory=dict)

    def add(self, later: Impact, samples: int) -> None:
        """Adds what was found over the rows that come next; so many rows of each flip are named."""
        for key, flip in later.flips.items():
            mine = self.flips.setdefault(key, Flip(*key))
            mine.rows += flip.rows
            mine.through.update(flip.through)
            more = flip.samples[: samples - len(mine.samples)]
            mine.samples += [replace(sample, row=self.rows + sample.row) for sample in more]
        self.rows += later.rows
        self.rejected += later.rejected
        self.same += later.same

    def data(self) -> dict[str, Any]:
        """The counts as plain data, flips from the most frequent."""
        ordered = sorted(self.flips.values(), key=lambda flip: (-flip.rows, flip.old, flip.new))
        return {
            "policy": self.policy,
            "old": asdict(self.old),
            "new": asdict(self.new),
            "rows": self.rows,
            "rejected": self.rejected,
            "same": self.same,
            "flips": [
                {
                    "old": flip.old,
                    "new": flip.new,
                    "rows": flip.rows,
                    "through": dict(sorted(flip.through.items(), key=lambda each: (-each[1], each[0]))),
                    "samples": [
                        {"row": each.row, "id": each.id, "through": list(each.through)} for each in flip.samples
                    ],
                }
                for flip in ordered
            ],
        }


def impact(old: Batch, new: Batch, tables: Iterator[pa.Table], silence: Silence, samples: int) -> Impact:
    """Decides the rows of tables by two versions or readings of a policy.

    Args:
        samples: how many rows of each flip are named, the first ones.

    Raises:
        RequestError: a table has columns that neither side's vocabulary has.
    """
    compared = _Compared(old, new, silence, samples)
    return compared.pieces((table, []) for table in tables)


def file_impact(old: Batch, new: Batch, path: Path, silence: Silence, samples: int, jobs: int = 1) -> Impact:
    """The same for the rows of a file, on so many threads.

    Raises:
        RequestError: the file cannot be read, or has columns that say nothing.
    """
    source = Source(path, ROWS)
    old.layout(source.schema)
    compared = _Compared(old, new, silence, samples)
    parts = dict(worked(dict(enumerate(source.spans)), partial(_span, compared, source), jobs))
    found = Impact(old.policy.name, _of(old), _of(new))
    for number in sorted(parts):
        found.add(parts[number], samples)
    return found


def _span(compared: _Compared, source: Source, number: int, span: Span, stopping: Callable[[], bool]) -> Impact:
    return compared.pieces(_unless(stopping, source.read(span)))


def _unless(stopping: Callable[[], bool], tables: Iterator[T]) -> Iterator[T]:
    """Tables, until it is told to stop.

    Raises:
        Stopped: it was.
    """
    for table in tables:
        if stopping():
            raise Stopped
        yield table


@dataclass(frozen=True)
class _Compared:
    """Two sides over the same rows; so many rows of each flip are named."""

    old: Batch
    new: Batch
    silence: Silence
    samples: int

    def pieces(self, tables: Iterable[tuple[pa.Table, list[Fault]]]) -> Impact:
        """What differs over some tables, with what is known to be wrong with their rows."""
        found = Impact(self.old.policy.name, _of(self.old), _of(self.new))
        for table, faults in tables:
            for start in range(0, table.num_rows, ROWS):
                inside = [
                    Fault(f.rows - start, f.column, f.message) for f in faults if start <= f.rows[0] < start + ROWS
                ]
                piece = flattened(table.slice(start, ROWS))
                answers = [self._answers(batch, piece, inside) for batch in (self.old, self.new)]
                _compare(found, _Sides(self.old, self.new, *answers), self.samples)
                found.rows += piece.num_rows
        return found

    def _answers(self, batch: Batch, piece: pa.Table, faults: list[Fault]) -> pa.Table:
        known, unknown = batch.readable(piece)
        layout = batch.layout(known.schema)
        return batch.block(known, layout, self.silence, WANTED, Summary(), 0, [*faults, *unknown])[0]


def _of(batch: Batch) -> Side:
    return Side.of(batch.policy, batch.chosen)


@dataclass(frozen=True)
class _Sides:
    old: Batch
    new: Batch
    before: pa.Table
    after: pa.Table

    def differing(self) -> dict[str, npt.NDArray[np.bool_]]:
        """The rows in which a criterion differs.

        One that only one side has differs where its status there is not that which leaves the group that reads it as
        it is without it: met in a list of which all are needed, unmet in one of alternatives.
        """
        found: dict[str, npt.NDArray[np.bool_]] = {}
        for name in dict.fromkeys([*self.old.form.criteria, *self.new.form.criteria]):
            one, other = (_codes(t, f"status.{name}") for t in (self.before, self.after))
            if one is not None and other is not None:
                found[name] = np.not_equal(one, other)
            elif one is not None:
                found[name] = np.not_equal(one, STATUSES.index(_neutral(self.old, name)))
            elif other is not None:
                found[name] = np.not_equal(other, STATUSES.index(_neutral(self.new, name)))
        return found

    def through(self) -> dict[str, npt.NDArray[np.bool_]]:
        """The rows in which a criterion differs and none that it reads on either side."""
        differing = self.differing()
        found = {}
        for name, rows in differing.items():
            below = np.zeros(len(rows), dtype=np.bool_)
            for batch in (self.old, self.new):
                if name in batch.form.criteria:
                    for child in batch.form.outline.shape(name).children:
                        below |= differing[child.name]
            found[name] = rows & ~below
        return found


def _neutral(batch: Batch, name: str) -> str:
    """The status of a criterion that leaves the first group that reads it as it is without it."""
    outline = batch.form.outline
    parent = outline.parents[name]
    if parent is None:
        return "unmet"
    shape = outline.shape(parent)
    negated = any(child.negated for child in shape.children if child.name == name)
    return "unmet" if (shape.kind in (Kind.ANY, Kind.AT_LEAST)) != negated else "met"


def _compare(found: Impact, sides: _Sides, samples: int) -> None:
    """Adds the rows of a block to what was found."""
    one, other = _codes(sides.before, "verdict"), _codes(sides.after, "verdict")
    assert one is not None
    assert other is not None
    rejected = (one < 0) | (other < 0)
    found.rejected += int(rejected.sum())
    found.same += int((~rejected & (one == other)).sum())
    flipping = ~rejected & (one != other)
    if not flipping.any():
        return
    words = chunk(sides.before.column("verdict")).dictionary.to_pylist()
    through = sides.through()
    for code in np.unique(one[flipping] * len(words) + other[flipping]).tolist():
        was, is_now = divmod(code, len(words))
        rows = flipping & (one == was) & (other == is_now)
        flip = found.flips.setdefault((words[was], words[is_now]), Flip(words[was], words[is_now]))
        flip.rows += int(rows.sum())
        flip.through.update({n: count for n, where in through.items() if (count := int((where & rows).sum()))})
        for row in np.flatnonzero(rows)[: samples - len(flip.samples)].tolist():
            ids = sides.before.column(ID)[row].as_py() if ID in sides.before.column_names else None
            names = tuple(name for name, where in through.items() if where[row])
            flip.samples.append(Sample(found.rows + row + 1, ids, names))


def _codes(table: pa.Table, name: str) -> npt.NDArray[np.int64] | None:
    """The positions of a column of words, -1 where there is none; None where there is no such column."""
    if name not in table.column_names:
        return None
    return np.asarray(chunk(table.column(name)).indices.fill_null(-1)).astype(np.int64)
