"""Data classes as JSON and back, by the types of their fields.

A data class is written as the list of its fields, a set as a sorted list. Nothing but the types named in the fields
is ever made of what is read, so that a file can hold no program.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

Reader = Callable[[Any], Any]


def written(value: Any) -> Any:
    """A value as plain data."""
    if is_dataclass(value):
        return [written(getattr(value, f.name)) for f in _fields(type(value))]
    if isinstance(value, Mapping):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(written(item) for item in value)
    if isinstance(value, (tuple, list)):
        return [written(item) for item in value]
    return str(value) if isinstance(value, (Enum, Path)) else value


def read(kind: type[T], data: Any) -> T:
    """The value of a type from the plain data that `written` made of it.

    Raises:
        TypeError, ValueError, KeyError: the data is of no such value.
    """
    reader: Reader = _reader(kind)  # type: ignore[arg-type]  # a type can be hashed
    made: T = reader(data)
    return made


def _fields(kind: Any) -> list[Any]:
    """The fields that make up a value; those in `_` hold what follows from the others."""
    return [f for f in fields(kind) if not f.name.startswith("_")]


@cache
def _reader(kind: Any) -> Reader:
    """What makes a value of a type from plain data."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional([a for a in arguments if a is not type(None)])
    if origin is tuple and arguments[-1] is not ...:
        readers = [_reader(a) for a in arguments]
        return lambda data: tuple(reader(item) for reader, item in zip(readers, data, strict=True))
    if origin in (tuple, frozenset, list):
        return _many(origin, _reader(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        item = _reader(arguments[1])
        return dict if item is _same else lambda data: {key: item(value) for key, value in data.items()}
    if is_dataclass(kind):
        return _record(kind)
    return kind if issubclass(kind, (Enum, Path)) else _same


def _record(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = [_reader(hints[f.name]) for f in _fields(kind)]
    return lambda data: kind(*[reader(item) for reader, item in zip(readers, data, strict=True)])


def _many(origin: Callable[[Any], Any], item: Reader) -> Reader:
    return origin if item is _same else lambda data: origin([item(value) for value in data])


def _optional(kinds: list[Any]) -> Reader:
    """`X | None`, and unions of plain values."""
    if len(kinds) > 1:
        return _same
    some = _reader(kinds[0])
    return some if some is _same else lambda data: None if data is None else some(data)


def _same(data: Any) -> Any:
    return data
