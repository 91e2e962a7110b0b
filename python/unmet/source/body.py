"""The body of one rule, read against the vocabulary: what it reads, what its variables are, where its numbers cut.

This is where misspelt attributes, words outside their type, words compared by order and numbers used otherwise than
in a comparison with constants are found, because ASP itself would accept them all and never match.
"""

from __future__ import annotations

from clingo import SymbolType
from clingo.ast import AST, ASTType, ComparisonOperator

from unmet.diagnostics import Span
from unmet.policy import Child
from unmet.source.comparisons import ComparisonReader
from unmet.source.contents import Body, Call, Counted, variables_in
from unmet.source.readings import READING_PREDICATES
from unmet.source.syntax import (
    atom_of,
    below,
    constants,
    function_of,
    pooled,
    sign_of,
    span_of,
    variable_of,
)


class BodyReader(ComparisonReader):
    """Reads rule bodies. `arithmetic` allows numbers to be computed with (the vocabulary's derived attributes)."""

    def read(self, literals: list[AST]) -> Body:
        """The contents of a body; problems go to the report."""
        body = Body()
        comparisons: list[AST] = []
        for literal in literals:
            if literal.ast_type is not ASTType.Literal:
                self._forbid(literal)
            elif literal.atom.ast_type is ASTType.Comparison:
                comparisons.append(literal.atom)
            elif literal.atom.ast_type is ASTType.Aggregate:
                self._aggregate(literal, body)
            else:
                self._atom(literal, body, outside=True)
        for comparison in comparisons:
            self._comparison(comparison, body)
        return body

    def _forbid(self, node: AST, help: str | None = None) -> None:
        if node.ast_type is ASTType.Literal and node.atom.ast_type is ASTType.BodyAggregate:
            help = "count with `2 { met(a); met(b) }`, and compute with values in the vocabulary"
        self.report.add(
            "forbidden-statement",
            f"a body may not hold `{self.report.quote(node)}`",
            span_of(node),
            help or pooled(node) or "docs/policy-files.md lists what it may hold",
        )

    # -- atoms ------------------------------------------------------------------------------------------------

    def _atom(self, literal: AST, body: Body, *, outside: bool) -> None:
        atom = atom_of(literal)
        if atom is None or sign_of(literal) == 2:
            return self._forbid(literal)
        name, arguments = atom
        negated, span = sign_of(literal) == 1, span_of(literal)
        if outside:
            body.outside.update(variables_in(literal))
        if negated:
            self._check_negated(literal, arguments)
        if name in READING_PREDICATES:
            if len(arguments) == 3:
                body.leafy.append(span)
                return self._reading(name, arguments, body)
            self._arity(name, "entity, attribute, value", len(arguments), span)
        elif name == "met":
            if len(arguments) == 1:
                return self._met(arguments[0], negated, body)
            body.unread = True
            self._arity(name, "criterion", len(arguments), span)
        elif name == "chosen":
            self._chosen(arguments, negated, span, body)
        elif name in self.vocabulary.records:
            body.leafy.append(span)
            if len(arguments) != 1:
                return self._arity(name, "entity", len(arguments), span)
            if variable := variable_of(arguments[0]):
                self._entity_variable(variable, name, span, body)
            elif not self._entity(arguments[0], name, body):
                self._wrong_entity(arguments[0], name)
        else:
            body.leafy.append(span)
            body.helpers.append(Call(name, tuple(arguments), span))
            for argument in arguments:
                self.entity_argument(argument, body)
        return None

    def _check_negated(self, literal: AST, arguments: list[AST]) -> None:
        """`not p((a; b))` is `not p(a)` in one rule and `not p(b)` in another, which is seldom what is meant."""
        if any(node.ast_type is ASTType.Pool for argument in arguments for node in below(argument)):
            self._forbid(literal, "it would hold where any one of them is false; negate each by itself")

    def _arity(self, name: str, usage: str, found: int, span: Span) -> None:
        wanted = usage.count(",") + 1
        plural = "s" * (wanted != 1)
        self.report.add(
            "wrong-arguments",
            f"`{name}` takes {wanted} argument{plural}, not {found}",
            span,
            f"write `{name}({usage})`",
        )

    def _chosen(self, arguments: list[AST], negated: bool, span: Span, body: Body) -> None:
        names = [f[0] for a in arguments if (f := function_of(a)) and not f[1]]
        if len(arguments) == 2 and negated:
            self._forbid_guard(span)
            return
        if len(arguments) != 2 or len(names) != 2:
            self.report.add(
                "wrong-arguments",
                "`chosen` takes the name of a reading and one of its options",
                span,
                "write one rule for each option",
            )
            return
        if names[0] in (name for name, _, _ in body.guards):
            self.report.add("declared-twice", f"`{names[0]}` is chosen twice in one rule", span)
        body.guards.append((names[0], names[1], span))
        body.guard_spans.append((span_of(arguments[0]), span_of(arguments[1])))

    def _forbid_guard(self, span: Span) -> None:
        help = "write one rule for each option"
        self.report.add("forbidden-statement", "`chosen` is not negated", span, help)

    def _met(self, term: AST, negated: bool, body: Body) -> None:
        function, span = function_of(term), span_of(term)
        if function is None:
            body.unread = True
            help = "write a rule for each of them" if term.ast_type is ASTType.Pool else None
            message = f"`met` takes a criterion or a part, not `{self.report.quote(term)}`"
            self.report.add("wrong-arguments", message, span, help)
        elif function[1]:
            body.leafy.append(span)
            body.parts.append(Call(function[0], tuple(function[1]), span))
        else:
            body.children.append(Child(function[0], negated))
            body.child_spans.append(span)

    # -- n { ... } --------------------------------------------------------------------------------------------

    def _aggregate(self, literal: AST, body: Body) -> None:
        aggregate = literal.atom
        threshold = self._threshold(aggregate)
        if threshold is None or sign_of(literal):
            help = "write the least number first: `2 { met(a); met(b); met(c) }`"
            return self._forbid(
                literal, "give the count a helper or criterion of its own" if sign_of(literal) else help
            )
        before = len(body.children)
        inner: set[str] = set()
        for element in aggregate.elements:
            self._atom(element.literal, body, outside=False)
            inner |= variables_in(element.literal)
            for condition in element.condition:
                if condition.atom.ast_type is ASTType.SymbolicAtom and not sign_of(condition):
                    self._atom(condition, body, outside=False)
                else:
                    self._forbid(condition, "a condition in `{ }` is a plain atom such as `injection(I)`")
            if sign_of(element.literal):
                self._forbid(element.literal, "what is counted is not negated; give it a criterion of its own")
        if len(body.children) > before:
            body.counts_of_criteria += 1
            body.threshold = threshold
            body.counted_children += len(body.children) - before
        else:
            body.leafy.append(span_of(aggregate))
            body.counted.append(Counted(threshold, tuple(sorted(inner))))
        return None

    @staticmethod
    def _threshold(aggregate: AST) -> int | None:
        """The n of `n { ... }`, which clingo reads as `n <= { ... }`; None for any other bound."""
        guard = aggregate.left_guard
        if guard is None or aggregate.right_guard is not None:
            return None
        if ComparisonOperator(guard.comparison) is not ComparisonOperator.LessEqual:
            return None
        found = constants(guard.term)
        if not found or len(found) != 1 or found[0][0].type is not SymbolType.Number:
            return None
        return found[0][0].number if found[0][0].number >= 1 else None
