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
) -> tuple[list[Variant], list[str]]:
    """The variants of the rules that these leaves rest on under a choice of readings, and the text of their rules."""
    rules: dict[Key, list[_Read]] = {}
    for statement in statements:
        key = _head(statement)
        if key is not None and _in_force(statement, chosen):
            rules.setdefault(key, []).append(_Read.of(statement))
    uses = {key: {k for rule in own for used in rule.used for k in used if k in rules} for key, own in rules.items()}
    found: list[Variant] = []
    made: list[str] = []
    for key, own in rules.items():
        if key[0] == "criterion" and key[1] not in leaves:
            continue
        changed = _dependent(key, uses)
        reached = tuple(
            name for sort, name in rules if sort == "criterion" and (sort, name) in changed and name in leaves
        )
        for place, rule in enumerate(own):
            for condition, span, left in _changes(rule.statement, len(own) > 1, vocabulary):
                if reached:
                    number = len(found)
                    found.append(Variant(number, key, condition, span, reached))
                    made += _rules(number, key, place, left, changed, rules, leaves)
    return found, made


@dataclass(frozen=True, slots=True)
class _Read:
    """A rule of the policy, the text of each literal of its body, and the predicates that each uses."""

    statement: AST
    texts: tuple[str, ...]
    used: tuple[frozenset[Key], ...]

    @classmethod
    def of(cls, rule: AST) -> _Read:
        return cls(rule, tuple(map(str, rule.body)), tuple(frozenset(_used(literal)) for literal in rule.body))

    def under(self, number: int, changed: Collection[Key], left: Collection[int] = ()) -> str:
        """The text of the rule under a variant's number, without some literals of its body."""
        copier = _Numbered(number, changed)
        body = [
            str(copier.visit(self.statement.body[i])) if not used.isdisjoint(changed) else text
            for i, (text, used) in enumerate(zip(self.texts, self.used, strict=True))
            if i not in left
        ]
        head = f"_alters({number},{_term(self.statement.head)})"
        return f"{head} :- {'; '.join(body)}." if body else f"{head}."


def _rules(
    number: int,
    key: Key,
    place: int,
    left: Collection[int] | None,
    changed: Collection[Key],
    rules: Mapping[Key, list[_Read]],
    leaves: Collection[str],
) -> Iterator[str]:
    """The rules of all that depends on a change, under the variant's number."""
    for each in changed:
        if each[0] == "criterion" and each[1] not in leaves:
            continue
        for i, rule in enumerate(rules[each]):
            if each != key or i != place:
                yield rule.under(number, changed)
            elif left is not None:
                yield rule.under(number, changed, left)


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


def _used(literal: AST) -> Iterator[Key]:
    """The predicates of a literal: one plain atom, or all that stand in it."""
    plain = atom_of(literal) if literal.ast_type is ASTType.Literal else None
    nodes = [] if plain is not None else below(literal)
    found = [plain, *(function_of(n.symbol) for n in nodes if n.ast_type is ASTType.SymbolicAtom)]
    for function in found:
        key = _key(*function) if function is not None else None
        if key is not None:
            yield key


def _term(head: AST) -> str:
    """What an altered head is about: the criterion or part itself, or the helper's atom as a term."""
    symbol = head.atom.symbol
    return str(symbol.arguments[0] if symbol.name == "met" else symbol)


def _in_force(rule: AST, chosen: Mapping[str, str]) -> bool:
    """Whether a rule holds under a choice of readings."""
    for literal in rule.body:
        atom = atom_of(literal) if literal.ast_type is ASTType.Literal else None
        if atom and atom[0] == "chosen" and chosen.get(str(atom[1][0])) != str(atom[1][1]):
            return False
    return True


# -- what can be left out of a rule ---------------------------------------------------------------------------


def _changes(
    rule: AST, several: bool, vocabulary: Vocabulary
) -> Iterator[tuple[str | None, Span, tuple[int, ...] | None]]:
    """The rule left out, where it is one of several; the rule without each of its conditions, by their place in it."""
    if several:
        yield None, span_of(rule), None
    body = list(rule.body)
    conditions = [i for i, literal in enumerate(body) if not _is_fixed(literal, vocabulary)]
    if len(conditions) < 2:
        return
    for i in conditions:
        rest = [other for k, other in enumerate(body) if k != i]
        if _is_bound(rule, rest) and not _binds_compared(body[i], rest):
            yield str(body[i]), span_of(body[i]), (i,)


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
