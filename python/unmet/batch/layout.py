"""Which column of a table says what: names of columns held against the vocabulary.

A dot in a name goes one level down, and a struct column is the same as columns with dots:

```
age                     an attribute of a record that there is one of (`patient.age` too)
hip.left.collapse       an attribute of a keyed record
injection               a list of structs, one for each listed record; `injection.2.guidance` its second, by number
injection.complete      whether the list holds all there is
age.min  age.max        a range, either end of which may be null
age.unclear             mentioned without a usable value
id                      carried through
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import starmap

import pyarrow as pa

from unmet.diagnostics import advised, did_you_mean
from unmet.errors import RequestError
from unmet.facts.terms import Pair
from unmet.values import clip
from unmet.vocabulary import Attribute, Entity, Mode, Type, Vocabulary

ID = "id"
COMPLETE, LISTED = "complete", "listed"
MIN, MAX, UNCLEAR = "min", "max", "unclear"
FORMS = (MIN, MAX, UNCLEAR)

MOST_RECORDS = 100
"""How many records of one kind a row may list, as in a case file."""


@dataclass(frozen=True)
class Columns:
    """The columns that speak of one finding, by their names: its value, the ends of a range, whether it is unclear."""

    value: str | None = None
    min: str | None = None
    max: str | None = None
    unclear: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that there are."""
        return tuple(name for name in (self.value, self.min, self.max, self.unclear) if name is not None)


@dataclass(frozen=True)
class Layout:
    """What the columns of a table say.

    `findings` holds the columns of each finding; `lists` the list column of a kind, with the columns within its
    structs; `numbered` the highest number of a kind whose records have columns of their own; `complete` the column
    that says whether a list is. `unread` are attributes of the vocabulary that the policy does not read.
    """

    id: str | None
    findings: Mapping[Pair, Columns]
    lists: Mapping[str, tuple[str, Mapping[str, Columns]]]
    numbered: Mapping[str, int]
    complete: Mapping[str, str]
    unread: tuple[str, ...]


def layout(schema: pa.Schema, vocabulary: Vocabulary, read: Iterable[str]) -> Layout:
    """The layout of a table with this schema, its structs flattened, for a policy that reads these attributes.

    Raises:
        RequestError: with every column that says nothing, or what another says.
    """
    reader = _Reader(vocabulary, frozenset(read))
    for column in schema:
        reader.add(column)
    reader.finish()
    if len(reader.problems) == 1:
        raise RequestError(*reader.problems[0])
    if reader.problems:
        raise RequestError("\n".join(starmap(advised, reader.problems)))
    return Layout(
        reader.id, reader.findings, reader.lists, reader.numbered, reader.complete, tuple(reader.unread)
    )  # fmt: skip


def fits(attribute: Attribute, type: pa.DataType) -> bool:
    """Whether a column of this type can hold values of an attribute."""
    if pa.types.is_dictionary(type):
        return fits(attribute, type.value_type)
    if pa.types.is_null(type) or pa.types.is_string(type) or pa.types.is_large_string(type):
        return True
    if attribute.type is Type.DATE:
        return bool(pa.types.is_date(type))
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return fits(attribute, type.value_type) and not pa.types.is_list(type.value_type)
    if attribute.type is Type.NUMBER:
        return bool(pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type))
    return attribute.type is Type.FLAG and bool(pa.types.is_boolean(type))


def wanted(attribute: Attribute) -> str:
    """The types of column that can hold an attribute, in words."""
    match attribute.type:
        case Type.DATE:
            return "dates, or text such as `2025-09-02`"
        case Type.NUMBER:
            return "numbers, or text"
        case Type.FLAG:
            return "booleans, or the words yes and no"
        case _:
            return "words"


