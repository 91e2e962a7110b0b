"""The pydantic models that read a case, built from a vocabulary.

Every attribute, option and bound is checked here, before any fact is asserted; `unmet schema` prints the same models
as JSON Schema for editors.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    create_model,
)
from pydantic_core import core_schema

from unmet.diagnostics import did_you_mean
from unmet.values import ValueFault, Values, describe, parse_date
from unmet.vocabulary import LEVEL, REQUEST, Attribute, Mode, Vocabulary, expand_levels


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as read: its values (None for `unclear`) and where they come from."""

    values: Values | None
    source: str | None = None
    date: str | None = None
    quote: str | None = None


def _iso(raw: object) -> str:
    return parse_date(raw).isoformat()


class _Custom:
    """A pydantic type by one function and one JSON Schema."""

    def read(self, raw: Any) -> Any:
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.schema()


class _Date(_Custom):
    def read(self, raw: Any) -> str:
        return _iso(raw)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Text(_Custom):
    """Text, with the complaint in our words."""

    def read(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise ValueFault("wrong-type", f"text is wanted here, not {describe(raw)}", "write it in quotes")
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class _Code(Text):
    """A procedure code: text, because 01941 is not 1941."""

    def read(self, raw: Any) -> str:
        if isinstance(raw, int) and not isinstance(raw, bool):
            raise code_as_number(str(raw))
        code = super().read(raw)
        word = "".join(c for c in code if c.isprintable() and not c.isspace())
        if not code or word != code:
            help = f'write it as "{word}"' if word else None
            raise ValueFault("wrong-type", f"a code is one word without spaces, not {_as_it_is(code)}", help)
        return code


def code_as_number(written: str) -> ValueFault:
    """What is wrong with a code that is written so, without quotes."""
    return ValueFault(
        "code-as-number", f"the code `{written}` is written as a number", f'write it in quotes: "{written}"'
    )


class _Name(Text):
    """What a line is called: it heads a part of the answer, so nothing in it may look like another part."""

    def read(self, raw: Any) -> str:
        name = super().read(raw)
        if not name.strip() or not name.isprintable():
            help = "write it on one line, without control characters"
            raise ValueFault("wrong-type", f"this is no name of a line: {_as_it_is(name)}", help)
        return name


def _as_it_is(text: str) -> str:
    """A text in a message about its spaces and hidden characters."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:40])
    return f"`{shown}`" if text else "an empty text"


class Word(_Custom):
    """One of a few words."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)

    def read(self, raw: Any) -> str:
        if not isinstance(raw, str) or raw not in self.words:
            help = did_you_mean(str(raw), self.words) or "one of " + ", ".join(f"`{w}`" for w in self.words)
            raise ValueFault("unknown-word", f"{describe(raw)} is not one of the words wanted here", help)
        return raw

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class _Complete(_Custom):
    """Whether a list holds all there is."""

    def read(self, raw: Any) -> bool:
        if raw in ("yes", "no") or isinstance(raw, bool):
            return raw is True or raw == "yes"
        raise ValueFault("wrong-type", f"`complete` is yes or no, not {describe(raw)}")

    def schema(self) -> dict[str, Any]:
        return {"enum": ["yes", "no", True, False]}


class _Levels(_Custom):
    """The levels a line names: a word such as `L2-L3` or `L2-L4`, or a list of them."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute

    def read(self, raw: Any) -> tuple[str, ...]:
        named: list[str] = []
        for item in raw if isinstance(raw, list) else [raw]:
            if not isinstance(item, str):
                raise ValueFault("wrong-type", f"a level is a word, not {describe(item)}", "write it as `L2-L3`")
            named += expand_levels(self.attribute, item)
        if not named:
            raise ValueFault("wrong-type", "`levels` names no level", "leave it out when none is known")
        if len(set(named)) < len(named):
            raise ValueFault("duplicate-key", "`levels` names one level twice")
        return tuple(named)

    def schema(self) -> dict[str, Any]:
        one = {"type": "string", "pattern": r"^\w+(-\w+)?$"}
        return {"description": self.attribute.label, "anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


class Strict(BaseModel):
    """No key that is not declared, no conversion; built when first used, so that parts are not built for themselves."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Sourced(Strict):
    """`{value, source, date, quote}`."""

    value: Any
    source: Annotated[str | None, Text()] = None
    date: Annotated[str | None, _Date()] = None
    quote: Annotated[str | None, Text()] = None


SOURCED_KEYS = tuple(Sourced.model_fields)


class _Finding(_Custom):
    """A finding of one attribute, bare or with its source."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute

    def read(self, raw: Any) -> Finding:
        if not isinstance(raw, dict):
            return Finding(self.attribute.parse(raw))
        sourced = Sourced.model_validate(raw)
        try:
            return Finding(self.attribute.parse(sourced.value), sourced.source, sourced.date, sourced.quote)
        except ValueFault as fault:
            raise AtKeyError("value", fault) from None

    def schema(self) -> dict[str, Any]:
        bare = self.attribute.json_schema()
        description = bare.pop("description")
        evidence = {
            "source": {"type": "string"},
            "date": {"type": "string", "format": "date"},
            "quote": {"type": "string"},
        }
        full = {
            "type": "object",
            "properties": {"value": bare, **evidence},
            "required": ["value"],
            "additionalProperties": False,
        }
        return {"description": description, "anyOf": [*bare["anyOf"], full]}


class AtKeyError(ValueError):
    """A fault below the value that was read."""

    def __init__(self, key: str, fault: ValueFault) -> None:
        super().__init__(fault.message)
        self.key, self.fault = key, fault


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
            Annotated[Finding | None, _Finding(attribute)],
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
        levels["levels"] = (Annotated[tuple[str, ...] | None, _Levels(level)], None)
    line = _findings(
        "Line",
        of_request,
        **levels,
        line=(Annotated[str | None, _Name()], None),
        code=(Annotated[str | None, _Code()], None),
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
        complete=(Annotated[bool, _Complete()], False),
        listed=(list[entry], Field(default=[])),  # type: ignore[valid-type]
    )
    return Annotated[
        Annotated[list[entry], Tag(LIST)] | Annotated[listing, Tag(MAPPING)], Discriminator(_list_or_mapping)  # type: ignore[valid-type]
    ]


def case_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON Schema of a case over this vocabulary."""
    schema = CaseModels(vocabulary).over((*vocabulary.records, EXPECT)).model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
