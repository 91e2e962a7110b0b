"""The least that Python needs for a case: clingo, pydantic and click imported, the case built by plain models.

`baseline` writes such a program: pydantic models with the types that pydantic brings, one field for each attribute of
the vocabulary, and one validation. It reads JSON, and does without everything that `unmet` does beside.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from unmet.document import read
from unmet.vocabulary import LEVEL, REQUEST, Attribute, Mode, Type, Vocabulary

HEAD = """\
import json, sys
import clingo, click, pydantic
from datetime import date
from typing import Annotated, Literal
from pydantic import BaseModel, ConfigDict, Field

class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
"""


def baseline(vocabulary: Vocabulary) -> str:
    """The program."""
    of_request = [a for a in vocabulary.of_record(REQUEST) if a.name != LEVEL]
    texts = [f"{name}: str | None = None" for name in ("line", "code", "policy")]
    parts = [
        HEAD,
        _model("Line", of_request, [*texts, "levels: str | list[str] | None = None"]),
        _model("Request", of_request, ["lines: list[Line]"]),
    ]
    fields = ["title: str | None = None", "request: Request"]
    for record in (r for r in vocabulary.records.values() if r.name != REQUEST):
        name = f"R_{record.name}"
        parts.append(_model(name, vocabulary.of_record(record.name), []))
        kind = name
        if record.mode is Mode.KEYED:
            kind = f"dict[{_literal(record.keys)}, {name}]"
        elif record.mode is Mode.LISTED:
            kind = f"list[{name}] | L_{record.name}"
            complete = 'complete: Literal["yes", "no"] = "no"'
            parts.append(_model(f"L_{record.name}", (), [complete, f"listed: list[{name}] = []"]))
        fields.append(f"{record.name}: {kind} | None = None")
    parts += [_model("Case", (), fields), "case = Case.model_validate(json.load(open(sys.argv[1])))\n"]
    return "\n".join(parts)


def _model(name: str, attributes: Iterable[Attribute], fields: Sequence[str]) -> str:
    every = [*(f"{a.name}: {_type(a)} | None = None" for a in attributes), *fields]
    return "\n".join([f"class {name}(Strict):", *(f"    {field}" for field in every or ["pass"])]) + "\n"


def _type(attribute: Attribute) -> str:
    if attribute.type is Type.NUMBER:
        scale = 10**attribute.places
        kind = "float" if attribute.places else "int"
        return f"Annotated[{kind}, Field(ge={attribute.low / scale}, le={attribute.high / scale})]"
    return "date" if attribute.type is Type.DATE else _literal(attribute.options)


def _literal(words: Iterable[str]) -> str:
    return f"Literal[{', '.join(map(repr, words))}]"


def plain(path: Path) -> str:
    """The case of a file as JSON, findings bare and without what the file expects."""
    return json.dumps(_plain({k: v for k, v in read(path).data.items() if k != "expect"}))


def _plain(data: Any) -> Any:
    if isinstance(data, Decimal):
        return float(data)
    if isinstance(data, dict):
        return _plain(data["value"]) if "value" in data else {key: _plain(value) for key, value in data.items()}
    return [_plain(item) for item in data] if isinstance(data, list) else data


def processor_seconds(arguments: Sequence[str], **environment: str) -> float:
    """The processor time of a run of Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=kept | environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
