"""Two sides of a policy compared: against brute force, copies, changed thresholds, and as every form of report."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import assume, event, given
from hypothesis import strategies as st

import unmet
from tests import shipped
from tests.check_oracle import Overridden
from tests.model import Count, Finding, KnowledgeBase, Predicate, Rule, Test
from tests.oracle import Question, World, attributes_read, names_read
from tests.readers import case_of
from tests.strategies import Focus, Scenario, pruned, scenarios
from tests.test_agreement import fewer
from tests.test_copies import all_worlds
from tests.writers import write_knowledge_base
from unmet import loading
from unmet.cli import main
from unmet.comparison import Change, Comparison, Difference, Relation
from unmet.diff import Judge, compare, read_judge
from unmet.diff.worlds import Differences
from unmet.facts.terms import symbol_of
from unmet.results import Verdict
from unmet.witness import Nearest, Shown, exchanged

OUTCOMES = {"approved": Verdict.APPROVED, "denied": Verdict.DENIED, "referred": Verdict.REFERRED}

Chosen = dict[str, str]

Sides = tuple[tuple[KnowledgeBase, Chosen], tuple[KnowledgeBase, Chosen]]


# --- brute force -----------------------------------------------------------------------------------------------------


def outcome(world: World, kb: KnowledgeBase, chosen: Chosen) -> Verdict:
    """The outcome of a world by the rules of a knowledge base."""
    judged = World(kb, world.case, world.values, world.entities)
    judged.chosen = chosen
    return OUTCOMES[judged.outcome()]


def relation(pairs: Iterable[tuple[Verdict, Verdict]], verdict: Verdict) -> Relation:
    """How the worlds with a verdict change: the sets are compared, not counted."""
    before = {i for i, pair in enumerate(pairs) if pair[0] is verdict}
    after = {i for i, pair in enumerate(pairs) if pair[1] is verdict}
    if before == after:
        return Relation.EQUIVALENT
    more, fewer = (
        (Relation.LOOSER, Relation.STRICTER) if verdict is Verdict.APPROVED else (Relation.STRICTER, Relation.LOOSER)
    )
    return more if before < after else fewer if after < before else Relation.INCOMPARABLE


def relations(found: Comparison) -> tuple[Relation, ...]:
    return found.approval, found.denial, found.referral


def expected(pairs: list[tuple[Verdict, Verdict]]) -> tuple[Relation, ...]:
    return tuple(relation(pairs, verdict) for verdict in (Verdict.APPROVED, Verdict.DENIED, Verdict.REFERRED))


def judge(kb: KnowledgeBase, chosen: Chosen) -> Judge:
    """A side, read from its files."""
    with tempfile.TemporaryDirectory() as name:
        write_knowledge_base(kb, Path(name))
        base = loading.load(Path(name))
    return Judge(base, base.source(base.policies[0]), chosen)


def as_stated(case: dict[str, Any]) -> dict[str, Any]:
    """A case without its title and what it expects."""
    return {key: value for key, value in case.items() if key not in ("title", "expect")}


def stated(data: Any) -> int:
    """How many statements a case holds about anything but its line."""
    if isinstance(data, dict):
        return sum(stated(value) for key, value in data.items() if key not in ("line", "policy", "date_of_service"))
    return sum(map(stated, data)) if isinstance(data, list) else 1


def without_one(data: Any, at: int) -> tuple[Any, int]:
    """The data without the statement at a position, and how many stood before it or at it."""
    if isinstance(data, dict):
        kept = {}
        for key, value in data.items():
            if key in ("line", "policy", "date_of_service", "title"):
                kept[key] = value
                continue
            smaller, at = without_one(value, at)
            if smaller is not None:
                kept[key] = smaller
        return kept, at
    if isinstance(data, list):
        found = []
        for item in data:
            smaller, at = without_one(item, at)
            found.append(smaller)
        return found, at
    return (None if at == 0 else data), at - 1


def check_witnesses(
    judges: tuple[Judge, Judge], found: Comparison, pairs: list[tuple[Verdict, Verdict]], sides: Sides
) -> None:
    """Every pair of unlike outcomes is shown, every case shows it and where it begins, and nothing can be left out."""
    assert {(d.old, d.new) for d in found.differences} == {(a, b) for a, b in pairs if a is not b}
    for difference in found.differences:
        event("a difference with a case" if difference.old_case else "a difference without one")
        if difference.old_case is None or difference.new_case is None:
            continue
        cases = [as_stated(case) for case in (difference.old_case, difference.new_case)]
        assert shows(difference, judges, cases, sides)
        for at in range(stated(cases[0])):
            assert not shows(difference, judges, [without_one(case, at)[0] for case in cases], sides)
        for smaller in without_a_record(sides[0][0], cases):
            assert not shows(difference, judges, smaller, sides)


def shows(difference: Difference, judges: tuple[Judge, Judge], cases: list[dict[str, Any]], sides: Sides) -> bool:
    """Whether a case is decided as the difference says, and in some world of it the difference begins as it says."""
    if tuple(j.verdict(c) for j, c in zip(judges, cases, strict=True)) != (difference.old, difference.new):
        return False
    kb, chosen = max(sides, key=lambda side: len(attributes_read(side[0])))  # one side reads all that the other does
    worlds = Question(kb, case_of(kb, cases[0]), chosen).worlds
    return any(beginnings(world, sides) == set(difference.criteria) for world in worlds)


def without_a_record(kb: KnowledgeBase, cases: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The cases without one of the listed records of which they say nothing."""
    for kind in (k.name for k in kb.kinds if k.sort == "listed"):
        given = cases[0].get(kind, [])
        entries = given.get("listed", []) if isinstance(given, dict) else given
        for i in (i for i, entry in enumerate(entries) if not entry):
            fewer = [*entries[:i], *entries[i + 1 :]]
            yield [{**case, kind: {**given, "listed": fewer} if isinstance(given, dict) else fewer} for case in cases]


