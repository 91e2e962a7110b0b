"""Suites made from the rules of a policy: every file passes, shows what it is for, and what is missing cannot be."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import shipped
from tests.test_agreement import EXAMPLES
from unmet import facade
from unmet.cli import main
from unmet.covered import Goal, State
from unmet.document import read
from unmet.generated import Aim, GeneratedCase, GeneratedSuite, WhyNot
from unmet.render import generated
from unmet.results import Verdict
from unmet.vocabulary import Mode, Type

HIP = "hip_core_decompression"
SMALL = (HIP, "inpatient_stay", "pelvic_fixation", "spinal_osteotomy")
POLICIES = sorted(path.name for path in (shipped.KB / "policies").iterdir()) if EXAMPLES > 75 else SMALL
"""The suites of all policies take minutes: they are made where many examples are asked for (`UNMET_EXAMPLES`)."""


@cache
def suite(policy: str) -> GeneratedSuite:
    return shipped.kb().generate(policy)


def of(found: GeneratedSuite, aim: Aim) -> dict[str, list[GeneratedCase]]:
    """The cases made with an aim, by what they are about."""
    cases: dict[str, list[GeneratedCase]] = {}
    for case in found.cases:
        for purpose in case.purposes:
            if purpose.aim is aim:
                cases.setdefault(purpose.subject, []).append(case)
    return cases


def missing(found: GeneratedSuite, aim: Aim) -> dict[str, WhyNot]:
    return {m.subject: m.why for m in found.missing if m.aim is aim}


def differences(one: Any, other: Any) -> int:
    """In how many statements the data of two cases differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = {*one, *other} - {"title", "expect"}
        return sum(differences(one.get(key), other.get(key)) for key in keys)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return sum(map(differences, one, other))
    return int(one != other)


# --- the shipped policies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_every_file_passes_and_everything_is_accounted_for(policy: str, tmp_path: Path) -> None:
    kb, found = shipped.kb(), suite(policy)
    for name, text in generated.files(found).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        case = kb.read_case(tmp_path / name)
        assert len(case.expectations) == 1
        assert "{}" not in text.partition("expect:")[2], "nothing is expected of no criteria"
        assert list(kb.test(case)) == []
        assert name.startswith(f"{kb.determine(case).lines[0].verdict}_")
        assert text.startswith("# Generated from the rules of ")
    version = shipped.inner().version(policy)
    outline = version.outline()
    assert {*of(found, Aim.FLIP), *missing(found, Aim.FLIP)} == set(outline.criteria)
    read = {a for n in outline.criteria for _, rule in outline.support(n) for a in rule.attributes}
    attributes = kb.vocabulary.attributes
    cuts = {
        f"{a} {attributes[a].numeral(c)}"
        for a in read
        for c in version.cuts.get(a, ())
        if attributes[a].low < c <= attributes[a].high
    }
    scales = (attributes[a] for a in read if attributes[a].type is Type.SCALE)
    cuts |= {f"{a.name} {word}" for a in scales for word in a.options[1:]}
    assert {*of(found, Aim.BOUNDARY), *missing(found, Aim.BOUNDARY)} == cuts
    records = kb.vocabulary.records
    keyed = {a for a in read if (r := records[attributes[a].record]).mode is Mode.KEYED and r.name != version.per}
    askable = (read - keyed) | {f"{a} {key}" for a in keyed for key in records[attributes[a].record].keys}
    assert {*of(found, Aim.PENDED), *missing(found, Aim.PENDED)} == askable
    for name, cases in of(found, Aim.FLIP).items():
        check_pair(name, cases)


def check_pair(name: str, cases: list[GeneratedCase]) -> None:
    """The verdict flips, one case meets the criterion and the other does not, and each says so."""
    kb = shipped.kb()
    lines = [kb.determine(kb.case(case.data)).lines[0] for case in cases]
    assert lines[0].on_criteria is not lines[1].on_criteria
    found: list[str] = []
    for case, line in zip(cases, lines, strict=True):
        criteria = line.levels[0].criteria if line.levels else line.criteria
        (status,) = (str(c.status) for c in criteria if c.criterion == name)
        (purpose,) = (p for p in case.purposes if p.aim is Aim.FLIP and p.subject == name)
        assert purpose.sentence.startswith(f"`{name}` is {status}, ")
        found.append(status)
    assert sorted(found) == ["met", "unmet"]


