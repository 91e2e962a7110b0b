"""The literals that read a finding, `finding(E, A, V)` and its kin, held against the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable

from clingo import Symbol, SymbolType
from clingo.ast import AST, ComparisonOperator

from unmet.diagnostics import Span, did_you_mean
from unmet.source.contents import Body
from unmet.source.sorts import Use, of_entity, of_key, of_value
from unmet.source.syntax import (
    Report,
    constants,
    function_of,
    is_string,
    span_of,
    value_of,
    variable_of,
    word_of,
)
from unmet.values import is_identifier
from unmet.vocabulary import Attribute, Mode, Type, Vocabulary

SCALE_PREDICATES = ("at_least", "at_most")
"""Predicates that compare what a scale is with a word of it."""

READING_PREDICATES = ("finding", "documented", *SCALE_PREDICATES)
"""Predicates with an entity, an attribute and a value."""


class ReadingReader:
    """Reads entities, attributes and values. `arithmetic` allows numbers to be computed with (a vocabulary's rules)."""

    def __init__(self, vocabulary: Vocabulary, report: Report, *, arithmetic: bool = False) -> None:
        self.vocabulary, self.report, self.arithmetic = vocabulary, report, arithmetic

    def entity_argument(self, argument: AST, body: Body) -> None:
        """Reads `hip(Side)` or `hip(left)` in a comparison, or among the arguments of a helper or head."""
        function = function_of(argument)
        if function and function[0] in self.vocabulary.records and not self._entity(argument, function[0], body):
            self._wrong_entity(argument, function[0])

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
        if name == "documented":
            body.documented.append(attribute.name)
        self._entity_of(attribute, entity, body)
        if name in SCALE_PREDICATES:
            self._scale_value(name, attribute, attribute_term, value, body)
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

    def _scale_value(self, name: str, attribute: Attribute, term: AST, value: AST, body: Body) -> None:
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
            self.words(name, attribute, found, body)

    def _value(self, attribute: Attribute, value: AST, body: Body) -> None:
        variable, found = variable_of(value), constants(value)
        if variable == "_":
            return
        if found is not None:
            self.words("finding", attribute, found, body)
            for symbol in (s for s, _ in found if attribute.type is Type.NUMBER and s.type is SymbolType.Number):
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
                f"what is 1 in a case is `{10**attribute.places}` in a rule" if attribute.places else None,
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

    def _cut(self, attribute: Attribute, operator: ComparisonOperator, constant: int, body: Body) -> None:
        cuts = body.cuts.setdefault(attribute.name, set())
        if operator in (ComparisonOperator.GreaterEqual, ComparisonOperator.LessThan):
            cuts.add(constant)
        elif operator in (ComparisonOperator.GreaterThan, ComparisonOperator.LessEqual):
            cuts.add(constant + 1)
        else:
            cuts.update((constant, constant + 1))

    def words(self, name: str, attribute: Attribute, found: Iterable[tuple[Symbol, Span]], body: Body) -> None:
        """Holds constants against an attribute, and notes the words from which on an atom of a scale begins or ceases.

        `name` is what compares it: `at_least`, `at_most`, or `finding` for equality.
        """
        known = [value_of(symbol) for symbol, span in found if self.check_value(attribute, symbol, span)]
        if attribute.type is Type.SCALE and known:
            places = [attribute.options.index(str(word)) for word in known]
            every = range(len(attribute.options))
            held = {"at_least": every[min(places) :], "at_most": every[: max(places) + 1]}.get(name, places)
            begins = (i for i in every[1:] if (i in held) is not (i - 1 in held))
            body.steps.setdefault(attribute.name, set()).update(attribute.options[i] for i in begins)
