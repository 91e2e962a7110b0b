"""The body of one rule, read against the vocabulary: what it reads, what its variables are, where its numbers cut.

This is where misspelt attributes, words outside their type, words compared by order and numbers used otherwise than
in a comparison with constants are found, because ASP itself would accept them all and never match.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from clingo import Symbol, SymbolType
from clingo.ast import AST, ASTType, ComparisonOperator

from unmet.diagnostics import Span, did_you_mean
from unmet.policy import Child
from unmet.source.sorts import Use, of_entity, of_key, of_value
from unmet.source.syntax import (
    Report,
    atom_of,
    below,
    constants,
    function_of,
    is_string,
    pooled,
    sign_of,
    span_of,
    value_of,
    variable_of,
    word_of,
)
from unmet.vocabulary import Attribute, Mode, Type, Vocabulary, is_identifier

READING_PREDICATES = ("finding", "documented", "at_least", "at_most")
"""Predicates with an entity, an attribute and a value."""


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
    leafy: list[Span] = field(default_factory=list)
    """Places of what only a leaf's body may hold."""


class BodyReader:
    """Reads rule bodies. `arithmetic` allows numbers to be computed with (the vocabulary's derived attributes)."""

    def __init__(self, vocabulary: Vocabulary, report: Report, *, arithmetic: bool = False) -> None:
        self.vocabulary, self.report, self.arithmetic = vocabulary, report, arithmetic

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

    def entity_argument(self, argument: AST, body: Body) -> None:
        """Reads `hip(Side)` or `hip(left)` in a comparison, or among the arguments of a helper or head."""
        function = function_of(argument)
        if function and function[0] in self.vocabulary.records and not self._entity(argument, function[0], body):
            self._wrong_entity(argument, function[0])

    # -- finding(E, A, V) and its kin -------------------------------------------------------------------------

    def _reading(self, name: str, arguments: list[AST], body: Body) -> None:
        entity, attribute_term, value = arguments
        attribute = self.attribute(attribute_term)
        if attribute is None:
            return
        if attribute.type is Type.DATE:
            self.report.add(
                "wrong-arguments",
                f"`{attribute.name}` is a date, and rules do not read dates",
                span_of(attribute_term),
                "declare a number with `derived(attribute, unit, from, to)` and compare that",
            )
            return
        body.attributes.append(attribute.name)
        self._entity_of(attribute, entity, body)
        if name in ("at_least", "at_most"):
            self._scale_value(name, attribute, attribute_term, value)
        else:
            self._value(attribute, value, body)

    def attribute(self, term: AST) -> Attribute | None:
        """The attribute a term names; a diagnostic and None where there is none."""
        function = function_of(term)
        if function is None or function[1]:
            message = f"an attribute is given by its name, not `{self.report.quote(term)}`"
            self.report.add("wrong-arguments", message, span_of(term))
            return None
        attribute = self.vocabulary.attributes.get(function[0])
        if attribute is None:
            self.report.add(
                "unknown-attribute",
                f"`{function[0]}` is not an attribute of the vocabulary",
                span_of(term),
                did_you_mean(function[0], self.vocabulary.attributes),
            )
        return attribute

    def _entity_of(self, attribute: Attribute, term: AST, body: Body) -> None:
        if variable := variable_of(term):
            self._entity_variable(variable, attribute.record, span_of(term), body)
        elif not self._entity(term, attribute.record, body):
            function = function_of(term)
            if function and function[0] in self.vocabulary.records and function[0] != attribute.record:
                self.report.add(
                    "wrong-record",
                    f"`{attribute.name}` belongs to `{attribute.record}`, not to `{function[0]}`",
                    span_of(term),
                )
            else:
                self._wrong_entity(term, attribute.record)

    def _entity(self, term: AST, kind: str, body: Body) -> bool:
        """Whether a term is an entity of the kind: `patient`, `hip(left)`, `hip(Side)`."""
        function = function_of(term)
        record = self.vocabulary.records[kind]
        if function is None or function[0] != kind:
            return False
        if record.mode is Mode.ONE:
            return not function[1]
        if record.mode is Mode.LISTED or len(function[1]) != 1:
            return False
        if variable := variable_of(function[1][0]):
            body.keys[variable] = kind
            if variable != "_":
                body.uses.append(Use(variable, of_key(record), span_of(function[1][0])))
            return True
        keys = constants(function[1][0]) or []
        body.named.add(kind)
        return bool(keys) and all(word_of(symbol) in record.keys for symbol, _ in keys)

    def _wrong_entity(self, term: AST, kind: str) -> None:
        record, function = self.vocabulary.records[kind], function_of(term)
        if record.mode is Mode.KEYED and function and function[0] == kind and len(function[1]) == 1:
            key = function[1][0]
            message = f"`{self.report.quote(key)}` is not a key of `{kind}`"
            self.report.add("unknown-record", message, span_of(key), did_you_mean(str(key), record.keys))
            return
        wanted = {
            Mode.ONE: f"`{kind}`",
            Mode.KEYED: f"`{kind}(Key)` or as a variable",
            Mode.LISTED: "a variable",
        }[record.mode]
        message = f"an entity of `{kind}` is written as {wanted}, not as `{self.report.quote(term)}`"
        self.report.add("unknown-record", message, span_of(term))

    def _entity_variable(self, variable: str, kind: str, span: Span, body: Body) -> None:
        if variable != "_":
            body.entities.setdefault(variable, kind)
            body.uses.append(Use(variable, of_entity(kind), span))

    def _scale_value(self, name: str, attribute: Attribute, term: AST, value: AST) -> None:
        if attribute.type is not Type.SCALE:
            sign = ">=" if name == "at_least" else "<="
            self.report.add(
                "word-comparison" if attribute.type is not Type.NUMBER else "wrong-arguments",
                f"`{name}` compares scales, and `{attribute.name}` is a {attribute.type}",
                span_of(term),
                f"write `finding(E, {attribute.name}, V), V {sign} {self.report.quote(value)}`"
                if attribute.type is Type.NUMBER
                else "declare it as a scale, or write `finding`",
            )
        elif (found := constants(value)) is None:
            self.report.add(
                "wrong-arguments",
                f"`{name}` compares with an option of `{attribute.name}`, not `{self.report.quote(value)}`",
                span_of(value),
                did_you_mean("", attribute.options),
            )
        else:
            for symbol, span in found:
                self.check_value(attribute, symbol, span)

    def _value(self, attribute: Attribute, value: AST, body: Body) -> None:
        variable, found = variable_of(value), constants(value)
        if variable == "_":
            return
        if found is not None:
            for symbol, span in found:
                self.check_value(attribute, symbol, span)
                if attribute.type is Type.NUMBER and symbol.type is SymbolType.Number:
                    self._cut(attribute, ComparisonOperator.Equal, symbol.number, body)
        elif variable is None:
            self.report.add(
                "number-use" if attribute.type is Type.NUMBER else "wrong-arguments",
                f"the value of `{attribute.name}` is a constant or a variable, not `{self.report.quote(value)}`",
                span_of(value),
                "bind it to a variable and compare that with a constant" if attribute.type is Type.NUMBER else None,
            )
        elif attribute.type is Type.NUMBER:
            if variable in body.numbers and not self.arithmetic:
                self.report.add(
                    "number-use",
                    f"`{variable}` joins two numbers, and a number is compared with constants only",
                    span_of(value),
                    "what depends on two values is a derived attribute of the vocabulary",
                )
            body.numbers[variable] = attribute
        else:
            body.words[variable] = attribute
        if variable is not None:
            body.uses.append(Use(variable, of_value(attribute), span_of(value)))

    def check_value(self, attribute: Attribute, symbol: Symbol, span: Span) -> bool:
        """Whether a constant is a value of the attribute; a diagnostic where it is not."""
        value = value_of(symbol)
        if attribute.type is Type.NUMBER:
            if isinstance(value, int) and attribute.low <= value <= attribute.high:
                return True
            self.report.add(
                "value-outside-type",
                f"`{attribute.name}` is a number from {attribute.low} to {attribute.high}, not `{symbol}`",
                span,
                f"1 in a case is `{10**attribute.places}` in a rule" if attribute.places else None,
            )
            return False
        if isinstance(value, str) and value in attribute.options and is_string(symbol) != is_identifier(value):
            return True
        if isinstance(value, int):
            self.report.add(
                "value-outside-type",
                f"`{attribute.name}` is a word, not `{symbol}`",
                span,
                did_you_mean("", attribute.options),
            )
        else:
            self.report.add(
                "unknown-option",
                f"`{symbol}` is not an option of `{attribute.name}`",
                span,
                did_you_mean(value or str(symbol), attribute.options),
            )
        return False

    # -- comparisons ------------------------------------------------------------------------------------------

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
        elif not equality and any(_is_number(t) for t in (left, right)):
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
                    for symbol, span in found:
                        self.check_value(body.words[variable], symbol, span)

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

    def _cut(self, attribute: Attribute, operator: ComparisonOperator, constant: int, body: Body) -> None:
        cuts = body.cuts.setdefault(attribute.name, set())
        if operator in (ComparisonOperator.GreaterEqual, ComparisonOperator.LessThan):
            cuts.add(constant)
        elif operator in (ComparisonOperator.GreaterThan, ComparisonOperator.LessEqual):
            cuts.add(constant + 1)
        else:
            cuts.update((constant, constant + 1))

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


def variables_in(node: AST) -> set[str]:
    """The named variables anywhere below a node."""
    return {str(each.name) for each in below(node) if each.ast_type is ASTType.Variable} - {"_"}


def _is_number(term: AST) -> bool:
    found = constants(term)
    return bool(found) and all(symbol.type is SymbolType.Number for symbol, _ in found or ())


def numbers_in(terms: tuple[AST, ...], body: Body) -> set[str]:
    """The variables of numbers that stand in any of the terms."""
    return {v for term in terms for v in variables_in(term) if v in body.numbers}
