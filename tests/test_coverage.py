"""What cases cover of the policies: against brute force, on the shipped cases, and as every form of report."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
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
from tests.model import Case, Entity, Finding, KnowledgeBase
from tests.oracle import World
from tests.strategies import Focus, Scenario, estimate, scenarios
from tests.test_agreement import fewer
from tests.writers import write_case, write_knowledge_base
from unmet import loading
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
        base = loading.load(directory)
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

    @fewer
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
    assume(estimate(kb, blank) * 2 ** len(documented) <= MOST_WORLDS)
    for stated in subsets(documented):
        for chosen in choices(kb):
            for world in oracle.completions(kb, blank):
                each = World(kb, Case({key: (world.values[key],) for key in stated}), world.values, world.entities)
                each.chosen = chosen
                yield each


def documented_attributes(kb: KnowledgeBase) -> set[str]:
    bodies = [rule.body for predicate in kb.predicates for rule in predicate.rules]
    return {each.attribute for body in bodies for each in body if isinstance(each, Finding) and each.documented}


def subsets(keys: list[tuple[Entity, str]]) -> Iterable[tuple[tuple[Entity, str], ...]]:
    return chain.from_iterable(combinations(keys, n) for n in range(len(keys) + 1))


def choices(kb: KnowledgeBase) -> Iterator[dict[str, str]]:
    chosen: list[dict[str, str]] = [{}]
    for name, options in kb.readings:
        chosen = [{**each, name: option} for each in chosen for option in options]
    yield from chosen


@fewer
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
        (policy,) = coverage(loading.load(Path(name)), []).policies
    for criterion in policy.criteria:
        for goal in criterion.goals:
            if goal.goal is not Goal.UNKNOWN:
                reachable = str(goal.goal) in possible[criterion.criterion]
                event(f"{goal.goal} {'reachable' if reachable else 'out of reach'}")
                assert (goal.state is State.MISSING) is reachable


# --- the shipped knowledge base --------------------------------------------------------------------------------------


@cache
def of_shipped_cases() -> Coverage:
    return coverage(shipped.inner(), map(shipped.case, shipped.CASE_FILES))


@pytest.mark.parametrize("policy", sorted(path.name for path in (shipped.KB / "policies").iterdir()))
def test_the_shipped_cases_show_all_that_can_be_shown(policy: str) -> None:
    (found,) = (p for p in of_shipped_cases().policies if p.policy == policy)
    missing = [(c.criterion, g.goal, g.why) for c in found.criteria for g in c.goals if g.state is State.MISSING]
    assert not missing
    assert found.share.percent == 100.0


def test_what_the_shipped_cases_cannot_show_is_known() -> None:
    """A policy that denies always, a leaf that holds always, a criterion that another implies."""
    found = {
        (p.policy, c.criterion, g.goal): g.why
        for p in of_shipped_cases().policies
        for c in p.criteria
        for g in c.goals
        if g.state is State.UNREACHABLE
    }
    assert found == {
        ("fusion_exploration", "necessary", Goal.MET): Why.NEVER_MET,
        ("fusion_exploration", "necessary", Goal.UNKNOWN): Why.NEVER_MET,
        ("fusion_exploration", "incidental", Goal.UNMET): Why.ALWAYS_MET,
        ("fusion_exploration", "incidental", Goal.UNKNOWN): Why.ALWAYS_MET,
        ("inpatient_stay", "revision", Goal.DECISIVE): Why.NEVER_DECISIVE,
        ("spinal_osteotomy", "angle_documented", Goal.UNKNOWN): Why.ALWAYS_SETTLED,
    }


def test_without_one_case_something_is_missing() -> None:
    name = "vertebral_augmentation"
    files = [p for p in shipped.CASE_FILES if p.parent.name == name and p.stem != "approved_kyphosis_and_height_loss"]
    found = coverage(shipped.inner(), map(shipped.case, files), [name])
    missing = [(c.criterion, g.goal, g.why) for p in found.policies for c in p.criteria for g in c.goals
               if g.state is State.MISSING]  # fmt: skip
    assert missing == [("kyphotic", Goal.DECISIVE, Why.OTHERWISE)]
    assert found.share.percent < 100


def test_every_goal_seen_names_a_case_that_shows_it() -> None:
    """The case, line and level that a goal names, decided again by the facade."""
    (policy,) = (p for p in of_shipped_cases().policies if p.policy == "spinal_decompression")
    for criterion in policy.criteria:
        for goal in criterion.goals[:3]:
            assert goal.case is not None
            file, name, level = re.fullmatch(r"(.*) line (.*?)(?: level (.*))?", goal.case).groups()  # type: ignore[union-attr]
            runs = [shipped.kb().determine(shipped.case(Path(file))), *shipped.answers(Path(file))]
            levels = [each for run in runs for line in run.lines if line.line == name for each in line.levels]
            shown = [c for each in levels if each.level == level for c in each.criteria]
            assert any((c.criterion, str(c.status)) == (criterion.criterion, str(goal.goal)) for c in shown)


# --- shares ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "reachable", "percent"), [(9996, 10000, 99.9), (9999, 10000, 99.9), (2, 3, 66.6), (1, 1, 100), (0, 0, 100)]
)
def test_a_share_is_never_rounded_up(seen: int, reachable: int, percent: float) -> None:
    assert Share(seen, reachable).percent == percent


def test_a_threshold_is_held_against_the_exact_share() -> None:
    assert Share(2, 3).reaches(Decimal("66.66"))
    assert not Share(2, 3).reaches(Decimal("66.67"))
    assert not Share(9999, 10000).reaches(Decimal(100))


# --- reports ---------------------------------------------------------------------------------------------------------

HIP = "hip_core_decompression"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["test", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stdout


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Two of the hip cases, and one whose expectation does not hold."""
    for name in ("denied_age_fifty", "approved_day_before_fifty"):
        text = (shipped.CASES / HIP / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    wrong = (tmp_path / "denied_age_fifty.yaml").read_text(encoding="utf-8").partition("expect:")[0]
    (tmp_path / "wrong.yaml").write_text(f"{wrong}expect: {{outcome: approved}}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("kept")
def test_a_coverage_below_the_threshold_is_exit_code_five(few: Path) -> None:
    (few / "wrong.yaml").unlink()
    assert run(str(few), "--policy", HIP)[0] == 0
    code, text = run(str(few), "--policy", HIP, "--threshold", "99.95")
    assert code == 5
    assert "it is unknown in every case" in text
    assert run(str(few), "--policy", HIP, "--threshold", "10")[0] == 0
    assert run(str(few), "--threshold", "110")[0] == 2
    assert run(str(few), "--policy", "hip_core")[0] == 2


def test_coverage_as_json(few: Path) -> None:
    code, text = run(str(few), "--policy", HIP, "--coverage", "--format", "json")
    found = json.loads(text)
    assert code == 5
    (policy,) = found["coverage"]["policies"]
    assert (policy["policy"], policy["decided"]) == (HIP, 3)
    goals = [g for c in policy["criteria"] for g in c["goals"]]
    assert policy["seen"] == sum(g["state"] == "seen" for g in goals) == found["coverage"]["seen"]
    assert policy["reachable"] == len(goals)
    assert found["coverage"]["percent"] == policy["seen"] * 1000 // policy["reachable"] / 10
    documented = (shipped.ROOT / "docs/cli.md").read_text(encoding="utf-8").partition("### The JSON of coverage")[2]
    tables = re.findall(r"(?:^\| `\w+` \|.*\n)+", documented, re.M)
    names = [re.findall(r"^\| `(\w+)` \|", table, re.M) for table in tables[:2]]
    assert names == [list(policy["criteria"][0]), list(goals[0])]


def test_the_page_is_whole_and_names_every_goal() -> None:
    covered = of_shipped_cases()
    text = coverage_page.page(covered)
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    marks = [e.get("class") for e in parsed.iter("span") if (e.get("class") or "").startswith("goal ")]
    goals = [g for p in covered.policies for c in p.criteria for g in c.goals]
    assert marks == [f"goal {g.state}" for g in goals]
    assert not [tag for tag in ("script", "link", "img") if parsed.find(f".//{tag}") is not None]
    assert "http" not in text
    assert "prefers-color-scheme: dark" in text


def test_the_page_escapes_what_a_policy_says() -> None:
    covered = of_shipped_cases()
    policy = replace(covered.policies[0], title="<script>alert(1)</script>")
    text = coverage_page.page(replace(covered, policies=(policy,)))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.usefixtures("kept")
def test_results_as_junit_xml(few: Path) -> None:
    (few / "broken.yaml").write_text("request: \x07\n", encoding="utf-8")
    code, _ = run(str(few), "--junit", str(few / "junit.xml"))
    assert code == 1
    xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd")).validate(few / "junit.xml")
    found = junitparser.JUnitXml.fromfile(str(few / "junit.xml"))
    assert (found.tests, found.failures, found.errors) == (4, 1, 1)
    (folder,) = found
    results = {case.name: [type(r).__name__ for r in case.result] for case in folder}
    assert results == {
        "approved_day_before_fifty.yaml expect": [],
        "broken.yaml": ["Error"],
        "denied_age_fifty.yaml expect": [],
        "wrong.yaml expect": ["Failure"],
    }
    (failure,) = (case.result[0] for case in folder if case.name == "wrong.yaml expect")
    assert "outcome: expected approved, found denied" in failure.message


def test_the_schema_refuses_what_is_no_junit_xml() -> None:
    schema = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))
    root = ElementTree.fromstring('<testsuites tests="1" failures="0" errors="0"><testcase name="a"/></testsuites>')
    assert not schema.is_valid(root)


def test_xml_holds_no_control_characters() -> None:
    assert suite.printable("a\x00\x1bb\tc\n\ufffe") == "a\ufffd\ufffdb\tc\n\ufffd"
