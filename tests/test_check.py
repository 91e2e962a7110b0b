"""The checks of `unmet check` find what brute force over all worlds finds, and every witness replays."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests import check_oracle, oracle
from tests.check_oracle import Checked, Declared, Options, Told
from tests.explain_oracle import Explained, TooMany
from tests.model import (
    Attribute,
    Case,
    Count,
    Entity,
    Finding,
    Holds,
    Kind,
    KnowledgeBase,
    Predicate,
    Rule,
    Test,
    Value,
)
from tests.oracle import Question, World
from tests.removals import OWN, alone, groups, needless, says_nothing
from tests.shipped import inner
from tests.strategies import RANKS, Focus, Scenario, comparisons, scenarios
from tests.test_agreement import fewer, thorough
from tests.writers import POLICY, write_knowledge_base
from unmet import loading
from unmet.check import check, counting
from unmet.determine import determine
from unmet.findings import CHECKS, FEW, CheckReport
from unmet.findings import Checked as VersionChecked
from unmet.findings import Finding as Reported
from unmet.knowledge import Knowledge
from unmet.solver import Program
from unmet.solver.program import Unfinished
from unmet.suite import mismatches

FOCUSES = {
    "criteria": Focus(leaves=4, groups=4, small=True),
    "groups": Focus(leaves=3, groups=6, small=True),
    "presumed": Focus(leaves=3, groups=3, small=True, presumed=True, assumptions=1),
    "keyed": Focus(keyed=True, leaves=2, groups=3, small=True),
    "listed": Focus(listed=True, leaves=1, groups=3, small=True),
    "assumptions": Focus(leaves=3, groups=3, small=True, assumptions=2),
    "readings": Focus(leaves=5, groups=4, small=True, split=True),
}

ON_WORLDS = {
    "never-approves", "never-denies", "never-pends", "never-met", "always-met", "count-never", "count-always",
    "never-decisive", "idle-rule", "idle-condition", "equal", "implied", "implying", "same-ground", "never-alone",
    "useless-branch", "barred-branch", "always-barred", "bar-possible", "gap", "overlap", "worse-loses",
    "presumption-decides", "documenting-loses", "double-counting", "reading-equivalent", "reading-stricter",
    "reading-looser", "reading-incomparable", "two-strengths", "branch-gap", "branch-overlap", "small-approval",
}  # fmt: skip
"""The codes whose findings are compared with brute force."""

FREQUENT = ("never-decisive", "idle-condition", "bar-possible", "gap", "overlap")
"""Codes that are found often enough to be acknowledged now and then."""

UNORDERED = {"equal", "implied", "implying", "same-ground", "idle-rule", "idle-condition", "two-strengths"}


@dataclass(frozen=True)
class Example:
    scenario: Scenario
    declared: Declared
    times: int
    """From how many times the size of a part on it is prepared by itself."""
    pick: int = 0
    """Which finding is acknowledged."""

    def __repr__(self) -> str:
        return f"{self.scenario!r}\n{self.declared}\n{self.times}"


@st.composite
def examples(draw: st.DrawFn, focus: Focus) -> Example:
    scenario = draw(scenarios(focus))
    needier = frozenset(a.name for a in scenario.kb.attributes if a.type != "choice" and draw(st.booleans()))
    names = sorted(p.name for p in scenario.kb.criteria() if p.name not in ("necessary", "referral"))
    pairs = ((names[0], names[-1]),) if len(names) > 1 and draw(st.booleans()) else ()
    subjects = st.sampled_from(["necessary", *names])
    code = st.sampled_from(FREQUENT) | st.sampled_from(sorted(ON_WORLDS))
    acknowledged = tuple(draw(st.lists(st.tuples(code, subjects), max_size=3, unique=True)))
    times, pick = draw(st.sampled_from([0, counting.SMALL_PART])), draw(st.integers(0, 20))
    return Example(scenario, Declared(needier, pairs, acknowledged), times, pick)


def run(example: Example, records: int | None = None) -> tuple[Knowledge, CheckReport]:
    """The engine's side."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_knowledge_base(example.scenario.kb, directory)
        with (directory / "vocabulary" / "words.lp").open("a", encoding="utf-8") as file:
            file.writelines(f"worse_is_needier({each}).\n" for each in sorted(example.declared.needier))
        with (directory / "policies" / POLICY / "2026-01-01.lp").open("a", encoding="utf-8") as file:
            file.writelines(f"complementary({a}, {b}).\n" for a, b in example.declared.complementary)
            file.writelines(f'acknowledged("{code}", {a}, "Known").\n' for code, a in example.declared.acknowledged)
        kb = loading.load(directory)
        with patch.object(counting, "SMALL_PART", example.times):
            return kb, check(kb, day="2026-06-01", chosen=example.scenario.chosen, records=records)


