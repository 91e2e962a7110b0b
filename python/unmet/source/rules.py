"""A policy file: its metadata, its criteria, and its rules as an outline; every limit of the language is held here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span, did_you_mean
from unmet.policy import Criterion, Part, Policy, Reading, Rule
from unmet.source import checks, reads
from unmet.source.body import Body, BodyReader, Call, variables_in
from unmet.source.statements import BUILT_IN, CODING, POLICY, VOCABULARY, Fact, read_fact
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
from unmet.vocabulary import LEVEL, Mode, Vocabulary


@dataclass(frozen=True)
class PolicySource:
    """A policy, its program, and the rules that tell which findings its leaves read."""

    policy: Policy
    statements: tuple[AST, ...]
    reads: tuple[AST, ...]


@dataclass
class ReadRule:
    """One rule as it was read: its head, its body, and the outline made of them."""

    name: str
    arguments: tuple[AST, ...]
    statement: AST
    body: Body
    span: Span
    position: int


@dataclass
class Draft:
    """A policy file while it is being read."""

    path: Path
    vocabulary: Vocabulary
    report: Report
    home: Span
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    tried: set[tuple[str, str]] = field(default_factory=set)
    """Statements that could not be read, by predicate and first argument: nothing is said of their absence."""
    criteria: dict[str, Criterion] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    part_kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    rules: dict[str, list[ReadRule]] = field(default_factory=dict)
    part_rules: dict[str, list[ReadRule]] = field(default_factory=dict)
    helper_rules: dict[str, list[ReadRule]] = field(default_factory=dict)

    def every_rule(self) -> list[ReadRule]:
        """All rules of criteria, parts and helpers."""
        tables = (self.rules, self.part_rules, self.helper_rules)
        return [rule for table in tables for rules in table.values() for rule in rules]


def read_policy(path: Path, vocabulary: Vocabulary, report: Report) -> PolicySource | None:
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
    policy = _policy(draft)
    return None if policy is None else PolicySource(policy, tuple(statements), reads.reading_rules(draft))


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


def outline_rule(rule: ReadRule, kinds: Mapping[str, str], vocabulary: Vocabulary) -> Rule:
    """The rule without its terms."""
    body = rule.body
    listed = sorted({k for k in kinds.values() if vocabulary.records[k].mode is Mode.LISTED})
    return Rule(
        head=rule.name,
        position=rule.position,
        span=rule.span,
        guards=tuple((name, option) for name, option, _ in body.guards),
        children=tuple(body.children),
        threshold=body.threshold,
        parts=_names(body.parts),
        helpers=_names(body.helpers),
        attributes=tuple(dict.fromkeys(body.attributes)),
        listed=tuple(listed),
    )


def _names(calls: list[Call]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call.name for call in calls))


# -- the policy -----------------------------------------------------------------------------------------------


def _policy(draft: Draft) -> Policy | None:
    kinds = checks.variable_kinds(draft)
    named = _one("policy", draft)
    version, document = _one("version", draft), _one("document", draft)
    effective, review = _one("effective", draft), _one("review_due", draft, required=False)
    days = _one("days", draft, required=False)
    if named is None:
        return None
    cuts: dict[str, set[int]] = {}
    for rule in draft.every_rule():
        for attribute, points in rule.body.cuts.items():
            cuts.setdefault(attribute, set()).update(points)

    def outlined(table: Mapping[str, list[ReadRule]]) -> dict[str, tuple[Rule, ...]]:
        return {
            name: tuple(outline_rule(r, kinds[id(r)], draft.vocabulary) for r in rules) for name, rules in table.items()
        }

    return Policy(
        name=named.values[0],
        title=named.values[1],
        version=version.values[0] if version else "",
        document=document.values[0] if document else "",
        effective=effective.values[0] if effective else "",
        review_due=review.values[0] if review else None,
        covers=_all("covers", draft),
        unlisted=_all("unlisted", draft),
        population=_all("population", draft),
        setting=_all("setting", draft),
        days=days.values if days else None,
        per=_per(draft),
        criteria=draft.criteria,
        parts=draft.parts,
        readings=draft.readings,
        rules=outlined(draft.rules),
        part_rules=outlined(draft.part_rules),
        helper_rules=outlined(draft.helper_rules),
        attributes=frozenset(a for rule in draft.every_rule() for a in rule.body.attributes),
        cuts={name: frozenset(points) for name, points in cuts.items()},
        spares=checks.spares(draft, kinds),
        path=draft.path,
        span=named.span,
        complementary=tuple(f.values for f in draft.facts.get("complementary", ())),
        locators=_locators(draft),
    )


def _locators(draft: Draft) -> frozenset[str]:
    """The attributes whose every use binds the key of a keyed record, where no rule names such a key."""
    rules = draft.every_rule()
    named = {kind for rule in rules for kind in rule.body.named} | draft.vocabulary.named
    found: set[str] = set()
    for rule in rules:
        for variable, attribute in rule.body.words.items():
            if rule.body.keys.get(variable, "") not in named | {""}:
                found.add(attribute.name)
    other = {
        attribute
        for rule in rules
        for attribute in rule.body.attributes
        if attribute not in {a.name for v, a in rule.body.words.items() if v in rule.body.keys}
    }
    return frozenset(found - other - {n for link in draft.vocabulary.links for n in link})


def _per(draft: Draft) -> str | None:
    """The kind by whose entries the policy is decided one by one; a policy that reads the level must say so."""
    fact = _one("per", draft, required=False)
    reading = next((r for r in draft.every_rule() if LEVEL in r.body.attributes), None)
    if fact is None:
        if reading is not None:
            draft.report.add(
                "missing-statement",
                f"the policy reads `{LEVEL}`, and a line may name several",
                reading.span,
                f"write `per({LEVEL}).`",
            )
        return None
    record, attribute = draft.vocabulary.records.get(fact.values[0]), draft.vocabulary.attributes.get(LEVEL)
    if fact.values[0] != LEVEL or record is None or record.mode is not Mode.KEYED or attribute is None:
        message = f"a policy is decided per `{LEVEL}` only, a keyed record and an attribute of the request"
        draft.report.add("unknown-record", message, fact.span)
        return None
    return LEVEL


def _one(name: str, draft: Draft, *, required: bool = True) -> Fact | None:
    """The only fact of this name; a diagnostic where there are more, or none of a required one."""
    found = draft.facts.get(name, [])
    for extra in found[1:]:
        draft.report.add("declared-twice", f"`{name}` is stated twice", extra.span)
    if not found and required and not any(tried == name for tried, _ in draft.tried):
        usage = f"{name}({', '.join(label for label, _ in POLICY[name])})"
        draft.report.add(
            "missing-statement", f"the policy does not state its `{name}`", draft.home, f"write `{usage}.`"
        )
    return found[0] if found else None


def _all(name: str, draft: Draft) -> tuple[Any, ...]:
    """The values of the facts of this name, each once."""
    values: list[Any] = []
    for fact in draft.facts.get(name, ()):
        code = fact.values[0]
        if code in values:
            draft.report.add(
                "covered-twice" if name == "covers" else "declared-twice",
                f"`{code}` stands twice in `{name}`",
                fact.spans[0],
            )
            continue
        values.append(code)
        if name == "unlisted" and code not in _covered(draft):
            message, usage = f"`{code}` is unlisted and not covered", f'write `covers("{code}").`'
            draft.report.add("missing-statement", message, fact.spans[0], usage)
        setting = draft.vocabulary.attributes.get("setting")
        if name == "setting" and setting is not None and code not in setting.options:
            help = did_you_mean(code, setting.options)
            draft.report.add("unknown-option", f"`{code}` is not an option of `setting`", fact.spans[0], help)
    return tuple(values)


def _covered(draft: Draft) -> set[str]:
    return {f.values[0] for f in draft.facts.get("covers", ())}
