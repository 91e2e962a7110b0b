"""What `unmet check` says of several policies, and of what policies say of themselves, is what brute force says."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests import oracle
from tests.explain_oracle import Explained, TooMany
from tests.model import Attribute, Case, Count, Finding, Holds, KnowledgeBase, Literal, Predicate, Rule, Test, Value
from tests.oracle import Question, World
from tests.strategies import Focus, knowledge_bases, pruned
from tests.test_agreement import fewer
from tests.writers import knowledge_base_files
from unmet import loading
from unmet.check import check
from unmet.findings import CheckReport
from unmet.findings import Finding as Reported

FOCUS = Focus(leaves=3, groups=3, small=True, readings=False, assumptions=1)
DAYS = ("2026-01-01", "2026-07-01", "2027-01-01", "2027-07-01", "2028-01-01")
TODAY = "2027-03-01"

Told = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Version:
    """One version of a policy, and what it says of itself; citations are ordinals, in the order of the file."""

    policy: str
    kb: KnowledgeBase
    number: int
    effective: str
    review: str
    covers: tuple[str, ...]
    citations: tuple[int, ...]

    @property
    def file(self) -> str:
        return f"policies/{self.policy}/{self.effective}.lp"

    def text(self) -> str:
        """The file: the generated one under another header, with other citations."""
        body = knowledge_base_files(self.kb)["policies/sample/2026-01-01.lp"].split('covers("X0001").\n')[1]
        places = iter(self.citations)
        body = re.sub(r'"Section \d+"', lambda _: f'"Section {next(places)}"', body)
        codes = "  ".join(f'covers("{code}").' for code in self.covers)
        return (
            f'policy({self.policy}, "A policy").\nversion("{self.number}").  document("Generated").\n'
            f'effective("{self.effective}").  review_due("{self.review}").\n{codes}\n{body}'
        )

    @property
    def criteria(self) -> list[str]:
        """In the order of the file."""
        return [p.name for p in reversed(self.kb.predicates) if p.sort == "criterion"]


@st.composite
def versions(draw: st.DrawFn) -> tuple[Version, ...]:
    """Two policies over one vocabulary, one of them in several versions."""
    kb = draw(knowledge_bases(FOCUS))
    names = [p.name for p in kb.criteria() if p.name not in ("necessary", "referral")]
    only = Holds(draw(st.sampled_from(names)), negated=draw(st.booleans()))
    turned = Predicate("necessary", "criterion", (Rule((only,)),))
    other = replace(kb, predicates=(*(p for p in kb.predicates if p.name not in ("necessary", "referral")), turned))
    below = Question(other, Case(), {}).polarities()
    other = pruned(replace(other, predicates=tuple(p for p in other.predicates if p.name in below)))
    days = sorted(draw(st.lists(st.sampled_from(DAYS[:4]), min_size=1, max_size=3, unique=True)))
    found = [draw(of_policy("first", kb, day)) for day in days]
    return (*found, draw(of_policy("second", other, draw(st.sampled_from(DAYS)))))


@st.composite
def of_policy(draw: st.DrawFn, name: str, kb: KnowledgeBase, day: str) -> Version:
    count = len(kb.criteria())
    places = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    codes = draw(st.lists(st.sampled_from(("X1", "X2", "X3")), min_size=1, max_size=2, unique=True))
    review = draw(st.sampled_from(DAYS))
    return Version(name, kb, draw(st.integers(0, 3)), day, review, tuple(codes), tuple(places))


def run(found: tuple[Version, ...]) -> CheckReport:
    """The engine's side."""
    files = knowledge_base_files(found[0].kb)
    texts = {name: text for name, text in files.items() if name.startswith("vocabulary")}
    texts |= {version.file: version.text() for version in found}
    with tempfile.TemporaryDirectory() as name:
        for path, text in texts.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_text(text, encoding="utf-8")
        return check(loading.load(Path(name)), day=TODAY)


# -- what policies say of themselves ------------------------------------------------------------------------------


