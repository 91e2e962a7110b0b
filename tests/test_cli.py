"""Every command, as text and as JSON, with its exit codes.

Exact output is held against a small knowledge base of its own, so that a word changed in the shipped one breaks
nothing here; shapes and exit codes against the shipped one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jsonschema
import pytest
from click.testing import CliRunner

import unmet
from tests.shipped import CASE_FILES, CASES, KB, ROOT, kb, name_of
from unmet.cli import main
from unmet.document import read

COMMANDS = tuple(main.commands)

# --- a small knowledge base ------------------------------------------------------------------------------------------

WORDS = """
record(patient, one).
number(patient, age, 0, 120).  text(age, "years", "Age").

record(request, one).
date(request, date_of_service).  text(date_of_service, "", "Date of service").
choice(request, side, (left; right)).  text(side, "", "Side").
choice(request, setting, (inpatient; outpatient)).  text(setting, "", "Setting").
choice(request, level, ("L1-L2"; "L2-L3")).  text(level, "", "Level").

record(knee, keyed).  key(knee, (left; right)).
number(knee, dislocations, 0, 20).  text(dislocations, "", "Dislocations").
flag(knee, infection).  text(infection, "", "Infection").  presumed(infection, no).

record(level, keyed).  key(level, ("L1-L2"; "L2-L3")).
flag(level, unstable).  text(unstable, "", "Unstable").
"""

BRACE = """
policy(knee_brace, "Knee brace").
version("1").  document("Example guideline, version 1").
effective("2026-01-01").  review_due("2027-01-01").
population((adult; pediatric)).  setting(outpatient).
covers(("L1832"; "L9999")).  unlisted("L9999").

reading(often, two_or_more, "The text says repeatedly").
reading(often, exactly_two, "The text says the second").
default(often, two_or_more).

criterion(necessary, "A brace is necessary", "Criteria").
met(necessary) :- met(dislocated), not met(infected).

criterion(dislocated, "Dislocated again", "Criteria 1").
met(dislocated) :- requested_knee(K), finding(K, dislocations, N), N >= 2, chosen(often, two_or_more).
met(dislocated) :- requested_knee(K), finding(K, dislocations, N), N = 2, chosen(often, exactly_two).

criterion(infected, "Infected", "Exclusions 1").
met(infected) :- requested_knee(K), finding(K, infection, yes).

requested_knee(knee(Side)) :- finding(request, side, Side).
"""

BRACE_2 = """
policy(knee_brace, "Knee brace").
version("2").  document("Example guideline, version 2").
effective("2027-01-01").
covers("L1832").

criterion(necessary, "A brace is necessary", "Criteria").
met(necessary) :- requested_knee(K), finding(K, dislocations, N), N >= 1.

requested_knee(knee(Side)) :- finding(request, side, Side).
"""

ORTHOSIS = """
policy(orthosis, "Orthosis of the spine").
version("1").  document("Example guideline").
effective("2026-01-01").
covers("L0650").
per(level).

criterion(necessary, "An orthosis is necessary", "Criteria").
met(necessary) :- requested(L), finding(L, unstable, yes).

requested(level(Level)) :- finding(request, level, Level).
"""

CASE = """
request:
  date_of_service: 2026-03-02
  lines:
    - {line: brace, code: "CODE", side: left, setting: outpatient}
