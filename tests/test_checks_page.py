"""Every check has a section in docs/checks.md, and is found in its example and not in what stands instead."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.removals import groups, needless, says_nothing
from unmet import loading
from unmet.check import check
from unmet.findings import CHECKS, CheckReport
from unmet.render import checked, json
from unmet.suite import mismatches

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
HEADER = """policy(sample, "Sample").
version("1").  document("Example").  effective("2026-01-01").  covers("X1").
"""


@cache
def sections() -> dict[str, tuple[str, str]]:
    """The example and what stands instead, by code."""
    text = PAGE.read_text(encoding="utf-8").partition("## The codes")[2]
    found: dict[str, tuple[str, str]] = {}
    for code, body in re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", text, re.M | re.S):
        example, instead = re.findall(r"```prolog\n(.*?)```", body, re.S)
        assert "**What.**" in body, code
        assert "**Why.**" in body, code
        found[code] = example, instead
    return found


def vocabulary() -> str:
    found = re.search(r"<!-- vocabulary -->\n```prolog\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found
    return found[1]


def report(text: str, home: Path) -> CheckReport:
    """The knowledge base of an example: one policy under the usual header, or the files that it names."""
    files = {"vocabulary/words.lp": vocabulary()}
    if "% file: " in text:
        for part in text.split("% file: ")[1:]:
            name, _, body = part.partition("\n")
            files[name] = body
    else:
        files["policies/sample/2026-01-01.lp"] = HEADER + text
    for name, body in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(body, encoding="utf-8")
    return check(loading.load(home), day="2026-06-01")


WORSE = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(moderate).
criterion(moderate, "Moderate", "1").
met(moderate) :- finding(patient, score, S), S >= 3, S < 8.
criterion(referral, "Very severe", "2").
met(referral) :- finding(patient, score, S), S >= 8.
"""
SILENT = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pain).
criterion(pain, "Pain", "1").
met(pain) :- finding(patient, pain, yes).
criterion(referral, "A cough is on record", "2").
met(referral) :- documented(patient, cough, _).
"""
OPTIONS = """
reading(bound, low, "The least is meant").
reading(bound, high, "The most is meant").
default(bound, low).
criterion(necessary, "Necessary", "1").
met(necessary) :- met(enough).
criterion(enough, "Enough", "1").
met(enough) :- finding(patient, score, S), S >= 5, chosen(bound, low).
met(enough) :- finding(patient, score, S), S >= 3, chosen(bound, high).
criterion(referral, "Milder pain", "2").
met(referral) :- finding(patient, score, S), S < 5, chosen(bound, low).
"""


@pytest.mark.parametrize(
    ("rules", "code"), [(WORSE, "worse-loses"), (SILENT, "documenting-loses"), (OPTIONS, "reading-looser")]
)
def test_what_is_not_approved_is_expected_as_it_is(rules: str, code: str, tmp_path: Path) -> None:
    """A policy that refers: the case that is not approved says that it is referred, and no statement is needless."""
    found = report(rules, tmp_path)
    kb = loading.load(tmp_path)
    (told,) = [f for f in found.findings if f.code == code]
    other = told.witnesses[-1].case["expect"]
    line = (other[0] if isinstance(other, list) else other)["lines"]["asked"]
    assert line == {"criteria": {"referral": "met"}}
    for group in groups([told]):
        assert needless(kb, group) == []
        for witness in group[0]:
            assert not list(mismatches(kb, kb.case(dict(witness.case))))


UNDOCUMENTED = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(cough), not met(unnoticed).
criterion(cough, "Cough", "1").
met(cough) :- finding(patient, cough, yes).
criterion(unnoticed, "Fever that nobody wrote down", "2").
met(unnoticed) :- finding(patient, fever, yes), not documented(patient, fever, yes).
"""


def test_what_no_case_shows_by_itself_is_said(tmp_path: Path) -> None:
    found = report(UNDOCUMENTED, tmp_path)
    (bar,) = [f for f in found.findings if f.code == "bar-possible"]
    assert bar.witnesses == ()
    assert bar.unshown == ("`cough` and `unnoticed` hold together",)
    lines = list(checked.report(found).lines(None))
    assert "  no case shows by itself: `cough` and `unnoticed` hold together" in lines
    (form,) = [f for f in json.check_report(found)["findings"] if f["code"] == "bar-possible"]
    assert form["unshown"] == list(bar.unshown)
    assert form["witness"] == []


def subjects(found: CheckReport, code: str) -> set[tuple[str, ...]]:
    return {f.subjects for f in (*found.findings, *found.acknowledged) if f.code == code}


def test_every_check_has_a_section() -> None:
    assert list(sections()) == list(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_the_example_is_found_and_what_stands_instead_is_not(code: str, tmp_path: Path) -> None:
    example, instead = (report(text, tmp_path / name) for text, name in zip(sections()[code], "ab", strict=True))
    found, left = subjects(example, code), subjects(instead, code)
    assert found - left
    for witness in (*example.witnesses, *instead.witnesses):
        assert not says_nothing(witness)
    if code != "unread-attribute":  # the examples read few words of the vocabulary
        assert not left