def worlds_of(scenario: Scenario, most: int = 80) -> tuple[Question, list[World]]:
    nothing = Case(complete=frozenset(k.name for k in scenario.kb.kinds if k.sort == "listed"))
    try:
        question = Question(scenario.kb, nothing, scenario.chosen)
        return question, Explained(question, most_worlds=most).worlds
    except (oracle.Contradiction, TooMany):
        assume(False)
        raise AssertionError from None


def unordered(found: Iterable[Told]) -> set[Told]:
    return {(c, tuple(sorted(s)) if c in UNORDERED else s) for c, s in found}


def told(report: CheckReport) -> set[Told]:
    return told_of(f for f in (*report.findings, *report.acknowledged) if not f.readings)


def told_of(findings: Iterable[Reported]) -> set[Told]:
    """Of which criteria; of a condition or a rule that is idle, not its text."""
    found = {(f.code, f.subjects) for f in findings if f.code in ON_WORLDS}
    return unordered((c, tuple(filter(str.isidentifier, s)) if c.startswith("idle-") else s) for c, s in found)


def told_elsewhere(report: CheckReport) -> set[tuple[Options, Told]]:
    """What is so of criteria that other options bring into use: these options, the finding."""
    every = (f for f in (*report.findings, *report.acknowledged) if f.readings)
    return {(tuple(f.readings.items()), each) for f in every for each in told_of([f])}


@pytest.mark.parametrize("focus", FOCUSES)
def test_the_findings_are_those_of_brute_force(focus: str) -> None:
    @fewer
    @given(examples(FOCUSES[focus]))
    def agree(example: Example) -> None:
        hold(example)

    agree()


@fewer
@given(examples(FOCUSES["listed"]))
def test_a_finding_that_hangs_on_how_many_records_there_are_says_how_many(example: Example) -> None:
    reports = [run(example, records)[1] for records in (None, 0, 1)]
    every = [[f for f in (*r.findings, *r.acknowledged) if f.code != "stale-acknowledgement"] for r in reports]
    found = [{(f.code, f.message): f for f in findings} for findings in every]
    for one, other in permutations(found, 2):
        for key in one.keys() - other.keys():
            event(key[0])
            assert one[key].records, key


