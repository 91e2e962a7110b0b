"""Hostile input: whatever a file holds, there is a normal answer or a `CaseError`, soon, and never another exception.

Every input is a change to a good case. Where the change leaves the request and its findings alone, the determination
is the same as before.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import unmet
from tests.twins import GOOD, good, inside
from unmet.diagnostics import CASE_CODES, Diagnostic
from unmet.document import read
from unmet.prepared import CASES_BEFORE_CIRCUITS
from unmet.results import Determination

TEXT = (GOOD / "case.yaml").read_text(encoding="utf-8")
DATA: dict[str, Any] = read(GOOD / "case.yaml").data
SOON = 2.0
"""Seconds of the processor; most take a hundredth of this."""

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def answer() -> Determination:
    """The determination of the good case, told so often that no time is measured that prepares it."""
    for _ in range(CASES_BEFORE_CIRCUITS):
        decided(GOOD / "case.yaml")
    return decided(GOOD / "case.yaml")


def decided(path: Path) -> Determination:
    return good().determine(good().read_case(path))


def same(one: Determination, other: Determination) -> bool:
    """Whether two determinations are equal, apart from the name of the case."""
    return one.lines == other.lines and replace(one.request, case="") == replace(other.request, case="")


@dataclass
class Tried:
    """What became of an input: an answer, or the codes and the text of what was said."""

    answer: Determination | None
    codes: tuple[str, ...]
    said: str


@pytest.fixture
def tried(tmp_path: Path, answer: Determination) -> Callable[..., Tried]:
    """Tries a case file of this text, in time."""

    def run(content: str | bytes, name: str = "case.yaml") -> Tried:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        problems: tuple[Diagnostic, ...] = ()
        start = time.process_time()
        try:
            with inside(tmp_path):
                found = Tried(decided(Path(name)), (), "")
        except unmet.CaseError as error:
            found = Tried(None, tuple(d.code for d in error.diagnostics), str(error))
            problems = error.diagnostics
        assert (found.answer is None) == bool(found.codes)
        assert set(found.codes) <= CASE_CODES.keys()
        assert all(len(d.message) < 400 and d.location.file == name for d in problems)
        assert time.process_time() - start < SOON
        return found

    return run


def instead(old: str, new: str) -> str:
    """The good case with one of its words changed."""
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


# -- words that mean nothing ----------------------------------------------------------------------------------

HARMLESS = {
    "quotes": '"a \\" b \' c ` d"',
    "a newline": '"one\\ntwo\\r\\nthree"',
    "a block": "|\n  one\n  two",
    "a comment of ASP": '"% not a comment"',
    "a fact": '"met(necessary). met(referral)."',
    "a constraint": '":- #true."',
    "a script": '"#script (python) import os #end."',
    "the end of a string": '"\\"). met(necessary). foo(\\""',
    "a backslash": '"\\\\"',
    "letters of many kinds": '"Ünïcödé 🦴 \\u202e עברית \\0 \\ufeff"',
    "an object of Python": '"!!python/object/apply:os.system [true]"',
    "a template": '"{request} %s ${HOME} {{ 7*7 }}"',
    "markup": '"<script>alert(1)</script> [bold red]x[/]"',
    "a megabyte": "x" * MEGABYTE,
    "a megabyte of words": "x " * (MEGABYTE // 2),
    "a megabyte of quotes": '"' + '\\"' * (MEGABYTE // 2) + '"',
    "a number of 10,000 digits": "9" * 10_000,
    "yes, a word": "yes",
    "a date, a word": "2026-03-02",
}


@pytest.mark.parametrize("words", HARMLESS.values(), ids=HARMLESS)
def test_a_title_changes_nothing(words: str, tried: Callable[..., Tried], answer: Determination) -> None:
    found = tried(instead("title: An unstable knee", f"title: {words}")).answer
    assert found is not None
    assert same(found, answer)


@pytest.mark.parametrize("words", HARMLESS.values(), ids=HARMLESS)
def test_a_quote_changes_nothing_but_itself(words: str, tried: Callable[..., Tried], answer: Determination) -> None:
    words = words if "|" not in words else '"one"'
    found = tried(instead('"gives way"', words)).answer
    assert found is not None
    assert [line.verdict for line in found.lines] == [line.verdict for line in answer.lines]
    assert [c.status for line in found.lines for c in line.criteria] == [
        c.status for line in answer.lines for c in line.criteria
    ]


@pytest.mark.parametrize(
    "words", ['":- #true."', '"a\\"). met(necessary). b(\\""', '"🦴"', '"a.b.c"', '"' + "n" * 900 + '"']
)
def test_a_line_may_have_any_name(words: str, tried: Callable[..., Tried], answer: Determination) -> None:
    found = tried(TEXT.replace("left_knee", words)).answer
    assert found is not None
    assert found.lines[0].line == json.loads(words)
    assert found.request.outcome == answer.request.outcome


@pytest.mark.parametrize("words", ['""', "' '", '"a\\nb.yaml: APPROVED"', '"\\e[2J"', '"\\u202ea"', '"a\\u2028b"'])
def test_a_name_of_a_line_is_seen_and_stands_on_one(words: str, tried: Callable[..., Tried]) -> None:
    found = tried(TEXT.replace("- line: left_knee", f"- line: {words}"))
    assert found.codes == ("wrong-type",)
    assert "error[wrong-type]: this is no name of a line: " in found.said


WORD, NUMBER = "a code is one word without spaces, not", "is written as a number"
CODES = {
    '" L1832"': (f"{WORD} ` L1832`", 'write it as "L1832"'),
    '"L 1832\\t"': (f"{WORD} `L 1832\\t`", 'write it as "L1832"'),
    '"L1832\\u200b"': (f"{WORD} `L1832\\u200b`", 'write it as "L1832"'),
    '""': (f"{WORD} an empty text", None),
    "' '": (f"{WORD} ` `", None),
    "01941": (f"the code `01941` {NUMBER}", 'write it in quotes: "01941"'),
    "+1": (f"the code `+1` {NUMBER}", 'write it in quotes: "+1"'),
    "12e5": ("text is wanted here, not `1.2E+6`", "write it in quotes"),
}


@pytest.mark.parametrize(("words", "message", "help"), [(words, *told) for words, told in CODES.items()])
def test_a_code_that_is_none_is_refused(
    words: str, message: str, help: str | None, tried: Callable[..., Tried]
) -> None:
    said = tried(instead('code: "L1832"', f"code: {words}")).said.partition("]: ")[2]
    assert said == f"{message} (at `request.lines.0.code`)" + (f"\n  help: {help}" if help else "")


def test_an_editor_knows_what_a_code_and_a_name_are() -> None:
    form = Draft202012Validator(good().schema())
    assert form.is_valid(DATA)
    for key, words in (("code", ("L 1832", "", " L1832")), ("line", ("", " ", "a\nb"))):
        for word in words:
            data = deepcopy(DATA)
            data["request"]["lines"][0][key] = word
            assert not form.is_valid(data), (key, word)


def test_the_order_of_sections_changes_nothing(tried: Callable[..., Tried], answer: Determination) -> None:
    found = tried(json.dumps(dict(reversed(DATA.items()))), "case.json").answer
    assert found is not None
    assert same(found, answer)


# -- values that are none -------------------------------------------------------------------------------------

VALUES = {
    "9" * 5_000: "wrong-type",
    "9" * 40: "out-of-range",
    "1e999999": "wrong-type",
    "1e999": "out-of-range",
    "-1e999": "out-of-range",
    "1e-999": "wrong-type",
    "0." + "0" * 60 + "1": "wrong-type",
    "NaN": "wrong-type",
    ".nan": "wrong-type",
    "-.inf": "wrong-type",
    "0x1F": "wrong-type",
    "0o17": "wrong-type",
    "0b11": "wrong-type",
    "1_000": "wrong-type",
    "1,5": "wrong-type",
    "12:30:45": "wrong-type",
    "५": "wrong-type",
    "５": "wrong-type",
    "५..६": "wrong-type",
    "..": "wrong-type",
    "...": "wrong-type",
    "5..6..7": "wrong-type",
    "6..5": "wrong-type",
    "-5..5": "out-of-range",
    "1e1..2": "wrong-type",
    "9" * 20 + "..": "wrong-type",
    "true": "wrong-type",
    "~": "wrong-type",
    "''": "wrong-type",
    "[]": "wrong-type",
    "[[5]]": "wrong-type",
    "[5, 5.0]": "duplicate-key",
    "[5, unclear]": "wrong-type",
    "{}": "missing-key",
    "{value: {value: 5}}": "wrong-type",
    "{value: 5, __class__: 6}": "unknown-key",
    "y" * MEGABYTE: "wrong-type",
    '"' + "\\0" * 1_000 + '"': "wrong-type",
    '"5); met(necessary). finding(x, y, (5"': "wrong-type",
    "*pain": "anchor",
    "&pain 5": "anchor",
    "!!python/object:os.system 5": "anchor",
    "!!int 5": "anchor",
    "! 5": "anchor",
}


@pytest.mark.parametrize(("value", "code"), VALUES.items(), ids=lambda v: v[:24])
def test_what_is_no_number_is_refused(value: str, code: str, tried: Callable[..., Tried]) -> None:
    assert tried(instead("2..6", value)).codes == (code,)


@pytest.mark.parametrize("value", ["-0", "+0", "0", "0.0", "00", "0e5", "-0.0", "[0]", "{value: 0}", "0..0", "..0"])
def test_zero_may_be_written_in_many_ways(value: str, tried: Callable[..., Tried], answer: Determination) -> None:
    plain, found = tried(instead("2..6", "0")).answer, tried(instead("2..6", value)).answer
    assert plain is not None
    assert found is not None
    assert same(plain, found)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0000-01-01", "no-such-date"),
        ("2026-02-30", "no-such-date"),
        ("9999-12-31", "contradiction"),
        ("0001-01-01", "contradiction"),
        ("2026-3-2", "wrong-type"),
        ("2026-03-02T10:00:00", "wrong-type"),
        ("٢٠٢٦-٠٣-٠٢", "wrong-type"),
        ("20260302", "wrong-type"),
        ("2026-W10-1", "wrong-type"),
        ("[2026-03-02]", "wrong-type"),
        ('"2026-03-02\\n"', "wrong-type"),
    ],
)
def test_what_is_no_date_is_refused(value: str, code: str, tried: Callable[..., Tried]) -> None:
    assert tried(instead("2026-03-02", value)).codes == (code,)


# -- files that are none --------------------------------------------------------------------------------------


def bomb(levels: int = 9, width: int = 9) -> str:
    """Aliases of aliases: a list that would have width ** levels members."""
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "yaml"),
    "blank": (" \n\n", "yaml"),
    "a comment": ("# nothing\n", "yaml"),
    "null": ("~\n", "wrong-type"),
    "a start without a document": ("---\n", "wrong-type"),
    "a word": ("hello\n", "wrong-type"),
    "a number": ("3\n", "wrong-type"),
    "a list": ("- request\n- patient\n", "wrong-type"),
    "an empty mapping": ("{}\n", "missing-key"),
    "bytes": (bytes(range(256)) * 16, "unreadable-case"),
    "UTF-16": (TEXT.encode("utf-16"), "unreadable-case"),
    "Latin-1": (TEXT.replace("knee", "knée").encode("latin-1"), "unreadable-case"),
    "a NUL": (b"title: a\0b\n", "yaml"),
    "a half of a surrogate pair": (b'title: "\xed\xa0\xbe"\n', "unreadable-case"),
    "two documents": (f"{TEXT}---\n{TEXT}", "yaml"),
    "a directive of another version": (f"%YAML 9.9\n---\n{TEXT}", "yaml"),
    "tabs": (TEXT.replace("  ", "\t"), "yaml"),
    "nesting in brackets": ("[" * 10_000 + "]" * 10_000, "too-deep"),
    "nesting in braces": ("{a: " * 10_000 + "}" * 10_000, "too-deep"),
    "brackets that stay open": ("[" * 100_000, "too-deep"),
    "nesting in dashes": ("- " * 10_000 + "a\n", "too-deep"),
    "nesting in lines": ("\n".join(" " * i + "a:" for i in range(1_000)), "too-deep"),
    "nesting in a value": (instead("2..6", "[" * 10_000 + "]" * 10_000), "too-deep"),
    "a bomb": (bomb(), "anchor"),
    "a bomb of merge keys": ("a: &a {b: c}\nd:\n  <<: *a\n", "anchor"),
    "a merge key without an alias": (instead("  birth_date", "  <<: {age: 45}\n  birth_date"), "unknown-key"),
    "more than 4 MiB": (f"title: {'x' * 5 * MEGABYTE}\n", "too-large"),
    "100,000 keys": (TEXT + "".join(f"k{i}: 3\n" for i in range(100_000)), "too-large"),
    "1,000 lines": (
        instead("  lines:\n    -", "  lines:\n" + '    - {code: "L1832"}\n' * 1_000 + "    -"),
        "too-large",
    ),
    "10,000 injections": (instead("  listed:\n", "  listed:\n" + "    - {pain_before: 8}\n" * 10_000), "too-large"),
    "a key of a megabyte": (f'{TEXT}? "{"k" * MEGABYTE}"\n: 3\n', "unknown-key"),
    "a key that is a list": (f"{TEXT}? [a, b]\n: 3\n", "yaml"),
    "a key that is a mapping": (f"{TEXT}? {{a: b}}\n: 3\n", "yaml"),
    "a key on two lines": (f'{TEXT}"a\\nb": 3\n', "yaml"),
    "lines that are none": (TEXT[: TEXT.index("    - line")].replace("lines:", "lines: []"), "missing-key"),
    "lines that are a word": (TEXT[: TEXT.index("    - line")].replace("lines:", "lines: knee"), "wrong-type"),
    "lines that are a mapping": (TEXT[: TEXT.index("    - line")].replace("lines:", "lines: {a: b}"), "wrong-type"),
    "lines of words": (TEXT[: TEXT.index("    - line")].replace("lines:", "lines: [x, 3, ~, []]"), "wrong-type"),
}


@pytest.mark.parametrize(("content", "code"), FILES.values(), ids=FILES)
def test_what_is_no_case_is_refused(content: str | bytes, code: str, tried: Callable[..., Tried]) -> None:
    assert set(tried(content).codes) == {code}


PYTHONIC = ("__class__", "__init__", "__dict__", "model_config", "model_fields", "copy", "json", "schema", "self")
KEYS = ("3", "1.5", "~", "null", "true", "''", '"{}"', "🦴", "value", "a_age", "k_0", "<list>", "<mapping>", *PYTHONIC)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_nothing_reads_is_refused_wherever_it_stands(key: str, tried: Callable[..., Tried]) -> None:
    assert tried(f"{TEXT}{key}: 3\n").codes == ("unknown-key",)
    for place in ("  birth_date: 1980-05-01\n", "  complete: yes\n", "      side: left\n"):
        indent = " " * (len(place) - len(place.lstrip()))
        assert tried(instead(place, f"{place}{indent}{key}: 3\n")).codes == ("unknown-key",)
    assert tried(instead("quote: ", f"{key}: 3, quote: ")).codes == (
        "unknown-key" if key != "value" else "duplicate-key",
    )
    assert tried(instead("criteria: {", f"{key}: 3, criteria: {{")).codes == ("unknown-key",)


@pytest.mark.parametrize("key", KEYS)
def test_a_name_that_nothing_carries_is_refused(key: str, tried: Callable[..., Tried]) -> None:
    assert tried(instead("{unstable: met}", f"{{{key}: met}}")).codes == ("unknown-name",)
    assert tried(instead("    left_knee: {", f"    {key}: {{verdict: denied}}\n    left_knee: {{")).codes == (
        "unknown-name",
    )


def test_a_thousand_problems_are_enough(tried: Callable[..., Tried]) -> None:
    found = tried(TEXT + "".join(f"k{i}: 3\n" for i in range(2_000)))
    assert len(found.codes) == 1_001
    assert "the case has more than 1000 problems" in found.said


@pytest.mark.parametrize("change", ["\r\n", "\ufeff", "...", "%YAML 1.1\n---\n", "---\n"])
def test_what_yaml_allows_besides_changes_nothing(
    change: str, tried: Callable[..., Tried], answer: Determination
) -> None:
    text = {"\r\n": TEXT.replace("\n", change), "...": f"{TEXT}{change}\n"}.get(change, change + TEXT)
    found = tried(text).answer
    assert found is not None
    assert same(found, answer)


# -- places that are no file ----------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no such device")
def test_what_has_no_end_is_read_no_further_than_a_case_goes() -> None:
    with pytest.raises(unmet.CaseError) as error:
        good().read_case("/dev/zero")
    assert str(error.value) == "/dev/zero:1:1: error[too-large]: the file is larger than 4 MiB"


@pytest.mark.parametrize("path", ["nowhere.yaml", ".", "", "x" * 300, "a\0b", "nowhere/case.yaml"])
def test_what_is_no_file_is_refused(path: str) -> None:
    with pytest.raises(unmet.CaseError) as error:
        good().read_case(path)
    assert [d.code for d in error.value.diagnostics] == ["unreadable-case"]


# -- JSON -----------------------------------------------------------------------------------------------------

JSON = json.dumps(DATA, indent=1)
JSON_FILES = {
    "plain": (JSON, None),
    "on one line": (json.dumps(DATA), None),
    "with tabs": (json.dumps(DATA, indent="\t"), None),
    "escaped": (json.dumps(DATA | {"title": "Knie 🦴 größer \u2028"}), None),
    "a character in two halves": (JSON.replace("An unstable knee", "\\ud83e\\uddb4"), None),
    "a half of a character": (JSON.replace("An unstable knee", "\\ud83e"), "yaml"),
    "the other half": (JSON.replace("An unstable knee", "\\uddb4"), "yaml"),
    "a backslash before a half": (JSON.replace("An unstable knee", "\\\\ud83e\\\\uddb4"), None),
    "an escaped slash": (JSON.replace("An unstable knee", "a\\/b"), None),
    "a key twice": (JSON.replace('"patient":', '"patient": {}, "patient":'), "duplicate-key"),
    "NaN": (JSON.replace('"2..6"', "NaN"), "wrong-type"),
    "Infinity": (JSON.replace('"2..6"', "-Infinity"), "wrong-type"),
    "a great number": (JSON.replace('"2..6"', "1E400"), "out-of-range"),
    "null": (JSON.replace('"2..6"', "null"), "wrong-type"),
    "a comment": (f"// a comment\n{JSON}", "yaml"),
    "not closed": (JSON[:-3], "yaml"),
    "a code as a number": (JSON.replace('"L1832"', "1832"), "code-as-number"),
}


@pytest.mark.parametrize(("content", "code"), JSON_FILES.values(), ids=JSON_FILES)
def test_json_is_read_as_yaml_is(
    content: str, code: str | None, tried: Callable[..., Tried], answer: Determination
) -> None:
    found = tried(content, "case.json")
    assert found.codes == (() if code is None else (code,))
    assert found.answer is None or same(found.answer, answer)


def test_a_character_in_two_halves_moves_no_place(tried: Callable[..., Tried]) -> None:
    """What is rewritten for the parser leaves the columns behind it as they are in the file."""
    text = '{"title": "\\ud83e\\uddb4 \\ud83e\\uddb4", "request": {"lines": 3}, "pateint": {}}'
    found = tried(text, "case.json")
    assert f"case.json:1:{text.index('pateint')}: error[unknown-key]" in found.said
    assert f"case.json:1:{text.index('3}') + 1}: error[wrong-type]" in found.said


# -- plain data -----------------------------------------------------------------------------------------------


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The good case as plain data, with another value at a path."""
    data = json.loads(json.dumps(DATA))
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return data  # type: ignore[no-any-return]