def test_the_pairs_are_decisive_as_coverage_measures_it() -> None:
    """Another way to the same claim: the cases of the suite cover each criterion that has a pair."""
    kb, found = shipped.kb(), suite(HIP)
    covered = kb.coverage([kb.case(case.data) for case in found.cases], [HIP])
    states = {c.criterion: {g.goal: g.state for g in c.goals} for p in covered.policies for c in p.criteria}
    assert {name for name, goals in states.items() if goals[Goal.DECISIVE] is State.SEEN} >= set(of(found, Aim.FLIP))


def test_values_stand_on_both_sides_of_a_cut_point() -> None:
    (cases,) = (c for subject, c in of(suite(HIP), Aim.BOUNDARY).items() if subject == "age 50")
    assert sorted((case.data["patient"]["age"], case.verdict) for case in cases) == [
        (49, Verdict.APPROVED),
        (50, Verdict.DENIED),
    ]
    assert differences(cases[0].data, cases[1].data) == 1


def test_a_pair_differs_in_a_finding_of_its_criterion_not_in_the_hip_that_is_asked_for() -> None:
    """The hip of a request turns every criterion over, and tells a clinician nothing about any of them."""
    found = suite(HIP)
    for name, (one, other) in of(found, Aim.FLIP).items():
        assert differences(one.data, other.data) == 1
        same = one.data["request"] == other.data["request"]
        assert same is (name != "referral"), "the policy reads of the request itself whether to refer"
        assert len(one.data["hip"]) == 1, "nothing is said of the other hip"


def test_a_computed_number_takes_the_nearest_values_that_occur() -> None:
    """No two whole scores give a relief of 49 %."""
    cases = of(suite("si_joint_fusion_open"), Aim.BOUNDARY)["relief_percent 50"]
    assert [(case.data["injection"][0]["relief_percent"], case.verdict) for case in cases] == [
        (44, Verdict.DENIED),
        (50, Verdict.APPROVED),
    ]
    below, at = (case.purposes[0].sentence for case in cases)
    assert below.endswith("of 44, the nearest that can occur below the cut point 50")
    assert at.endswith("of 50, at the cut point 50")


HELPED = (
    """
record(patient, one).  record(request, one).  record(injection, listed).
date(request, date_of_service).    text(date_of_service, "", "Date").
flag(patient, pain).               text(pain, "", "Pain").
number(injection, relief, 0, 9).   text(relief, "", "Relief").
""",
    """
policy(one, "One").  version("1").  document("D").  effective("2026-01-01").  covers("A").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pain), met(helped).
criterion(pain, "Pain", "1.a").
met(pain) :- finding(patient, pain, yes).
criterion(helped, "An injection helped", "1.b").
met(helped) :- finding(I, relief, R), R >= 5.
""",
)


def test_a_list_is_complete_only_where_further_records_would_matter(tmp_path: Path) -> None:
    """Another injection could help, which matters where none does; what pends for pain is helped by one already."""
    for name, text in zip(("vocabulary/words.lp", "policies/one/2026-01-01.lp"), HELPED, strict=True):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = facade.load(tmp_path).generate("one")
    told = ((purpose.subject, case) for case in found.cases for purpose in case.purposes)
    lists = {(subject, str(case.verdict), str(case.data["injection"])) for subject, case in told}
    some, complete = "[{}]".format, "{{'complete': 'yes', 'listed': [{}]}}".format
    assert lists == {
        *((name, "approved", some("{'relief': 5}")) for name in ("necessary", "pain")),
        *((name, "denied", some("{'relief': 5}")) for name in ("necessary", "pain")),
        ("pain", "pended", some("{'relief': 5}")),
        ("helped", "approved", complete("{'relief': 5}")),
        ("helped", "denied", complete("{'relief': 0}")),
        ("relief 5", "approved", complete("{'relief': 5}")),
        ("relief 5", "denied", complete("{'relief': 4}")),
        ("relief", "pended", complete("{}")),
    }
    assert found.missing == ()


