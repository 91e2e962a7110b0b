"""A policy file: its metadata, its criteria, and its rules as an outline; every limit of the language is held here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span, did_you_mean
from unmet.policy import Criterion, Part, Reading
from unmet.source import checks, reads
from unmet.source.assemble import assemble
from unmet.source.body import BodyReader
from unmet.source.contents import Body, variables_in
from unmet.source.draft import Draft, ReadRule
from unmet.source.statements import BUILT_IN, CODING, POLICY, VOCABULARY, read_fact
from unmet.source.syntax import (
    Report,
    atom_of,
    check_bound,
    constants,
    function_of,
    is_string,
    name_of,
    parse,
    pooled,
    sign_of,
    span_of,
    variable_of,
)
from unmet.sources import PolicySource
from unmet.vocabulary import Vocabulary


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy, and its statements with their places, those that tell which findings its leaves read among them."""

    source: PolicySource
    statements: tuple[AST, ...]


def read_policy(path: Path, vocabulary: Vocabulary, report: Report) -> ParsedPolicy | None:
    """The policy of one file; None where it could not be read, or has no name."""
    before = len(report.diagnostics)
    statements = parse(path, report)
    if len(report.diagnostics) > before:
        return None
    draft = Draft(path, vocabulary, report, Span(str(path), 1, 1))
    rules: list[tuple[str, list[AST], AST]] = []
    for statement in statements:
        _sort(statement, draft, rules)
    check_bound((statement for _, _, statement in rules), report)
    _describe(draft)
    _read_rules(draft, rules)
    checks.check(draft)
    policy = assemble(draft)
    if policy is None:
        return None
    reading = reads.reading_rules(draft)
    source = PolicySource(policy, report.text(path), "\n".join(map(str, reading)))
    return ParsedPolicy(source, (*statements, *reading))


def _sort(statement: AST, draft: Draft, rules: list[tuple[str, list[AST], AST]]) -> None:
    """Puts a statement among the facts, the parts or the rules."""
    report = draft.report
    head = statement.head if statement.ast_type is ASTType.Rule else None
    atom = atom_of(head) if head is not None and head.ast_type is ASTType.Literal and not sign_of(head) else None
    if atom is None:
        report.add(
            "forbidden-statement",
            f"a policy may not hold {name_of(statement)}: `{report.quote(statement)}`",
            span_of(statement),
            (pooled(head) if head is not None else None) or "it holds facts and normal rules only",
        )
        return
    assert head is not None
    name, arguments = atom
    span = span_of(head)
    if name == "part":
        _part(arguments, statement, span, draft)
    elif name in POLICY:
        if statement.body:
            report.add("forbidden-statement", f"`{name}` is stated as a fact, without a body", span)
        else:
            facts = read_fact(name, arguments, span, POLICY, report)
            draft.facts.setdefault(name, []).extend(facts)
            if not facts:
                draft.tried.add((name, str(arguments[0]) if arguments else ""))
    elif name in VOCABULARY or name in draft.vocabulary.records or name == "impossible":
        report.add("forbidden-statement", f"a policy does not define `{name}`", span, "it belongs to the vocabulary")
    elif name in BUILT_IN and name != "met":
        help = "a case or a choice of readings says what holds"
        report.add("forbidden-statement", f"a policy does not define `{name}`", span, help)
    elif name in CODING:
        report.add("forbidden-statement", f"a policy does not define `{name}`", span, "it belongs to `coding.lp`")
    elif name.startswith("_"):
        report.add(
            "forbidden-statement", f"a policy does not define `{name}`", span, "names in `_` are the program's own"
        )
    else:
        rules.append((name, arguments, statement))


def _part(arguments: list[AST], statement: AST, span: Span, draft: Draft) -> None:
    """`part(qualifies(I), "text") :- injection(I).`"""
    usage = 'write `part(qualifies(I), "text") :- injection(I).`'
    function = function_of(arguments[0]) if len(arguments) == 2 else None
    text = constants(arguments[1]) if len(arguments) == 2 else None
    if function:
        draft.tried.add(("part", function[0]))
    variables = [variable_of(a) for a in function[1]] if function else []
    kinds: dict[str, str] = {}
    for literal in statement.body:
        atom = atom_of(literal) if literal.ast_type is ASTType.Literal and not sign_of(literal) else None
        if atom and atom[0] in draft.vocabulary.records and len(atom[1]) == 1 and (v := variable_of(atom[1][0])):
            kinds[v] = atom[0]
    plain = len(kinds) == len(statement.body) and list(kinds) and sorted(kinds) == sorted(v or "" for v in variables)
    if not function or not text or not is_string(text[0][0]) or not plain:
        message = "`part` names a statement about records, gives its text, and says of which kinds they are"
        draft.report.add("wrong-arguments", message, span, usage)
        return
    if not text[0][0].string.strip():
        draft.report.add("undescribed", f"the part `{function[0]}` has no text", text[0][1])
    if function[0] in draft.parts:
        draft.report.add("declared-twice", f"`{function[0]}` is a part already", span_of(arguments[0]))
        return
    draft.parts[function[0]] = Part(function[0], text[0][0].string, span)
    draft.part_kinds[function[0]] = tuple(kinds[v] for v in variables if v)


