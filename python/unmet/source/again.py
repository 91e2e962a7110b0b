"""The statements of a text that was read before, for programs that are made of changed statements."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from clingo.ast import AST, ASTType, Location, Position, parse_string

from unmet.diagnostics import Span
from unmet.solver.messages import character
from unmet.source.syntax import is_base
from unmet.sources import PolicySource

Statements = tuple[AST, ...]

MOST_TEXTS = 64
"""Of how many texts the statements are remembered."""


@lru_cache(MOST_TEXTS)
def parsed(text: str) -> Statements:
    """The statements of a program's text, comments apart."""
    return _parse(text)


def _parse(text: str) -> Statements:
    found: list[AST] = []
    parse_string(text, found.append)
    return tuple(s for s in found if s.ast_type is not ASTType.Comment and not is_base(s))


def statements_of(source: PolicySource) -> Statements:
    """The statements of a policy; they, and the literals of their bodies, know their places in its file."""
    return _placed(source.text, str(source.policy.path))


@lru_cache(MOST_TEXTS)
def _placed(text: str, file: str) -> Statements:
    found, lines = _parse(text), text.split("\n")
    for statement in found:
        for node in (statement, *(statement.body if statement.ast_type is ASTType.Rule else ())):
            begin, end = (_position(p, file, lines) for p in (node.location.begin, node.location.end))
            node.location = Location(begin, end)
    return found


def place_in(source: PolicySource) -> Callable[[AST], Span]:
    """What tells the place in the policy's file of a node that `parsed` read from its text."""
    file, lines = str(source.policy.path), source.text.split("\n")

    def place(node: AST) -> Span:
        begin = node.location.begin
        return Span(file, begin.line, character(lines, begin.line, begin.column))

    return place


def _position(place: Position, file: str, lines: list[str]) -> Position:
    """A place in characters, where clingo counts bytes."""
    return Position(file, place.line, character(lines, place.line, place.column))
