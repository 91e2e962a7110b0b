"""What one rule body says, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from clingo import SymbolType
from clingo.ast import AST, ASTType

from unmet.diagnostics import Span
from unmet.policy import Child
from unmet.source.sorts import Use
from unmet.source.syntax import (
    below,
    constants,
)
from unmet.vocabulary import Attribute


@dataclass(frozen=True, slots=True)
class Call:
    """A use of a helper: its name, arguments and place."""

    name: str
    arguments: tuple[AST, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Counted:
    """A `n { ... }` in a body: n, and the variables that stand in it alone."""

    threshold: int
    variables: tuple[str, ...]


@dataclass
class Body:
    """What one body says; filled by `BodyReader`."""

    guards: list[tuple[str, str, Span]] = field(default_factory=list)
    guard_spans: list[tuple[Span, Span]] = field(default_factory=list)
    """Where each guard names its reading and its option."""
    children: list[Child] = field(default_factory=list)
    child_spans: list[Span] = field(default_factory=list)
    threshold: int | None = None
    counted_children: int = 0
    counts_of_criteria: int = 0
    unread: bool = False
    """Whether it names a criterion or part in a way that cannot be read."""
    parts: list[Call] = field(default_factory=list)
    helpers: list[Call] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    documented: list[str] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    numbers: dict[str, Attribute] = field(default_factory=dict)
    words: dict[str, Attribute] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    """Variables that stand outside every `n { ... }`."""
    computed: set[str] = field(default_factory=set)
    """Attributes that an arithmetic term computes with (vocabulary only)."""
    named: set[str] = field(default_factory=set)
    """Keyed record kinds of which the body names a key."""
    cuts: dict[str, set[int]] = field(default_factory=dict)
    steps: dict[str, set[str]] = field(default_factory=dict)
    leafy: list[Span] = field(default_factory=list)
    """Places of what only a leaf's body may hold."""


def variables_in(node: AST) -> set[str]:
    """The named variables anywhere below a node."""
    return {str(each.name) for each in below(node) if each.ast_type is ASTType.Variable} - {"_"}


def is_number(term: AST) -> bool:
    found = constants(term)
    return bool(found) and all(symbol.type is SymbolType.Number for symbol, _ in found or ())


def numbers_in(terms: tuple[AST, ...], body: Body) -> set[str]:
    """The variables of numbers that stand in any of the terms."""
    return {v for term in terms for v in variables_in(term) if v in body.numbers}
