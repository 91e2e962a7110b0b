"""Suites made from the rules of generated policies, compared with all worlds, and pairs of worlds, written out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given

from tests.model import Count, Finding, Holds, KnowledgeBase
from tests.oracle import Key, Question, World
from tests.strategies import Focus, Scenario, scenarios
from tests.test_agreement import fewer
from tests.test_copies import all_worlds
from tests.test_coverage import outcome_with
from tests.test_generate import differences, missing, of
from tests.writers import write_knowledge_base
from unmet import facade
from unmet.covered import Goal, State
from unmet.facade import KnowledgeBase as Loaded
from unmet.generated import Aim, GeneratedCase, WhyNot

COMPUTED = Focus(leaves=3, groups=2, small=True, readings=False, computed=True)


def load(kb: KnowledgeBase) -> Loaded:
    with tempfile.TemporaryDirectory() as name:
        write_knowledge_base(kb, Path(name))
        return facade.load(Path(name))


def default_worlds(kb: KnowledgeBase, most: int = 120) -> tuple[dict[str, str], list[World]]:
    """The default readings, and all worlds under them."""
    defaults = {name: options[0] for name, options in kb.readings}
    worlds = all_worlds(kb, defaults, most=most)
    for world in worlds:
        world.chosen = defaults
    return defaults, worlds


def differing(one: World, other: World) -> list[Key]:
    return [key for key in one.values if one.values[key] != other.values[key]]


def distance(one: World, other: World) -> int:
    """How many findings differ, and how many statements."""
    return len(differing(one, other)) + len(set(one.case.stated) ^ set(other.case.stated))


# --- pairs that flip the outcome -------------------------------------------------------------------------------------


def pairs_for(worlds: list[World], name: str) -> list[tuple[World, World]]:
    """The pairs of worlds that flip the outcome through a criterion, by all of their definition."""
    turning: dict[bool, list[World]] = {True: [], False: []}
    for world in worlds:
        met = bool(world.extension(name))
        if outcome_with(world, name, "unmet" if met else "met") != world.outcome():
            turning[met].append(world)
    return [(a, b) for a, b in product(turning[True], turning[False]) if a.outcome() != b.outcome()]


def nearest(worlds: list[World], pairs: list[tuple[World, World]]) -> list[tuple[World, World]]:
    """Those with the fewest differences, of those whose record states everything where there are such."""
    everything = set().union(*(world.case.stated for world in worlds))
    full = [pair for pair in pairs if all(set(world.case.stated) == everything for world in pair)] or pairs
    least = min(distance(*pair) for pair in full)
    return [pair for pair in full if distance(*pair) == least]


def differ_in_what_is_asked(one: World, other: World) -> bool:
    """Whether a finding of the request differs, or a statement of one."""
    stated = set(one.case.stated) ^ set(other.case.stated)
    return any(entity.kind == "request" for entity, _ in [*differing(one, other), *stated])


@pytest.mark.parametrize(
    "focus",
    [Focus(leaves=5, groups=4, small=True), Focus(keyed=True, presumed=True, assumptions=1, leaves=3, groups=2)],
    ids=["criteria", "keyed"],
)
def test_pairs_are_those_of_brute_force(focus: Focus) -> None:
    """A pair is made exactly if there is one, with the fewest differences; what cannot be has the right reason."""

    @fewer
    @given(scenarios(focus))
    def agree(scenario: Scenario) -> None:
        kb = scenario.kb
        defaults, worlds = default_worlds(kb)
        base = load(kb)
        found = base.generate("sample")
        made, none = of(found, Aim.FLIP), missing(found, Aim.FLIP)
        in_use = Question(kb, worlds[0].case, defaults).polarities()
        assert {*made, *none} == set(in_use)
        for name in in_use:
            pairs = pairs_for(worlds, name)
            why = none.get(name)
            event(str(why or "pair"))
            if why is WhyNot.NO_CASE:
                assert pairs
                continue
            assert bool(pairs) is (why is None)
            if why is None:
                one, other = (case.data for case in made[name])
                assert differences(one, other) <= min(distance(a, b) for a, b in pairs)
                asked = {differ_in_what_is_asked(*pair) for pair in nearest(worlds, pairs)}
                event(f"flips by what is asked for: {sorted(asked)}")
                assert asked == {True} or one["request"] == other["request"]
            else:
                check_reason(worlds, name, why)
        for case in found.cases:
            assert list(base.test(base.case(case.data))) == []

    agree()


def check_reason(worlds: list[World], name: str, why: WhyNot) -> None:
    met = {bool(w.extension(name)) for w in worlds}
    turning = {
        bool(w.extension(name))
        for w in worlds
        if outcome_with(w, name, "unmet" if w.extension(name) else "met") != w.outcome()
    }
    reasons = {
        (False, False): WhyNot.NEVER_DECISIVE,
        (True, False): WhyNot.DECISIVE_IF_MET,
        (False, True): WhyNot.DECISIVE_IF_UNMET,
        (True, True): WhyNot.NO_PAIR,
    }
    if met == {False}:
        assert why is WhyNot.NEVER_MET
    elif met == {True}:
        assert why is WhyNot.ALWAYS_MET
    else:
        assert why is reasons[True in turning, False in turning]


# --- values on both sides of a step ----------------------------------------------------------------------------------


def reads(kb: KnowledgeBase, name: str, chosen: dict[str, str]) -> set[str]:
    """The attributes that a leaf reads, itself or through its parts and helpers; of a group, none."""
    found, todo, seen = set[str](), [name], {name}
    while todo:
        for rule in kb.rules(todo.pop(), chosen):
            for literal in rule.body:
                if isinstance(literal, Finding):
                    found.add(literal.attribute)
                names = literal.names if isinstance(literal, Count) else ()
                names = (literal.name,) if isinstance(literal, Holds) else names
                todo += [n for n in names if not kb.is_criterion(n) and n not in seen]
                seen.update(names)
    return found


def around(kb: KnowledgeBase, worlds: list[World], subject: str) -> Iterator[tuple[Key, Any, Any]]:
    """Of each entity that has values on both sides of a step in some worlds, the nearest ones to it."""
    name, at = subject.split(" ")
    values = list(kb.attribute(name).values)
    place = [str(value) for value in values].index(at)
    for key in dict.fromkeys(key for world in worlds for key in world.values if key[1] == name):
        occur = {world.values[key] for world in worlds}
        below = [value for value in values[:place] if value in occur]
        above = [value for value in values[place:] if value in occur]
        if below and above:
            yield key, below[-1], above[0]


def unlike(worlds: list[World], key: Key, low: Any, high: Any, leaves: list[str]) -> set[str]:
    """In what two worlds differ whose records state these values of a finding, and differ in no more than these ask."""
    if any(key in world.case.stated for world in worlds):
        worlds = [world for world in worlds if key in world.case.stated]
    sides = ([world for world in worlds if world.values[key] == value] for value in (low, high))
    pairs = list(product(*sides))
    least = min(distance(*pair) for pair in pairs)
    near = [pair for pair in pairs if distance(*pair) == least]
    found = {name for a, b in near for name in leaves if bool(a.extension(name)) != bool(b.extension(name))}
    return found | {"outcome" for a, b in near if a.outcome() != b.outcome()}


def written(kb: KnowledgeBase, case: GeneratedCase, name: str) -> set[Any]:
    """The values that a case states of an attribute."""
    kind = kb.kind(kb.attribute(name).kind)
    data = case.data.get(kind.name, {})
    records = data["lines"] if kind.name == "request" else data.values() if kind.sort == "keyed" else [data]
    return {record[name] for record in records if name in record}


@pytest.mark.parametrize(
    "focus",
    [
        COMPUTED,
        Focus(leaves=4, groups=2, small=True, assumptions=2),
        Focus(leaves=2, groups=2, small=True, keyed=True),
    ],
    ids=["computed", "assumptions", "keyed"],
)
def test_values_on_both_sides_of_a_step_are_those_of_brute_force(focus: Focus) -> None:
    """They are the nearest that occur; cases are made of them exactly if they alone make a difference."""

    @fewer
    @given(scenarios(focus))
    def agree(scenario: Scenario) -> None:
        kb = scenario.kb
        defaults, worlds = default_worlds(kb, 300)
        found = load(kb).generate("sample")
        made, none = of(found, Aim.BOUNDARY), missing(found, Aim.BOUNDARY)
        in_use = Question(kb, worlds[0].case, defaults).polarities()
        for subject in {**made, **none}:
            name = subject.split(" ")[0]
            leaves = [leaf for leaf in in_use if name in reads(kb, leaf, defaults)]
            steps = list(around(kb, worlds, subject))
            told = [(low, high, u) for key, low, high in steps if (u := unlike(worlds, key, low, high, leaves))]
            why = none.get(subject)
            event(str(why or "made"))
            if why is WhyNot.ONE_SIDE:
                assert not steps
            elif why is WhyNot.NOT_TOLD_APART:
                assert steps
                assert not told
            elif why is WhyNot.NO_CASE:
                assert told
            else:
                one, other = made[subject]
                values = written(kb, one, name) | written(kb, other, name)
                adjacent = any(values == {*place} for place in pairwise(kb.attribute(name).values))
                event("next to the step" if adjacent else "further away")
                assert any({low, high} <= values for low, high, _ in told)
                if one.verdict is other.verdict:
                    assert not any("outcome" in u for _, _, u in told)

    agree()


# --- lists of records ------------------------------------------------------------------------------------------------


def turns(base: Loaded, data: dict[str, Any], criterion: str) -> bool:
    """Whether the verdict of a case turns on a criterion, as coverage measures it."""
    (policy,) = base.coverage([base.case(data)], ["sample"]).policies
    (goals,) = (each.goals for each in policy.criteria if each.criterion == criterion)
    return any(goal.goal is Goal.DECISIVE and goal.state is State.SEEN for goal in goals)


def test_lists_are_complete_where_further_records_would_matter() -> None:
    """Every case shows what it is for; values at a step show it no more once a list of theirs is open."""

    @fewer
    @given(scenarios(Focus(listed=True, readings=False, leaves=2, groups=2, small=True)))
    def agree(scenario: Scenario) -> None:
        kb = scenario.kb
        base = load(kb)
        found = base.generate("sample")
        assert all(not list(base.test(base.case(case.data))) for case in found.cases)
        for subject, cases in of(found, Aim.FLIP).items():
            assert all(turns(base, case.data, subject) for case in cases)
        for kind, cases in product((k.name for k in kb.kinds if k.sort == "listed"), of(found, Aim.BOUNDARY).values()):
            complete = {isinstance(case.data.get(kind), dict) for case in cases}
            event(f"complete at a step: {sorted(complete)}")
            if complete != {False}:
                opened = [{**case.data, kind: case.data[kind].get("listed", [])} for case in cases]
                assert complete == {True}
                assert any(list(base.test(base.case(data))) for data in opened)

    agree()
