"""Arrow columns as numpy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from unmet.values import describe

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def chunk(array: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column of a block as one array."""
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    if pa.types.is_dictionary(array.type):
        array = array.unify_dictionaries()
    return array.combine_chunks() if array.num_chunks else pa.nulls(0, array.type)


def raw(array: pa.Array) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8] | None]:
    """The values of a column of whole numbers as they lie in memory, and 1 where there is one; None if everywhere.

    Where there is no value, any may lie in its place.
    """
    validity, values = array.buffers()
    start, rows = array.offset, len(array)
    found = np.frombuffer(values, dtype=array.type.to_pandas_dtype())[start : start + rows]
    if array.null_count == 0:
        return found, None
    bits = np.frombuffer(validity, dtype=np.uint8)
    first = start // 8
    valid = np.unpackbits(bits[first:], count=start - 8 * first + rows, bitorder="little")
    return found, valid[start - 8 * first :]


def masked(values: npt.NDArray[Any], valid: npt.NDArray[np.uint8] | None) -> npt.NDArray[Any]:
    """The values, 0 where there is none."""
    return values if valid is None else values * valid.astype(values.dtype, copy=False)


def yes(array: pa.Array) -> tuple[Flags, list[tuple[Numbers, str]]]:
    """The rows in which a column of booleans, or of yes and no, says yes; and those in which it says neither."""
    if pa.types.is_null(array.type):
        return np.zeros(len(array), dtype=np.bool_), []
    if pa.types.is_boolean(array.type):
        return np.asarray(array.fill_null(False)), []
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = array.dictionary.to_pylist()
    positions = np.asarray(array.indices.cast(pa.int32()).fill_null(len(words)))
    says = np.array([*(word in ("yes", "true", "True", "TRUE") for word in words), False])
    known = ("yes", "no", "true", "True", "TRUE", "false", "False", "FALSE", None)
    faults = [
        (np.flatnonzero(positions == place), f"yes or no, not {describe(word)}")
        for place, word in enumerate(words)
        if word not in known
    ]
    return says[positions], faults
