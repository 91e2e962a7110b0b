"""One `.lp` file through clingo's parser: its statements, its terms, and clingo's own messages with their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from clingo import Control, Function, Number, Symbol, SymbolType, ast
from clingo.ast import AST, ASTType, Location, Position, ProgramBuilder

from unmet.diagnostics import Diagnostic, Span
from unmet.errors import reason
from unmet.solver.messages import MESSAGE_LIMIT, Messages, character
from unmet.values import clip

GREATEST = 2**31 - 1
"""The greatest number of clingo."""


@dataclass
class Report:
    """Collects the diagnostics of a knowledge base, and holds the lines of its files for their words."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Notes one problem."""
        self.diagnostics.append(Diagnostic(code, message, span, help=help))

    def text(self, path: Path) -> str:
        """The text of a file that was read."""
        return "\n".join(self.lines[str(path)])

    def quote(self, node: AST) -> str:
        """A node in the words of its file, on one line; clingo writes many a thing otherwise."""
        begin, end = node.location.begin, node.location.end
        lines = self.lines.get(begin.filename, [])[begin.line - 1 : end.line]
        if not lines:
            return clip(str(node))
        lines[-1] = lines[-1][: end.column - 1]
        lines[0] = lines[0][begin.column - 1 :]
        return clip(" ".join(lines)) or clip(str(node))


def span_of(node: AST) -> Span:
    """Where a node begins."""
    begin = node.location.begin
    return Span(begin.filename, begin.line, begin.column)


def parse(path: Path, report: Report) -> list[AST]:
    """The statements of a file, without comments; none where clingo cannot read it."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is not UTF-8 text"
        report.add("unreadable", f"`{path.name}` cannot be read: {why}", Span(str(path), 1, 1))
        return []
    report.lines[str(path)] = lines
    nodes: list[AST] = []
    messages = Messages(str(path), lines)
    with suppress(RuntimeError):  # what it says has reached the logger
        ast.parse_files([str(path)], nodes.append, logger=messages, message_limit=MESSAGE_LIMIT)
    own = [n for n in nodes if n.location.begin.filename == str(path)]
    if not all(map(str.isascii, lines)):
        for node in own:
            _count_characters(node, lines)
    includes = _includes(str(path), own, lines)
    for span in includes:
        help = "every file of a knowledge base is read, and read by itself"
        report.add("forbidden-statement", "a knowledge base may not hold `#include`", span, help)
    said = [d for d in messages.diagnostics if d.location not in includes]
    report.diagnostics.extend(said)
    if said:
        return []
    if any(re.search(r"\d{10}", line) for line in lines):  # else no number is too great, and the walk is slow
        for node in own:
            _check_numbers(node, report)
    return [s for s in own if s.ast_type is not ASTType.Comment and not is_base(s)]


def _includes(file: str, nodes: list[AST], lines: list[str]) -> set[Span]:
    """The places of `#include`, which the parser follows without a word: those in no statement and no comment."""
    held = [_extent(n.location) for n in nodes]
    found: set[Span] = set()
    for number, line in enumerate(lines, 1):
        for match in re.finditer("#include", line):
            place = (number, match.start() + 1)
            if not any(begin <= place < end for begin, end in held):
                found.add(Span(file, *place))
    return found


def _extent(location: Location) -> tuple[tuple[int, int], tuple[int, int]]:
    begin, end = location.begin, location.end
    return (begin.line, begin.column), (end.line, end.column)


def _count_characters(node: AST, lines: list[str]) -> None:
    """Turns the columns of a node and all below it from bytes, as clingo counts, into characters."""
    for each in below(node):
        if "location" in each.keys():  # noqa: SIM118
            begin, end = each.location.begin, each.location.end
            each.location = Location(
                Position(begin.filename, begin.line, character(lines, begin.line, begin.column)),
                Position(end.filename, end.line, character(lines, end.line, end.column)),
            )


def _check_numbers(node: AST, report: Report) -> None:
    """Every number is one that clingo can hold: it wraps greater ones round without a word."""
    for each in below(node):
        if each.ast_type is ASTType.SymbolicTerm and each.symbol.type is SymbolType.Number:
            text = report.quote(each)
            if text.isdecimal() and int(text[:20]) > GREATEST:
                message = f"`{text}` is more than clingo can hold, which is `{GREATEST}`"
                report.add("value-outside-type", message, span_of(each))


def below(node: AST) -> Iterator[AST]:
    """A node and all nodes below it."""
    todo: list[Any] = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, AST):
            yield item
            todo += [getattr(item, key) for key in item.child_keys]
        elif item is not None and not isinstance(item, (str, int)):
            todo += list(item)


def is_base(statement: AST) -> bool:
    """The `#program base.` that clingo puts before every file."""
    return statement.ast_type is ASTType.Program and statement.name == "base" and not statement.parameters


def check_bound(statements: Iterable[AST], report: Report) -> None:
    """Every variable of these rules is bound; asked of clingo file by file, so that it is told with all the rest."""
    messages = Messages("")
    control = Control(logger=messages, message_limit=MESSAGE_LIMIT)
    try:
        with ProgramBuilder(control) as builder:
            for statement in statements:
                builder.add(statement)
        control.ground([])
    except RuntimeError:
        report.diagnostics.extend(messages.unsafe)


NAMES = {
    ASTType.Script: "`#script`",
    ASTType.ShowSignature: "`#show`",
    ASTType.ShowTerm: "`#show`",
    ASTType.Definition: "`#const`",
    ASTType.External: "`#external`",
    ASTType.Minimize: "a weak constraint",
    ASTType.Program: "`#program`",
    ASTType.Defined: "`#defined`",
    ASTType.Heuristic: "`#heuristic`",
    ASTType.Edge: "`#edge`",
    ASTType.ProjectAtom: "`#project`",
    ASTType.ProjectSignature: "`#project`",
    ASTType.TheoryDefinition: "`#theory`",
}

HEADS = {
    ASTType.Aggregate: "a choice",
    ASTType.Disjunction: "a disjunction",
    ASTType.HeadAggregate: "an aggregate as a head",
    ASTType.TheoryAtom: "a theory atom",
}


def name_of(statement: AST) -> str:
    """What a statement is that is no plain rule, in the words of a message."""
    if statement.ast_type is not ASTType.Rule:
        return NAMES.get(statement.ast_type, "this")
    head = statement.head
    if head.ast_type is not ASTType.Literal:
        return HEADS.get(head.ast_type, "this")
    match head.atom.ast_type:
        case ASTType.BooleanConstant:
            return "`#true` as a head" if head.atom.value else "a constraint"
        case ASTType.Comparison:
            return "a comparison as a head"
    if sign_of(head):
        return "a negated head"
    return "a list of arguments" if head.atom.symbol.ast_type is ASTType.Pool else "a negation by `-`"


def pooled(literal: AST) -> str | None:
    """The help for `p(a; b)`, which is two atoms of one argument; None for any other literal."""
    symbol = getattr(literal.atom, "symbol", None) if literal.ast_type is ASTType.Literal else None
    if symbol is None or symbol.ast_type is not ASTType.Pool:
        return None
    return "write alternatives in parentheses of their own: `p((a; b))`"


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
    kind = term.ast_type  # every look at a node is a call to the solver's library
    if kind is ASTType.Function:
        name = term.name
        return (str(name), list(term.arguments)) if name and not term.external else None
    if kind is ASTType.SymbolicTerm:
        symbol: Symbol = term.symbol
        if symbol.type is SymbolType.Function and symbol.positive and not symbol.arguments:
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
        case ASTType.Function if not term.external:
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
