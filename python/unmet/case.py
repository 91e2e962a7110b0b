"""A case: the request, what its record states, and what the answer should be.

The pydantic models that read a case are built from a vocabulary, so that every attribute, option and bound is
checked before any fact is asserted, and `unmet schema` prints the same models for editors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from dateutil.relativedelta import relativedelta
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    create_model,
)
from pydantic_core import core_schema

from unmet.diagnostics import Diagnostic, Span, did_you_mean
from unmet.document import Document, Place
from unmet.errors import CaseError
from unmet.results import Silence, Status, Verdict
from unmet.vocabulary import (
    DATE_OF_SERVICE,
    REQUEST,
    Attribute,
    Entity,
    Mode,
    ValueFault,
    Values,
    Vocabulary,
    clip,
    describe,
    parse_date,
)

# -- what a case holds ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """What the case says of one attribute of one entity; `values` is None where it is `unclear`."""

    entity: Entity
    attribute: str
    values: Values | None
    span: Span
    path: str
    source: str | None = None
    date: str | None = None
    quote: str | None = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the request, with what it states of the request's attributes (shared ones included)."""

    name: str
    code: str | None
    policy: str | None
    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """What a case file expects of one line."""

    verdict: Verdict | None = None
    criteria: Mapping[str, Status] = field(default_factory=dict)
    level_of_care: Status | None = None
    population: Status | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case file expects of one run."""

    span: Span
    place: Place
    silence: Silence = Silence.OPEN
    readings: Mapping[str, str] = field(default_factory=dict)
    outcome: Verdict | None = None
    lines: Mapping[str, ExpectedLine] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """The case as one line sees it: what is stated, and how many records of each listed kind there are."""

    line: Line
    statements: Mapping[tuple[Entity, str], Statement]
    listed: Mapping[str, int]
    complete: frozenset[str]

    def date_of_service(self) -> str | None:
        """The line's date of service, None where it is unclear."""
        statement = self.statements.get((Entity(REQUEST), DATE_OF_SERVICE))
        return statement.values.words[0] if statement and statement.values else None


@dataclass(frozen=True)
class Case:
    """A case that a vocabulary allows."""

    name: str
    title: str | None
    lines: tuple[Line, ...]
    statements: tuple[Statement, ...]
    listed: Mapping[str, int]
    complete: frozenset[str]
    expectations: tuple[Expectation, ...]
    document: Document = field(repr=False, compare=False)
    vocabulary: Vocabulary = field(repr=False, compare=False)

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """The case as each line sees it, in order."""
        return tuple(self._scene(line) for line in self.lines)

    def _scene(self, line: Line) -> Scene:
        stated = {(s.entity, s.attribute): s for s in (*line.statements, *self.statements)}
        for derived in derivations(self.vocabulary, stated):
            stated[derived.entity, derived.attribute] = derived
        return Scene(line, stated, self.listed, self.complete)


# -- dates ----------------------------------------------------------------------------------------------------


def derivations(vocabulary: Vocabulary, stated: Mapping[tuple[Entity, str], Statement]) -> Iterator[Statement]:
    """The numbers that follow from two stated dates, for every entity that has both."""
    for attribute in vocabulary.attributes.values():
        if attribute.derivation is None:
            continue
        ends = (attribute.derivation.start, attribute.derivation.end)
        owners = {vocabulary.attributes[name].record for name in ends}
        entities = {e for e, name in stated if name in ends and e.record == attribute.record}
        if attribute.record not in owners:
            entities = {Entity(attribute.record)}
        for entity in sorted(entities, key=str):
            found = [stated.get((entity, n)) or stated.get((Entity(vocabulary.attributes[n].record), n)) for n in ends]
            start, end = found
            if start is None or end is None or start.values is None or end.values is None:
                continue
            value = interval(
                attribute, date.fromisoformat(start.values.words[0]), date.fromisoformat(end.values.words[0])
            )
            yield replace(
                start,
                entity=entity,
                attribute=attribute.name,
                values=attribute.singleton(value),
                source=f"{ends[0]} {start.values.words[0]}, {ends[1]} {end.values.words[0]}",
                date=None,
                quote=None,
                derived=True,
            )


