"""One `.lp` file through clingo's parser: its statements, its terms, and clingo's own messages with their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from clingo import Function, MessageCode, Number, String, Symbol, SymbolType, ast
from clingo.ast import AST, ASTType

from unmet.diagnostics import Diagnostic, Span

MESSAGE_LIMIT = 10_000
"""How many messages clingo may log; it falls silent after 20 unless told otherwise."""


@dataclass
class Report:
    """Collects the diagnostics of a knowledge base."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Notes one problem."""
        self.diagnostics.append(Diagnostic(code, message, span, help=help))


def span_of(node: AST) -> Span:
    """Where a node begins."""
    begin = node.location.begin
    return Span(begin.filename, begin.line, begin.column)


def parse(path: Path, report: Report) -> list[AST]:
    """The statements of a file, without comments; none where clingo cannot read it."""
    try:
        path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        report.add("unreadable", f"`{path.name}` cannot be read: {reason}", Span(str(path), 1, 1))
        return []
    statements: list[AST] = []
    messages = Messages(str(path))
    with suppress(RuntimeError):  # what it says has reached the logger
        ast.parse_files([str(path)], statements.append, logger=messages, message_limit=MESSAGE_LIMIT)
    report.diagnostics.extend(messages.diagnostics)
    if messages.diagnostics:
        return []
    return [s for s in statements if s.ast_type is not ASTType.Comment and not is_base(s)]


def is_base(statement: AST) -> bool:
    """The `#program base.` that clingo puts before every file."""
    return statement.ast_type is ASTType.Program and statement.name == "base" and not statement.parameters


class Messages:
    """A logger for clingo that turns what it says into diagnostics."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    def __call__(self, code: MessageCode, message: str) -> None:
        place = re.match(r"(.+?):(\d+):(\d+)(?:-[\d:]+)?: (?:error|info|warning): (.*)", message, re.DOTALL)
        text, span = message, Span(self.file, 1, 1)
        if place:
            span = Span(place[1], int(place[2]), int(place[3]))
            text = place[4]
        first, *rest = [line.strip() for line in text.strip().splitlines()]
        said = f"{first.removesuffix(':')} {' '.join(rest)}".strip() if rest else first
        self.diagnostics.append(Diagnostic("syntax", f"clingo says: {said}", span))


def sign_of(literal: AST) -> int:
    """0 for a plain literal, 1 for `not`, 2 for `not not`."""
    return int(literal.sign)


def atom_of(literal: AST) -> tuple[str, list[AST]] | None:
    """Name and arguments of a literal's atom, None where it is no plain atom (`-a`, a comparison, `#true`)."""
    atom = literal.atom
    if atom.ast_type is not ASTType.SymbolicAtom:
        return None
    return function_of(atom.symbol)


def function_of(term: AST) -> tuple[str, list[AST]] | None:
    """Name and arguments of a term `f(a, b)` or `c`, None for any other."""
    if term.ast_type is ASTType.Function and not term.external and term.name:
        return str(term.name), list(term.arguments)
    if term.ast_type is ASTType.SymbolicTerm and term.symbol.type is SymbolType.Function:
        symbol: Symbol = term.symbol
        if symbol.positive and not symbol.arguments:
            return symbol.name, []
    return None


def variable_of(term: AST) -> str | None:
    """The name of a variable, `_` for an anonymous one, None for any other term."""
    return str(term.name) if term.ast_type is ASTType.Variable else None


def constants(term: AST) -> list[tuple[Symbol, Span]] | None:
    """The ground symbols of a term, a pool unfolded; None where it holds a variable or an operation."""
    span = span_of(term)
    match term.ast_type:
        case ASTType.SymbolicTerm:
            return [(term.symbol, span)]
        case ASTType.Pool:
            return _concat(constants(a) for a in term.arguments)
        case ASTType.UnaryOperation if int(term.operator_type) == 0:
            inner = constants(term.argument)
            if inner and all(s.type is SymbolType.Number for s, _ in inner):
                return [(Number(-s.number), span) for s, _ in inner]
        case ASTType.Function:
            arguments = [constants(a) for a in term.arguments]
            if all(a is not None for a in arguments):
                combined = product(*(a for a in arguments if a is not None))
                return [(Function(term.name, [s for s, _ in choice]), span) for choice in combined]
    return None


def _concat(parts: Any) -> list[tuple[Symbol, Span]] | None:
    found: list[tuple[Symbol, Span]] = []
    for part in parts:
        if part is None:
            return None
        found += part
    return found


def word_of(symbol: Symbol) -> str | None:
    """The word a symbol stands for: an identifier or a string."""
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.type is SymbolType.Function and symbol.positive and symbol.name and not symbol.arguments:
        return symbol.name
    return None


def value_of(symbol: Symbol) -> str | int | None:
    """The word or number a symbol stands for."""
    return symbol.number if symbol.type is SymbolType.Number else word_of(symbol)


def is_string(symbol: Symbol) -> bool:
    return symbol.type is SymbolType.String


def symbol_of(value: str | int, quoted: bool = False) -> Symbol:
    """The symbol for a value: a number, an identifier, or a string."""
    if isinstance(value, int):
        return Number(value)
    return String(value) if quoted else Function(value)


Reader = Callable[[AST], None]
