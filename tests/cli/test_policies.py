"""`policies`, `show`, `facts` and `schema`: what a knowledge base holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import unmet
from tests.cli.small import Ran, Run, text
from tests.shipped import CASE_FILES, CASES, KB, kb, name_of
from unmet.document import read

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
        (
            ("--on", "2025-12-31"),
            "no version of `knee_brace` is in force on 2025-12-31\n  help: the first is of 2026-01-01",
        ),
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
        (("approved.yaml", "--line", "brase"), "the request has no line `brase`\n  help: did you mean `brace`?"),
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
