"""The engine gives the oracle's answers, on generated knowledge bases and cases.

Each example is a knowledge base written as files, and a case written as YAML: what is tested is the whole way from
these files to the determination. `UNMET_EXAMPLES` sets the number of examples of each property; the default keeps
the run short. The examples are the same in every run.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings

import unmet
from tests import oracle
from tests.oracle import Answer
from tests.strategies import Focus, Scenario, scenarios
from tests.writers import term, write_case, write_knowledge_base
from unmet.results import Kind, Silence, Verdict

EXAMPLES = int(os.environ.get("UNMET_EXAMPLES", "75"))

thorough = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

fewer = settings(thorough, max_examples=max(5, EXAMPLES // 12))
"""For properties whose every example is a whole report, held against all worlds or pairs of worlds."""

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
    """Verdict, statuses, presumptions, what is undocumented; or a refusal, where no world satisfies the statements."""

    @thorough
    @given(scenarios(FOCUSES[focus]))
    def agree(scenario: Scenario) -> None:
        try:
            expected = oracle.Question(scenario.kb, scenario.case, scenario.chosen)
        except oracle.Contradiction:
            event("refused")
            with pytest.raises(unmet.CaseError):
                read(scenario)
            return
        event(expected.answer.verdict)
        kb, case = read(scenario)
        reply = ask(kb, case, scenario, Silence.OPEN)
        assert reply.answer == expected.answer
        assert ask(kb, case, scenario, Silence.CLOSED).answer == expected.closed
        presumed = {(term(entity), name) for entity, name in expected.presumed}
        assert reply.presumed == {key: key in presumed for key in reply.presumed}

    agree()


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
