"""`kb/coding.lp`: facts that relate the lines of a request, held against the vocabulary and the policies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from clingo.ast import ASTType

from unmet.coding import Coding
from unmet.diagnostics import Span, did_you_mean
from unmet.policy import Policy
from unmet.source.statements import CODING, Fact, acknowledgement, read_fact
from unmet.source.syntax import Report, atom_of, parse, pooled, sign_of, span_of
from unmet.vocabulary import LEVEL, REQUEST, Type, Vocabulary


def read_coding(path: Path, vocabulary: Vocabulary, policies: Iterable[Policy], report: Report) -> Coding:
    """The tables of a coding file; empty ones where there is none."""
    if not os.path.lexists(path):
        return Coding()
    facts: list[Fact] = []
    for statement in parse(path, report):
        head = statement.head if statement.ast_type is ASTType.Rule and not statement.body else None
        atom = atom_of(head) if head is not None and head.ast_type is ASTType.Literal and not sign_of(head) else None
        if atom is None:
            message = f"`{path.name}` holds facts only, not `{report.quote(statement)}`"
            report.add("forbidden-statement", message, span_of(statement), pooled(head) if head is not None else None)
        elif atom[0] not in CODING:
            help = did_you_mean(atom[0], CODING)
            report.add("unknown-predicate", f"`{path.name}` does not know `{atom[0]}`", span_of(statement), help)
        else:
            facts += read_fact(atom[0], atom[1], span_of(statement), CODING, report)
    _check(facts, vocabulary, list(policies), report)

    def table(name: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for fact in (f for f in facts if f.name == name):
            found.setdefault(fact.values[0], []).append(fact.values[1])
        return {key: tuple(values) for key, values in found.items()}

    def column(name: str) -> tuple[str, ...]:
        return tuple(f.values[0] for f in facts if f.name == name)

    return Coding(
        groups=table("group"),
        add_ons=table("add_on"),
        incidental=frozenset(column("incidental")),
        regions=table("region"),
        counts=table("counts"),
        stays=frozenset(column("stay")),
        tallies=table("tallies"),
        ambulatory=column("ambulatory"),
        acknowledged=tuple(acknowledgement(f) for f in facts if f.name == "acknowledged"),
    )


def _check(facts: list[Fact], vocabulary: Vocabulary, policies: list[Policy], report: Report) -> None:
    names = {p.name for p in policies}
    codes = {code for p in policies for code in p.covers}
    groups = {f.values[0] for f in facts if f.name == "group"}
    levels = vocabulary.attributes[LEVEL].options if LEVEL in vocabulary.attributes else ()
    seen: set[tuple[object, ...]] = set()
    for fact in facts:
        if (fact.name, *fact.values) in seen:
            report.add("declared-twice", f"`{fact.name}` is stated twice of `{fact.values[0]}`", fact.span)
        seen.add((fact.name, *fact.values))
        for (label, _), value, span in zip(CODING[fact.name], fact.values, fact.spans, strict=True):
            match label:
                case "code":
                    _known(value, codes, "is a code that no policy covers", "unknown-option", span, report)
                case "member" | "primary":
                    known = codes | names | groups | {ANY}
                    _known(value, known, "is no code, policy or group", "unknown-option", span, report)
                case "policy":
                    _known(value, names, "is not a policy", "unknown-option", span, report)
                case "level":
                    _known(value, levels, f"is not an option of `{LEVEL}`", "unknown-option", span, report)
                case "attribute":
                    _check_attribute(fact.name, value, vocabulary, span, report)
    _check_circular(facts, report)


ANY = "any"
"""The member that every line is."""


def _known(value: str, known: Iterable[str], problem: str, code: str, span: Span, report: Report) -> None:
    if value not in known:
        report.add(code, f"`{value}` {problem}", span, did_you_mean(value, known))


def _check_attribute(fact: str, name: str, vocabulary: Vocabulary, span: Span, report: Report) -> None:
    attribute = vocabulary.attributes.get(name)
    wanted = Type.FLAG if fact == "ambulatory" else Type.NUMBER
    if attribute is None:
        help = did_you_mean(name, vocabulary.attributes)
        report.add("unknown-attribute", f"`{name}` is not an attribute of the vocabulary", span, help)
    elif attribute.record != REQUEST or attribute.type is not wanted:
        report.add("wrong-record", f"`{name}` must be a {wanted} of `{REQUEST}`", span)


def _check_circular(facts: list[Fact], report: Report) -> None:
    """No add-on is, through others, the primary of itself; no group is a member of itself."""
    edges: Mapping[str, list[Fact]] = {}
    table: dict[str, list[Fact]] = {}
    for fact in (f for f in facts if f.name in ("add_on", "group")):
        table.setdefault(fact.values[0], []).append(fact)
    edges = table
    for start in table:
        reached: set[str] = set()
        todo = [start]
        while todo:
            for fact in edges.get(todo.pop(), ()):
                target = fact.values[1]
                if target == start:
                    report.add("circular", f"`{start}` depends on itself", fact.span)
                elif target not in reached:
                    reached.add(target)
                    todo.append(target)
