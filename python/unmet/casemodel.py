"""The pydantic models that read a case, built from a vocabulary.

Every attribute, option and bound is checked here, before any fact is asserted; `unmet schema` prints the same models
as JSON Schema for editors.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, Field, Tag, create_model

from unmet.casetypes import Code, Complete, Finding, FindingOf, Levels, Name, Strict, Text
from unmet.vocabulary import LEVEL, REQUEST, Attribute, Mode, Vocabulary

EXPECT = "expect"
"""The key under which a case file says what it expects of the answer."""

LIST, MAPPING = "\0list", "\0mapping"
"""Tags of pydantic's unions, taken out of the paths of errors; no key of a document holds such a character."""


def _list_or_mapping(raw: Any) -> str:
    return LIST if isinstance(raw, list) else MAPPING


def _expectations() -> Any:
    """One expectation or a list of them."""
    from unmet.expectmodel import ExpectationModel as One

    return Annotated[Annotated[list[One], Tag(LIST)] | Annotated[One, Tag(MAPPING)], Discriminator(_list_or_mapping)]


def _findings(name: str, attributes: Iterable[Attribute], **fields: Any) -> type[BaseModel]:
    """A model with a field for each attribute, absent where the case is silent."""
    for attribute in attributes:
        fields[f"a_{attribute.name}"] = (
            Annotated[Finding | None, FindingOf(attribute)],
            Field(default=None, alias=attribute.name),
        )
    model: type[BaseModel] = create_model(name, __base__=Strict, **fields)
    return model


class CaseModels:
    """The pydantic models of cases over a vocabulary: one for each set of record kinds that a case speaks of.

    A model of all kinds takes longer to build than most cases take to decide, and a kind that a case does not name is
    a field that it leaves out. May be used from several threads.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._models: dict[tuple[str, ...], type[BaseModel]] = {}
        self._types: dict[str, Any] = {}
        self._building = threading.Lock()

    def of(self, data: Mapping[Any, object]) -> type[BaseModel]:
        """The model that reads this data."""
        return self.over(name for name in (*self._vocabulary.records, EXPECT) if name in data)

    def over(self, names: Iterable[str]) -> type[BaseModel]:
        """The model of a case that speaks of these record kinds, and may say what it expects (`expect`)."""
        key = tuple(name for name in names if name != REQUEST)
        with self._building:
            if key not in self._models:
                self._models[key] = self._model(key)
            return self._models[key]

    def _model(self, names: Iterable[str]) -> type[BaseModel]:
        fields: dict[str, Any] = {"title": (Annotated[str | None, Text()], None), "request": (self._request, ...)}
        for name in names:
            if name == EXPECT:
                fields[EXPECT] = (_expectations(), Field(default=[]))
            else:
                fields[f"r_{name}"] = (self._type(name), Field(default=None, alias=name))
        model: type[BaseModel] = create_model("Case", __base__=Strict, **fields)
        return model

    def _type(self, kind: str) -> Any:
        if kind not in self._types:
            self._types[kind] = _record_type(self._vocabulary, kind)
        return self._types[kind]

    @cached_property
    def _request(self) -> type[BaseModel]:
        return _request_type(self._vocabulary)


def _request_type(vocabulary: Vocabulary) -> type[BaseModel]:
    of_request = tuple(a for a in vocabulary.of_record(REQUEST) if a.name != LEVEL)
    levels: dict[str, Any] = {}
    if level := vocabulary.attributes.get(LEVEL):
        levels["levels"] = (Annotated[tuple[str, ...] | None, Levels(level)], None)
    line = _findings(
        "Line",
        of_request,
        **levels,
        line=(Annotated[str | None, Name()], None),
        code=(Annotated[str | None, Code()], None),
        policy=(Annotated[str | None, Text()], None),
    )
    return _findings("Request", of_request, lines=(list[line], Field(min_length=1)))  # type: ignore[valid-type]


def _record_type(vocabulary: Vocabulary, kind: str) -> Any:
    record = vocabulary.records[kind]
    entry = _findings(kind, vocabulary.of_record(kind))
    if record.mode is Mode.ONE:
        return entry
    if record.mode is Mode.KEYED:
        keys: dict[str, Any] = {f"k_{i}": (entry, Field(default=None, alias=k)) for i, k in enumerate(record.keys)}
        return create_model(f"{kind}_by_key", __base__=Strict, **keys)
    listing = create_model(
        f"{kind}_list",
        __base__=Strict,
        complete=(Annotated[bool, Complete()], False),
        listed=(list[entry], Field(default=[])),  # type: ignore[valid-type]
    )
    return Annotated[
        Annotated[list[entry], Tag(LIST)] | Annotated[listing, Tag(MAPPING)], Discriminator(_list_or_mapping)  # type: ignore[valid-type]
    ]


def case_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON Schema of a case over this vocabulary."""
    schema = CaseModels(vocabulary).over((*vocabulary.records, EXPECT)).model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
