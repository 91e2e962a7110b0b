"""Bars, lists of grounds and ranges of branches, where alternatives and keyed records have a say in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_checks_page import report

NECESSARY = 'criterion(necessary, "Necessary", "1").\n'
OWN_BAR = """
met(necessary) :- met(early).
met(necessary) :- met(late).
criterion(early, "Pain, not severe", "1.a").
met(early) :- met(pain), not met(severe).
criterion(pain, "Pain", "1.a.i").
met(pain) :- finding(patient, pain, yes).
criterion(severe, "Severe", "1.a.ii").
met(severe) :- finding(patient, score, S), S >= 5.
criterion(late, "Very severe", "1.b").
met(late) :- finding(patient, score, S), S >= 8.
"""
COUNTED = """
met(necessary) :- 2 { met(mild); met(late); met(pain) }.
criterion(mild, "Not severe", "1").
met(mild) :- not met(severe).
criterion(severe, "Severe", "1.a").
met(severe) :- finding(patient, score, S), S >= 5.
criterion(late, "Very severe", "1.b").
met(late) :- finding(patient, score, S), S >= 8.
criterion(pain, "Pain", "1.c").
met(pain) :- finding(patient, pain, yes).
"""


@pytest.mark.parametrize("rules", [OWN_BAR, COUNTED])
def test_what_one_alternative_asks_not_to_be_bars_no_other(rules: str, tmp_path: Path) -> None:
    codes = {f.code for f in report(NECESSARY + rules, tmp_path).findings}
    assert not codes & {"barred-branch", "always-barred", "bar-possible"}


def test_an_indication_that_is_barred_may_leave_others(tmp_path: Path) -> None:
    rules = """
    met(necessary) :- met(late).
    met(necessary) :- met(pain).
    criterion(late, "Very severe", "1.a").
    met(late) :- finding(patient, score, S), S >= 8.
    criterion(pain, "Pain", "1.b").
    met(pain) :- finding(patient, pain, yes).
    criterion(referral, "Severe", "2").
    met(referral) :- finding(patient, score, S), S >= 5.
    """
    (found,) = [f for f in report(NECESSARY + rules, tmp_path).findings if f.code == "always-barred"]
    assert found.message == "`late` is never met without a bar"
    assert found.help == "no case that meets it is approved"


STRENGTHS = """
met(necessary) :- met(pain), not met(denied).
criterion(pain, "Pain", "1").
met(pain) :- finding(patient, pain, yes).
criterion(denied, "Any of", "2").
met(denied) :- met(young).
met(denied) :- met(older).
criterion(young, "Young", "2.a").
met(young) :- finding(patient, age, A), A < 2.
criterion(older, "Older", "2.b").
met(older) :- finding(patient, age, A), A >= {denied}.
criterion(referral, "Refers", "3").
met(referral) :- finding(patient, age, A), A >= {referred}.
"""


@pytest.mark.parametrize(
    ("denied", "referred", "help"),
    [
        (50, 65, "`referral` refers what `older` alone denies; see whether that is meant"),
        (65, 50, "`older` has no effect beside `referral`"),
    ],
)
def test_a_stricter_ground_has_an_effect_if_it_alone_refers(
    denied: int, referred: int, help: str, tmp_path: Path
) -> None:
    rules = STRENGTHS.format(denied=denied, referred=referred)
    (found,) = [f for f in report(NECESSARY + rules, tmp_path).findings if f.code == "two-strengths"]
    assert found.help == help


def test_a_list_may_hold_what_is_not_to_fail(tmp_path: Path) -> None:
    rules = """
    met(necessary) :- met(pain), not met(denied), not met(also).
    criterion(pain, "Pain", "1").
    met(pain) :- finding(patient, pain, yes).
    criterion(denied, "Any of", "2").
    met(denied) :- met(pregnant).
    met(denied) :- not met(grown).
    criterion(pregnant, "Pregnant", "2.a").
    met(pregnant) :- finding(patient, pregnant, yes).
    criterion(grown, "Grown", "2.b").
    met(grown) :- finding(patient, age, A), A >= 18.
    criterion(also, "Pregnant, with fever", "3").
    met(also) :- finding(patient, pregnant, yes), finding(patient, fever, yes).
    """
    (found,) = [f for f in report(NECESSARY + rules, tmp_path).findings if f.code == "two-strengths"]
    assert found.message == "`pregnant` alone is a ground in `denied`, and `also` asks for more in `also`"


def test_a_branch_may_be_what_is_not(tmp_path: Path) -> None:
    rules = """
    met(necessary) :- not met(moderate).
    met(necessary) :- met(severe).
    criterion(moderate, "Moderate", "1.a").
    met(moderate) :- finding(patient, score, S), S > 3.
    criterion(severe, "Severe", "1.b").
    met(severe) :- finding(patient, score, S), S >= 6.
    """
    (found,) = [f for f in report(NECESSARY + rules, tmp_path).findings if f.code == "branch-gap"]
    assert found.message == "`score` of 4 to 5 lies between the branches of `necessary`, and none accepts it"
    (witness,) = found.witnesses
    assert witness.shows == "with `score` of 4 to 5 none of `not moderate` and `severe` holds"


KNEES = """% file: vocabulary/words.lp
record(patient, one).  record(request, one).
date(request, date_of_service).    text(date_of_service, "", "Date of service").
record(knee, keyed).               key(knee, (left; right)).
choice(request, side, (left; right)).   text(side, "", "Side").
number(knee, dislocations, 0, 9).  text(dislocations, "", "Dislocations").
flag(knee, infected).              text(infected, "", "Infected").
% file: policies/sample/2026-01-01.lp
policy(sample, "Sample").
version("1").  document("Example").  effective("2026-01-01").  covers("X1").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(either), not met(infected).
criterion(either, "Either", "1").
met(either) :- met(few).
met(either) :- met(many).
criterion(few, "Few", "1.a").
criterion(many, "Many", "1.b").
criterion(infected, "Infected", "2").
"""
SIDED = """
met(few) :- finding(request, side, S), finding(knee(S), dislocations, N), N <= 3.
met(many) :- finding(request, side, S), finding(knee(S), dislocations, N), N >= 5.
"""
APART = """
met(few) :- finding(knee(left), dislocations, N), N <= 3.
met(many) :- finding(knee(right), dislocations, N), N >= 5.
"""


@pytest.mark.parametrize(
    "bar", ["finding(knee(left), infected, yes)", "finding(request, side, left), finding(knee(K), infected, yes)"]
)
def test_what_only_says_which_record_is_meant_does_so_whatever_others_ask(bar: str, tmp_path: Path) -> None:
    found = [f for f in report(f"{KNEES}{SIDED}met(infected) :- {bar}.", tmp_path).findings if f.code == "branch-gap"]
    assert [f.message for f in found] == [
        "`dislocations` of 4 lies between the branches of `either`, and none accepts it"
    ]


def test_numbers_of_two_records_are_two(tmp_path: Path) -> None:
    text = f"{KNEES}{APART}met(infected) :- finding(knee(left), infected, yes)."
    assert "branch-gap" not in {f.code for f in report(text, tmp_path).findings}


CLASSES = """
met(necessary) :- met(weight), met(cough).
criterion(cough, "Cough", "2").
met(cough) :- finding(patient, cough, yes).
criterion(weight, "Any of", "1").
met(weight) :- met(third).
met(weight) :- met(second_with_pain).
met(weight) :- met(first_with_fever).
criterion(third, "Above", "1.a").
met(third) :- finding(patient, age, A), A {above}.
criterion(second_with_pain, "35 to below 40, with pain", "1.b").
met(second_with_pain) :- met(second), met(pain).
criterion(second, "35 to below 40", "1.b").
met(second) :- finding(patient, age, A), 35 <= A, A < 40.
criterion(pain, "Pain", "1.b").
met(pain) :- finding(patient, pain, yes).
criterion(first_with_fever, "30 to below 35, with fever", "1.c").
met(first_with_fever) :- finding(patient, age, A), 30 <= A, A < 35, finding(patient, fever, yes).
"""
NESTED = """
met(necessary) :- met(inner).
met(necessary) :- met(low).
criterion(low, "Low", "1.a").
met(low) :- finding(patient, score, S), S <= 4.
criterion(inner, "Either", "1.b").
met(inner) :- 1 {{ met(middle); met(high) }}.
criterion(middle, "Middle", "1.b.1").
met(middle) :- finding(patient, score, S), S {above}, S < 8.
criterion(high, "High", "1.b.2").
met(high) :- finding(patient, score, S), S >= 8.
"""


@pytest.mark.parametrize(
    ("rules", "wrong", "right", "found"),
    [
        (CLASSES, "> 40", ">= 40", ("weight", "third", "second_with_pain", "first_with_fever", "age", "40")),
        (NESTED, "> 5", ">= 5", ("necessary", "middle", "high", "low", "score", "5")),
    ],
)
def test_a_gap_of_branches_that_ask_for_more_or_are_branches_of_branches(
    rules: str, wrong: str, right: str, found: tuple[str, ...], tmp_path: Path
) -> None:
    gaps = {
        bound: [f for f in report(NECESSARY + rules.format(above=bound), tmp_path / name).findings if "-gap" in f.code]
        for name, bound in (("wrong", wrong), ("right", right))
    }
    assert [(f.code, f.subjects) for f in gaps[wrong]] == [("branch-gap", found)]
    assert gaps[right] == []
    (witness,) = gaps[wrong][0].witnesses
    assert witness.case["patient"] == {found[-2]: int(found[-1])}


@pytest.mark.parametrize(
    ("barred", "codes"),
    [("A >= 0", [("never-approves", "necessary")]), ("A >= 50", [("barred-branch", "either", "senior")])],
)
def test_what_is_barred_is_told_where_it_begins_and_not_of_all_below(
    barred: str, codes: list[tuple[str, ...]], tmp_path: Path
) -> None:
    rules = f"""
    met(necessary) :- met(either), not met(barred).
    criterion(either, "Either", "1").
    met(either) :- met(pain).
    met(either) :- met(senior).
    criterion(pain, "Pain", "1.a").
    met(pain) :- finding(patient, pain, yes).
    criterion(senior, "Senior", "1.b").
    met(senior) :- met(seventy).
    met(senior) :- met(sixty).
    criterion(seventy, "In the seventies", "1.b.1").
    met(seventy) :- finding(patient, age, A), 70 <= A < 80.
    criterion(sixty, "In the sixties", "1.b.2").
    met(sixty) :- finding(patient, age, A), 60 <= A < 70.
    criterion(barred, "Barred", "2").
    met(barred) :- finding(patient, age, A), {barred}.
    """
    found = report(NECESSARY + rules, tmp_path).findings
    assert [(f.code, *f.subjects) for f in found if f.severity == "error"] == codes
