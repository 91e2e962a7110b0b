"""The vocabulary files: record kinds, attributes, and the rules that tie attributes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span, did_you_mean
from unmet.source.formulas import with_rules
from unmet.source.statements import BUILT_IN, CODING, POLICY, VOCABULARY, Fact, read_fact
from unmet.source.syntax import (
    Report,
    atom_of,
    check_bound,
    name_of,
    parse,
    pooled,
    sign_of,
    span_of,
)
from unmet.sources import VocabularySource
from unmet.vocabulary import (
    AGE,
    DATE_OF_SERVICE,
    PATIENT,
    REQUEST,
    SETTING,
    UNCLEAR,
    Attribute,
    Derivation,
    Mode,
    Record,
    Type,
    Vocabulary,
)

CASE_KEYS = ("title", "expect")
RESERVED = frozenset((*CASE_KEYS, *BUILT_IN, *VOCABULARY, *POLICY, *CODING, "part"))
"""Words with a meaning of their own in a case file or a program, which no record kind may take."""

LINE_KEYS = ("line", "lines", "code", "policy", "levels", "complete", "listed")
"""Words with a meaning of their own in a line of a case file, which no attribute may take."""

DECLARING = {"flag": Type.FLAG, "choice": Type.CHOICE, "scale": Type.SCALE, "number": Type.NUMBER, "date": Type.DATE}


@dataclass(frozen=True)
class ParsedVocabulary:
    """A vocabulary, and the statements of its files with their places."""

    source: VocabularySource
    statements: tuple[AST, ...]

    @property
    def vocabulary(self) -> Vocabulary:
        """What the files declare."""
        return self.source.vocabulary


def read_vocabulary(paths: Sequence[Path], home: Path, report: Report) -> ParsedVocabulary:
    """The vocabulary that these files declare together; `home` is the folder, for what no file says."""
    before = len(report.diagnostics)
    statements = [s for path in paths for s in parse(path, report)]
    if len(report.diagnostics) > before:
        return ParsedVocabulary(VocabularySource(Vocabulary(), ""), ())
    draft = Draft(report)
    for statement in statements:
        _sort(statement, draft)
    rules = draft.rules
    check_bound(rules, report)
    vocabulary = Vocabulary(records=_records(draft))
    vocabulary = replace(vocabulary, attributes=_attributes(vocabulary, draft))
    _check_known(vocabulary, Span(str(home), 1, 1), report)
    vocabulary = with_rules(vocabulary, rules, report)
    working = "\n".join(str(s) for s in statements if s.ast_type is ASTType.Rule and (s.body or _is_scale(s)))
    return ParsedVocabulary(VocabularySource(vocabulary, working), tuple(statements))


def _is_scale(fact: AST) -> bool:
    atom = atom_of(fact.head) if fact.head.ast_type is ASTType.Literal else None
    return atom is not None and atom[0] == "scale"


@dataclass
class Draft:
    """The vocabulary files while they are read. `tried` are kinds and attributes whose declaration is reported."""

    report: Report
    facts: list[Fact] = field(default_factory=list)
    rules: list[AST] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)


def _sort(statement: AST, draft: Draft) -> None:
    report = draft.report
    head = statement.head if statement.ast_type is ASTType.Rule else None
    atom = atom_of(head) if head is not None and head.ast_type is ASTType.Literal and not sign_of(head) else None
    if atom is None:
        report.add(
            "forbidden-statement",
            f"a vocabulary may not hold {name_of(statement)}: `{report.quote(statement)}`",
            span_of(statement),
            (pooled(head) if head is not None else None)
            or 'it holds facts, `impossible("text") :- BODY.` and `finding(E, attribute, FORMULA) :- BODY.`',
        )
        return
    assert head is not None
    name, arguments = atom
    if name in VOCABULARY and not statement.body:
        facts = read_fact(name, arguments, span_of(head), VOCABULARY, report)
        draft.facts += facts
        if not facts and (name == "record" or name in DECLARING):
            draft.tried.update(map(str, arguments[: 1 if name == "record" else 2]))
    elif name in ("impossible", "finding") and not statement.body:
        report.add("forbidden-statement", f"`{name}` without a body speaks of every case", span_of(head))
    elif name in ("impossible", "finding"):
        draft.rules.append(statement)
    elif name in VOCABULARY:
        report.add("forbidden-statement", f"`{name}` is stated as a fact, without a body", span_of(head))
    else:
        help = did_you_mean(name, [*VOCABULARY, "impossible", "finding"])
        if name in POLICY or name in BUILT_IN:
            help = "it belongs in a policy file"
        report.add("unknown-predicate", f"a vocabulary does not know `{name}`", span_of(head), help)


# -- record kinds and attributes ------------------------------------------------------------------------------


def _records(draft: Draft) -> dict[str, Record]:
    report, facts = draft.report, draft.facts
    records: dict[str, Record] = {}
    for fact in (f for f in facts if f.name == "record"):
        name, mode = fact.values
        if name in records or name in RESERVED:
            _complain_taken(name, name in records, fact.spans[0], draft)
            continue
        records[name] = Record(name, mode, fact.span)
    for fact in (f for f in facts if f.name == "key"):
        name, key = fact.values
        record = records.get(name)
        if record is None and name in draft.tried:
            continue
        if record is None or record.mode is not Mode.KEYED:
            report.add("unknown-record", f"`{name}` is not a keyed record kind", fact.spans[0], _keyed(records))
        elif key in record.keys:
            report.add("declared-twice", f"`{key}` is a key of `{name}` already", fact.spans[1])
        else:
            records[name] = replace(record, keys=(*record.keys, key))
    for record in records.values():
        if record.mode is Mode.KEYED and not record.keys:
            report.add(
                "missing-statement",
                f"`{record.name}` is keyed and has no key",
                record.span,
                f"write `key({record.name}, KEY).`",
            )
    return records


def _complain_taken(name: str, declared: bool, span: Span, draft: Draft) -> None:
    draft.tried.add(name)
    what = "declared already" if declared else "a word of the program"
    draft.report.add("declared-twice", f"`{name}` is {what}", span)


def _keyed(records: dict[str, Record]) -> str | None:
    return did_you_mean("", [r.name for r in records.values() if r.mode is Mode.KEYED])


def _attributes(vocabulary: Vocabulary, draft: Draft) -> dict[str, Attribute]:
    report, facts = draft.report, draft.facts
    attributes: dict[str, Attribute] = {}
    for fact in (f for f in facts if f.name in DECLARING):
        _declare(fact, attributes, vocabulary, draft)
    once: set[tuple[str, str]] = set()
    for fact in (f for f in facts if f.name not in DECLARING and f.name not in ("record", "key")):
        name = fact.values[0]
        if name not in attributes and name in draft.tried:
            continue
        if name not in attributes:
            report.add(
                "unknown-attribute",
                f"`{name}` is not an attribute of the vocabulary",
                fact.spans[0],
                did_you_mean(name, attributes),
            )
        elif (fact.name, name) in once:
            report.add("declared-twice", f"`{fact.name}` is stated twice of `{name}`", fact.spans[0])
        else:
            once.add((fact.name, name))
            attributes[name] = _described(attributes[name], fact, attributes, draft)
    for attribute in attributes.values():
        if not attribute.label:
            report.add(
                "undescribed",
                f"`{attribute.name}` has no text",
                attribute.span,
                f'write `text({attribute.name}, "", "what it is").`',
            )
    _check_dates(attributes, vocabulary, report)
    return attributes


def _declare(fact: Fact, attributes: dict[str, Attribute], vocabulary: Vocabulary, draft: Draft) -> None:
    report = draft.report
    kind, name, *rest = fact.values
    type_ = DECLARING[fact.name]
    if kind not in vocabulary.records:
        draft.tried.add(name)
        if kind in draft.tried:
            return
        report.add(
            "unknown-record",
            f"`{kind}` is not a record kind of the vocabulary",
            fact.spans[0],
            did_you_mean(kind, vocabulary.records),
        )
        return
    known = attributes.get(name)
    another_option = known is not None and (known.type, known.record) == (type_, kind) and bool(known.options)
    if (known is not None and not another_option) or (type_ is Type.FLAG and known is not None) or name in LINE_KEYS:
        _complain_taken(name, known is not None, fact.spans[1], draft)
        return
    attribute = known or Attribute(name, kind, type_, fact.span)
    match type_:
        case Type.FLAG:
            attribute = replace(attribute, options=("yes", "no"))
        case Type.CHOICE:
            attribute = _option(attribute, rest[0], None, fact, report)
        case Type.SCALE:
            attribute = _option(attribute, rest[0][0], rest[0][1], fact, report)
        case Type.NUMBER:
            low, high = rest
            if low > high:
                report.add("wrong-arguments", f"`{name}` runs from {low} down to {high}", fact.spans[2])
            attribute = replace(attribute, low=low, high=max(low, high))
    attributes[name] = attribute


def _option(attribute: Attribute, word: str, rank: int | None, fact: Fact, report: Report) -> Attribute:
    if word in attribute.options:
        report.add("declared-twice", f"`{word}` is an option of `{attribute.name}` already", fact.spans[2])
        return attribute
    if rank is not None and rank in attribute.ranks:
        other = attribute.options[attribute.ranks.index(rank)]
        report.add("declared-twice", f"`{word}` has the rank of `{other}`", fact.spans[2])
        return attribute
    if word == UNCLEAR:
        report.add("wrong-arguments", f"`{UNCLEAR}` is a word of case files, and no option", fact.spans[2])
    if rank is not None and ".." in word:
        report.add("wrong-arguments", f"`{word}` holds `..`, by which a case writes a range", fact.spans[2])
    options = [
        *zip(attribute.options, attribute.ranks or (0,) * len(attribute.options), strict=True),
        (word, rank or 0),
    ]
    if rank is not None:
        options.sort(key=lambda o: o[1])
    ranks = tuple(r for _, r in options) if rank is not None else ()
    return replace(attribute, options=tuple(w for w, _ in options), ranks=ranks)


def _described(attribute: Attribute, fact: Fact, attributes: dict[str, Attribute], draft: Draft) -> Attribute:
    """The attribute with what one more fact says of it."""
    report = draft.report
    values: tuple[Any, ...] = fact.values[1:]
    numeric = attribute.type is Type.NUMBER
    if fact.name in ("places", "derived", "grows") and not numeric:
        message = f"`{fact.name}` is for numbers, and `{attribute.name}` is a {attribute.type}"
        report.add("wrong-arguments", message, fact.spans[0])
        return attribute
    match fact.name:
        case "text":
            return replace(attribute, unit=values[0], label=values[1])
        case "places":
            if not 0 <= values[0] <= 9:
                report.add("wrong-arguments", f"`places` takes 0 to 9 decimals, not `{values[0]}`", fact.spans[1])
            return replace(attribute, places=values[0])
        case "presumed":
            _check_presumed(attribute, values[0], fact, report)
            return replace(attribute, presumed=values[0])
        case "immutable":
            return replace(attribute, immutable=True)
        case "grows":
            return replace(attribute, grows=True)
        case "changed_by":
            return replace(attribute, changed_by=values[0])
        case "burden":
            if values[0] < 0:
                report.add("wrong-arguments", f"`burden` is not negative, as `{values[0]}` is", fact.spans[1])
            return replace(attribute, burden=values[0])
        case "worse_is_needier":
            return replace(attribute, worse_is_needier=True)
        case _:
            unit, start, end = values
            if start == end:
                message = f"`{attribute.name}` is derived from `{start}` to `{start}`, which is always 0"
                report.add("wrong-arguments", message, fact.spans[3])
            for name, span in zip((start, end), fact.spans[2:], strict=True):
                if name in draft.tried and name not in attributes:
                    return attribute
                if name not in attributes or attributes[name].type is not Type.DATE:
                    dates = [a.name for a in attributes.values() if a.type is Type.DATE]
                    report.add("unknown-attribute", f"`{name}` is not a date", span, did_you_mean(name, dates))
                    return attribute
            return replace(attribute, derivation=Derivation(unit, start, end))


def _check_presumed(attribute: Attribute, value: str | int, fact: Fact, report: Report) -> None:
    name, span = attribute.name, fact.spans[1]
    if attribute.type is Type.DATE:
        report.add("value-outside-type", f"`{name}` is a date, and no date is presumed", span)
    elif attribute.type is Type.NUMBER:
        if not isinstance(value, int) or not attribute.low <= value <= attribute.high:
            message = f"`{name}` is a number from {attribute.low} to {attribute.high}, not `{value}`"
            report.add("value-outside-type", message, span)
    elif value not in attribute.options:
        help = did_you_mean(str(value), attribute.options)
        report.add("unknown-option", f"`{value}` is not an option of `{name}`", span, help)


def _check_dates(attributes: dict[str, Attribute], vocabulary: Vocabulary, report: Report) -> None:
    """A date belongs to the record of what is derived from it or to a single one, and serves one attribute."""
    serves: dict[str, str] = {}
    for attribute in attributes.values():
        if attribute.derivation is None:
            continue
        for name in (attribute.derivation.start, attribute.derivation.end):
            owner = attributes[name].record
            if owner != attribute.record and vocabulary.records[owner].mode is not Mode.ONE:
                report.add(
                    "wrong-record",
                    f"`{name}` belongs to each `{owner}`, and `{attribute.name}` to `{attribute.record}`",
                    attribute.span,
                )
            if name != DATE_OF_SERVICE and serves.setdefault(name, attribute.name) != attribute.name:
                report.add(
                    "declared-twice",
                    f"`{attribute.name}` and `{serves[name]}` are both derived from `{name}`",
                    attribute.span,
                    "derive one attribute and compare that, so that an unknown date is one unknown",
                )


def _check_known(vocabulary: Vocabulary, home: Span, report: Report) -> None:
    """What the program itself reads must be there, and of the right kind."""
    for kind in (PATIENT, REQUEST):
        if kind not in vocabulary.records:
            report.add("missing-statement", f"no vocabulary file declares `record({kind}, one)`", home)
        elif vocabulary.records[kind].mode is not Mode.ONE:
            report.add("missing-statement", f"`{kind}` must be declared `one`", vocabulary.records[kind].span)
    wanted = {DATE_OF_SERVICE: (REQUEST, Type.DATE), SETTING: (REQUEST, Type.CHOICE), AGE: (PATIENT, Type.NUMBER)}
    for name, (kind, type_) in wanted.items():
        attribute = vocabulary.attributes.get(name)
        if attribute is None:
            if name == DATE_OF_SERVICE and REQUEST in vocabulary.records:
                report.add("missing-statement", f"no vocabulary file declares `date({REQUEST}, {name})`", home)
        elif (attribute.record, attribute.type) != (kind, type_):
            report.add("wrong-record", f"`{name}` must be a {type_} of `{kind}`", attribute.span)
