"""Checks of what is rare among generated policies: what assumptions and formulas tie together, codes of a region."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests import oracle
from tests.check_oracle import Declared
from tests.model import (
    Attribute,
    Case,
    Count,
    Finding,
    Holds,
    Keyed,
    Kind,
    KnowledgeBase,
    Predicate,
    Rule,
    Test,
    Value,
    Var,
)
from tests.strategies import LEVELS, PATIENT, REQUEST, Scenario, derivations, group_rules
from tests.test_agreement import fewer
from tests.test_check import Example, hold, worlds_of
from tests.writers import POLICY, write_knowledge_base
from unmet import loading
from unmet.check import check, counting

KINDS = (Kind("patient", "one"), Kind("request", "one"))
COLOURS = (("red", "green"), ("red", "green", "blue"))


def leaf(name: str, *body: Finding) -> Predicate:
    return Predicate(name, "criterion", (Rule(body),))


def is_one_of(attribute: Attribute, *values: Value) -> Finding:
    return Finding(PATIENT, attribute.name, (Test("in", values),))


@st.composite
def some(draw: st.DrawFn, attribute: Attribute) -> Finding:
    """That an attribute has one of some values, not of all."""
    most = len(attribute.values) - 1
    return is_one_of(
        attribute, *draw(st.lists(st.sampled_from(attribute.values), min_size=1, max_size=most, unique=True))
    )


@st.composite
def tied(draw: st.DrawFn) -> Example:
    """Two members of a count over two attributes, and assumptions of what a value of the one leaves of the other."""
    first, second, other = (Attribute(n, "patient", "choice", draw(st.sampled_from(COLOURS))) for n in "abc")
    bodies: list[tuple[Finding, ...]] = []
    for value in draw(st.lists(st.sampled_from(first.values), min_size=1, max_size=2, unique=True)):
        gone = draw(st.lists(st.sampled_from(second.values), min_size=1, max_size=len(second.values) - 1, unique=True))
        where = [draw(some(other))] if draw(st.integers(0, 2)) == 0 else []
        bodies += [(is_one_of(first, value), is_one_of(second, each), *where) for each in gone]
    also = [draw(some(other))] if draw(st.integers(0, 3)) == 0 else []
    leaves = (
        leaf("one", draw(some(first))),
        leaf("two", draw(some(second)), *also),
        leaf("three", draw(some(other))),
    )
    necessary = Predicate("necessary", "criterion", (Rule((Count(2, ("one", "two", "three")),)),))
    kb = KnowledgeBase(
        KINDS, (first, second, other), impossible=tuple(dict.fromkeys(bodies)), predicates=(*leaves, necessary)
    )
    assume(any(True for _ in oracle.completions(kb, Case())))
    return Example(Scenario(kb, Case(), {}), Declared(), draw(st.sampled_from([0, counting.SMALL_PART])))


def test_what_assumptions_make_count_twice_is_what_brute_force_finds() -> None:
    seen = 0

    @fewer
    @given(tied())
    def agree(example: Example) -> None:
        nonlocal seen
        twice = {subjects for code, subjects in hold(example) if code == "double-counting"}
        event(f"{len(twice)} counted twice")
        seen += ("necessary", "one", "two") in twice

    agree()
    assert seen


@st.composite
def computed(draw: st.DrawFn) -> Example:
    """Presumptions, and what is worse, of numbers of which a formula computes one, and of what is assumed of them."""

    def presumed(attribute: Attribute) -> Attribute:
        return replace(attribute, presumed=draw(st.sampled_from((None, *attribute.values))))

    rule, numbers = draw(derivations("patient"))
    few = [replace(n, values=n.values[:3]) if n.name != rule.target else n for n in numbers]
    flag = Attribute("flag", "patient", "flag", ("yes", "no"))
    attributes = tuple(presumed(a) for a in (*few, flag))
    sides = st.sampled_from(attributes)
    bodies = [(draw(some(draw(sides))), draw(some(draw(sides)))) for _ in range(draw(st.integers(0, 2)))]

    def test() -> Finding:
        return replace(draw(some(draw(sides))), documented=draw(st.integers(0, 7)) == 0)

    names = ["one", "two", "three"][: draw(st.integers(1, 3))]
    leaves = [leaf(name, *dict.fromkeys(test() for _ in range(draw(st.integers(1, 2))))) for name in names]
    root = Predicate("necessary", "criterion", draw(group_rules(names)))
    rules = (rule,) if draw(st.integers(0, 4)) else ()
    kb = KnowledgeBase(KINDS, attributes, rules, tuple(dict.fromkeys(bodies)), (*leaves, root))
    assume(any(True for _ in oracle.completions(kb, Case())))
    needier = frozenset(a.name for a in attributes if draw(st.booleans()))
    return Example(Scenario(kb, Case(), {}), Declared(needier), counting.SMALL_PART)


def test_what_is_presumed_and_what_is_worse_through_formulas_is_what_brute_force_finds() -> None:
    seen = set[str]()

    @fewer
    @given(computed())
    def agree(example: Example) -> None:
        kb = example.scenario.kb
        found = {code for code, _ in hold(example)}
        event(f"{len(kb.derivations)} formulas, {len(kb.impossible)} assumptions")
        seen.update(found if kb.derivations else ())

    agree()
    assert seen & {"presumption-decides", "worse-loses"}


@st.composite
def of_levels(draw: st.DrawFn) -> tuple[KnowledgeBase, tuple[str, ...]]:
    """A policy decided level by level, and the levels of its code's region."""
    level = Attribute("level", "request", "choice", LEVELS.keys)
    narrow = Attribute("narrow", LEVELS.name, "flag", ("yes", "no"))
    pain = Attribute("pain", "patient", "flag", ("yes", "no"))
    key, here = Var("Key"), draw(st.sampled_from(LEVELS.keys))
    there = Finding(Keyed(LEVELS.name, key), "narrow", (Test("in", ("yes",)),))
    leaves = (
        leaf("there", Finding(REQUEST, "level", binds=key), there),
        leaf("here", Finding(REQUEST, "level", (Test("in", (here,)),), negated=draw(st.booleans()))),
        leaf("pain", is_one_of(pain, "yes")),
    )
    root = Predicate("necessary", "criterion", draw(group_rules(["there", "here", "pain"])))
    bar = draw(st.sampled_from((None, Holds("here"), Holds("here", negated=True))))
    referral = [Predicate("referral", "criterion", (Rule((bar,)),))] if bar else []
    kb = KnowledgeBase((*KINDS, LEVELS), (level, narrow, pain), predicates=(*leaves, *referral, root))
    return kb, tuple(draw(st.lists(st.sampled_from(LEVELS.keys), min_size=1, max_size=2, unique=True)))


def test_a_code_that_is_never_approved_in_its_region_is_what_brute_force_finds() -> None:
    seen = set()

    @fewer
    @given(of_levels())
    def agree(drawn: tuple[KnowledgeBase, tuple[str, ...]]) -> None:
        kb, region = drawn
        _, worlds = worlds_of(Scenario(kb, Case(), {}))
        approved = {w.values[REQUEST, "level"] for w in worlds if w.outcome() == "approved"}
        with tempfile.TemporaryDirectory() as name:
            write_knowledge_base(kb, Path(name))
            with (Path(name) / "policies" / POLICY / "2026-01-01.lp").open("a", encoding="utf-8") as file:
                file.write("per(level).\n")
            lines = [f'region("X0001", "{each}").\n' for each in region]
            (Path(name) / "coding.lp").write_text("".join(lines), encoding="utf-8")
            report = check(loading.load(Path(name)), day="2026-06-01")
        found = [f.subjects for f in report.findings if f.code == "region-never-approved"]
        assert found == ([] if approved & {*region} else [("X0001",)])
        seen.add(bool(found))

    agree()
    assert seen == {False, True}
