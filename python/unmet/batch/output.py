"""Answers written to files, block by block."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet


class Sink:
    """A file of answers; what is written depends on the tables alone, and not on how they are cut."""

    def __init__(self, path: Path, form: str, schema: pa.Schema) -> None:
        self._form = form
        self._schema = schema if form in ("parquet", "ipc") else plain(schema)
        self._file: Any = path.open("wb")
        match form:
            case "parquet":
                words = [f.name for f in schema if _is_words(f.type)]
                rising = {"row": "DELTA_BINARY_PACKED"}
                self._writer: Any = parquet.ParquetWriter(
                    self._file, schema, use_dictionary=words or False, column_encoding=rising
                )
            case "ipc":
                self._writer = ipc.new_file(self._file, schema)
            case "csv":
                self._writer = csv.CSVWriter(self._file, self._schema)
            case _:
                self._writer = None

    def write(self, table: pa.Table) -> None:
        """Writes rows."""
        if self._form in ("parquet", "ipc"):
            self._writer.write_table(table)
        elif self._form == "csv":
            self._writer.write_table(joined(table).cast(self._schema))
        else:
            for row in table.to_pylist():
                kept = {name: _plain(value) for name, value in row.items() if value is not None}
                self._file.write(json.dumps(kept, ensure_ascii=False, default=str).encode() + b"\n")

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        self._file.close()


def _plain(value: Any) -> Any:
    """A value as JSON has it, which knows no infinite numbers."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def plain(schema: pa.Schema) -> pa.Schema:
    """The schema of a text file: words instead of dictionaries, and lists as one text."""
    return pa.schema([(f.name, pa.string() if _is_words(f.type) else f.type) for f in schema])


def joined(table: pa.Table) -> pa.Table:
    """The table with the words of a list as one text, by `; `."""
    for place, column in enumerate(table.schema):
        if pa.types.is_list(column.type):
            words = [None if each is None else "; ".join(each) for each in table.column(place).to_pylist()]
            table = table.set_column(place, column.name, pa.array(words, pa.string()))
    return table


def _is_words(type: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(type) or pa.types.is_list(type))