def metadata(version: Version, versions: list[Version]) -> Iterator[Told]:
    later = [v for v in versions if v.effective > version.effective]
    if version.review < version.effective:
        yield "review-before-effective", (version.policy,)
    elif version.review < TODAY and not later:
        yield "review-overdue", (version.policy, version.review)
    for i, (name, place) in enumerate(zip(version.criteria, version.citations, strict=True)):
        if i and place < version.citations[i - 1]:
            yield "citation-order", (name, version.criteria[i - 1])
    before = [v for v in versions if v.effective < version.effective]
    expected = {before[-1].number + 1} if before else {0, 1}
    if version.number not in expected:
        yield "version-gap", (version.policy,)


# -- several policies ---------------------------------------------------------------------------------------------


def ends(version: Version, every: tuple[Version, ...]) -> str:
    return min(
        (v.effective for v in every if v.policy == version.policy and v.effective > version.effective), default="9999"
    )


def meet(one: Version, other: Version, every: tuple[Version, ...]) -> bool:
    return one.effective < ends(other, every) and other.effective < ends(one, every)


def findings_of(kb: KnowledgeBase) -> list[Finding]:
    return [lit for p in kb.predicates for r in p.rules for lit in r.body if isinstance(lit, Finding)]


def linked(kb: KnowledgeBase, names: set[str]) -> set[str]:
    """These attributes and all that assumptions or formulas tie to them."""
    ties = [{lit.attribute for lit in body if isinstance(lit, Finding)} for body in kb.impossible]
    ties += [{d.target, d.before, d.after} for d in kb.derivations]
    found = set(names)
    while more := set().union(*(tie for tie in ties if tie & found)) - found:
        found |= more
    return found


def cuts(kb: KnowledgeBase, attribute: Attribute) -> frozenset[Value]:
    """The values at which some rule begins or ceases to hold."""
    return frozenset().union(
        *(
            turns(attribute, tests)
            for lit in findings_of(kb)
            if lit.attribute == attribute.name
            for tests in ([(test,) for test in lit.tests] if attribute.type == "number" else [lit.tests])
        )
    )


def turns(attribute: Attribute, tests: tuple[Test, ...]) -> set[Value]:
    """The values that pass while the one before does not, or the other way round; numbers also beyond the range."""
    if attribute.type == "scale":
        passed = [all(oracle.passes(attribute, v, test) for test in tests) for v in attribute.values]
        return {v for v, (a, b) in zip(attribute.values[1:], pairwise(passed), strict=True) if a is not b}
    found: set[Value] = set()
    for test in tests:
        for value in map(int, test.operands):
            found |= {value} if test.op in ("<", ">=", "=", "!=", "in") else set()
            found |= {value + 1} if test.op in (">", "<=", "=", "!=", "in") else set()
    return found


def renamed(kb: KnowledgeBase) -> KnowledgeBase:
    """The predicates of a policy under names of their own."""

    def name(literal: Literal) -> Literal:
        if isinstance(literal, Holds):
            return replace(literal, name=f"other_{literal.name}")
        if isinstance(literal, Count):
            return replace(literal, names=tuple(f"other_{n}" for n in literal.names))
        return literal

    def body(rule: Rule) -> Rule:
        return replace(rule, body=tuple(map(name, rule.body)))

    predicates = (replace(p, name=f"other_{p.name}", rules=tuple(map(body, p.rules))) for p in kb.predicates)
    return replace(kb, predicates=tuple(predicates))


def approves(world: World, prefix: str, kb: KnowledgeBase) -> bool:
    refers = any(p.name == "referral" for p in kb.predicates) and bool(world.extension(f"{prefix}referral"))
    return bool(world.extension(f"{prefix}necessary")) and not refers


Claim = Callable[[World], bool]


