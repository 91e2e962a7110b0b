"""The rules of a vocabulary: domain assumptions, and numbers that follow from others of their record."""

from __future__ import annotations

from dataclasses import replace

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span, did_you_mean
from unmet.source import sorts
from unmet.source.body import BodyReader
from unmet.source.contents import Body, variables_in
from unmet.source.syntax import Report, atom_of, below, constants, function_of, is_string, sign_of, span_of, variable_of
from unmet.vocabulary import Mode, Type, Vocabulary

MOST_VALUES = 1_000
"""How many values a number that the vocabulary computes with may have."""


def with_rules(vocabulary: Vocabulary, rules: list[AST], report: Report) -> Vocabulary:
    """The vocabulary with what its rules tie together, compute and compare."""
    by_value: set[str] = set()
    links: list[frozenset[str]] = []
    named: set[str] = set()
    cuts: dict[str, set[int]] = {}
    formulas: dict[str, list[tuple[set[str], Span]]] = {}
    for rule in rules:
        name, arguments = atom_of(rule.head) or ("", [])
        formula = name == "finding"
        body = BodyReader(vocabulary, report, arithmetic=formula).read(list(rule.body))
        sorts.check_rule(body.uses, report)
        _check_rule_body(rule, body, report)
        _check_listed(rule, body, vocabulary, report)
        read = list(body.attributes)
        if formula:
            head = _formula(rule, arguments, body, vocabulary, report)
            if head is None:
                continue
            read.append(head)
            formulas.setdefault(head, []).append((set(body.attributes), span_of(rule)))
            computed = {body.numbers[v].name for v in variables_in(arguments[2]) if v in body.numbers}
            by_value |= {head} | computed | body.computed
        else:
            _check_text(rule, arguments, report)
        links.append(frozenset(read))
        named |= body.named
        for attribute, points in body.cuts.items():
            cuts.setdefault(attribute, set()).update(points)
    _check_circular(formulas, report)
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
        named=frozenset(named),
        cuts={name: frozenset(points) for name, points in cuts.items()},
        formulas={name: frozenset().union(*(read for read, _ in rules)) for name, rules in formulas.items()},
    )


def _check_circular(formulas: dict[str, list[tuple[set[str], Span]]], report: Report) -> None:
    """No number follows from itself: clingo would count up from it without an end."""
    for name, rules in formulas.items():
        for reads, span in rules:
            reached, todo = set(reads), list(reads)
            while todo:
                found = set().union(*(r for r, _ in formulas.get(todo.pop(), ()))) - reached
                reached |= found
                todo += found
            if name in reached:
                report.add("circular", f"`{name}` is derived from itself", span)


def _check_text(rule: AST, arguments: list[AST], report: Report) -> None:
    """An assumption says in one string what cannot be."""
    texts = constants(arguments[0]) if len(arguments) == 1 else None
    if texts is None or len(texts) != 1 or not is_string(texts[0][0]):
        span = span_of(arguments[0] if len(arguments) == 1 else rule)
        report.add("wrong-arguments", "`impossible` takes one string", span, 'write `impossible("text")`')
    elif not texts[0][0].string.strip():
        report.add("undescribed", "a domain assumption has no text", texts[0][1])


def _check_rule_body(rule: AST, body: Body, report: Report) -> None:
    for literal in rule.body:
        if literal.ast_type is ASTType.Literal and sign_of(literal):
            report.add(
                "negative-assumption",
                f"`{report.quote(literal)}` is negated, and a rule of the vocabulary takes positive literals only",
                span_of(literal),
                "a record that the case does not list must not be able to break it",
            )
        atom = atom_of(literal) if literal.ast_type is ASTType.Literal else None
        if atom is not None and atom[0] == "documented":
            report.add(
                "forbidden-statement", "a vocabulary speaks of findings, not of `documented` ones", span_of(literal)
            )
    for call in body.helpers:
        help = did_you_mean(call.name, ["finding", "at_least", "at_most"])
        report.add("unknown-predicate", f"a vocabulary does not know `{call.name}`", call.span, help)
    for span in [c.span for c in body.parts] + body.child_spans + [s for _, _, s in body.guards]:
        report.add("forbidden-statement", "a vocabulary does not read criteria, parts or readings", span)


def _check_listed(rule: AST, body: Body, vocabulary: Vocabulary, report: Report) -> None:
    """A rule that speaks of a listed record reads an attribute of it: only then is it in force wherever it matters."""
    read = {vocabulary.attributes[name].record for name in body.attributes}
    for node in (n for literal in rule.body for n in below(literal) if n.ast_type is ASTType.SymbolicAtom):
        name = (function_of(node.symbol) or ("", []))[0]
        record = vocabulary.records.get(name)
        if record is not None and record.mode is Mode.LISTED and name not in read:
            message = f"a rule of the vocabulary speaks of `{name}` and reads nothing of it"
            report.add("other-records", message, span_of(node.symbol), f"read an attribute of `{name}` in the rule")


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
        message = f"`{attribute.name}` is derived by a formula and must be a number, not a {attribute.type}"
        report.add("wrong-arguments", message, span_of(arguments[1]))
        return None
    if many := next((n for n in below(arguments[2]) if n.ast_type in (ASTType.Pool, ASTType.Interval)), None):
        report.add("number-use", f"`{report.quote(many)}` is several values, and a formula has one", span_of(many))
    kind = body.entities.get(entity or "", attribute.record)
    if kind != attribute.record:
        message = f"`{attribute.name}` belongs to `{attribute.record}`, not to `{kind}`"
        report.add("wrong-record", message, span_of(arguments[0]))
        return attribute.name
    if (entity is None and str(arguments[0]) != attribute.record) or len(records) > 1 or body.keys:
        report.add(
            "other-records",
            f"the formula of `{attribute.name}` reads other records than the one it belongs to",
            span_of(rule),
            f"write `finding(E, {attribute.name}, FORMULA)` and read `finding(E, ...)` of the same E",
        )
    return attribute.name
