"""The documents hold what they say: console blocks run, examples load, help texts are equal, links resolve.

A document is worked through from the top in a directory of its own that holds copies of `kb` and `cases`:

- a block under `<!-- file: PATH -->` is written to that path;
- a `console` block is run, each `$ ...` line, and its output is what the block shows; under `<!-- lines: REGEX -->`
  the lines that do not match are shown as `...`;
- a `pycon` block is a doctest.

`python -m tests.test_docs` writes the outputs anew, for a look at the difference.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import unmet
from tests import twins
from tests.test_layers import LAYERS
from tests.twins import BAD
from unmet import facade
from unmet.cli import main
from unmet.diagnostics import CODES
from unmet.explanation import (
    Answer,
    Change,
    Denial,
    Effect,
    Enumeration,
    Example,
    Explanation,
    Factor,
    Feature,
    Fix,
    GroupNote,
    LineExplanation,
    Opening,
    Question,
    ReadingEffect,
    Reason,
    Support,
    UnitExplanation,
)
from unmet.notice import Notice, NoticeLine, NoticeUnit, ReadingUsed
from unmet.results import (
    Cause,
    CriterionStatus,
    Days,
    Determination,
    Evidence,
    LevelDecision,
    LevelOfCare,
    LineDetermination,
    Population,
    Presumption,
    RequestOutcome,
    Status,
    Verdict,
)
from unmet.slots import SLOTS, Slot
from unmet.source.statements import CODING, POLICY, VOCABULARY

ROOT = Path(__file__).parent.parent
DIAGNOSTICS = "docs/diagnostics.md"
PAGES = ("README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md") if p.name != "diagnostics.md"))
FENCE = re.compile(
    r"(?:^<!-- (?P<mark>file|lines): (?P<value>.*?) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.M | re.S
)


@cache
def loaded(directory: Path | None, files: tuple[tuple[str, float], ...]) -> unmet.KnowledgeBase:
    """A knowledge base, loaded once as long as its files are the same."""
    return facade.load(directory)


def load(directory: Path | str | None = None) -> unmet.KnowledgeBase:
    """The knowledge base that a command names."""
    home = Path(directory).resolve() if directory else None
    return loaded(home, tuple(sorted((str(p), p.stat().st_mtime) for p in home.rglob("*.lp"))) if home else ())


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmet, "load", load, raising=False)


@dataclass
class Shell:
    """Runs the commands of console blocks in a directory; `unmet` within this process."""

    home: Path
    code: int = 0
    runner: CliRunner = field(default_factory=CliRunner)

    def run(self, command: str) -> str:
        """What a command prints."""
        if command == "echo $?":
            return f"{self.code}\n"
        command = re.sub(r"\$\((unmet [^)]*)\)", lambda inner: self.run(inner[1]).replace("\n", " "), command)
        if command.startswith("python -m clingo "):
            return self._process(command)
        plain, _, target = command.partition(" > ")
        words = shlex.split(plain)
        assert words[0] == "unmet", f"the documents run no `{words[0]}`"
        with chdir(self.home):
            result = self.runner.invoke(main, words[1:], prog_name="unmet", terminal_width=78)
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        self.code = result.exit_code
        if target:
            (self.home / target).write_text(result.output, encoding="utf-8")
            return ""
        return result.output

    def _process(self, command: str) -> str:
        words = [sys.executable, *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=self.home, capture_output=True, text=True)
        self.code = done.returncode
        return done.stdout + done.stderr


def elided(output: str, pattern: str | None) -> str:
    """The lines that match, `...` for those between."""
    lines = output.splitlines()
    if pattern is None:
        return "\n".join(lines)
    kept: list[str] = []
    for line in lines:
        if re.search(pattern, line):
            kept.append(line)
        elif not kept or kept[-1] != "...":
            kept.append("...")
    return "\n".join(kept)


def worked_through(text: str, home: Path) -> str:
    """A document with the output of its console blocks as it is now."""
    shell = Shell(home)
    for name in ("kb", "cases"):
        shutil.copytree(ROOT / name, home / name)

    def block(found: re.Match[str]) -> str:
        mark, value, language, body = found.group("mark", "value", "language", "body")
        if mark == "file":
            path = home / value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        if language != "console":
            return found.group()
        shown: list[str] = []
        for line in body.splitlines():
            if line.startswith("$ "):
                output = elided(shell.run(line[2:]), value if mark == "lines" and "echo" not in line else None)
                shown += [line, *([output] if output else [])]
        head = f"<!-- lines: {value} -->\n" if mark == "lines" else ""
        return f"{head}```console\n" + "".join(f"{line}\n" for line in shown) + "```"

    return FENCE.sub(block, text)


@pytest.mark.parametrize("page", PAGES)
def test_console_blocks_show_what_is_printed(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text == worked_through(text, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_python_examples_run(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    example = "\n".join(f.group("body") for f in FENCE.finditer(text) if f.group("language") == "pycon")
    test = doctest.DocTestParser().get_doctest(example, {}, page, page, 0)
    with chdir(ROOT):
        failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(test).failed
    assert not failed


def commands(command: click.Command, name: str) -> Iterator[str]:
    """The names of a command and of those below it."""
    yield name
    if isinstance(command, click.Group):
        for below in sorted(command.commands):
            yield from commands(command.commands[below], f"{name} {below}")


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert [f"$ {name} --help" for name in commands(main, "unmet")] == re.findall(r"^\$ unmet.* --help$", text, re.M)


MODELS = {
    "The answer": Determination,
    "request": RequestOutcome,
    "lines": LineDetermination,
    "criteria": CriterionStatus,
    "evidence": Evidence,
    "levels": LevelDecision,
    "level_of_care": LevelOfCare,
    "days": Days,
    "population": Population,
    "cause": Cause,
    "presumed": Presumption,
}


EXPLAINED = {
    "The explanation": Explanation,
    "explained lines": LineExplanation,
    "units": UnitExplanation,
    "denial": Denial,
    "reasons": Reason,
    "features": Feature,
    "factors": Factor,
    "fixes": Fix,
    "changes": Change,
    "examples": Example,
    "opening": Opening,
    "answers": Answer,
    "questions": Question,
    "effects": Effect,
    "support": Support,
    "groups": GroupNote,
    "readings": ReadingEffect,
    "enumeration": Enumeration,
}

NOTICES = {
    "The notice": Notice,
    "slots": Slot,
    "notice lines": NoticeLine,
    "notice units": NoticeUnit,
    "readings used": ReadingUsed,
}

PARTS = {
    "The JSON of a determination": MODELS,
    "The JSON of an explanation": EXPLAINED,
    "The JSON of a notice": NOTICES,
}
"""The sections of the page that describe models, each with the headings below it."""


@pytest.mark.parametrize(("part", "heading"), [(p, h) for p, models in PARTS.items() for h in models])
def test_every_field_of_the_json_is_documented(part: str, heading: str) -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    section = text.partition(f"## {part}\n")[2].partition("\n## ")[0].partition(f"\n### {heading}\n")[2]
    rows = re.findall(r"^\| `(\w+)` \|", section.strip().partition("\n\n")[0], re.M)
    named = {"determination": "line"} if PARTS[part][heading] is LineExplanation else {}
    assert rows == [named.get(f.name, f.name) for f in fields(PARTS[part][heading])]


def test_every_slot_is_documented() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    section = text.partition("### The slots of a notice\n")[2].partition("\n#")[0]
    assert re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.M) == [(s.name, s.needed) for s in SLOTS]


@pytest.mark.parametrize("part", PARTS)
def test_the_json_is_described_and_nothing_else(part: str) -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    section = text.partition(f"## {part}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (.*)$", section, re.M) == list(PARTS[part])


def test_the_design_has_the_layers_that_are_held() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    table: dict[int, tuple[str, ...]] = {}
    for layer, module in re.findall(r"^\| (\d) \| `(\w+)/?` \|", text, re.M):
        table[int(layer)] = (*table.get(int(layer), ()), module)
    assert tuple(table[layer] for layer in sorted(table)) == LAYERS


def test_the_sources_name_what_is_there() -> None:
    text = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    kb = load(None)
    known = {*POLICY, *VOCABULARY, *CODING, "case", "documented", "page_break", "not"}
    for policy in kb.policies:
        known |= {policy.name, *policy.criteria, *policy.parts, *policy.readings, *map(str, Status), *map(str, Verdict)}
        known |= {option for reading in policy.readings.values() for option in reading.options}
    for attribute in kb.vocabulary.attributes.values():
        known |= {attribute.name, *attribute.options}
    words = set(re.findall(r"`([a-z][a-z0-9_]*)(?:\([^`]*\))?`", text))
    words |= {w for pair in re.findall(r"`([a-z_]+)=([a-z_]+)`", text) for w in pair}
    assert not words - known - {"stage_1_fusion", "not_in_force"}


@cache
def anchors(page: Path) -> frozenset[str]:
    """The headings of a page as GitHub links to them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.M)
    return frozenset(re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings)