@pytest.mark.parametrize(
    "focus",
    [
        Focus(leaves=5, groups=5, small=True),
        Focus(keyed=True, presumed=True, assumptions=1, leaves=3, groups=3, small=True),
        Focus(listed=True, leaves=1, groups=2, small=True),
    ],
    ids=["criteria", "keyed", "listed"],
)
def test_readings_are_compared_as_brute_force_compares_them(focus: Focus) -> None:
    @fewer
    @given(scenarios(focus))
    def agree(scenario: Scenario) -> None:
        assume(scenario.kb.readings)
        kb, defaults = scenario.kb, {name: options[0] for name, options in scenario.kb.readings}
        chosen = {name: options[-1] for name, options in kb.readings}
        worlds = all_worlds(kb, defaults)
        pairs = [(outcome(w, kb, defaults), outcome(w, kb, chosen)) for w in worlds]
        one = judge(kb, defaults)
        other = replace(one, chosen=chosen)
        found = compare(one, other)
        event(str(found.approval))
        assert relations(found) == expected(pairs)
        sides = (kb, defaults), (kb, chosen)
        check_witnesses((one, other), found, pairs, sides)
        check_beginnings(found, worlds, pairs, sides)

    agree()


@st.composite
def changed(draw: st.DrawFn, kb: KnowledgeBase) -> KnowledgeBase:
    """The knowledge base with one rule changed: a number, an n, a sign, or a rule left out."""
    places = [
        (p, r, i)
        for p in kb.predicates
        for r in p.rules
        for i, literal in enumerate(r.body)
        if (isinstance(literal, Finding) and literal.tests and isinstance(literal.tests[0].operands[0], int))
        or (isinstance(literal, Count) and len(literal.names) > 1)
    ]
    longer = [p for p in kb.predicates if len(p.rules) > 1 and not any(r.chosen for r in p.rules)]
    if longer and (not places or draw(st.booleans())):
        predicate = draw(st.sampled_from(longer))
        gone = draw(st.sampled_from(predicate.rules))
        return with_rules(kb, predicate, tuple(r for r in predicate.rules if r is not gone))
    assume(places)
    predicate, rule, i = draw(st.sampled_from(places))
    body = list(rule.body)
    literal = body[i]
    if isinstance(literal, Count):
        body[i] = replace(literal, least=draw(st.integers(1, len(literal.names))))
    else:
        assert isinstance(literal, Finding)
        values = [v for v in kb.attribute(literal.attribute).values if isinstance(v, int)]
        operand = draw(st.sampled_from(values))
        body[i] = replace(literal, tests=(Test(literal.tests[0].op, (operand,)), *literal.tests[1:]))
    rules = tuple(Rule(tuple(body), r.head, r.chosen) if r is rule else r for r in predicate.rules)
    return with_rules(kb, predicate, tuple(dict.fromkeys(rules)))