@st.composite
def any_of(draw: st.DrawFn, names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of an ANY, or of an AT LEAST 1."""
    each = tuple(Rule((Holds(name),)) for name in names)
    return (Rule((Count(1, tuple(names)),)),) if draw(st.integers(0, 3)) == 0 else each


@st.composite
def ranges(draw: st.DrawFn) -> Example:
    """An ANY over one number or scale with room for several gaps, some of its values excluded.

    Some branches ask for another finding too, some are branches of an ANY that is one itself.
    """
    type_ = draw(st.sampled_from(("number", "scale")))
    values = tuple(range(-1, 7)) if type_ == "number" else (*RANKS, "worst", "last")
    patient = Entity("patient")
    amount = Attribute("amount", "patient", type_, values)

    def test(values: tuple[Value, ...]) -> Finding:
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
        return Finding(patient, "amount", (Test("in", tuple(chosen)),))

    def body() -> tuple[Finding, ...]:
        if type_ == "number" and draw(st.integers(0, 2)) == 0:
            return (Finding(patient, "amount", draw(comparisons(amount))),)
        return (test(values),)

    leaves = [
        Predicate(f"leaf_{i}", "criterion", tuple(dict.fromkeys(Rule(body()) for _ in range(draw(st.integers(1, 2))))))
        for i in range(draw(st.integers(2, 4)))
    ]
    pain = Finding(patient, "pain", (Test("in", ("yes",)),))
    other = Predicate("other", "criterion", (Rule((pain,)),))
    groups, branches = list[Predicate](), ["other"] if draw(st.booleans()) else []
    for each in leaves:
        branches.append(each.name)
        form = draw(st.sampled_from(("leaf", "leaf", "leaf", "joined", "all")))
        if form == "joined":
            joined = tuple(Rule((*rule.body, pain)) for rule in each.rules)
            leaves[leaves.index(each)] = replace(each, rules=joined)
        elif form == "all":
            branches[-1] = f"all_{each.name}"
            both = (Holds(each.name), Holds("other", negated=draw(st.booleans())))
            groups.append(Predicate(branches[-1], "criterion", (Rule(both),)))
    if len(branches) > 2 and draw(st.booleans()):
        groups.append(Predicate("inner", "criterion", draw(any_of(branches[-2:]))))
        branches[-2:] = ["inner"]
    root = Predicate("necessary", "criterion", draw(any_of(branches)))
    used = {n for p in (*groups, root) for r in p.rules for lit in r.body for n in oracle.names_read(lit)}
    kb = KnowledgeBase(
        (Kind("patient", "one"), Kind("request", "one")),
        (amount, Attribute("pain", "patient", "flag", ("yes", "no"))),
        impossible=tuple((test(values),) for _ in range(draw(st.integers(0, 1)))),
        predicates=(*(p for p in (*leaves, other) if p.name in used), *groups, root),
    )
    return Example(Scenario(kb, Case(), {}), Declared(), counting.SMALL_PART, 0)


@thorough
@given(ranges())
def test_gaps_and_overlaps_of_branches_are_those_of_brute_force(example: Example) -> None:
    codes = ("branch-gap", "branch-overlap")
    question, worlds = worlds_of(example.scenario)
    assume(worlds)
    expected = [f for f in Checked(question, worlds, example.declared).findings() if f[0] in codes]
    for code in codes:
        event(f"{code}: {min(2, sum(f[0] == code for f in expected))}")
    kb, report = run(example)
    found = [f for f in report.findings if f.code in codes]
    assert sorted((f.code, f.subjects) for f in found) == sorted(expected)
    assert len({f.witnesses[0].name for f in found}) == len(found)
    for witness in report.witnesses:
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []


def hold(example: Example) -> set[Told]:
    """Holds the engine against the oracle; returned is what is found under the readings."""
    question, worlds = worlds_of(example.scenario)
    checked = Checked(question, worlds, example.declared)
    expected = unordered(f for f in checked.findings() if f[0] in ON_WORLDS)
    expected |= set(check_oracle.readings(example.scenario.kb, worlds, example.scenario.chosen))
    example = acknowledging(example, expected)
    kb, report = run(example)
    smallest = report.checked[0].smallest
    assert (smallest is None) == (checked.smallest is None)
    if smallest is not None and checked.smallest is not None:
        event("the smallest approval is proved" if smallest.exact else "the smallest approval is not proved")
        assert smallest.stated == checked.smallest or (not smallest.exact and smallest.stated > checked.smallest)
        expected |= {("small-approval", ("necessary",))} if smallest.stated <= FEW else set()
    besides = {(under, each) for under, found in check_oracle.elsewhere(checked) for each in unordered([found])}
    for code in (*(code for code, _ in expected), *(f"elsewhere: {code}" for _, (code, _) in besides)):
        event(code)
    assert told(report) == expected
    assert told_elsewhere(report) == besides
    hold_brought(checked, report.checked[0])
    hold_acknowledged(example, report, expected | {each for _, each in besides})
    hold_conflicts(checked, report)
    for witness in report.witnesses:
        case = kb.case(dict(witness.case), witness.name)
        assert list(mismatches(kb, case)) == [], witness
        assert not says_nothing(witness)
    assert len({w.name.casefold() for w in report.witnesses}) == len(report.witnesses)
    least = alone([smallest.witness] if smallest else [])
    for group in (*groups((*report.findings, *report.acknowledged)), *least):
        assert needless(kb, group) == [], group
    return expected


def hold_brought(usual: Checked, report: VersionChecked) -> None:
    """Which options bring which criteria into use, and what no choice of options does."""
    brought = [(options, fresh) for options, _, fresh in check_oracle.brought(usual)]
    assert [(tuple(e.readings.items()), {*e.criteria}) for e in report.elsewhere] == brought
    used = {*usual.criteria}.union(*(fresh for _, fresh in brought))
    assert {*report.unchecked} == {p.name for p in usual.kb.criteria()} - used
    event(f"{sum(len(options) > 1 for options, _ in brought)} times several options, {len(report.unchecked)} unchecked")


def hold_conflicts(checked: Checked, report: CheckReport) -> None:
    """What is blamed for what never happens cannot hold together, none of it can be spared, and all of it is cited."""
    for found in (*report.findings, *report.acknowledged):
        help, cannot, _ = (found.help or "").partition(" cannot hold together")
        if found.code not in ("never-approves", "never-denies", "never-met") or found.readings:
            continue
        blamed = [(name, bool(negated)) for negated, name in re.findall("`(not )?([a-z_0-9]+)`", help)]
        event(f"{found.code}: {len(blamed)} blamed")
        cited = dict.fromkeys([*found.subjects, *(name for name, _ in blamed)])
        if cannot:
            assert len(blamed) > 1
            assert checked.is_minimal_conflict(blamed)
        elif blamed:
            ((name, _),) = blamed
            assert checked.constant[name] is ("every case meets" in help)
        assert [c.criterion for c in found.criteria] == [*cited]


def acknowledging(example: Example, expected: set[Told]) -> Example:
    """The example, in which one of the findings is acknowledged by the last of its subjects."""
    declared, found = example.declared, sorted(expected)
    if not declared.acknowledged or not found:
        return example
    code, subjects = found[example.pick % len(found)]
    acknowledged = tuple(dict.fromkeys([*declared.acknowledged, (code, subjects[-1])]))
    return replace(example, declared=replace(declared, acknowledged=acknowledged))


def hold_acknowledged(example: Example, report: CheckReport, every: set[Told]) -> None:
    """What is acknowledged is listed apart, if one finding is meant; by default, what acknowledges none is found."""
    found = {(f.code, f.subjects) for f in (*report.findings, *report.acknowledged)}
    assert told_of((*report.findings, *report.acknowledged)) == every
    known, stale = set[Told](), list[str]()
    for code, subject in example.declared.acknowledged:
        fitting = {each for each in found if each[0] == code and subject in each[1]}
        meant = {each for each in fitting if {*each[1]} == {subject}} or fitting
        if len({frozenset(subjects) for _, subjects in meant}) == 1:
            known |= meant
        elif meant:
            stale.append(f"`{code}` of `{subject}` is acknowledged, and")
        elif all(option == dict(example.scenario.kb.readings)[n][0] for n, option in example.scenario.chosen.items()):
            stale.append(f"`{code}` of `{subject}` is acknowledged and")
    assert {(f.code, f.subjects) for f in report.acknowledged} == known
    assert not known & {(f.code, f.subjects) for f in report.findings}
    messages = [f.message for f in report.findings if f.code == "stale-acknowledgement"]
    assert sorted(re.sub(" (is not|[0-9]+ findings).*", "", m) for m in messages) == sorted(stale)
    event(f"{len(stale)} stale, {len(known)} acknowledged")


COUNTED = """
criterion(necessary, "Necessary", "1").
met(necessary) :- 2 { met(collapsed); met(advanced); met(pain) }.
criterion(collapsed, "Collapse", "1.a").
met(collapsed) :- finding(patient, collapse, yes).
criterion(advanced, "Advanced", "1.b").
met(advanced) :- at_least(patient, stage, late).
criterion(pain, "Pain", "1.c").
met(pain) :- finding(patient, pain, yes).
"""
COUNTED_WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date of service").
flag(patient, collapse).         text(collapse, "", "Collapse").
flag(patient, pain).             text(pain, "", "Pain").
scale(patient, stage, (early, 0; middle, 1; late, 2)).  text(stage, "", "Stage").
"""

SCORED = 'number(patient, score, 0, 10).  text(score, "", "Score").  worse_is_needier(score).'


def sample(home: Path, rules: str, words: str = SCORED) -> tuple[CheckReport, Knowledge]:
    """What is found of a policy over the words above."""
    kb = load_sample(home, rules, words)
    return check(kb, day="2026-06-01"), kb


def load_sample(home: Path, rules: str, words: str = SCORED) -> Knowledge:
    """A policy over the words above."""
    head = 'policy(sample, "Sample").  version("1").  document("D").  effective("2026-01-01").  covers("X1").\n'
    for name, text in (("vocabulary/words.lp", COUNTED_WORDS + words), ("policies/sample/2026-01-01.lp", head + rules)):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text + "\n", encoding="utf-8")
    return loading.load(home)