patient: {age: 30}
knee:
  left: {dislocations: COUNT}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small knowledge base, and cases for it: `approved.yaml`, `denied.yaml` ..."""
    home = tmp_path_factory.mktemp("small")
    for name, text in {
        "vocabulary/words.lp": WORDS,
        "policies/knee_brace/2026-01-01.lp": BRACE,
        "policies/knee_brace/2027-01-01.lp": BRACE_2,
        "policies/orthosis/2026-01-01.lp": ORTHOSIS,
    }.items():
        path = home / "kb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    for name, (code, count) in {
        "approved": ("L1832", '{value: 3, source: "Letter", date: 2026-02-01, quote: "the third time"}'),
        "denied": ("L1832", "1"),
        "pended": ("L1832", "1..3"),
        "referred": ("L9999", "3"),
        "broken": ("L1832", "many"),
    }.items():
        (home / f"{name}.yaml").write_text(
            CASE.lstrip().replace("CODE", code).replace("COUNT", count), encoding="utf-8"
        )
    (home / "partial.yaml").write_text(
        textwrap.dedent("""
        request:
          date_of_service: 2026-03-02
          lines:
            - {code: "L0650", levels: L1-L3}
        level:
          L1-L2: {unstable: yes}
          L2-L3: {unstable: no}
        """),
        encoding="utf-8",
    )
    return home


@cache
def loaded(directory: Path | None) -> unmet.KnowledgeBase:
    return unmet.facade.KnowledgeBase(unmet.loading.load(directory)) if directory else kb()


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Run(Protocol):
    """Runs a command; with the small knowledge base, or the shipped one."""

    def __call__(self, *arguments: str, small: bool = True) -> Ran: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, home: Path) -> Run:
    """Runs a command in this process, in the folder of the small cases, where knowledge bases load once."""
    monkeypatch.setattr(unmet, "load", loaded, raising=False)
    monkeypatch.chdir(home)

    def run(*arguments: str, small: bool = True) -> Ran:
        own = ("--kb", str(home / "kb")) if small else ()
        result = CliRunner().invoke(main, [arguments[0], *own, *arguments[1:]])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        assert "\x1b" not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


def command(*arguments: str, cwd: Path = ROOT) -> Ran:
    """Runs the command as people do."""
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=cwd)
    assert "Traceback" not in ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def text(block: str) -> str:
    return textwrap.dedent(block).lstrip("\n")


# --- policies --------------------------------------------------------------------------------------------------------


def test_policies_as_text(run: Run) -> None:
    assert run("policies") == Ran(
        0,
        text("""
        policy      version  effective   review due  codes
        knee_brace  1        2026-01-01  2027-01-01  L1832 L9999
        knee_brace  2        2027-01-01              L1832
        orthosis    1        2026-01-01              L0650
        """),
        "",
    )


def test_policies_as_json(run: Run) -> None:
    ran = run("policies", "--format", "json")
    assert ran.code == 0
    assert ran.json[0] == {
        "policy": "knee_brace",
        "title": "Knee brace",
        "version": "1",
        "effective": "2026-01-01",
        "review_due": "2027-01-01",
        "codes": ["L1832", "L9999"],
    }
    assert [p["review_due"] for p in ran.json] == ["2027-01-01", None, None]


def test_policies_that_are_shipped(run: Run) -> None:
    ran = run("policies", "--format", "json", small=False)
    assert {p["policy"] for p in ran.json} == {p.parent.name for p in KB.glob("policies/*/*.lp")}
    for policy in ran.json:
        assert list(policy) == ["policy", "title", "version", "effective", "review_due", "codes"]
    assert len(ran.json) >= 11


# --- show ------------------------------------------------------------------------------------------------------------


def test_show_as_text(run: Run) -> None:
    ran = run("show", "knee_brace", "--on", "2026-12-31", "--reading", "often=exactly_two")
    assert ran == Ran(
        0,
        text("""
        Knee brace (knee_brace)
          document:      Example guideline, version 1
          version:       1, in force since 2026-01-01
          review due:    2027-01-01
          codes:         L1832 L9999 (unlisted)
          population:    adult and pediatric
          level of care: outpatient

        A brace is necessary [Criteria] necessary (all of)
        ├── Dislocated again [Criteria 1] dislocated
        │   └── reads dislocations, side
        └── must not hold: Infected [Exclusions 1] infected
            └── reads infection, side

        readings
          often
            two_or_more (default): The text says repeatedly
            exactly_two (chosen): The text says the second
        """),
        "",
    )


def test_show_as_json(run: Run) -> None:
    shown = run("show", "knee_brace", "--on", "2026-12-31", "--format", "json").json
    assert list(shown) == [
        "policy", "title", "version", "effective", "review_due", "codes",
        "document", "population", "setting", "days", "per", "unlisted", "readings", "criteria",
    ]  # fmt: skip
    assert shown["readings"] == [
        {
            "reading": "often",
            "default": "two_or_more",
            "chosen": "two_or_more",
            "options": [
                {"option": "two_or_more", "why": "The text says repeatedly"},
                {"option": "exactly_two", "why": "The text says the second"},
            ],
        }
    ]
    assert shown["criteria"][0] == {
        "criterion": "necessary",
        "text": "A brace is necessary",
        "citation": "Criteria",
        "kind": "all",
        "threshold": None,
        "parent": None,
        "children": [{"name": "dislocated", "negated": False}, {"name": "infected", "negated": True}],
        "row": False,
        "attributes": [],
    }
    assert [c["attributes"] for c in shown["criteria"][1:]] == [["dislocations", "side"], ["infection", "side"]]


@pytest.mark.parametrize(
    ("day", "version"),
    [(None, "2"), ("2026-01-01", "1"), ("2026-12-31", "1"), ("2027-01-01", "2"), ("2031-05-05", "2")],
)
def test_show_on_a_day(run: Run, day: str | None, version: str) -> None:
    on = ("--on", day) if day else ()
    assert run("show", "knee_brace", *on, "--format", "json").json["version"] == version


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--on", "2025-12-31"), "no version of `knee_brace` is in force on 2025-12-31; the first is of 2026-01-01"),
        (("--on", "2026-02-30"), "Invalid value for '--on': there is no date `2026-02-30`"),
        (("--on", "tomorrow"), "Invalid value for '--on': a date is wanted here, not `tomorrow`"),
    ],
)
def test_show_on_a_day_that_cannot_be(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    ran = run("show", "knee_brace", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


@pytest.mark.parametrize("policy", [p.name for p in kb().policies])
def test_show_every_shipped_policy(run: Run, policy: str) -> None:
    shown = run("show", policy, small=False)
    assert shown.code == 0
    found = kb().policy(policy)
    assert shown.out.startswith(f"{found.title} ({policy})\n")
    flat = " ".join(shown.out.replace("│", " ").split())
    for name in found.outline().criteria:
        assert f"{name} (" in flat or f"{name} └" in flat or f" {name}" in flat


# --- determine -------------------------------------------------------------------------------------------------------


def test_determine_as_text(run: Run) -> None:
    assert run("determine", "approved.yaml") == Ran(
        0,
        text("""
        approved.yaml: APPROVED

        line brace, code L1832: approved
          Knee brace (knee_brace, version 1, in force since 2026-01-01)
          met     level of care: outpatient requested, outpatient allowed
          met     population: the policy speaks of adult and pediatric patients
          met     A brace is necessary [Criteria] (all of)
          ├── met     Dislocated again [Criteria 1]
          │   └── knee(left) dislocations = 3 (Letter, 2026-02-01: "the third time")
          └── unmet   must not hold: Infected [Exclusions 1]
              └── knee(left) infection = no, presumed
          presumed: knee(left) infection = no
          readings: often=two_or_more
        """),
        "",
    )


def test_determine_level_by_level_as_text(run: Run) -> None:
    assert run("determine", "partial.yaml") == Ran(
        3,
        text("""
        partial.yaml: PARTIAL

        line 1, code L0650: partial
          Orthosis of the spine (orthosis, version 1, in force since 2026-01-01)
          L1-L2: approved
            met     An orthosis is necessary [Criteria]
            └── level("L1-L2") unstable = yes
          L2-L3: denied
            unmet   An orthosis is necessary [Criteria]
            └── level("L2-L3") unstable = no
        """),
        "",
    )


def test_determine_as_json(run: Run) -> None:
    ran = run("determine", "approved.yaml", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["request"] == {"case": "approved.yaml", "outcome": "approved", "silence": "open"}
    (line,) = ran.json["lines"]
    assert {k: line[k] for k in ("line", "code", "policy", "version", "verdict", "levels", "cause", "warnings")} == {
        "line": "brace",
        "code": "L1832",
        "policy": "knee_brace",
        "version": "1",
        "verdict": "approved",
        "levels": [],
        "cause": None,
        "warnings": [],
    }
    care = line["level_of_care"]
    assert (care["requested"], care["allowed"], care["status"]) == ("outpatient", ["outpatient"], "met")
    assert line["readings"] == {"often": "two_or_more"}
    assert [p["attribute"] for p in line["presumed"]] == ["infection"]
    dislocated = line["criteria"][1]
    assert {k: dislocated[k] for k in ("criterion", "text", "citation", "status", "kind", "parent")} == {
        "criterion": "dislocated",
        "text": "Dislocated again",
        "citation": "Criteria 1",
        "status": "met",
        "kind": "leaf",
        "parent": "necessary",
    }
    evidence = dislocated["evidence"][0]
    assert {k: evidence[k] for k in ("entity", "attribute", "value", "origin", "source", "date", "quote")} == {
        "entity": "knee(left)",
        "attribute": "dislocations",
        "value": "3",
        "origin": "stated",
        "source": "Letter",
        "date": "2026-02-01",
        "quote": "the third time",
    }


def test_determine_a_stay_as_json(run: Run) -> None:
    path = CASES / "requests" / "pended_two_stage_spine_surgery.yaml"
    found = run("determine", str(path), "--format", "json", small=False)
    assert found.code == 4
    lines = {li["line"]: li for li in found.json["lines"]}
    assert lines["stay_2"]["level_of_care"]["days"] == {"requested": None, "allowed": "2 to 3", "status": "unknown"}
    assert [level["level"] for level in lines["stage_1_fusion"]["levels"]] == ["L2-L3", "L3-L4"]
    assert lines["stage_1_fusion"]["criteria"] == []
    assert lines["stay_1"]["cause"]["code"] == "served"


OUTCOMES = {"approved": 0, "denied": 3, "partial": 3, "pended": 4, "referred": 4, "broken": 1}


@pytest.mark.parametrize(("case", "code"), OUTCOMES.items())
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code_is_the_outcome(run: Run, case: str, code: int, form: str) -> None:
    assert run("determine", f"{case}.yaml", "--format", form).code == code


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("approved approved", 0),
        ("approved denied", 3),
        ("denied approved", 3),
        ("pended denied approved", 4),
        ("denied referred", 4),
        ("referred broken approved", 1),
        ("broken broken", 1),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code_of_several_cases_is_the_highest(run: Run, cases: str, code: int, form: str) -> None:
    assert run("determine", *(f"{c}.yaml" for c in cases.split()), "--format", form).code == code


def test_a_case_that_does_not_load_does_not_stop_the_others(run: Run) -> None:
    ran = run("determine", "approved.yaml", "broken.yaml", "denied.yaml")
    assert [line for line in ran.out.splitlines() if line.endswith(("APPROVED", "DENIED"))] == [
        "approved.yaml: APPROVED",
        "denied.yaml: DENIED",
    ]
    assert ran.err == text("""
        broken.yaml:7:24: error[wrong-type]: `dislocations` is a number, not `many` (at `knee.left.dislocations`)
          help: write a number, a range such as `80..90`, a list, or `unclear`
        """)


def test_several_cases_as_json_are_a_list_with_the_problems_of_those_that_do_not_load(run: Run) -> None:
    ran = run("determine", "approved.yaml", "broken.yaml", "--format", "json")
    assert ran.err == ""
    good, bad = ran.json
    assert good["request"]["outcome"] == "approved"
    assert bad == {
        "case": "broken.yaml",
        "diagnostics": [
            {
                "code": "wrong-type",
                "message": "`dislocations` is a number, not `many`",
                "span": {"file": "broken.yaml", "line": 7, "column": 24},
                "path": "knee.left.dislocations",
                "help": "write a number, a range such as `80..90`, a list, or `unclear`",
                "severity": "error",
            }
        ],
    }


def test_one_case_as_json_is_no_list(run: Run) -> None:
    assert isinstance(run("determine", "approved.yaml", "--format", "json").json, dict)
    assert run("determine", "broken.yaml", "--format", "json").json["case"] == "broken.yaml"


@pytest.mark.parametrize("path", [CASES / "nowhere.yaml", CASES], ids=["missing", "folder"])
def test_a_case_that_cannot_be_read(run: Run, path: Path) -> None:
    ran = run("determine", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert "error[unreadable-case]: the case cannot be read: " in ran.err


# --- silence ---------------------------------------------------------------------------------------------------------


def test_silence_closed_denies_what_silence_leaves_open(run: Run) -> None:
    path = str(CASES / "hip_core_decompression" / "pended_report_not_mentioned.yaml")
    opened = run("determine", path, small=False)
    closed = run("determine", path, "--silence", "closed", small=False)
    assert (opened.code, closed.code) == (4, 3)
    assert closed.out.startswith(f"{path}: DENIED with silence closed\n")
    assert "unmet   A radiologist's report of the advanced imaging [Indications 2] not established\n" in closed.out
    assert re.search(r"failed for want of: .*hip\(left\) radiology_report\n", closed.out)
    as_json = run("determine", path, "--silence", "closed", "--format", "json", small=False).json
    assert as_json["request"]["silence"] == "closed"
    assert {c["criterion"] for c in as_json["lines"][0]["criteria"] if c["undocumented"]} >= {"reported"}


@pytest.mark.parametrize("value", ["shut", "Closed", ""])
def test_silence_is_open_or_closed(run: Run, value: str) -> None:
    assert run("determine", "approved.yaml", "--silence", value).code == 2


# --- readings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ((), 0),
        (("often=two_or_more",), 0),
        (("often=exactly_two",), 3),
        (("knee_brace.often=exactly_two",), 3),
        (("often=two_or_more", "knee_brace.often=exactly_two"), 3),  # the policy's own name goes before
        (("often=exactly_two", "often=exactly_two"), 3),
    ],
)
def test_a_reading_is_chosen(run: Run, readings: tuple[str, ...], code: int) -> None:
    options = [argument for reading in readings for argument in ("--reading", reading)]
    ran = run("determine", "approved.yaml", *options)
    assert ran.code == code
    assert f"readings: often={'two_or_more' if code == 0 else 'exactly_two'}\n" in ran.out


@pytest.mark.parametrize(
    ("readings", "complaint"),
    [
        (("oftne=exactly_two",), "there is no reading `oftne`; did you mean `often`?"),
        (("often=exactly_too",), "`exactly_too` is not an option of `often`; did you mean `exactly_two`?"),
        (("orthosis.often=exactly_two",), "there is no reading `orthosis.often`"),
        (("often",), "`often` is not NAME=OPTION"),
        (("often=",), "`often=` is not NAME=OPTION"),
        (("=exactly_two",), "`=exactly_two` is not NAME=OPTION"),
        (("often=exactly_two", "often=two_or_more"), "`often` is chosen twice"),
    ],
)
@pytest.mark.parametrize("asked", ["determine approved.yaml", "facts approved.yaml", "show knee_brace"])
def test_a_reading_that_cannot_be_chosen(run: Run, asked: str, readings: tuple[str, ...], complaint: str) -> None:
    ran = run(*asked.split(), *(argument for reading in readings for argument in ("--reading", reading)))
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


# --- facts -----------------------------------------------------------------------------------------------------------


def test_facts(run: Run) -> None:
    assert run("facts", "approved.yaml") == Ran(
        0,
        text("""
        _slot(patient,patient).
        _slot(request,request).
        _slot(knee,knee(left)).
        _slot(knee,knee(right)).
        _slot(level,level("L1-L2")).
        _slot(level,level("L2-L3")).
        _value(request,side,left).
        _stated(request,side).
        _value(knee(left),dislocations,3).
        _stated(knee(left),dislocations).
        _value(knee(left),infection,no).
        _value(knee(right),dislocations,0).
        _value(knee(right),dislocations,2).
        _value(knee(right),dislocations,3).
        _value(knee(right),infection,no).
        chosen(often,two_or_more).
        patient(E) :- _slot(patient, E), _present(E).
        request(E) :- _slot(request, E), _present(E).
        knee(E) :- _slot(knee, E), _present(E).
        level(E) :- _slot(level, E), _present(E).
        """),
        "",
    )


def test_facts_of_a_reading(run: Run) -> None:
    assert "chosen(often,exactly_two)." in run("facts", "approved.yaml", "--reading", "often=exactly_two").out


def test_files_to_run_the_facts_with(run: Run, home: Path) -> None:
    found = run("facts", "approved.yaml", "--files").out.splitlines()
    assert found[:2] == [str(home / "kb" / f) for f in ("vocabulary/words.lp", "policies/knee_brace/2026-01-01.lp")]
    assert [Path(f).name for f in found[2:]] == ["world.lp", "outcome.lp", "criteria.lp"]
    assert all(Path(f).is_file() for f in found)


def test_facts_as_json(run: Run) -> None:
    (only,) = run("facts", "approved.yaml", "--format", "json").json
    assert list(only) == ["line", "level", "facts", "files"]
    assert (only["line"], only["level"]) == ("brace", None)
    assert "_value(knee(left),dislocations,3)." in only["facts"]
    both = run("facts", "partial.yaml", "--format", "json").json
    assert [(p["line"], p["level"]) for p in both] == [("1", "L1-L2"), ("1", "L2-L3")]


def test_facts_of_a_level(run: Run) -> None:
    first, second = (run("facts", "partial.yaml", "--level", level).out for level in ("L1-L2", "L2-L3"))
    assert '_value(request,level,"L1-L2").' in first
    assert '_value(request,level,"L2-L3").' not in first
    assert '_value(request,level,"L2-L3").' in second
    assert run("facts", "partial.yaml").out == first


def test_facts_of_a_line(run: Run) -> None:
    path = str(CASES / "requests" / "pended_two_stage_spine_surgery.yaml")
    files = run("facts", path, "--line", "pelvic_fixation", "--files", small=False).out.splitlines()
    assert "pelvic_fixation" in files[-4]
    assert run("facts", path, "--files", small=False).out.splitlines()[-4].endswith("lumbar_fusion/2023-01-01.lp")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("approved.yaml", "--line", "brase"), "the request has no line `brase`; did you mean `brace`?"),
        (("approved.yaml", "--level", "L1-L2"), "the line names no level `L1-L2`"),
        (("partial.yaml", "--level", "L4-L5"), "the line names no level `L4-L5`"),
    ],
)
def test_facts_that_are_not_there(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    ran = run("facts", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


def test_facts_of_a_line_that_no_version_governs(run: Run) -> None:
    ran = run("facts", str(CASES / "hip_core_decompression" / "referred_before_version.yaml"), small=False)
    assert (ran.code, ran.out) == (1, "")
    assert "no version governs the line `" in ran.err


def test_facts_of_a_case_that_does_not_load(run: Run) -> None:
    assert run("facts", "broken.yaml").code == 1


# --- schema ----------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A case's data as JSON has it: decimals as numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, bool)) else float(value)


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = kb().schema()
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("policy", [(), *[(p.name,) for p in kb().policies]], ids=lambda p: "".join(p) or "all")
def test_the_schema_is_one(run: Run, policy: tuple[str, ...]) -> None:
    ran = run("schema", *policy, small=False)
    assert ran.code == 0
    assert ran.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(ran.json)


@pytest.mark.parametrize("path", CASE_FILES, ids=name_of)
def test_a_shipped_case_is_valid_by_the_schema(path: Path) -> None:
    assert [e.message for e in validator().iter_errors(plain(read(path).data))] == []


@pytest.mark.parametrize("policy", [p.name for p in kb().policies])
def test_the_schema_of_a_policy_is_part_of_the_whole(policy: str) -> None:
    """It has all that the policy reads, by the same names and with the same forms."""
    whole, part = kb().schema()["$defs"], kb().schema(policy)["$defs"]
    properties = {(kind, name) for kind, model in part.items() for name in model.get("properties", {})}
    for kind, name in properties:
        assert part[kind]["properties"][name] == whole[kind]["properties"][name]
    names = {name for _, name in properties} | {"level"}
    assert kb().policy(policy).attributes <= names


def hip() -> dict[str, Any]:
    path = next(p for p in CASE_FILES if name_of(p) == "hip_core_decompression/denied_age_fifty")
    data: dict[str, Any] = plain(read(path).data)
    return data


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("patient", "aeg", 43),
        ("patient", "age", 143),
        ("patient", "age", 43.5),
        ("patient", "age", "forty"),
        ("patient", "pain_score", {"value": 7.5, "sauce": "Letter"}),
        ("request", "side", "middle"),
        ("request", "lines", []),
        ("hip", "center", {}),
        ("hip", "left", {"colapse": "none"}),
        ("injection", "listed", {"complete": "maybe"}),
    ],
)
def test_what_a_case_may_not_hold_is_invalid_by_the_schema(section: str, key: str, value: Any) -> None:
    data = hip()
    data.setdefault(section, {})[key] = value
    assert not validator().is_valid(data)
    with pytest.raises(unmet.CaseError):
        kb().case(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("age", "18.."),
        ("age", [17, 18]),
        ("age", "unclear"),
        ("pain_score", 7.5),
        ("pain_score", "6.5..8"),
        ("pain_score", {"value": "..3", "source": "Letter", "date": "2025-08-01", "quote": "mild"}),
        ("coagulopathy", "none..correctable"),
        ("pregnancy", True),
        ("pregnancy", "no"),
    ],
)
def test_what_a_case_may_hold_is_valid_by_the_schema(key: str, value: Any) -> None:
    data = hip()
    data["patient"] = {key: value}
    assert [e.message for e in validator().iter_errors(data)] == []


def test_the_schema_of_a_policy_is_what_it_reads(run: Run) -> None:
    schema = run("schema", "hip_core_decompression", small=False).json
    assert {"request", "patient", "hip"} <= set(schema["properties"])
    assert not {"knee", "si_joint", "injection"} & set(schema["properties"])
    assert run("schema", "hip_decompression", small=False).code == 2


# --- test ------------------------------------------------------------------------------------------------------------

EXPECT = """
expect:
  - lines: {brace: {verdict: approved}}
  - readings: {often: exactly_two}
    lines: {brace: {verdict: approved, criteria: {dislocated: met}}}
