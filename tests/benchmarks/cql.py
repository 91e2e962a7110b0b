"""The hip policy in CQL, the language of quality measures, run by cql-execution in node.

It takes `npm install --prefix .venv/cql cql-execution@3.3.2`; where that is not there, the benchmark says so and goes
on. The translator from CQL to ELM, which engines run, is a Java program; the ELM is written here by hand, as

    define Referred:  Patient.other_indication = 'yes'
    define Symptoms:  Patient.hip_pain = 'yes' or Patient.functional_disability = 'yes'
    define Early:     Patient.osteonecrosis_stage in {'stage_1', 'stage_2'} and Patient.collapse in {'none', 'minimal'}
    define Barred:    Patient.arthritis in {'moderate', 'severe'} or Patient.age >= 50
                      or Patient.osteonecrosis_stage in {'stage_3', 'stage_4'}
    define Necessary: Symptoms and Patient.radiology_report = 'yes' and Early and not Barred
    define Verdict:   case when Referred then 'referred' when Referred is null then 'pended'
                      when Necessary then 'approved' when Necessary is null then 'pended' else 'denied' end

CQL's logic has three values, but `null in {...}` is false by its definition, not null. So there are two encodings: with
`in`, as one would write it, and with `=` and `or`, for which a missing finding stays unknown.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.hip import APPROVED, DENIED, PENDED, REFERRED, Findings

HOME = Path(__file__).parents[2] / ".venv" / "cql"
SCRIPT = Path(__file__).with_name("cql.cjs")
SIMPLE = "https://github.com/cqframework/cql-execution/simple"
TYPES = "urn:hl7-org:elm-types:r1"

ENCODINGS = {"CQL (cql-execution), with in": True, "CQL (cql-execution), with =": False}
"""The encodings, by whether they use `in`."""

Elm = dict[str, Any]


def is_there() -> bool:
    """Whether node and cql-execution are."""
    return shutil.which("node") is not None and (HOME / "node_modules" / "cql-execution").is_dir()


@dataclass(frozen=True)
class Ran:
    """The verdicts, and the seconds of processor time that each round took for all cases together."""

    verdicts: tuple[str, ...]
    seconds: tuple[float, ...]


def run(encoding: str, cases: Sequence[Findings], rounds: int) -> Ran:
    """Decides cases so many times in one process, which takes its own time."""
    asked = {"elm": library(ENCODINGS[encoding]), "cases": list(cases), "rounds": rounds}
    module = str(HOME / "node_modules" / "cql-execution")
    told = subprocess.run(
        ["node", str(SCRIPT), module], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answer = json.loads(told.stdout)
    return Ran(tuple(answer["verdicts"]), tuple(answer["seconds"]))


# -- ELM ------------------------------------------------------------------------------------------------------


def library(with_in: bool) -> Elm:
    """The policy as ELM."""

    def among(finding: str, *words: str) -> Elm:
        if with_in:
            return _of("In", _finding(finding), {"type": "List", "element": [_text(word) for word in words]})
        first, *rest = (_of("Equal", _finding(finding), _text(word)) for word in words)
        for each in rest:
            first = _of("Or", first, each)
        return first

    def is_yes(finding: str) -> Elm:
        return _of("Equal", _finding(finding), _text("yes"))

    fifty = {"type": "Literal", "valueType": f"{{{TYPES}}}Integer", "value": "50"}
    stage = "osteonecrosis_stage"
    late = _of("Or", among("arthritis", "moderate", "severe"), among(stage, "stage_3", "stage_4"))
    documented = _of("And", _ref("Symptoms"), is_yes("radiology_report"))
    patient = {"type": "SingletonFrom", "operand": {"type": "Retrieve", "dataType": f"{{{SIMPLE}}}Patient"}}
    defined = {
        "Patient": patient,
        "Referred": is_yes("other_indication"),
        "Symptoms": _of("Or", is_yes("hip_pain"), is_yes("functional_disability")),
        "Early": _of("And", among(stage, "stage_1", "stage_2"), among("collapse", "none", "minimal")),
        "Barred": _of("Or", late, _of("GreaterOrEqual", _finding("age"), fifty)),
        "Necessary": _of("And", _of("And", documented, _ref("Early")), _not(_ref("Barred"))),
        "Verdict": _verdict(),
    }
    statements = [{"name": n, "context": "Patient", "expression": body} for n, body in defined.items()]
    return {
        "library": {
            "identifier": {"id": "Hip", "version": "1"},
            "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
            "usings": {
                "def": [
                    {"localIdentifier": "System", "uri": TYPES},
                    {"localIdentifier": "Simple", "uri": SIMPLE},
                ]
            },
            "statements": {"def": statements},
        }
    }


def _verdict() -> Elm:
    items = [
        (_ref("Referred"), REFERRED),
        (_null(_ref("Referred")), PENDED),
        (_ref("Necessary"), APPROVED),
        (_null(_ref("Necessary")), PENDED),
    ]
    return {"type": "Case", "caseItem": [{"when": w, "then": _text(word)} for w, word in items], "else": _text(DENIED)}


def _of(kind: str, *operands: Elm) -> Elm:
    return {"type": kind, "operand": list(operands)}


def _not(operand: Elm) -> Elm:
    return {"type": "Not", "operand": operand}


def _null(operand: Elm) -> Elm:
    return {"type": "IsNull", "operand": operand}


def _ref(name: str) -> Elm:
    return {"type": "ExpressionRef", "name": name}


def _finding(name: str) -> Elm:
    return {"type": "Property", "path": name, "source": _ref("Patient")}


def _text(word: str) -> Elm:
    return {"type": "Literal", "valueType": f"{{{TYPES}}}String", "value": word}
