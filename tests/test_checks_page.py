"""Every check has a section in docs/checks.md, and is found in its example and not in what stands instead."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from unmet import loading
from unmet.check import check
from unmet.findings import CHECKS, CheckReport

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
HEADER = """policy(sample, "Sample").
version("1").  document("Example").  effective("2026-01-01").  covers("X1").
"""


@cache
def sections() -> dict[str, tuple[str, str]]:
    """The example and what stands instead, by code."""
    text = PAGE.read_text(encoding="utf-8").partition("## The codes")[2]
    found: dict[str, tuple[str, str]] = {}
    for code, body in re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", text, re.M | re.S):
        example, instead = re.findall(r"```prolog\n(.*?)```", body, re.S)
        assert "**What.**" in body, code
        assert "**Why.**" in body, code
        found[code] = example, instead
    return found


def vocabulary() -> str:
    found = re.search(r"<!-- vocabulary -->\n```prolog\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found
    return found[1]


def report(text: str, home: Path) -> CheckReport:
    """The knowledge base of an example: one policy under the usual header, or the files that it names."""
    files = {"vocabulary/words.lp": vocabulary()}
    if "% file: " in text:
        for part in text.split("% file: ")[1:]:
            name, _, body = part.partition("\n")
            files[name] = body
    else:
        files["policies/sample/2026-01-01.lp"] = HEADER + text
    for name, body in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(body, encoding="utf-8")
    return check(loading.load(home), day="2026-06-01")


def subjects(found: CheckReport, code: str) -> set[tuple[str, ...]]:
    return {f.subjects for f in (*found.findings, *found.acknowledged) if f.code == code}


def test_every_check_has_a_section() -> None:
    assert list(sections()) == list(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_the_example_is_found_and_what_stands_instead_is_not(code: str, tmp_path: Path) -> None:
    example, instead = (report(text, tmp_path / name) for text, name in zip(sections()[code], "ab", strict=True))
    found, left = subjects(example, code), subjects(instead, code)
    assert found - left
    if code != "unread-attribute":  # the examples read few words of the vocabulary
        assert not left