@dataclass
class _Reader:
    vocabulary: Vocabulary
    read: frozenset[str]
    id: str | None = None
    findings: dict[Pair, Columns] = field(default_factory=dict)
    lists: dict[str, tuple[str, Mapping[str, Columns]]] = field(default_factory=dict)
    numbered: dict[str, int] = field(default_factory=dict)
    complete: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    problems: list[tuple[str, str | None]] = field(default_factory=list)

    def add(self, column: pa.Field) -> None:
        """Reads the name of one column."""
        name, parts = column.name, column.name.split(".")
        records = self.vocabulary.records
        if name == ID:
            if self.id is not None:
                self._twice(name)
            elif not _is_word(column.type):
                self._add_problem(f"column `{name}` holds text, numbers or dates, not {column.type}")
            self.id = name
            return
        listed = parts[0] in records and records[parts[0]].mode is Mode.LISTED
        if listed and parts[1:] in ([], [LISTED]):
            self._add_list(parts[0], column)
        elif listed and parts[1:] == [COMPLETE]:
            if parts[0] in self.complete:
                self._twice(name)
            elif not (pa.types.is_boolean(column.type) or _is_text(column.type) or pa.types.is_null(column.type)):
                self._add_problem(f"column `{name}` is yes or no, not {column.type}")
            self.complete[parts[0]] = name
        else:
            self._add_finding(column, parts)

    def _add_finding(self, column: pa.Field, parts: list[str]) -> None:
        form = parts.pop() if parts[-1] in FORMS and len(parts) > 1 else None
        attribute = self.vocabulary.attributes.get(parts[-1])
        entity = self._entity(attribute, parts[:-1]) if attribute else None
        if attribute is None or entity is None:
            self._unknown(column.name, attribute)
            return
        if self._rejects(attribute, column, form):
            return
        if attribute.name not in self.read:
            self.unread.append(column.name)
            return
        if isinstance(entity.key, int):
            self.numbered[entity.record] = max(entity.key, self.numbered.get(entity.record, 0))
        pair = (entity, attribute.name)
        self.findings[pair] = self._with(self.findings.get(pair, Columns()), form, column.name)

    def _with(self, columns: Columns, form: str | None, name: str) -> Columns:
        if getattr(columns, form or "value") is not None:
            self._twice(name)
        return replace(columns, **{form or "value": name})

    def _entity(self, attribute: Attribute, above: list[str]) -> Entity | None:
        record = self.vocabulary.records[attribute.record]
        match record.mode, above:
            case Mode.ONE, ([] | [record.name]):
                return Entity(record.name)
            case Mode.KEYED, [record.name, key] if key in record.keys:
                return Entity(record.name, key)
            case Mode.LISTED, [record.name, number] if re.fullmatch(r"[1-9][0-9]?|100", number):
                return Entity(record.name, int(number))
        return None

    def _add_list(self, kind: str, column: pa.Field) -> None:
        if kind in self.lists:
            self._twice(column.name)
            return
        is_list = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
        if pa.types.is_null(column.type) or (is_list and pa.types.is_null(column.type.value_type)):
            self.lists[kind] = (column.name, {})
            return
        if not (is_list and pa.types.is_struct(column.type.value_type)):
            help = (
                f"write columns such as `{kind}.1.{self.vocabulary.of_record(kind)[0].name}`"
                if _is_text(column.type)
                else None
            )
            said = "text" if _is_text(column.type) else column.type
            self._add_problem(f"column `{column.name}` is a list of structs, one for each record, not {said}", help)
            return
        within: dict[str, Columns] = {}
        for inner in flat_fields(column.type.value_type):
            parts = inner.name.split(".")
            form = parts.pop() if parts[-1] in FORMS and len(parts) > 1 else None
            attribute = self.vocabulary.attributes.get(parts[-1]) if len(parts) == 1 else None
            if attribute is None or attribute.record != kind:
                known = [a.name for a in self.vocabulary.of_record(kind)]
                self._no_use(f"{column.name}.{inner.name}", did_you_mean(parts[-1], known))
            elif self._rejects(attribute, inner.with_name(f"{column.name}.{inner.name}"), form):
                continue
            elif attribute.name not in self.read:
                self.unread.append(f"{column.name}.{inner.name}")
            else:
                within[attribute.name] = self._with(within.get(attribute.name, Columns()), form, inner.name)
        self.lists[kind] = (column.name, within)

    def _rejects(self, attribute: Attribute, column: pa.Field, form: str | None) -> bool:
        if form == UNCLEAR:
            if not (pa.types.is_boolean(column.type) or pa.types.is_null(column.type) or _is_text(column.type)):
                self._add_problem(f"column `{column.name}` is yes or no, not {column.type}")
                return True
        elif form is not None and attribute.type is not Type.NUMBER:
            self._add_problem(f"column `{column.name}`: `{attribute.name}` is no number and has no range")
            return True
        elif not fits(attribute, column.type):
            self._add_problem(f"column `{column.name}` holds {wanted(attribute)}, not {column.type}")
            return True
        return False

    def _unknown(self, name: str, attribute: Attribute | None) -> None:
        help = None
        if attribute is not None:
            record = self.vocabulary.records[attribute.record]
            example = {
                Mode.ONE: attribute.name,
                Mode.KEYED: f"{record.name}.{record.keys[0] if record.keys else ''}.{attribute.name}",
                Mode.LISTED: f"{record.name}.1.{attribute.name}",
            }[record.mode]
            help = f"write `{example}`"
        else:
            help = did_you_mean(name, self._names())
        self._no_use(name, help)

    def _names(self) -> list[str]:
        """The names that columns may have."""
        found = [ID]
        for attribute in self.vocabulary.attributes.values():
            record = self.vocabulary.records[attribute.record]
            if record.mode is Mode.ONE:
                found.append(attribute.name)
            elif record.mode is Mode.KEYED:
                found += [f"{record.name}.{key}.{attribute.name}" for key in record.keys]
            else:
                found.append(f"{record.name}.1.{attribute.name}")
        for record in self.vocabulary.records.values():
            if record.mode is Mode.LISTED:
                found += [record.name, f"{record.name}.{COMPLETE}"]
        return found

    def _no_use(self, name: str, help: str | None) -> None:
        self._add_problem(f"nothing reads the column `{clip(name)}`", help)

    def _add_problem(self, message: str, help: str | None = None) -> None:
        self.problems.append((message, help))

    def _twice(self, name: str) -> None:
        self._add_problem(f"column `{name}` says what another column says")

    def finish(self) -> None:
        """Holds columns against each other."""
        for kind in self.lists.keys() & self.numbered.keys():
            self._add_problem(f"column `{self.lists[kind][0]}` lists records that have columns of their own as well")


def _is_word(type: pa.DataType) -> bool:
    """Whether values of a type can be written as one word."""
    inner = type.value_type if pa.types.is_dictionary(type) else type
    number = pa.types.is_integer(inner) or pa.types.is_floating(inner) or pa.types.is_decimal(inner)
    other = (
        pa.types.is_null(inner) or pa.types.is_boolean(inner) or pa.types.is_date(inner) or pa.types.is_timestamp(inner)
    )
    return bool(number or other or _is_text(inner))


def _is_text(type: pa.DataType) -> bool:
    inner = type.value_type if pa.types.is_dictionary(type) else type
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def flat_fields(struct: pa.StructType) -> list[pa.Field]:
    """The fields of a struct, those of structs within it by names with dots."""
    found: list[pa.Field] = []
    for inner in struct:
        if pa.types.is_struct(inner.type):
            found += [pa.field(f"{inner.name}.{each.name}", each.type) for each in flat_fields(inner.type)]
        else:
            found.append(inner)
    return found


def flattened(table: pa.Table) -> pa.Table:
    """A table whose struct columns are columns with dots in their names."""
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()
    return table
