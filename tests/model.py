"""A knowledge base and a case as plain data: what the oracle evaluates and the generators write.

It mirrors the language of docs/policy-files.md and docs/case-files.md, without its text: `tests.oracle` says what
these data mean, `tests.strategies` draws them, `tests.writers` writes them as files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int


@dataclass(frozen=True, order=True)
class Entity:
    """A thing that has attributes: `patient`, `hip(left)`, `injection(1)`."""

    kind: str
    key: str | int | None = None


@dataclass(frozen=True)
class Kind:
    """A record kind: `one`, `keyed` (one entity for each key) or `listed` (as many as there are)."""

    name: str
    sort: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """What may be said of the entities of a kind: `flag`, `choice`, `scale` or `number`.

    `values` are all it may take, those of a scale in the order of their ranks. `presumed` is what silence means.
    """

    name: str
    kind: str
    type: str
    values: tuple[Value, ...]
    presumed: Value | None = None


@dataclass(frozen=True)
class Derivation:
    """`target` follows from two numbers of the same record: B - A, or, with a `factor`, factor*(B-A)/B where B > 0."""

    target: str
    before: str
    after: str
    factor: int | None = None

    def value(self, before: int, after: int) -> int | None:
        """The value of the target, None where the rule does not speak; integers divide towards zero."""
        if self.factor is None:
            return before - after
        if before <= 0:
            return None
        quotient = abs(self.factor * (before - after)) // before
        return quotient if before >= after else -quotient


# --- the rules -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Var:
    """A variable; it stands for an entity, or for a word."""

    name: str


@dataclass(frozen=True)
class Keyed:
    """`hip(Side)`: the record under the key that a word's variable stands for."""

    kind: str
    key: Var


Term = Entity | Var | Keyed


@dataclass(frozen=True)
class Test:
    """What a value must pass: `in` (one of the operands), `at_least`, `at_most`, or `<`, `<=`, `>`, `>=`, `=`, `!=`."""

    __test__ = False  # not a class of tests, whatever pytest thinks of its name

    op: str
    operands: tuple[Value, ...]


@dataclass(frozen=True)
class Finding:
    """The attribute of the entity passes all tests, and is the word `binds`; if `documented`, the case states it."""

    entity: Term
    attribute: str
    tests: tuple[Test, ...] = ()
    binds: Var | None = None
    documented: bool = False
    negated: bool = False


@dataclass(frozen=True)
class Record:
    """`injection(I)`: I is a record of this kind."""

    kind: str
    variable: Var


@dataclass(frozen=True)
class Distinct:
    """`I != J`."""

    left: Var
    right: Var


@dataclass(frozen=True)
class Holds:
    """`met(c)`, `met(part(I))` or `helper(I)`; only parts and helpers have an argument."""

    name: str
    argument: Term | None = None
    negated: bool = False


@dataclass(frozen=True)
class Count:
    """`n { met(a); met(b) }` over criteria, `n { met(part(I)) }` over the records that a part holds of."""

    least: int
    names: tuple[str, ...]
    negated: bool = False


Body = tuple["Literal", ...]
Literal = Finding | Record | Distinct | Holds | Count


@dataclass(frozen=True)
class Rule:
    """One way for a predicate to hold (of `head`); under one option of one reading, if `chosen` says so."""

    body: Body
    head: Term | None = None
    chosen: tuple[str, str] | None = None


@dataclass(frozen=True)
class Predicate:
    """A `criterion`, a `part` or a `helper`. A criterion whose rules read other criteria is a group, else a leaf."""

    name: str
    sort: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class KnowledgeBase:
    """A vocabulary with its assumptions (`impossible` bodies), and one policy."""

    kinds: tuple[Kind, ...]
    attributes: tuple[Attribute, ...]
    derivations: tuple[Derivation, ...] = ()
    impossible: tuple[Body, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    readings: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (name, options); the first option is the default

    def kind(self, name: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == name)

    def attribute(self, name: str) -> Attribute:
        return next(attribute for attribute in self.attributes if attribute.name == name)

    def predicate(self, name: str) -> Predicate:
        return next(predicate for predicate in self.predicates if predicate.name == name)

    def criteria(self) -> list[Predicate]:
        return [predicate for predicate in self.predicates if predicate.sort == "criterion"]

    def is_criterion(self, name: str) -> bool:
        return any(predicate.name == name for predicate in self.criteria())

    def rules(self, name: str, chosen: Mapping[str, str]) -> list[Rule]:
        """The rules of a predicate that hold under the chosen readings."""
        rules = self.predicate(name).rules
        return [rule for rule in rules if rule.chosen is None or chosen[rule.chosen[0]] == rule.chosen[1]]


@dataclass(frozen=True)
class Case:
    """What is stated: for some attributes one or several values, or none (`unclear`); and the listed records.

    `listed` counts the entries of each listed kind, numbered from 1; a kind that is not `complete` may have more.
    """

    stated: Mapping[tuple[Entity, str], tuple[Value, ...]] = field(default_factory=dict)
    listed: Mapping[str, int] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()

    def entities(self, kind: Kind) -> list[Entity]:
        """The entities of a kind that the case is known to have."""
        if kind.sort == "listed":
            return [Entity(kind.name, number + 1) for number in range(self.listed.get(kind.name, 0))]
        return [Entity(kind.name, key) for key in kind.keys] if kind.sort == "keyed" else [Entity(kind.name)]

    def is_open(self, kind: Kind) -> bool:
        return kind.sort == "listed" and kind.name not in self.complete
