"""The oracle itself: examples decided by hand, and the same rules read by plain clingo."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import clingo
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests import oracle
from tests.model import (
    Attribute,
    Body,
    Case,
    Count,
    Derivation,
    Entity,
    Finding,
    Holds,
    Keyed,
    Kind,
    KnowledgeBase,
    Predicate,
    Record,
    Rule,
    Test,
    Value,
    Var,
)
from tests.oracle import Answer, World
from tests.strategies import Focus, Scenario, scenarios
from tests.writers import term, word, write_knowledge_base

PATIENT = Entity("patient")
SHOT = Var("I")
KINDS = (Kind("patient", "one"), Kind("request", "one"), Kind("shot", "listed"))
FEVER = Attribute("fever", "patient", "flag", ("yes", "no"))
AGE = Attribute("age", "patient", "number", tuple(range(10)))
RELIEF = Attribute("relief", "shot", "number", tuple(range(5)))
HAS_FEVER = (Finding(PATIENT, "fever", (Test("in", ("yes",)),)),)


def criterion(name: str, *bodies: Body) -> Predicate:
    return Predicate(name, "criterion", tuple(map(Rule, bodies)))


def aged(op: str, years: int, documented: bool = False) -> Body:
    return (Finding(PATIENT, "age", (Test(op, (years,)),), documented=documented),)


def answer(
    attributes: tuple[Attribute, ...], predicates: tuple[Predicate, ...], case: Case, closed: bool = False
) -> Answer:
    kb = KnowledgeBase(KINDS, attributes, predicates=predicates)
    question = oracle.Question(kb, case, {})
    return question.closed if closed else question.answer


def test_a_tautology_over_an_unknown_is_met() -> None:
    """Where Kleene's logic says unknown: in every completion there is fever, or there is none."""
    rules = (criterion("hot", HAS_FEVER), criterion("necessary", (Holds("hot"),), (Holds("hot", negated=True),)))
    found = answer((FEVER,), rules, Case())
    assert found == Answer("approved", {"necessary": "met", "hot": "unknown"})


def test_a_number_is_unknown_only_between_its_cut_points() -> None:
    rules = (
        criterion("adult", aged(">=", 5)),
        criterion("old", aged(">", 7)),
        criterion("necessary", (Holds("adult"), Holds("old", negated=True))),
    )

    def statuses(*ages: Value) -> tuple[str, str]:
        found = answer((AGE,), rules, Case({(PATIENT, "age"): ages}))
        return found.verdict, found.statuses["adult"]

    assert statuses(5, 6, 7) == ("approved", "met")
    assert statuses(7, 8) == ("pended", "met")
    assert statuses(4, 5) == ("pended", "unknown")
    assert statuses(4, 8) == ("denied", "unknown")  # too young, or too old
    assert statuses() == ("pended", "unknown")


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ({}, "unmet"),
        ({"age": ()}, "unmet"),
        ({"age": (3, 4)}, "unmet"),
        ({"age": (4, 5)}, "unknown"),
        ({"age": (5,)}, "met"),
    ],
)
def test_documented_needs_a_statement(stated: dict[str, tuple[Value, ...]], status: str) -> None:
    rules = (criterion("necessary", aged(">=", 5, documented=True)),)
    case = Case({(PATIENT, name): values for name, values in stated.items()})
    assert answer((AGE,), rules, case).statuses["necessary"] == status


def test_a_presumption_is_not_documented() -> None:
    presumed = Attribute("fever", "patient", "flag", ("yes", "no"), presumed="yes")
    rules = (
        criterion("hot", HAS_FEVER),
        criterion("noted", (Finding(PATIENT, "fever", documented=True),)),
        criterion("necessary", (Holds("hot"), Holds("noted", negated=True))),
    )
    assert answer((presumed,), rules, Case()).verdict == "approved"
    assert answer((presumed,), rules, Case({(PATIENT, "fever"): ()})).verdict == "pended"
    assert answer((presumed,), rules, Case({(PATIENT, "fever"): ("yes",)})).verdict == "denied"


