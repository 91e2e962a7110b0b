"""A line of a case as a program for plain clingo, to be run with the knowledge base and `encodings/world.lp`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unmet.case import Case
from unmet.determine import Decision, governing
from unmet.diagnostics import did_you_mean
from unmet.errors import RequestError
from unmet.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Plain:
    """The facts of one line, and the files to run them with; no files where no version governs the line."""

    line: str
    facts: tuple[str, ...]
    files: tuple[Path, ...]


def plain(
    knowledge: Knowledge, case: Case, line: str | None = None, readings: Mapping[str, str] | None = None
) -> Iterator[Plain]:
    """The program of each line, or of one.

    Raises:
        RequestError: there is no such line, reading or option.
    """
    chosen = dict(readings or {})
    knowledge.check_readings(chosen)
    names = [li.name for li in case.lines]
    if line is not None and line not in names:
        help = did_you_mean(line, names)
        raise RequestError(f"the request has no line `{line}`" + (f"; {help}" if help else ""))
    encodings = Path(__file__).parent / "encodings"
    for scene in case.scenes:
        if line not in (None, scene.line.name):
            continue
        policy, _ = governing(knowledge, scene)
        if policy is None:
            yield Plain(scene.line.name, (), ())
            continue
        decision = Decision(knowledge, policy, scene, knowledge.chosen(policy, chosen))
        facts = tuple(decision.situation.program(decision.chosen, decision.applied))
        vocabulary = sorted((knowledge.directory / "vocabulary").glob("*.lp"))
        files = (*vocabulary, policy.path, encodings / "world.lp", encodings / "outcome.lp")
        yield Plain(scene.line.name, facts, files)
