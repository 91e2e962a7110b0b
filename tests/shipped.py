"""The shipped knowledge base and cases, read and answered once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import unmet
from unmet import loading
from unmet.knowledge import Knowledge

ROOT = Path(__file__).parents[1]
KB = ROOT / "kb"
CASES = ROOT / "cases"

CASE_FILES = tuple(sorted(p for p in CASES.rglob("*") if p.suffix in (".yaml", ".yml", ".json")))


def name_of(path: Path) -> str:
    """A case file as people name it: `hip_core_decompression/denied_age_fifty`."""
    return f"{path.parent.name}/{path.stem}"


@cache
def kb() -> unmet.KnowledgeBase:
    """The shipped knowledge base."""
    return unmet.load(KB)


@cache
def inner() -> Knowledge:
    """The shipped knowledge base as the program's own modules use it."""
    return loading.load(KB)


@cache
def case(path: Path) -> unmet.Case:
    """A case of the shipped knowledge base."""
    return kb().read_case(path)


@cache
def answers(path: Path) -> tuple[unmet.Determination, ...]:
    """The answer to each expectation of a case file, in order."""
    read = case(path)
    return tuple(kb().determine(read, silence=e.silence, readings=e.readings) for e in read.expectations)


def answer(name: str) -> unmet.Determination:
    """The answer to a case file's first expectation; the file by its folder and name."""
    (path,) = (p for p in CASE_FILES if name_of(p) == name)
    return answers(path)[0]


def line(name: str) -> unmet.results.LineDetermination:
    """The answer to the first line of a case file."""
    return answer(name).lines[0]
