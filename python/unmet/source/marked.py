"""Statements as text in which the atoms are marked, so that they can be written again with others in their place.

Every look at a node of the parser takes several calls to the solver's library, and the programs of copies and variants
write each rule many times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from clingo.ast import AST, ASTType, Transformer

from unmet.source.again import MOST_TEXTS, parsed
from unmet.source.syntax import sign_of

MARK = "\x01"
"""Stands before the name of an atom while the atoms of a text are sought; a knowledge base holds none."""

_NAME = re.compile(r"[_']*[a-z][\w']*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[(),]')


@dataclass(frozen=True, slots=True)
class Atom:
    """An atom: its text, its predicate, and its arguments as text."""

    text: str
    name: str
    arguments: tuple[str, ...]


Instead = Callable[[Atom], str | None]
"""What is written instead of an atom; None where it stays."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text: what stands before, between and behind its atoms, and these."""

    between: tuple[str, ...]
    atoms: tuple[Atom, ...]

    def written(self, instead: Instead) -> str:
        """The text with something else instead of some of its atoms."""
        text = self.between[0]
        for atom, behind in zip(self.atoms, self.between[1:], strict=True):
            other = instead(atom)
            text += (atom.text if other is None else other) + behind
        return text


@dataclass(frozen=True, slots=True)
class Literal(Marked):
    """A literal of a body, or a head: what clingo's parser calls its atom, and whether it is one, under `not` or not.

    `negated` is told of plain ones alone.
    """

    node: AST
    kind: ASTType
    plain: bool
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Statement(Marked):
    """A rule, by its head and body; or any other statement, which has neither, by its text."""

    node: AST
    head: Literal | None = None
    body: tuple[Literal, ...] = ()

    def written(self, instead: Instead) -> str:
        """The statement with something else instead of some of its atoms."""
        if self.head is None:
            return Marked.written(self, instead)
        return as_rule(self.head.written(instead), (each.written(instead) for each in self.body))


def as_rule(head: str, body: Iterable[str]) -> str:
    """The text of a rule."""
    conditions = "; ".join(body)
    return f"{head} :- {conditions}." if conditions else f"{head}."


@lru_cache(MOST_TEXTS)
def marked(text: str) -> tuple[Statement, ...]:
    """The statements of a program's text, comments apart."""
    return tuple(_statement(node) for node in parsed(text))


def _statement(node: AST) -> Statement:
    if node.ast_type is not ASTType.Rule:
        return Statement(*_anywhere(node), node)
    return Statement((), (), node, _literal(node.head), tuple(_literal(each) for each in node.body))


def _literal(node: AST) -> Literal:
    if node.ast_type is not ASTType.Literal:
        return Literal(*_anywhere(node), node, node.ast_type, False)
    inner = node.atom
    kind = inner.ast_type
    if kind is ASTType.SymbolicAtom and (symbol := inner.symbol).ast_type is ASTType.Function:
        sign = sign_of(node)
        return Literal(("not " * sign, ""), (_atom(str(symbol))[0],), node, kind, True, sign > 0)
    if kind is ASTType.Comparison:
        return Literal((str(node),), (), node, kind, False)
    return Literal(*_anywhere(node), node, kind, False)


def _anywhere(node: AST) -> tuple[tuple[str, ...], tuple[Atom, ...]]:
    """A node in which atoms stand anywhere: what is between them, and they."""
    first, *pieces = str(_Marker().visit(node)).split(MARK)
    found = [_atom(piece) for piece in pieces]
    return (first, *(behind for _, behind in found)), tuple(atom for atom, _ in found)


def _atom(text: str) -> tuple[Atom, str]:
    """The atom with which a text begins, and what stands behind it."""
    function = _NAME.match(text)
    assert function is not None, "an atom has a name"
    name, begin = function[0], function.end() + 1
    if text[begin - 1 : begin] != "(":
        return Atom(name, name, ()), text[begin - 1 :]
    depth, arguments = 1, list[str]()
    for token in _TOKEN.finditer(text, begin):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 or (depth == 1 and token[0] == ","):
            arguments.append(text[begin : token.start()])
            begin = token.end()
        if depth == 0:
            break
    return Atom(text[:begin], name, tuple(arguments)), text[begin:]


def without_criteria(text: str, names: Collection[str]) -> str:
    """A policy's text without some criteria: what declares them, and their rules."""
    kept = (s for s in marked(text) if s.head is None or not s.head.plain or not _is_of(s.head.atoms[0], names))
    return "\n".join(["#defined met/1.", *(s.written(lambda atom: None) for s in kept)])


def _is_of(head: Atom, names: Collection[str]) -> bool:
    return head.name in ("criterion", "met") and head.arguments[0] in names


def function_in(term: str) -> tuple[str, bool] | None:
    """The name of a term `c` or `f(a, b)`, and whether it has arguments; None of any other."""
    name = _NAME.match(term)
    if name is None or not (name.end() == len(term) or (term[name.end()] == "(" and term.endswith(")"))):
        return None
    return name[0], name.end() < len(term)


class _Marker(Transformer):  # its methods are named after the nodes they visit
    """Puts the mark before the name of each atom, and of each predicate that a declaration names."""

    def visit_SymbolicAtom(self, node: AST) -> AST:  # noqa: N802
        symbol = node.symbol
        return node if symbol.ast_type is not ASTType.Function else node.update(symbol=_under_mark(symbol))

    def visit_Defined(self, node: AST) -> AST:  # noqa: N802
        return _under_mark(node)

    def visit_ShowSignature(self, node: AST) -> AST:  # noqa: N802
        return _under_mark(node)


def _under_mark(node: AST) -> AST:
    return node.update(name=MARK + node.name)
