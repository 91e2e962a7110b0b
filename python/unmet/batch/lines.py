"""Lines of JSON as tables: by Arrow, or one by one where lines are of different form, or no JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from unmet.batch.columns import Fault
from unmet.values import clip

DEEPEST = 24
"""How deep the values of a line may nest, as in a case file."""


def json_table(block: bytes) -> tuple[pa.Table, list[Fault]]:
    """The lines of a block as a table, with what is wrong with lines that could not be read."""
    if not _is_plain(block):
        return lines_of_json(block)
    try:
        options = arrow_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
        found = arrow_json.read_json(io.BytesIO(block), options)
    except pa.ArrowInvalid:
        return lines_of_json(block)
    return (found, []) if found.num_columns else lines_of_json(block)


def _is_plain(block: bytes) -> bool:
    """Whether Arrow reads a block safely: it trusts that text is UTF-8, and nests with the stack of the processor."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    found = np.frombuffer(block, dtype=np.uint8) | 0x20  # of `[` and `{` then the code is 123, of `]` and `}` 125
    brackets = found[(found == 123) | (found == 125)]
    return len(brackets) == 0 or int(np.cumsum(124 - brackets.astype(np.int64)).max()) <= DEEPEST


def lines_of_json(block: bytes) -> tuple[pa.Table, list[Fault]]:
    """Lines of JSON as a table, read one by one; scalars as text."""
    rows, faults = list[dict[str, Any]](), list[Fault]()
    for line in block.splitlines():
        if not line.strip():
            continue
        row, wrong = _row(line)
        if wrong:
            faults.append(Fault(np.array([len(rows)]), "", wrong))
        rows.append(row)
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        columns[name], wrong_rows = _column([row.get(name) for row in rows])
        faults += [Fault(np.array([row]), name, f"`{name}` {message}") for row, message in wrong_rows]
    table = pa.table(columns) if columns else pa.table({"id": pa.nulls(len(rows), pa.string())})
    return table, faults


def _row(line: bytes) -> tuple[dict[str, Any], str | None]:
    """What a line says, by names with dots; or nothing, and what is wrong with it."""
    try:
        row = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_once)
        if not isinstance(row, dict):
            return {}, "the line is no JSON object"
        json.dumps(row, ensure_ascii=False).encode()  # halves of characters are no text
        return dict(_flat(row)), None
    except _WrittenTwiceError as error:
        return {}, f"`{clip(str(error))}` is written twice"
    except RecursionError:
        return {}, f"nesting is deeper than {DEEPEST}"
    except ValueError:
        return {}, "the line is no JSON object"


class _WrittenTwiceError(Exception):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _WrittenTwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _flat(row: dict[str, Any], above: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    if depth > DEEPEST:
        raise RecursionError
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.", depth + 1)
        else:
            yield f"{above}{name}", value


def _column(values: list[Any]) -> tuple[pa.Array, list[tuple[int, str]]]:
    """Values of one column in one form (records, lists of text, or text), and what is wrong with which of them."""
    if any(isinstance(value, list) and any(isinstance(each, dict) for each in value) for value in values):
        return _records(values)
    if any(isinstance(value, list) for value in values):
        lists = [value if value is None or isinstance(value, list) else [value] for value in values]
        words = [None if value is None else [_text(each) for each in value] for value in lists]
        return pa.array(words, pa.list_(pa.string())), []
    return pa.array([_text(value) for value in values], pa.string()), []


def _records(values: list[Any]) -> tuple[pa.Array, list[tuple[int, str]]]:
    """Lists of records; where something else stands the list is null."""
    wrong: list[tuple[int, str]] = []
    lists: list[list[dict[str, Any]] | None] = []
    for row, value in enumerate(values):
        if value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
            lists.append(None if value is None else [dict(_flat(each)) for each in value])
        else:
            wrong.append((row, f"is a list of records, not {_said(value)}"))
            lists.append(None)
    records = [record for value in lists for record in value or ()]
    columns: dict[str, pa.Array] = {}
    owners = [row for row, value in enumerate(lists) for _ in value or ()]
    for name in dict.fromkeys(name for record in records for name in record):
        columns[name], inner = _column([record.get(name) for record in records])
        wrong += [(owners[place], f"has records in which `{name}` {message}") for place, message in inner]
    struct = (
        pa.StructArray.from_arrays(list(columns.values()), list(columns))
        if columns
        else pa.array([{}] * len(records), pa.struct([]))
    )
    offsets = np.cumsum([0, *(len(value or ()) for value in lists)])
    missing = pa.array([value is None for value in lists])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), struct, mask=missing), wrong


def _text(value: Any) -> str | None:
    """A scalar as text; what is none as it would be written."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _said(value: Any) -> str:
    return f"`{clip(_text(value) or '')}`"
