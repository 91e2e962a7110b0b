"""What two sides declare otherwise beside their criteria, against every case of a small world as it is decided."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import event, given, settings
from hypothesis import strategies as st
from rich.console import Console

import unmet
from tests.test_diff import as_stated, stated, without_one
from unmet.case import Case
from unmet.cli import main
from unmet.comparison import Affected, Answer, Comparison, Impact
from unmet.render import comparison
from unmet.results import LineDetermination, Verdict

WORDS = """
record(patient, one).  record(request, one).  record(level, keyed).  key(level, ("L1"; "L2")).
date(request, date_of_service).                  text(date_of_service, "", "Date").
choice(request, level, ("L1"; "L2")).            text(level, "", "Level").
choice(request, setting, (inpatient; outpatient)).  text(setting, "", "Setting").
number(request, days, 0, 9).                     text(days, "", "Days").
number(request, stage, 1, 3).                    text(stage, "", "Stage").
flag(request, served_are_ambulatory).            text(served_are_ambulatory, "", "Ambulatory").
number(patient, age, 0, 99).                     text(age, "years", "Age").
flag(patient, pain).                             text(pain, "", "Pain").
flag(level, stenosis).                           text(stenosis, "", "Stenosis").
"""

CRITERIA = """
criterion(necessary, "Necessary", "1").
met(necessary) :- met(pain).
criterion(pain, "Pain", "1.1").
met(pain) :- finding(patient, pain, yes).
"""

OTHER = f"""
policy(other, "Other").  version("1").  document("D").  effective("2026-01-15").  covers("C").
{CRITERIA}
"""

THIRD = f"""
policy(third, "Third").  version("1").  document("D").  effective("2000-01-01").  covers("F").
{CRITERIA}
"""

STAY = """
policy(stay, "Stay").  version("1").  document("D").  effective("2000-01-01").  covers("S").
criterion(necessary, "Necessary", "1").
met(necessary) :- finding(request, served_are_ambulatory, no).
"""


ADD_ON = f"""
policy(adding, "Add-on").  version("1").  document("D").  effective("2000-01-01").  covers("D").  per(level).
{CRITERIA}
"""


@dataclass(frozen=True)
class Declares:
    """What a version states beside its criteria."""

    covers: tuple[str, ...] = ("A", "B")
    unlisted: tuple[str, ...] = ()
    setting: tuple[str, ...] = ("outpatient",)
    population: tuple[str, ...] = ("adult",)
    days: tuple[int, int] | None = None
    per: bool = False
    title: str = "One"
    version: str = "1"
    document: str = "D"
    review_due: str | None = None

    def text(self, effective: str) -> str:
        """The policy file."""
        lines = [
            f'policy(one, "{self.title}").  version("{self.version}").  document("{self.document}").',
            f'effective("{effective}").',
        ]
        lines += [f'review_due("{self.review_due}").'] if self.review_due else []
        lines += [f'covers("{code}").' for code in self.covers] + [f'unlisted("{code}").' for code in self.unlisted]
        lines += [f"setting({word})." for word in self.setting] + [f"population({word})." for word in self.population]
        lines += [f"days({self.days[0]}, {self.days[1]})."] if self.days else []
        lines += ["per(level)."] if self.per else []
        return "\n".join(lines) + CRITERIA


def knowledge_base(home: Path, *versions: Declares) -> Path:
    """A knowledge base that holds versions of the policy, of later and later years, others, an add-on and a stay."""
    files = {
        "vocabulary/words.lp": WORDS,
        "policies/other/2026-01-15.lp": OTHER,
        "policies/third/2000-01-01.lp": THIRD,
        "policies/fourth/2000-01-01.lp": THIRD.replace("third", "fourth"),
        "policies/stay/2000-01-01.lp": STAY,
        "policies/adding/2000-01-01.lp": ADD_ON,
        "coding.lp": 'stay(stay).  ambulatory(served_are_ambulatory).  add_on("D", "A").',
    }
    if any("E" in version.covers for version in versions):
        files["coding.lp"] += '  add_on("E", "A").'
    for year, version in enumerate(versions, 2000):
        files[f"policies/one/{year}-01-01.lp"] = version.text(f"{year}-01-01")
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return home


@cache
def base() -> unmet.KnowledgeBase:
    """The knowledge base of one version, read once."""
    with tempfile.TemporaryDirectory() as name:
        return unmet.load(knowledge_base(Path(name), Declares(covers=("A", "B", "E"))))


@cache
def cases() -> tuple[Case, ...]:
    """Cases of one line (by code, or by the policy's name), alone and beside a stay, as far as it can matter."""
    early, late = {"date_of_service": "2026-01-10"}, {"date_of_service": "2026-02-01"}
    asked: list[dict[str, Any]] = [{"code": code, **early} for code in "ABCU"] + [{"code": "C", **late}]
    asked += [{"policy": "one", **early, "setting": setting} for setting in ("inpatient", "outpatient")]
    asked += [{"policy": "one", **early, "days": days} for days in range(2, 6)]
    asked += [{"code": code, **early, "levels": ["L1", "L2"]} for code in "AB"]
    stay, adding = ({"line": f"line {code}", "code": code, **early} for code in "SD")
    requests = [[line] for line in asked] + [[asked[0], stay], [asked[5], stay]]
    requests += [[{"code": "A", **early}, {**adding, "levels": ["L1", "L2"]}]]
    found = [
        {"request": {"lines": [{"line": "line", **line} for line in lines]}, "patient": {"pain": "yes", **age}}
        for lines, age in [*((lines, {}) for lines in requests), *(([asked[0]], {"age": age}) for age in (10, 40))]
    ]
    return tuple(base().case(data, str(i)) for i, data in enumerate(found))


def answer(line: LineDetermination) -> dict[str, Any]:
    """All that a line is answered; its levels have its verdict where that is not what they have on the criteria."""
    care = line.level_of_care
    on_criteria = {level.verdict for level in line.levels}
    together = next(iter(on_criteria)) if len(on_criteria) == 1 else Verdict.PARTIAL
    stands = line.verdict is (Verdict.PENDED if Verdict.PENDED in on_criteria else together)
    return {
        "verdict": line.verdict,
        "levels": {each.level: each.verdict if stands else line.verdict for each in line.levels if each.level},
        "cause": line.cause and line.cause.code,
        "level_of_care": care and care.status,
        "days": care and care.days and care.days.status,
        "population": line.population and line.population.status,
    }


@cache
def answers(declares: Declares) -> list[dict[str, dict[str, Any]]]:
    """What `unmet determine` answers of every case by the knowledge base with this version of the policy alone."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "draft.lp"
        file.write_text(declares.text("2000-01-01"), encoding="utf-8")
        decided = base().with_draft(file)
    return [{line.line: answer(line) for line in decided.determine(case).lines} for case in cases()]


def flips(old: Declares, new: Declares) -> set[tuple[Any, ...]]:
    """What flips in which case: verdicts level by level where either side decides so, and what stands apart."""
    found: set[tuple[Any, ...]] = set()
    for i, (before, after) in enumerate(zip(answers(old), answers(new), strict=True)):
        for line, a in before.items():
            b = after[line]
            for level in [*a["levels"], *b["levels"]] or [None]:
                verdicts = [x["levels"].get(level, x["verdict"]) for x in (a, b)]
                if verdicts[0] != verdicts[1]:
                    found.add((str(i), line, level, "verdict", *verdicts))
            if a["cause"] != b["cause"] and not any(each[:2] == (str(i), line) for each in found):
                found.add((str(i), line, None, "cause", a["cause"], b["cause"]))
            for name in ("level_of_care", "days", "population"):
                if a[name] != b[name]:
                    found.add((str(i), line, None, name, a[name], b[name]))
    return found


DAYS = "2000-01-01", "2001-01-01"
"""The dates of the old side and of the new."""


def compared(old: Declares, new: Declares) -> Comparison:
    """The versions compared, as files, with all cases."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "old.lp", Path(name) / "new.lp"]
        for file, declares, day in zip(files, (old, new), DAYS, strict=True):
            file.write_text(declares.text(day), encoding="utf-8")
        return base().diff("one", str(files[0]), str(files[1]), cases())


@cache
def drafted(declares: Declares, day: str) -> unmet.KnowledgeBase:
    """The knowledge base by which the cases of a side replay."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "draft.lp"
        file.write_text(declares.text(day), encoding="utf-8")
        return base().with_draft(file)


def replays(by: unmet.KnowledgeBase, kind: Affected, case: dict[str, Any], answer: dict[str, Any] | None) -> bool:
    """Whether a case loads and a side answers this of its line."""
    assert answer
    try:
        read = by.case({**case, "expect": {"lines": {kind.line: answer}}})
    except unmet.CaseError:  # of a line without a code
        return False
    return list(by.test(read)) == []


def check_cases(old: Declares, new: Declares, found: Comparison) -> None:
    """Every kind of line has a case that each side answers in its own way, and that says no more than it needs."""
    sides = drafted(old, DAYS[0]), drafted(new, DAYS[1])
    for kind in (kind for each in found.declared for kind in each.lines):
        assert kind.old_case is not None
        assert kind.new_case is not None
        assert undated(kind.old_case) == undated(kind.new_case)
        assert kind.exact
        assert replays(sides[0], kind, kind.old_case, kind.old)
        assert replays(sides[1], kind, kind.new_case, kind.new)
        assert not replays(sides[0], kind, kind.old_case, kind.new)
        assert not replays(sides[1], kind, kind.new_case, kind.old)
        for at in range(stated(undated(kind.old_case))):
            fewer = [without_one(case, at)[0] for case in (kind.old_case, kind.new_case)]
            assert not (replays(sides[0], kind, fewer[0], kind.old) and replays(sides[1], kind, fewer[1], kind.new))


def undated(case: dict[str, Any]) -> dict[str, Any]:
    """A case as it is stated, without the dates of its lines."""
    lines = [{k: v for k, v in line.items() if k != "date_of_service"} for line in case["request"]["lines"]]
    return {**as_stated(case), "request": {"lines": lines}}


def check(old: Declares, new: Declares) -> Comparison:
    """The sides are called equivalent if and only if no case is answered otherwise, and exactly these flip."""
    found = compared(old, new)
    assert found.decides_alike
    assert found.is_equivalent is (answers(old) == answers(new))
    assert found.impact is not None
    assert {(f.case, f.line, f.level, f.answer, f.old, f.new) for f in found.impact.flips} == flips(old, new)
    check_cases(old, new, found)
    return found


TWINS: dict[str, tuple[Declares, tuple[str, ...]]] = {
    "covers": (
        Declares(covers=("A", "C")),
        (
            "a line with the code B: by the old side alone it is covered; by the other it is referred",
            "a line with the code C: by the new side alone it is covered here and by `other`, "
            "and referred where both are in force",
        ),
    ),
    "unlisted": (
        Declares(unlisted=("B",)),
        ("a line with the code B: by the new side alone it is referred as an unlisted code",),
    ),
    "setting": (
        Declares(setting=("inpatient", "outpatient")),
        (
            "a line that asks for inpatient: by the new side alone the level of care is met",
            "a stay that serves such a line: by the old side alone the line is for outpatients only",
        ),
    ),
    "population": (
        Declares(population=("pediatric",)),
        (
            "a patient who is adult: by the old side alone the population is met",
            "a patient who is pediatric: by the new side alone the population is met",
        ),
    ),
    "days": (Declares(days=(2, 3)), ("every line: the new side alone sets days of stay",)),
    "per": (
        Declares(per=True),
        ("a line that names levels: by the new side alone it is decided for each of them",),
    ),
    "policy": (Declares(title="Two"), ()),
    "version": (Declares(version="2"), ()),
    "document": (Declares(document="E"), ()),
    "review_due": (Declares(review_due="2026-01-01"), ()),
}


@pytest.mark.parametrize("name", TWINS)
def test_one_declaration_changed_is_told_alone(name: str) -> None:
    other, lines = TWINS[name]
    found = {each.name: each for each in check(Declares(), other).declared}
    assert set(found) == {"effective", name}
    assert tuple(kind.sentence for kind in found[name].lines) == lines
    assert found["effective"].lines == ()


def test_both_values_and_places_are_told() -> None:
    (effective, covers) = compared(Declares(), Declares(covers=("B",))).declared
    assert (effective.name, effective.old, effective.new) == ("effective", ("2000-01-01",), ("2001-01-01",))
    assert (covers.old, covers.new) == (("A", "B"), ("B",))
    assert (covers.old_place or "").endswith("old.lp:3:1")
    assert (covers.new_place or "").endswith("new.lp:3:1")
    (_, review) = compared(Declares(), TWINS["review_due"][0]).declared
    assert (review.old, review.old_place) == ((), None)


def test_the_least_of_the_days_decides_nothing() -> None:
    few = Declares(days=(1, 3))
    assert check(few, Declares(days=(2, 3))).is_equivalent
    (days,) = (each for each in check(few, Declares(days=(1, 6))).declared if each.name == "days")
    said = "a stay of 4 to 6 days: by the new side alone the days are within those it sets"
    assert [(kind.sentence, kind.old, kind.new) for kind in days.lines] == [(said, {"days": "unmet"}, {"days": "met"})]
    (days,) = (each for each in check(few, Declares(days=(1, 12))).declared if each.name == "days")
    assert [kind.sentence.partition(":")[0] for kind in days.lines] == ["a stay of 4 to 9 days"]
    assert check(Declares(days=(1, 10)), Declares(days=(1, 12))).is_equivalent


def test_a_policy_that_names_no_setting_allows_all() -> None:
    days = Declares(days=(1, 3), setting=())
    found = check(days, replace(days, setting=("inpatient", "outpatient")))
    assert found.is_equivalent
    assert [each.name for each in found.declared] == ["effective", "setting"]
    check(Declares(setting=()), replace(days, setting=("inpatient", "outpatient"), days=None))


def test_lines_of_other_policies_flip_with_those_of_this_one() -> None:
    impact = check(Declares(), Declares(unlisted=("A",))).impact
    assert impact is not None
    assert {f.level for f in impact.flips if f.line == "line D"} == {"L1", "L2"}
    check(Declares(per=True), Declares(per=True, unlisted=("A",)))


def test_a_line_that_flips_in_its_cause_alone_is_told_apart() -> None:
    plain = Declares(setting=(), population=())
    found = check(replace(plain, unlisted=("B",)), replace(plain, covers=("A",)))
    impact = found.impact
    assert impact is not None
    causes = [flip for flip in impact.flips if flip.answer is Answer.CAUSE]
    assert {(flip.old, flip.new) for flip in causes} == {("unlisted_code", "no_policy")}
    assert (impact.flipped, impact.for_another_cause) == (0, len(causes))
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(comparison.as_text(found))
    assert f"flip; {len(causes)} more only in the cause of the verdict\n" in console.export_text()
    both = Impact(2, 3, (*causes[:1], replace(causes[0], answer=Answer.DAYS), replace(causes[0], line="other")))
    assert (both.flipped, both.for_another_cause) == (1, 1)


def test_an_order_is_no_change() -> None:
    assert [each.name for each in compared(Declares(), Declares(covers=("B", "A"))).declared] == ["effective"]


DECLARES = st.builds(
    Declares,
    covers=st.sampled_from([("A", "B"), ("A",), ("A", "B", "C"), ("A", "C")]),
    setting=st.sampled_from([(), ("outpatient",), ("inpatient", "outpatient")]),
    population=st.sampled_from([(), ("adult",), ("adult", "pediatric")]),
    days=st.sampled_from([None, (1, 3), (2, 3), (2, 4)]),
    per=st.booleans(),
).flatmap(lambda d: st.sampled_from([d, *(replace(d, unlisted=(code,)) for code in d.covers)]))


@settings(max_examples=8, deadline=None)
@given(DECLARES, DECLARES)
def test_sides_are_equivalent_exactly_if_no_line_is_answered_otherwise(old: Declares, new: Declares) -> None:
    event(f"equivalent: {check(old, new).is_equivalent}")


def shown(name: str, old: Declares, new: Declares) -> list[tuple[Any, ...]]:
    """How a change answers lines otherwise: in a sentence, by either side, and in which case."""
    kinds = (kind for each in compared(old, new).declared if each.name == name for kind in each.lines)
    return [(kind.sentence, kind.old, kind.new, kind.new_case, kind.exact) for kind in kinds]


def test_without_its_primary_an_add_on_is_pended_and_a_case_that_is_denied_shows_the_change() -> None:
    old, new = Declares(covers=("A", "B")), Declares(covers=("A", "B", "E"))
    ((sentence, before, after, case, exact),) = shown("covers", old, new)
    assert sentence == "a line with the code E: by the new side alone it is covered; by the other it is referred"
    assert (before, after) == ({"verdict": "pended", "cause": "no_primary"}, {"verdict": "denied"})
    assert case == {
        "title": f"A{sentence[1:]}",
        "request": {"lines": [{"line": "line", "code": "E", "date_of_service": "2001-01-01"}]},
        "patient": {"pain": "no"},
        "expect": {"lines": {"line": {"verdict": "denied"}}},
    }
    assert exact
    check_cases(old, new, compared(old, new))


def test_a_case_states_no_more_than_shows_the_change(tmp_path: Path) -> None:
    covering, other = Declares(covers=("A", "B", "E")).text(DAYS[0]), Declares().text(DAYS[1])
    (tmp_path / "old.lp").write_text(covering, encoding="utf-8")
    older = other.replace("finding(patient, pain, yes)", "finding(patient, age, Age), Age >= 18")
    (tmp_path / "new.lp").write_text(older, encoding="utf-8")
    found = base().diff("one", str(tmp_path / "old.lp"), str(tmp_path / "new.lp"))
    ((kind,),) = (each.lines for each in found.declared if each.name == "covers")
    assert kind.old == {"verdict": "denied"}
    assert kind.new_case is not None
    assert kind.new_case["patient"] == {"pain": "no"}


def test_where_no_case_shows_a_change_the_sentence_says_why() -> None:
    covering, never = Declares(covers=("A", "F")), "no case shows it, because on no day of each side"
    (_, found) = shown("covers", covering, Declares())[::-1]
    assert found == (
        "a line with the code F: by the old side alone it is covered here and by `fourth` and `third`, and referred "
        f"where both are in force; {never} exactly one other policy in force covers the code",
        *(None, None, None, False),
    )
    (found,) = shown("unlisted", covering, replace(covering, unlisted=("F",)))
    assert found == (
        "a line with the code F: by the new side alone it is referred as an unlisted code; "
        f"{never} no other policy in force covers the code",
        *(None, None, None, False),
    )


def test_where_no_case_was_found_the_sentence_says_so(tmp_path: Path) -> None:
    for name, declares, day in (("old", Declares(), DAYS[0]), ("new", Declares(covers=("A", "B", "E")), DAYS[1])):
        always = declares.text(day) + "met(pain) :- finding(patient, pain, no).\n"
        (tmp_path / f"{name}.lp").write_text(always, encoding="utf-8")
    found = base().diff("one", str(tmp_path / "old.lp"), str(tmp_path / "new.lp"))
    ((kind,),) = (each.lines for each in found.declared if each.name == "covers")
    assert kind.sentence == (
        "a line with the code E: by the new side alone it is covered; by the other it is referred; "
        "none of the cases that were tried shows it"
    )
    assert (kind.old, kind.new, kind.old_case, kind.new_case) == (None,) * 4
    assert not found.is_equivalent


@pytest.mark.usefixtures("kept")
def test_the_cases_are_told_and_written_and_replay(tmp_path: Path) -> None:
    home = knowledge_base(tmp_path / "kb", Declares(), Declares(setting=("inpatient",), covers=("A",)))
    sides = ["2000-01-01", "default", "--kb", str(home)]
    ran = CliRunner().invoke(main, ["diff", "one", *sides, "--witnesses", str(tmp_path / "found")])
    block = """
    a line with the code B: by the old side alone it is covered; by the other it is referred
      by the old side: verdict pended; by the new: verdict referred, cause not in force
        request:
          lines:
            - line: line
              code: B
              date_of_service: 2001-01-01
"""
    assert block in "\n".join(line.rstrip() for line in ran.stdout.splitlines())
    assert "replay with" in ran.stdout
    names = [f"{name}_{side}.yaml" for name in ("covers_1", *(f"setting_{i}" for i in (1, 2, 3))) for side in DAYS]
    names = [name.replace("2000-01-01", "old").replace("2001-01-01", "new") for name in names]
    assert sorted(file.name for file in (tmp_path / "found").iterdir()) == sorted(names)
    replayed = CliRunner().invoke(main, ["test", str(tmp_path / "found"), "--kb", str(home)])
    assert (replayed.exit_code, replayed.stdout) == (0, "8 cases, 8 expectations, all as expected\n")
    as_json = json.loads(CliRunner().invoke(main, ["diff", "one", *sides, "--format", "json"]).stdout)
    (covers,) = (each["lines"] for each in as_json["declared"] if each["name"] == "covers")
    assert covers == [
        {
            "sentence": "a line with the code B: by the old side alone it is covered; by the other it is referred",
            "line": "line",
            "old": {"verdict": "pended"},
            "new": {"verdict": "referred", "cause": "not_in_force"},
            "old_case": covers[0]["new_case"]
            | {"request": {"lines": [{"line": "line", "code": "B", "date_of_service": "2000-01-01"}]}}
            | {"expect": {"lines": {"line": {"verdict": "pended"}}}},
            "new_case": {
                "title": "A line with the code B: by the old side alone it is covered; by the other it is referred",
                "request": {"lines": [{"line": "line", "code": "B", "date_of_service": "2001-01-01"}]},
                "expect": {"lines": {"line": {"verdict": "referred", "cause": "not_in_force"}}},
            },
            "exact": True,
        }
    ]


def test_the_text_never_calls_equivalent_what_answers_otherwise(tmp_path: Path) -> None:
    old, new = Declares(), Declares(setting=("inpatient",))
    home = knowledge_base(tmp_path / "kb", old, new)
    ran = CliRunner().invoke(main, ["diff", "one", "2000-01-01", "default", "--kb", str(home)])
    assert ran.exit_code == 5
    assert "equivalent" not in ran.stdout
    assert "decided alike on the criteria; what is declared beside them answers lines otherwise" in ran.stdout
    ran = CliRunner().invoke(main, ["diff", "one", "default", "default", "--kb", str(home)])
    assert (ran.exit_code, "equivalent: no line is answered otherwise" in ran.stdout) == (0, True)
