"""The rules of a policy's leaves without one of their rules, or without one condition of one.

Each variant X has a number. Where a leaf depends on the changed rule, directly or through parts and helpers, its rules
stand again with `_alters(X, leaf)` for `met(leaf)`, and over `_alters(X, ...)` for every part and helper that depends
on it too. So one program holds the policy and all its variants over the same world.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from clingo.ast import AST, ASTType

from unmet.diagnostics import Span
from unmet.source.again import place_in
from unmet.source.contents import variables_in
from unmet.source.marked import Atom, Literal, Statement, as_rule, function_in, marked
from unmet.sources import PolicySource
from unmet.vocabulary import Vocabulary

Key = tuple[str, str]
"""A predicate of a policy: `criterion`, `part` or `helper`, and its name."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A policy without a rule (`condition` is None) or without a condition of one; `leaves` are those it can change.

    `rule` is the text of the rule.
    """

    number: int
    key: Key
    rule: str
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

    Of those alone that can change one of the leaves `about`, unless that is None.
    """
    rules: dict[Key, list[_Rule]] = {}
    place_of = place_in(source)
    for statement in marked(source.text):
        key = _head(statement)
        if key is None or (key[0] == "criterion" and key[1] not in leaves):
            continue  # groups read criteria alone
        if _in_force(statement, chosen):
            rules.setdefault(key, []).append(_Rule(statement, vocabulary))
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
                found.append(Variant(number, key, rule.text, condition, place_of(node), reached))
                made += _rules(number, key, place, left, changed, rules)
    return found, made


class _Literal:
    """A literal of a body, and the predicates of the policy that it uses."""

    def __init__(self, literal: Literal, vocabulary: Vocabulary) -> None:
        self.literal, self.node = literal, literal.node
        self.used = frozenset(key for atom in literal.atoms if (key := _key(atom)))
        name = literal.atoms[0].name if literal.plain else None
        self.fixed = name == "chosen" or name in vocabulary.records
        """Whether it is no condition of the policy: a choice of readings, or what kind a record is of."""

    @cached_property
    def text(self) -> str:
        return self.literal.written(lambda atom: None)

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(variables_in(self.node))

    @property
    def binds(self) -> bool:
        """Whether it binds its variables."""
        return self.literal.plain and not self.literal.negated

    @property
    def compares(self) -> bool:
        return self.literal.kind is ASTType.Comparison

    @property
    def counts(self) -> bool:
        return self.literal.kind in (ASTType.Aggregate, ASTType.BodyAggregate)


class _Rule:
    """A rule of the policy: the term that its head is about, and its body."""

    def __init__(self, statement: Statement, vocabulary: Vocabulary) -> None:
        assert statement.head is not None, "a statement with a head is a rule"
        self.node, self._head = statement.node, statement.head
        self.body = tuple(_Literal(each, vocabulary) for each in statement.body)

    @cached_property
    def text(self) -> str:
        return as_rule(self._head.written(lambda atom: None), (each.text for each in self.body))

    @cached_property
    def head(self) -> str:
        return _term(self._head.atoms[0])

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(variables_in(self._head.node))

    def under(self, number: int, changed: Collection[Key], left: int | None = None) -> str:
        """The text of the rule under a variant's number, without one of its literals."""

        def altered(atom: Atom) -> str | None:
            return f"_alters({number},{_term(atom)})" if _key(atom) in changed else None

        body = (
            each.text if each.used.isdisjoint(changed) else each.literal.written(altered)
            for i, each in enumerate(self.body)
            if i != left
        )
        return as_rule(f"_alters({number},{self.head})", body)

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


def _head(statement: Statement) -> Key | None:
    """What a rule of the policy defines."""
    return _key(statement.head.atoms[0]) if statement.head is not None and statement.head.plain else None


def _key(atom: Atom) -> Key | None:
    if atom.name != "met":
        return "helper", atom.name
    function = function_in(atom.arguments[0]) if len(atom.arguments) == 1 else None
    return None if function is None else ("part" if function[1] else "criterion", function[0])


def _term(atom: Atom) -> str:
    """The term that an atom is about; a helper's atom is one as it stands."""
    return atom.arguments[0] if atom.name == "met" else atom.text


def _in_force(statement: Statement, chosen: Mapping[str, str]) -> bool:
    """Whether a rule holds under a choice of readings."""
    atoms = (each.atoms[0] for each in statement.body if each.plain)
    return all(chosen.get(a.arguments[0]) == a.arguments[1] for a in atoms if a.name == "chosen")
