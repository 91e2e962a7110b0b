"""Criteria that another option of a reading brings into use: what is found of them, and of what stands next to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_check import sample, told_elsewhere
from unmet.suite import mismatches

WIDE = """
reading(scope, narrow, "It is meant so").  reading(scope, wide, "Or so").  default(scope, narrow).
reading(sort, one, "It is meant so").  reading(sort, two, "Or so").  default(sort, one).
criterion(necessary, "Necessary", "1").
met(necessary) :- met(narrow), chosen(scope, narrow).
met(necessary) :- met(early), not met(late), chosen(scope, wide), chosen(sort, one).
met(necessary) :- met(early), not met(late), not met(twice), chosen(scope, wide), chosen(sort, two).
criterion(narrow, "Narrow", "1").
met(narrow) :- met(pain).
criterion(pain, "Pain", "1").
met(pain) :- finding(patient, pain, yes).
criterion(twice, "Collapse", "1").
met(twice) :- finding(patient, collapse, yes).
criterion(early, "Early", "1").
met(early) :- finding(patient, score, S), S < 5.
criterion(late, "Late", "1").
complementary(early, late).
"""
"""`early` and `late` are in use under another option, `twice` under two of them together; `late` has no rule yet."""
LOW = """
criterion(low, "Low", "1").
met(low) :- finding(patient, score, S), S < 7.
"""


def test_what_another_option_brings_into_use_is_checked_under_it(tmp_path: Path) -> None:
    """Two knowledge bases, of which one has a gap between criteria that the default does not read."""
    found = {}
    for least, name in ((6, "gap"), (5, "whole")):
        report, kb = sample(tmp_path / name, WIDE + f"met(late) :- finding(patient, score, S), S >= {least}.\n")
        found[name] = [f for f in report.findings if f.readings]
        (checked,) = report.checked
        assert [(dict(e.readings), e.criteria) for e in checked.elsewhere] == [({"scope": "wide"}, ("early", "late"))]
        assert checked.unchecked == ("twice",)
        for witness in report.witnesses:
            assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []
    (gap,) = [f for f in found["gap"] if f.code == "gap"]
    assert gap.readings == {"scope": "wide"}
    assert gap.message.startswith("under `wide` of `scope`, a case can meet none of `early` and `late`")
    (witness,) = gap.witnesses
    assert witness.name == "sample-gap-early-late-scope-wide"
    assert witness.case["expect"]["readings"]["sample.scope"] == "wide"
    assert witness.case["patient"] == {"score": 5}
    assert "gap" not in {f.code for f in found["whole"]}


def test_what_is_so_of_the_default_is_not_told_again(tmp_path: Path) -> None:
    """A number whose worse values lose is read by the default too, so that the other option adds nothing."""
    rules = WIDE.replace("met(narrow) :- met(pain).", "met(narrow) :- met(pain), met(low).") + LOW
    report, _ = sample(tmp_path, rules + "met(late) :- finding(patient, score, S), S >= 5.\n")
    assert [dict(f.readings) for f in report.findings if f.code == "worse-loses"] == [{}]


NEXT_TO = """
reading(scope, narrow, "It is meant so").  reading(scope, wide, "Or so").  default(scope, narrow).
criterion(necessary, "Necessary", "1").
criterion(pain, "Pain", "1").
met(pain) :- finding(patient, pain, yes).
criterion(either, "Either", "1").
met(either) :- met(pain).
"""
READER = """
met(necessary) :- met(either).
met(either) :- met(high), chosen(scope, wide).
criterion(high, "High", "1").
met(high) :- finding(patient, score, S), S > 5.
"""
MEMBER = """
met(necessary) :- met(pain), chosen(scope, narrow).
met(necessary) :- met(either), chosen(scope, wide).
met(either) :- met(high).
criterion(high, "High", "1").
met(high) :- finding(patient, score, S), S > 5.
"""
HELPED = """
met(necessary) :- met(weak), chosen(scope, narrow).
met(necessary) :- met(weak), met(either), chosen(scope, wide).
criterion(weak, "Weak", "1").
met(weak) :- poor(P).
criterion(hopeless, "Hopeless", "1").
met(hopeless) :- poor(P), finding(P, score, S), S < 3, S > 5.
met(either) :- met(hopeless).
poor(P) :- patient(P), finding(P, pain, yes).
poor(P) :- patient(P), finding(P, collapse, yes).
"""


@pytest.mark.parametrize(
    ("rules", "brought", "idle"),
    [
        (READER, ("high",), []),
        (MEMBER, ("high", "either"), []),
        (HELPED, ("either", "hopeless", "pain"), ["idle-rule"]),
    ],
    ids=["reader", "member", "helped"],
)
def test_it_counts_what_criteria_next_to_them_do(
    tmp_path: Path, rules: str, brought: tuple[str, ...], idle: list[str]
) -> None:
    """A group that they are read by, a member that they read, a leaf that reads their helper: in use by default.

    A branch of an ANY is met alone, so that nothing is found of it. Of the poor, those who have no pain are not
    approved: no outcome hangs on the rule for them, which the leaf `weak` that decides reads, too.
    """
    report, _ = sample(tmp_path, NEXT_TO + rules)
    (checked,) = report.checked
    (change,) = checked.elsewhere
    assert set(change.criteria) == set(brought)
    found = sorted(code for *_, (code, _) in told_elsewhere(report))
    assert [code for code in found if code in ("idle-rule", "never-alone")] == idle