@pytest.mark.parametrize(
    ("assumed", "found"),
    [
        ('impossible("none") :- finding(patient, collapse, yes), at_most(patient, stage, middle).', True),
        ('impossible("none") :- finding(patient, collapse, yes), at_most(patient, stage, early).', False),
        ('impossible("none") :- finding(patient, collapse, yes), finding(patient, pain, no).', False),
        ("", False),
    ],
)
def test_a_fact_counts_twice_through_assumptions(tmp_path: Path, assumed: str, found: bool) -> None:
    """A collapse leaves no stage but a late one: then it meets two members, though two findings differ."""
    report, kb = sample(tmp_path, COUNTED, assumed)
    twice = [f for f in report.findings if f.code == "double-counting"]
    assert [f.subjects for f in twice if set(f.subjects) == {"necessary", "collapsed", "advanced"}] == (
        [("necessary", "collapsed", "advanced")] if found else []
    )
    if found:
        assert "with what declared assumptions make of it" in twice[0].message
        assert len(twice[0].witnesses) == 2
    for witness in report.witnesses:
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []


TIED = """
number(patient, first, 0, 5).   text(first, "", "First").    presumed(first, 0).
number(patient, second, 0, 5).  text(second, "", "Second").  worse_is_needier(second).
number(patient, sum, 0, 10).    text(sum, "", "Sum").        worse_is_needier(sum).
finding(patient, sum, A + B) :- finding(patient, first, A), finding(patient, second, B).
flag(patient, smoker).          text(smoker, "", "Smoker").  presumed(smoker, no).
flag(patient, quit).            text(quit, "", "Has quit").  worse_is_needier(quit).
impossible("has not smoked") :- finding(patient, quit, yes), finding(patient, smoker, no).
"""


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("finding(patient, first, N), N < 4", [("presumption-decides", ("low", "first"))]),
        ("finding(patient, second, N), N < 4", [("worse-loses", ("second",))]),
        (
            "finding(patient, sum, N), N < 4",
            [("presumption-decides", ("low", "first")), ("worse-loses", ("second",)), ("worse-loses", ("sum",))],
        ),
        ("finding(patient, sum, N), N > 3", []),
        (
            "finding(patient, sum, N), N < 4, finding(patient, first, A), A < 5, finding(patient, second, B), B < 5",
            [("presumption-decides", ("low", "first")), ("worse-loses", ("second",))],
        ),
        ("finding(patient, quit, no)", [("presumption-decides", ("low", "smoker")), ("worse-loses", ("quit",))]),
        ("finding(patient, quit, yes)", []),
    ],
)
def test_what_follows_from_a_finding_differs_with_it(tmp_path: Path, rule: str, found: list[Told]) -> None:
    """A number that a formula computes, and what an assumption leaves of another finding."""
    rules = 'criterion(necessary, "N", "1").\nmet(necessary) :- met(low).\ncriterion(low, "L", "1").\n'
    report, kb = sample(tmp_path, f"{rules}met(low) :- {rule}.", TIED)
    codes = ("worse-loses", "presumption-decides")
    told = [f for f in report.findings if f.code in codes]
    assert sorted((f.code, f.subjects) for f in told) == found
    assert all(len(f.witnesses) == 2 for f in told)
    for witness in report.witnesses:
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []


