"""Criteria that other options of readings bring into use: what is found of them, and of what stands next to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import check_oracle, oracle
from tests.check_oracle import Checked, Declared
from tests.model import Attribute, Case, Finding, Kind, KnowledgeBase, Predicate, Rule, Test
from tests.strategies import PATIENT, Scenario, group_rules
from tests.test_agreement import fewer
from tests.test_check import Example, hold, load_sample, sample, told_elsewhere, worlds_of
from unmet.check import counting
from unmet.check.elsewhere import brought
from unmet.check.study import Study
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
        assert dict(checked.elsewhere[0].readings) == {"scope": "wide"}
        assert checked.elsewhere[0].criteria == ("early", "late")
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


@pytest.mark.parametrize(("reads", "possible"), [("collapse, yes", True), ("score, S), S > (6", False)])
def test_what_two_options_together_bring_into_use_is_checked_under_both(
    tmp_path: Path, reads: str, possible: bool
) -> None:
    """Two knowledge bases, of which in one an indication and a bar can hold together under two other options."""
    rules = WIDE.replace("collapse, yes", reads) + "met(late) :- finding(patient, score, S), S >= 5.\n"
    report, kb = sample(tmp_path, rules)
    (checked,) = report.checked
    both = {"scope": "wide", "sort": "two"}
    used = [({"scope": "wide"}, ("early", "late")), (both, ("twice",))]
    assert [(dict(e.readings), e.criteria) for e in checked.elsewhere] == used
    found = [f for f in report.findings if f.readings == both and f.code == "bar-possible"]
    messages = ["under `wide` of `scope` and `two` of `sort`, `early` and `twice` hold together"]
    assert [f.message for f in found] == (messages if possible else [])
    for finding in found:
        (witness,) = finding.witnesses
        assert witness.name == "sample-bar-possible-early-twice-scope-wide-sort-two"
        assert witness.case["expect"]["readings"] == {"sample.scope": "wide", "sample.sort": "two"}
        assert witness.case["patient"] == {"collapse": "yes", "score": 0}
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []


UNUSED = """
reading(scope, narrow, "It is meant so").  reading(scope, wide, "Or so").  default(scope, narrow).
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pain), chosen(scope, SECOND).
met(necessary) :- met(either), chosen(scope, FIRST).
criterion(pain, "Pain", "1").
met(pain) :- finding(patient, pain, yes).
criterion(either, "Either", "1").
met(either) :- met(pain), chosen(scope, FIRST).
met(either) :- met(lost), chosen(scope, SECOND).
criterion(lost, "Lost", "1").
met(lost) :- finding(patient, collapse, yes).
"""


@pytest.mark.parametrize(("first", "second", "used"), [("narrow", "wide", []), ("wide", "narrow", ["either"])])
def test_what_no_choice_of_options_uses_is_named_as_not_checked(
    tmp_path: Path, first: str, second: str, used: list[str]
) -> None:
    """What a group reads under one option, which is in use under another one of the same reading."""
    report, _ = sample(tmp_path, UNUSED.replace("FIRST", first).replace("SECOND", second))
    (checked,) = report.checked
    assert [name for e in checked.elsewhere for name in e.criteria] == used
    assert checked.unchecked == ("lost",)


def test_a_root_that_has_rules_under_other_options_alone_is_in_use_under_them(tmp_path: Path) -> None:
    rules = """
        reading(scope, narrow, "It is meant so").  reading(scope, wide, "Or so").  default(scope, narrow).
        reading(sort, one, "It is meant so").  reading(sort, two, "Or so").  default(sort, one).
        criterion(necessary, "Necessary", "1").
        met(necessary) :- finding(patient, pain, yes).
        criterion(referral, "Referred", "1").
        met(referral) :- met(collapsed), chosen(scope, wide), chosen(sort, two).
        criterion(collapsed, "Collapse", "1").
        met(collapsed) :- finding(patient, collapse, yes).
    """
    report, _ = sample(tmp_path, rules)
    (checked,) = report.checked
    both = {"scope": "wide", "sort": "two"}
    assert [(dict(e.readings), e.criteria) for e in checked.elsewhere] == [(both, ("referral", "collapsed"))]


def test_many_readings_one_below_the_other_are_no_matter(tmp_path: Path) -> None:
    """Thirty groups, each with one way on by default and another one, and below them one that two options use."""
    names = [f"step_{i}" for i in range(30)]
    rules = ['criterion(necessary, "Necessary", "1").', f"met(necessary) :- met({names[0]})."]
    for name, following in pairwise([*names, "last"]):
        rules += [
            f'reading({name}, one, "So").  reading({name}, two, "Or so").  default({name}, one).',
            f'criterion({name}, "Step", "1").',
            f"met({name}) :- met(left_{name}), chosen({name}, one).",
            f"met({name}) :- met(right_{name}), chosen({name}, two).",
        ]
        for side in ("left", "right"):
            rules += [f'criterion({side}_{name}, "Side", "1").', f"met({side}_{name}) :- met({following}), met(pain)."]
    rules += [
        'criterion(last, "Last", "1").',
        "met(last) :- met(pain), chosen(step_3, one).",
        "met(last) :- met(pain), chosen(step_3, two), chosen(step_7, one).",
        "met(last) :- met(collapse), chosen(step_3, two), chosen(step_7, two).",
        'criterion(pain, "Pain", "1").  met(pain) :- finding(patient, pain, yes).',
        'criterion(collapse, "Collapse", "1").  met(collapse) :- finding(patient, collapse, yes).',
    ]
    kb = load_sample(tmp_path, "\n".join(rules))
    (policy,) = kb.versions("sample")
    *alone, both = brought(Study(kb, policy, policy.defaults, {}))
    assert [(dict(e.readings), e.criteria) for e in alone] == [({n: "two"}, (f"right_{n}",)) for n in names]
    assert dict(both.readings) == {"step_3": "two", "step_7": "two"}
    assert both.criteria == ("collapse",)


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


READINGS = (("scope", ("wide", "narrow", "narrowest")), ("sort", ("one", "two")), ("extent", ("whole", "part")))


@st.composite
def leaves(draw: st.DrawFn) -> tuple[tuple[Attribute, ...], list[Predicate]]:
    """A few attributes, and criteria that ask of one of them for some of its values."""
    amount = Attribute("amount", "patient", "number", (0, 1, 2))
    flags = tuple(Attribute(name, "patient", "flag", ("yes", "no")) for name in ("pain", "fever"))
    found = []
    for i in range(draw(st.integers(5, 7))):
        of = draw(st.sampled_from((amount, amount, *flags)))
        values = draw(st.lists(st.sampled_from(of.values), min_size=1, max_size=len(of.values) - 1, unique=True))
        test = Finding(PATIENT, of.name, (Test("in", tuple(values)),))
        found.append(Predicate(f"leaf_{i}", "criterion", (Rule((test,)),)))
    return (amount, *flags), found


@st.composite
def nested(draw: st.DrawFn) -> Example:
    """Groups one in another, each with other members under each option of a reading, the next under one not chosen."""
    attributes, criteria = draw(leaves())
    names = [each.name for each in criteria]
    chosen = {name: draw(st.sampled_from(options)) for name, options in READINGS}
    guards = cycle(draw(st.permutations(READINGS[: draw(st.integers(2, 3))])))
    inner = list[str]()
    for name, own in (("innermost", names[2:]), ("inner", names[1:4]), ("necessary", names[:2])):
        (reading, options), rules = next(guards), list[Rule]()
        within = draw(st.sampled_from([o for o in options if o != chosen[reading]]))
        for option in options:
            some = draw(st.lists(st.sampled_from(own), min_size=1, max_size=2, unique=True))
            members = [*inner, *some] if option == within else some
            rules += [replace(rule, chosen=(reading, option)) for rule in draw(group_rules(members))]
        criteria.append(Predicate(name, "criterion", tuple(rules)))
        inner = [name]
    kinds = (Kind("patient", "one"), Kind("request", "one"))
    kb = kept(KnowledgeBase(kinds, attributes, predicates=tuple(criteria)))
    needier = frozenset(a.name for a in attributes if draw(st.booleans()))
    pairs = ((kb.predicates[0].name, kb.predicates[-2].name),) if draw(st.booleans()) else ()
    chosen = {name: chosen[name] for name, _ in kb.readings}
    return Example(Scenario(kb, Case(), chosen), Declared(needier, pairs), counting.SMALL_PART)


def kept(kb: KnowledgeBase) -> KnowledgeBase:
    """With the criteria that something reads, and the readings that guard a rule of these."""
    found = [p for p in kb.predicates if p.name == "necessary"]
    for each in reversed(kb.predicates[:-1]):
        read = {n for p in found for r in p.rules for literal in r.body for n in oracle.names_read(literal)}
        found = [each, *found] if each.name in read else found
    guards = {rule.chosen[0] for p in found for rule in p.rules if rule.chosen}
    return replace(kb, predicates=tuple(found), readings=tuple(r for r in READINGS if r[0] in guards))


def test_what_several_options_together_bring_into_use_is_what_brute_force_finds() -> None:
    seen = set[int]()

    @fewer
    @given(nested())
    def agree(example: Example) -> None:
        hold(example)
        question, worlds = worlds_of(example.scenario)
        found = check_oracle.elsewhere(Checked(question, worlds, example.declared))
        seen.update(len(options) for options, _ in found)

    agree()
    assert {1, 2} <= seen
