"""A case from its document: held against the models, built, and every complaint in our words with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from unmet.case import Case, Expectation, ExpectedLevel, ExpectedLine, Line, Statement, derivations
from unmet.casemodel import EXPECT, LIST, MAPPING, CaseModels
from unmet.casetypes import SOURCED_KEYS, AtKeyError, Finding, code_as_number
from unmet.diagnostics import Diagnostic, did_you_mean
from unmet.document import MOST_PROBLEMS, Document, Place
from unmet.errors import CaseError
from unmet.results import Silence, Status, Verdict
from unmet.values import ValueFault, clip, describe
from unmet.vocabulary import DATE_OF_SERVICE, LEVEL, REQUEST, Attribute, Entity, Mode, Vocabulary

MOST_ENTRIES = 100
"""How many lines a request may have, and how many entries a listed record."""


def read_case(document: Document, vocabulary: Vocabulary, models: CaseModels | None = None) -> Case:
    """The case in a document; where the document has problems, what is left of it without them.

    The problems stand in the document, and what is left serves to find the others in the same run.

    Raises:
        CaseError: nothing is left.
    """
    if any(d.code != "duplicate-key" for d in document.diagnostics):
        raise CaseError(document.diagnostics)
    if not isinstance(document.data, dict):
        document.add(
            "wrong-type", f"a case is a mapping, not {describe(document.data)}", (), "docs/case-files.md shows one"
        )
        raise CaseError(document.diagnostics)
    if _too_many(document, vocabulary):
        raise CaseError(document.diagnostics)
    read, lost = _read(document, vocabulary, (models or CaseModels(vocabulary)).of(document.data))
    return _Builder(document, vocabulary, {str(place[-1]) for place in lost}).build(read)


def _read(document: Document, vocabulary: Vocabulary, model: type[BaseModel]) -> tuple[BaseModel, list[Place]]:
    """The model of a document's data, and the places that were reported and left out of it.

    Raises:
        CaseError: nothing is left.
    """
    data, lost = document.data, list[Place]()
    while True:
        try:
            return model.model_validate(data), lost
        except ValidationError as error:
            problems = error.errors(include_url=False)
            _complain(error, (), document, vocabulary, again=bool(lost))
            found = [_place(p["loc"])[: -1 if p["type"] == "missing" else None] for p in problems]
            less = data if () in found or len(found) > MOST_PROBLEMS else _without(found, data)
            if less == data:
                raise CaseError(document.diagnostics) from None
            data, lost = less, lost + found


def _too_many(document: Document, vocabulary: Vocabulary) -> bool:
    """Whether a list of the case is longer than any case needs, and would take long to decide."""
    data: dict[str, Any] = document.data
    lists: dict[Place, Any] = {(kind,): data.get(kind) for kind in vocabulary.records}
    inner = {
        (*place, key): v.get(key) for place, v in lists.items() if isinstance(v, dict) for key in ("listed", "lines")
    }
    found = False
    for place, value in (lists | inner).items():
        if isinstance(value, list) and len(value) > MOST_ENTRIES:
            found = True
            document.add("too-large", f"`{place[-1]}` has more than {MOST_ENTRIES} entries", place, key=True)
    return found


def _place(loc: tuple[int | str, ...]) -> Place:
    return tuple(part for part in loc if part not in (LIST, MAPPING))


def _without(places: list[Place], data: Any) -> Any:
    """The data without what stands at these places; an empty mapping stays in the place of an entry of a list."""
    below: dict[int | str, list[Place]] = {}
    for place in places:
        below.setdefault(place[0], []).append(place[1:])
    if isinstance(data, list):
        return [({} if () in below[i] else _without(below[i], d)) if i in below else d for i, d in enumerate(data)]
    if isinstance(data, dict):
        kept = {key: value for key, value in data.items() if () not in below.get(key, ())}
        return {key: _without(below[key], value) if key in below else value for key, value in kept.items()}
    return data


class _Builder:
    """Turns a validated model into a case."""

    def __init__(self, document: Document, vocabulary: Vocabulary, lost: set[str]) -> None:
        """`lost` are the keys that were reported and left out: they are not missing."""
        self.document, self.vocabulary, self.lost = document, vocabulary, lost

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
            expectations=tuple(self._expectations(getattr(read, EXPECT, []))) if self._named() else (),
            document=self.document,
            vocabulary=self.vocabulary,
        )
        self._check_dates(case)
        return case

    def _statements(self, entry: Any, entity: Entity, path: Place) -> Iterator[Statement]:
        for attribute in self.vocabulary.of_record(entity.record):
            finding: Finding | None = getattr(entry, f"a_{attribute.name}", None)
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
            if (read.code is None) == (read.policy is None) and not self._lost("code", "policy", path[-1]):
                self.document.add(
                    "missing-key" if read.code is None else "unknown-key",
                    "a line asks for a `code`, or names a `policy`" + ("" if read.code is None else ", not both"),
                    path if read.code is None else (*path, "policy"),
                )
            if (
                DATE_OF_SERVICE not in own
                and DATE_OF_SERVICE not in shared
                and not self._lost(DATE_OF_SERVICE, path[-1])
            ):
                self.document.add(
                    "missing-key",
                    f"the request has no `{DATE_OF_SERVICE}`",
                    (REQUEST,),
                    f"write `{DATE_OF_SERVICE}: 2025-09-02`",
                )
            yield Line(
                name,
                read.code,
                read.policy,
                getattr(read, "levels", None) or (),
                tuple((shared | own).values()),
                self.document.span(path),
            )

    def _named(self) -> bool:
        """Whether every line has the name that the file gives it, so that expectations can be held against them."""
        return not self._lost("line", *(key for key in self.lost if key.isdigit()))

    def _lost(self, *keys: str | int) -> bool:
        return not self.lost.isdisjoint(map(str, keys))

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
    def _expected(line: Any) -> ExpectedLine:
        return ExpectedLine(
            verdict=Verdict(line.verdict) if line.verdict else None,
            criteria={name: Status(status) for name, status in line.criteria.items()},
            level_of_care=line.level_of_care,
            days=line.days,
            population=line.population,
            cause=line.cause,
            levels={
                name: ExpectedLevel(
                    level.verdict,
                    {criterion: Status(status) for criterion, status in level.criteria.items()},
                )
                for name, level in line.levels.items()
            },
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
                        f"`{attribute.name}` would be `{attribute.format(value)}` by {derived.source}",
                        derived,
                        attribute,
                    )
                elif own is not None and own.values is not None and not value.within(own.values):
                    self._contradiction(
                        f"`{attribute.name}` is `{attribute.format(own.values)}`, "
                        f"and `{attribute.format(value)}` by {derived.source}",
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


def _complain(
    error: ValidationError, above: Place, document: Document, vocabulary: Vocabulary, *, again: bool = False
) -> None:
    """Notes the problems of an error; `again` when what was wrong has been left out, and so may be missing."""
    for problem in error.errors(include_url=False):
        path: Place = (*above, *_place(problem["loc"]))
        if len(document.diagnostics) >= MOST_PROBLEMS:
            document.add("too-large", f"the case has more than {MOST_PROBLEMS} problems", ())
            return
        inner = problem.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            _complain(inner, path, document, vocabulary)
        elif isinstance(inner, AtKeyError):
            _add(inner.fault, (*path, inner.key), document)
        elif isinstance(inner, ValueFault):
            _add(inner, path, document)
        elif problem["type"] == "extra_forbidden":
            known, help = _known_keys(path[:-1], vocabulary), _belongs(str(path[-1]), vocabulary)
            message = f"nothing reads the key `{clip(str(path[-1]))}` here"
            document.add("unknown-key", message, path, help or did_you_mean(str(path[-1]), known), key=True)
        elif problem["type"] in ("missing", "too_short") and again:
            continue
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
            record = vocabulary.records.get(str(path[0])) if len(path) == 1 else None
            what = wanted.get(problem["type"], "something else")
            what = "a list" if record is not None and record.mode is Mode.LISTED else what
            document.add("wrong-type", f"{what} is wanted here, not {describe(problem.get('input'))}", path)


def _add(fault: ValueFault, path: Place, document: Document) -> None:
    if fault.code == "code-as-number" and path in document.written:
        fault = code_as_number(document.written[path])
    document.add(fault.code, fault.message, path if fault.at is None else (*path, fault.at), fault.help)


def _known_keys(path: Place, vocabulary: Vocabulary) -> list[str]:
    """The keys that may stand at a path of a case."""
    of_request = [a.name for a in vocabulary.of_record(REQUEST) if a.name != LEVEL]
    match path:
        case ():
            return ["title", "request", "expect", *vocabulary.records]
        case ("request",):
            return ["lines", *of_request]
        case ("request", "lines", int()):
            return ["line", "code", "policy", *(["levels"] if LEVEL in vocabulary.attributes else []), *of_request]
        case ("expect", *rest):
            from unmet.expectmodel import ExpectationModel, ExpectedLevelModel, ExpectedLineModel

            line = ExpectedLevelModel if "levels" in rest else ExpectedLineModel
            return list((line if "lines" in rest else ExpectationModel).model_fields)
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
