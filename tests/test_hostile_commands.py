"""Hostile use of the command line: a message of one sentence and the documented exit code, and nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import unmet
from tests.shipped import CASES, ROOT, kb
from unmet.cli import main

DENIED = CASES / "hip_core_decompression" / "denied_age_fifty.yaml"
HIP = "hip_core_decompression"


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    base = kb()
    monkeypatch.setattr(unmet, "load", lambda directory=None: base, raising=False)


def run(*arguments: object, at: Path = ROOT) -> Result:
    """Runs a command in this process; nothing but an exit ends it."""
    with chdir(at):
        result = CliRunner().invoke(main, [str(each) for each in arguments], prog_name="unmet")
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    return result


def refused(*arguments: object, at: Path = ROOT) -> str:
    """The message of a command that is used wrongly."""
    result = run(*arguments, at=at)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    usage, _, message = result.stderr.partition("\n\n")
    assert usage.startswith("Usage: unmet ")
    return message


# -- where nothing can be written -------------------------------------------------------------------------------------

WRITING = {
    "explain": ("explain", DENIED, "-o"),
    "a page": ("explain", DENIED, "--format", "html", "-o"),
    "notice": ("notice", DENIED, "-o"),
    "generate": ("generate", "inpatient_stay", "-o"),
    "check": ("check", "inpatient_stay", "--witnesses"),
    "diff": ("diff", "patellofemoral_reconstruction", "2024-05-10", "page_break=inner", "--witnesses"),
    "coverage": ("test", DENIED, "--policy", "fusion_exploration", "--html"),
    "junit": ("test", DENIED, "--junit"),
}


@pytest.mark.parametrize("command", WRITING.values(), ids=WRITING)
def test_below_a_file_nothing_can_be_written(command: tuple[object, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert refused(*command, "file/out", at=tmp_path) == "Error: `file/out` cannot be written: not a directory\n"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["explain", "a page", "notice", "coverage", "junit"])
def test_a_folder_is_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refused(*WRITING[name], "folder", at=tmp_path) == "Error: `folder` cannot be written: is a directory\n"
    message = "Error: `none/out` cannot be written: no such file or directory\n"
    assert refused(*WRITING[name], "none/out", at=tmp_path) == message


@pytest.mark.parametrize("name", ["generate", "check", "diff"])
def test_a_file_is_no_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert refused(*WRITING[name], "file", at=tmp_path) == "Error: `file` cannot be written: file exists\n"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
def test_a_full_device_is_a_message(tmp_path: Path) -> None:
    message = "Error: `/dev/full` cannot be written: no space left on device\n"
    for name in ("explain", "notice", "junit"):
        assert refused(*WRITING[name], "/dev/full", at=tmp_path) == message
    for form in ("text", "json"):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([*UNMET, "determine", DENIED, "--format", form], stdout=full, stderr=subprocess.PIPE)
        said = done.stderr.decode().partition("\n\n")[2]
        assert (done.returncode, said) == (2, "Error: the answer cannot be printed: no space left on device\n")


def test_a_file_is_written_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    file, link = tmp_path / "out", tmp_path / "link"
    file.write_text("before")
    file.chmod(0o600)
    link.symlink_to(file)
    assert run("notice", DENIED, "-o", link).exit_code == 3
    assert file.read_text(encoding="utf-8") == run("notice", DENIED).stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "out"]


def test_what_a_clinician_changed_is_not_written_over(tmp_path: Path) -> None:
    run("generate", "inpatient_stay", "-o", tmp_path / "suite")
    first = sorted((tmp_path / "suite").iterdir())[1]
    assert run("generate", "inpatient_stay", "-o", tmp_path / "suite").exit_code == 0
    first.write_text("mine")
    last = sorted((tmp_path / "suite").iterdir())[-1]
    last.unlink()
    message = (
        f"Error: `suite/{first.name}` is there already and holds something else\n  help: write to another folder\n"
    )
    assert refused("generate", "inpatient_stay", "-o", "suite", at=tmp_path) == message
    assert first.read_text() == "mine"
    assert not last.exists()


# -- what ends a command from outside ---------------------------------------------------------------------------------

UNMET = (sys.executable, "-c", "from unmet.cli import main; main(prog_name='unmet')")


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    for command in (("determine", DENIED), ("determine", DENIED, "--format", "json"), ("--help",), ("policies",)):
        done = subprocess.run([*UNMET, *map(str, command)], stdout=write, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_a_closed_stream_is_no_error() -> None:
    for form in ("text", "json"):
        line = f"exec {sys.executable} -c 'from unmet.cli import main; main()' determine {DENIED} --format {form} >&-"
        done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (3, b"")


def interrupted(*arguments: object, after: Path | None = None) -> tuple[int, str]:
    """The exit code and the messages of a command that is ended by Ctrl-C, once there is such a file."""
    begun = "import sys, unmet.cli as c; sys.stdout.write('.'); sys.stdout.flush(); c.main(prog_name='unmet')"
    command = [sys.executable, "-c", begun, *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.read(1)
    while after is not None and not after.exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    return process.returncode, said


def test_ctrl_c_ends_a_command_without_a_word() -> None:
    assert interrupted("check", "vertebral_augmentation") == (-signal.SIGINT, "")


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_a_batch_that_can_go_on(jobs: int, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("id,side,age\n" + "".join(f"{i},left,{i % 90}\n" for i in range(4_000_000)), encoding="utf-8")
    code, said = interrupted(
        "batch", table, "-o", tmp_path / "out.csv", "--policy", HIP, "--jobs", jobs, after=tmp_path / "out.csv.parts"
    )
    assert (code, said) == (130, "")
    assert not (tmp_path / "out.csv").exists()


# -- `unmet test` -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "message"),
    [
        ("nan", "`nan` is not a percentage"),
        ("snan", "`snan` is not a percentage"),
        ("inf", "`inf` is not a percentage"),
        ("100.1", "`100.1` is not a percentage"),
        ("-1", "`-1` is not a percentage"),
        ("50%", "`50%` is not a number"),
        ("", "`` is not a number"),
    ],
)
def test_a_threshold_is_a_percentage(percent: str, message: str) -> None:
    assert refused("test", DENIED, "--threshold", percent) == f"Error: Invalid value for '--threshold': {message}\n"


def test_a_path_that_is_not_there_is_told_alike_by_all(tmp_path: Path) -> None:
    for path in ("none", "x" * 300):
        message = f"Error: there is no `{path}` here\n  help: name the case files or folders to read\n"
        assert refused("test", path, at=tmp_path) == message
        assert refused("diff", HIP, "2025-07-24", "staging=ficat", "--cases", path, at=tmp_path) == message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    message = "Error: `a.yaml` is no file\n  help: name it by itself to read from it\n"
    assert refused("test", ".", at=tmp_path) == message


def test_a_case_that_is_named_twice_is_held_once() -> None:
    assert run("test", DENIED, DENIED.parent, DENIED).stdout == run("test", DENIED.parent).stdout


def test_where_nothing_is_expected_nothing_is_as_expected(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: b\n")
    result = run("test", "a.yaml", at=tmp_path)
    assert (result.exit_code, result.stdout) == (1, "1 case, 0 expectations, 2 problems in case files\n")


def test_junit_is_xml_whatever_the_files_are_called(tmp_path: Path) -> None:
    folder = tmp_path / "a\x1b\udcff"
    folder.mkdir()
    (folder / "b\x07\udcff.yaml").write_bytes(DENIED.read_bytes())
    assert run("test", folder, "--junit", tmp_path / "out.xml").exit_code == 0
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()[0]
    assert suite.get("name") == f"{tmp_path}/a\ufffd?"
    assert (suite[0].get("name") or "").startswith("b\ufffd?.yaml ")


def test_all_that_is_wrong_with_cases_to_compare_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("request: 3\n")
    result = run("diff", HIP, "2025-07-24", "staging=ficat", "--cases", ".", "--format", "json", at=tmp_path)
    assert result.exit_code == 1
    assert [d["location"]["file"] for d in json.loads(result.stdout)["diagnostics"]] == ["a.yaml", "b.yaml"]


# -- messages ---------------------------------------------------------------------------------------------------------


def test_a_message_of_wrong_use_does_not_act_on_a_terminal() -> None:
    assert refused("explain", DENIED, "--line", "a\x1b[2J\u202e") == (
        "Error: the request has no line `a\\x1b[2J\\u202e`\n  help: one of `left_hip`\n"
    )


# -- sides and days ---------------------------------------------------------------------------------------------------

SIDES = {
    "yesterday": "`yesterday` is neither a date, nor `default`, nor NAME=OPTION",
    "": "`` is neither a date, nor `default`, nor NAME=OPTION",
    "staging=": "`staging=` is neither a date, nor `default`, nor NAME=OPTION",
    "staging=ficat,staging=steinberg": "`staging` is chosen twice",
    "2026-01-01,2026-01-02": "`2026-01-01,2026-01-02` names two dates",
    "2026-02-30": "there is no date `2026-02-30`",
    "20260101": "a date is wanted here, not `20260101`",
}


@pytest.mark.parametrize("side", SIDES)
def test_two_sides_are_named_alike_by_all(side: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,age\n")
    more = ", nor a file" if "neither" in SIDES[side] else ""
    assert refused("diff", HIP, "default", side) == f"Error: {SIDES[side]}{more}\n"
    told = refused("impact", HIP, side, "default", "in.csv", at=tmp_path)
    assert told == f"Error: Invalid value for 'OLD': {SIDES[side]}\n"


def test_a_reading_of_another_policy_is_not_passed_over(tmp_path: Path) -> None:
    """Where a case names the policies a reading holds for those that have it; here one policy alone is asked about."""
    (tmp_path / "in.csv").write_text("id,age\n")
    message = f"Error: `{HIP}` of 2025-07-24 has no reading `page_break`\n  help: one of `staging`\n"
    for arguments in (
        ("show", HIP, "--reading", "page_break=inner"),
        ("generate", HIP, "--reading", "page_break=inner"),
        ("diff", HIP, "default", "page_break=inner"),
        ("impact", HIP, "page_break=inner", "default", "in.csv"),
        ("batch", "in.csv", "-o", "out.csv", "--policy", HIP, "--jobs", "1", "--reading", "page_break=inner"),
    ):
        assert refused(*arguments, at=tmp_path) == message, arguments
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_option_of_another_policy_is_not_passed_over(tmp_path: Path) -> None:
    """Two policies have a reading of one name, each with options of its own."""
    (tmp_path / "in.csv").write_text("id,age\n")
    policy, reading = "vertebral_augmentation", "page_break=inner"
    help = "\n  help: one of `absolute`, `relative`\n"
    message = f"Error: `inner` is not an option of `page_break` in `{policy}` of 2023-09-29{help}"
    for arguments in (
        ("show", policy, "--reading", reading),
        ("generate", policy, "--reading", reading),
        ("diff", policy, "default", reading),
        ("impact", policy, reading, "default", "in.csv"),
        ("batch", "in.csv", "-o", "out.csv", "--policy", policy, "--jobs", "1", "--reading", reading),
    ):
        assert refused(*arguments, at=tmp_path) == message, arguments
    none = "Error: no policy that is checked has the option `inner` of `page_break`"
    assert refused("check", policy, "--reading", reading) == f"{none}{help}"
    unknown = refused("diff", policy, "default", "page_break=foo")
    assert unknown == f"Error: `foo` is not an option of `page_break`{help}"


def test_a_side_is_a_version_with_readings() -> None:
    found = json.loads(run("diff", HIP, "default", "2025-07-24,staging=steinberg", "--format", "json").stdout)
    assert (found["old"]["readings"], found["new"]["readings"]) == ({"staging": "ficat"}, {"staging": "steinberg"})


def test_a_policy_that_is_named_twice_is_checked_once() -> None:
    assert run("check", "inpatient_stay", "inpatient_stay").stdout == run("check", "inpatient_stay").stdout


def test_a_day_that_is_none_is_no_newest_day() -> None:
    for day in ("garbage", "2026-02-30", "01/02/2026"):
        for ask in (
            lambda day: kb().policy(HIP, day),
            lambda day: kb().outline(HIP, day),
            lambda day: kb().generate("inpatient_stay", day),
            lambda day: kb().check(["inpatient_stay"], day=day),
        ):
            with pytest.raises(unmet.RequestError, match="date"):
                ask(day)
