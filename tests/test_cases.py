"""The shipped cases: their expectations, what they cover of the policies, and the answers that are known beforehand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import clingo
import pytest

from tests.shipped import CASE_FILES, KB, ROOT, answer, answers, case, inner, kb, line, name_of
from unmet import suite
from unmet.case import Case, Statement
from unmet.knowledge import REQUEST, Knowledge
from unmet.results import Determination, Kind, LineDetermination, Silence, Status, Verdict

ENCODINGS = ROOT / "python" / "unmet" / "encodings"

NEVER = {
    ("fusion_exploration", "necessary"): ({"met", "unknown"}, "it is never a procedure of its own"),
    ("fusion_exploration", "incidental"): ({"unmet", "unknown"}, "it holds whatever the record says"),
    ("spinal_osteotomy", "angle_documented"): ({"unknown"}, "an angle is stated or not, whatever it is"),
}
"""The statuses that a criterion cannot have, and why."""

NO_VERDICT = {
    ("fusion_exploration", Verdict.APPROVED): "it is never a procedure of its own",
    ("fusion_exploration", Verdict.PENDED): "nothing about it is open",
}
"""The verdicts that a policy cannot come to, and why."""


@pytest.fixture
def decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expectations are held against answers that the other tests here read as well."""

    def determine(_: Knowledge, held: Case, silence: Silence, readings: Mapping[str, str]) -> Determination:
        found = answers(Path(held.name))
        return next(
            a
            for a, e in zip(found, held.expectations, strict=True)
            if (e.silence, e.readings) == (silence, readings)
        )  # fmt: skip

    monkeypatch.setattr(suite, "determine", determine)


# --- each case -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("decided_once")
@pytest.mark.parametrize("path", CASE_FILES, ids=name_of)
def test_a_case_is_answered_as_it_expects(path: Path) -> None:
    assert [f"{m.path}: {m.expected}, not {m.actual}" for m in kb().test(case(path))] == []


@pytest.mark.parametrize("path", CASE_FILES, ids=name_of)
def test_a_case_file_is_named_by_its_outcome(path: Path) -> None:
    """By that of the request, or of a line for the policy that the folder is for; under its first expectation."""
    first, named = answers(path)[0], {li.name: {li.policy} for li in case(path).lines}
    about = {str(li.verdict) for li in first.lines if path.parent.name in policies_of(li) | named[li.line]}
    assert path.stem.split("_")[0] in about | {str(first.request.outcome)}


@pytest.mark.parametrize("path", CASE_FILES, ids=name_of)
def test_a_case_says_what_it_is_and_expects_something(path: Path) -> None:
    read = case(path)
    assert read.title
    assert read.expectations
    assert all(e.outcome or any(li.verdict for li in e.lines.values()) for e in read.expectations)


def test_no_two_cases_of_a_folder_have_one_title() -> None:
    titles = [(path.parent, case(path).title) for path in CASE_FILES]
    assert len(set(titles)) == len(titles)


def test_quotes_are_a_few_words() -> None:
    """The documents are not ours to reprint."""
    stated = [s for path in CASE_FILES for s in (*case(path).statements, *_of_lines(case(path)))]
    long = {s.quote for s in stated if s.quote and len(s.quote.split()) > 10}
    assert not long


def _of_lines(read: Case) -> Iterator[Statement]:
    for each in read.lines:
        yield from each.statements


# --- what they cover -------------------------------------------------------------------------------------------------


def policies_of(answered: LineDetermination) -> set[str]:
    """The policy of a line; those that cover its code, where none governs it."""
    return {answered.policy} if answered.policy else set(inner().covering(answered.code or ""))


@cache
def lines() -> tuple[LineDetermination, ...]:
    """Every line of every answer."""
    return tuple(li for path in CASE_FILES for found in answers(path) for li in found.lines)


