"""The rules of a policy's leaves without one of their rules, or without one condition of one.

Each variant X has a number. Where a leaf depends on the changed rule, directly or through parts and helpers, its rules
stand again with `_alters(X, leaf)` for `met(leaf)`, and over `_alters(X, ...)` for every part and helper that depends
on it too. So one program holds the policy and all its variants over the same world.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from clingo import Number
from clingo.ast import AST, ASTType, Function, SymbolicTerm, Transformer

from unmet.diagnostics import Span
from unmet.source.again import MOST_TEXTS, parsed, place_in
from unmet.source.contents import variables_in
from unmet.source.syntax import atom_of, below, function_of, sign_of
from unmet.sources import PolicySource
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
    source: PolicySource,
    vocabulary: Vocabulary,
    leaves: Collection[str],
    chosen: Mapping[str, str],
    about: Collection[str] | None = None,
) -> tuple[list[Variant], list[str]]:
    """The variants of the rules that these leaves rest on under a choice of readings, and the text of their rules.

    Those alone that can change one of the leaves `about`, unless that is None.
    """
    rules: dict[Key, list[_Rule]] = {}
    place_of = place_in(source)
    for key, rule in _rules_of(source.text, frozenset(vocabulary.records)):
        if key[0] == "criterion" and key[1] not in leaves:
            continue  # groups read criteria alone
        if all(chosen.get(reading) == option for reading, option in rule.guards):
            rules.setdefault(key, []).append(rule)
    uses = {key: {k for r in own for each in r.body for k in each.used if k in rules} for key, own in rules.items()}
    found: list[Variant] = []
    made: list[str] = []
    for key, own in rules.items():
        changed = _dependent(key, uses)
        reached = tuple(name for sort, name in changed if sort == "criterion")
        wanted = reached if about is None else [name for name in reached if name in about]
        for place, rule in enumerate(own if wanted else ()):
            for condition, node, left in rule.changes(len(own) > 1):
                number = len(found)
                found.append(Variant(number, key, condition, place_of(node), reached))
                made += _rules(number, key, place, left, changed, rules)
    return found, made


@lru_cache(MOST_TEXTS)
def _rules_of(text: str, records: frozenset[str]) -> tuple[tuple[Key, _Rule], ...]:
    """The rules of a policy's text, each with what it defines; `records` are the kinds of the vocabulary."""
    found = ((_head(statement), statement) for statement in parsed(text))
    return tuple((key, _Rule(statement, records)) for key, statement in found if key is not None)


class _Literal:
    """A literal of a body. What is asked of few literals is found out when it is asked: to ask a node takes long."""

    def __init__(self, node: AST, records: frozenset[str]) -> None:
        self.node = node
        self._atom = node.atom.ast_type
        self._plain = atom_of(node) if node.ast_type is ASTType.Literal else None
        self.used = frozenset(_used(node, self._plain))
        name = self._plain[0] if self._plain else None
        self.fixed = name == "chosen" or name in records
        """Whether it is no condition of the policy: a choice of readings, or what kind a record is of."""

    @cached_property
    def text(self) -> str:
        return str(self.node)

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(variables_in(self.node))

    @cached_property
    def binds(self) -> bool:
        """Whether it binds its variables."""
        return self._plain is not None and not sign_of(self.node)

    @property
    def compares(self) -> bool:
        return self._atom is ASTType.Comparison

    @property
    def counts(self) -> bool:
        return self._atom in (ASTType.Aggregate, ASTType.BodyAggregate)


class _Rule:
    """A rule of the policy: the term that its head is about, its body, and the readings under which it holds."""

    def __init__(self, rule: AST, records: frozenset[str]) -> None:
        self.node = rule
        self._records = records

    @cached_property
    def _term(self) -> AST:
        symbol: AST = self.node.head.atom.symbol
        term: AST = symbol.arguments[0] if symbol.name == "met" else symbol  # a helper's atom is one as it stands
        return term

    @cached_property
    def body(self) -> tuple[_Literal, ...]:
        return tuple(_Literal(node, self._records) for node in self.node.body)

    @cached_property
    def guards(self) -> tuple[tuple[str, str], ...]:
        """The readings, each with the option that is asked for."""
        atoms = [atom_of(literal) for literal in self.node.body if literal.ast_type is ASTType.Literal]
        return tuple((str(a[1][0]), str(a[1][1])) for a in atoms if a and a[0] == "chosen")

    @cached_property
    def head(self) -> str:
        return str(self._term)

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(variables_in(self._term))

    def under(self, number: int, changed: Collection[Key], left: int | None = None) -> str:
        """The text of the rule under a variant's number, without one of its literals."""
        copier = _Numbered(number, changed)
        body = [
            each.text if each.used.isdisjoint(changed) else str(copier.visit(each.node))
            for i, each in enumerate(self.body)
            if i != left
        ]
        head = f"_alters({number},{self.head})"
        return f"{head} :- {'; '.join(body)}." if body else f"{head}."

    def changes(self, several: bool) -> Iterator[tuple[str | None, AST, int | None]]:
        """The rule left out, where it is one of several; the rule without each of its conditions, by its place."""
        if several:
            yield None, self.node, None
        if sum(not each.fixed for each in self.body) < 2:
            return
        for i, each in enumerate(self.body):
            rest = [other for other in self.body if other is not each]
            if not each.fixed and self._is_bound(rest) and not _binds_compared(each, rest):
                yield each.text, each.node, i

    def _is_bound(self, body: Iterable[_Literal]) -> bool:
        """Whether all variables of the rule stay bound with this body."""
        found = list(body)
        bound = frozenset[str]().union(*(each.variables for each in found if each.binds))
        return all(each.binds or each.counts or each.variables <= bound for each in found) and self.variables <= bound


def _binds_compared(literal: _Literal, rest: Iterable[_Literal]) -> bool:
    """Whether a literal binds a number that another one compares: the comparison is the condition."""
    return literal.binds and any(other.compares and literal.variables & other.variables for other in rest)


def _rules(
    number: int,
    key: Key,
    place: int,
    left: int | None,
    changed: Iterable[Key],
    rules: Mapping[Key, list[_Rule]],
) -> Iterator[str]:
    """The rules of all that depends on a change, under the variant's number; `left` None leaves out the rule itself."""
    renamed = frozenset(changed)
    for each in changed:
        for i, rule in enumerate(rules[each]):
            if each != key or i != place:
                yield rule.under(number, renamed)
            elif left is not None:
                yield rule.under(number, renamed, left)


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


def _used(literal: AST, plain: tuple[str, list[AST]] | None) -> Iterator[Key]:
    """The predicates of a literal: of one plain atom, or of all that stand in it."""
    nodes = [] if plain is not None else below(literal)
    found = [plain, *(function_of(n.symbol) for n in nodes if n.ast_type is ASTType.SymbolicAtom)]
    for function in found:
        key = _key(*function) if function is not None else None
        if key is not None:
            yield key


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
