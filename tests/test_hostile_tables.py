"""Hostile tables: a bad row goes to the rejects, a bad file is a message, and nothing but answers is written over."""

from __future__ import annotations

import csv
import io
import json
import random
from contextlib import chdir
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result

import unmet
from tests.shipped import kb
from unmet.batch import files, run
from unmet.cli import main

HIP, JOINT = "hip_core_decompression", "si_joint_fusion_minimally_invasive"
HEAD = "id,side,age\n"


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    base = kb()
    monkeypatch.setattr(unmet, "load", lambda directory=None: base, raising=False)


def invoke(at: Path, *arguments: str) -> Result:
    with chdir(at):
        result = CliRunner().invoke(main, list(arguments), prog_name="unmet")
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    return result


def batch(at: Path, *arguments: str, policy: str = HIP) -> Result:
    return invoke(at, "batch", *arguments, "--policy", policy, "--jobs", "1")


def refused(at: Path, *arguments: str, policy: str = HIP) -> str:
    """The message of a batch that does not run; it leaves nothing behind."""
    before = {path: path.read_bytes() for path in at.rglob("*") if path.is_file()}
    result = batch(at, *arguments, policy=policy)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert {path: path.read_bytes() for path in at.rglob("*") if path.is_file()} == before
    return result.stderr.partition("Error: ")[2].removesuffix("\n")


def written(path: Path, content: str | bytes | pa.Table) -> str:
    """A file of this content; its name."""
    if isinstance(content, pa.Table) and path.suffix == ".parquet":
        parquet.write_table(content, path)
    elif isinstance(content, pa.Table):
        with ipc.new_file(path, content.schema) as file:
            file.write_table(content)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path.name


def decided(at: Path, name: str, content: str | bytes | pa.Table, policy: str = HIP) -> tuple[list[str], list[str]]:
    """The verdicts of a table, and what is wrong with its rejected rows."""
    result = batch(at, written(at / name, content), "-o", "out.jsonl", policy=policy)
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in (at / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    with (at / "out.jsonl.rejects.csv").open(encoding="utf-8", newline="") as file:
        wrong = [f"{row['row']} {row['column']}: {row['message']}" for row in csv.DictReader(file)]
    assert [row["row"] for row in answers] == list(range(1, len(answers) + 1))
    assert {row["row"] for row in answers if "verdict" not in row} == {int(line.split()[0]) for line in wrong}
    return [row.get("verdict", "") for row in answers], wrong


# -- rows -------------------------------------------------------------------------------------------------------------

NO_OBJECT = "the line is no JSON object"
BAD_TEXT = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(bytes((0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0))), pa.py_buffer(b"\xff44")]
)
"""Two texts: a byte that is none, and 44."""