@cache
def statuses() -> Mapping[tuple[str, str], set[str]]:
    """The statuses of each criterion, in any answer."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for answered in lines():
        for criterion in (*answered.criteria, *(c for level in answered.levels for c in level.criteria)):
            if criterion.kind is not Kind.PART:
                found[answered.policy or "", criterion.criterion].add(str(criterion.status))
    return found


@cache
def verdicts() -> Mapping[str, set[Verdict]]:
    """The verdicts of the lines of each policy, those that no version governs included."""
    found: dict[str, set[Verdict]] = defaultdict(set)
    for answered in lines():
        for policy in policies_of(answered):
            found[policy].add(answered.verdict)
    return found


CRITERIA = [(p.name, name) for p in kb().policies for name in p.criteria]


@pytest.mark.parametrize(("policy", "criterion"), CRITERIA)
def test_a_criterion_is_met_unmet_and_unknown(policy: str, criterion: str) -> None:
    cannot, why = NEVER.get((policy, criterion), (set(), ""))
    assert {str(s) for s in Status} - statuses()[policy, criterion] == cannot, why


REFERS = {p.name for p in kb().policies if "referral" in p.criteria or p.unlisted}
"""The policies that refer by themselves, and not only before their first version."""


@pytest.mark.parametrize("policy", inner().names)
@pytest.mark.parametrize("verdict", [Verdict.APPROVED, Verdict.DENIED, Verdict.PENDED])
def test_a_policy_comes_to_every_verdict(policy: str, verdict: Verdict) -> None:
    assert (verdict in verdicts()[policy]) != ((policy, verdict) in NO_VERDICT)


@pytest.mark.parametrize("policy", sorted(REFERS))
def test_a_policy_that_can_refer_does(policy: str) -> None:
    causes = {li.cause.code for li in lines() if li.policy == policy and li.verdict is Verdict.REFERRED and li.cause}
    assert causes & {"criterion", "unlisted_code"}


def test_exceptions_are_about_what_there_is() -> None:
    assert set(NEVER) <= set(CRITERIA)
    assert {policy for policy, _ in NO_VERDICT} <= set(inner().names)


def test_partial_bundled_and_moot_are_shown_too() -> None:
    assert {verdict for found in verdicts().values() for verdict in found} == set(Verdict)
    assert {a.request.outcome for path in CASE_FILES for a in answers(path)} >= {
        Verdict.APPROVED,
        Verdict.DENIED,
        Verdict.PARTIAL,
        Verdict.PENDED,
        Verdict.REFERRED,
    }


OPTIONS = [(p.name, r.name, option) for p in kb().policies for r in p.readings.values() for option in r.options]


@cache
def chosen() -> set[tuple[str, str, str]]:
    """Every option of a reading that an expectation names, with the policies it is named for."""
    found = set()
    for path in CASE_FILES:
        for expectation, answered in zip(case(path).expectations, answers(path), strict=True):
            for name, option in expectation.readings.items():
                for li in answered.lines:
                    found.add((li.policy or "", name.rpartition(".")[2], option))
    return found


@pytest.mark.parametrize(("policy", "reading", "option"), OPTIONS)
def test_a_reading_is_chosen_by_some_expectation(policy: str, reading: str, option: str) -> None:
    assert (policy, reading, option) in chosen()


def test_silence_is_open_and_closed() -> None:
    assert {a.request.silence for path in CASE_FILES for a in answers(path)} == set(Silence)


def test_every_policy_has_cases_and_every_folder_is_a_policy_or_the_requests() -> None:
    assert {path.parent.name for path in CASE_FILES} == {*inner().names, "requests"}


# --- known answers ---------------------------------------------------------------------------------------------------


def criteria(answered: LineDetermination, level: str | None = None) -> dict[str, str]:
    """The statuses of a line's criteria, or of those of one of its levels."""
    units = [each for each in answered.levels if each.level == level] if level else [answered]
    return {c.criterion: str(c.status) for unit in units for c in unit.criteria}


def under(name: str, silence: str = "open", **readings: str) -> LineDetermination:
    """The first line of a case under other readings."""
    (path,) = (p for p in CASE_FILES if name_of(p) == name)
    return kb().determine(case(path), silence=silence, readings=readings).lines[0]


