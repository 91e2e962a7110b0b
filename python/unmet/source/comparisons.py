"""Comparisons in a rule body: numbers with constants, words and records by equality alone."""

from __future__ import annotations

from clingo import SymbolType
from clingo.ast import AST, ASTType, ComparisonOperator

from unmet.source.contents import Body, is_number, numbers_in, variables_in
from unmet.source.readings import ReadingReader
from unmet.source.syntax import (
    constants,
    span_of,
    variable_of,
)
from unmet.vocabulary import Attribute, Type


class ComparisonReader(ReadingReader):
    """Reads comparisons; where a number is compared, it is cut there."""

    def _comparison(self, comparison: AST, body: Body) -> None:
        left = comparison.term
        for term in (left, *(guard.term for guard in comparison.guards)):
            self.entity_argument(term, body)
        body.outside.update(variables_in(comparison))
        body.leafy.append(span_of(left))
        for guard in comparison.guards:
            self._pair(left, ComparisonOperator(guard.comparison), guard.term, body)
            left = guard.term

    def _pair(self, left: AST, operator: ComparisonOperator, right: AST, body: Body) -> None:
        one, other = variable_of(left), variable_of(right)
        written = f"{self.report.quote(left)} {SIGNS[operator]} {self.report.quote(right)}"
        pool = next((t for t in (left, right) if t.ast_type is ASTType.Pool), None)
        if pool is not None and operator is not ComparisonOperator.Equal:
            help = "it would hold where it holds of any one of them; compare with each by itself"
            self.report.add("forbidden-statement", f"a body may not hold `{written}`", span_of(left), help)
            return
        for first, second, compare in ((one, right, operator), (other, left, MIRRORED[operator])):
            if first is not None and first in body.numbers and variable_of(second) is None:
                self._number_pair(body.numbers[first], compare, second, body)
                return
        equality = operator in (ComparisonOperator.Equal, ComparisonOperator.NotEqual)
        numeric = {v for v in (one, other) if v in body.numbers} or numbers_in((left, right), body)
        if numeric:
            if self.arithmetic:
                body.computed.update(body.numbers[v].name for v in numeric)
                return
            self.report.add(
                "number-use",
                f"`{written}` compares a number with something else than a constant",
                span_of(left),
                "what depends on two values is a derived attribute of the vocabulary",
            )
        elif not equality and any(is_number(t) for t in (left, right)):
            self.report.add(
                "number-use",
                f"`{written}` compares what is no number of this rule",
                span_of(left),
                "read the number in the same rule: `finding(E, attribute, V), V >= 5`",
            )
        elif not equality:
            what = "records" if {one, other} & body.entities.keys() else "words"
            words = [body.words[v] for v in (one, other) if v in body.words]
            scale = next((a for a in words if a.type is Type.SCALE), None)
            self.report.add(
                "word-comparison",
                f"`{written}` compares {what}, which clingo orders by length and alphabet",
                span_of(left),
                f"write `at_least(E, {scale.name}, Word)` or `at_most(E, {scale.name}, Word)`"
                if scale
                else f"{what} can only be equal (`=`) or not (`!=`)",
            )
        elif not variables_in(left) | variables_in(right):
            self.report.add("forbidden-statement", f"`{written}` compares two constants", span_of(left))
        else:
            for variable, term in ((one, right), (other, left)):
                if variable in body.words and (found := constants(term)):
                    self.words("finding", body.words[variable], found, body)

    def _number_pair(self, attribute: Attribute, operator: ComparisonOperator, term: AST, body: Body) -> None:
        found = constants(term)
        if not found or any(s.type is not SymbolType.Number for s, _ in found):
            if self.arithmetic and numbers_in((term,), body):
                body.computed.add(attribute.name)
                return
            self.report.add(
                "number-use" if found is None else "value-outside-type",
                f"`{attribute.name}` is compared with `{self.report.quote(term)}`, which is no plain number",
                span_of(term),
                "numbers are compared with constants only",
            )
            return
        for symbol, span in found:
            if self.check_value(attribute, symbol, span):
                self._cut(attribute, operator, symbol.number, body)


MIRRORED = {
    ComparisonOperator.GreaterThan: ComparisonOperator.LessThan,
    ComparisonOperator.LessThan: ComparisonOperator.GreaterThan,
    ComparisonOperator.GreaterEqual: ComparisonOperator.LessEqual,
    ComparisonOperator.LessEqual: ComparisonOperator.GreaterEqual,
    ComparisonOperator.Equal: ComparisonOperator.Equal,
    ComparisonOperator.NotEqual: ComparisonOperator.NotEqual,
}

SIGNS = {
    ComparisonOperator.GreaterThan: ">",
    ComparisonOperator.LessThan: "<",
    ComparisonOperator.GreaterEqual: ">=",
    ComparisonOperator.LessEqual: "<=",
    ComparisonOperator.Equal: "=",
    ComparisonOperator.NotEqual: "!=",
}