def interval(attribute: Attribute, start: date, end: date) -> int:
    """The time from one date to another in the attribute's unit, scaled by its places.

    Years and weeks are completed ones. Months are calendar months; days beyond them count as a fraction that is
    never rounded to a whole month, so that more than 3 months is true of three months and a day.
    """
    assert attribute.derivation is not None
    scale = 10**attribute.places
    match attribute.derivation.unit:
        case "days":
            return (end - start).days * scale
        case "weeks":
            return (end - start).days // 7 * scale
        case "years":
            return relativedelta(end, start).years * scale
        case _:
            if end < start:
                return -interval(attribute, end, start)
            whole = relativedelta(end, start)
            months = whole.years * 12 + whole.months
            reached = start + relativedelta(months=months)
            beyond = (end - reached).days
            if beyond == 0 or scale == 1:
                return months * scale
            length = (start + relativedelta(months=months + 1) - reached).days
            return months * scale + min(max(beyond * scale // length, 1), scale - 1)


# -- the models that read a case ------------------------------------------------------------------------------


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


class _Text(_Custom):
    """Text, with the complaint in our words."""

    def read(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise ValueFault("wrong-type", f"text is wanted here, not {describe(raw)}", "write it in quotes")
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class _Code(_Text):
    """A procedure code: text, because 01941 is not 1941."""

    def read(self, raw: Any) -> str:
        if isinstance(raw, int) and not isinstance(raw, bool):
            raise ValueFault(
                "code-as-number", f"the code `{raw}` is written as a number", f'write it in quotes: "{raw}"'
            )
        return super().read(raw)


class _Word(_Custom):
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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Sourced(_Strict):
    """`{value, source, date, quote}`."""

    value: Any
    source: Annotated[str | None, _Text()] = None
    date: Annotated[str | None, _Date()] = None
    quote: Annotated[str | None, _Text()] = None


SOURCED_KEYS = tuple(_Sourced.model_fields)


class _Finding(_Custom):
    """A finding of one attribute, bare or with its source."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute

    def read(self, raw: Any) -> Finding:
        if not isinstance(raw, dict):
            return Finding(self.attribute.parse(raw))
        sourced = _Sourced.model_validate(raw)
        try:
            return Finding(self.attribute.parse(sourced.value), sourced.source, sourced.date, sourced.quote)
        except ValueFault as fault:
            raise _AtKeyError("value", fault) from None

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


class _AtKeyError(ValueError):
    """A fault below the value that was read."""

    def __init__(self, key: str, fault: ValueFault) -> None:
        super().__init__(fault.message)
        self.key, self.fault = key, fault


class _ExpectedLine(_Strict):
    verdict: Annotated[str | None, _Word(Verdict)] = None
    criteria: dict[str, Annotated[str, _Word(Status)]] = {}
    level_of_care: Annotated[str | None, _Word(Status)] = None
    population: Annotated[str | None, _Word(Status)] = None
    cause: Annotated[str | None, _Text()] = None


class _Expectation(_Strict):
    silence: Annotated[str, _Word(Silence)] = Silence.OPEN.value
    readings: dict[str, Annotated[str, _Text()]] = {}
    outcome: Annotated[str | None, _Word(Verdict)] = None
    lines: dict[str, _ExpectedLine] = {}


LIST, MAPPING = "<list>", "<mapping>"
"""Tags of pydantic's unions, taken out of the paths of errors."""


def _list_or_mapping(raw: Any) -> str:
    return LIST if isinstance(raw, list) else MAPPING


def _one_or_many(single: Any) -> Any:
    """`X` or a list of X."""
    return Annotated[
        Annotated[list[single], Tag(LIST)] | Annotated[single, Tag(MAPPING)], Discriminator(_list_or_mapping)
    ]


def _findings(name: str, attributes: Iterable[Attribute], **fields: Any) -> type[BaseModel]:
    """A model with a field for each attribute, absent where the case is silent."""
    for attribute in attributes:
        fields[f"a_{attribute.name}"] = (
            Annotated[Finding | None, _Finding(attribute)],
            Field(default=None, alias=attribute.name),
        )
    model: type[BaseModel] = create_model(name, __base__=_Strict, **fields)
    return model


def case_model(vocabulary: Vocabulary) -> type[BaseModel]:
    """The pydantic model of a case over this vocabulary."""
    of_request = vocabulary.of_record(REQUEST)
    line = _findings(
        "Line",
        of_request,
        line=(Annotated[str | None, _Text()], None),
        code=(Annotated[str | None, _Code()], None),
        policy=(Annotated[str | None, _Text()], None),
    )
    request = _findings("Request", of_request, lines=(list[line], Field(min_length=1)))  # type: ignore[valid-type]
    fields: dict[str, Any] = {"title": (Annotated[str | None, _Text()], None), "request": (request, ...)}
    for record in vocabulary.records.values():
        if record.name != REQUEST:
            fields[f"r_{record.name}"] = (_record_type(vocabulary, record.name), Field(default=None, alias=record.name))
    fields["expect"] = (_one_or_many(_Expectation), Field(default=[]))
    model: type[BaseModel] = create_model("Case", __base__=_Strict, **fields)
    return model


def _record_type(vocabulary: Vocabulary, kind: str) -> Any:
    record = vocabulary.records[kind]
    entry = _findings(kind, vocabulary.of_record(kind))
    if record.mode is Mode.ONE:
        return entry
    if record.mode is Mode.KEYED:
        keys: dict[str, Any] = {f"k_{i}": (entry, Field(default=None, alias=k)) for i, k in enumerate(record.keys)}
        return create_model(f"{kind}_by_key", __base__=_Strict, **keys)
    listing = create_model(
        f"{kind}_list",
        __base__=_Strict,
        complete=(Annotated[bool, _Complete()], False),
        listed=(list[entry], Field(default=[])),  # type: ignore[valid-type]
    )
    return Annotated[
        Annotated[list[entry], Tag(LIST)] | Annotated[listing, Tag(MAPPING)], Discriminator(_list_or_mapping)  # type: ignore[valid-type]
    ]


# -- reading --------------------------------------------------------------------------------------------------


def read_case(document: Document, vocabulary: Vocabulary, model: type[BaseModel] | None = None) -> Case:
    """The case in a document.

    Raises:
        CaseError: with every problem of the file that can be seen without the policies.
    """
    if any(d.code != "duplicate-key" for d in document.diagnostics):
        raise CaseError(document.diagnostics)
    if not isinstance(document.data, dict):
        document.add(
            "wrong-type", f"a case is a mapping, not {describe(document.data)}", (), "docs/case-files.md shows one"
        )
        raise CaseError(document.diagnostics)
    try:
        read = (model or case_model(vocabulary)).model_validate(document.data)
    except ValidationError as error:
        _complain(error, (), document, vocabulary)
        raise CaseError(document.diagnostics) from None
    case = _Builder(document, vocabulary).build(read)
    if document.diagnostics:
        raise CaseError(document.diagnostics)
    return case


class _Builder:
    """Turns a validated model into a case."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document, self.vocabulary = document, vocabulary

    def build(self, read: Any) -> Case:
        listed: dict[str, int] = {}
        complete: set[str] = set()
        statements: list[Statement] = []
        for record in self.vocabulary.records.values():
            section = getattr(read, f"r_{record.name}", None)
            if record.mode is Mode.LISTED:
                listing = isinstance(section, BaseModel)
                entries = (section.listed if listing else section) or []  # type: ignore[union-attr]
                listed[record.name] = len(entries)
                if listing and section.complete:  # type: ignore[union-attr]
                    complete.add(record.name)
                below: Place = (record.name, "listed") if listing else (record.name,)
                for i, entry in enumerate(entries):
                    statements += self._statements(entry, Entity(record.name, i + 1), (*below, i))
            elif section is not None and record.mode is Mode.KEYED:
                for i, key in enumerate(record.keys):
                    if (entry := getattr(section, f"k_{i}")) is not None:
                        statements += self._statements(entry, Entity(record.name, key), (record.name, key))
            elif section is not None:
                statements += self._statements(section, Entity(record.name), (record.name,))
        case = Case(
            name=self.document.file,
            title=read.title,
            lines=tuple(self._lines(read.request)),
            statements=tuple(statements),
            listed=listed,
            complete=frozenset(complete),
            expectations=tuple(self._expectations(read.expect)),
            document=self.document,
            vocabulary=self.vocabulary,
        )
        self._check_dates(case)
        return case

    def _statements(self, entry: Any, entity: Entity, path: Place) -> Iterator[Statement]:
        for attribute in self.vocabulary.of_record(entity.record):
            finding: Finding | None = getattr(entry, f"a_{attribute.name}")
            here = (*path, attribute.name)
            if finding is not None:
                yield Statement(
                    entity,
                    attribute.name,
                    finding.values,
                    self.document.span(here),
                    ".".join(map(str, here)),
                    finding.source,
                    finding.date,
                    finding.quote,
                )

    def _lines(self, request: Any) -> Iterator[Line]:
        entity = Entity(REQUEST)
        shared = {s.attribute: s for s in self._statements(request, entity, (REQUEST,))}
        seen: set[str] = set()
        for i, read in enumerate(request.lines):
            path: Place = (REQUEST, "lines", i)
            own = {s.attribute: s for s in self._statements(read, entity, path)}
            name = read.line if read.line is not None else str(i + 1)
            if name in seen:
                self.document.add("duplicate-key", f"two lines are called `{clip(name)}`", (*path, "line"))
            seen.add(name)
            if (read.code is None) == (read.policy is None):
                self.document.add(
                    "missing-key" if read.code is None else "unknown-key",
                    "a line asks for a `code`, or names a `policy`" + ("" if read.code is None else ", not both"),
                    path if read.code is None else (*path, "policy"),
                )
            if DATE_OF_SERVICE not in own and DATE_OF_SERVICE not in shared:
                self.document.add(
                    "missing-key",
                    f"the request has no `{DATE_OF_SERVICE}`",
                    (REQUEST,),
                    f"write `{DATE_OF_SERVICE}: 2025-09-02`",
                )
            yield Line(name, read.code, read.policy, tuple((shared | own).values()), self.document.span(path))

    def _expectations(self, read: Any) -> Iterator[Expectation]:
        many = isinstance(read, list)
        for i, one in enumerate(read if many else [read]):
            place: Place = ("expect", i) if many else ("expect",)
            yield Expectation(
                span=self.document.span(place),
                place=place,
                silence=Silence(one.silence),
                readings=one.readings,
                outcome=Verdict(one.outcome) if one.outcome else None,
                lines={name: self._expected(line) for name, line in one.lines.items()},
            )

    @staticmethod
    def _expected(line: _ExpectedLine) -> ExpectedLine:
        return ExpectedLine(
            verdict=Verdict(line.verdict) if line.verdict else None,
            criteria={name: Status(status) for name, status in line.criteria.items()},
            level_of_care=Status(line.level_of_care) if line.level_of_care else None,
            population=Status(line.population) if line.population else None,
            cause=line.cause,
        )

    def _check_dates(self, case: Case) -> None:
        """What follows from two dates lies within its bounds and agrees with what is stated of it."""
        for line in case.lines:
            stated = {(s.entity, s.attribute): s for s in (*line.statements, *case.statements)}
            for derived in derivations(self.vocabulary, stated):
                attribute = self.vocabulary.attributes[derived.attribute]
                own = stated.get((derived.entity, derived.attribute))
                value = derived.values
                assert value is not None
                if not value.within(attribute.everything()):
                    self._contradiction(
                        f"`{attribute.name}` would be {attribute.format(value)} by {derived.source}", derived, attribute
                    )
                elif own is not None and own.values is not None and not value.within(own.values):
                    self._contradiction(
                        f"`{attribute.name}` is {attribute.format(own.values)}, and {attribute.format(value)} by {derived.source}",
                        own,
                        attribute,
                    )

    def _contradiction(self, message: str, statement: Statement, attribute: Attribute) -> None:
        diagnostic = Diagnostic(
            "contradiction", message, statement.span, statement.path, f"correct one of the dates or `{attribute.name}`"
        )
        if diagnostic not in self.document.diagnostics:
            self.document.diagnostics.append(diagnostic)


# -- pydantic's errors in our words ---------------------------------------------------------------------------


def _complain(error: ValidationError, above: Place, document: Document, vocabulary: Vocabulary) -> None:
    for problem in error.errors(include_url=False):
        path: Place = (*above, *(p for p in problem["loc"] if p not in (LIST, MAPPING)))
        inner = problem.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            _complain(inner, path, document, vocabulary)
        elif isinstance(inner, _AtKeyError):
            document.add(inner.fault.code, inner.fault.message, (*path, inner.key), inner.fault.help)
        elif isinstance(inner, ValueFault):
            document.add(inner.code, inner.message, path, inner.help)
        elif problem["type"] == "extra_forbidden":
            known, help = _known_keys(path[:-1], vocabulary), _belongs(str(path[-1]), vocabulary)
            message = f"nothing reads the key `{clip(str(path[-1]))}`"
            document.add("unknown-key", message, path, did_you_mean(str(path[-1]), known) or help, key=True)
        elif problem["type"] in ("missing", "too_short"):
            document.add(
                "missing-key",
                f"`{path[-1]}` is missing" if problem["type"] == "missing" else "a request has at least one line",
                path,
            )
        else:
            wanted = {
                "list_type": "a list",
                "dict_type": "a mapping",
                "model_type": "a mapping",
                "model_attributes_type": "a mapping",
            }
            what = wanted.get(problem["type"], "something else")
            document.add("wrong-type", f"{what} is wanted here, not {describe(problem.get('input'))}", path)


def _known_keys(path: Place, vocabulary: Vocabulary) -> list[str]:
    """The keys that may stand at a path of a case."""
    of_request = [a.name for a in vocabulary.of_record(REQUEST)]
    match path:
        case ():
            return ["title", "request", "expect", *vocabulary.records]
        case ("request",):
            return ["lines", *of_request]
        case ("request", "lines", int()):
            return ["line", "code", "policy", *of_request]
        case ("expect", *rest):
            fields = _ExpectedLine if "lines" in rest else _Expectation
            return list(fields.model_fields)
        case (str(kind), *rest) if kind in vocabulary.records:
            record = vocabulary.records[kind]
            attributes = [a.name for a in vocabulary.of_record(kind)]
            inside = {Mode.ONE: 0, Mode.KEYED: 1, Mode.LISTED: 2 if rest[:1] == ["listed"] else 1}[record.mode]
            if len(rest) == inside:
                return attributes
            if len(rest) > inside or kind == REQUEST:
                return list(SOURCED_KEYS)
            return list(record.keys) if record.mode is Mode.KEYED else ["complete", "listed"]
    return []


def _belongs(key: str, vocabulary: Vocabulary) -> str | None:
    attribute = vocabulary.attributes.get(key)
    return f"it belongs under `{attribute.record}`" if attribute else None


def case_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON Schema of a case over this vocabulary."""
    schema = case_model(vocabulary).model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