PRESUMING = """
record(patient, one).  record(request, one).
date(request, date_of_service).    text(date_of_service, "", "Date").
flag(patient, pain).               text(pain, "", "Pain").
flag(patient, smoker).             text(smoker, "", "Smoker").       presumed(smoker, no).
flag(patient, quit).               text(quit, "", "Has quit").
number(patient, first, 0, 5).      text(first, "", "First").         presumed(first, 0).
number(patient, second, 0, 5).     text(second, "", "Second").
number(patient, total, 0, 10).     text(total, "", "Total").
finding(patient, total, A+B) :- finding(patient, first, A), finding(patient, second, B).
impossible("has quit without smoking") :- finding(patient, quit, yes), finding(patient, smoker, no).
"""

PENDING = """
policy(one, "One").  version("1").  document("D").  effective("2026-01-01").  covers("A").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pain), met(other).
criterion(pain, "Pain", "1.a").
met(pain) :- finding(patient, pain, yes).
criterion(other, "Other", "1.b").
"""


@pytest.mark.parametrize(
    ("rule", "subject", "patient"),
    [
        ("met(other) :- finding(patient, quit, no).", "quit", {"smoker": "yes"}),
        (
            "met(other) :- finding(patient, total, T), T >= 6, finding(patient, second, S), S >= 5.",
            "total",
            {"first": "unclear", "second": 5},
        ),
        ("met(other) :- finding(patient, total, T), T >= 3.", "total", {}),
        ("met(other) :- finding(patient, smoker, no).", "smoker", {"smoker": "unclear"}),
    ],
    ids=["stated", "unclear", "presumed", "itself"],
)
def test_a_case_is_pended_though_silence_would_settle_it(
    tmp_path: Path, rule: str, subject: str, patient: dict[str, Any]
) -> None:
    """Who is presumed not to smoke has not quit: the case says that the patient smokes, or what else it takes."""
    for name, text in {"vocabulary/words.lp": PRESUMING, "policies/one/2026-01-01.lp": PENDING + rule}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = facade.load(tmp_path).generate("one")
    (case,) = of(found, Aim.PENDED)[subject]
    assert case.data["patient"] == {"pain": "yes", **patient}
    assert not any(m.why is WhyNot.NO_CASE for m in found.missing)


COMPUTING = """
record(patient, one).  record(request, one).
date(request, date_of_service).    text(date_of_service, "", "Date").
flag(patient, pain).               text(pain, "", "Pain").
number(patient, before, 0, 2).     text(before, "", "Before").
number(patient, after, 0, 2).      text(after, "", "After").
number(patient, relief, {}).       text(relief, "", "Relief").
{}
"""
DIFFERENCE = "finding(patient, relief, B-A) :- finding(patient, before, B), finding(patient, after, A)."
SHARE = "finding(patient, relief, 4*(B-A)/B) :- finding(patient, before, B), finding(patient, after, A), B > 0."
EXCLUDING = """
impossible("x") :- finding(patient, before, 0), finding(patient, after, 1).
impossible("y") :- finding(patient, before, 1), finding(patient, after, 0).
"""
ALL_READ = """
met(other) :- finding(patient, relief, R), R >= -2, finding(patient, before, B), B >= 0, finding(patient, after, 1).
"""
RECORDED = """
met(other) :- recorded(P), finding(P, relief, R), R >= 1.
recorded(patient) :- documented(patient, relief, _).
recorded(patient) :- documented(patient, before, _), documented(patient, after, _).
"""


@pytest.mark.parametrize(
    ("range", "tie", "rule", "subject", "stated", "type_"),
    [
        ("-2, 2", DIFFERENCE, ALL_READ, "before", "relief", int),
        ("-3, 2", SHARE, ALL_READ, "before", "relief", int),
        ("-2, 2", DIFFERENCE, RECORDED, "before", "relief", list),
        ("-2, 2", EXCLUDING, ALL_READ, "before", "after", list),
    ],
    ids=["difference", "share", "recorded", "assumptions"],
)
def test_what_moves_with_a_finding_is_stated_as_far_as_it_has_to_be(
    tmp_path: Path, range: str, tie: str, rule: str, subject: str, stated: str, type_: type
) -> None:
    """No two worlds that differ in the finding alone make such a case."""
    words = COMPUTING.format(range, tie)
    for name, text in {"vocabulary/words.lp": words, "policies/one/2026-01-01.lp": PENDING + rule}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = facade.load(tmp_path).generate("one")
    (case,) = of(found, Aim.PENDED)[subject]
    assert case.data["patient"].keys() >= {"pain", stated}
    assert type(case.data["patient"][stated]) is type_


