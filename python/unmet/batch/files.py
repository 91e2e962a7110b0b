"""Tables in files: cut into spans that are read one by one, in bounded memory, by whichever thread comes first.

Parquet is cut at row groups, Arrow IPC at record batches, CSV and JSON Lines at the ends of rows. A row that cannot be
read at all becomes a row of nulls with a fault, so that every row keeps its number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet

from unmet.batch.columns import Fault
from unmet.batch.layout import ID
from unmet.batch.lines import json_table
from unmet.batch.sound import sound
from unmet.errors import RequestError, reason

SPAN_ROWS = 1 << 20
"""About how many rows a span has."""

SPAN_BYTES = 1 << 25
"""About how many bytes of text a span has."""

SUFFIXES = {
    ".parquet": "parquet",
    ".arrow": "ipc", ".ipc": "ipc", ".feather": "ipc",
    ".csv": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
"""The form of a file by its suffix."""

TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Span:
    """A piece of a file: row groups, record batches or bytes from `start` up to `stop`; `weight` is rows or bytes."""

    start: int
    stop: int
    weight: int


def form_of(path: Path) -> str:
    """The form of a file.

    Raises:
        RequestError: its suffix is none of those known.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        known = ", ".join(f"`{suffix}`" for suffix in SUFFIXES)
        raise RequestError(f"`{path}` is no table that can be read or written", f"its name ends in one of {known}")
    return form


class Source:
    """A file of cases."""

    def __init__(self, path: Path, rows: int) -> None:
        """`rows` is how many rows are read at once."""
        self.path, self.rows, self.form = path, rows, form_of(path)
        try:
            if not path.is_file():
                raise RequestError(f"there is no file `{path}`")
            self.spans, self.schema = getattr(self, f"_open_{self.form}")()
        except (pa.ArrowException, OSError, ValueError) as error:
            raise RequestError(f"`{path}` cannot be read: {_first_line(error)}") from None

    def read(self, span: Span) -> Iterator[tuple[pa.Table, list[Fault]]]:
        """The tables of a span, with what is wrong with rows that could not be read.

        Raises:
            RequestError: the file is damaged.
        """
        try:
            for table, faults in getattr(self, f"_read_{self.form}")(span):
                found, wrong = sound(table)
                yield found, [*faults, *wrong]
        except (pa.ArrowException, OSError, ValueError) as error:
            raise RequestError(f"`{self.path}` cannot be read: {_first_line(error)}") from None

    # -- Parquet and Arrow IPC --------------------------------------------------------------------------------

    def _open_parquet(self) -> tuple[list[Span], pa.Schema]:
        with parquet.ParquetFile(self.path) as file:
            weights = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            return _grouped(weights), file.schema_arrow

    def _read_parquet(self, span: Span) -> Iterator[tuple[pa.Table, list[Fault]]]:
        words = [f.name for f in self.schema if pa.types.is_string(f.type) and f.name != ID]
        with parquet.ParquetFile(self.path, read_dictionary=words, pre_buffer=False) as file:
            for batch in file.iter_batches(self.rows, row_groups=list(range(span.start, span.stop))):
                yield pa.Table.from_batches([batch]), []

    def _open_ipc(self) -> tuple[list[Span], pa.Schema]:
        with pa.memory_map(str(self.path)) as source, ipc.open_file(source) as file:
            weights = [file.get_batch(i).num_rows for i in range(file.num_record_batches)]
            return _grouped(weights), file.schema

    def _read_ipc(self, span: Span) -> Iterator[tuple[pa.Table, list[Fault]]]:
        with pa.memory_map(str(self.path)) as source, ipc.open_file(source) as file:
            for number in range(span.start, span.stop):
                table = pa.Table.from_batches([file.get_batch(number)])
                for start in range(0, table.num_rows, self.rows):
                    yield table.slice(start, self.rows), []

    # -- text -------------------------------------------------------------------------------------------------

    def _cut(self, start: int, quotes: bool) -> list[Span]:
        """The bytes from a row's start on in spans that end where rows do; a quoted field may hold line ends."""
        spans: list[Span] = []
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            while start < size:
                length, last = SPAN_BYTES, -1
                while last < 0 and start + length < size:
                    file.seek(start)
                    block = file.read(length)
                    last = _last_row_end(block) if quotes else block.rfind(b"\n")
                    length *= 2
                stop = size if last < 0 else start + last + 1
                spans.append(Span(start, stop, stop - start))
                start = stop
        return spans

    def _bytes(self, span: Span) -> bytes:
        with self.path.open("rb") as file:
            file.seek(span.start)
            return file.read(span.stop - span.start)

    def _open_csv(self) -> tuple[list[Span], pa.Schema]:
        with self.path.open("rb") as file:
            header = file.readline(SPAN_BYTES)
        if b"\r" in header.rstrip(b"\r\n"):  # lines that end as on an old Macintosh
            header = header[: header.index(b"\r") + 1]
        try:
            text = header.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise ValueError("its header is not UTF-8 text") from None
        if not text:
            raise ValueError("it has no header")
        if text.count('"') % 2:
            raise ValueError("its header ends within quotes")
        parsed = csv.read_csv(io.BytesIO(text.encode() + b"\n"))
        names = parsed.column_names
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise RequestError(f"`{self.path}` has two columns `{twice}`")
        return self._cut(len(header), quotes=True), pa.schema([(name, TEXT) for name in names])

    def _read_csv(self, span: Span) -> Iterator[tuple[pa.Table, list[Fault]]]:
        block, faults = self._bytes(span), list[Fault]()
        bad: dict[int, str] = {}
        try:
            table = self._parsed(block, bad, TEXT)
        except pa.ArrowInvalid:  # of text that is not UTF-8
            bad.clear()
            table = self._parsed(block, bad, pa.binary())
            columns = [column.combine_chunks().view(pa.string()) for column in table.columns]
            table = pa.Table.from_arrays(columns, self.schema.names)
        if bad:
            places = np.full(table.num_rows + len(bad), -1, dtype=np.int64)
            places[sorted(set(range(len(places))) - bad.keys())] = np.arange(table.num_rows)
            table = table.take(pa.array(places, mask=places < 0))
            faults = [Fault(np.array([row]), "", message) for row, message in sorted(bad.items())]
        yield from self._sliced(table, faults)

    def _parsed(self, block: bytes, bad: dict[int, str], kind: pa.DataType) -> pa.Table:
        """A block of rows; those of the wrong number of fields are left out, and noted in `bad` by their position."""

        def invalid(row: Any) -> str:
            bad[row.number - 1] = f"the row has {row.actual_columns} fields, and the header {row.expected_columns}"
            return "skip"

        names = self.schema.names
        return csv.read_csv(
            io.BytesIO(block),
            csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
            csv.ParseOptions(newlines_in_values=True, invalid_row_handler=invalid),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, kind), strings_can_be_null=True, null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip

    def _sliced(self, table: pa.Table, faults: list[Fault]) -> Iterator[tuple[pa.Table, list[Fault]]]:
        for start in range(0, table.num_rows, self.rows):
            inside = [f for f in faults if start <= f.rows[0] < start + self.rows]
            yield table.slice(start, self.rows), [Fault(f.rows - start, f.column, f.message) for f in inside]

    def _open_jsonl(self) -> tuple[list[Span], pa.Schema]:
        spans = self._cut(0, quotes=False)
        first, _ = json_table(self._bytes(spans[0])) if spans else (pa.table({}), [])
        return spans, first.schema

    def _read_jsonl(self, span: Span) -> Iterator[tuple[pa.Table, list[Fault]]]:
        yield from self._sliced(*json_table(self._bytes(span)))


