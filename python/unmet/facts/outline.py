"""A policy's outline as facts: its criteria, and of each group's rules what they ask of which members."""

from __future__ import annotations

from collections.abc import Iterator

from clingo import Function, Number, Symbol

from unmet.policy import NECESSARY, REFERRAL, Policy

OUTCOMES = ("approve", "deny", "refer")
"""What a world can end in."""


def outline_facts(policy: Policy) -> Iterator[Symbol]:
    """The outline under all readings, as `encodings/overridden.lp` reads it.

    A rule of ALL asks for all of its members, one of ANY for its only one, one of AT LEAST n for n of them.
    """
    for name in policy.criteria:
        yield Function("_criterion", [Function(name)])
        for rule in policy.rules.get(name, ()):
            if not rule.children:
                continue
            group = Function("", [Function(name), Number(rule.position)])
            members = dict.fromkeys(rule.children)
            least = rule.threshold if rule.threshold is not None else len(members)
            yield Function("_group", [group, Function(name), Number(least)])
            for child in members:
                wanted = Function("unmet" if child.negated else "met")
                yield Function("_member", [group, Function(child.name), wanted])
            for reading, option in rule.guards:
                yield Function("_guard", [group, Function(reading), Function(option)])
    for root in (NECESSARY, REFERRAL):
        if root in policy.criteria:
            yield Function("_root", [Function(root)])


def overridden(criterion: str) -> Symbol:
    """The atom that the status of a criterion is turned over."""
    return Function("_overridden", [Function(criterion)])


def in_use(criterion: str) -> Symbol:
    """The atom that a root reaches the criterion under the readings of the world."""
    return Function("_in_use", [Function(criterion)])


def decisive(criterion: str) -> Symbol:
    """The atom that the world's outcome would be another with the status of the criterion turned over."""
    return Function("_decisive", [Function(criterion)])


def turned_outcome(name: str) -> Symbol:
    """The atom of the outcome with the status of the overridden criterion turned over."""
    return Function("_turned_outcome", [Function(name)])