RELIEVED = """
number(patient, before, 0, 3).   text(before, "", "Before").
number(patient, after, 0, 3).    text(after, "", "After").    worse_is_needier(after).
number(patient, relief, -8, 4).  text(relief, "", "Relief").
number(patient, double, -16, 8).  text(double, "", "Twice the relief").
finding(patient, relief, 4*(B-A)/B) :- finding(patient, before, B), finding(patient, after, A), B > 0.
finding(patient, double, 2*R) :- finding(patient, relief, R).
"""
RELIEF = """
criterion(necessary, "Necessary", "1").
criterion(relieved, "Relieved", "1.a").
met(relieved) :- finding(patient, before, PAIN), finding(patient, READ, R), R >= 2.
"""
LOSES = "met(necessary) :- met(relieved)."
TWICE = """
met(necessary) :- 2 { met(relieved); met(little); met(sick) }.
criterion(little, "Little pain", "1.b").
met(little) :- finding(patient, after, A), A <= 1.
criterion(sick, "Sick", "1.c").
met(sick) :- finding(patient, pain, yes).
"""


@pytest.mark.parametrize("read", ["relief", "double"])
@pytest.mark.parametrize("pain", [3, 0])
@pytest.mark.parametrize(
    ("rules", "code", "subjects"),
    [(LOSES, "worse-loses", ("after",)), (TWICE, "double-counting", ("necessary", "relieved", "little"))],
    ids=["loses", "twice"],
)
def test_a_number_follows_from_what_its_formula_reads_where_that_applies(
    tmp_path: Path, rules: str, code: str, subjects: tuple[str, ...], pain: int, read: str
) -> None:
    """Without pain before, the relief is a finding of its own, which differs between two patients for any reason."""
    report, kb = sample(tmp_path, RELIEF.replace("PAIN", str(pain)).replace("READ", read) + rules, RELIEVED)
    assert [f.subjects for f in report.findings if f.code == code] == ([subjects] if pain else [])
    for witness in report.witnesses:
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []


