"""The rules of a criterion as they are written, so that two versions of it can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from clingo import Number, SymbolType
from clingo.ast import AST, ASTType, Transformer

from unmet.source.again import statements_of
from unmet.source.readings import SCALE_PREDICATES
from unmet.source.syntax import atom_of, span_of
from unmet.sources import PolicySource


def rules_in_force(source: PolicySource, criterion: str, chosen: Mapping[str, str]) -> tuple[AST, ...]:
    """The rules of a criterion under a choice of readings, and those of the helpers and parts it uses.

    What says under which readings a rule holds is left out.
    """
    wanted = {rule.span for _, rule in source.policy.outline(chosen).support(criterion)}
    found = (s for s in statements_of(source) if s.ast_type is ASTType.Rule and span_of(s) in wanted)
    return tuple(s.update(body=[b for b in s.body if not _is_guard(b)]) for s in found)


def _is_guard(literal: AST) -> bool:
    if literal.ast_type is not ASTType.Literal:
        return False
    atom = atom_of(literal)
    return atom is not None and atom[0] == "chosen"


def skeleton(rule: AST) -> str:
    """A rule without its thresholds, by which alone rules of one skeleton differ.

    These are its numbers and the words that scales are compared with.
    """
    return str(_Blank().visit(rule))


class _Blank(Transformer):
    def visit_SymbolicTerm(self, node: AST) -> AST:  # noqa: N802 - clingo's name for it
        return node.update(symbol=Number(0)) if node.symbol.type is SymbolType.Number else node

    def visit_Function(self, node: AST) -> AST:  # noqa: N802
        if node.name not in SCALE_PREDICATES:
            return node.update(**self.visit_children(node))
        *subject, word = node.arguments
        return node.update(arguments=[*(self.visit(term) for term in subject), _BlankWord().visit(word)])


class _BlankWord(Transformer):
    def visit_SymbolicTerm(self, node: AST) -> AST:  # noqa: N802
        return node.update(symbol=Number(0))