_QUOTED = re.compile(rb'(?:(?<=[,\r\n])|\A)"(?:[^"]|"")*+(?:"|\Z)')
"""A field in quotes: a quote within another field is a character like any other."""


def _last_row_end(block: bytes) -> int:
    """The last line end of a block of CSV that is none within quotes, -1 where there is none; a row begins the block.

    Quotes open and close fields in turn, and between them are doubled: then what stands beside them tells which are
    which. Where some stand otherwise (six inches as `6"`), the fields are looked at one by one.
    """
    found = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(found == ord('"'))
    if not len(quotes):
        return block.rfind(b"\n")
    edges = np.isin(found, np.frombuffer(b",\r\n", dtype=np.uint8))
    opens, closes = edges[quotes - 1] | (quotes == 0), edges[np.minimum(quotes + 1, len(found) - 1)]
    telling = np.flatnonzero(opens | closes)
    between = np.diff(np.concatenate([[-1], telling, [len(quotes)]])) - 1
    in_turn = np.array_equal(opens[telling], np.arange(len(telling)) % 2 == 0)
    doubled = not between[::2].any() and not (between[1:-1:2] % 2).any()
    if in_turn and doubled and not (opens & closes).any():
        ends = np.flatnonzero(found == ord("\n"))
        outside = ends[np.searchsorted(quotes[telling], ends) % 2 == 0]
        return int(outside[-1]) if len(outside) else -1
    end, place = -1, 0
    for match in _QUOTED.finditer(block):
        end = max(end, block.rfind(b"\n", place, match.start()))
        place = match.end()
    return max(end, block.rfind(b"\n", place))


def _grouped(weights: list[int]) -> list[Span]:
    """Neighbours in groups of about the rows that a span has."""
    spans: list[Span] = []
    start = rows = 0
    for number, weight in enumerate(weights):
        if rows and rows + weight > SPAN_ROWS:
            spans.append(Span(start, number, rows))
            start, rows = number, 0
        rows += weight
    return [*spans, Span(start, len(weights), rows)] if weights else spans


def _first_line(error: Exception) -> str:
    return (reason(error) if isinstance(error, OSError) else str(error)).partition("\n")[0]
