"""Explanations are what brute force finds, on generated knowledge bases and cases; and known answers.

As in `tests.test_agreement`, an example is written as files and read back. `UNMET_EXAMPLES` sets how many examples of
each property are tried.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

import unmet
from tests import oracle, shipped
from tests.explain_oracle import Explained, Name, Sets, TooMany, hitting_sets
from tests.model import Case, Value
from tests.oracle import Key
from tests.strategies import Focus, Scenario, fit, scenarios
from tests.writers import term, write_case, write_knowledge_base
from unmet import knowledge
from unmet.explain import explain
from unmet.explanation import Answer, Change, Denial, Depth, Support, UnitExplanation
from unmet.results import Silence

EXAMPLES = int(os.environ.get("UNMET_EXAMPLES", "10"))

thorough = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

FOCUSES = {
    "criteria": Focus(leaves=6, groups=6, small=True),
    "keyed": Focus(keyed=True, leaves=4, groups=4, small=True),
    "listed": Focus(listed=True, leaves=3, groups=3, small=True),
    "assumptions": Focus(assumptions=3, presumed=True, leaves=5, groups=4, small=True),
}


@dataclass(frozen=True)
class Example:
    """A scenario with attributes that never change or only grow."""

    scenario: Scenario
    immutable: frozenset[str]
    grows: frozenset[str]

    def __repr__(self) -> str:
        return f"{self.scenario!r}# immutable {sorted(self.immutable)}, grows {sorted(self.grows)}"


@st.composite
def examples(draw: st.DrawFn, focus: Focus) -> Example:
    """A scenario in which some attributes are immutable or growing."""
    scenario = draw(near_misses(draw(scenarios(focus))))
    fate = {a: draw(st.sampled_from(("free", "immutable", "grows"))) for a in scenario.kb.attributes}
    grows = frozenset(a.name for a, drawn in fate.items() if drawn == "grows" and a.type == "number")
    return Example(scenario, frozenset(a.name for a, drawn in fate.items() if drawn == "immutable"), grows)


@st.composite
def near_misses(draw: st.DrawFn, scenario: Scenario) -> Scenario:
    """A scenario whose case is an approving world with some findings changed or left out, if there is such a world."""
    kb = scenario.kb
    try:
        approving = Explained(oracle.Question(kb, scenario.case, scenario.chosen), most_worlds=500).approving
    except (TooMany, oracle.Contradiction):
        approving = []
    if not approving:
        return scenario
    world = draw(st.sampled_from(approving))
    stated: dict[Key, tuple[Value, ...]] = {}
    for key, value in world.values.items():
        fate = draw(st.integers(0, 9))
        if fate < 8:
            other = draw(st.sampled_from(kb.attribute(key[1]).values))
            stated[key] = (value if fate < 5 else other,)
    kinds = [k.name for k in kb.kinds if k.sort == "listed"]
    listed = {name: sum(e.kind == name for e in world.entities) for name in kinds}
    complete = frozenset(name for name in kinds if draw(st.booleans()))
    return replace(scenario, case=fit(kb, Case(stated, listed, complete)))


def expected(example: Example) -> Explained:
    """The oracle's side; examples without a world, or with too many, are passed over."""
    scenario = example.scenario
    try:
        question = oracle.Question(scenario.kb, scenario.case, scenario.chosen)
    except oracle.Contradiction:
        assume(False)
    return Explained(question, example.immutable, example.grows)


def explained(example: Example, silence: Silence, depth: Depth = Depth.LEAF) -> UnitExplanation:
    """The engine's side."""
    scenario = example.scenario
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_knowledge_base(scenario.kb, directory)
        with (directory / "vocabulary" / "words.lp").open("a", encoding="utf-8") as file:
            file.writelines(f"immutable({each}).\n" for each in sorted(example.immutable))
            file.writelines(f"grows({each}).\n" for each in sorted(example.grows))
        write_case(scenario.kb, scenario.case, directory / "case.yaml")
        kb = knowledge.load(directory)
        found = explain(kb, kb.read_case(directory / "case.yaml"), silence, scenario.chosen, depth=depth)
    return found.lines[0].units[0]


def written(name: Name) -> str:
    return name if isinstance(name, str) else f"{term(name[0])} {name[1]}".strip()


def names(sets: Sets) -> set[frozenset[str]]:
    return {frozenset(map(written, each)) for each in sets}


def fix_sets(denial: Denial) -> set[frozenset[str]]:
    return {frozenset(change.criterion for change in fix.changes) for fix in denial.fixes}