FOLLOWING = """
number(patient, cause, 0, 3).   text(cause, "", "Cause").   worse_is_needier(cause).
number(patient, effect, 0, 3).  text(effect, "", "Effect").
finding(patient, effect, C) :- finding(patient, cause, C), C WHERE.
"""


@pytest.mark.parametrize("where", ["< 3", "> 0"])
@pytest.mark.parametrize(("asked", "found"), [(">= 2", []), ("<= 1", [("cause",)])])
def test_a_formula_that_applies_to_one_of_two_alone_ties_nothing(
    tmp_path: Path, where: str, asked: str, found: list[tuple[str, ...]]
) -> None:
    """Of the milder patient, or of the worse one, the number is a finding of its own, be it as it may."""
    rules = f'criterion(necessary, "N", "1").\nmet(necessary) :- finding(patient, effect, E), E {asked}.'
    report, _ = sample(tmp_path, rules, FOLLOWING.replace("WHERE", where))
    assert [f.subjects for f in report.findings if f.code == "worse-loses"] == found


def test_a_number_that_counts_twice_does_so_by_its_formula(tmp_path: Path) -> None:
    rules = """
criterion(necessary, "Necessary", "1").
met(necessary) :- 2 { met(one); met(other) }.
criterion(one, "One", "1.a").
met(one) :- finding(patient, first, N), N >= 3.
criterion(other, "Other", "1.b").
met(other) :- finding(patient, second, N), N >= 3.
"""
    report, _ = sample(tmp_path, rules, TIED)
    (twice,) = [f for f in report.findings if f.code == "double-counting"]
    assert "one finding (`sum`), with what formulas make of it, meets both" in twice.message
    assert [each.case["patient"].keys() for each in twice.witnesses] == [{"sum"}, {"sum"}]


@cache
def shipped_report() -> CheckReport:
    return check(inner(), day="2026-12-01")


BENT_WORDS = """
number(patient, age, 0, 9).      text(age, "", "Age").            presumed(age, 0).
flag(patient, surgery).          text(surgery, "", "Surgery").    presumed(surgery, yes).
flag(patient, pregnant).         text(pregnant, "", "Pregnant").  presumed(pregnant, no).
impossible("both") :- finding(patient, surgery, yes), finding(patient, pregnant, yes).
"""
BENT = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pregnant), met(young).
criterion(pregnant, "Pregnant", "1.a").
met(pregnant) :- finding(patient, pregnant, yes).
criterion(young, "Young", "1.b").
met(young) :- finding(patient, age, Years), Years <= 1.
"""


def test_the_smallest_approval_can_overthrow_what_silence_presumes(tmp_path: Path) -> None:
    """Pregnant, no surgery is presumed: that the record states it need not be."""
    report, kb = sample(tmp_path, BENT, BENT_WORDS)
    (checked,) = report.checked
    assert checked.smallest is not None
    assert checked.smallest.stated == 1
    case = kb.case(dict(checked.smallest.witness.case), "smallest")
    assert list(mismatches(kb, case)) == []


ESTRANGED_WORDS = """
flag(patient, surgery).          text(surgery, "", "Surgery").    presumed(surgery, yes).
flag(patient, rest).             text(rest, "", "Rest").          presumed(rest, yes).
impossible("both") :- finding(patient, surgery, yes), finding(patient, rest, yes).
"""
ESTRANGED = """
criterion(necessary, "Necessary", "1").
met(necessary) :- not met(told).
criterion(told, "Told", "1.a").
met(told) :- documented(patient, surgery, _).
"""


ALIKE_WORDS = """
record(injection, listed).
number(injection, before, 0, 10).    text(before, "", "Before").
number(injection, after, 0, 10).     text(after, "", "After").
number(injection, relief, 0, 100).   text(relief, "%", "Relief").
flag(injection, guided).             text(guided, "", "Guided").
finding(I, relief, 100 * (B - A) / B) :-
    injection(I), finding(I, before, B), finding(I, after, A), A < B.
finding(I, relief, 0) :- injection(I), finding(I, before, B), finding(I, after, A), A >= B.
"""
ALIKE = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(nine), not met(unguided).
criterion(nine, "Nine injections with relief", "1.a").
met(nine) :- 9 { met(qualifies(I)) }.
part(qualifies(I), "It qualifies") :- injection(I).
met(qualifies(I)) :- finding(I, relief, Percent), Percent >= 50, finding(I, guided, yes).
criterion(unguided, "One of them without guidance", "1.b").
met(unguided) :- injection(I), finding(I, guided, no).
"""