def presumption_conflict(stated: dict[tuple[Entity, str], tuple[Value, ...]]) -> dict[str, str]:
    """`a` and `b` are presumed to be yes and cannot both be so; `c` is presumed too and has nothing to do with it."""
    flags = tuple(Attribute(name, "patient", "flag", ("yes", "no"), presumed="yes") for name in "abc")
    yes = {name: Finding(PATIENT, name, (Test("in", ("yes",)),)) for name in "abc"}
    rules = tuple(criterion(f"is_{name}", (yes[name],)) for name in "abc")
    root = criterion("necessary", tuple(Holds(each.name) for each in rules))
    kb = KnowledgeBase(KINDS, flags, impossible=((yes["a"], yes["b"]),), predicates=(*rules, root))
    return dict(oracle.Question(kb, Case(stated), {}).answer.statuses)


def test_presumptions_in_conflict_are_dropped() -> None:
    both = presumption_conflict({})
    assert both == {"is_a": "unknown", "is_b": "unknown", "is_c": "met", "necessary": "unmet"}
    one = presumption_conflict({(PATIENT, "a"): ("yes",)})
    assert one == {"is_a": "met", "is_b": "unmet", "is_c": "met", "necessary": "unmet"}


def test_a_contradiction_is_refused() -> None:
    yes = Finding(PATIENT, "fever", (Test("in", ("yes",)),))
    old = aged(">=", 8)[0]
    kb = KnowledgeBase(KINDS, (FEVER, AGE), impossible=((yes, old),), predicates=(criterion("necessary", (yes,)),))
    with pytest.raises(oracle.Contradiction):
        oracle.Question(kb, Case({(PATIENT, "fever"): ("yes",), (PATIENT, "age"): (8, 9)}), {})
    assert oracle.Question(kb, Case({(PATIENT, "age"): (8, 9)}), {}).answer.verdict == "denied"


def two_good_shots() -> tuple[Predicate, ...]:
    good = Rule((Record("shot", SHOT), Finding(SHOT, "relief", (Test(">=", (3,)),))), head=SHOT)
    return Predicate("good", "part", (good,)), criterion("necessary", (Count(2, ("good",)),))


@pytest.mark.parametrize(
    ("relief", "complete", "verdict"),
    [((4,), False, "pended"), ((4,), True, "denied"), ((4, 3), False, "approved"), ((), False, "pended")],
)
def test_an_open_list_may_hold_more_records(relief: tuple[int, ...], complete: bool, verdict: str) -> None:
    stated: dict[tuple[Entity, str], tuple[Value, ...]]
    stated = {(Entity("shot", number), "relief"): (value,) for number, value in enumerate(relief, 1)}
    case = Case(stated, {"shot": len(relief)}, frozenset({"shot"} if complete else ()))
    assert answer((RELIEF,), two_good_shots(), case).verdict == verdict


def test_a_derived_number_follows_from_its_base() -> None:
    names = ("before", "after", "relief")
    numbers = tuple(Attribute(name, "patient", "number", tuple(range(5))) for name in names)
    rule = criterion("necessary", (Finding(PATIENT, "relief", (Test(">=", (2,)),)),))
    kb = KnowledgeBase(KINDS, numbers, (Derivation("relief", "before", "after", 4),), predicates=(rule,))

    def verdict(before: int, *after: Value) -> str:
        return oracle.Question(kb, Case({(PATIENT, "before"): (before,), (PATIENT, "after"): after}), {}).answer.verdict

    assert verdict(4, 2) == "approved"  # 4*(4-2)/4 = 2
    assert verdict(3, 2) == "denied"  # 4*(3-2)/3 = 1
    assert verdict(4, 2, 3) == "pended"
    assert verdict(2, 1, 4) == "approved"  # relief is never negative, so it cannot have become worse
    assert verdict(0, 3) == "pended"  # nothing follows
    with pytest.raises(oracle.Contradiction):
        verdict(2, 4)


def test_closing_silence_blames_what_an_approval_needs() -> None:
    """A bar that is not ruled out stays unknown; what is unknown though stated is not undocumented."""
    rules = (
        criterion("adult", aged(">=", 5)),
        criterion("hot", HAS_FEVER),
        criterion("necessary", (Holds("adult"), Holds("hot", negated=True))),
    )
    silent = answer((AGE, FEVER), rules, Case(), closed=True)
    assert silent.verdict == "denied"
    assert silent.statuses == {"necessary": "unmet", "adult": "unmet", "hot": "unknown"}
    assert silent.undocumented == {"necessary", "adult"}
    stated = answer((AGE, FEVER), rules, Case({(PATIENT, "age"): (4, 5)}), closed=True)
    assert stated.statuses["adult"] == "unknown"
    assert stated.undocumented == {"necessary"}


