"""`unmet explain` and `unmet notice` on the command line: forms, files, exit codes, slots."""

from __future__ import annotations

import json
from contextlib import chdir
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import unmet
from tests.golden import FOLDER
from tests.shipped import CASE_FILES, ROOT, answer, case, kb, name_of
from unmet.cli import main
from unmet.cli.common import VERDICT_CODES
from unmet.facade import load

DENIED = "cases/hip_core_decompression/denied_age_fifty.yaml"
LINES = "cases/requests/denied_additional_level_moot.yaml"
DETERMINATION = "cases/si_joint_fusion_minimally_invasive/denied_determination.yaml"

FORMS = {"explain": ("text", "json", "html"), "notice": ("markdown", "html", "json")}


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    base = kb()
    monkeypatch.setattr(unmet, "load", lambda directory=None: base, raising=False)


def run(*arguments: str) -> Result:
    with chdir(ROOT):
        result = CliRunner().invoke(main, list(arguments), prog_name="unmet")
    assert result.exception is None or isinstance(result.exception, SystemExit), arguments
    return result


@pytest.mark.parametrize("command", FORMS)
@pytest.mark.parametrize("path", CASE_FILES[::23], ids=name_of)
def test_the_exit_code_is_that_of_the_verdict(command: str, path: Path) -> None:
    code = VERDICT_CODES[answer(name_of(path)).request.outcome]
    assert run(command, str(path)).exit_code == code


@pytest.mark.parametrize("command", FORMS)
def test_the_exit_code_of_one_line_is_that_of_the_line(command: str) -> None:
    request = run(command, "cases/hip_core_decompression/partial_left_approved_right_denied.yaml")
    codes = [
        run(command, "cases/hip_core_decompression/partial_left_approved_right_denied.yaml", "--line", line).exit_code
        for line in ("left_hip", "right_hip")
    ]
    assert (request.exit_code, codes) == (3, [0, 3])


@pytest.mark.parametrize(("command", "form"), [(c, f) for c, forms in FORMS.items() for f in forms])
def test_a_form_is_printed_or_written_to_a_file(command: str, form: str, tmp_path: Path) -> None:
    file = tmp_path / "out"
    printed = run(command, DENIED, "--format", form)
    written = run(command, DENIED, "--format", form, "-o", str(file))
    assert (printed.exit_code, written.exit_code, written.output) == (3, 3, "")
    assert file.read_bytes().decode("utf-8") == f"{printed.stdout.rstrip()}\n"


@pytest.mark.parametrize("command", FORMS)
def test_a_file_that_cannot_be_written_is_told(command: str, tmp_path: Path) -> None:
    ran = run(command, DENIED, "-o", str(tmp_path / "no" / "out"))
    assert ran.exit_code == 2
    assert f"Error: `{tmp_path / 'no' / 'out'}` cannot be written: no such file or directory" in ran.stderr


def test_the_form_that_is_kept_is_the_one_that_is_printed() -> None:
    assert run("explain", DENIED).stdout == (FOLDER / "denied_no_path.txt").read_text(encoding="utf-8")
    assert run("explain", DENIED, "--format", "json").stdout == (FOLDER / "denied_no_path.json").read_text("utf-8")
    assert run("notice", DENIED).stdout.rstrip() == (FOLDER / "denied_no_path.notice.md").read_text("utf-8").rstrip()


def test_json_is_the_library_s_answer() -> None:
    path = next(p for p in CASE_FILES if name_of(p) == "requests/denied_additional_level_moot")
    found = kb().explain(case(path), line="additional_level")
    ran = json.loads(run("explain", str(path), "--line", "additional_level", "--format", "json").stdout)
    expected = json.loads(json.dumps(asdict(found)))
    assert ran["determination"] == expected["determination"]
    assert ran["lines"] == [{"line": "additional_level", "units": expected["lines"][0]["units"]}]
    assert [line["line"] for line in ran["determination"]["lines"]] == ["fusion", "additional_level"]


def test_one_line_is_explained_alone() -> None:
    whole, one = run("explain", LINES).stdout, run("explain", LINES, "--line", "fusion").stdout
    assert "\nline fusion, " in one
    assert "\nline additional_level, " in whole
    assert "\nline additional_level, " not in one


def test_the_policy_s_own_rows_explain_at_the_top() -> None:
    """The transcribed determination: rows 1 to 5, each enough to deny, all of them to be mended."""
    ran = " ".join(run("explain", DETERMINATION, "--silence", "closed", "--depth", "top").stdout.split())
    assert "why it is denied: 5 reasons, each enough by itself" in ran
    assert "what would make it approvable: one fix" in ran
    for row in range(1, 6):
        assert ran.count(f"[Summary row {row}] is not established and would have to be met") == 1