UNCLEAR_WORDS = """
flag(patient, pregnant).         text(pregnant, "", "Pregnant").  presumed(pregnant, no).
"""
UNCLEAR = """
reading(word, any, "Nothing need be said").  reading(word, said, "It has to be said").  default(word, any).
criterion(necessary, "Necessary", "1").
met(necessary) :- met(not_pregnant).
criterion(not_pregnant, "Not pregnant", "1.a").
met(not_pregnant) :- finding(patient, pregnant, no), chosen(word, any).
met(not_pregnant) :- documented(patient, pregnant, no), chosen(word, said).
"""


def test_what_another_option_asks_of_the_record_is_no_matter_here(tmp_path: Path) -> None:
    """Under the chosen one nobody asks whether it is documented, so two cases show what the presumption decides."""
    report, _ = sample(tmp_path, UNCLEAR, UNCLEAR_WORDS)
    (found,) = [f for f in report.findings if f.code == "presumption-decides"]
    assert (len(found.witnesses), found.unshown) == (2, ())


def test_the_search_for_the_smallest_approval_ends_where_many_records_are_counted(tmp_path: Path) -> None:
    """To prove that no eight injections do is a pigeonhole problem, which takes the solver hours."""
    report, _ = sample(tmp_path, ALIKE, ALIKE_WORDS)
    (checked,) = report.checked
    assert checked.smallest is not None
    assert (checked.smallest.stated, checked.smallest.exact) == (18, False)


@pytest.mark.parametrize(("seats", "found"), [(9, True), (8, None), (4, False)])
def test_a_question_of_too_many_conflicts_is_given_up(seats: int, found: bool | None) -> None:
    guests = 9 if seats > 4 else 5
    rules = f"1 {{ sits(G, 1..{seats}) }} 1 :- G = 1..{guests}.  :- sits(G, S), sits(H, S), G < H."
    program = Program([rules], [], "", [], "seats.lp")

    def some_world() -> bool:
        return program.model([], lambda holds: True)[0] is not None

    def one() -> bool:
        return program.has_world([])

    for asked in (one, some_world):
        with program.limited(500):
            if found is None:
                with pytest.raises(Unfinished):
                    asked()
            else:
                assert asked() is found


def test_a_further_record_can_be_less_than_a_statement(tmp_path: Path) -> None:
    """A test stands alone, so of two injections none is one; what was learnt of one by itself says nothing of two."""
    words = """
record(injection, listed).
choice(injection, kind, (test; cure)).   text(kind, "", "Kind").
impossible("a test stands alone") :- injection(I), injection(J), I != J, finding(I, kind, test).
"""
    rules = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(some), not met(tested).
criterion(some, "An injection", "1.a").
met(some) :- injection(I), finding(I, kind, (test; cure)).
criterion(tested, "A test", "1.b").
met(tested) :- injection(I), finding(I, kind, test).
"""
    report, _ = sample(tmp_path, rules, words)
    (checked,) = report.checked
    assert checked.smallest is not None
    assert (checked.smallest.stated, checked.smallest.exact) == (0, True)


def test_nothing_is_stated_where_presumptions_that_exclude_each_other_are_dropped(tmp_path: Path) -> None:
    """Silence presumes neither surgery nor rest, so that no case has to state the one because of the other."""
    report, kb = sample(tmp_path, ESTRANGED, ESTRANGED_WORDS)
    (losing,) = [f for f in report.findings if f.code == "documenting-loses"]
    assert [list(w.case.get("patient", ())) for w in losing.witnesses] == [[], ["surgery"]]
    for witness in report.witnesses:
        assert list(mismatches(kb, kb.case(dict(witness.case), witness.name))) == []
    (checked,) = report.checked
    assert checked.smallest is not None
    assert (checked.smallest.stated, checked.smallest.exact) == (0, True)


def unrested() -> Example:
    """An assumption excludes what silence would presume of `rest`; approved is who tells of pain and does not rest."""
    patient, flag = Entity("patient"), ("yes", "no")
    rested = Finding(patient, "rest", (Test("in", ("yes",)),))
    kb = KnowledgeBase(
        (Kind("patient", "one"), Kind("request", "one")),
        (Attribute("rest", "patient", "flag", flag, "yes"), Attribute("pain", "patient", "flag", flag)),
        impossible=((rested,),),
        predicates=(
            Predicate("rested", "criterion", (Rule((rested,)),)),
            Predicate("told", "criterion", (Rule((Finding(patient, "pain", documented=True),)),)),
            Predicate("necessary", "criterion", (Rule((Holds("told"), Holds("rested", negated=True))),)),
        ),
    )
    return Example(Scenario(kb, Case(), {}), Declared(), counting.SMALL_PART)


@fewer
@given(st.just(unrested()))
def test_what_an_assumption_excludes_by_itself_is_not_presumed(example: Example) -> None:
    """The record need not state that there is no rest: one statement is enough."""
    assert {("small-approval", ("necessary",)), ("never-met", ("rested",))} <= hold(example)


SIDES_WORDS = """
record(hip, keyed).              key(hip, (left; right)).
flag(hip, worn).                 text(worn, "", "Worn").          presumed(worn, no).
impossible("the right hip alone") :- finding(hip(left), worn, no), finding(hip(right), worn, yes).
"""
SIDES = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(both_worn).
met(necessary) :- met(painful).
criterion(both_worn, "Both worn", "1.a").
met(both_worn) :- finding(hip(left), worn, yes), finding(hip(right), worn, yes).
criterion(painful, "Painful", "1.b").
met(painful) :- finding(patient, pain, yes), finding(patient, collapse, yes).
"""


