"""Bad twins: every defect that can be reported, and the whole of what is said of it, word by word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import unmet
from tests.twins import CASE_TWINS, GOOD, KNOWLEDGE_TWINS, expected, good, inside, said, said_of_knowledge
from unmet.diagnostics import CASE_CODES, CODES, KNOWLEDGE_CODES, Diagnostic, Severity, Span

DEFECT = re.compile(
    r"^(?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+): error\[(?P<code>[a-z-]+)\]: (?P<message>.+)$", re.M
)


def code_of(twin: Path) -> str:
    """The code that a twin is named after: that of `number-use-2.lp` is `number-use`."""
    return re.sub(r"(-\d+)?\.\w+$", "", twin.name)


def name(twin: Path) -> str:
    return twin.name


def test_the_good_knowledge_base_has_no_defect() -> None:
    good()


def test_the_good_case_has_no_defect_and_is_decided_as_expected() -> None:
    base = good()
    case = base.read_case(GOOD / "case.yaml")
    assert base.determine(case).request.outcome == "approved"
    assert not list(base.test(case))


@pytest.mark.parametrize("twin", [*KNOWLEDGE_TWINS, *CASE_TWINS], ids=name)
def test_a_bad_twin_is_told_word_by_word(twin: Path) -> None:
    assert said(twin) == expected(twin).read_text(encoding="utf-8")


@pytest.mark.parametrize("twin", [*KNOWLEDGE_TWINS, *CASE_TWINS], ids=name)
def test_a_bad_twin_has_the_defect_it_is_named_after(twin: Path) -> None:
    codes = {found["code"] for found in DEFECT.finditer(expected(twin).read_text(encoding="utf-8"))}
    assert code_of(twin) in codes or (code_of(twin) == "all-at-once" and len(codes) >= 4)


@pytest.mark.parametrize(("codes", "twins"), [(KNOWLEDGE_CODES, KNOWLEDGE_TWINS), (CASE_CODES, CASE_TWINS)])
def test_every_code_has_a_bad_twin(codes: dict[str, str], twins: tuple[Path, ...]) -> None:
    assert set(codes) == {code_of(twin) for twin in twins} - {"all-at-once"}


def test_every_expectation_belongs_to_a_twin() -> None:
    beside = {p for twin in (KNOWLEDGE_TWINS[0], CASE_TWINS[0]) for p in twin.parent.iterdir()}
    assert beside == {*KNOWLEDGE_TWINS, *CASE_TWINS, *map(expected, (*KNOWLEDGE_TWINS, *CASE_TWINS))}


@pytest.mark.parametrize("twin", [t for t in (*KNOWLEDGE_TWINS, *CASE_TWINS) if code_of(t) == "all-at-once"], ids=name)
def test_all_defects_are_told_in_one_run(twin: Path) -> None:
    found = list(DEFECT.finditer(expected(twin).read_text(encoding="utf-8")))
    assert len(found) >= 6
    assert len({(f["file"], int(f["line"])) for f in found}) >= (3 if "policies/third" in found[-1]["file"] else 5)


@pytest.mark.parametrize("twin", [*KNOWLEDGE_TWINS, *CASE_TWINS], ids=name)
def test_messages_are_in_house_style(twin: Path) -> None:
    text = expected(twin).read_text(encoding="utf-8")
    for found in DEFECT.finditer(text):
        message = found["message"]
        assert message[0].islower() or message[0] == "`", message
        assert not message.endswith("."), message
        assert message.count("`") % 2 == 0, message
        assert len(message) < 240, message
    for help in re.findall(r"^  help: (.*)$", text, re.M):
        assert help[0].islower() or help.startswith(("`", "YAML")), help
        assert not re.search(r"[^.]\.$", help), help
    assert len(DEFECT.findall(text)) + len(re.findall(r"^  help: ", text, re.M)) == len(text.splitlines())


PLACES = (
    (KNOWLEDGE_TWINS, "syntax-3.lp", "Other."),
    (KNOWLEDGE_TWINS, "syntax-6.lp", "Age < 16"),
    (KNOWLEDGE_TWINS, "number-use-2.lp", "Years + 1"),
    (KNOWLEDGE_TWINS, "unknown-attribute.lp", "athritis"),
    (KNOWLEDGE_TWINS, "undefined-criterion.lp", "yuong"),
    (KNOWLEDGE_TWINS, "unknown-record-5.lp", "lefft"),
    (KNOWLEDGE_TWINS, "undescribed-2.lp", '""'),
    (CASE_TWINS, "unknown-word-2.yaml", "maybe"),
    (CASE_TWINS, "unknown-name-4.yaml", "injection: two"),
    (CASE_TWINS, "code-as-number.yaml", "1832"),
)


@pytest.mark.parametrize(("twins", "twin", "words"), PLACES)
def test_a_place_is_that_of_the_offending_word(twins: tuple[Path, ...], twin: str, words: str) -> None:
    """Columns count characters, from 1, also behind letters that take several bytes."""
    path = next(p for p in twins if p.name == twin)
    line = next(t for t in path.read_text(encoding="utf-8").splitlines() if words in t and not t.startswith("%"))
    found = list(DEFECT.finditer(expected(path).read_text(encoding="utf-8")))
    assert line.index(words) + 1 in {int(f["column"]) for f in found if f["code"] == code_of(path)}


def test_a_knowledge_base_that_is_not_there(tmp_path: Path) -> None:
    with inside(tmp_path), pytest.raises(unmet.KnowledgeError) as error:
        unmet.load("nowhere")
    assert str(error.value) == "nowhere:1:1: error[unreadable]: there is no knowledge base at `nowhere`"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "words.lp").write_bytes(b"record(patient, one). % \xff")
    with inside(tmp_path), pytest.raises(unmet.KnowledgeError) as error:
        unmet.load(".")
    message = "`words.lp` cannot be read: it is not UTF-8 text"
    assert str(error.value) == f"vocabulary/words.lp:1:1: error[unreadable]: {message}"


def test_a_folder_that_is_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "vocabulary" / "words.lp").mkdir(parents=True)
    with inside(tmp_path), pytest.raises(unmet.KnowledgeError) as error:
        unmet.load(".")
    assert "vocabulary/words.lp:1:1: error[unreadable]: `words.lp` cannot be read: is a directory" in str(error.value)


def test_a_link_to_nowhere_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A coding file that is not there is none; one that is named and missing is a defect."""
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    (tmp_path / "coding.lp").unlink(missing_ok=True)
    assert unmet.load(tmp_path).policies
    (tmp_path / "coding.lp").symlink_to("nowhere.lp")
    with inside(tmp_path), pytest.raises(unmet.KnowledgeError) as error:
        unmet.load(".")
    message = "`coding.lp` cannot be read: no such file or directory"
    assert str(error.value) == f"coding.lp:1:1: error[unreadable]: {message}"