def with_rules(kb: KnowledgeBase, changed: Predicate, rules: tuple[Rule, ...]) -> KnowledgeBase:
    predicates = (replace(p, rules=rules) if p is changed else p for p in kb.predicates)
    return replace(kb, predicates=tuple(predicates))


@pytest.mark.parametrize(
    "focus",
    [Focus(leaves=5, groups=5, small=True), Focus(keyed=True, presumed=True, assumptions=1, leaves=3, groups=3)],
    ids=["criteria", "keyed"],
)
def test_versions_are_compared_as_brute_force_compares_them(focus: Focus) -> None:
    @fewer
    @given(scenarios(focus), st.data())
    def agree(scenario: Scenario, data: st.DataObject) -> None:
        kb, chosen = scenario.kb, {name: options[0] for name, options in scenario.kb.readings}
        other = data.draw(changed(kb))
        try:
            old, new = judge(kb, chosen), judge(other, chosen)
        except unmet.KnowledgeError:  # a criterion that nothing uses any more
            assume(False)
            return
        worlds = all_worlds(kb, chosen)
        pairs = [(outcome(w, kb, chosen), outcome(w, other, chosen)) for w in worlds]
        found = compare(old, new)
        event(str(found.approval))
        assert relations(found) == expected(pairs)
        sides = (kb, chosen), (other, chosen)
        check_witnesses((old, new), found, pairs, sides)
        check_beginnings(found, worlds, pairs, sides)

    agree()


def without_referral(kb: KnowledgeBase) -> KnowledgeBase:
    """The knowledge base without `referral`, and without what it alone reads."""
    used, left = set[str](), ["necessary"]
    while left:
        name = left.pop()
        used.add(name)
        rules = kb.predicate(name).rules
        left += [n for rule in rules for literal in rule.body for n in names_read(literal) if n not in used]
    return pruned(replace(kb, predicates=tuple(p for p in kb.predicates if p.name in used)))


def beginnings(world: World, sides: Sides) -> set[str]:
    """The criteria in which the difference of a world begins.

    They are in use, one side alone meets them, and neither side puts them above another such one. Of these it is those
    with which turned over the new side would have another outcome, or the old side the one of the new; all if none is.
    """
    met, below = list[dict[str, bool]](), list[dict[str, set[str]]]()
    for kb, chosen in sides:
        judged, question = under(world, kb, chosen), Question(kb, world.case, chosen)
        met.append({p.name: bool(judged.extension(p.name)) for p in kb.predicates if p.sort == "criterion"})
        below.append({name: {child for child, _ in question.children(name)} for name in question.polarities()})
    judged_by_both = {*below[0], *below[1]} & {*met[0].keys() & met[1].keys(), "referral"}
    changed = {name for name in judged_by_both if met[0].get(name, False) is not met[1].get(name, False)}
    lowest = {name for name in changed if not any(each.get(name, set()) & changed for each in below)}
    outcomes = [under(world, *side).outcome() for side in sides]
    weighs = set[str]()
    for name in lowest:
        turned = [under(world, *side, {name: not own.get(name, False)}) for side, own in zip(sides, met, strict=True)]
        if turned[1].outcome() != outcomes[1] or turned[0].outcome() == outcomes[1]:
            weighs.add(name)
    return weighs or lowest


