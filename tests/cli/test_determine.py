"""`determine`: text, JSON, exit codes, silence, readings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.small import Ran, Run, text
from tests.shipped import CASES

# --- determine -------------------------------------------------------------------------------------------------------


def test_determine_as_text(run: Run) -> None:
    assert run("determine", "approved.yaml") == Ran(
        0,
        text("""
        approved.yaml: APPROVED

        line brace, code L1832: approved
          Knee brace (knee_brace, version 1, in force since 2026-01-01)
          met     level of care: outpatient requested, outpatient allowed
          met     population: the policy speaks of adult and pediatric patients
          met     A brace is necessary [Criteria] (all of)
          ├── met     Dislocated again [Criteria 1]
          │   └── knee(left) dislocations = 3 (Letter, 2026-02-01: "the third time")
          └── unmet   must not hold: Infected [Exclusions 1]
              └── knee(left) infection = no, presumed
          presumed: knee(left) infection = no
          readings: often=two_or_more
        """),
        "",
    )


def test_determine_level_by_level_as_text(run: Run) -> None:
    assert run("determine", "partial.yaml") == Ran(
        3,
        text("""
        partial.yaml: PARTIAL

        line 1, code L0650: partial
          Orthosis of the spine (orthosis, version 1, in force since 2026-01-01)
          L1-L2: approved
            met     An orthosis is necessary [Criteria]
            └── level("L1-L2") unstable = yes
          L2-L3: denied
            unmet   An orthosis is necessary [Criteria]
            └── level("L2-L3") unstable = no
        """),
        "",
    )


def test_determine_as_json(run: Run) -> None:
    ran = run("determine", "approved.yaml", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["request"] == {"case": "approved.yaml", "outcome": "approved", "silence": "open"}
    (line,) = ran.json["lines"]
    assert {k: line[k] for k in ("line", "code", "policy", "version", "verdict", "levels", "cause", "warnings")} == {
        "line": "brace",
        "code": "L1832",
        "policy": "knee_brace",
        "version": "1",
        "verdict": "approved",
        "levels": [],
        "cause": None,
        "warnings": [],
    }
    care = line["level_of_care"]
    assert (care["requested"], care["allowed"], care["status"]) == ("outpatient", ["outpatient"], "met")
    assert line["readings"] == {"often": "two_or_more"}
    assert [p["attribute"] for p in line["presumed"]] == ["infection"]
    dislocated = line["criteria"][1]
    assert {k: dislocated[k] for k in ("criterion", "text", "citation", "status", "kind", "parent")} == {
        "criterion": "dislocated",
        "text": "Dislocated again",
        "citation": "Criteria 1",
        "status": "met",
        "kind": "leaf",
        "parent": "necessary",
    }
    evidence = dislocated["evidence"][0]
    assert {k: evidence[k] for k in ("entity", "attribute", "value", "origin", "source", "date", "quote")} == {
        "entity": "knee(left)",
        "attribute": "dislocations",
        "value": "3",
        "origin": "stated",
        "source": "Letter",
        "date": "2026-02-01",
        "quote": "the third time",
    }


def test_determine_a_stay_as_json(run: Run) -> None:
    path = CASES / "requests" / "pended_two_stage_spine_surgery.yaml"
    found = run("determine", str(path), "--format", "json", small=False)
    assert found.code == 4
    lines = {li["line"]: li for li in found.json["lines"]}
    assert lines["stay_2"]["level_of_care"]["days"] == {"requested": None, "allowed": "2 to 3", "status": "unknown"}
    assert [level["level"] for level in lines["stage_1_fusion"]["levels"]] == ["L2-L3", "L3-L4"]
    assert lines["stage_1_fusion"]["criteria"] == []
    assert lines["stay_1"]["cause"]["code"] == "served"


OUTCOMES = {"approved": 0, "denied": 3, "partial": 3, "pended": 4, "referred": 4, "broken": 1}


@pytest.mark.parametrize(("case", "code"), OUTCOMES.items())
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code_is_the_outcome(run: Run, case: str, code: int, form: str) -> None:
    assert run("determine", f"{case}.yaml", "--format", form).code == code


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("approved approved", 0),
        ("approved denied", 3),
        ("denied approved", 3),
        ("pended denied approved", 4),
        ("denied referred", 4),
        ("referred broken approved", 1),
        ("broken broken", 1),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code_of_several_cases_is_the_highest(run: Run, cases: str, code: int, form: str) -> None:
    assert run("determine", *(f"{c}.yaml" for c in cases.split()), "--format", form).code == code


def test_a_case_that_does_not_load_does_not_stop_the_others(run: Run) -> None:
    ran = run("determine", "approved.yaml", "broken.yaml", "denied.yaml")
    assert [line for line in ran.out.splitlines() if line.endswith(("APPROVED", "DENIED"))] == [
        "approved.yaml: APPROVED",
        "denied.yaml: DENIED",
    ]
    assert ran.err == text("""
        broken.yaml:7:24: error[wrong-type]: `dislocations` is a number, not `many` (at `knee.left.dislocations`)
          help: write a number, a range such as `80..90`, a list, or `unclear`
        """)


def test_several_cases_as_json_are_a_list_with_the_problems_of_those_that_do_not_load(run: Run) -> None:
    ran = run("determine", "approved.yaml", "broken.yaml", "--format", "json")
    assert ran.err == ""
    good, bad = ran.json
    assert good["request"]["outcome"] == "approved"
    assert bad == {
        "case": "broken.yaml",
        "diagnostics": [
            {
                "code": "wrong-type",
                "message": "`dislocations` is a number, not `many`",
                "location": {"file": "broken.yaml", "line": 7, "column": 24},
                "path": "knee.left.dislocations",
                "help": "write a number, a range such as `80..90`, a list, or `unclear`",
                "severity": "error",
            }
        ],
    }


def test_one_case_as_json_is_no_list(run: Run) -> None:
    assert isinstance(run("determine", "approved.yaml", "--format", "json").json, dict)
    assert run("determine", "broken.yaml", "--format", "json").json["case"] == "broken.yaml"


@pytest.mark.parametrize("path", [CASES / "nowhere.yaml", CASES], ids=["missing", "folder"])
def test_a_case_that_cannot_be_read(run: Run, path: Path) -> None:
    ran = run("determine", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert "error[unreadable-case]: the case cannot be read: " in ran.err


# --- silence ---------------------------------------------------------------------------------------------------------


def test_silence_closed_denies_what_silence_leaves_open(run: Run) -> None:
    path = str(CASES / "hip_core_decompression" / "pended_report_not_mentioned.yaml")
    opened = run("determine", path, small=False)
    closed = run("determine", path, "--silence", "closed", small=False)
    assert (opened.code, closed.code) == (4, 3)
    assert closed.out.startswith(f"{path}: DENIED with silence closed\n")
    assert "unmet   A radiologist's report of the advanced imaging [Indications 2] not established\n" in closed.out
    assert re.search(r"failed for want of: .*hip\(left\) radiology_report\n", closed.out)
    as_json = run("determine", path, "--silence", "closed", "--format", "json", small=False).json
    assert as_json["request"]["silence"] == "closed"
    assert {c["criterion"] for c in as_json["lines"][0]["criteria"] if c["undocumented"]} >= {"reported"}


@pytest.mark.parametrize("value", ["shut", "Closed", ""])
def test_silence_is_open_or_closed(run: Run, value: str) -> None:
    assert run("determine", "approved.yaml", "--silence", value).code == 2


# --- readings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ((), 0),
        (("often=two_or_more",), 0),
        (("often=exactly_two",), 3),
        (("knee_brace.often=exactly_two",), 3),
        (("often=two_or_more", "knee_brace.often=exactly_two"), 3),  # the policy's own name goes before
        (("often=exactly_two", "often=exactly_two"), 3),
    ],
)
def test_a_reading_is_chosen(run: Run, readings: tuple[str, ...], code: int) -> None:
    options = [argument for reading in readings for argument in ("--reading", reading)]
    ran = run("determine", "approved.yaml", *options)
    assert ran.code == code
    assert f"readings: often={'two_or_more' if code == 0 else 'exactly_two'}\n" in ran.out


@pytest.mark.parametrize(
    ("readings", "complaint"),
    [
        (("oftne=exactly_two",), "there is no reading `oftne`\n  help: did you mean `often`?"),
        (("often=exactly_too",), "`exactly_too` is not an option of `often`\n  help: did you mean `exactly_two`?"),
        (("orthosis.often=exactly_two",), "there is no reading `orthosis.often`"),
        (("often",), "`often` is not NAME=OPTION"),
        (("often=",), "`often=` is not NAME=OPTION"),
        (("=exactly_two",), "`=exactly_two` is not NAME=OPTION"),
        (("often=exactly_two", "often=two_or_more"), "`often` is chosen twice"),
    ],
)
@pytest.mark.parametrize("asked", ["determine approved.yaml", "facts approved.yaml", "show knee_brace"])
def test_a_reading_that_cannot_be_chosen(run: Run, asked: str, readings: tuple[str, ...], complaint: str) -> None:
    ran = run(*asked.split(), *(argument for reading in readings for argument in ("--reading", reading)))
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err