def test_readings_and_silence_are_taken() -> None:
    name = "cases/patellofemoral_reconstruction/approved_outer_denied_inner_second_dislocation.yaml"
    assert "under the reading page_break=inner it would be denied" in run("explain", name).stdout
    assert run("explain", name, "--reading", "page_break=inner").exit_code == 3
    closed = run("notice", DETERMINATION, "--silence", "closed").stdout
    assert "what is not documented was taken as not established" in closed


@pytest.mark.parametrize("command", FORMS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--line", "middle"), "the request has no line `middle`\n  help: one of `left_hip`"),
        (("--reading", "stage=ficat"), "`stage`"),
        (("--format", "pdf"), "'pdf' is not one of"),
    ],
)
def test_wrong_use_is_told(command: str, options: tuple[str, ...], message: str) -> None:
    ran = run(command, DENIED, *options)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_what_is_asked_of_a_record_that_is_not_listed_says_so() -> None:
    """The case lists one injection: no form speaks of a second as if there were one."""
    for command, form in (("explain", "text"), ("explain", "html"), ("notice", "markdown"), ("notice", "html")):
        printed = run(command, DETERMINATION, "--format", form).stdout
        assert "(a further injection)" in printed, (command, form)
        assert "(a second further injection)" in printed.replace("\n      ", " "), (command, form)
        assert "injection 2" not in printed, (command, form)
    opening = json.loads(run("explain", DETERMINATION, "--format", "json").stdout)["lines"][0]["units"][0]["opening"]
    new = {question["entity"] for question in opening["ask"] if question["new_record"]}
    assert new == {"injection(2)", "injection(3)", "imaging(2)", "laboratory(1)"}
    assert {q["entity"]: q["further"] for q in opening["ask"] if q["further"]} == {
        "injection(2)": 1, "injection(3)": 2, "imaging(2)": 1, "laboratory(1)": 1,
    }  # fmt: skip


# --- slots -----------------------------------------------------------------------------------------------------------


def slots_file(folder: Path, content: str, name: str = "plan.yaml") -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_slots_come_from_a_file_and_from_the_command_line(tmp_path: Path) -> None:
    file = slots_file(tmp_path, "plan_name: Example Plan\nreference_number: 17\nreviewer_name: A. File\n")
    ran = run("notice", DENIED, "--slots", file, "--slot", "reviewer_name=B. Line", "--slot", "contact=1=1").stdout
    for shown in ("Name of the plan: Example Plan", "Reference number: 17", "Reviewer: B. Line", "notice: 1=1"):
        assert f"{shown}\n" in ran
    as_json = slots_file(tmp_path, '{"plan_name": "Example Plan"}', "plan.json")
    assert "- Name of the plan: Example Plan\n" in run("notice", DENIED, "--slots", as_json).stdout


def test_a_slot_that_is_given_is_shown_where_it_is_not_needed() -> None:
    assert "response_deadline" not in run("notice", DENIED).stdout
    assert "are needed: May\n" in run("notice", DENIED, "--slot", "response_deadline=May").stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "reviewer: A\n",
            "1:1: error[unknown-key]: a notice has no slot `reviewer` (at `reviewer`)\n  help: did you mean",
        ),
        (
            "zzz: B\n",
            "1:1: error[unknown-key]: a notice has no slot `zzz` (at `zzz`)\n  help: the slots are `plan_name`",
        ),
        ("plan_name: ' '\n", "1:12: error[wrong-type]: the slot `plan_name` is given without text (at `plan_name`)\n"),
        ("plan_name: [A]\n", "1:12: error[wrong-type]: the slot `plan_name` is text, not a list (at `plan_name`)\n"),
        ("plan_name: true\n", "1:12: error[wrong-type]: the slot `plan_name` is text, not `true` (at `plan_name`)\n"),
        ("plan_name:\n", "1:11: error[wrong-type]: the slot `plan_name` is text, not nothing (at `plan_name`)\n"),
        (
            "- a\n",
            "1:1: error[wrong-type]: slots are a mapping of names to text, not a list\n  help: docs/cli.md lists",
        ),
        ("plan_name: &a A\n", "1:12: error[anchor]: a slots file does not use an anchor or alias\n"),
        ("", "1:1: error[yaml]: the file is empty\n  help: docs/cli.md lists the slots\n"),
        (
            'member: "\\e[2J\\u202e"\n',
            "1:9: error[wrong-type]: the slot `member` holds control characters: `\\x1b[2J\\u202e` (at `member`)\n",
        ),
    ],
)
def test_a_file_of_slots_is_checked(content: str, message: str, tmp_path: Path) -> None:
    file = slots_file(tmp_path, content)
    ran = run("notice", DENIED, "--slots", file)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"{file}:{message}")


