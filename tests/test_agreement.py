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
import unmet
from hypothesis import HealthCheck, event, given, settings
from unmet.results import Kind, Silence, Verdict

from tests import oracle
from tests.oracle import Answer
from tests.strategies import Focus, Scenario, scenarios
from tests.writers import term, write_case, write_knowledge_base

EXAMPLES = int(os.environ.get("UNMET_EXAMPLES", "150"))

thorough = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

FOCUSES = {
    "criteria": Focus(leaves=6, groups=6),
    "keyed": Focus(keyed=True),
    "listed": Focus(listed=True, leaves=3, groups=3),
    "assumptions": Focus(keyed=True, assumptions=3, presumed=True, leaves=4, groups=3),
    "everything": Focus(keyed=True, listed=True, assumptions=2, presumed=True, leaves=4, groups=3),
}


@dataclass(frozen=True)
class Reply:
    """A scenario as the engine read it."""

    kb: unmet.KnowledgeBase
    case: unmet.Case
    scenario: Scenario

    def answer(self, silence: Silence) -> Answer:
        """The engine's answer, in the oracle's terms; parts of records are not compared."""
        found = self.kb.determine(self.case, silence=silence, readings=self.scenario.chosen)
        (line,) = found.lines
        criteria = [each for each in line.criteria if each.kind is not Kind.PART]
        return Answer(
            str(line.verdict),
            {each.criterion: str(each.status) for each in criteria},
            frozenset(each.criterion for each in criteria if each.undocumented),
        )

    def presumptions(self) -> dict[tuple[str, str], bool]:
        """Which presumptions the engine says apply, of those that the line's criteria may read."""
        (line,) = self.kb.determine(self.case, readings=self.scenario.chosen).lines
        return {(each.entity, each.attribute): each.applied for each in line.presumed}


def read(scenario: Scenario) -> Reply:
    """Writes a scenario as files and has the engine read them."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_knowledge_base(scenario.kb, directory)
        write_case(scenario.kb, scenario.case, directory / "case.yaml")
        kb = unmet.load(directory)
        return Reply(kb, kb.read_case(directory / "case.yaml"), scenario)


@pytest.mark.parametrize("focus", FOCUSES)
def test_the_engine_gives_the_oracles_answers(focus: str) -> None:
    """Verdict, statuses, presumptions, what is undocumented; or a refusal, where no world satisfies the statements."""

    @thorough
    @given(scenarios(FOCUSES[focus]))
    def agree(scenario: Scenario) -> None:
        kb, case, chosen = scenario.kb, scenario.case, scenario.chosen
        try:
            asked = oracle.Question(kb, case, chosen)
        except oracle.Contradiction:
            event("refused")
            with pytest.raises(unmet.CaseError):
                read(scenario)
            return
        expected = asked.answer()
        event(expected.verdict)
        reply = read(scenario)
        assert reply.answer(Silence.OPEN) == expected
        presumed = {(term(entity), name) for entity, name in expected.presumed}
        assert all(applies == (key in presumed) for key, applies in reply.presumptions().items())
        assert reply.answer(Silence.CLOSED) == asked.closed()

    agree()


@thorough
@given(scenarios(FOCUSES["everything"]))
def test_closing_silence_never_approves(scenario: Scenario) -> None:
    """Nor refers: it denies what was pended, and leaves every other verdict."""
    try:
        reply = read(scenario)
    except unmet.CaseError:
        return
    opened, closed = (reply.answer(silence).verdict for silence in (Silence.OPEN, Silence.CLOSED))
    assert closed == (Verdict.DENIED if opened == Verdict.PENDED else opened)