@pytest.mark.parametrize("page", [*PAGES, DIAGNOSTICS, "kb/README.md"])
def test_links_resolve(page: str) -> None:
    home = ROOT / page
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", home.read_text(encoding="utf-8"))):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        path = (home.parent / name).resolve() if name else home
        assert path.exists(), f"{page}: {target}"
        assert not anchor or anchor in anchors(path), f"{page}: {target}"


@pytest.mark.parametrize("page", [*PAGES, DIAGNOSTICS])
def test_lines_are_short(page: str) -> None:
    text = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    assert not long


@cache
def sections() -> dict[str, str]:
    """The sections of the page on diagnostics, by code."""
    parts = re.split(r"^### (.*)\n", (ROOT / DIAGNOSTICS).read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_diagnostic_has_a_section() -> None:
    assert list(sections()) == list(CODES)
    for code, section in sections().items():
        assert section.strip().partition(".\n")[0].lower() == CODES[code].lower()


@pytest.mark.parametrize("code", CODES)
def test_an_example_shows_what_is_printed_and_what_to_write_instead(code: str, tmp_path: Path) -> None:
    """The twin that a section names holds its first block and prints its output; with the last one all is well."""
    (name,) = re.findall(r"^<!-- twin: (.*) -->$", sections()[code], re.M)
    twin = BAD / name
    blocks = [(f.group("language"), f.group("body")) for f in FENCE.finditer(sections()[code])]
    (output,) = (body for language, body in blocks if not language)
    assert output == twins.said(twin)
    bad, *instead = [body for language, body in blocks if language] or [""]
    text = twin.read_text(encoding="utf-8", errors="replace")
    assert all(part in text for part in bad.split("...\n"))
    left_out = bool(re.search("^Leave it out", sections()[code], re.M))
    assert len(instead) + left_out == (code not in ("unreadable-case", "too-large"))
    if instead or left_out:
        mended = tmp_path / twin.name
        mended.write_text("".join(instead).join(text.rsplit(bad, 1)), encoding="utf-8")
        assert not twins.said(mended)


def project_files() -> Iterator[Path]:
    """The files of the project, as git would list them."""
    skipped = {"__pycache__", ".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    for directory, below, names in os.walk(ROOT):
        below[:] = [b for b in below if b not in skipped and not b.endswith(".egg-info")]
        yield from (Path(directory) / name for name in names)


def test_no_file_names_a_place_on_a_machine() -> None:
    places = re.compile(r"/(?:work|tmp|root|home|opt|Users)/|\.\./(?:shared|seeds)|\b(?:shared|seeds)/")
    for path in project_files():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = places.search(text)
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


if __name__ == "__main__":
    unmet.load = load
    for page in sys.argv[1:] or PAGES:
        with tempfile.TemporaryDirectory() as home:
            text = (ROOT / page).read_text(encoding="utf-8")
            (ROOT / page).write_text(worked_through(text, Path(home)), encoding="utf-8")