def under(world: World, kb: KnowledgeBase, chosen: Chosen, forced: Mapping[str, bool] | None = None) -> World:
    """The world judged by one side, with the status of some criteria as they are forced to be."""
    judged = Overridden(kb, world.case, world.values, world.entities)
    judged.chosen, judged.forced = chosen, forced or {}
    return judged


def check_beginnings(
    found: Comparison, worlds: list[World], pairs: list[tuple[Verdict, Verdict]], sides: Sides
) -> None:
    """Of each pair of unlike outcomes all criteria are told in which it begins in some world, together as they do."""
    for pair in {(a, b) for a, b in pairs if a is not b}:
        begin = {frozenset(beginnings(w, sides)) for w, each in zip(worlds, pairs, strict=True) if each == pair}
        told = {frozenset(d.criteria) for d in found.differences if (d.old, d.new) == pair}
        assert told <= begin
        assert frozenset[str]().union(*told) == frozenset[str]().union(*begin)
        assert (frozenset() in told) is (frozenset() in begin)


@pytest.mark.parametrize(
    "focus",
    [
        Focus(leaves=4, groups=3, small=True, readings=False),
        Focus(keyed=True, presumed=True, assumptions=1, leaves=3, groups=2, small=True, readings=False),
    ],
    ids=["criteria", "keyed"],
)
def test_a_referral_that_one_side_alone_has_is_compared_as_brute_force_compares_it(focus: Focus) -> None:
    """Every pair of outcomes comes with cases, one for each criterion in which a difference of that pair begins."""

    @fewer
    @given(scenarios(focus), st.booleans())
    def agree(scenario: Scenario, added: bool) -> None:
        assume(scenario.kb.is_criterion("referral"))
        kbs = without_referral(scenario.kb), scenario.kb
        before, after = kbs if added else kbs[::-1]
        old, new = judge(before, {}), judge(after, {})
        worlds = all_worlds(scenario.kb, {})
        pairs = [(outcome(w, before, {}), outcome(w, after, {})) for w in worlds]
        found = compare(old, new)
        event(f"{'added' if added else 'removed'}: referral {found.referral}")
        assert relations(found) == expected(pairs)
        sides: Sides = (before, {}), (after, {})
        check_witnesses((old, new), found, pairs, sides)
        check_beginnings(found, worlds, pairs, sides)

    agree()


# --- copies and thresholds -------------------------------------------------------------------------------------------

HIP = "hip_core_decompression"


@pytest.mark.parametrize("policy", sorted(path.name for path in (shipped.KB / "policies").iterdir()))
def test_two_copies_of_a_policy_are_equivalent(policy: str, tmp_path: Path) -> None:
    original = shipped.inner().version(policy)
    copy = tmp_path / "copy.lp"
    shutil.copy(original.path, copy)
    found = shipped.kb().diff(policy, original.effective, str(copy))
    assert found.is_equivalent
    assert (found.changes, found.differences) == ((), ())


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """The hip policy with one text for another."""
    text = shipped.inner().version(HIP).path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "draft.lp"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_of_a_changed_threshold_exactly_the_values_between_differ(tmp_path: Path) -> None:
    draft = edited(tmp_path, "Years >= 50", "Years >= 55")
    found = shipped.kb().diff(HIP, "2025-08-01", str(draft))
    assert relations(found) == (Relation.LOOSER, Relation.LOOSER, Relation.EQUIVALENT)
    assert [(c.criterion, c.changes) for c in found.changes] == [("fifty_or_older", (Change.THRESHOLDS,))]
    (difference,) = found.differences
    assert difference.criteria == ("fifty_or_older",)
    assert difference.old_case is not None
    assert 50 <= difference.old_case["patient"]["age"] < 55
    base = shipped.inner()
    old = Judge(base, base.source(base.version(HIP)), base.version(HIP).defaults)
    new = judge_of(draft)
    for age in range(121):
        case = {**difference.old_case, "patient": {**difference.old_case["patient"], "age": age}}
        assert (old.verdict(case) is not new.verdict(case)) is (50 <= age < 55)


