"""What two sides declare otherwise beside their criteria, against every case of a small world as it is decided."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import event, given, settings
from hypothesis import strategies as st

import unmet
from unmet.case import Case
from unmet.cli import main
from unmet.comparison import Comparison
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
    """A knowledge base that holds versions of the policy, of later and later years, another, an add-on and a stay."""
    files = {
        "vocabulary/words.lp": WORDS,
        "policies/other/2026-01-15.lp": OTHER,
        "policies/stay/2000-01-01.lp": STAY,
        "policies/adding/2000-01-01.lp": ADD_ON,
        "coding.lp": 'stay(stay).  ambulatory(served_are_ambulatory).  add_on("D", "A").',
    }
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
        return unmet.load(knowledge_base(Path(name), Declares()))


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
            for name in ("level_of_care", "days", "population"):
                if a[name] != b[name]:
                    found.add((str(i), line, None, name, a[name], b[name]))
    return found


def compared(old: Declares, new: Declares) -> Comparison:
    """The versions compared, as files, with all cases."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "old.lp", Path(name) / "new.lp"]
        for file, declares, day in zip(files, (old, new), ("2000-01-01", "2001-01-01"), strict=True):
            file.write_text(declares.text(day), encoding="utf-8")
        return base().diff("one", str(files[0]), str(files[1]), cases())


def check(old: Declares, new: Declares) -> Comparison:
    """The sides are called equivalent if and only if no case is answered otherwise, and exactly these flip."""
    found = compared(old, new)
    assert found.decides_alike
    assert found.is_equivalent is (answers(old) == answers(new))
    assert found.impact is not None
    assert {(f.case, f.line, f.level, f.answer, f.old, f.new) for f in found.impact.flips} == flips(old, new)
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
    assert found[name].lines == lines
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
    assert days.lines == ("a stay of 4 to 6 days: by the new side alone the days are within those it sets",)


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


def test_the_text_never_calls_equivalent_what_answers_otherwise(tmp_path: Path) -> None:
    old, new = Declares(), Declares(setting=("inpatient",))
    home = knowledge_base(tmp_path / "kb", old, new)
    ran = CliRunner().invoke(main, ["diff", "one", "2000-01-01", "default", "--kb", str(home)])
    assert ran.exit_code == 5
    assert "equivalent" not in ran.stdout
    assert "decided alike on the criteria; what is declared beside them answers lines otherwise" in ran.stdout
    ran = CliRunner().invoke(main, ["diff", "one", "default", "default", "--kb", str(home)])
    assert (ran.exit_code, "equivalent: no line is answered otherwise" in ran.stdout) == (0, True)