def test_the_side_of_the_request_selects_the_hip() -> None:
    hip, side = Kind("hip", "keyed", ("left", "right")), Var("Side")
    words = (Attribute("side", "request", "choice", hip.keys), Attribute("pain", "hip", "flag", ("yes", "no")))
    helper = Rule((Finding(Entity("request"), "side", binds=side),), head=Keyed("hip", side))
    painful = (Holds("requested", Var("H")), Finding(Var("H"), "pain", (Test("in", ("yes",)),)))
    predicates = (Predicate("requested", "helper", (helper,)), criterion("necessary", painful))
    kb = KnowledgeBase((*KINDS, hip), words, predicates=predicates)
    pain: dict[tuple[Entity, str], tuple[Value, ...]]
    pain = {(Entity("hip", "left"), "pain"): ("yes",), (Entity("hip", "right"), "pain"): ("no",)}

    def verdict(*sides: Value) -> str:
        return oracle.Question(kb, Case({**pain, (Entity("request"), "side"): sides}), {}).answer.verdict

    assert [verdict("left"), verdict("right"), verdict()] == ["approved", "denied", "pended"]


# --- against plain clingo --------------------------------------------------------------------------------------------

FOCUSES = {
    "keyed": Focus(keyed=True, assumptions=2),
    "listed": Focus(keyed=True, listed=True, assumptions=1, leaves=4, groups=3),
}


def world_facts(kb: KnowledgeBase, world: World) -> Iterator[str]:
    """A world as the facts that a policy's rules read."""
    for entity in world.entities:
        if any(kind.name == entity.kind and kind.sort != "one" for kind in kb.kinds):
            yield f"{entity.kind}({term(entity)})."
    for (entity, name), value in world.values.items():
        yield f"finding({term(entity)}, {name}, {word(value)})."
        if world.case.stated.get((entity, name)):
            yield f"documented({term(entity)}, {name}, {word(value)})."
        attribute = kb.attribute(name)
        for op in ("at_least", "at_most") if attribute.type == "scale" else ():
            for bound in attribute.values:
                if oracle.passes(attribute, value, Test(op, (bound,))):
                    yield f"{op}({term(entity)}, {name}, {word(bound)})."
    yield from (f"chosen({reading}, {option})." for reading, option in world.chosen.items())


@settings(max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(scenarios(Focus(listed=True, assumptions=1, leaves=2, groups=2)))
def test_one_more_unlisted_record_changes_nothing(scenario: Scenario) -> None:
    """So the bound on unlisted records loses no answer."""
    kb, case, chosen = scenario.kb, scenario.case, scenario.chosen
    assume(any(case.is_open(kind) for kind in kb.kinds) and 0 < len(list(oracle.completions(kb, case))) < 200)
    assert oracle.Question(kb, case, chosen, more=1).answer == oracle.Question(kb, case, chosen).answer


@pytest.mark.parametrize("focus", FOCUSES)
def test_rules_mean_what_clingo_takes_them_for(focus: str) -> None:
    """In a world all is known, and the files that the generators write are programs for clingo as they stand."""

    @settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(scenarios(FOCUSES[focus]))
    def compare(scenario: Scenario) -> None:
        with tempfile.TemporaryDirectory() as directory:
            write_knowledge_base(scenario.kb, Path(directory))
            program = "\n".join(path.read_text() for path in Path(directory).rglob("*.lp"))
        for world in islice(oracle.completions(scenario.kb, scenario.case), 0, 60, 20):
            world.chosen = scenario.chosen
            expected = {each.name for each in scenario.kb.criteria() if world.extension(each.name)}
            assert met_under_clingo(program + "\n" + "\n".join(world_facts(scenario.kb, world))) == expected

    compare()


def met_under_clingo(program: str) -> set[str]:
    """The criteria that the only stable model of a program meets; a world violates no assumption."""
    control = clingo.Control(["--warn=none"])
    control.add("base", [], program)
    control.ground()
    with control.solve(yield_=True) as handle:
        (atoms,) = [model.symbols(atoms=True) for model in handle]
    assert not any(atom.match("impossible", 1) for atom in atoms)
    met = [atom.arguments[0] for atom in atoms if atom.match("met", 1)]
    return {symbol.name for symbol in met if not symbol.arguments}