def judge_of(file: Path) -> Judge:
    return read_judge(shipped.inner(), HIP, str(file))


def test_what_changed_is_named(tmp_path: Path) -> None:
    draft = edited(tmp_path, "50 years of age or older", "At least 50 years of age")
    found = shipped.kb().diff(HIP, "2025-08-01", str(draft))
    assert found.is_equivalent
    assert [(c.criterion, c.changes) for c in found.changes] == [("fifty_or_older", (Change.TEXT,))]


def test_an_added_criterion_is_named_and_its_parent_differs(tmp_path: Path) -> None:
    draft = edited(
        tmp_path,
        "met(fifty_or_older) :- finding(patient, age, Years), Years >= 50.",
        "met(fifty_or_older) :- met(forty_or_older).\n"
        'criterion(forty_or_older, "Forty", "Non-Indications 3").\n'
        "met(forty_or_older) :- finding(patient, age, Years), Years >= 40.",
    )
    found = shipped.kb().diff(HIP, "2025-08-01", str(draft))
    assert relations(found)[:2] == (Relation.STRICTER, Relation.STRICTER)
    changes = {c.criterion: c.changes for c in found.changes}
    assert changes == {"fifty_or_older": (Change.STRUCTURE,), "forty_or_older": (Change.ADDED,)}
    assert {d.criteria for d in found.differences} == {("fifty_or_older",)}


WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date").
flag(patient, early).            text(early, "", "Early").
flag(patient, late).             text(late, "", "Late").
flag(patient, other).            text(other, "", "Other").
scale(patient, pain, (none, 0; mild, 1; severe, 2)).  text(pain, "", "Pain").
scale(patient, loss, (none, 0; mild, 1; severe, 2)).  text(loss, "", "Loss").
"""

ONE = """
policy(one, "One").  version("1").  document("D").  effective("2026-01-01").  covers("A").
criterion(necessary, "Necessary", "1").
"""

EARLY = """
met(necessary) :- met(early).
criterion(early, "Early", "2").
met(early) :- finding(patient, early, yes).
"""

REFERRAL = """
criterion(referral, "Referred", "3").
met(referral) :- finding(patient, late, yes).
"""


def of_texts(home: Path, old: str, new: str) -> Comparison:
    """Two versions of a policy compared, which are these texts beside its name and its first criterion."""
    for name, text in {
        "vocabulary/words.lp": WORDS,
        "policies/one/2026-01-01.lp": ONE + old,
        "new.lp": ONE + new,
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return unmet.load(home).diff("one", "default", str(home / "new.lp"))


def test_a_difference_may_begin_in_a_root_that_one_side_lacks(tmp_path: Path) -> None:
    added = of_texts(tmp_path, EARLY, EARLY + REFERRAL)
    removed = of_texts(tmp_path, EARLY + REFERRAL, EARLY)
    for found, order in ((added, 1), (removed, -1)):
        outcomes = {(d.old.value, d.new.value)[::order]: (d.criteria, d.exact) for d in found.differences}
        begins = ("referral",), True
        assert outcomes == {("approved", "referred"): begins, ("denied", "referred"): begins}
        patients = sorted(str(d.old_case["patient"]) for d in found.differences if d.old_case)
        assert patients == ["{'early': 'no', 'late': 'yes'}", "{'early': 'yes', 'late': 'yes'}"]


def test_of_two_criteria_that_change_places_the_difference_begins_in_neither(tmp_path: Path) -> None:
    first = """
