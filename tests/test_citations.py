"""Which of two citations is the earlier place of a document."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.test_checks_page import report
from unmet.check.citations import compared, place_of

IN_ORDER = [
    ("1", "2", "2.a", "2.a.1", "2.b", "10"),
    ("Criteria 1", "Criteria 1.a", "Criteria 1.a.i", "Criteria 1.b", "Criteria 2"),
    ("1(a)", "1(b)", "1(c)", "1(c)(i)", "1(c)(ii)", "1(c)(iii)", "1(d)"),
    ("1.a)", "1.b)", "2.a)"),
    ("1a", "1b", "2a"),
    ("Criteria (b)", "Criteria (c)"),
    ("(a)(1)(iii)", "(a)(1)(iv)", "(a)(2)", "(b)(1)"),
    ("§3.2(b)(iii)", "§3.2(b)(iv)", "§3.10"),
    ("1.i", "1.iii", "1.iv", "1.viii", "1.ix", "1.x", "1.xiv", "1.xxxix"),
    ("1.g", "1.h", "1.i", "1.j"),
    ("General I", "General II", "General II.1", "General III.1", "General III.2", "General IV", "General V"),
    ("A.1", "A.2", "B.1"),
    ("IV.B.2.a", "IV.B.2.b", "V.A"),
    ("Page 4, item 3", "Page 4, item 10", "Page 10, item 2", "Page 10, item 3"),
    ("Item 3, bullet 3", "Item 3, bullet 4"),
    ("Section 3: item 2", "Section 3: item 4", "Section 4"),
    ("Second a", "Second b"),
    ("Summary row 8", "Summary row 9"),
    ("1. Pain", "2. Imaging", "(3) Age"),
    ("Type 2 diabetes 1", "Type 2 diabetes 2"),
    ("Criteria 1 to 3", "Criteria 4.a, 5", "Criteria 6-8", "Criteria 9 and 10"),
    ("1.a to c", "1.d", "1.e-g", "1.h.i to iii", "1.h.iv", "2"),
]
"""Places in the order of their document."""


@pytest.mark.parametrize("places", IN_ORDER)
def test_places_in_the_order_of_the_document(places: tuple[str, ...]) -> None:
    for one, other in pairwise(places):
        forward, backward = compared(place_of(one), place_of(other)), compared(place_of(other), place_of(one))
        assert forward is not None, (one, other)
        assert backward is not None, (one, other)
        assert forward < 0 < backward, (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Indications 2", "Exclusions 1"),
        ("General Guidelines 2", "General Guidelines, Exclusions 1"),
        ("2.a", "2.1"),
        ("2.B", "2.a"),
        ("1.h", "1.ii"),
        ("1.z", "1.aa"),
        ("1.a", "1.a, first sentence"),
        ("Type 2 diabetes 2", "Type 1 diabetes 1"),
        ("L5-S1 fusion 2", "L4-L5 fusion 1"),
        ("X-ray 2", "A-scan 1"),
        ("Hepatitis C", "Hepatitis B"),
        ("Version 2.1 criteria 2", "Version 1.0 criteria 1"),
        ("2024 Guideline 2", "2019 Guideline 1"),
        ("LCD 34555 2", "LCD 33394 1"),
        ("Vitamin D 2", "Vitamin B 1"),
        ("Crohn's 3", "Crohn 2"),
        ("Indications, third", "Indications, first"),
        ("Indications 1", "Indications, note 2"),
    ],
)
def test_places_of_which_neither_is_called_earlier(one: str, other: str) -> None:
    assert compared(place_of(one), place_of(other)) is None
    assert compared(place_of(other), place_of(one)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2 to 5", "2 to 4.a"),
        ("2 to 5", "4"),
        ("2 to 4", "4.a"),
        ("4.a, 5", "2 to 4.a"),
        ("1.a and 1.b", "1.a"),
        ("1.a-c", "1.b"),
        ("1 and 3", "2"),
        ("1 and 2 of the table", "3"),
    ],
)
def test_of_places_that_overlap_neither_is_earlier(one: str, other: str) -> None:
    assert compared(place_of(one), place_of(other)) is None
    assert compared(place_of(other), place_of(one)) is None


def test_one_place_in_two_spellings() -> None:
    assert compared(place_of("Item 1(a)"), place_of("item 1.a.")) == 0


RULES = """
criterion(necessary, "Necessary", "Criteria").
met(necessary) :- met(pain), met(fever), met(cough).
criterion(pain, "Pain", "{0}").
met(pain) :- finding(patient, pain, yes).
criterion(fever, "Fever", "{1}").
met(fever) :- finding(patient, fever, yes).
criterion(cough, "Cough", "{2}").
met(cough) :- finding(patient, cough, yes).
"""


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (("Criteria (b)", "Criteria (iii)", "Criteria (a)"), [("cough", "pain")]),
        (("Criteria 3", "Criteria 2", "Criteria 2.a"), [("fever", "pain")]),
        (("Criteria 2", "Exclusions 1", "Criteria 3"), []),
        (("Criteria 2.a", "Criteria", "Criteria 1"), [("cough", "pain")]),
    ],
)
def test_each_is_compared_with_the_last_one_that_it_can_be_compared_with(
    places: tuple[str, ...], found: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    told = report(RULES.format(*places), tmp_path_factory.mktemp("kb")).findings
    assert [f.subjects for f in told if f.code == "citation-order"] == found
