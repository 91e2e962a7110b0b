"""What makes it so that no case is approved, is denied or meets a criterion is named, and cited."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_checks_page import report
from unmet.findings import Finding

CONDITIONS = {
    "pain": "finding(patient, pain, yes)",
    "fever": "finding(patient, fever, yes)",
    "pregnant": "finding(patient, pregnant, yes)",
    "low": "finding(patient, score, S), S < 5",
    "high": "finding(patient, score, S), S >= 5",
    "some": "finding(patient, score, S), S >= 0",
    "none": "finding(patient, score, S), S > 7, S < 3",
}


def found(groups: dict[str, str], home: Path) -> dict[str, Finding]:
    """By code, what is found of some groups over these conditions."""
    rules = [f'criterion({name}, "{name}", "1").\nmet({name}) :- {body}.' for name, body in groups.items()]
    read = " ".join(groups.values())
    rules += [f'criterion({n}, "{n}", "1").\nmet({n}) :- {body}.' for n, body in CONDITIONS.items() if f"({n})" in read]
    return {f.code: f for f in report("\n".join(rules), home).findings}


@pytest.mark.parametrize(
    ("groups", "code", "cited", "help"),
    [
        (
            {"necessary": "met(pain), met(low), met(fever), met(high)"},
            "never-approves",
            ["necessary", "low", "high"],
            "`low` and `high` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": "met(pain), met(all), met(high)", "all": "met(fever), met(low)"},
            "never-approves",
            ["necessary", "low", "high"],
            "`low` and `high` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": "met(pain), not met(low), not met(high)"},
            "never-approves",
            ["necessary", "low", "high"],
            "`not low` and `not high` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": "met(low)", "referral": "not met(high)"},
            "never-approves",
            ["necessary", "low", "high"],
            "`low` and `high` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": "met(pain), met(none)"},
            "never-approves",
            ["necessary", "none"],
            "no case meets `none`; correct that, unless it is meant",
        ),
        (
            {"necessary": CONDITIONS["none"]},
            "never-approves",
            ["necessary"],
            "no case meets `necessary`; correct that, unless it is meant",
        ),
        (
            {
                "necessary": "met(either), met(pain)",
                "either": "met(low).\nmet(either) :- met(high)",
                "referral": "not met(pain)",
            },
            "never-denies",
            ["necessary", "pain"],
            "`not necessary` and `pain` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": "met(low).\nmet(necessary) :- met(high)"},
            "never-denies",
            ["necessary", "low", "high"],
            "`not low` and `not high` cannot hold together; correct one of them, unless it is meant",
        ),
        (
            {"necessary": CONDITIONS["some"]},
            "never-denies",
            ["necessary"],
            "every case meets `necessary`; correct that, unless it is meant",
        ),
        (
            {
                "necessary": "met(pain).\nmet(necessary) :- met(all)",
                "all": "met(fever), met(low), met(pregnant), met(high)",
            },
            "never-met",
            ["all", "low", "high"],
            "`low` and `high` cannot hold together; correct one of them, or what the vocabulary excludes",
        ),
    ],
)
def test_what_cannot_hold_together(
    groups: dict[str, str], code: str, cited: list[str], help: str, tmp_path: Path
) -> None:
    told = found(groups, tmp_path)
    assert [c.criterion for c in told[code].criteria] == cited
    assert told[code].help == help
    assert told[code].subjects == (cited[0],)
    assert not [f for f in told.values() if f.code in ("never-met", "always-met") and f.subjects == ("necessary",)]


@pytest.mark.parametrize(
    ("groups", "pends"),
    [
        ({"necessary": "met(pain), met(low), met(high)"}, True),
        ({"necessary": CONDITIONS["some"]}, True),
        ({"necessary": "documented(patient, pain, _)"}, False),
        ({"necessary": "met(none)", "referral": "documented(patient, pain, _)"}, False),
        ({"necessary": "met(none)", "referral": "met(pain)"}, True),
    ],
)
def test_that_no_case_is_pended_is_said_where_there_are_two_outcomes(
    groups: dict[str, str], pends: bool, tmp_path: Path
) -> None:
    assert ("never-pends" not in found(groups, tmp_path)) is pends


def test_a_vocabulary_that_excludes_every_case(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    excluded = "\n".join(f'impossible("{v}") :- finding(patient, pain, {v}).' for v in ("yes", "no"))
    (tmp_path / "vocabulary" / "more.lp").write_text(excluded, encoding="utf-8")
    told = found({"necessary": "met(pain)"}, tmp_path)
    assert told["never-approves"].help == "the vocabulary excludes every case; correct that, unless it is meant"


def test_a_count_of_records_may_ask_for_more_than_there_are(tmp_path: Path) -> None:
    rules = """
    criterion(necessary, "Necessary", "1").
    met(necessary) :- met(three).
    criterion(three, "Three narrow levels, of two", "1").
    met(three) :- 3 { met(narrow(L)) }.
    part(narrow(L), "The level is narrow") :- level(L).
    met(narrow(L)) :- finding(L, stenosis, yes).
    """
    (never,) = [f for f in report(rules, tmp_path).findings if f.code == "never-met"]
    assert never.help == (
        "its conditions exclude one another, it counts more records than there are, or the vocabulary excludes them"
    )