def test_known_1_a_second_dislocation_depends_on_the_page_break() -> None:
    name = "patellofemoral_reconstruction/approved_outer_denied_inner_second_dislocation"
    assert under(name, page_break="outer").verdict is Verdict.APPROVED
    assert under(name, page_break="inner").verdict is Verdict.DENIED
    assert criteria(line(name))["care_failed"] == "unmet"
    assert criteria(line(name))["mri_ligament"] == "met"


def test_known_2_pain_of_exactly_three_months_is_not_more_than_three() -> None:
    name = "patellofemoral_reconstruction/denied_pain_exactly_three_months"
    assert criteria(line(name))["lasting_pain"] == "unmet"
    assert line(name).verdict is Verdict.DENIED


def test_known_3_a_setting_is_answered_apart() -> None:
    answered = line("patellofemoral_reconstruction/approved_as_outpatient_inpatient_requested")
    care = answered.level_of_care
    assert care is not None
    assert (answered.verdict, care.requested, care.allowed, care.status) == (
        Verdict.APPROVED, "inpatient", ("outpatient",), Status.UNMET,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [("required", Verdict.DENIED), ("alternative", Verdict.DENIED), ("sufficient", Verdict.APPROVED)],
)
def test_known_4_the_referrals_alone(reading: str, verdict: Verdict) -> None:
    answered = under("vertebral_augmentation/denied_only_the_referrals", continuum_of_care=reading)
    assert answered.verdict is verdict
    assert criteria(answered)["continuum"] == "met"


def test_known_5_hospitalized_with_a_score_of_seven() -> None:
    answered = line("vertebral_augmentation/denied_hospitalized_pain_seven")
    assert answered.verdict is Verdict.DENIED
    found = criteria(answered)
    assert (found["hospitalized"], found["severe_pain"], found["symptomatic"]) == ("met", "unmet", "unmet")


@pytest.mark.parametrize(
    ("name", "days", "acute", "subacute"),
    [
        ("approved_worsening_onset_forty_one_days", 41, "met", "unmet"),
        ("approved_hospitalized_onset_forty_two_days", 42, "unmet", "met"),
        ("approved_onset_eighty_four_days", 84, "unmet", "met"),
        ("denied_onset_eighty_five_days", 85, "unmet", "unmet"),
    ],
)
def test_known_6_days_since_the_onset(name: str, days: int, acute: str, subacute: str) -> None:
    answered = line(f"vertebral_augmentation/{name}")
    found = criteria(answered)
    assert (found["acute"], found["subacute"]) == (acute, subacute)
    assert str(answered.verdict) == name.split("_")[0]
    evidence = {e.attribute: e.value for c in answered.criteria for e in c.evidence}
    assert evidence["fracture_onset_days"] == str(days)


def test_known_7_pregnancy_bars_once() -> None:
    answered = line("vertebral_augmentation/denied_pregnant_relative_not_evaluated")
    found = criteria(answered)
    assert answered.verdict is Verdict.DENIED
    assert (found["indicated"], found["pregnant"], found["relative_pregnancy"]) == ("met", "met", "unknown")


def test_known_8_the_other_hip_bars_nothing() -> None:
    answered = line("hip_core_decompression/approved_left_stage_two_right_stage_three")
    assert answered.verdict is Verdict.APPROVED
    assert criteria(answered)["advanced_stage"] == "unmet"


def test_known_9_no_report_and_nothing_said_of_a_report() -> None:
    stated = line("hip_core_decompression/denied_no_radiologist_report")
    silent = line("hip_core_decompression/pended_report_not_mentioned")
    assert (stated.verdict, criteria(stated)["reported"]) == (Verdict.DENIED, "unmet")
    assert (silent.verdict, criteria(silent)["reported"]) == (Verdict.PENDED, "unknown")