met(necessary) :- met(above).
criterion(above, "Above", "2").  met(above) :- met(below).
criterion(below, "Below", "3").  met(below) :- finding(patient, early, yes).
"""
    second = first.replace("above", "_").replace("below", "above").replace("_", "below").replace("early", "late")
    found = of_texts(tmp_path, first, second)
    outcomes = {(d.old.value, d.new.value): d.criteria for d in found.differences}
    assert outcomes == {("approved", "denied"): (), ("denied", "approved"): ()}
    assert all(d.old_case is not None and d.exact for d in found.differences)
    besides = 'criterion(besides, "Besides", "4").  met(besides) :- finding(patient, other, {}).\n'
    old, new = (text.replace("met(necessary) :-", "met(necessary) :- met(besides),") for text in (first, second))
    found = of_texts(tmp_path, old + besides.format("yes"), new + besides.format("(yes; no)"))
    begins = {(d.old.value, d.criteria) for d in found.differences}
    assert begins == {("approved", ()), ("denied", ()), ("denied", ("besides",))}


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("at_least(patient, pain, mild)", "at_least(patient, pain, severe)", Change.THRESHOLDS),
        ("at_most(patient, pain, (none; mild))", "at_most(patient, pain, (none; none))", Change.THRESHOLDS),
        ("at_least(patient, pain, mild)", "at_most(patient, pain, mild)", Change.RULES),
        ("at_least(patient, pain, mild)", "at_least(patient, loss, mild)", Change.RULES),
        ("finding(patient, pain, mild)", "finding(patient, pain, severe)", Change.RULES),
    ],
)
def test_another_word_of_a_scale_is_another_threshold(tmp_path: Path, old: str, new: str, change: Change) -> None:
    found = of_texts(tmp_path, *(f"met(necessary) :- {read}, finding(patient, early, yes).\n" for read in (old, new)))
    assert [(c.criterion, c.changes) for c in found.changes] == [("necessary", (change,))]


RELIEF = """
record(patient, one).  record(request, one).  record(injection, listed).
date(request, date_of_service).          text(date_of_service, "", "Date").
number(injection, before, 0, 10).        text(before, "", "Before").
number(injection, after, 0, 10).         text(after, "", "After").
number(injection, relief, -100, 100).    text(relief, "%", "Relief").
finding(I, relief, 100*(B-A)/B) :- injection(I), finding(I, before, B), finding(I, after, A), B > 0.
"""

SMOKING_WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).         text(date_of_service, "", "Date of service").
flag(patient, smoker).                  text(smoker, "", "Smoker").  presumed(smoker, no).
number(patient, free_weeks, 0, 100).    text(free_weeks, "weeks", "Weeks without smoking").
number(patient, score, 0, 10).          text(score, "", "Score").
"""
SMOKING = """
policy(one, "One").  version("1").  document("D").  effective("2026-01-01").  covers("A").
criterion(necessary, "Necessary", "1").
met(necessary) :- met(severe), not met(smoking).
criterion(severe, "Severe", "1.a").
met(severe) :- finding(patient, score, S), S >= 5.
criterion(smoking, "Smoking", "1.b").
met(smoking) :- finding(patient, smoker, yes), finding(patient, free_weeks, W), W < 8.
criterion(referral, "Referral", "2").
met(referral) :- finding(patient, score, S), S >= 9.
"""


def test_a_difference_begins_in_what_matters_to_it_and_its_case_shows_that(tmp_path: Path) -> None:
    """Whoever is referred now was denied for the score or for smoking: it is the referral that makes the difference."""
    for name, text in {"vocabulary/words.lp": SMOKING_WORDS, "policies/one/2026-01-01.lp": SMOKING}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    draft = tmp_path / "draft.lp"
    changed = SMOKING.replace("S >= 9", "S >= 8").replace("W < 8", "W < 6").replace("S >= 5", "S >= 4")
    draft.write_text(changed, encoding="utf-8")
    base = loading.load(tmp_path)
    found = compare(read_judge(base, "one", "default"), read_judge(base, "one", str(draft)))
    told = {(d.old.value, d.new.value, d.criteria): (d.old_case or {})["patient"] for d in found.differences}
    assert told.pop(("denied", "referred", ("referral",))).keys() == {"smoker", "free_weeks", "score"}  # of any weeks
    assert told == {
        ("approved", "referred", ("referral",)): {"score": 8},
        ("denied", "approved", ("severe",)): {"score": 4},
        ("denied", "approved", ("smoking",)): {"smoker": "yes", "free_weeks": 6, "score": 5},
    }


