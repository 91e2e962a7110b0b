"""Single cases by circuits: what the solver answers, sooner; and when the solver is asked after all.

`tests/test_agreement.py` holds both against the oracle on generated knowledge bases.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import unmet
from tests import shipped
from unmet import prepared
from unmet.circuits import cases as circuits
from unmet.circuits.cases import CaseCircuits, LaidCase
from unmet.circuits.exact import Limits
from unmet.determine.decision import Decision
from unmet.determine.governing import governing
from unmet.determine.worlds import Worlds
from unmet.explain.readings import other_readings
from unmet.results import Determination, Silence
from unmet.solver import Program

FILES = shipped.CASE_FILES
HIP = shipped.CASES / "hip_core_decompression" / "denied_age_fifty.yaml"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Policies are compiled for their first case."""
    monkeypatch.setattr(prepared, "CASES_BEFORE_CIRCUITS", 0)


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one word for each question that a program is asked for what is possible in its worlds."""
    asked: list[str] = []
    possible = Program.possible

    def counting(self: Program, *given: object) -> object:
        asked.append("asked")
        return possible(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Program, "possible", counting)
    return asked


def answered(kb: unmet.KnowledgeBase, path: Path) -> tuple[Determination, ...]:
    read = shipped.case(path)
    return tuple(kb.determine(read, silence=e.silence, readings=e.readings) for e in read.expectations)


@pytest.mark.usefixtures("at_once")
def test_every_shipped_case_is_answered_as_by_the_solver(solved: list[str]) -> None:
    """The whole determination, evidence included; the solver is asked where presumptions do not hold together."""
    kb = unmet.load(shipped.KB)
    found = {path: answered(kb, path) for path in FILES}
    by_solver = len(solved)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared, "CASES_BEFORE_CIRCUITS", 1 << 30)
        assert found == {path: shipped.answers(path) for path in FILES}
    assert by_solver < len(FILES) / 20


@pytest.mark.usefixtures("at_once")
def test_verdicts_are_those_of_determinations() -> None:
    kb = unmet.load(shipped.KB)
    for path in FILES:
        read = shipped.case(path)
        for each in read.expectations:
            answer = kb.determine(read, silence=each.silence, readings=each.readings)
            assert kb.verdict(read, silence=each.silence, readings=each.readings) == answer.request.outcome


def decisions(kb: unmet.KnowledgeBase) -> Iterator[tuple[Decision, LaidCase | None]]:
    """A decision for each line of the shipped cases, with what its circuits make of it."""
    inner = kb._inner
    for path in FILES:
        for scene in shipped.case(path).scenes:
            policy, _ = governing(inner, scene)
            if policy is not None:
                decision = Decision(inner, policy, scene, policy.defaults)
                made = decision.worlds.prepared.circuits(policy.defaults)
                assert made is not None
                yield decision, made.case(decision.situation)


@pytest.mark.usefixtures("at_once")
def test_circuits_say_of_every_atom_what_the_solver_says() -> None:
    """Also of criteria that are not in use, of parts, and of what may be read."""
    laid = 0
    for decision, case in decisions(unmet.load(shipped.KB)):
        if case is not None:
            laid += 1
            assert case.possible() == decision.worlds.prepared.possible(decision.worlds._laid)
    assert laid > len(FILES) * 0.9


@pytest.mark.usefixtures("at_once")
def test_what_is_presumed_against_the_case_is_left_to_the_solver(solved: list[str]) -> None:
    """Where presumptions do not hold together with what is stated, some are dropped, which circuits do not tell."""
    kb = unmet.load(shipped.KB)
    for decision, case in decisions(kb):
        assert (case is None) == (len(decision.applied) < len(decision.situation.presumptions))


@pytest.mark.usefixtures("at_once")
def test_readings_left_open_say_what_the_solver_says_of_each() -> None:
    """What the verdict of shipped lines would be under other readings, by circuits and by the solver."""
    kb, changed = unmet.load(shipped.KB), 0
    for decision, case in decisions(kb):
        few = sum(decision.situation.domain.slots.values()) < 4  # records take a second to compile
        few &= len(decision.worlds.outcomes) == 1 or len(decision.policy.readings) < 5
        if case is not None and decision.policy.readings and few:
            assert decision.worlds.readings_open is not None
            for silence in Silence:
                found = other_readings(decision, silence)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(Worlds, "readings_open", None)
                    assert other_readings(replace(decision), silence) == found
                changed += bool(found[0])
    assert changed > 20


def test_the_first_cases_are_left_to_the_solver(solved: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Because to compile a policy takes as long as to decide so many."""
    monkeypatch.setattr(prepared, "CASES_BEFORE_CIRCUITS", 3)
    kb, read = unmet.load(shipped.KB), shipped.case(HIP)
    for _ in range(10):
        kb.verdict(read)
    assert len(solved) == 3


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("limits", [Limits(1), Limits(5_000, 0)])
def test_a_policy_whose_circuits_are_too_large_is_left_to_the_solver(
    limits: Limits, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "LIMITS", limits)
    kb = unmet.load(shipped.KB)
    assert answered(kb, HIP) == shipped.answers(HIP)
    assert solved


def test_threads_share_circuits_that_are_made_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, by one of them, however many are waiting; all answers are those of one thread."""
    monkeypatch.setattr(prepared, "CASES_BEFORE_CIRCUITS", 2)
    made: list[int] = []
    of = CaseCircuits.of.__func__  # type: ignore[attr-defined]

    def counting(cls: type[CaseCircuits], *given: object) -> object:
        made.append(1)
        return of(cls, *given)

    monkeypatch.setattr(CaseCircuits, "of", classmethod(counting))
    few = [p for p in FILES if p.parent.name == "patellofemoral_reconstruction"]
    kb = unmet.load(shipped.KB)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda path: answered(kb, path), few * 4))
    assert found == [shipped.answers(path) for path in few] * 4
    readings = {tuple(sorted(e.readings.items())) for p in few for e in shipped.case(p).expectations}
    assert 0 < len(made) <= len(readings)
