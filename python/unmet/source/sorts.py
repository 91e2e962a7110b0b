"""What the variables of a rule stand for: numbers, words, keys, entities; and where two uses of one can never be equal.

ASP joins `finding(patient, age, X), finding(K, side, X)` without a word, and the rule never holds. A helper's
arguments are compared with those of the rules that define it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clingo.ast import AST

from unmet.diagnostics import Span
from unmet.source.syntax import Report, function_of, span_of, variable_of
from unmet.vocabulary import Attribute, Record, Type

if TYPE_CHECKING:
    from unmet.source.body import Call
    from unmet.source.rules import Draft, ReadRule


@dataclass(frozen=True, slots=True)
class Sort:
    """What a variable stands for; `words` are those it can be, `record` the kind of an entity."""

    text: str
    number: bool = False
    words: frozenset[str] = frozenset()
    record: str | None = None

    def meets(self, other: Sort) -> bool:
        """Whether anything is of both sorts."""
        if self.number or other.number:
            return self.number and other.number
        if self.record or other.record:
            return self.record == other.record
        return bool(self.words & other.words)


@dataclass(frozen=True, slots=True)
class Use:
    """A variable at a place where it is of a sort."""

    variable: str
    sort: Sort
    span: Span


def of_value(attribute: Attribute) -> Sort:
    """The sort of an attribute's values."""
    if attribute.type is Type.NUMBER:
        return Sort(f"the number `{attribute.name}`", number=True)
    return Sort(f"a word of `{attribute.name}`", words=frozenset(attribute.options))


def of_key(record: Record) -> Sort:
    """The sort of a record kind's keys."""
    return Sort(f"a key of `{record.name}`", words=frozenset(record.keys))


def of_entity(record: str) -> Sort:
    """The sort of a record kind's entities."""
    return Sort(f"an entity of `{record}`", record=record)


def check_rule(uses: Iterable[Use], report: Report) -> dict[str, Sort]:
    """The sort of each variable of a rule; a diagnostic where two uses of one can never be equal."""
    found: dict[str, Sort] = {}
    for use in uses:
        known = found.setdefault(use.variable, use.sort)
        if not known.meets(use.sort):
            _complain(use, known, report)
    return found


def _complain(use: Use, known: Sort, report: Report) -> None:
    sorts = (known, use.sort)
    code = "unknown-option"
    if any(s.record for s in sorts):
        code = "wrong-record"
    elif any(s.number for s in sorts):
        code = "number-use"
    message = f"`{use.variable}` is {known.text} and {use.sort.text}, which are never equal"
    report.add(code, message, use.span)


def check(draft: Draft) -> None:
    """What the variables of a policy's rules stand for, in one rule and from rule to rule."""
    rules = draft.every_rule()
    own: dict[int, Known] = {id(r): {v: (s,) for v, s in check_rule(r.body.uses, draft.report).items()} for r in rules}
    sorts, parameters = _spread(draft, own)
    for rule in rules:
        for tag, call in _calls(rule):
            for i, term in enumerate(call.arguments):
                _check_argument(term, parameters.get((tag, call.name, i)), sorts[id(rule)], draft)
    for name, part_rules in draft.part_rules.items():
        for rule in part_rules:
            for kind, term in zip(draft.part_kinds.get(name, ()), rule.arguments, strict=False):
                _check_argument(term, (of_entity(kind),), sorts[id(rule)], draft)


Known = dict[str, tuple[Sort, ...]]
"""What each variable of a rule may stand for, as far as it is known."""

Parameters = dict[tuple[str, str, int], tuple[Sort, ...]]
"""What an argument of a part or helper may stand for, by `part` or `helper`, name and position."""


def _spread(draft: Draft, own: dict[int, Known]) -> tuple[dict[int, Known], Parameters]:
    """The sorts of variables and parameters, carried from the rules of helpers to those that call them."""
    sorts = {key: dict(known) for key, known in own.items()}
    parameters: Parameters = {
        ("part", name, i): (of_entity(kind),)
        for name, kinds in draft.part_kinds.items()
        for i, kind in enumerate(kinds)
    }
    before = -1
    while before != (before := sum(map(len, sorts.values())) + len(parameters)):
        for name, rules in draft.helper_rules.items():
            for i in range(max(len(r.arguments) for r in rules)):
                found = [_sorts_of(r.arguments[i], sorts[id(r)], draft) for r in rules if i < len(r.arguments)]
                if all(found):
                    parameters["helper", name, i] = tuple(dict.fromkeys(s for each in found for s in each))
        for rule in draft.every_rule():
            for tag, call in _calls(rule):
                for i, term in enumerate(call.arguments):
                    if (variable := variable_of(term)) and variable != "_" and (tag, call.name, i) in parameters:
                        sorts[id(rule)].setdefault(variable, parameters[tag, call.name, i])
    return sorts, parameters


def _calls(rule: ReadRule) -> list[tuple[str, Call]]:
    return [*(("part", c) for c in rule.body.parts), *(("helper", c) for c in rule.body.helpers)]


def _sorts_of(term: AST, known: Known, draft: Draft) -> tuple[Sort, ...]:
    """What a term may stand for; empty where that is not known."""
    if variable := variable_of(term):
        return known.get(variable, ())
    function = function_of(term)
    if function and function[0] in draft.vocabulary.records:
        return (of_entity(function[0]),)
    return ()


def _check_argument(term: AST, wanted: tuple[Sort, ...] | None, known: Known, draft: Draft) -> None:
    found = _sorts_of(term, known, draft)
    if wanted and found and not any(f.meets(w) for f in found for w in wanted):
        _complain(Use(draft.report.quote(term), wanted[0], span_of(term)), found[0], draft.report)
