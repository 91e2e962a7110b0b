"""Two sides in one program answer as all worlds, or all pairs of worlds, do that the oracle writes out."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, event, given

from tests import oracle
from tests.explain_oracle import Explained, TooMany
from tests.model import Case, KnowledgeBase
from tests.oracle import Question, World
from tests.shipped import inner
from tests.strategies import Focus, Scenario, scenarios
from tests.test_agreement import fewer
from tests.writers import write_knowledge_base
from unmet import loading
from unmet.copies import Copies, prepare
from unmet.knowledge import Knowledge
from unmet.solver import Assumption

FOCUSES = {
    "criteria": Focus(leaves=4, groups=4, small=True),
    "assumptions": Focus(keyed=True, assumptions=2, leaves=3, groups=2, small=True),
    "listed": Focus(listed=True, leaves=1, groups=2, small=True),
}

OUTCOMES = {"approved": "approve", "denied": "deny", "referred": "refer"}


def load(kb: KnowledgeBase) -> Knowledge:
    """A generated knowledge base, as the engine reads it from its files."""
    with tempfile.TemporaryDirectory() as name:
        write_knowledge_base(kb, Path(name))
        return loading.load(Path(name))


def all_worlds(kb: KnowledgeBase, chosen: dict[str, str], most: int = 400) -> list[World]:
    """Every world of the vocabulary, with every choice of what a record states."""
    try:
        question = Question(kb, Case(complete=frozenset(k.name for k in kb.kinds if k.sort == "listed")), chosen)
        return Explained(question, most_worlds=most).worlds
    except (oracle.Contradiction, TooMany):
        assume(False)
        raise AssertionError from None


def outcome(world: World, chosen: dict[str, str]) -> str:
    again = World(world.kb, world.case, world.values, world.entities)
    again.chosen = chosen
    return OUTCOMES[again.outcome()]


def possible(
    copies: Copies, chosen: tuple[dict[str, str], dict[str, str]], more: list[Assumption]
) -> set[tuple[str, str]]:
    """The pairs of outcomes that some world, or pair of worlds, has."""
    under = [*copies.under(0, chosen[0]), *copies.under(1, chosen[1]), *more]
    return {
        pair
        for pair in product(OUTCOMES.values(), OUTCOMES.values())
        if copies.program.satisfiable([*under, *(copies.outcome(i, name) for i, name in enumerate(pair))])
    }


@pytest.mark.parametrize("focus", FOCUSES)
def test_two_readings_of_one_world(focus: str) -> None:
    @fewer
    @given(scenarios(replace(FOCUSES[focus], readings=True)))
    def agree(scenario: Scenario) -> None:
        defaults = {name: options[0] for name, options in scenario.kb.readings}
        worlds = all_worlds(scenario.kb, defaults)
        expected = {(outcome(w, defaults), outcome(w, scenario.chosen)) for w in worlds}
        base = load(scenario.kb)
        source = base.source(base.policies[0])
        event("readings differ" if any(a != b for a, b in expected) else "readings agree")
        assert possible(prepare(base, source, source), (defaults, scenario.chosen), []) == expected

    agree()


def differing(one: World, two: World) -> int:
    """In how many findings two worlds of the same records differ; -1 where what they have or state is not the same."""
    if set(one.entities) != set(two.entities) or set(one.case.stated) != set(two.case.stated):
        return -1
    return sum(two.values[key] != value for key, value in one.values.items())


@pytest.mark.parametrize("focus", FOCUSES)
def test_two_worlds_that_differ_in_one_finding(focus: str) -> None:
    @fewer
    @given(scenarios(replace(FOCUSES[focus], readings=False)))
    def agree(scenario: Scenario) -> None:
        worlds = all_worlds(scenario.kb, {}, most=100)
        base = load(scenario.kb)
        source = base.source(base.policies[0])
        copies = prepare(base, source, source, apart=base.vocabulary.records)
        pairs, entities = copies.domain.pairs, copies.domain.entities
        same = [copies.differs(each, False) for each in entities] + [copies.differs_stated(p, False) for p in pairs]
        equal = [*same, *(copies.differs(p, False) for p in pairs)]
        assert possible(copies, ({}, {}), equal) == {(outcome(w, {}), outcome(w, {})) for w in worlds}
        found: set[tuple[str, str]] = set()
        for pair in pairs:
            others = [copies.differs(p, p == pair) for p in pairs]
            found |= possible(copies, ({}, {}), [*same, *others])
        # values that no rule tells apart are one, so worlds of one outcome may differ in nothing that the engine sees
        expected = {(outcome(a, {}), outcome(b, {})) for a in worlds for b in worlds if differing(a, b) == 1}
        assert {(a, b) for a, b in found if a != b} == {(a, b) for a, b in expected if a != b}

    agree()


def test_a_shipped_policy_twice_is_equivalent() -> None:
    base = inner()
    for policy in base.policies:
        source = base.source(policy)
        copies = prepare(base, source, source)
        found = possible(copies, ({}, {}), [])
        assert all(one == two for one, two in found), policy.name
