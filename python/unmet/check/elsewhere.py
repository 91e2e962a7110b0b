"""Criteria that only options of readings other than the chosen ones bring into use, checked under these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import product

from unmet.check.pairs import Pairs
from unmet.check.study import Study
from unmet.diagnostics import Span
from unmet.findings import Elsewhere, Finding
from unmet.policy import NECESSARY, REFERRAL, Policy

Way = frozenset[tuple[str, str]]
"""Options, no two of one reading, under which the rules hold by which a root reads a criterion through others."""


def brought(study: Study) -> tuple[Elsewhere, ...]:
    """The options that bring criteria into use, the other readings being as they are, each with these criteria.

    Of each criterion they are as few as can be; where several choices of so few bring it into use, all of these.
    """
    policy, usual = study.policy, set(study.chosen.items())
    options = [(name, option) for name, reading in policy.readings.items() for option in reading.options]
    found: dict[tuple[int, ...], list[str]] = {}  # by the places of the options that are not the chosen ones
    ways = _ways(policy, usual)
    for name in policy.criteria:
        changes = {tuple(sorted(map(options.index, way - usual))) for way in ways[name]}
        fewest = min(map(len, changes), default=0)
        for change in changes if fewest else ():
            if len(change) == fewest:
                found.setdefault(change, []).append(name)
    every = sorted(found, key=lambda change: (len(change), change))
    return tuple(Elsewhere(dict(options[i] for i in change), tuple(found[change])) for change in every)


def _ways(policy: Policy, usual: Collection[tuple[str, str]]) -> dict[str, list[Way]]:
    """The ways from a root to each criterion, but those that ask for more than another.

    That a reading has its usual option is left out where no rule further on asks for another one of it.
    """
    rules = {name: policy.rules.get(name, ()) for name in policy.criteria}
    upwards = list(TopologicalSorter({n: {c.name for r in rules[n] for c in r.children} for n in rules}).static_order())
    asked: dict[str, set[str]] = {}  # the readings on which it depends what a criterion reads, all the way down
    for name in upwards:
        asked[name] = {reading for rule in rules[name] if rule.children for reading, _ in rule.guards}
        asked[name].update(*(asked[child.name] for rule in rules[name] for child in rule.children))
    found: dict[str, set[Way]] = {name: set() for name in rules}
    found[NECESSARY].add(Way())
    if REFERRAL in rules:  # which is in use where it has a rule
        found[REFERRAL].update(Way(rule.guards) for rule in rules[REFERRAL])
    ways: dict[str, list[Way]] = {}
    for name in reversed(upwards):
        ways[name] = _least(found[name])
        for rule, way in product(rules[name], ways[name]):
            longer = way.union(rule.guards)
            if len(dict(longer)) == len(longer):
                for child in rule.children:
                    found[child.name].add(Way(o for o in longer if o not in usual or o[0] in asked[child.name]))
    return ways


def _least(ways: Iterable[Way]) -> list[Way]:
    """Those of which no other is a part."""
    found: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(each <= way for each in found):
            found.append(way)
    return found


def check(
    pairs: Pairs, usual: Iterable[Finding], checks: Callable[[Pairs], Iterator[Finding]], changes: Iterable[Elsewhere]
) -> Iterator[Finding]:
    """What the checks find of criteria that other options bring into use.

    Nothing is told twice: neither what is found under the usual choice, nor what was found under earlier options.
    """
    study, known = pairs.study, set(map(_claim, usual))
    for change in changes:
        under = study.beside({**study.chosen, **change.readings}, frozenset(change.criteria))
        found = [each for each in checks(pairs.beside(under)) if _claim(each) not in known]
        known.update(map(_claim, found))
        yield from (_under(each, change.readings) for each in found)


def _claim(found: Finding) -> tuple[str, str, Span | None]:
    """What a finding claims: its sentence, and of which rule where it stands at none of its criteria."""
    own = all(found.location != each.location for each in found.criteria)
    return found.code, found.message, found.location if own else None


def _under(found: Finding, readings: Mapping[str, str]) -> Finding:
    """The finding, which says under which options it is so."""
    options = " and ".join(f"`{option}` of `{name}`" for name, option in readings.items())
    suffix = "".join(f"-{name}-{option}" for name, option in readings.items())
    witnesses = tuple(replace(w, name=f"{w.name}{suffix}") for w in found.witnesses)
    return replace(found, message=f"under {options}, {found.message}", readings=dict(readings), witnesses=witnesses)
