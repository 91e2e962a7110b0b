"""What all commands share: the knowledge base, help, terminals."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.small import Run, command
from tests.shipped import CASES, ROOT
from unmet.cli import main

COMMANDS = tuple(main.commands)

# --- the knowledge base ----------------------------------------------------------------------------------------------

ASKED: dict[str, tuple[str, ...]] = {
    "policies": (),
    "show": ("knee_brace",),
    "determine": ("approved.yaml",),
    "schema": (),
    "facts": ("approved.yaml",),
    "test": ("approved.yaml",),
    "check": (),
    "batch": ("cases.csv", "-o", "answers.csv", "--policy", "knee_brace"),
    "impact": ("knee_brace", "2026-01-01", "2027-01-01", "cases.csv"),
    "diff": ("knee_brace", "2026-01-01", "2027-01-01"),
    "generate": ("knee_brace",),
    "explain": ("approved.yaml",),
    "notice": ("approved.yaml",),
}
"""How each command is asked."""


def test_every_command_is_tried_here() -> None:
    assert set(COMMANDS) <= set(ASKED)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_knowledge_base_that_is_not_there(run: Run, name: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    ran = run(name, *ASKED[name], "--kb", str(nowhere), small=False)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"{nowhere}:1:1: error[unreadable]: there is no knowledge base at `{nowhere}`\n"
    as_json = run(name, *ASKED[name], "--kb", str(nowhere), "--format", "json", small=False)
    assert (as_json.code, as_json.err) == (1, "")
    assert as_json.json == {
        "diagnostics": [
            {
                "code": "unreadable",
                "message": f"there is no knowledge base at `{nowhere}`",
                "location": {"file": str(nowhere), "line": 1, "column": 1},
                "path": None,
                "help": None,
                "severity": "error",
            }
        ]
    }


def test_all_defects_of_a_knowledge_base_are_told(run: Run, home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "kb"
    for path in (home / "kb").rglob("*.lp"):
        copy = broken / path.relative_to(home / "kb")
        copy.parent.mkdir(parents=True, exist_ok=True)
        told = path.read_text(encoding="utf-8").replace("N >= 2", "N >= two").replace("unstable, yes", "unstabel, yes")
        copy.write_text(told, encoding="utf-8")
    ran = run("policies", "--kb", str(broken), small=False)
    assert (ran.code, ran.out) == (1, "")
    places = re.findall(r"(\w+)/[\d-]+\.lp:(\d+):\d+: error\[([\w-]+)\]", ran.err)
    assert {(policy, code) for policy, _, code in places} >= {("orthosis", "unknown-attribute")}
    assert {policy for policy, _, _ in places} == {"knee_brace", "orthosis"}
    assert "did you mean `unstable`?" in ran.err


# --- usage, help, terminals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("determine",),
        ("facts",),
        ("show",),
        ("determin", "approved.yaml"),
        ("determine", "approved.yaml", "--colour"),
        ("policies", "extra"),
        ("policies", "--format", "xml"),
    ],
)
def test_usage(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, small=False)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_ends_with_an_example(run: Run, name: str) -> None:
    result = CliRunner().invoke(main, [*([name] if name else []), "--help"])
    assert result.exit_code == 0
    example = result.output.partition("Example:\n")[2].partition("\nOptions:")[0].split("\n")
    assert example[0].strip().startswith(f"unmet {name}".strip())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_common_options(name: str) -> None:
    options = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {"--kb", "--format"} <= options


def test_help_waits_for_nothing_but_click() -> None:
    heavy = ("clingo", "pydantic", "rich", "yaml", "dateutil", "unmet.facade", "unmet.knowledge")
    code = (
        "import sys; from unmet.cli import main\n"
        "try: main(ARGS)\n"
        "except SystemExit: pass\n"
        f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    for arguments in (["--help"], ["determine", "--help"], ["--version"]):
        ran = subprocess.run(
            [sys.executable, "-c", code.replace("ARGS", repr(arguments))], capture_output=True, text=True, check=True
        )
        assert ran.stderr == "[]\n"
        assert ran.stdout


def test_the_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert re.search(r"\b0\.1\.0\b", result.output)


def test_the_command_itself_twice(home: Path) -> None:
    """As a process: the exit code, no colour where there is no terminal, and the same bytes again."""
    arguments = ("determine", "--kb", str(home / "kb"), "approved.yaml", "denied.yaml", "partial.yaml")
    first, second = command(*arguments, cwd=home), command(*arguments, cwd=home)
    assert first == second
    assert first.code == 3
    assert "\x1b" not in first.out + first.err
    as_json = (*arguments, "--format", "json")
    assert command(*as_json, cwd=home) == command(*as_json, cwd=home)


def test_shipped_answers_are_the_same_twice(run: Run) -> None:
    path = str(CASES / "requests" / "pended_two_stage_spine_surgery.yaml")
    assert run("determine", path, small=False) == run("determine", path, small=False)


def test_nothing_is_wider_than_the_page(run: Run) -> None:
    ran = run("determine", str(CASES / "requests" / "pended_two_stage_spine_surgery.yaml"), small=False)
    assert max(map(len, ran.out.splitlines())) <= 110
    assert all(line == line.rstrip() for line in ran.out.splitlines())


def test_colour_on_a_terminal() -> None:
    """What the same command does on one: there it is coloured."""
    import os
    import pty

    path = "cases/hip_core_decompression/denied_age_fifty.yaml"
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "determine", path], stdout=theirs, cwd=ROOT, env=environment
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 3
    assert b"\x1b[" in written
    assert b"DENIED" in written


def test_a_pipe_that_closes_early_is_no_traceback() -> None:
    code = "import sys; from unmet.cli import main; sys.argv[0] = 'unmet'; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