def patients(one: KnowledgeBase, other: KnowledgeBase) -> Callable[[Claim], set[object]]:
    """Of which patients some world is what is claimed; the second policy's names stand behind `other_`."""
    both = replace(one, predicates=(*one.predicates, *renamed(other).predicates))
    try:
        question = Question(both, Case(complete=frozenset(k.name for k in both.kinds if k.sort == "listed")), {})
        worlds = Explained(question, most_worlds=600).worlds
    except (oracle.Contradiction, TooMany):
        assume(False)
        raise AssertionError from None

    def patient(world: World) -> tuple[object, ...]:
        own = {k: v for k, v in world.values.items() if k[0].kind != "request"}
        stated = {k for k in world.case.stated if k[0].kind != "request"}
        return frozenset(own.items()), frozenset(stated), tuple(world.entities)

    return lambda claim: {patient(w) for w in worlds if claim(w)}


def never_together(one: KnowledgeBase, other: KnowledgeBase) -> bool:
    """Whether each policy approves some patient, and no patient can be approved for both."""
    of = patients(one, other)
    first, second = of(lambda w: approves(w, "", one)), of(lambda w: approves(w, "other_", other))
    return bool(first) and bool(second) and not first & second


def is_minimal_conflict(one: KnowledgeBase, other: KnowledgeBase, blamed: Sequence[tuple[str, bool, str]]) -> bool:
    """Whether what is blamed of both policies holds of no patient, and all but any one of it of some patient.

    What is blamed is a policy, whether it is that a criterion is not met, and the criterion.
    """
    of = patients(one, other)

    def some(held: Sequence[tuple[str, bool, str]]) -> bool:
        def all_of(policy: str) -> Claim:
            prefix = "" if policy == "first" else "other_"
            own = [(negated, f"{prefix}{name}") for which, negated, name in held if which == policy]
            return lambda world: all(bool(world.extension(name)) is not negated for negated, name in own)

        return bool(of(all_of("first")) & of(all_of("second")))

    return not some(blamed) and all(some([b for b in blamed if b != each]) for each in blamed)


def across(every: tuple[Version, ...]) -> Iterator[Told]:
    kb = every[0].kb
    for i, one in enumerate(every):
        for other in every[i + 1 :]:
            common = [code for code in one.covers if code in other.covers]
            if one.policy != other.policy and common and meet(one, other, every):
                yield "two-policies", (one.policy, other.policy, *common)
    meeting = [(a, b) for a, b in combinations(every, 2) if a.policy != b.policy and meet(a, b, every)]
    for attribute in kb.attributes:
        compared = attribute.type in ("number", "scale")
        pairs = [{cuts(v.kb, attribute) for v in pair} - {frozenset()} for pair in meeting if compared]
        if any(len(pair) > 1 for pair in pairs):
            yield "different-thresholds", (attribute.name,)
        known = linked(kb, set().union(*({lit.attribute for lit in findings_of(v.kb)} for v in every)))
        if attribute.name not in known:
            yield "unread-attribute", (attribute.name,)
    for one, other in meeting:
        first, second = (linked(kb, {lit.attribute for lit in findings_of(v.kb)}) for v in (one, other))
        shared = any(kb.attribute(name).kind != "request" for name in first & second)
        if shared and never_together(one.kb, other.kb):
            yield "never-together", (one.policy, other.policy)


def hold_versions(found: Reported, every: tuple[Version, ...]) -> None:
    """A finding about two policies names versions that are in force together, and on which days."""
    one, other = (next(v for v in every if (v.policy, v.effective) == (w.policy, w.effective)) for w in found.versions)
    assert (one.policy, other.policy) == found.subjects[:2]
    first, last = max(one.effective, other.effective), min(ends(one, every), ends(other, every))
    told = re.search(r"in force (?:on|from) (\S+)(?: on$| to (\S+)|$)", found.message)
    assert told is not None
    assert told[1] == first
    assert (told[2] or "9999") == (last if last == "9999" else f"{date.fromisoformat(last) - timedelta(days=1)}")
    if found.code == "never-together":
        parts = re.findall(r"((?:(?:, | and )?`[a-z_0-9 ]+`)+) of `(first|second)`", found.help or "")
        blamed = [(p, bool(n), c) for names, p in parts for n, c in re.findall(r"`(not )?([a-z_0-9]+)`", names)]
        assert [c for _, _, c in blamed] == [c.criterion for c in found.criteria]
        assert is_minimal_conflict(one.kb, other.kb, blamed)
        event(f"never-together: {len(blamed)} blamed")


