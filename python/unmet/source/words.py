"""The vocabulary files: record kinds, attributes, and the rules that tie attributes together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span, did_you_mean
from unmet.source.body import Body, BodyReader, variables_in
from unmet.source.statements import BUILT_IN, POLICY, VOCABULARY, Fact, read_fact
from unmet.source.syntax import Report, atom_of, parse, sign_of, span_of, variable_of
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
LINE_KEYS = ("line", "lines", "code", "policy", "levels", "complete", "listed")
"""Words with a meaning of their own in a case file, which no kind (attribute) may take."""

MOST_VALUES = 1_000
"""How many values a number that the vocabulary computes with may have."""

DECLARING = {"flag": Type.FLAG, "choice": Type.CHOICE, "scale": Type.SCALE, "number": Type.NUMBER, "date": Type.DATE}


@dataclass(frozen=True)
class VocabularySource:
    """A vocabulary and its program."""

    vocabulary: Vocabulary
    statements: tuple[AST, ...]


def read_vocabulary(paths: Iterable[Path], home: Path, report: Report) -> VocabularySource:
    """The vocabulary that these files declare together; `home` is the folder, for what no file says."""
    statements = [s for path in paths for s in parse(path, report)]
    facts: list[Fact] = []
    rules: list[AST] = []
    for statement in statements:
        _sort(statement, facts, rules, report)
    vocabulary = Vocabulary(records=_records(facts, report))
    vocabulary = replace(vocabulary, attributes=_attributes(facts, vocabulary, report))
    _check_known(vocabulary, Span(str(home), 1, 1), report)
    vocabulary = _with_rules(vocabulary, rules, report)
    return VocabularySource(vocabulary, tuple(statements))


def _sort(statement: AST, facts: list[Fact], rules: list[AST], report: Report) -> None:
    head = statement.head if statement.ast_type is ASTType.Rule else None
    atom = atom_of(head) if head is not None and head.ast_type is ASTType.Literal and not sign_of(head) else None
    if atom is None:
        report.add(
            "forbidden-statement",
            f"a vocabulary may not hold `{statement}`",
            span_of(statement),
            'it holds facts, `impossible("text") :- BODY.` and `finding(E, attribute, FORMULA) :- BODY.`',
        )
        return
    assert head is not None
    name, arguments = atom
    if name in VOCABULARY and not statement.body:
        facts.extend(read_fact(name, arguments, span_of(head), VOCABULARY, report))
    elif name in ("impossible", "finding"):
        rules.append(statement)
    elif name in VOCABULARY:
        report.add("forbidden-statement", f"`{name}` is stated as a fact, without a body", span_of(head))
    else:
        help = did_you_mean(name, [*VOCABULARY, "impossible", "finding"])
        if name in POLICY or name in BUILT_IN:
            help = "it belongs in a policy file"
        report.add("unknown-predicate", f"a vocabulary does not know `{name}`", span_of(head), help)


# -- record kinds and attributes ------------------------------------------------------------------------------


def _records(facts: list[Fact], report: Report) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for fact in (f for f in facts if f.name == "record"):
        name, mode = fact.values
        if name in records or name in CASE_KEYS or name in BUILT_IN or name in VOCABULARY or name in POLICY:
            report.add("declared-twice", f"`{name}` is declared already, or a word of the program", fact.span)
            continue
        records[name] = Record(name, mode, fact.span)
    for fact in (f for f in facts if f.name == "key"):
        name, key = fact.values
        record = records.get(name)
        if record is None or record.mode is not Mode.KEYED:
            report.add("unknown-record", f"`{name}` is not a keyed record kind", fact.spans[0], _keyed(records))
        elif key in record.keys:
            report.add("declared-twice", f"`{key}` is a key of `{name}` already", fact.spans[1])
        else:
            records[name] = replace(record, keys=(*record.keys, key))
    for record in records.values():
        if record.mode is Mode.KEYED and not record.keys:
            report.add("missing-statement", f"`{record.name}` is keyed and has no key", record.span, "write `key/2`")
    return records


def _keyed(records: dict[str, Record]) -> str | None:
    return did_you_mean("", [r.name for r in records.values() if r.mode is Mode.KEYED])


def _attributes(facts: list[Fact], vocabulary: Vocabulary, report: Report) -> dict[str, Attribute]:
    attributes: dict[str, Attribute] = {}
    for fact in (f for f in facts if f.name in DECLARING):
        _declare(fact, attributes, vocabulary, report)
    once: set[tuple[str, str]] = set()
    for fact in (f for f in facts if f.name not in DECLARING and f.name not in ("record", "key")):
        name = fact.values[0]
        if name not in attributes:
            report.add(
                "unknown-attribute",
                f"`{name}` is not an attribute of the vocabulary",
                fact.spans[0],
                did_you_mean(name, attributes),
            )
        elif (fact.name, name) in once:
            report.add("declared-twice", f"`{fact.name}` is stated twice of `{name}`", fact.span)
        else:
            once.add((fact.name, name))
            attributes[name] = _described(attributes[name], fact, attributes, report)
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


def _declare(fact: Fact, attributes: dict[str, Attribute], vocabulary: Vocabulary, report: Report) -> None:
    kind, name, *rest = fact.values
    type_ = DECLARING[fact.name]
    if kind not in vocabulary.records:
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
        report.add("declared-twice", f"`{name}` is declared already, or a word of the program", fact.span)
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
    if word in attribute.options or (rank is not None and rank in attribute.ranks):
        report.add("declared-twice", f"`{word}` or its rank is an option of `{attribute.name}` already", fact.spans[2])
        return attribute
    if word == UNCLEAR:
        report.add("wrong-arguments", f"`{UNCLEAR}` is a word of case files, and no option", fact.spans[2])
    options = [
        *zip(attribute.options, attribute.ranks or (0,) * len(attribute.options), strict=True),
        (word, rank or 0),
    ]
    if rank is not None:
        options.sort(key=lambda o: o[1])
    ranks = tuple(r for _, r in options) if rank is not None else ()
    return replace(attribute, options=tuple(w for w, _ in options), ranks=ranks)


def _described(attribute: Attribute, fact: Fact, attributes: dict[str, Attribute], report: Report) -> Attribute:
    """The attribute with what one more fact says of it."""
    values: tuple[Any, ...] = fact.values[1:]
    numeric = attribute.type is Type.NUMBER
    if fact.name in ("places", "derived", "grows") and not numeric:
        report.add("wrong-arguments", f"`{fact.name}` is for numbers, and `{attribute.name}` is none", fact.span)
        return attribute
    match fact.name:
        case "text":
            return replace(attribute, unit=values[0], label=values[1])
        case "places":
            if not 0 <= values[0] <= 9:
                report.add("wrong-arguments", f"`places` takes 0 to 9 decimals, not {values[0]}", fact.spans[1])
            return replace(attribute, places=values[0])
        case "presumed":
            _check_presumed(attribute, values[0], fact, report)
            return replace(attribute, presumed=values[0])
        case "immutable":
            return replace(attribute, immutable=True)
        case "grows":
            return replace(attribute, grows=True)
        case "burden":
            return replace(attribute, burden=values[0])
        case "worse_is_needier":
            return replace(attribute, worse_is_needier=True)
        case _:
            unit, start, end = values
            for name, span in zip((start, end), fact.spans[2:], strict=True):
                if name not in attributes or attributes[name].type is not Type.DATE:
                    dates = [a.name for a in attributes.values() if a.type is Type.DATE]
                    report.add("unknown-attribute", f"`{name}` is not a date", span, did_you_mean(name, dates))
                    return attribute
            return replace(attribute, derivation=Derivation(unit, start, end))


def _check_presumed(attribute: Attribute, value: str | int, fact: Fact, report: Report) -> None:
    if isinstance(value, int):
        fits = attribute.type is Type.NUMBER and attribute.low <= value <= attribute.high
    else:
        fits = value in attribute.options
    if not fits:
        help = did_you_mean(str(value), attribute.options)
        code = "unknown-option" if attribute.options else "value-outside-type"
        report.add(code, f"`{value}` is not a value of `{attribute.name}`", fact.spans[1], help)


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


# -- rules ----------------------------------------------------------------------------------------------------


def _with_rules(vocabulary: Vocabulary, rules: list[AST], report: Report) -> Vocabulary:
    by_value: set[str] = set()
    links: list[frozenset[str]] = []
    cuts: dict[str, set[int]] = {}
    for rule in rules:
        name, arguments = atom_of(rule.head) or ("", [])
        formula = name == "finding"
        body = BodyReader(vocabulary, report, arithmetic=formula).read(list(rule.body))
        _check_rule_body(rule, body, report)
        read = list(body.attributes)
        if formula:
            head = _formula(rule, arguments, body, vocabulary, report)
            if head is None:
                continue
            read.append(head)
            computed = {body.numbers[v].name for v in variables_in(arguments[2]) if v in body.numbers}
            by_value |= {head} | computed | body.computed
        elif len(arguments) != 1:
            report.add("wrong-arguments", "`impossible` takes one string", span_of(rule), 'write `impossible("text")`')
        links.append(frozenset(read))
        for attribute, points in body.cuts.items():
            cuts.setdefault(attribute, set()).update(points)
    for number in (vocabulary.attributes[n] for n in sorted(by_value)):
        if number.high - number.low >= MOST_VALUES:
            report.add(
                "number-use",
                f"`{number.name}` is computed with, and has more than {MOST_VALUES:,} values",
                number.span,
                "narrow its bounds",
            )
            by_value.discard(number.name)
    return replace(
        vocabulary,
        by_value=frozenset(by_value),
        links=tuple(links),
        cuts={name: frozenset(points) for name, points in cuts.items()},
    )


def _check_rule_body(rule: AST, body: Body, report: Report) -> None:
    for literal in rule.body:
        if literal.ast_type is ASTType.Literal and sign_of(literal):
            report.add(
                "negative-assumption",
                f"`{literal}` is negated, and a rule of the vocabulary takes positive literals only",
                span_of(literal.atom if literal.atom.ast_type is ASTType.Aggregate else literal),
                "a record that the case does not list must not be able to break it",
            )
        atom = atom_of(literal) if literal.ast_type is ASTType.Literal else None
        if atom is not None and atom[0] == "documented":
            report.add(
                "forbidden-statement", "a vocabulary speaks of findings, not of `documented` ones", span_of(literal)
            )
    for call in body.helpers:
        report.add("unknown-predicate", f"a vocabulary does not know `{call.name}`", call.span)
    for span in [c.span for c in body.parts] + body.child_spans + [s for _, _, s in body.guards]:
        report.add("forbidden-statement", "a vocabulary does not read criteria, parts or readings", span)


def _formula(rule: AST, arguments: list[AST], body: Body, vocabulary: Vocabulary, report: Report) -> str | None:
    """The attribute that a rule `finding(E, A, FORMULA) :- BODY` derives."""
    if len(arguments) != 3:
        report.add("wrong-arguments", f"`finding` takes 3 arguments, not {len(arguments)}", span_of(rule))
        return None
    attribute = BodyReader(vocabulary, report).attribute(arguments[1])
    if attribute is None:
        return None
    entity = variable_of(arguments[0])
    records = set(body.entities) | {str(arguments[0])}
    if attribute.type is not Type.NUMBER:
        report.add("wrong-arguments", f"`{attribute.name}` is derived by a formula and must be a number", span_of(rule))
    if (entity is None and str(arguments[0]) != attribute.record) or len(records) > 1 or body.keys:
        report.add(
            "other-records",
            f"the formula of `{attribute.name}` reads other records than the one it belongs to",
            span_of(rule),
            f"write `finding(E, {attribute.name}, FORMULA)` and read `finding(E, ...)` of the same E",
        )
    return attribute.name
