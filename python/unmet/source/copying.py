"""Statements a second time, under other names, so that one program can hold two sets of rules, or two worlds.

A copy of a predicate has the same arguments and the name `_other_NAME`. Which predicates are copied follows from the
record kinds that the two sides have *apart*: findings and records of those kinds are copied, those of all other kinds
are shared, and whatever a policy defines is copied always.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property, lru_cache

from clingo import Function, Symbol
from clingo.ast import AST, ASTType, Transformer

from unmet.source.again import MOST_TEXTS, parsed
from unmet.source.readings import READING_PREDICATES
from unmet.source.statements import POLICY, VOCABULARY
from unmet.source.syntax import atom_of, sign_of
from unmet.vocabulary import Vocabulary

PREFIX = "_other_"


def other(symbol: Symbol) -> Symbol:
    """The atom in the copy that stands for this one."""
    return Function(PREFIX + symbol.name, symbol.arguments)


def copied(statements: Iterable[AST], vocabulary: Vocabulary, apart: Collection[str]) -> tuple[str, ...]:
    """The text of statements over copied predicates, without the facts of a vocabulary, which both sides share."""
    copier = _Copier(vocabulary, frozenset(apart))
    return tuple(copier.text(statement) for statement in statements if not _is_shared(statement))


@lru_cache(MOST_TEXTS)
def computed_attributes(words: str) -> frozenset[str]:
    """The attributes that a formula of a vocabulary, given by its text, computes."""
    rules = (s for s in parsed(words) if s.ast_type is ASTType.Rule and s.body)
    atoms = (atom_of(rule.head) or ("", []) for rule in rules if rule.head.ast_type is ASTType.Literal)
    return frozenset(str(arguments[1]) for name, arguments in atoms if name == "finding" and len(arguments) == 3)


@lru_cache(MOST_TEXTS)
def attributes_of_several(words: str) -> frozenset[str]:
    """The attributes in rules of a vocabulary that read more than one record: such a rule ties records together."""
    found: set[str] = set()
    for statement in parsed(words):
        if statement.ast_type is ASTType.Rule and statement.body:
            atoms = [atom_of(each) for each in (statement.head, *statement.body) if each.ast_type is ASTType.Literal]
            read = [arguments for name, arguments in filter(None, atoms) if name in READING_PREDICATES]
            if len({str(arguments[0]) for arguments in read}) > 1:
                found.update(str(arguments[1]) for arguments in read)
    return frozenset(found)


def _is_shared(statement: AST) -> bool:
    """Whether a statement is a fact that no rule reads, or that both sides share: a declaration."""
    if statement.ast_type is not ASTType.Rule or statement.body:
        return False
    atom = atom_of(statement.head) if statement.head.ast_type is ASTType.Literal else None
    return atom is not None and (atom[0] in VOCABULARY or (atom[0] in POLICY and atom[0] != "reading"))


class _Copier:
    """Renames the predicates of statements."""

    def __init__(self, vocabulary: Vocabulary, apart: frozenset[str]) -> None:
        self._vocabulary, self._apart = vocabulary, apart

    def text(self, statement: AST) -> str:
        """A statement under its new names.

        Of a plain literal the name alone is replaced: to make new nodes takes many times longer than to write them.
        """
        if statement.ast_type is not ASTType.Rule:
            return str(self._deep.visit(statement))
        head = self._literal(statement.head)
        body = "; ".join(self._literal(literal) for literal in statement.body)
        return f"{head} :- {body}." if body else f"{head}."

    def _literal(self, node: AST) -> str:
        if node.ast_type is ASTType.Literal:
            atom = node.atom
            if atom.ast_type is ASTType.Comparison:
                return str(node)
            if atom.ast_type is ASTType.SymbolicAtom and (symbol := atom.symbol).ast_type is ASTType.Function:
                return f"{'not ' * sign_of(node)}{PREFIX if self._renames(symbol) else ''}{symbol}"
        return str(self._deep.visit(node))

    @cached_property
    def _deep(self) -> _Renamer:
        return _Renamer(self._renames)

    def _renames(self, term: AST) -> bool:
        name = term.name
        if name in VOCABULARY:
            return False
        if name in self._vocabulary.records:
            return name in self._apart
        if name in READING_PREDICATES and (attribute := self._vocabulary.attributes.get(str(term.arguments[1]))):
            return attribute.record in self._apart
        return True


class _Renamer(Transformer):  # its methods are named after the nodes they visit
    """Renames the predicates in whatever stands in a statement."""

    def __init__(self, renames: Callable[[AST], bool]) -> None:
        self._renames = renames

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802
        symbol = node.symbol
        if symbol.ast_type is not ASTType.Function or not self._renames(symbol):
            return node
        return node.update(symbol=symbol.update(name=PREFIX + symbol.name))

    def visit_Defined(self, node: AST) -> AST:  # noqa: N802
        """`#defined p/n.`, of every predicate but those that both sides share."""
        return node if node.name in VOCABULARY else node.update(name=PREFIX + node.name)

    def visit_ShowSignature(self, node: AST) -> AST:  # noqa: N802
        return node.update(name=PREFIX + node.name)