def test_a_policy_of_one_outcome_has_no_cases(tmp_path: Path) -> None:
    """No number is both: nothing flips, and the search for what does ends."""
    rule = "met(other) :- finding(patient, relief, R), -1 <= R < -1."
    words = COMPUTING.format("-2, 2", DIFFERENCE)
    for name, text in {"vocabulary/words.lp": words, "policies/one/2026-01-01.lp": PENDING + rule}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = facade.load(tmp_path).generate("one")
    assert found.cases == ()
    assert set(missing(found, Aim.PENDED).values()) == {WhyNot.NEVER_ALONE}


def test_a_stay_alone_tells_how_it_stands_on_its_criteria() -> None:
    """It serves no line, so it is moot; what the request would fill in is unclear."""
    (case,) = of(suite("inpatient_stay"), Aim.PENDED)["served_units_approved"]
    assert case.data["request"]["lines"][0]["served_units_approved"] == "unclear"
    assert case.data["expect"]["lines"] == {
        "line": {"verdict": "moot", "criteria": {"necessary": "unknown", "referral": "unmet"}}
    }


FLIPPING = """
record(patient, one).  record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date of service").
flag(patient, pain).             text(pain, "", "Pain").
flag(patient, smoker).           text(smoker, "", "Smoker").
scale(patient, grade, (none, 0; mild, 1; severe, 2)).   text(grade, "", "Grade").
"""
UNSAID = """
met(other) :- met(said).
met(other) :- met(graded).
criterion(said, "Said", "1.b.1").
met(said) :- met(documented), met(is).
criterion(documented, "Documented", "1.b.1.a").
met(documented) :- documented(patient, smoker, yes).
criterion(is, "Is", "1.b.1.b").
met(is) :- finding(patient, smoker, yes).
criterion(graded, "Graded", "1.b.2").
met(graded) :- at_least(patient, grade, severe).
"""
OTHERWISE = """
met(other) :- met(is), not met(said).
criterion(is, "Is", "1.b.1").
met(is) :- finding(patient, smoker, yes).
criterion(said, "Said", "1.b.2").
met(said) :- documented(patient, smoker, yes).
"""


@pytest.mark.parametrize(
    ("word", "rule", "subject", "verdicts"),
    [
        (
            'impossible("mild smokes") :- finding(patient, grade, mild), finding(patient, smoker, no).',
            UNSAID,
            "is",
            None,
        ),
        (
            'impossible("mild smokes") :- finding(patient, grade, mild), finding(patient, smoker, no).',
            UNSAID,
            "documented",
            {Verdict.APPROVED, Verdict.DENIED},
        ),
        ("presumed(smoker, yes).", OTHERWISE, "is", {Verdict.APPROVED, Verdict.DENIED}),
    ],
    ids=["never", "tied", "presumed"],
)
def test_pairs_are_sought_until_cases_show_what_their_worlds_do(
    tmp_path: Path, word: str, rule: str, subject: str, verdicts: set[Verdict] | None
) -> None:
    """That a patient smokes need not be said where the grade tells, or where silence presumes it."""
    files = {"vocabulary/words.lp": FLIPPING + word, "policies/one/2026-01-01.lp": PENDING + rule}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = facade.load(tmp_path).generate("one")
    pair = of(found, Aim.FLIP).get(subject)
    assert (pair and {case.verdict for case in pair}) == verdicts
    assert WhyNot.NO_CASE not in missing(found, Aim.FLIP).values()


