"""Bad twins of a good knowledge base and of a good case: each has a defect, and is written as the difference.

`bad/good/` is a knowledge base and a case without a defect. A twin of the knowledge base, `bad/knowledge/*.lp`,
holds the lines that differ, below comments that say where they go:

    % in policies/brace/2026-01-01.lp
    % instead of: met(young) :- finding(patient, age, Years), Years < 16.
    met(young) :- finding(patient, age, Years), Years < sixteen.

Without `instead of` the lines stand at the end of the file, which is a new one where there is none; `, a copy of
FILE` makes it from another. A twin of the case, `bad/cases/*.yaml` (or `.json`), is a whole case. Beside each twin
stands what the program prints of it, `*.expected`. `python -m tests.twins` writes those that are new or have
changed: read them before you believe them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import unmet
from unmet import facade

BAD = Path(__file__).parent / "bad"
GOOD = BAD / "good"
KNOWLEDGE_TWINS = tuple(sorted((BAD / "knowledge").glob("*.lp")))
CASE_TWINS = tuple(sorted(p for p in (BAD / "cases").iterdir() if p.suffix in (".yaml", ".json")))

IN, COPY, INSTEAD = "% in ", ", a copy of ", "% instead of: "


def lay_over(twin: str, home: Path) -> None:
    """Lays the lines of a twin over the knowledge base at `home`."""
    blocks: list[tuple[str, str | None, list[str]]] = []
    file = ""
    for line in twin.splitlines(keepends=True):
        if line.startswith(IN):
            file = line.removeprefix(IN).rstrip("\n")
            blocks.append((file, None, []))
        elif line.startswith(INSTEAD):
            if blocks and blocks[-1][1:] == (None, []):
                blocks.pop()
            blocks.append((file, line.removeprefix(INSTEAD), []))
        else:
            blocks[-1][2].append(line)
    for place, replaced, lines in blocks:
        name, _, original = place.partition(COPY)
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (home / original).read_text(encoding="utf-8") if original else ""
        text = path.read_text(encoding="utf-8") if path.exists() else text
        if replaced is None:
            text += "".join(lines)
        else:
            assert text.count(replaced) == 1, f"`{replaced}` stands {text.count(replaced)} times in {name}"
            text = text.replace(replaced, "".join(lines))
        path.write_text(text, encoding="utf-8")


@contextmanager
def inside(directory: Path) -> Iterator[None]:
    """Works in a directory for a while, so that messages name files by their short path."""
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def knowledge_base(twin: str) -> Iterator[Path]:
    """A directory that holds the twin of the good knowledge base."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "kb"
        shutil.copytree(GOOD, home, ignore=shutil.ignore_patterns("*.yaml"))
        lay_over(twin, home)
        yield home


def said_of_knowledge(twin: Path) -> str:
    """What the program says of a twin of the knowledge base, with paths inside it."""
    with knowledge_base(twin.read_text(encoding="utf-8")) as home, inside(home):
        try:
            facade.load(Path())
        except unmet.KnowledgeError as error:
            return f"{error}\n"
    return ""


@cache
def good() -> unmet.KnowledgeBase:
    """The good knowledge base."""
    return facade.load(GOOD)


def said_of_case(twin: Path) -> str:
    """What the program says of a twin of the case."""
    base = good()
    with inside(twin.parent):
        try:
            base.read_case(Path(twin.name))
        except unmet.CaseError as error:
            return f"{error}\n"
    return ""


def said(twin: Path) -> str:
    """What the program says of a twin."""
    return said_of_knowledge(twin) if twin.suffix == ".lp" else said_of_case(twin)


def expected(twin: Path) -> Path:
    """The file that holds what the program says of a twin."""
    return twin.with_name(f"{twin.name}.expected")


def main() -> None:
    """Writes the expectations that are new or have changed, and names them."""
    for twin in (*KNOWLEDGE_TWINS, *CASE_TWINS):
        text, file = said(twin), expected(twin)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{twin.relative_to(BAD)}\n{text}\n")


if __name__ == "__main__":
    main()