CODES = {
    "review-overdue", "review-before-effective", "citation-order", "version-gap", "two-policies",
    "different-thresholds", "unread-attribute", "never-together",
}  # fmt: skip


@fewer
@given(versions())
def test_the_findings_across_policies_are_those_of_brute_force(every: tuple[Version, ...]) -> None:
    expected = set(across(every))
    report = run(every)
    found = {(f.code, f.subjects) for f in report.findings if f.code in CODES and f.policy is None}
    for each in (f for f in report.findings if f.code in ("two-policies", "never-together")):
        hold_versions(each, every)
    for code, _ in expected:
        event(code)
    assert found == expected
    for version in every:
        own = {
            (f.code, f.subjects)
            for f in report.findings
            if (f.policy, f.effective) == (version.policy, version.effective) and f.code in CODES
        }
        said = set(metadata(version, [v for v in every if v.policy == version.policy]))
        for code, _ in said:
            event(code)
        assert own == said


SCALED = """
policy({name}, "A policy").
version("1").  document("Example").  effective("2026-01-01").  covers("{name}").
criterion(necessary, "Necessary", "1").
met(necessary) :- {body}.
"""


def test_an_attribute_of_a_line_is_read_by_policies_the_program_or_the_coding_file(tmp_path: Path) -> None:
    more = """
    choice(request, setting, (inpatient; outpatient)).  text(setting, "", "Setting").
    number(request, units, 1, 9).                       text(units, "", "Units").
    number(request, treated, 0, 9).                     text(treated, "", "Treated").
    flag(request, urgent).                              text(urgent, "", "Urgent").
    """
    files = {
        "vocabulary/words.lp": SCALE_WORDS + more,
        "policies/one/2026-01-01.lp": SCALED.format(name="one", body="at_least(patient, grade, mild)"),
        "coding.lp": "counts(treated, one).",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    found = check(loading.load(tmp_path), day=TODAY).findings
    assert [f.subjects for f in found if f.code == "unread-attribute"] == [("urgent",)]


SCALE_WORDS = """
record(patient, one).  record(request, one).
date(request, date_of_service).   text(date_of_service, "", "Date of service").
scale(patient, grade, (none, 0; mild, 1; severe, 2; "very severe", 3)).   text(grade, "", "Grade").
"""


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("at_least(patient, grade, mild)", "at_least(patient, grade, severe)", "`one` mild; `two` severe"),
        ("at_least(patient, grade, severe)", "not at_most(patient, grade, mild)", None),
        ("at_least(patient, grade, severe)", 'finding(patient, grade, (severe; "very severe"))', None),
        (
            "at_least(patient, grade, severe)",
            "finding(patient, grade, severe)",
            "`one` severe; `two` severe, very severe",
        ),
        ("at_least(patient, grade, severe)", "documented(patient, grade, _)", None),
    ],
)
def test_a_scale_is_held_against_other_words(tmp_path: Path, one: str, other: str, found: str | None) -> None:
    files = {"vocabulary/words.lp": SCALE_WORDS}
    for name, body in (("one", one), ("two", other)):
        files[f"policies/{name}/2026-01-01.lp"] = SCALED.format(name=name, body=body)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = [f for f in check(loading.load(tmp_path), day=TODAY).findings if f.code == "different-thresholds"]
    assert [f.message.partition("cease to hold: ")[2] for f in told] == ([found] if found else [])


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        (("1.0", "1.1", "2.0"), []),
        (("1", "1.1", "1.1.1", "1.2", "2"), []),
        (
            ("1.0", "1.2", "3.0"),
            ["versions between 1.0 and 1.2 are missing", "versions between 1.2 and 3.0 are missing"],
        ),
        (("A", "C", "B"), ["versions between A and C are missing", "version B is in force after version C"]),
        (("A", "B", "C"), []),
        (("B",), ["the first version here is B, and what was before it is missing"]),
        (("1.2",), ["the first version here is 1.2, and what was before it is missing"]),
        (
            ("1.1", "1.1"),
            [
                "the first version here is 1.1, and what was before it is missing",
                "version 1.1 is in force after version 1.1",
            ],
        ),
        (("1", "2026 edition", "3"), []),
        (("1", "B"), []),
        (("2024", "2026", "2026.2"), []),
        (("12024",), ["the first version here is 12024, and what was before it is missing"]),
    ],
)
def test_versions_are_numbers_or_letters(tmp_path: Path, numbers: tuple[str, ...], missing: list[str]) -> None:
    files = {"vocabulary/words.lp": SCALE_WORDS}
    for month, number in enumerate(numbers, 1):
        text = SCALED.format(name="one", body="at_least(patient, grade, mild)").replace(
            'version("1")', f'version("{number}")'
        )
        files[f"policies/one/2026-{month:02}-01.lp"] = text.replace("2026-01-01", f"2026-{month:02}-01")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = [f.message for f in check(loading.load(tmp_path), day=TODAY).findings if f.code == "version-gap"]
    assert sorted(told) == sorted(missing)