ROWS: dict[str, tuple[str, str | bytes | pa.Table, int, list[str]]] = {
    "bytes in CSV": (
        "a.csv",
        HEAD.encode() + b"a,l\xe9ft,43\n\xff,left,44\nc,left\nd,left,55\n",
        4,
        [
            "1 side: `side` is not UTF-8 text",
            "2 id: `id` is not UTF-8 text",
            "3 : the row has 2 fields, and the header 3",
        ],
    ),
    "ends of an old Macintosh": ("a.csv", (HEAD + "a,left,55\nb,left,55\n").replace("\n", "\r"), 2, []),
    "ends of all kinds": ("a.csv", HEAD + "a,left,55\r\nb,left,55\rc,left,55\n", 3, []),
    "a mark of the order of bytes": ("a.csv", "\ufeff" + HEAD + "a,left,55\n", 1, []),
    "lines that say nothing": ("a.jsonl", "{}\n{}\n", 2, []),
    "bytes in JSON": ("a.jsonl", b'{"side": "l\xe9ft"}\n{"age": 55}\n', 2, [f"1 : {NO_OBJECT}"]),
    "a half of a character": ("a.jsonl", '{"id": "\\ud800"}\n{"age": 55}\n', 2, [f"1 : {NO_OBJECT}"]),
    "a key twice": ("a.jsonl", '{"age": 43, "age": 55}\n{"age": 55}\n', 2, ["1 : `age` is written twice"]),
    "a deep list": (
        "a.jsonl",
        '{"age":' + "[" * 60_000 + "]" * 60_000 + '}\n{"age": 55}\n',
        2,
        ["1 : nesting is deeper than 24"],
    ),
    "a deep object": (
        "a.jsonl",
        '{"a":' * 60_000 + "1" + "}" * 60_000 + '\n{"age": 55}\n',
        2,
        ["1 : nesting is deeper than 24"],
    ),
    "an object within": (
        "a.jsonl",
        '{"a":' * 26 + "1" + "}" * 26 + '\n{"age": 55}\n',
        2,
        ["1 : nesting is deeper than 24"],
    ),
    "brackets in a text": ("a.jsonl", json.dumps({"id": "[" * 50, "age": 55}), 1, []),
    "bytes in Arrow IPC": ("a.arrow", pa.table({"age": BAD_TEXT}), 2, ["1 age: `age` is not UTF-8 text"]),
    "bytes in Parquet": ("a.parquet", pa.table({"age": BAD_TEXT}), 2, ["1 age: `age` is not UTF-8 text"]),
    "bytes in an id": ("a.arrow", pa.table({"id": BAD_TEXT}), 2, ["1 id: `id` is not UTF-8 text"]),
    "bytes in a dictionary": (
        "a.arrow",
        pa.table({"age": pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 0]), BAD_TEXT)}),
        4,
        ["2 age: `age` is not UTF-8 text", "4 age: `age` is not UTF-8 text"],
    ),
    "numbers that are none": (
        "a.parquet",
        pa.table({"age": [55.0, float("inf"), -0.5, 1e300]}),
        4,
        [
            "2 age: `age` is a number, not `inf`; write a number, a range such as `80..90`, a list, or `unclear`",
            "3 age: `age` is 0 to 120, not `-0.5`",
            "4 age: `age` is 0 to 120, not `1E+300`",
        ],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_stops_no_run(name: str, tmp_path: Path) -> None:
    file, content, count, wrong = ROWS[name]
    verdicts, said = decided(tmp_path, file, content)
    assert len(verdicts) == count
    assert said == wrong


def test_records_of_the_wrong_shape_stop_no_run(tmp_path: Path) -> None:
    lines = [
        '{"injection": [{"relief_percent": 80}]}',
        '{"injection": "x"}',
        '{"injection": [3]}',
        '{"injection": [{"relief_percent": 80}, null]}',
        '{"injection": [[]]}',
        '{"injection": []}',
        '{"injection": [{"relief_percent": [80, [90]]}, {}]}',
        "{}",
    ]
    verdicts, wrong = decided(tmp_path, "a.jsonl", "\n".join(lines), JOINT)
    assert [row for row, verdict in enumerate(verdicts, 1) if verdict] == [1, 6, 8]
    assert wrong == [
        "2 injection: `injection` is a list of records, not `x`",
        "3 injection: `injection` is a list of records, not `[3]`".replace("[3]", '["3"]'),
        '4 injection: `injection` is a list of records, not `[{"relief_percent": "80"}, null]`',
        "5 injection: `injection` is a list of records, not `[[]]`",
        '7 injection.relief_percent: `relief_percent` is a number, not `["90"]`; write a number, a range such as '
        "`80..90`, a list, or `unclear`",
    ]


# -- files ------------------------------------------------------------------------------------------------------------

FILES: dict[str, tuple[str, str | bytes | pa.Table, str]] = {
    "no bytes of CSV": ("a.csv", "", "`a.csv` cannot be read: it has no header"),
    "a header of bytes": ("a.csv", b"id,s\xe9de\na,left\n", "`a.csv` cannot be read: its header is not UTF-8 text"),
    "a header on two lines": ("a.csv", '"si\nde",age\n3,4\n', "`a.csv` cannot be read: its header ends within quotes"),
    "two columns of one name": ("a.csv", "age,age\n1,2\n", "`a.csv` has two columns `age`"),
    "two columns of one name in Arrow": (
        "a.arrow",
        pa.table([pa.array([1]), pa.array([2])], names=["pain_score", "pain_score"]),
        "column `pain_score` says what another column says",
    ),
    "a column that acts": (
        "a.csv",
        "age\x1b[2J\n3\n",
        "nothing reads the column `age\\x1b[2J`\n  help: did you mean `age`?",
    ),
    "no Parquet": (
        "a.parquet",
        b"junk" * 9,
        "`a.parquet` cannot be read: Parquet magic bytes not found in footer. Either the file is corrupted or this "
        "is not a parquet file.",
    ),
    "no Arrow": ("a.arrow", b"junk" * 9, "`a.arrow` cannot be read: Not an Arrow file"),
    "a list as id": (
        "a.arrow",
        pa.table({"id": [[1]], "age": [1]}),
        "column `id` holds text, numbers or dates, not list<item: int64>",
    ),
    "bytes as id": ("a.arrow", pa.table({"id": [b"\xff"]}), "column `id` holds text, numbers or dates, not binary"),
    "records as text": (
        "a.csv",
        "injection\nx\n",
        "column `injection` is a list of structs, one for each record, not text\n"
        "  help: write columns such as `injection.1.guidance`",
    ),
    "records of numbers": (
        "a.arrow",
        pa.table({"injection": [[{"guidance": 3}]]}),
        "column `injection.guidance` holds words, not int64",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_a_message(name: str, tmp_path: Path) -> None:
    file, content, message = FILES[name]
    assert refused(tmp_path, written(tmp_path / file, content), "-o", "out.csv", policy=JOINT) == message
    assert [path.name for path in tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_a_damaged_file_is_a_message(form: str, tmp_path: Path) -> None:
    """Bytes changed anywhere: the answers of a table, or one sentence. (Arrow itself would end the process.)"""
    table = pa.table({"id": [str(i) for i in range(500)], "side": ["left"] * 500, "age": list(range(500))})
    whole = (tmp_path / written(tmp_path / f"whole.{form}", table)).read_bytes()
    draw = random.Random(1)
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 5, 50))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        result = batch(tmp_path, written(tmp_path / f"a.{form}", bytes(damaged)), "-o", "out.csv")
        assert result.exit_code in (0, 2)
        assert not list(tmp_path.glob("*.new"))


def test_a_file_is_cut_where_rows_end() -> None:
    """Rows with quotes, also where none should be, cut anywhere: the pieces hold the rows of the whole."""
    draw = random.Random(3)

    def field() -> str:
        within = "".join(draw.choice(("a", "\n", ",", '""')) for _ in range(draw.randrange(4)))
        return draw.choice((f'"{within}"', '6"', '5"6', "", "x", "yy"))

    def parsed(block: bytes) -> list[Any]:
        if not block:
            return []
        names = ["a", "b", "c"]
        options = arrow_csv.ReadOptions(column_names=names, block_size=len(block) + 1)
        form = arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip")
        types = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return list(arrow_csv.read_csv(io.BytesIO(block), options, form, types).to_pylist())

    for _ in range(3_000):
        text = "\n".join(",".join(field() for _ in range(3)) for _ in range(draw.randrange(1, 6))).encode()
        stop = files._last_row_end(text[: draw.randrange(1, len(text) + 1)]) + 1
        assert parsed(text[:stop]) + parsed(text[stop:]) == parsed(text), (text, stop)


# -- places -----------------------------------------------------------------------------------------------------------


def test_no_file_of_the_user_is_written_over(tmp_path: Path) -> None:
    table = written(tmp_path / "in.csv", HEAD + "a,left,43\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    (tmp_path / "folder.csv").mkdir()
    assert refused(tmp_path, table, "-o", "in.csv") == "`in.csv` cannot be the input and the output of one batch"
    assert refused(tmp_path, table, "-o", "./link.csv") == "`in.csv` cannot be the input and the output of one batch"
    for rejects, what in (("in.csv", "input"), ("out.csv", "output")):
        said = refused(tmp_path, table, "-o", "out.csv", "--rejects", rejects)
        assert said == f"`{rejects}` cannot be the {what} and the rejects of one batch"
    assert refused(tmp_path, table, "-o", "folder.csv") == "`folder.csv` is a folder, and no file of answers"
    said = "there is no folder `none` to write `out.csv` into"
    assert refused(tmp_path, table, "-o", "none/out.csv") == said
    assert refused(tmp_path, table, "-o", "out.csv", "--rejects", "none/out.csv") == said
    assert refused(tmp_path, table, "-o", "in.csv/out.csv") == "there is no folder `in.csv` to write `out.csv` into"


@pytest.mark.parametrize("more", [(), ("--restart",)])
def test_no_folder_of_the_user_is_thrown_away(more: tuple[str, ...], tmp_path: Path) -> None:
    table, parts = written(tmp_path / "in.csv", HEAD + "a,left,43\n"), tmp_path / "out.csv.parts"
    parts.write_text("mine")
    said = "`out.csv.parts` is a file, where a folder of parts is to be\n  help: take it away"
    assert refused(tmp_path, table, "-o", "out.csv", *more) == said
    parts.unlink()
    parts.mkdir()
    (parts / "notes.txt").write_text("mine")
    said = "`out.csv.parts/notes.txt` is no part of a batch\n  help: take it away: the folder of parts is thrown away"
    assert refused(tmp_path, table, "-o", "out.csv", *more) == said


def test_what_an_ended_run_left_may_be_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = written(tmp_path / "in.csv", HEAD + "a,left,43\nb,left,55\n" * 50)
    assert batch(tmp_path, table, "-o", "whole.csv").exit_code == 0
    whole = (tmp_path / "whole.csv").read_bytes()

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    def left() -> Path:
        with monkeypatch.context() as patch:
            patch.setattr(run, "_join", ended)
            assert batch(tmp_path, table, "-o", "out.csv", "--restart").exit_code == 130
        return tmp_path / "out.csv.parts"

    other = (
        "`out.csv.parts` holds parts of a batch of another input, version or options\n"
        "  help: finish that one, or throw them away with `--restart`"
    )
    for content in (b"", b"junk", b"\xff", b"[]", b"{}"):
        (left() / "run.json").write_bytes(content)
        assert refused(tmp_path, table, "-o", "out.csv") == other
        (left() / "part-000000.json").write_bytes(content)
        assert batch(tmp_path, table, "-o", "out.csv").exit_code == 0
        assert (tmp_path / "out.csv").read_bytes() == whole
        (tmp_path / "out.csv").unlink()
        (left() / "part-000000.arrow").write_bytes(content)
        said = "the part `out.csv.parts/part-000000.arrow` is damaged\n  help: begin again with `--restart`"
        assert refused(tmp_path, table, "-o", "out.csv") == said
    assert batch(tmp_path, table, "-o", "out.csv", "--restart").exit_code == 0
    assert (tmp_path / "out.csv").read_bytes() == whole
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.csv", "out.csv.rejects.csv"]
