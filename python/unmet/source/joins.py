"""What the variables of a policy stand for from rule to rule: arguments of helpers and parts, and their calls."""

from __future__ import annotations

from clingo.ast import AST

from unmet.source.contents import Call
from unmet.source.draft import Draft, ReadRule
from unmet.source.sorts import Sort, Use, check_rule, complain, of_entity
from unmet.source.syntax import function_of, span_of, variable_of


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
        complain(Use(draft.report.quote(term), wanted[0], span_of(term)), found[0], draft.report)