def test_a_policy_without_a_date_is_not_told_to_be_called_so(tmp_path: Path) -> None:
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    (tmp_path / "policies" / "brace" / "2020-01-01.lp").write_text('policy(other, "Other").\n')
    with inside(tmp_path), pytest.raises(unmet.KnowledgeError) as error:
        unmet.load(".")
    assert "`brace/2020-01-01.lp` holds `other` of no date" in str(error.value)
    assert "call the file" not in str(error.value)


def test_a_script_is_never_run(tmp_path: Path) -> None:
    """A `#script` or `@term` in a knowledge base is refused before clingo could run it."""
    mark = tmp_path / "mark"
    twin = tmp_path / "script.lp"
    script = f"#script (python)\nimport pathlib\npathlib.Path({str(mark)!r}).touch()\n#end.\n"
    twin.write_text(f"% in policies/brace/2026-01-01.lp\n{script}", encoding="utf-8")
    assert "error[forbidden-statement]: a policy may not hold `#script`" in said_of_knowledge(twin)
    assert not mark.exists()


def test_codes_are_told_apart() -> None:
    assert set(CODES) == {*KNOWLEDGE_CODES, *CASE_CODES}
    assert not KNOWLEDGE_CODES.keys() & CASE_CODES.keys()
    with pytest.raises(KeyError):
        Diagnostic("no-such-code", "a message", Span("file", 1, 1))


def test_a_diagnostic_reads_as_one_line_and_its_help() -> None:
    diagnostic = Diagnostic("unknown-key", "a message", Span("case.yaml", 2, 3), "patient.age", "an advice")
    assert str(diagnostic) == "case.yaml:2:3: error[unknown-key]: a message (at `patient.age`)\n  help: an advice"
    assert diagnostic.severity is Severity.ERROR