ROWS = {
    "diagnostic_injections": "unmet",
    "relief_duration": "unmet",
    "other_generators": "unmet",
    "degeneration": "unmet",
    "nicotine_free": "unmet",
    "conservative_treatment": "met",
    "baseline_pain": "met",
    "maneuvers": "met",
}


def test_known_10_three_of_the_eight_rows() -> None:
    name = "si_joint_fusion_minimally_invasive/denied_determination"
    closed, opened = under(name, silence="closed"), under(name)
    rows = {c.criterion: str(c.status) for c in closed.criteria if c.row}
    assert rows == ROWS
    assert list(rows) == list(ROWS)
    assert closed.verdict is Verdict.DENIED
    assert closed.level_of_care is not None
    assert closed.level_of_care.status is Status.UNMET
    assert opened.verdict is Verdict.PENDED
    assert {c.criterion: str(c.status) for c in opened.criteria if c.row} == {
        name: "unknown" if status == "unmet" else status for name, status in ROWS.items()
    }
    # The relief itself is met in every mode: what is missing is the second injection.
    for answered in (closed, opened):
        assert criteria(answered)["relieved(injection(1))"] == "met"


def test_known_11_the_two_stages_line_by_line() -> None:
    found = answer("requests/pended_two_stage_spine_surgery")
    assert found.request.outcome is Verdict.PENDED
    assert {li.line: str(li.verdict) for li in found.lines} == {
        "stage_1_fusion": "denied",
        "exploration": "bundled",
        "decompression": "pended",
        "decompression_additional": "pended",
        "osteotomy": "denied",
        "osteotomy_additional": "denied",
        "fusion": "pended",
        "fusion_additional": "pended",
        "instrumentation": "pended",
        "si_fusion": "denied",
        "pelvic_fixation": "pended",
        "stay_1": "moot",
        "stay_2": "pended",
    }
    by_name = {li.line: li for li in found.lines}
    assert [level.level for level in by_name["stage_1_fusion"].levels] == ["L2-L3", "L3-L4"]
    assert by_name["stay_2"].level_of_care is not None
    assert by_name["stay_2"].level_of_care.days is not None
    assert by_name["stay_2"].level_of_care.days.allowed == "2 to 3"


def test_known_12_one_level_of_two() -> None:
    answered = line("lumbar_fusion/partial_one_level_of_two")
    assert answered.verdict is Verdict.PARTIAL
    assert {level.level: str(level.verdict) for level in answered.levels} == {"L2-L3": "approved", "L3-L4": "denied"}
    assert criteria(answered, "L2-L3")["necessary"] == "met"
    assert criteria(answered, "L3-L4")["necessary"] == "unmet"


# --- the files of the knowledge base ---------------------------------------------------------------------------------


def logged(text: str, files: Iterable[Path]) -> list[str]:
    """What clingo says of a program."""
    said: list[str] = []
    control = clingo.Control(["--warn=all"], logger=lambda code, message: said.append(message), message_limit=1000)
    control.add("base", [], text)
    for file in files:
        control.load(str(file))
    control.ground([("base", [])])
    return said


@pytest.mark.parametrize("policy", inner().names)
def test_clingo_has_nothing_to_say_of_a_policy(policy: str) -> None:
    """Read with the vocabulary and the program's own rules by clingo as it stands, over a case without findings."""
    asked = {"policy": policy, "date_of_service": inner().versions(policy)[-1].effective}
    (plain,) = kb().facts(kb().case({"request": {"lines": [asked]}}))
    assert plain.files
    assert logged("\n".join(plain.facts), plain.files) == []


def test_clingo_has_nothing_to_say_of_the_coding() -> None:
    files = [KB / "coding.lp", *(ENCODINGS / f"{name}.lp" for name in REQUEST)]
    assert logged('line("1"). code("1", "22633").', files) == []


def test_lines_of_the_knowledge_base_are_short() -> None:
    long = {
        f"{path.relative_to(KB)}:{number}"
        for path in KB.rglob("*.lp")
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(text) > 100
    }
    assert not long
