"""Hip core decompression as others would write it, the cases it is asked about, and what is true of them.

Each rival gets the findings as a flat mapping without those that the record is silent about, presumptions filled in:
what is silent and presumed costs nobody a wrong answer. Everything else is each engine's own way.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Protocol

Findings = dict[str, Any]

STAGES = tuple(f"stage_{i}" for i in range(7))
DEGREES = ("none", "mild", "moderate", "severe")
COLLAPSES = ("none", "minimal", "moderate", "severe")
YES_NO = ("yes", "no")

VALUES: dict[str, tuple[Any, ...]] = {
    "age": (10, 17, 34, 49, 50, 71),
    "other_indication": YES_NO,
    "hip_pain": YES_NO,
    "functional_disability": YES_NO,
    "radiology_report": YES_NO,
    "osteonecrosis_stage": STAGES,
    "collapse": COLLAPSES,
    "arthritis": DEGREES,
}
"""Values on both sides of every bound of the policy."""

PRESUMED = {"other_indication": "no", "arthritis": "none"}
APPROVED, DENIED, REFERRED, PENDED, ERROR = "approved", "denied", "referred", "pended", "error"


def possible(findings: Mapping[str, Any]) -> bool:
    """The vocabulary's assumption: before stage II the femoral head has not collapsed."""
    early = findings["osteonecrosis_stage"] in ("stage_0", "stage_1")
    return not (early and findings["collapse"] in ("moderate", "severe"))


def outcome(f: Mapping[str, Any]) -> str:
    """The policy on complete findings, written down once more."""
    if f["other_indication"] == "yes":
        return REFERRED
    symptoms = "yes" in (f["hip_pain"], f["functional_disability"])
    early = f["osteonecrosis_stage"] in ("stage_1", "stage_2") and f["collapse"] in ("none", "minimal")
    barred = (
        f["arthritis"] in ("moderate", "severe") or f["osteonecrosis_stage"] in ("stage_3", "stage_4") or f["age"] >= 50
    )
    return APPROVED if symptoms and f["radiology_report"] == "yes" and early and not barred else DENIED


def truth(stated: Findings) -> str:
    """By brute force: the one outcome of all completions, else pended."""
    given = {**PRESUMED, **stated}
    open_ = [name for name in VALUES if name not in given]
    found = set()
    for values in product(*(VALUES[name] for name in open_)):
        findings = {**given, **dict(zip(open_, values, strict=True))}
        if possible(findings):
            found.add(outcome(findings))
    (first, *more) = found
    return PENDED if more else first


def cases(count: int, silent: float, seed: int = 1) -> Iterator[Findings]:
    """Random cases: half of the values favour approval, and each finding is silent with this probability."""
    random_ = random.Random(seed)
    good: Findings = {
        "age": 34, "other_indication": "no", "hip_pain": "yes", "functional_disability": "yes",
        "radiology_report": "yes", "osteonecrosis_stage": "stage_2", "collapse": "none", "arthritis": "none",
    }  # fmt: skip
    made = 0
    while made < count:
        findings = {n: good[n] if random_.random() < 0.8 else random_.choice(v) for n, v in VALUES.items()}
        kept = {n: v for n, v in findings.items() if random_.random() >= silent}
        if possible(findings):
            made += 1
            yield kept


def case_data(findings: Findings) -> dict[str, Any]:
    """The same case as unmet reads it."""
    line: dict[str, Any] = {"line": "hip", "code": "S2325", "side": "left"}
    if "other_indication" in findings:
        line["other_indication"] = findings["other_indication"]
    hip = {n: v for n, v in findings.items() if n not in ("age", "other_indication")}
    patient = {"age": findings["age"]} if "age" in findings else {}
    return {
        "request": {"date_of_service": "2025-09-02", "lines": [line]},
        "patient": patient,
        "hip": {"left": hip},
    }


# -- rivals ---------------------------------------------------------------------------------------------------


class Engine(Protocol):
    """Decides findings; raises where it cannot."""

    name: str

    def decide(self, findings: Findings) -> str: ...