def test_values_at_a_step_are_those_of_a_record_in_which_they_turn_the_verdict(tmp_path: Path) -> None:
    """Whether the upper level is moderate is no matter beside that it is mild; of the lower one it is."""
    words = """
record(patient, one).  record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date of service").
flag(patient, pain).             text(pain, "", "Pain").
record(level, keyed).            key(level, ("L1-L2"; "L2-L3")).
scale(level, stenosis, (none, 0; mild, 1; moderate, 2)).  text(stenosis, "", "Stenosis").
"""
    rule = """
met(other) :- met(upper).
met(other) :- met(either).
met(other) :- met(lower).
criterion(upper, "Upper", "1.b.1").
met(upper) :- at_least(level("L1-L2"), stenosis, moderate).
criterion(either, "Either", "1.b.2").
met(either) :- at_least(level("L1-L2"), stenosis, mild).
criterion(lower, "Lower", "1.b.3").
met(lower) :- at_least(level("L2-L3"), stenosis, moderate).
"""
    for name, text in {"vocabulary/words.lp": words, "policies/one/2026-01-01.lp": PENDING + rule}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    pair = of(facade.load(tmp_path).generate("one"), Aim.BOUNDARY)["stenosis moderate"]
    assert {case.verdict for case in pair} == {Verdict.APPROVED, Verdict.DENIED}
    assert {case.data["level"]["L2-L3"]["stenosis"] for case in pair} == {"mild", "moderate"}


def test_what_cannot_be_is_named_with_its_reason() -> None:
    assert missing(suite(HIP), Aim.FLIP) == {"advanced_stage": WhyNot.DECISIVE_IF_UNMET}
    assert missing(suite("si_joint_fusion_open"), Aim.BOUNDARY) == {"relief_percent 75": WhyNot.NOT_TOLD_APART}
    assert missing(suite("fusion_exploration"), Aim.FLIP) == {
        "necessary": WhyNot.NEVER_MET,
        "incidental": WhyNot.ALWAYS_MET,
    }
    names = ("scoliosis", "cobb_angle", "significant_kyphosis")
    assert missing(suite("spinal_osteotomy"), Aim.PENDED) == dict.fromkeys(names, WhyNot.NEVER_ALONE)


def test_a_suite_is_the_same_every_time() -> None:
    again = facade.load(shipped.KB).generate(HIP)
    assert generated.files(again) == generated.files(suite(HIP))


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["generate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("kept")
def test_files_are_written_and_pass(tmp_path: Path) -> None:
    code, text, _ = run("spinal_osteotomy", "-o", str(tmp_path / "made"))
    assert code == 0
    files = sorted((tmp_path / "made").iterdir())
    assert [f.name for f in files] == sorted(case.file for case in suite("spinal_osteotomy").cases)
    assert all(f.name in text for f in files)
    result = CliRunner().invoke(main, ["test", str(tmp_path / "made")])
    assert result.exit_code == 0
    assert f"{len(files)} cases, {len(files)} expectations, all as expected" in result.stdout


@pytest.mark.usefixtures("kept")
def test_as_json() -> None:
    code, text, _ = run("spinal_osteotomy", "--format", "json")
    found = json.loads(text)
    assert code == 0
    assert list(found) == ["policy", "version", "effective", "readings", "cases", "missing"]
    assert {m["why"] for m in found["missing"]} == {"never_alone"}
    assert list(found["cases"][0]) == ["file", "purposes", "verdict", "data"]


@pytest.mark.usefixtures("kept")
def test_under_a_reading_the_cases_expect_that_reading(tmp_path: Path) -> None:
    code, _, _ = run("si_joint_fusion_open", "--reading", "relief=seventy_five", "-o", str(tmp_path))
    if code == 2:
        pytest.fail("the policy has no such reading any more")
    for file in tmp_path.iterdir():
        assert read(file).data["expect"]["readings"]
        assert list(shipped.kb().test(shipped.kb().read_case(file))) == []


@pytest.mark.usefixtures("kept")
def test_what_is_not_there_is_a_usage_error() -> None:
    assert run("spine_osteotomy")[0] == 2
    assert run("spinal_osteotomy", "--on", "2000-01-01")[0] == 2
    assert run("spinal_osteotomy", "--reading", "a=b")[0] == 2