# -- facts ----------------------------------------------------------------------------------------------------


def _describe(draft: Draft) -> None:
    """Criteria and readings from their facts."""
    report = draft.report
    rows = {f.values[0] for f in draft.facts.get("row", ())}
    for fact in draft.facts.get("criterion", ()):
        name, text, citation = fact.values
        if name in draft.criteria:
            report.add("declared-twice", f"`{name}` is a criterion already", fact.spans[0])
            continue
        for value, what, span in ((text, "text", fact.spans[1]), (citation, "citation", fact.spans[2])):
            if not value.strip():
                report.add("undescribed", f"`{name}` has no {what}", span)
        draft.criteria[name] = Criterion(name, text, citation, fact.span, name in rows)
    for kind in ("row", "complementary"):
        for fact in draft.facts.get(kind, ()):
            for name, span in zip(fact.values, fact.spans, strict=True):
                if name not in draft.criteria:
                    report.add(
                        "undefined-criterion",
                        f"`{name}` is not a criterion of this policy",
                        span,
                        did_you_mean(name, draft.criteria),
                    )
    _readings(draft)


def _readings(draft: Draft) -> None:
    report = draft.report
    options: dict[str, dict[str, str]] = {}
    spans: dict[str, Span] = {}
    for fact in draft.facts.get("reading", ()):
        name, option, why = fact.values
        spans.setdefault(name, fact.span)
        if option in options.setdefault(name, {}):
            report.add("declared-twice", f"`{option}` is an option of `{name}` already", fact.spans[1])
        elif not why.strip():
            report.add("undescribed", f"`{option}` of `{name}` has no justification", fact.spans[2])
        options[name][option] = why
    defaults: dict[str, str] = {}
    for fact in draft.facts.get("default", ()):
        name, option = fact.values
        if name not in options:
            help = did_you_mean(name, options)
            report.add("unknown-reading", f"`{name}` is not declared by `reading/3`", fact.spans[0], help)
        elif option not in options[name]:
            help = did_you_mean(option, options[name])
            report.add("unknown-reading", f"`{option}` is not an option of `{name}`", fact.spans[1], help)
        elif name in defaults:
            report.add("declared-twice", f"`{name}` has a default already", fact.spans[0])
        else:
            defaults[name] = option
    for name, choices in options.items():
        if len(choices) < 2 and ("reading", name) not in draft.tried:
            help = "a reading is a choice between two or more"
            report.add("missing-statement", f"`{name}` has one option only", spans[name], help)
        if name not in defaults and not any(f.values[0] == name for f in draft.facts.get("default", ())):
            report.add(
                "missing-statement", f"`{name}` has no default", spans[name], f"write `default({name}, OPTION).`"
            )
        draft.readings[name] = Reading(name, choices, defaults.get(name, next(iter(choices))), spans[name])


# -- rules ----------------------------------------------------------------------------------------------------


def _read_rules(draft: Draft, rules: list[tuple[str, list[AST], AST]]) -> None:
    reader = BodyReader(draft.vocabulary, draft.report)
    for name, arguments, statement in rules:
        span = span_of(statement)
        table, key, head = draft.helper_rules, name, tuple(arguments)
        if name == "met":
            function = function_of(arguments[0]) if len(arguments) == 1 else None
            if function is None:
                message = f"`{draft.report.quote(statement.head)}` is the head of no criterion"
                draft.report.add("wrong-arguments", message, span, "write `met(criterion)`, one rule for each")
                draft.tried.add(("met", ""))
                continue
            key, head = function[0], tuple(function[1])
            table = draft.part_rules if head else draft.rules
        body = reader.read(list(statement.body))
        for term in head:
            reader.entity_argument(term, body)
        same = table.setdefault(key, [])
        same.append(ReadRule(key, head, statement, body, span, len(same)))
        _check_head(head, body, draft)


def _check_head(head: tuple[AST, ...], body: Body, draft: Draft) -> None:
    """A number stands in no head and no helper's arguments."""
    places = [(term, "a head") for term in head]
    places += [(term, f"`{call.name}`") for call in (*body.helpers, *body.parts) for term in call.arguments]
    for term, where in places:
        for variable in variables_in(term) & set(body.numbers):
            draft.report.add(
                "number-use",
                f"the number `{variable}` stands in {where}, and a number is compared with constants only",
                span_of(term),
                "compare it in the rule that reads it",
            )