@pytest.mark.parametrize("silence", list(Silence))
@pytest.mark.parametrize("focus", FOCUSES)
def test_reasons_corrections_and_fixes_are_all_there_are(focus: str, silence: Silence) -> None:
    @thorough
    @given(examples(FOCUSES[focus]))
    def agree(example: Example) -> None:
        oracles, closed = expected(example), silence is Silence.CLOSED
        answer = oracles.question.closed if closed else oracles.question.answer
        assume(answer.verdict in ("denied", "referred"))
        try:
            features, reasons, corrections, fixes = oracles.family(closed)
        except TooMany:
            assume(False)
        event("findings are features" if any(not isinstance(f, str) for f in features) else "criteria are enough")
        event("no fix" if not fixes else "fixes")
        event("nothing stated forces it" if not reasons else "reasons")
        denial = explained(example, silence).denial
        assert denial is not None
        found = {frozenset(f.name for f in reason.features) for reason in denial.reasons}
        assert found == names(reasons)
        assert {frozenset(each) for each in denial.corrections} == names(corrections)
        assert hitting_sets(reasons, features) == corrections
        assert hitting_sets(corrections, features) == reasons
        assert denial.reasons_found.complete
        assert denial.corrections_found.complete
        assert denial.fixes_found.complete
        assert fix_sets(denial) == names(fixes)
        assert denial.fixes_found.total == len(fixes)
        assert set(denial.must_fix) == {name for name in denial.could_fix if all(name in fix for fix in names(fixes))}
        assert set(denial.could_fix) == set().union(*names(fixes))
        for reason in denial.reasons:
            left = oracles.outcomes({f for f in features if written(f) in {g.name for g in reason.features}}, closed)
            assert reason.outcome == (left.pop() if len(left) == 1 else None)
            unknown = {name for name, status in oracles.statuses.items() if status == "unknown"}
            assert not {f.name for f in reason.features if not f.undocumented} & unknown

    agree()


@pytest.mark.parametrize("focus", ["criteria", "keyed", "assumptions"])
def test_answers_and_the_ask_list_are_all_there_are(focus: str) -> None:
    @thorough
    @given(examples(FOCUSES[focus]))
    def agree(example: Example) -> None:
        oracles = expected(example)
        assume(oracles.question.answer.verdict == "pended")
        about = oracles.asked()
        assume(len(about) <= 6)
        opening = explained(example, Silence.OPEN).opening
        assert opening is not None
        wanted = {"approved": opening.approving, "denied": opening.denying}
        ask = set()
        for outcome, engine in wanted.items():
            sets = oracles.answers(outcome, about)
            event(f"{outcome}: {min(len(sets), 4)} sets")
            ask |= {(term(key[0]), key[1]) for each in sets for key, _ in each}
            assert {frozenset(read_answer(oracles, answer) for answer in each) for each in engine} == {
                frozenset((term(key[0]), key[1], place) for key, place in each) for each in sets
            }
        assert opening.approving_found.complete
        assert opening.denying_found.complete
        assert {(question.entity, question.attribute) for question in opening.ask} == ask
        settles = {(term(key[0]), key[1]): oracles.settles(key) for key in about}
        assert all(question.settles == settles[question.entity, question.attribute] for question in opening.ask)
        most = max((settles[each] for each in ask), default=0)
        assert [q.settles for q in opening.ask] == sorted((q.settles for q in opening.ask), reverse=True)
        assert (opening.next_question.settles if opening.next_question else 0) == most

    agree()


def read_answer(oracles: Explained, answer: Answer) -> tuple[str, str, int]:
    """An answer by the class of its values."""
    assert answer.attribute is not None
    attribute, classes = oracles.question.kb.attribute(answer.attribute), oracles.classes(answer.attribute)
    if attribute.type != "number":
        return answer.entity, attribute.name, classes[answer.value]
    return answer.entity, attribute.name, classes[int(answer.value.partition("..")[0])]


@pytest.mark.parametrize("focus", FOCUSES)
def test_what_carries_an_approval_is_all_there_is(focus: str) -> None:
    @thorough
    @given(examples(FOCUSES[focus]))
    def agree(example: Example) -> None:
        oracles = expected(example)
        verdict = oracles.question.answer.verdict
        assume(verdict in ("approved", "referred"))
        try:
            sets = oracles.supports(verdict)
        except TooMany:
            assume(False)
        support = explained(example, Silence.OPEN).support
        assert support is not None
        assert support.found.complete
        assert support_sets(support) == names(sets)

    agree()


def support_sets(support: Support) -> set[frozenset[str]]:
    """Sets of evidence by name."""
    return {frozenset(f"{e.entity} {e.attribute}" for e in each) for each in support.sets}


# --- known answers -----------------------------------------------------------------------------------------------


def test_the_sacroiliac_determination_fails_five_rows() -> None:
    """As the published determination says: five rows not met, each reason enough, all five to be put right."""
    (path,) = (p for p in shipped.CASE_FILES if shipped.name_of(p).endswith("minimally_invasive/denied_determination"))
    found = explain(shipped.inner(), shipped.case(path), Silence.CLOSED, depth=Depth.TOP)
    denial = found.lines[0].units[0].denial
    assert denial is not None
    rows = {"diagnostic_injections", "relief_duration", "other_generators", "degeneration", "nicotine_free"}
    assert [{f.name for f in reason.features} for reason in denial.reasons] == [
        {change.criterion} for change in denial.fixes[0].changes
    ]
    assert fix_sets(denial) == {frozenset(rows)}
    assert set(denial.must_fix) == rows
    assert all(change.undocumented for change in denial.fixes[0].changes)


def test_pregnancy_alone_denies() -> None:
    name = "vertebral_augmentation/denied_pregnant_relative_not_evaluated"
    (path,) = (p for p in shipped.CASE_FILES if shipped.name_of(p) == name)
    denial = explain(shipped.inner(), shipped.case(path)).lines[0].units[0].denial
    assert denial is not None
    assert [[f.name for f in reason.features] for reason in denial.reasons] == [["pregnant"]]
    changes: list[Change] = [change for fix in denial.fixes for change in fix.changes]
    assert [change.criterion for change in changes] == ["pregnant"]
    assert unmet.Verdict.DENIED in {reason.outcome for reason in denial.reasons}
