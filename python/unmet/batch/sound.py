"""Tables as files hold them, held against what their types promise: a damaged file promises what it does not hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from unmet.batch.arrays import chunk
from unmet.batch.columns import Fault


def sound(table: pa.Table) -> tuple[pa.Table, list[Fault]]:
    """A table whose texts are text: what is not UTF-8 is left out, and a fault of its row.

    Raises:
        ArrowInvalid: the table is damaged otherwise.
    """
    faults: list[Fault] = []
    for place, field in enumerate(table.schema):
        try:
            table.column(place).validate(full=True)
        except pa.ArrowInvalid:
            column, bad = _without_bad_text(chunk(table.column(place)))
            faults.append(Fault(bad, field.name, f"`{field.name}` is not UTF-8 text"))
            table = table.set_column(place, field.name, column)
    return table, faults


def _without_bad_text(column: pa.Array) -> tuple[pa.Array, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """A column of text with nulls where it is none, and these rows.

    Raises:
        ArrowInvalid: the column is no text, or damaged otherwise.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        words, bad = _without_bad_text(column.dictionary)
        column.indices.validate(full=True)
        plain = pa.DictionaryArray.from_arrays(column.indices, words)
        plain.validate(full=True)
        indices = np.asarray(column.indices.cast(pa.int64()).fill_null(-1))
        return plain, np.flatnonzero(np.isin(indices, bad))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise pa.ArrowInvalid(f"a column of {kind} is damaged")
    binary = column.view(pa.large_binary() if pa.types.is_large_string(kind) else pa.binary())
    binary.validate(full=True)
    words, bad_rows = [], []
    for row, word in enumerate(binary.to_pylist()):
        try:
            words.append(None if word is None else word.decode())
        except UnicodeDecodeError:
            words.append(None)
            bad_rows.append(row)
    return pa.array(words, kind), np.array(bad_rows, dtype=np.int64)
