"""The engine gives the oracle's answers, on generated knowledge bases and cases.

Each example is a knowledge base written as files, and a case written as YAML: what is tested is the whole way from
these files to the determination. `UNMET_EXAMPLES` sets the number of examples of each property; the default keeps
the run short. The examples are the same in every run.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import unmet
from tests import oracle
from tests.model import Finding, Test
from tests.oracle import Answer
from tests.strategies import PATIENT, Focus, Scenario, fit, scenarios
from tests.writers import term, write_case, write_knowledge_base
from unmet import prepared
from unmet.results import Kind, Silence, Verdict

EXAMPLES = int(os.environ.get("UNMET_EXAMPLES", "64"))

thorough = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

fewer = settings(thorough, max_examples=max(5, EXAMPLES // 12))
"""For properties whose every example is a whole report, held against all worlds or pairs of worlds."""

ALL = 1 << 30
"""More cases than any test has: all are left to the solver."""

FOCUSES = {
    "criteria": Focus(leaves=6, groups=6),
    "keyed": Focus(keyed=True),
    "listed": Focus(listed=True, leaves=3, groups=3),
    "assumptions": Focus(keyed=True, assumptions=3, presumed=True, leaves=4, groups=3),
    "everything": Focus(keyed=True, listed=True, assumptions=2, presumed=True, leaves=4, groups=3),
}


@dataclass(frozen=True)
class Reply:
    """The engine's answer, in the oracle's terms; `presumed` says which presumptions apply, of those it lists."""

    answer: Answer
    presumed: dict[tuple[str, str], bool]


def ask(kb: unmet.KnowledgeBase, case: unmet.Case, scenario: Scenario, silence: Silence) -> Reply:
    """Decides a case; the parts of records are not compared."""
    (line,) = kb.determine(case, silence=silence, readings=scenario.chosen).lines
    criteria = [each for each in line.criteria if each.kind is not Kind.PART]
    statuses = {each.criterion: str(each.status) for each in criteria}
    undocumented = frozenset(each.criterion for each in criteria if each.undocumented)
    presumed = {(each.entity, each.attribute): each.applied for each in line.presumed}
    return Reply(Answer(str(line.verdict), statuses, undocumented), presumed)


def read(scenario: Scenario) -> tuple[unmet.KnowledgeBase, unmet.Case]:
    """Writes a scenario as files and has the engine read them."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_knowledge_base(scenario.kb, directory)
        write_case(scenario.kb, scenario.case, directory / "case.yaml")
        kb = unmet.load(directory)
        return kb, kb.read_case(directory / "case.yaml")


@pytest.mark.parametrize("focus", FOCUSES)
def test_the_engine_gives_the_oracles_answers(focus: str) -> None:
    """Verdict, statuses, presumptions, what is undocumented; or a refusal, where no world satisfies the statements.

    The solver gives them, and so do the circuits that a policy is compiled to.
    """

    @thorough
    @given(scenarios(FOCUSES[focus]))
    def agree(scenario: Scenario) -> None:
        check(scenario)

    agree()


@st.composite
def conflicting(draw: st.DrawFn) -> Scenario:
    """A scenario in which two presumptions cannot both hold, and the case mostly says nothing of either."""
    scenario = draw(scenarios(Focus(presumed=True, leaves=4, groups=3)))
    kb, case = scenario.kb, scenario.case
    presumed = [a for a in kb.attributes if a.kind == "patient" and a.presumed is not None]
    assume(len(presumed) > 1)
    both = draw(st.lists(st.sampled_from(presumed), min_size=2, max_size=2, unique_by=lambda a: a.name))
    body = tuple(
        Finding(PATIENT, a.name, (Test("=" if a.type == "number" else "in", (a.presumed,)),))
        for a in both
        if a.presumed is not None
    )
    silent = {(PATIENT, a.name) for a in both if draw(st.integers(0, 3))}
    stated = {key: values for key, values in case.stated.items() if key not in silent}
    kb = replace(kb, impossible=(*kb.impossible, body))
    return replace(scenario, kb=kb, case=fit(kb, replace(case, stated=stated)))


def test_presumptions_that_do_not_hold_together_are_dropped() -> None:
    dropped = 0

    @thorough
    @given(conflicting())
    def agree(scenario: Scenario) -> None:
        nonlocal dropped
        dropped += check(scenario)

    agree()
    assert dropped > EXAMPLES / 10


def check(scenario: Scenario) -> int:
    """Holds the engine against the oracle; returned is how many presumptions do not apply."""
    try:
        expected = oracle.Question(scenario.kb, scenario.case, scenario.chosen)
    except oracle.Contradiction:
        event("refused")
        with pytest.raises(unmet.CaseError):
            read(scenario)
        return 0
    event(expected.answer.verdict)
    kb, case = read(scenario)
    presumed = {(term(entity), name) for entity, name in expected.presumed}
    for cases_before_circuits in (ALL, 0):
        with mock.patch.object(prepared, "CASES_BEFORE_CIRCUITS", cases_before_circuits):
            reply = ask(kb, case, scenario, Silence.OPEN)
            assert reply.answer == expected.answer
            assert ask(kb, case, scenario, Silence.CLOSED).answer == expected.closed
            assert kb.verdict(case, readings=scenario.chosen) == expected.answer.verdict
            assert reply.presumed == {key: key in presumed for key in reply.presumed}
    return sum(not applied for applied in reply.presumed.values())


@thorough
@given(scenarios(FOCUSES["everything"]))
def test_closing_silence_never_approves(scenario: Scenario) -> None:
    """Nor refers: it denies what was pended, and leaves every other verdict. No oracle is needed to say so."""
    try:
        kb, case = read(scenario)
    except unmet.CaseError:
        return
    opened, closed = (ask(kb, case, scenario, silence).answer.verdict for silence in (Silence.OPEN, Silence.CLOSED))
    assert closed == (Verdict.DENIED if opened == Verdict.PENDED else opened)
