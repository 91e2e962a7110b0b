"""What cases cover of the policies: against brute force, on the shipped cases, and as every form of report."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain, combinations
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import junitparser
import pytest
import xmlschema
from click.testing import CliRunner
from hypothesis import assume, event, given

from tests import oracle, shipped
from tests.model import Case, Entity, KnowledgeBase
from tests.oracle import World
from tests.strategies import Focus, Scenario, scenarios
from tests.test_agreement import thorough
from tests.writers import write_case, write_knowledge_base
from unmet import knowledge
from unmet.cli import main
from unmet.coverage import coverage
from unmet.covered import Coverage, Goal, Share, State, Why
from unmet.errors import CaseError
from unmet.render import coverage_page, suite

MOST_WORLDS = 3000
DEFINITE = {"met": frozenset([None]), "unmet": frozenset()}


# --- brute force -----------------------------------------------------------------------------------------------------


def outcome_with(world: World, name: str, status: str) -> str:
    """The outcome of a world in which the status of one criterion is this one, whatever its rules say."""
    turned = World(world.kb, world.case, world.values, world.entities)
    turned.chosen = world.chosen
    turned._extensions[name] = DEFINITE[status]
    return turned.outcome()


def goals_of(question: oracle.Question) -> dict[str, set[str]]:
    """What one run of a case shows of each criterion, world by world."""
    found: dict[str, set[str]] = {}
    for name, status in question.answer.statuses.items():
        found[name] = {status}
        if status != "unknown":
            other = "unmet" if status == "met" else "met"
            outcomes = {outcome_with(world, name, other) for world in question.worlds}
            verdict = outcomes.pop() if len(outcomes) == 1 else "pended"
            if verdict != question.answer.verdict:
                found[name].add("decisive")
    return found


def seen(covered: Coverage) -> dict[str, set[str]]:
    """The goals that the report says are seen."""
    (policy,) = covered.policies
    return {c.criterion: {str(g.goal) for g in c.goals if g.state is State.SEEN} for c in policy.criteria}


def covered_by(scenario: Scenario) -> Coverage:
    """The engine's report on the case of a scenario, which is expected to be run under its readings."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_knowledge_base(scenario.kb, directory)
        path = directory / "case.yaml"
        write_case(scenario.kb, scenario.case, path)
        readings = ", ".join(f"{reading}: {option}" for reading, option in scenario.chosen.items())
        with path.open("a", encoding="utf-8") as file:
            file.write(f"expect:\n  readings: {{{readings}}}\n")
        base = knowledge.load(directory)
        return coverage(base, [base.read_case(path)])


@pytest.mark.parametrize(
    "focus",
    [
        Focus(leaves=6, groups=6),
        Focus(keyed=True, presumed=True, assumptions=1),
        Focus(listed=True, leaves=3, groups=3),
    ],
    ids=["criteria", "keyed", "listed"],
)
def test_what_is_seen_is_what_brute_force_sees(focus: Focus) -> None:
    """Statuses and decisive criteria of the plain run and of that under the chosen readings."""

    @thorough
    @given(scenarios(focus))
    def agree(scenario: Scenario) -> None:
        defaults = {name: options[0] for name, options in scenario.kb.readings}
        try:
            runs = [oracle.Question(scenario.kb, scenario.case, chosen) for chosen in (defaults, scenario.chosen)]
        except oracle.Contradiction:
            with pytest.raises(CaseError):
                covered_by(scenario)
            return
        shown = [goals_of(run) for run in runs]
        expected = {name: set(chain.from_iterable(s.get(name, ()) for s in shown)) for name in chain(*shown)}
        found = seen(covered_by(scenario))
        event("decisive" if any("decisive" in goals for goals in expected.values()) else "none decisive")
        assert {name: goals for name, goals in found.items() if goals} == expected

    agree()


def every_world(kb: KnowledgeBase) -> Iterator[World]:
    """All worlds of a knowledge base without listed records: values, what is stated, readings."""
    read = oracle.attributes_read(kb)
    blank = Case()
    keys = [(e, a.name) for k in kb.kinds for e in blank.entities(k) for a in kb.attributes if a.kind == k.name]
    documented = [key for key in keys if key[1] in read & documented_attributes(kb)]
    assume(len(documented) <= 4)
    assume(estimate(kb, len(documented)) <= MOST_WORLDS)
    for stated in subsets(documented):
        for chosen in choices(kb):
            for world in oracle.completions(kb, blank):
                each = World(kb, Case({key: (world.values[key],) for key in stated}), world.values, world.entities)
                each.chosen = chosen
                yield each


def estimate(kb: KnowledgeBase, documented: int) -> int:
    from tests.strategies import estimate as completions

    return completions(kb, Case()) * 2**documented * len(list(choices(kb)))


def documented_attributes(kb: KnowledgeBase) -> set[str]:
    from tests.model import Finding

    bodies = [rule.body for predicate in kb.predicates for rule in predicate.rules]
    return {each.attribute for body in bodies for each in body if isinstance(each, Finding) and each.documented}


def subsets(keys: list[tuple[Entity, str]]) -> Iterable[tuple[tuple[Entity, str], ...]]:
    return chain.from_iterable(combinations(keys, n) for n in range(len(keys) + 1))


def choices(kb: KnowledgeBase) -> Iterator[dict[str, str]]:
    chosen: list[dict[str, str]] = [{}]
    for name, options in kb.readings:
        chosen = [{**each, name: option} for each in chosen for option in options]
    yield from chosen


@thorough
@given(scenarios(Focus(keyed=True, leaves=4, groups=3, small=True, assumptions=1)))
def test_what_is_out_of_reach_is_what_no_world_shows(scenario: Scenario) -> None:
    """Met, unmet and decisive: what the solver proves unreachable is unreachable, and nothing else is."""
    kb = scenario.kb
    possible: dict[str, set[str]] = {}
    for world in every_world(kb):
        outcome = world.outcome()
        for name in oracle.Question(kb, Case({k: (v,) for k, v in world.values.items()}), world.chosen).polarities():
            status = "met" if world.extension(name) else "unmet"
            goals = possible.setdefault(name, set())
            goals.add(status)
            if "decisive" not in goals and outcome_with(world, name, "unmet" if status == "met" else "met") != outcome:
                goals.add("decisive")
    with tempfile.TemporaryDirectory() as name:
        write_knowledge_base(kb, Path(name))
        (policy,) = coverage(knowledge.load(Path(name)), []).policies
    for criterion in policy.criteria:
        for goal in criterion.goals:
            if goal.goal is not Goal.UNKNOWN:
                reachable = str(goal.goal) in possible[criterion.criterion]
                event(f"{goal.goal} {'reachable' if reachable else 'out of reach'}")
                assert (goal.state is State.MISSING) is reachable