RELIEVED = """
policy(one, "One").  version("1").  document("D").  effective("2026-01-01").  covers("A").
criterion(necessary, "Relieved", "1").
met(necessary) :- finding(I, relief, R), R >= 70.
"""


def test_a_finding_that_follows_from_two_stands_for_both(tmp_path: Path) -> None:
    for name, text in {"vocabulary/words.lp": RELIEF, "policies/one/2026-01-01.lp": RELIEVED}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    draft = tmp_path / "draft.lp"
    draft.write_text(RELIEVED.replace("70", "75"), encoding="utf-8")
    base = loading.load(tmp_path)
    found = Differences(read_judge(base, "one", "default"), read_judge(base, "one", str(draft)))
    program, domain, ground = found.copies.program, found.copies.domain, found._ground
    claim = program.literal(symbol_of("_shows", [symbol_of("approve"), symbol_of("deny")]))
    some = [-ground.layout.is_cell((injection, "before"), (0, 0)) for injection in ground.layout.present]
    (world,) = Nearest(program, [ground.layout]).worlds([*ground.fixed, *some, claim]) or ()
    shown = Shown(ground, world, [claim], domain.pairs)
    scores = [(injection, name) for injection in world.entities for name in ("before", "after")]
    relief = {(injection, "relief") for injection in world.entities}
    assert shown.shows(scores)
    assert set(exchanged([shown], scores)) == relief
    assert set(exchanged([shown], list(relief))) == relief


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["diff", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stdout, result.stderr


@cache
def impact() -> Comparison:
    with tempfile.TemporaryDirectory() as name:
        cases = [shipped.case(p) for p in shipped.CASE_FILES if p.parent.name == HIP]
        return shipped.kb().diff(HIP, "2025-08-01", str(edited(Path(name), "Years >= 50", "Years >= 55")), cases)


def test_the_impact_names_the_cases_that_flip() -> None:
    found = impact().impact
    assert found is not None
    assert found.cases == len([p for p in shipped.CASE_FILES if p.parent.name == HIP])
    flips = {(Path(f.case).stem, f.old, f.new) for f in found.flips}
    assert ("denied_age_fifty", Verdict.DENIED, Verdict.APPROVED) in flips
    assert all(old is not new for _, old, new in flips)


@pytest.mark.usefixtures("kept")
def test_exit_codes(tmp_path: Path) -> None:
    same = edited(tmp_path, "Years >= 50", "Years > 49")
    assert run(HIP, "2025-08-01", str(same))[0] == 0
    assert run(HIP, "2025-08-01", str(edited(tmp_path, "Years >= 50", "Years >= 55")))[0] == 5
    (tmp_path / "bad.lp").write_text("policy(hip_core_decompression, ", encoding="utf-8")
    assert run(HIP, "2025-08-01", str(tmp_path / "bad.lp"))[0] == 1
    for wrong in ("2000-01-01", "2025-13-01", "nowhere.lp", "staging=fica", "stage=ficat"):
        code, _, message = run(HIP, "2025-08-01", wrong)
        assert code == 2, wrong
        assert wrong.partition("=")[0] in message or wrong.partition("=")[2] in message


@pytest.mark.usefixtures("kept")
def test_as_json_and_witnesses_that_replay(tmp_path: Path) -> None:
    into = str(tmp_path / "found")
    code, text, _ = run(
        "patellofemoral_reconstruction", "2024-05-10", "page_break=inner", "--format", "json", "--witnesses", into
    )
    assert code == 5
    found = json.loads(text)
    assert found["equivalent"] is False
    assert found["declared"] == []
    assert found["new"]["readings"]["page_break"] == "inner"
    files = sorted((tmp_path / "found").iterdir())
    assert len(files) == 2 * len([d for d in found["differences"] if d["new_case"]]) > 0
    for file in files:
        case = shipped.kb().read_case(file)
        assert list(shipped.kb().test(case)) == []
        assert len(case.expectations) == 1


@pytest.mark.usefixtures("kept")
def test_witnesses_about_a_stay_replay_though_alone_it_is_moot(tmp_path: Path) -> None:
    into, draft, stay = tmp_path / "found", tmp_path / "draft.lp", "inpatient_stay"
    text = shipped.inner().version(stay).path.read_text(encoding="utf-8")
    for old, new in (("Levels >= 2", "Levels >= 3"), ("Units >= 1", "Units >= 2")):
        draft.write_text(text.replace(old, new), encoding="utf-8")
        assert run(stay, "default", str(draft), "--witnesses", str(into))[0] == 5
        drafted = shipped.kb().with_draft(draft)
        for side, base, other in (("old", shipped.kb(), drafted), ("new", drafted, shipped.kb())):
            for file in into.glob(f"*_{side}.yaml"):
                assert list(base.test(base.read_case(file))) == []
                assert list(other.test(other.read_case(file))) != []
                file.unlink()


@pytest.mark.usefixtures("kept")
def test_witnesses_of_a_draft_replay_with_it(tmp_path: Path) -> None:
    into, draft = tmp_path / "found", edited(tmp_path, "Years >= 50", "Years >= 55")
    code, text, _ = run(HIP, "2025-08-01", f"{draft},staging=steinberg", "--witnesses", str(into))
    assert code == 5
    assert text.splitlines()[-2:] == [
        f"  unmet test {into}/*_old.yaml",
        f"  unmet test {into}/*_new.yaml --draft {draft}",
    ]
    drafted = shipped.kb().with_draft(draft)
    for side, base, other in (("old", shipped.kb(), drafted), ("new", drafted, shipped.kb())):
        (file,) = into.glob(f"*_{side}.yaml")
        assert list(base.test(base.read_case(file))) == []
        assert list(other.test(other.read_case(file))) != []
        options = ["--draft", str(draft)] if side == "new" else []
        for command in ("test", "determine"):
            ran = CliRunner().invoke(main, [command, str(file), *options])
            assert ran.exit_code == {"test": 0, "determine": {"old": 3, "new": 0}[side]}[command]


def test_a_file_may_come_with_readings(tmp_path: Path) -> None:
    draft = edited(tmp_path, "50 years of age or older", "At least 50 years of age")
    for spec in (f"{draft},staging=steinberg", f"staging=steinberg,{draft}"):
        found = shipped.kb().diff(HIP, "default", spec)
        assert (found.new.readings["staging"], found.new.is_draft) == ("steinberg", True)
    for spec, said in (
        (f"{draft},2025-08-01", "names two versions"),
        (f"{draft},{draft}", "names two versions"),
        (f"{draft},staging=fica", "`fica` is not an option of `staging`"),
        (f"{draft},here", "`here` is neither a date"),
    ):
        with pytest.raises(unmet.RequestError, match=said):
            shipped.kb().diff(HIP, "default", spec)


@pytest.mark.usefixtures("kept")
def test_as_text(tmp_path: Path) -> None:
    code, text, _ = run(HIP, "2025-08-01", str(edited(tmp_path, "Years >= 50", "Years >= 55")))
    assert code == 5
    for line in (
        "approval  looser",
        "referral  the same",
        "  fifty_or_older: thresholds",
        "    - met(fifty_or_older) :- finding(patient,age,Years); Years >= 50.",
        "    + met(fifty_or_older) :- finding(patient,age,Years); Years >= 55.",
        "  denied by the old side, approved by the new; it begins in fifty_or_older",
    ):
        assert line in text.splitlines()