"""


@pytest.fixture
def tests(home: Path, tmp_path: Path) -> Path:
    """A folder of two cases, of which one holds and of the other one expectation in two does not."""
    good = (home / "denied.yaml").read_text(encoding="utf-8") + "expect: {lines: {brace: {verdict: denied}}}\n"
    folder = tmp_path / "tests"
    (folder / "below").mkdir(parents=True)
    (folder / "good.yaml").write_text(good, encoding="utf-8")
    approved = (home / "approved.yaml").read_text(encoding="utf-8")
    (folder / "below" / "bad.yaml").write_text(approved + EXPECT, encoding="utf-8")
    (folder / "notes.txt").write_text("no case", encoding="utf-8")
    return folder


def test_expectations_that_hold(run: Run, tests: Path) -> None:
    ran = run("test", str(tests / "good.yaml"))
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"1 cases?, 1 expectations?, all as expected\n", ran.out)


def test_expectations_that_fail_are_a_table(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tests.parent)
    assert run("test", "tests") == Ran(
        5,
        text("""
        place                      what                                      expected  actual
        tests/below/bad.yaml:11:5  expect.1.lines.brace.verdict              approved  denied
        tests/below/bad.yaml:11:5  expect.1.lines.brace.criteria.dislocated  met       unmet
        2 cases, 3 expectations, 2 not as expected
        """),
        "",
    )


def test_expectations_that_fail_as_json(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tests.parent)
    ran = run("test", "tests", "--format", "json")
    assert ran.code == 5
    assert ran.json == {
        "cases": 2,
        "expectations": 3,
        "failed": [
            {
                "case": "tests/below/bad.yaml",
                "place": "tests/below/bad.yaml:11:5",
                "path": f"expect.1.lines.brace.{what}",
                "expected": expected,
                "actual": actual,
            }
            for what, expected, actual in (("verdict", "approved", "denied"), ("criteria.dislocated", "met", "unmet"))
        ],
        "diagnostics": [],
    }


def test_a_case_that_does_not_load_fails_the_test(run: Run, tests: Path, home: Path) -> None:
    (tests / "broken.yaml").write_text((home / "broken.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    ran = run("test", str(tests))
    assert ran.code == 1
    assert "error[wrong-type]: `dislocations` is a number, not `many`" in " ".join((ran.out + ran.err).split())
    assert "expect.1.lines.brace.verdict" in ran.out
    as_json = run("test", str(tests), "--format", "json")
    assert as_json.code == 1
    assert [d["code"] for d in as_json.json["diagnostics"]] == ["wrong-type"]
    assert as_json.json["cases"] == 3


def test_without_a_path_it_is_the_folder_cases(run: Run, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tests.rename(tests.parent / "cases")
    monkeypatch.chdir(tests.parent)
    assert run("test").code == 5
    monkeypatch.chdir(tests.parent / "cases")
    ran = run("test")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no `cases` here; name the case files or folders to test" in ran.err


def test_a_path_that_is_not_there_or_holds_no_cases(run: Run, tmp_path: Path) -> None:
    missing, empty = run("test", "nowhere"), run("test", str(tmp_path))
    assert (missing.code, empty.code) == (2, 2)
    assert "Path 'nowhere' does not exist." in missing.err
    assert f"`{tmp_path}` holds no case files (.yaml, .yml, .json)" in empty.err


# --- the knowledge base ----------------------------------------------------------------------------------------------

ASKED: dict[str, tuple[str, ...]] = {
    "policies": (),
    "show": ("knee_brace",),
    "determine": ("approved.yaml",),
    "schema": (),
    "facts": ("approved.yaml",),
    "test": ("approved.yaml",),
    "check": (),
    "batch": ("cases.csv", "-o", "answers.csv", "--policy", "knee_brace"),
    "impact": ("knee_brace", "2026-01-01", "2027-01-01", "cases.csv"),
    "diff": ("knee_brace", "2026-01-01", "2027-01-01"),
    "generate": ("knee_brace",),
    "explain": ("approved.yaml",),
    "notice": ("approved.yaml",),
}
"""How each command is asked."""


def test_every_command_is_tried_here() -> None:
    assert set(COMMANDS) <= set(ASKED)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_knowledge_base_that_is_not_there(run: Run, name: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    ran = run(name, *ASKED[name], "--kb", str(nowhere), small=False)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"{nowhere}:1:1: error[unreadable]: there is no knowledge base at `{nowhere}`\n"
    as_json = run(name, *ASKED[name], "--kb", str(nowhere), "--format", "json", small=False)
    assert (as_json.code, as_json.err) == (1, "")
    assert as_json.json == {
        "diagnostics": [
            {
                "code": "unreadable",
                "message": f"there is no knowledge base at `{nowhere}`",
                "span": {"file": str(nowhere), "line": 1, "column": 1},
                "path": None,
                "help": None,
                "severity": "error",
            }
        ]
    }


def test_all_defects_of_a_knowledge_base_are_told(run: Run, home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "kb"
    for path in (home / "kb").rglob("*.lp"):
        copy = broken / path.relative_to(home / "kb")
        copy.parent.mkdir(parents=True, exist_ok=True)
        told = path.read_text(encoding="utf-8").replace("N >= 2", "N >= two").replace("unstable, yes", "unstabel, yes")
        copy.write_text(told, encoding="utf-8")
    ran = run("policies", "--kb", str(broken), small=False)
    assert (ran.code, ran.out) == (1, "")
    places = re.findall(r"(\w+)/[\d-]+\.lp:(\d+):\d+: error\[([\w-]+)\]", ran.err)
    assert {(policy, code) for policy, _, code in places} >= {("orthosis", "unknown-attribute")}
    assert {policy for policy, _, _ in places} == {"knee_brace", "orthosis"}
    assert "did you mean `unstable`?" in ran.err


# --- usage, help, terminals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("determine",),
        ("facts",),
        ("show",),
        ("determin", "approved.yaml"),
        ("determine", "approved.yaml", "--colour"),
        ("policies", "extra"),
        ("policies", "--format", "xml"),
    ],
)
def test_usage(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, small=False)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_ends_with_an_example(run: Run, name: str) -> None:
    result = CliRunner().invoke(main, [*([name] if name else []), "--help"])
    assert result.exit_code == 0
    example = result.output.partition("Example:\n")[2].partition("\nOptions:")[0].split("\n")
    assert example[0].strip().startswith(f"unmet {name}".strip())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_common_options(name: str) -> None:
    options = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {"--kb", "--format"} <= options


def test_help_waits_for_nothing_but_click() -> None:
    heavy = ("clingo", "pydantic", "rich", "yaml", "dateutil", "unmet.facade", "unmet.knowledge")
    code = (
        "import sys; from unmet.cli import main\n"
        "try: main(ARGS)\n"
        "except SystemExit: pass\n"
        f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    for arguments in (["--help"], ["determine", "--help"], ["--version"]):
        ran = subprocess.run(
            [sys.executable, "-c", code.replace("ARGS", repr(arguments))], capture_output=True, text=True, check=True
        )
        assert ran.stderr == "[]\n"
        assert ran.stdout


def test_the_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert re.search(r"\b0\.1\.0\b", result.output)


def test_the_command_itself_twice(home: Path) -> None:
    """As a process: the exit code, no colour where there is no terminal, and the same bytes again."""
    arguments = ("determine", "--kb", str(home / "kb"), "approved.yaml", "denied.yaml", "partial.yaml")
    first, second = command(*arguments, cwd=home), command(*arguments, cwd=home)
    assert first == second
    assert first.code == 3
    assert "\x1b" not in first.out + first.err
    as_json = (*arguments, "--format", "json")
    assert command(*as_json, cwd=home) == command(*as_json, cwd=home)


def test_shipped_answers_are_the_same_twice(run: Run) -> None:
    path = str(CASES / "requests" / "pended_two_stage_spine_surgery.yaml")
    assert run("determine", path, small=False) == run("determine", path, small=False)


def test_nothing_is_wider_than_the_page(run: Run) -> None:
    ran = run("determine", str(CASES / "requests" / "pended_two_stage_spine_surgery.yaml"), small=False)
    assert max(map(len, ran.out.splitlines())) <= 110
    assert all(line == line.rstrip() for line in ran.out.splitlines())


def test_colour_on_a_terminal() -> None:
    """What the same command does on one: there it is coloured."""
    import os
    import pty

    path = "cases/hip_core_decompression/denied_age_fifty.yaml"
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "determine", path], stdout=theirs, cwd=ROOT, env=environment
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 3
    assert b"\x1b[" in written
    assert b"DENIED" in written


def test_a_pipe_that_closes_early_is_no_traceback() -> None:
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