def test_every_problem_of_a_file_of_slots_is_told(tmp_path: Path) -> None:
    file = slots_file(tmp_path, "plan_nam: A\nmember: [B]\ncontact: ''\nplan_name: A\nplan_name: B\n")
    ran = run("notice", DENIED, "--slots", file, "--format", "json")
    assert ran.exit_code == 1
    assert [d["location"]["line"] for d in json.loads(ran.stdout)["diagnostics"]] == [1, 2, 3, 5]


def test_a_number_fills_a_slot_as_it_is_written(tmp_path: Path) -> None:
    file = slots_file(tmp_path, "reference_number: 0012\nmember: 12E456\ncontact: 1.50\n")
    ran = run("notice", DENIED, "--slots", file).stdout
    assert "- Reference number: 0012\n- Member: 12E456\n" in ran
    assert "- Whom to ask about this notice: 1.50\n" in ran


def test_a_file_of_slots_that_does_not_load_is_told(tmp_path: Path) -> None:
    broken = run("notice", DENIED, "--slots", slots_file(tmp_path, "plan_name: [A\n"))
    missing = run("notice", DENIED, "--slots", str(tmp_path / "none.yaml"))
    assert (broken.exit_code, missing.exit_code) == (1, 1)
    assert "plan.yaml:" in broken.stderr
    assert (
        "none.yaml:1:1: error[unreadable-case]: the slots cannot be read: no such file or directory\n" in missing.stderr
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("reviewer_name", "`reviewer_name` is not NAME=TEXT"),
        ("reviewer_name=", "the slot `reviewer_name` is given without text"),
        ("reviewr_name=A", "did you mean `reviewer_name`?"),
        ("member=\udcff", "the slot `member` holds control characters: `\\udcff`"),
    ],
)
def test_a_slot_is_checked(given: str, message: str) -> None:
    ran = run("notice", DENIED, "--slot", given)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_a_slot_is_given_once() -> None:
    ran = run("notice", DENIED, "--slot", "member=A", "--slot", "member=B")
    assert ran.exit_code == 2
    assert ran.stderr.endswith("Error: Invalid value for '--slot': `member` is given twice\n")


# --- searches that stop ----------------------------------------------------------------------------------------------


def either(number: int) -> str:
    """Two ways to meet a criterion, one for those of whom a thing is true and one for the others."""
    return f"""
criterion(either{number}, "Either", "1.{number}").
met(either{number}) :- met(with{number}).
met(either{number}) :- met(without{number}).
criterion(with{number}, "With", "1.{number}.a").
met(with{number}) :- met(u{number}), met(x{number}).
criterion(without{number}, "Without", "1.{number}.b").
met(without{number}) :- not met(u{number}), met(y{number}), met(adult).
""" + "".join(
        f'''
criterion({name}{number}, "{name}", "1.{number}.{name}").
met({name}{number}) :- finding(patient, {name}{number}_found, yes).
'''
        for name in "uxy"
    )


def test_what_was_not_searched_to_its_end_claims_nothing(tmp_path: Path) -> None:
    """More unsettled criteria than are settled in every way: a set that hits the fixes found is no reason yet."""
    count = 4
    names = [f"{name}{number}_found" for number in range(count) for name in "uxy"]
    words = """
record(patient, one).  number(patient, age, 0, 120).  text(age, "years", "Age").
record(request, one).  date(request, date_of_service).  text(date_of_service, "", "Date of service").
""" + "".join(f'flag(patient, {name}).  text({name}, "", "{name}").\n' for name in names)
    policy = """
policy(p, "P").  version("1").  document("D").  effective("2026-01-01").  covers("C1").
criterion(necessary, "Necessary", "1").
met(necessary) :- ALL.
""".replace("ALL", ", ".join(f"met(either{number})" for number in range(count)))
    policy += "".join(map(either, range(count)))
    policy += """
criterion(adult, "Adult", "2").
met(adult) :- finding(patient, age, A), A >= 18.
"""
    for place, text in {"vocabulary/w.lp": words, "policies/p/2026-01-01.lp": policy}.items():
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(text, encoding="utf-8")
    base = load(tmp_path)
    asked = {"date_of_service": "2026-03-02", "lines": [{"code": "C1"}]}
    read = base.case({"request": asked, "patient": {"age": 30}})
    denial = base.explain(read, silence="closed").lines[0].units[0].denial
    assert denial
    assert (denial.reasons, denial.reasons_found.total) == ((), None)
    assert denial.fixes
    assert (denial.fixes_found.total, denial.fixes_found.complete) == (None, False)
    assert (denial.must_fix, denial.irrelevant) == ((), ())
    assert "x3" in denial.could_fix
    for fix in denial.fixes:
        found = {e.attribute: e.value for change in fix.changes for e in change.examples}
        case = base.case({"request": asked, "patient": {"age": 30, **found}})
        assert base.verdict(case, silence="closed") is unmet.Verdict.APPROVED
