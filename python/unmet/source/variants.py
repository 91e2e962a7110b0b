"""The rules of a policy's leaves without one of their rules, or without one condition of one.

Each variant X has a number. Where a leaf depends on the changed rule, directly or through parts and helpers, its rules
stand again with `_alters(X, leaf)` for `met(leaf)`, and over `_alters(X, ...)` for every part and helper that depends
on it too. So one program holds the policy and all its variants over the same world.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from clingo import Number
from clingo.ast import AST, ASTType, Function, SymbolicTerm, Transformer

from unmet.diagnostics import Span
from unmet.source.contents import variables_in
from unmet.source.syntax import atom_of, below, function_of, sign_of, span_of
from unmet.vocabulary import Vocabulary

Key = tuple[str, str]
"""A predicate of a policy: `criterion`, `part` or `helper`, and its name."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A policy without a rule (`condition` is None) or without a condition of one; `leaves` are those it can change."""

    number: int
    key: Key
    condition: str | None
    span: Span
    leaves: tuple[str, ...]


def variants(
    statements: Iterable[AST], vocabulary: Vocabulary, leaves: Collection[str], chosen: Mapping[str, str]
) -> tuple[list[Variant], list[AST]]:
    """The variants of the rules that these leaves rest on under a choice of readings, and their rules."""
    rules: dict[Key, list[AST]] = {}
    for statement in statements:
        key = _head(statement)
        if key is not None and _in_force(statement, chosen):
            rules.setdefault(key, []).append(statement)
    names = set(rules)
    uses = {key: {used for rule in own for used in _used(rule, names)} for key, own in rules.items()}
    found: list[Variant] = []
    made: list[AST] = []
    for key, own in rules.items():
        if key[0] == "criterion" and key[1] not in leaves:
            continue
        changed = _dependent(key, uses)
        reached = tuple(
            name for sort, name in rules if sort == "criterion" and (sort, name) in changed and name in leaves
        )
        for place, rule in enumerate(own):
            for condition, span, instead in _changes(rule, len(own) > 1, vocabulary):
                if reached:
                    number = len(found)
                    found.append(Variant(number, key, condition, span, reached))
                    made += _rules(number, key, place, instead, changed, rules, leaves)
    return found, made


def _rules(
    number: int,
    key: Key,
    place: int,
    instead: AST | None,
    changed: Collection[Key],
    rules: Mapping[Key, list[AST]],
    leaves: Collection[str],
) -> Iterator[AST]:
    """The rules of all that depends on a change, under the variant's number."""
    copier = _Numbered(number, changed)
    for each in changed:
        if each[0] == "criterion" and each[1] not in leaves:
            continue
        for i, rule in enumerate(rules[each]):
            if each != key or i != place:
                yield copier.visit(rule)
            elif instead is not None:
                yield copier.visit(instead)


def _dependent(key: Key, uses: Mapping[Key, set[Key]]) -> tuple[Key, ...]:
    """A predicate and all parts, helpers and leaves that depend on it."""
    found = {key}
    if key[0] != "criterion":
        while more := {k for k, used in uses.items() if used & found} - found:
            found |= more
    return tuple(k for k in uses if k in found)


def _head(statement: AST) -> Key | None:
    """What a rule of the policy defines."""
    if statement.ast_type is not ASTType.Rule or statement.head.ast_type is not ASTType.Literal:
        return None
    atom = atom_of(statement.head)
    return None if atom is None else _key(*atom)


def _key(name: str, arguments: list[AST]) -> Key | None:
    if name != "met":
        return "helper", name
    function = function_of(arguments[0]) if len(arguments) == 1 else None
    return None if function is None else ("part" if function[1] else "criterion", function[0])


def _used(rule: AST, names: Collection[Key]) -> Iterator[Key]:
    for literal in rule.body:
        for node in below(literal):
            if node.ast_type is ASTType.SymbolicAtom and (function := function_of(node.symbol)):
                key = _key(*function)
                if key in names and key is not None:
                    yield key


def _in_force(rule: AST, chosen: Mapping[str, str]) -> bool:
    """Whether a rule holds under a choice of readings."""
    for literal in rule.body:
        atom = atom_of(literal) if literal.ast_type is ASTType.Literal else None
        if atom and atom[0] == "chosen" and chosen.get(str(atom[1][0])) != str(atom[1][1]):
            return False
    return True


# -- what can be left out of a rule ---------------------------------------------------------------------------


def _changes(rule: AST, several: bool, vocabulary: Vocabulary) -> Iterator[tuple[str | None, Span, AST | None]]:
    """The rule left out, where it is one of several; the rule without each of its conditions."""
    if several:
        yield None, span_of(rule), None
    body = list(rule.body)
    conditions = [literal for literal in body if not _is_fixed(literal, vocabulary)]
    if len(conditions) < 2:
        return
    for literal in conditions:
        rest = [other for other in body if other is not literal]
        if _is_bound(rule, rest) and not (_binds_compared(literal, rest)):
            yield str(literal), span_of(literal), rule.update(body=rest)


def _is_fixed(literal: AST, vocabulary: Vocabulary) -> bool:
    """Whether a literal is no condition of the policy: a choice of readings, or what kind a record is of."""
    atom = atom_of(literal) if literal.ast_type is ASTType.Literal else None
    return atom is not None and (atom[0] == "chosen" or atom[0] in vocabulary.records)


def _binding(literal: AST) -> bool:
    return literal.ast_type is ASTType.Literal and not sign_of(literal) and atom_of(literal) is not None


def _is_bound(rule: AST, body: list[AST]) -> bool:
    """Whether all variables of a rule stay bound with this body."""
    bound = {v for literal in body if _binding(literal) for v in variables_in(literal)}
    for literal in body:
        if not _binding(literal) and not _is_count(literal) and variables_in(literal) - bound:
            return False
    return not variables_in(rule.head) - bound


def _is_count(literal: AST) -> bool:
    return literal.atom.ast_type in (ASTType.Aggregate, ASTType.BodyAggregate)


def _binds_compared(literal: AST, rest: list[AST]) -> bool:
    """Whether a literal binds a number that another one compares: the comparison is the condition."""
    compared = {v for other in rest if other.atom.ast_type is ASTType.Comparison for v in variables_in(other)}
    return _binding(literal) and bool(variables_in(literal) & compared)


class _Numbered(Transformer):  # its method is named after the nodes it visits
    """Puts `_alters(X, t)` for the atoms of changed predicates."""

    def __init__(self, number: int, changed: Collection[Key]) -> None:
        self._number, self._changed = number, changed

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802
        function = function_of(node.symbol)
        key = _key(*function) if function else None
        if function is None or key not in self._changed:
            return node
        location = node.symbol.location
        term = function[1][0] if function[0] == "met" else node.symbol
        return node.update(
            symbol=Function(location, "_alters", [SymbolicTerm(location, Number(self._number)), term], False)
        )