def policies(home: Path, **bodies: str) -> CheckReport:
    """What is found of policies of these versions: `a_2026_01_01` is `a` of that day."""
    (home / "vocabulary").mkdir(parents=True)
    (home / "vocabulary" / "words.lp").write_text(SCALE_WORDS + PAIN, encoding="utf-8")
    for number, (key, body) in enumerate(bodies.items()):
        name, _, day = key.partition("_")
        text = SCALED.format(name=name, body=body).replace("2026-01-01", day.replace("_", "-"))
        path = home / "policies" / name / f"{day.replace('_', '-')}.lp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace('version("1")', f'version("{number}")'), encoding="utf-8")
    return check(loading.load(home), day=TODAY)


PAIN = 'number(patient, pain, 0, 10).  text(pain, "", "Pain").\n'
MILD, SEVERE = "finding(patient, pain, P), P < 3", "finding(patient, pain, P), P >= 5"


def test_a_version_that_is_to_come_hides_nothing_of_the_one_in_force(tmp_path: Path) -> None:
    versions = {"a_2025_01_01": MILD, "a_2026_06_01": SEVERE, "b_2025_03_01": SEVERE}
    found = {f.code: f for f in policies(tmp_path, **versions).findings}
    never = found["never-together"]
    assert never.message == (
        "no patient can be approved for both `a` and `b`, which are both in force from 2025-03-01 to 2026-05-31"
    )
    assert [(v.policy, v.effective) for v in never.versions] == [("a", "2025-01-01"), ("b", "2025-03-01")]
    assert (never.policy, never.effective) == (None, None)
    assert [Path(v.location.file).parent.name for v in never.versions] == ["a", "b"]
    thresholds = found["different-thresholds"]
    assert thresholds.message.endswith("cease to hold: `a` of 2025-01-01 3; `b` 5")
    assert [(v.policy, v.effective) for v in thresholds.versions] == [("a", "2025-01-01"), ("b", "2025-03-01")]


@pytest.mark.parametrize(
    ("later", "days"),
    [("2026_03_02", "on 2026-03-01"), ("2026_04_01", "from 2026-03-01 to 2026-03-31"), (None, "from 2026-03-01 on")],
)
def test_on_which_days_two_versions_are_in_force(later: str | None, days: str, tmp_path: Path) -> None:
    versions = {"a_2026_01_01": MILD, "b_2026_03_01": SEVERE} | ({f"a_{later}": SEVERE} if later else {})
    (never,) = [f for f in policies(tmp_path, **versions).findings if f.code == "never-together"]
    assert never.message.endswith(f"which are both in force {days}")