def test_no_approval_is_called_the_smallest_where_one_side_overthrows_what_is_presumed_of_the_other(
    tmp_path: Path,
) -> None:
    """That the right hip is worn is enough, because the left one then is; pain and collapse are two findings."""
    (checked,) = sample(tmp_path, SIDES, SIDES_WORDS)[0].checked
    assert checked.smallest is not None
    assert checked.smallest.stated == 1 or not checked.smallest.exact


def test_boundaries_of_a_computed_number_are_values_that_it_has() -> None:
    """A relief is the share of whole scores from 0 to 10: there is none of 49 %."""
    (checked,) = check(inner(), ["si_joint_fusion_open"], day="2026-06-01").checked
    reliefs = {(b.below, b.above) for b in checked.boundaries if b.attribute == "relief_percent"}
    assert reliefs == {("44", "50"), ("71", "75")}


def test_every_witness_of_the_shipped_policies_replays() -> None:
    """It expects something everywhere; of every fourth statement it is tried that it cannot be left out."""
    kb, report = inner(), shipped_report()
    assert len(report.witnesses) > 30
    for witness in report.witnesses:
        case = kb.case(dict(witness.case), witness.name)
        assert case.expectations, witness.name
        assert not says_nothing(witness), witness.name
        assert list(mismatches(kb, case)) == [], witness.name
    smallest = alone([each.smallest.witness for each in report.checked if each.smallest])
    for group in (*groups(report.findings), *smallest):
        assert needless(kb, group, step=4) == [], [each.name for each in group[0]]


def test_a_stay_is_not_told_what_the_request_fills_in() -> None:
    """Alone it serves nothing; its case states what stands against that, and what it needs of it is no small number."""
    report = check(inner(), ["inpatient_stay"], day="2026-06-01", few=20)
    (one,) = report.checked
    assert one.smallest is not None
    (line,) = one.smallest.witness.case["request"]["lines"]
    assert set(line) - OWN == {"served_units_approved", "fusion_levels_approved"}
    assert (one.smallest.stated, one.smallest.exact) == (2, True)
    assert "small-approval" not in {f.code for f in report.findings}
    case = inner().case(dict(one.smallest.witness.case))
    (told,) = determine(inner(), case).lines
    assert (told.verdict, told.on_criteria) == ("moot", "approved")


def test_the_page_of_sources_discusses_every_finding_of_the_shipped_policies() -> None:
    text = (Path(__file__).parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = [row for row in text.partition("## What `unmet check` finds")[2].splitlines() if row.startswith("| ")]
    report = shipped_report()
    assert not report.acknowledged
    for found in report.findings:
        named = [s for s in found.subjects if s.isidentifier() and s not in (found.policy, "necessary")]
        told = [r for r in rows if f"`{found.code}`" in r and (f"`{found.policy}`" in r or found.policy is None)]
        assert any(all(f"`{s}`" in r for s in named[-1:]) for r in told), f"{found.code} {found.subjects}"


def test_the_compared_codes_are_codes() -> None:
    assert set(CHECKS) >= ON_WORLDS