PAIN = ("knee", "left", "pain_months")
CYCLE: list[Any] = []
CYCLE.append(CYCLE)

PLAIN: dict[str, tuple[dict[str, Any], str | None]] = {
    "itself": (DATA, None),
    "a float": (changed(PAIN, 3.5), None),
    "a decimal": (changed(PAIN, Decimal("3.5")), None),
    "a date": (changed(("request", "date_of_service"), date(2026, 3, 2)), None),
    "a tuple": (changed(PAIN, (3, 4)), None),
    "a moment": (changed(("request", "date_of_service"), datetime(2026, 3, 2, tzinfo=UTC)), "wrong-type"),
    "NaN": (changed(PAIN, float("nan")), "wrong-type"),
    "infinity": (changed(PAIN, float("inf")), "wrong-type"),
    "a decimal that is none": (changed(PAIN, Decimal("sNaN")), "wrong-type"),
    "a number of 10,000 digits": (changed(PAIN, 10**10_000), "out-of-range"),
    "a set": (changed(PAIN, {3}), "wrong-type"),
    "bytes": (changed(("title",), b"title"), "wrong-type"),
    "an object": (changed(PAIN, object()), "wrong-type"),
    "a cycle": (changed(PAIN, CYCLE), "too-deep"),
    "a key that is a number": (changed(("patient",), {3: 4}), "wrong-type"),
    "a key that is None": (changed(("patient",), {None: 4}), "wrong-type"),
    "a key of the program": (changed(("patient",), {"\0list": 4}), "wrong-type"),
}


@pytest.mark.parametrize(("data", "code"), PLAIN.values(), ids=PLAIN)
def test_plain_data_is_read_as_a_file_is(data: dict[str, Any], code: str | None, answer: Determination) -> None:
    codes: tuple[str, ...] = ()
    try:
        assert good().determine(good().case(data)).request.outcome == answer.request.outcome
    except unmet.CaseError as error:
        codes = tuple(d.code for d in error.diagnostics)
    assert codes == (() if code is None else (code,))
