"""The types that values of a case file are read by: each checks its value, and says so in JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from unmet.diagnostics import did_you_mean
from unmet.values import ValueFault, Values, describe, parse_date
from unmet.vocabulary import Attribute, expand_levels


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


class Code(Text):
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

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\S+$"}


def code_as_number(written: str) -> ValueFault:
    """What is wrong with a code that is written so, without quotes."""
    return ValueFault(
        "code-as-number", f"the code `{written}` is written as a number", f'write it in quotes: "{written}"'
    )


class Name(Text):
    """What a line is called: it heads a part of the answer, so nothing in it may look like another part."""

    def read(self, raw: Any) -> str:
        name = super().read(raw)
        if not name.strip() or not name.isprintable():
            help = "write it on one line, without control characters"
            raise ValueFault("wrong-type", f"this is no name of a line: {_as_it_is(name)}", help)
        return name

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^.*\S.*$"}


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


class Complete(_Custom):
    """Whether a list holds all there is."""

    def read(self, raw: Any) -> bool:
        if raw in ("yes", "no") or isinstance(raw, bool):
            return raw is True or raw == "yes"
        raise ValueFault("wrong-type", f"`complete` is yes or no, not {describe(raw)}")

    def schema(self) -> dict[str, Any]:
        return {"enum": ["yes", "no", True, False]}


class Levels(_Custom):
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


class FindingOf(_Custom):
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
