"""`test`: case files as tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.small import Ran, Run, text

EXPECT = """
expect:
  - lines: {brace: {verdict: approved}}
  - readings: {often: exactly_two}
    lines: {brace: {verdict: approved, criteria: {dislocated: met}}}
"""


@pytest.fixture
def tests(home: Path, tmp_path: Path) -> Path:
    """A folder of two cases, of which one holds and of the other one expectation in two does not."""
    good = (home / "denied.yaml").read_text(encoding="utf-8") + "expect: {lines: {brace: {verdict: denied}}}\n"
    folder = tmp_path / "tests"
    (folder / "below").mkdir(parents=True)
    (folder / "good.yaml").write_text(good, encoding="utf-8")
    approved = (home / "approved.yaml").read_text(encoding="utf-8")
    (folder / "below" / "bad.yaml").write_text(approved + EXPECT, encoding="utf-8")
    (folder / "notes.txt").write_text("no case", encoding="utf-8")
    return folder


def test_expectations_that_hold(run: Run, tests: Path) -> None:
    ran = run("test", str(tests / "good.yaml"))
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"1 cases?, 1 expectations?, all as expected\n", ran.out)


def test_expectations_that_fail_are_a_table(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tests.parent)
    assert run("test", "tests") == Ran(
        5,
        text("""
        place                      what                                      expected  actual
        tests/below/bad.yaml:11:5  expect.1.lines.brace.verdict              approved  denied
        tests/below/bad.yaml:11:5  expect.1.lines.brace.criteria.dislocated  met       unmet
        2 cases, 3 expectations, 2 not as expected
        """),
        "",
    )


def test_expectations_that_fail_as_json(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tests.parent)
    ran = run("test", "tests", "--format", "json")
    assert ran.code == 5
    assert ran.json == {
        "cases": 2,
        "expectations": 3,
        "failed": [
            {
                "case": "tests/below/bad.yaml",
                "place": "tests/below/bad.yaml:11:5",
                "path": f"expect.1.lines.brace.{what}",
                "expected": expected,
                "actual": actual,
            }
            for what, expected, actual in (("verdict", "approved", "denied"), ("criteria.dislocated", "met", "unmet"))
        ],
        "diagnostics": [],
    }


def test_a_case_that_does_not_load_fails_the_test(run: Run, tests: Path, home: Path) -> None:
    (tests / "broken.yaml").write_text((home / "broken.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    ran = run("test", str(tests))
    assert ran.code == 1
    assert "error[wrong-type]: `dislocations` is a number, not `many`" in " ".join((ran.out + ran.err).split())
    assert "expect.1.lines.brace.verdict" in ran.out
    as_json = run("test", str(tests), "--format", "json")
    assert as_json.code == 1
    assert [d["code"] for d in as_json.json["diagnostics"]] == ["wrong-type"]
    assert as_json.json["cases"] == 3


def test_without_a_path_it_is_the_folder_cases(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tests.rename(tests.parent / "cases")
    monkeypatch.chdir(tests.parent)
    assert run("test").code == 5
    monkeypatch.chdir(tests.parent / "cases")
    ran = run("test")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no `cases` here\n  help: name the case files or folders to read" in ran.err


def test_a_path_that_is_not_there_or_holds_no_cases(run: Run, tmp_path: Path) -> None:
    missing, empty = run("test", "nowhere"), run("test", str(tmp_path))
    assert (missing.code, empty.code) == (2, 2)
    assert "there is no `nowhere` here\n  help: name the case files or folders to read" in missing.err
    assert f"`{tmp_path}` holds no case files (.yaml, .yml, .json)" in empty.err


NOTHING_SAID = """
expect:
  lines:
    brace: {level_of_care: not_said, days: not_said, population: not_said, cause: not_said,
            levels: {L1-L2: {verdict: not_said}}}
"""


def test_that_nothing_is_said_can_be_expected(run: Run, tests: Path, home: Path) -> None:
    first = (home / "denied.yaml").read_text(encoding="utf-8") + NOTHING_SAID
    for name, day in (("first", "2026-03-02"), ("second", "2027-03-02")):
        (tests / f"{name}.yaml").write_text(first.replace("2026-03-02", day), encoding="utf-8")
    assert run("test", str(tests / "second.yaml")).code == 0
    ran = run("test", str(tests / "first.yaml"), "--format", "json")
    found = {(f["path"].removeprefix("expect.lines.brace."), f["actual"]) for f in ran.json["failed"]}
    assert found == {("level_of_care", "met"), ("population", "met")}


def test_where_something_is_said_nothing_is_not_expected(run: Run, tests: Path, home: Path) -> None:
    file = tests / "referred.yaml"
    wrong = "expect: {lines: {brace: {cause: not_said, days: met}}}"
    file.write_text((home / "referred.yaml").read_text(encoding="utf-8") + wrong, encoding="utf-8")
    ran = run("test", str(file), "--format", "json")
    assert {(f["expected"], f["actual"]) for f in ran.json["failed"]} == {
        ("not_said", "unlisted_code"),
        ("met", "not there"),
    }
    file.write_text(file.read_text(encoding="utf-8").replace("days: met", "days: not said"), encoding="utf-8")
    error = " ".join(run("test", str(file)).err.split())
    assert "error[unknown-word]: `not said` is not one of the words wanted here" in error
    assert "help: did you mean `not_said`?" in error


def test_a_level_that_is_decided_is_not_unsaid(run: Run, tests: Path, home: Path) -> None:
    wrong = 'expect: {lines: {"1": {levels: {L1-L2: {verdict: not_said}, L9: {verdict: not_said}}}}}'
    file = tests / "partial.yaml"
    file.write_text((home / "partial.yaml").read_text(encoding="utf-8") + wrong, encoding="utf-8")
    ran = run("test", str(file), "--format", "json")
    assert [(f["path"], f["actual"]) for f in ran.json["failed"]] == [
        ("expect.lines.1.levels.L1-L2.verdict", "approved")
    ]
