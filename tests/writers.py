"""The data of `tests.model` as files: a knowledge base as `.lp`, a case as YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.model import (
    Attribute,
    Case,
    Count,
    Distinct,
    Entity,
    Finding,
    Holds,
    Keyed,
    KnowledgeBase,
    Literal,
    Predicate,
    Record,
    Rule,
    Term,
    Value,
    Var,
)

POLICY = "sample"
CODE = "X0001"


def write_knowledge_base(kb: KnowledgeBase, directory: Path) -> None:
    """Write the vocabulary in two files, and the one policy."""
    for name, text in knowledge_base_files(kb).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def knowledge_base_files(kb: KnowledgeBase) -> dict[str, str]:
    """The text of each file of a knowledge base."""
    files = {
        "vocabulary/words.lp": [*kind_statements(kb), *attribute_statements(kb)],
        "vocabulary/assumptions.lp": [*derivation_rules(kb), *assumption_rules(kb)],
        f"policies/{POLICY}/2026-01-01.lp": [*policy_statements(kb), *predicate_rules(kb)],
    }
    return {name: "\n".join([f"% {name}, generated.", *lines, ""]) for name, lines in files.items()}


# --- vocabulary ------------------------------------------------------------------------------------------------------


def word(value: Value) -> str:
    """A value as clingo writes it: a number, an identifier, or else a string."""
    is_identifier = isinstance(value, str) and value.isidentifier() and value[0].islower()
    return str(value) if isinstance(value, int) or is_identifier else f'"{value}"'


def pool(values: tuple[str, ...]) -> str:
    return f"({'; '.join(values)})" if len(values) > 1 else values[0]


def kind_statements(kb: KnowledgeBase) -> Iterator[str]:
    for kind in kb.kinds:
        yield f"record({kind.name}, {kind.sort})."
        if kind.keys:
            yield f"key({kind.name}, {pool(tuple(map(word, kind.keys)))})."


def attribute_statements(kb: KnowledgeBase) -> Iterator[str]:
    yield "date(request, date_of_service)."
    yield 'text(date_of_service, "", "Date of service").'
    for each in kb.attributes:
        yield attribute_statement(each)
        yield f'text({each.name}, "{"points" if each.type == "number" else ""}", "The {each.name} of the {each.kind}").'
        if each.presumed is not None:
            yield f"presumed({each.name}, {word(each.presumed)})."


def attribute_statement(attribute: Attribute) -> str:
    of = f"{attribute.kind}, {attribute.name}"
    if attribute.type == "flag":
        return f"flag({of})."
    if attribute.type == "number":
        return f"number({of}, {attribute.values[0]}, {attribute.values[-1]})."
    if attribute.type == "scale":
        return (
            f"scale({of}, ({'; '.join(f'{word(value)}, {2 * rank}' for rank, value in enumerate(attribute.values))}))."
        )
    return f"choice({of}, {pool(tuple(map(word, attribute.values)))})."


def derivation_rules(kb: KnowledgeBase) -> Iterator[str]:
    for each in kb.derivations:
        kind = kb.attribute(each.target).kind
        known = f"{kind}(I), finding(I, {each.before}, B), finding(I, {each.after}, A)"
        if each.factor is None:
            yield f"finding(I, {each.target}, B-A) :- {known}."
        else:
            yield f"finding(I, {each.target}, {each.factor}*(B-A)/B) :- {known}, B > 0."


def assumption_rules(kb: KnowledgeBase) -> Iterator[str]:
    for number, body in enumerate(kb.impossible, 1):
        yield f'impossible("assumption {number} is violated") :- {written_body(kb, body)}.'


# --- policy ----------------------------------------------------------------------------------------------------------


def policy_statements(kb: KnowledgeBase) -> Iterator[str]:
    yield f'policy({POLICY}, "A generated policy").'
    yield 'version("1").  document("Generated, version 1").'
    yield 'effective("2026-01-01").  review_due("2027-01-01").'
    yield f'covers("{CODE}").'
    for name, options in kb.readings:
        for option in options:
            yield f'reading({name}, {option}, "the text can be understood as {option}").'
        yield f"default({name}, {options[0]})."


def predicate_rules(kb: KnowledgeBase) -> Iterator[str]:
    """The roots first, then what they read: a document's own order."""
    for number, predicate in enumerate(reversed(kb.predicates), 1):
        if predicate.sort == "criterion":
            yield f'criterion({predicate.name}, "Criterion {predicate.name}", "Section {number}").'
        if predicate.sort == "part":
            yield f'part({predicate.name}(I), "Part {predicate.name}") :- {part_kind(predicate)}(I).'
        yield from (f"{written_rule(kb, predicate, rule)}" for rule in predicate.rules)


def part_kind(predicate: Predicate) -> str:
    return next(literal.kind for literal in predicate.rules[0].body if isinstance(literal, Record))


def written_rule(kb: KnowledgeBase, predicate: Predicate, rule: Rule) -> str:
    guard = f", chosen({rule.chosen[0]}, {rule.chosen[1]})" if rule.chosen else ""
    return f"{atom(kb, predicate.name, rule.head)} :- {written_body(kb, rule.body)}{guard}."


