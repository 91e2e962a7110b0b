"""A batch gives every row the answer of the single-case engine, and that of the oracle."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unmet
from tests import oracle, shipped, tables
from tests.model import Case, Finding, KnowledgeBase
from tests.strategies import Focus, Scenario, cases, fit, scenarios
from tests.test_agreement import EXAMPLES, FOCUSES, thorough
from tests.writers import POLICY, write_knowledge_base
from unmet import loading
from unmet.batch import judge
from unmet.batch.decide import Batch, BatchResult, Wanted
from unmet.circuits.exact import Limits
from unmet.determine.decision import Decision
from unmet.knowledge import Knowledge
from unmet.policy import Outline
from unmet.results import Kind, Silence


@st.composite
def many(draw: st.DrawFn, focus: Focus) -> tuple[Scenario, list[Case]]:
    """A knowledge base with several cases."""
    scenario = draw(scenarios(focus))
    more = [fit(scenario.kb, draw(cases(scenario.kb))) for _ in range(draw(st.integers(0, 4)))]
    return scenario, [scenario.case, *more]


def expected(kb: KnowledgeBase, case: Case, chosen: dict[str, str], silence: Silence) -> oracle.Answer | None:
    """The oracle's answer, None for a case that it refuses."""
    try:
        question = oracle.Question(kb, case, chosen)
    except oracle.Contradiction:
        return None
    return question.answer if silence is Silence.OPEN else question.closed


def concerning(kb: KnowledgeBase, base: Knowledge) -> KnowledgeBase:
    """Without the assumptions and derivations that the policy has nothing to do with; a batch leaves them alone."""
    linked = base.vocabulary.linked(base.version(POLICY).attributes)
    return replace(
        kb,
        impossible=tuple(
            body for body in kb.impossible if {each.attribute for each in body if isinstance(each, Finding)} & linked
        ),
        derivations=tuple(each for each in kb.derivations if each.target in linked),
    )


def answers(result: BatchResult) -> list[tuple[str, dict[str, str]] | None]:
    """The verdict and the statuses of each row, None for a rejected one."""
    found: list[tuple[str, dict[str, str]] | None] = []
    for row in result.table.to_pylist():
        statuses = {n.removeprefix("status."): value for n, value in row.items() if n.startswith("status.")}
        found.append(None if row["verdict"] is None else (row["verdict"], statuses))
    return found


def add_up(result: BatchResult) -> None:
    """The counts of a result are those of its rows, and every row comes once, in order."""
    rows = result.table.to_pylist()
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    decided = [row["verdict"] for row in rows if row["verdict"] is not None]
    summary = result.summary
    assert summary.rows == len(rows) == len(decided) + summary.rejected
    assert {k: n for k, n in summary.verdicts.items() if n} == {v: decided.count(v) for v in set(decided)}
    assert sum(summary.routes.values()) == len(decided)
    assert len(set(result.rejects["row"].to_pylist())) == summary.rejected