class Kleene:
    """Hand-written Python with the three values of Kleene's logic; None is unknown."""

    name = "Python, Kleene's logic by hand"

    def decide(self, findings: Findings) -> str:
        get = findings.get
        referred = _is(get("other_indication"), ("yes",))
        symptoms = _or(_is(get("hip_pain"), ("yes",)), _is(get("functional_disability"), ("yes",)))
        stage = get("osteonecrosis_stage")
        early = _and(_is(stage, ("stage_1", "stage_2")), _is(get("collapse"), ("none", "minimal")))
        indicated = _and(symptoms, _and(_is(get("radiology_report"), ("yes",)), early))
        age = get("age")
        old = None if age is None else age >= 50
        barred = _or(_is(get("arthritis"), ("moderate", "severe")), _or(_is(stage, ("stage_3", "stage_4")), old))
        necessary = _and(indicated, None if barred is None else not barred)
        if referred:
            return REFERRED
        if referred is None or necessary is None:
            return PENDED
        return APPROVED if necessary else DENIED


def _is(value: Any, wanted: tuple[Any, ...]) -> bool | None:
    return None if value is None else value in wanted


def _and(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _or(a: bool | None, b: bool | None) -> bool | None:
    if a or b:
        return True
    return None if a is None or b is None else False


class Zen:
    """GoRules: a decision table in which the first row that fits decides, the last one for all that is left."""

    name = "zen-engine, decision table"

    ROWS: tuple[tuple[dict[str, str], str], ...] = (
        ({"other_indication": "'yes'"}, REFERRED),
        ({"arthritis": "'moderate', 'severe'"}, DENIED),
        ({"osteonecrosis_stage": "'stage_3', 'stage_4'"}, DENIED),
        ({"age": ">= 50"}, DENIED),
        (
            {
                "hip_pain": "'yes'", "radiology_report": "'yes'",
                "osteonecrosis_stage": "'stage_1', 'stage_2'", "collapse": "'none', 'minimal'",
            },
            APPROVED,
        ),
        (
            {
                "functional_disability": "'yes'", "radiology_report": "'yes'",
                "osteonecrosis_stage": "'stage_1', 'stage_2'", "collapse": "'none', 'minimal'",
            },
            APPROVED,
        ),
        ({}, DENIED),
    )  # fmt: skip

    def __init__(self) -> None:
        import zen

        inputs = [{"id": name, "name": name, "type": "expression", "field": name} for name in VALUES]
        rules = [
            {"_id": str(i), "outcome": f"'{said}'", **{name: row.get(name, "") for name in VALUES}}
            for i, (row, said) in enumerate(self.ROWS)
        ]
        table = {
            "hitPolicy": "first",
            "inputs": inputs,
            "outputs": [{"id": "outcome", "name": "outcome", "type": "expression", "field": "outcome"}],
            "rules": rules,
        }
        nodes = [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ]
        ways = (("in", "table"), ("table", "out"))
        edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in ways]
        self._decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def decide(self, findings: Findings) -> str:
        return str(self._decision.evaluate(findings)["result"]["outcome"])


class Cel:
    """CEL: one expression over the findings; a field that is not there is an error."""

    name = "CEL (common-expression-language)"

    TEXT = """
    f.other_indication == 'yes' ? 'referred' :
    (f.hip_pain == 'yes' || f.functional_disability == 'yes') && f.radiology_report == 'yes' &&
    f.osteonecrosis_stage in ['stage_1', 'stage_2'] && f.collapse in ['none', 'minimal'] &&
    !(f.arthritis in ['moderate', 'severe'] || f.osteonecrosis_stage in ['stage_3', 'stage_4'] || f.age >= 50)
    ? 'approved' : 'denied'
    """

    def __init__(self) -> None:
        import cel

        self._program = cel.compile(self.TEXT)

    def decide(self, findings: Findings) -> str:
        return str(self._program.execute({"f": findings}))


class CelHas(Cel):
    """CEL with the guard that its guides advise: a field that is not there counts as not being so."""

    name = "CEL, with has()"

    TEXT = """
    (has(f.other_indication) && f.other_indication == 'yes') ? 'referred' :
    ((has(f.hip_pain) && f.hip_pain == 'yes') || (has(f.functional_disability) && f.functional_disability == 'yes')) &&
    has(f.radiology_report) && f.radiology_report == 'yes' &&
    has(f.osteonecrosis_stage) && f.osteonecrosis_stage in ['stage_1', 'stage_2'] &&
    has(f.collapse) && f.collapse in ['none', 'minimal'] &&
    !((has(f.arthritis) && f.arthritis in ['moderate', 'severe']) ||
      (has(f.osteonecrosis_stage) && f.osteonecrosis_stage in ['stage_3', 'stage_4']) || (has(f.age) && f.age >= 50))
    ? 'approved' : 'denied'
    """
