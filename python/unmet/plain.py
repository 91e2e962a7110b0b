"""A line of a case as a program for plain clingo, to be run with the knowledge base and the program's encodings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unmet.case import Case
from unmet.determine.request import check_line, decide
from unmet.knowledge import Knowledge
from unmet.results import Silence

ENCODINGS = ("world", "outcome", "criteria")
"""The program's own encodings that a case is decided with."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The facts of one line (of one level of it), and the files to run them with; none where no version governs it."""

    line: str
    level: str | None
    facts: tuple[str, ...]
    files: tuple[Path, ...]


def plain(
    knowledge: Knowledge, case: Case, line: str | None = None, readings: Mapping[str, str] | None = None
) -> Iterator[Plain]:
    """The program of each line and level, or of one line.

    Raises:
        RequestError: there is no such line, reading or option.
    """
    chosen = dict(readings or {})
    knowledge.check_readings(chosen)
    check_line(case, line)
    encodings = Path(__file__).parent / "encodings"
    vocabulary = sorted((knowledge.directory / "vocabulary").glob("*.lp"))
    _, lines = decide(knowledge, case, Silence.OPEN, chosen)
    for decided in lines:
        name, levels = decided.scene.line.name, decided.scene.line.levels
        if line not in (None, name):
            continue
        if decided.policy is None:
            yield Plain(name, None, (), ())
            continue
        files = (*vocabulary, decided.policy.path, *(encodings / f"{name}.lp" for name in ENCODINGS))
        named = levels if len(decided.units) == len(levels) else (None,)
        for level, unit in zip(named, decided.units, strict=True):
            facts = tuple(unit.situation.program(unit.chosen, unit.applied))
            yield Plain(name, level, facts, files)