@pytest.mark.parametrize("limits", [judge.LIMITS, Limits(4)], ids=["circuits", "solver"])
@pytest.mark.parametrize("focus", FOCUSES)
def test_a_batch_gives_the_oracles_answers(focus: str, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where formulas may not be split, so that the solver decides whatever is in doubt."""
    monkeypatch.setattr(judge, "LIMITS", limits)

    @settings(thorough, max_examples=max(1, EXAMPLES // 10))
    @given(many(FOCUSES[focus]))
    def agree(drawn: tuple[Scenario, list[Case]]) -> None:
        scenario, several = drawn
        with tempfile.TemporaryDirectory() as name:
            write_knowledge_base(scenario.kb, Path(name))
            base = loading.load(name)
        table = pa.table(tables.columns(tables.row(scenario.kb, case) for case in several))
        if not table.num_columns:
            return
        batch = Batch(base, base.version(POLICY), scenario.chosen)
        kb = concerning(scenario.kb, base)
        for silence in Silence:
            result = batch.decide(table, silence, Wanted(statuses=True, unmet=True, blocking=True))
            wanted = [expected(kb, case, scenario.chosen, silence) for case in several]
            assert answers(result) == [each and (each.verdict, dict(each.statuses)) for each in wanted]
            add_up(result)
            assert batch.decide(table, silence, Wanted(drivers=False)).table["verdict"] == result.table["verdict"]

    agree()


# -- the shipped policies ---------------------------------------------------------------------------------------------


RANDOM_ROWS = 8


@pytest.mark.parametrize("silent", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("policy", sorted({p.name for p in shipped.kb().policies}))
def test_random_cases_of_shipped_policies_are_answered_as_single_ones(policy: str, silent: float) -> None:
    """Verdict, every status, what is missing, and which cases are refused."""
    base, inner = shipped.kb(), shipped.inner()
    version = base.policy(policy)
    rows = tables.random_rows(base, policy, RANDOM_ROWS, silent)
    table = pa.table(tables.columns(rows))
    for silence in Silence:
        result = base.batch(table, policy, silence=silence, statuses=True, unmet=True, blocking=True, drivers=True)
        add_up(result)
        missing: Counter[str] = Counter()
        for row, answer in zip(rows, answers(result), strict=True):
            try:
                case = inner.case(tables.as_case(base, row, policy, version.effective))
            except unmet.CaseError:
                assert answer is None
                continue
            scene = case.scenes[0].at(row.get("level")) if version.per else case.scenes[0]
            decision = Decision(inner, version, scene, version.defaults)
            assert answer is not None
            assert answer[0] == decision.verdict(silence)
            assert answer[1] == {c.criterion: c.status for c in decision.criteria(silence) if c.kind is not Kind.PART}
            if decision.verdict(Silence.OPEN) == "pended":
                missing.update(column_of(e.entity, e.attribute) for e in decision.missing)
        assert result.summary.missing == missing


def column_of(entity: str, attribute: str) -> str:
    """The column of a finding: `hip(left)` and `collapse` are `hip.left.collapse`."""
    record, paren, key = entity.removesuffix(")").partition("(")
    key = key.strip('"')
    return f"{record}.{key}.{attribute}" if paren else attribute


# -- what stands against approval -------------------------------------------------------------------------------------


def holds(outline: Outline, name: str, leaves: Mapping[str, bool]) -> bool:
    """Whether a criterion is met, by the leaves."""
    shape = outline.shape(name)
    if shape.kind is Kind.LEAF:
        return leaves[name]
    below = [holds(outline, child.name, leaves) != child.negated for child in shape.children]
    least = {Kind.ANY: 1, Kind.AT_LEAST: shape.threshold}.get(shape.kind, len(below))
    return sum(below) >= (least or 0)


def approvable(outline: Outline, statuses: Mapping[str, str], turned: str) -> bool:
    """Whether some choice for the unknown leaves approves, with one leaf turned round."""
    known = {name: (status == "met") != (name == turned) for name, status in statuses.items() if status != "unknown"}
    unknown = [name for name in statuses if name not in known]
    for values in product((True, False), repeat=len(unknown)):
        leaves = known | dict(zip(unknown, values, strict=True))
        refers = "referral" in outline.parents and holds(outline, "referral", leaves)
        if holds(outline, "necessary", leaves) and not refers:
            return True
    return False


def standing(outline: Outline, statuses: Mapping[str, str]) -> set[str]:
    """The conditions that stand against approval, from the root down through all that does."""
    found, todo = set[str](), [("necessary", True)]
    while todo:
        name, positive = todo.pop()
        shape = outline.shape(name)
        if shape.kind is Kind.LEAF:
            found.add(name if positive else f"not {name}")
        for child in shape.children:
            sign = positive != child.negated
            if statuses[child.name] == ("unmet" if sign else "met"):
                todo.append((child.name, sign))
    return found


@pytest.mark.parametrize("policy", ["hip_core_decompression", "lumbar_fusion", "patellofemoral_reconstruction"])
def test_what_stands_against_approval_is_found_by_turning_each_leaf_round(policy: str) -> None:
    base = shipped.kb()
    outline = base.outline(policy)[1]
    table = pa.table(tables.columns(tables.random_rows(base, policy, 150, 0.05, seed=2)))
    result = base.batch(table, policy, statuses=True, unmet=True, blocking=True, drivers=True)
    alone: Counter[str] = Counter()
    against: Counter[str] = Counter()
    denied = [row for row in result.table.to_pylist() if row["verdict"] == "denied"]
    assert denied
    for row in denied:
        every = {name: row[f"status.{name}"] for name in outline.criteria}
        leaves = {name: status for name, status in every.items() if outline.shape(name).kind is Kind.LEAF}
        expected = standing(outline, every)
        assert set(row["unmet"]) == expected
        against.update(expected)
        below = set(outline.leaves_below("necessary"))
        definite = [name for name, status in leaves.items() if status != "unknown" and name in below]
        turned = [name for name in definite if approvable(outline, leaves, name)]
        blocking = row["blocking"] and row["blocking"].removeprefix("not ")
        assert blocking == (turned[0] if len(turned) == 1 else None)
        if row["blocking"]:
            alone[row["blocking"]] += 1
            assert row["blocking"] in row["unmet"]
    assert result.summary.alone == alone
    assert result.summary.against == against
    assert alone
