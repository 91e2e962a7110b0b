"""An acknowledgement speaks of one finding, wherever it stands, and is stale only where a check would have found it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unmet import UnmetError, loading
from unmet.check import check
from unmet.findings import CheckReport

WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).   text(date_of_service, "", "Date of service").
number(patient, age, 0, 120).     text(age, "years", "Age").
choice(patient, kind, (a; b)).    text(kind, "", "Kind").
flag(patient, pregnant).          text(pregnant, "", "Pregnant").
flag(patient, infected).          text(infected, "", "Infected").
record(shot, listed).
flag(shot, guided).               text(guided, "", "Guided").
"""
HEAD = """policy({0}, "A policy").
version("1").  document("Example").  effective("2026-01-01").  review_due("2026-04-01").  covers("A1").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(grown), not met(pregnant), not met(infected).
criterion(pregnant, "Pregnant", "3").
met(pregnant) :- finding(patient, pregnant, yes).
criterion(infected, "Infected", "4").
met(infected) :- finding(patient, infected, yes).
criterion(grown, "Grown", "5").
"""
ONE = "met(grown) :- finding(patient, age, Years), Years >= {}, Years >= 3.\n"
TWICE = "met(grown) :- finding(patient, age, Years), Years >= {}, finding(patient, kind, _).\n"


def report(home: Path, known: str = "", rule: str = ONE, coding: str = "", **options: Any) -> CheckReport:
    files = {"vocabulary/words.lp": WORDS, "coding.lp": coding}
    for name, least in (("one", 18), ("two", 21)):
        files[f"policies/{name}/2026-01-01.lp"] = HEAD.format(name) + rule.format(least)
    files["policies/one/2026-01-01.lp"] += known
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return check(loading.load(home), **{"day": "2026-06-01", **options})


def stale(found: CheckReport) -> list[tuple[str, str | None]]:
    return [(f.message, f.help) for f in found.findings if f.code == "stale-acknowledgement"]


def known(found: CheckReport) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.code, f.subjects) for f in found.acknowledged]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('acknowledged("different-thresholds", age, "Meant").', "different-thresholds"),
        ('acknowledged("two-policies", two, "Meant").', "two-policies"),
        ('acknowledged("two-policies", (one, two, "A1"), "Meant").', "two-policies"),
        ('acknowledged("unread-attribute", guided, "Meant").', "unread-attribute"),
    ],
)
def test_what_concerns_several_policies_is_acknowledged_in_either_file(
    tmp_path: Path, statement: str, code: str
) -> None:
    for place in ("known", "coding"):
        home = tmp_path / place
        found = report(home, **{place: statement})
        assert [c for c, _ in known(found)] == [code], place
        assert stale(found) == []
        partly = report(home, **{place: statement}, names=["one"])
        assert stale(partly) == []


def test_an_acknowledgement_speaks_of_the_finding_that_it_names(tmp_path: Path) -> None:
    short = 'acknowledged("idle-condition", grown, "A least age that says nothing").'
    assert known(report(tmp_path, short)) == [("idle-condition", ("grown", "Years >= 3"))]
    full = 'acknowledged("idle-condition", (grown, "Years>=3"), "A least age that says nothing").'
    assert known(report(tmp_path, full)) == [("idle-condition", ("grown", "Years >= 3"))]
    other = report(tmp_path, full, TWICE)
    assert known(other) == []
    assert [m for m, _ in stale(other)] == ["`idle-condition` of `grown`, `Years>=3` is acknowledged and is not found"]


def test_an_acknowledgement_of_several_findings_is_of_none(tmp_path: Path) -> None:
    found = report(tmp_path, 'acknowledged("bar-possible", grown, "Meant").')
    assert known(found) == []
    assert stale(found) == [
        (
            "`bar-possible` of `grown` is acknowledged, and 2 findings are that",
            'name the one: `acknowledged("bar-possible", (grown, pregnant), ...)`',
        )
    ]
    both = "".join(f'acknowledged("bar-possible", (grown, {bar}), "Meant").' for bar in ("pregnant", "infected"))
    found = report(tmp_path, both)
    assert {s for _, s in known(found)} == {("grown", "pregnant"), ("grown", "infected")}
    assert stale(found) == []


@pytest.mark.parametrize(
    ("statement", "options"),
    [
        ('acknowledged("review-overdue", one, "It comes late").', {"day": "2026-02-01"}),
        ('acknowledged("review-overdue", (one, "2026-04-01"), "It comes late").', {"day": "2026-02-01"}),
        ('acknowledged("small-approval", necessary, "It asks for little").', {"few": 0}),
        ('acknowledged("different-thresholds", age, "Meant").', {"names": ["one"]}),
    ],
)
def test_an_option_makes_no_acknowledgement_stale(tmp_path: Path, statement: str, options: dict[str, Any]) -> None:
    small = "met(grown) :- finding(patient, age, Years), Years >= {}.\n"
    usual = report(tmp_path, statement, small, few=3 if "few" in options else 2)
    assert len(known(usual)) == 1
    under = report(tmp_path, statement, small, **options)
    assert known(under) == []
    assert stale(under) == []


def test_records_and_readings_make_no_acknowledgement_stale(tmp_path: Path) -> None:
    rule = "met(grown) :- 2 {{ met(seen(S)) }}, finding(patient, age, Years), Years >= {}.\n"
    rule += 'part(seen(S), "Seen") :- shot(S).\nmet(seen(S)) :- finding(S, guided, yes).\n'
    statement = 'acknowledged("never-met", grown, "Known").'
    assert known(report(tmp_path, statement, rule, records=1)) == [("never-met", ("grown",))]
    assert len(stale(report(tmp_path, statement, rule))) == 1
    assert stale(report(tmp_path, statement, rule, records=2)) == []
    assert len(stale(report(tmp_path, statement, ONE, records=2))) == 1  # which has no listed records
    reading = 'reading(how, low, "Low").  reading(how, high, "High").  default(how, low).\n'
    reading += "met(grown) :- finding(patient, age, Years), Years >= {}, chosen(how, low).\n"
    reading += "met(grown) :- finding(patient, age, Years), Years >= 65, chosen(how, high).\n"
    assert len(stale(report(tmp_path, statement, reading))) == 1
    assert stale(report(tmp_path, statement, reading, chosen={"one.how": "high"})) == []


@pytest.mark.parametrize("later", ["2026-05-01", "2027-04-01"])
def test_another_date_of_review_is_another_finding(tmp_path: Path, later: str) -> None:
    found = report(tmp_path, f'acknowledged("review-overdue", (one, "{later}"), "It comes late").')
    assert known(found) == []
    assert len(stale(found)) == 1


def test_a_misspelt_acknowledgement_is_told_what_was_meant(tmp_path: Path) -> None:
    assert stale(report(tmp_path, 'acknowledged("gap", grwn, "Known").')) == [
        ("`gap` of `grwn` is acknowledged and is not found", "did you mean `grown`?")
    ]
    assert stale(report(tmp_path, coding='acknowledged("gap", grown, "Known").')) == [
        (
            "`gap` of `grown` is acknowledged and is not found",
            "it concerns one policy alone: acknowledge it in that policy's file",
        )
    ]
    with pytest.raises(UnmetError, match="did you mean `idle-condition`"):
        report(tmp_path, 'acknowledged("idle-conditon", grown, "Known").')