def atom(kb: KnowledgeBase, name: str, argument: Term | None) -> str:
    """A criterion, a part or a helper, as it stands in a head or a body."""
    if kb.predicate(name).sort == "criterion":
        return f"met({name})"
    assert argument is not None
    applied = f"{name}({term(argument)})"
    return f"met({applied})" if kb.predicate(name).sort == "part" else applied


def term(written: Term) -> str:
    if isinstance(written, Var):
        return written.name
    if isinstance(written, Keyed):
        return f"{written.kind}({written.key.name})"
    return written.kind if written.key is None else f"{written.kind}({word(written.key)})"


def written_body(kb: KnowledgeBase, body: tuple[Literal, ...]) -> str:
    return ", ".join(written_literal(kb, literal, f"V{place}") for place, literal in enumerate(body, 1))


def written_literal(kb: KnowledgeBase, literal: Literal, variable: str) -> str:
    """One literal; a number that is compared gets the variable."""
    sign = "not " if isinstance(literal, Finding | Holds | Count) and literal.negated else ""
    match literal:
        case Record(kind, of):
            return f"{kind}({of.name})"
        case Distinct(left, right):
            return f"{left.name} != {right.name}"
        case Holds(name, argument):
            return sign + atom(kb, name, argument)
        case Count(least, names):
            return f"{sign}{least} {{ {'; '.join(atom(kb, name, Var('Each')) for name in names)} }}"
        case Finding():
            return sign + written_finding(literal, variable)


def written_finding(literal: Finding, variable: str) -> str:
    predicate = "documented" if literal.documented else "finding"
    of = f"{term(literal.entity)}, {literal.attribute}"
    if literal.binds:
        return f"{predicate}({of}, {literal.binds.name})"
    if not literal.tests:
        return f"{predicate}({of}, _)"
    first = literal.tests[0]
    if first.op in ("at_least", "at_most"):
        return f"{first.op}({of}, {word(first.operands[0])})"
    if first.op == "in":
        return f"{predicate}({of}, {pool(tuple(map(word, first.operands)))})"
    return f"{predicate}({of}, {variable}), {comparisons(literal, variable)}"


FLIPPED = {">": "<", ">=": "<="}


def comparisons(literal: Finding, variable: str) -> str:
    """`V > 3, V != 5`; a lower and an upper bound as the chain `3 < V <= 7`."""
    tests = literal.tests
    if len(tests) == 2 and tests[0].op in FLIPPED and tests[1].op in ("<", "<="):
        lower, upper = tests
        return f"{lower.operands[0]} {FLIPPED[lower.op]} {variable} {upper.op} {upper.operands[0]}"
    return ", ".join(f"{variable} {test.op} {test.operands[0]}" for test in tests)


# --- case ------------------------------------------------------------------------------------------------------------


def write_case(kb: KnowledgeBase, case: Case, path: Path) -> None:
    """Write a case with one line; what is not stated is left out."""
    path.write_text("\n".join(case_lines(kb, case)) + "\n", encoding="utf-8")


def case_lines(kb: KnowledgeBase, case: Case) -> Iterator[str]:
    yield "title: A generated case"
    for kind in kb.kinds:
        entities = case.entities(kind)
        found = {entity: [*finding_lines(kb, case, entity)] for entity in entities}
        if kind.name == "request":
            yield "request:"
            yield "  date_of_service: 2026-06-01"
            yield "  lines:"
            yield f'    - code: "{CODE}"'
            yield from (f"      {line}" for line in found[entities[0]])
        elif kind.sort == "one" and found[entities[0]]:
            yield f"{kind.name}:"
            yield from (f"  {line}" for line in found[entities[0]])
        elif kind.sort == "keyed" and any(found.values()):
            yield f"{kind.name}:"
            for entity in entities:
                if found[entity]:
                    yield f"  {yaml_word(entity.key)}:"
                    yield from (f"    {line}" for line in found[entity])
        elif kind.sort == "listed" and (entities or not case.is_open(kind)):
            yield f"{kind.name}:"
            yield from listed_lines(kind.name in case.complete, list(found.values()))


def listed_lines(complete: bool, entries: list[list[str]]) -> Iterator[str]:
    """A list of entries; within `listed` if it is complete."""
    items = [f"- {{{', '.join(lines)}}}" for lines in entries]
    if complete:
        yield "  complete: yes"
        yield "  listed:" if items else "  listed: []"
        yield from (f"    {item}" for item in items)
    else:
        yield from (f"  {item}" for item in items)


def finding_lines(kb: KnowledgeBase, case: Case, entity: Entity) -> Iterator[str]:
    for (of, name), values in case.stated.items():
        if of == entity:
            yield f"{name}: {statement(kb.attribute(name), values)}"


def yaml_word(value: Value | None) -> str:
    return str(value) if word(value or "0") == value else f'"{value}"'


def statement(attribute: Attribute, values: tuple[Value, ...]) -> str:
    """One value, a range where the type has an order and the values no gap, else a list; `unclear` for none."""
    written = [str(value) if isinstance(value, int) else yaml_word(value) for value in values]
    if len(values) <= 1:
        return written[0] if values else "unclear"
    start = attribute.values.index(values[0])
    if attribute.type in ("number", "scale") and values == attribute.values[start : start + len(values)]:
        if values[-1] == attribute.values[-1]:
            return f"{written[0]}.."
        return f"..{written[-1]}" if start == 0 else f"{written[0]}..{written[-1]}"
    return f"[{', '.join(written)}]"
