"""Batches from file to file: forms, rejects, and that a run which is killed goes on where it was."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result

import unmet
from tests import shipped, tables
from unmet.batch import files
from unmet.batch.dates import intervals
from unmet.batch.pool import worked
from unmet.case import interval
from unmet.cli import main
from unmet.vocabulary import Attribute

POLICY = "hip_core_decompression"

GOOD: dict[str, Any] = {
    "side": "left", "age": 43, "hip.left.hip_pain": "yes", "hip.left.radiology_report": "yes",
    "hip.left.osteonecrosis_stage": "stage_2", "hip.left.collapse": "none",
}  # fmt: skip


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def batch(*arguments: object) -> Any:
    """Runs `unmet batch` in this process and returns its JSON."""
    result = invoke("batch", *arguments, "--policy", POLICY, "--jobs", 1, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@cache
def rows() -> list[tables.Row]:
    return tables.random_rows(shipped.kb(), POLICY, 300, 0.2)


@cache
def table() -> pa.Table:
    return pa.table(tables.columns(rows()))


def write(path: Path, found: pa.Table) -> Path:
    """A table as a file of any form."""
    match path.suffix:
        case ".parquet":
            parquet.write_table(found, path, row_group_size=50)
        case ".arrow":
            with ipc.new_file(path, found.schema) as file:
                file.write_table(found, 50)
        case ".csv":
            csv.write_csv(found, path)
        case _:
            path.write_text("".join(json.dumps(row) + "\n" for row in found.to_pylist()), encoding="utf-8")
    return path


def answers(path: Path) -> list[tuple[int, str, str | None]]:
    """Row, id and verdict of each answer in a file of any form."""
    match path.suffix:
        case ".parquet":
            found = parquet.read_table(path).to_pylist()
        case ".arrow":
            with ipc.open_file(path) as file:
                found = file.read_all().to_pylist()
        case ".csv":
            found = [{k: v or None for k, v in row.items()} for row in csv.read_csv(path).to_pylist()]
        case _:
            found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["row"], row["id"], row.get("verdict")) for row in found]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv", ".jsonl"])
def test_every_form_is_read_and_written_alike(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SPAN_ROWS", 100)
    monkeypatch.setattr(files, "SPAN_BYTES", 4000)
    expected = shipped.kb().batch(table(), POLICY).table
    found = batch(write(tmp_path / f"in{suffix}", table()), "-o", tmp_path / f"out{suffix}")
    assert answers(tmp_path / f"out{suffix}") == list(
        zip(*(expected[name].to_pylist() for name in ("row", "id", "verdict")), strict=True)
    )
    assert found["rows"] == 300
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"in{suffix}", f"out{suffix}", f"out{suffix}.rejects.csv",
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_a_table_without_rows_has_an_answer_without_rows(suffix: str, tmp_path: Path) -> None:
    found = batch(write(tmp_path / f"in{suffix}", table().slice(0, 0)), "-o", tmp_path / f"out{suffix}")
    assert found["rows"] == 0
    assert answers(tmp_path / f"out{suffix}") == []


SPANS = {number: files.Span(number, number + 1, 1) for number in range(8)}


def test_there_are_threads_to_work_with() -> None:
    with pytest.raises(unmet.RequestError, match="`0` is no number of threads"):
        list(worked({}, lambda number, span, stopping: None, 0))


@pytest.mark.parametrize("threads", [1, 2, 20])
def test_every_span_is_worked_at_once(threads: int) -> None:
    found = sorted(worked(SPANS, lambda number, span, stopping: span.start * 10, threads))
    assert found == [(number, number * 10) for number in SPANS]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_fails_stops_the_rest(threads: int) -> None:
    """Work that goes on is told so, and has ended when the error is raised."""
    going, before = set[int](), threading.active_count()

    def work(number: int, span: files.Span, stopping: Callable[[], bool]) -> None:
        if number == 1:
            raise unmet.RequestError("no")
        going.add(number)
        while threads > 1 and not stopping():
            time.sleep(0.001)
        going.remove(number)

    with pytest.raises(unmet.RequestError, match="no"):
        list(worked(SPANS, work, threads))
    assert not going
    assert threading.active_count() == before


def test_an_interrupt_leaves_nothing_at_work() -> None:
    before = threading.active_count()
    answers = worked(SPANS, lambda number, span, stopping: time.sleep(0.01), 3)
    next(answers)
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_several_threads_get_the_same_answers() -> None:
    kb = unmet.load(shipped.KB)
    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(lambda _: kb.batch(table(), POLICY, statuses=True).table, range(8))]
    assert all(each.equals(found[0]) for each in found)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed at random moments, again and again; the answers are byte for byte those of a run that was left alone."""
    many = pa.concat_tables([table()] * 20)
    parquet.write_table(many, tmp_path / "in.parquet", row_group_size=500)
    code = "from unmet.batch import files; files.SPAN_ROWS = 500; from unmet.cli import main; main()"
    command = [
        sys.executable, "-c", code,
        "batch", str(tmp_path / "in.parquet"), "--policy", POLICY, "--statuses", "--jobs", "2", "-o",
    ]  # fmt: skip
    draw, target, killed = random.Random(1), tmp_path / "out.parquet", 0
    started = time.perf_counter()
    subprocess.run([*command, str(tmp_path / "whole.parquet")], check=True, capture_output=True)
    length = time.perf_counter() - started
    for _ in range(5):
        process = subprocess.Popen([*command, str(target)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(draw.uniform(0.3, 0.8) * length)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        if target.exists():
            break
    assert killed
    subprocess.run([*command, str(target)], check=True, capture_output=True)
    assert target.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert Path(f"{target}.rejects.csv").read_bytes() == (tmp_path / "whole.parquet.rejects.csv").read_bytes()
    assert [row for row, _, _ in answers(target)] == list(range(1, many.num_rows + 1))
    assert not Path(f"{target}.parts").exists()


def test_a_run_that_was_ended_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done is not done again, and counts as before."""
    monkeypatch.setattr(files, "SPAN_ROWS", 100)
    source, output = write(tmp_path / "in.parquet", table()), tmp_path / "out.parquet"
    whole = batch(source, "-o", tmp_path / "whole.parquet")

    def stop(done: int, every: int, decided: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shipped.kb().run_batch(source, output, POLICY, progress=stop)
    assert not output.exists()
    other = invoke("batch", source, "-o", output, "--policy", POLICY, "--silence", "closed")
    assert other.exit_code == 2
    assert "holds parts of a batch of another input, version or options" in other.output
    assert "--restart" in other.output
    continued = batch(source, "-o", output)
    assert continued == {**whole, "continued": 100}
    assert output.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_two_threads_give_what_one_gives(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    csv.write_csv(pa.concat_tables([table()] * 4), source)
    code = "from unmet.batch import files; files.SPAN_BYTES = 20000; from unmet.cli import main; main()"
    for jobs in ("1", "2"):
        command = [sys.executable, "-c", code, "batch", str(source), "-o", str(tmp_path / f"out{jobs}.parquet")]
        subprocess.run([*command, "--policy", POLICY, "--jobs", jobs], check=True, capture_output=True)
    assert (tmp_path / "out1.parquet").read_bytes() == (tmp_path / "out2.parquet").read_bytes()


# -- what is wrong with rows ------------------------------------------------------------------------------------------


def rejects(*wrong: dict[str, Any]) -> list[tuple[int, str, str]]:
    """What is said of a good row and bad ones."""
    found = shipped.kb().batch(pa.table(tables.columns([GOOD, *({**GOOD, **each} for each in wrong)])), POLICY)
    assert found.table["verdict"].to_pylist() == ["approved", *(None for _ in wrong)]
    return [(each["row"], each["column"], each["message"]) for each in found.rejects.to_pylist()]


def test_bad_rows_are_rejected_with_their_place() -> None:
    assert rejects({"age": 130}) == [(2, "age", "`age` is 0 to 120, not `130`")]
    assert rejects({"side": "lef"}) == [(2, "side", "`lef` is not an option of `side`; did you mean `left`?")]
    assert rejects({"hip.left.osteonecrosis_stage": "stage_1", "hip.left.collapse": "severe"}) == [
        (
            2,
            "hip.left.osteonecrosis_stage",
            "`hip.left.osteonecrosis_stage` and `hip.left.collapse`: impossible, "
            "`Stage 0 or I with moderate or severe collapse of the femoral head`",
        )
    ]
    assert rejects({"age": None, "age.min": 50, "age.max": 40}) == [
        (2, "age.min", "the range of `age` runs backwards")
    ]  # fmt: skip
    assert rejects({"age.min": 50}) == [(2, "age.min", "`age` is given as a value and as a range")]
    assert rejects({"age.unclear": True}) == [(2, "age.unclear", "`age` is given a value and called unclear")]
    dates = {"birth_date": "1950-03-01", "date_of_service": "2025-09-02"}
    assert rejects(dates) == [(2, "age", "`age` is `43`, and `75` by birth_date and date_of_service")]
    assert rejects({**dates, "birth_date": "1950-02-30"}) == [(2, "birth_date", "there is no date `1950-02-30`")]


def test_imprecise_forms_mean_what_they_mean_in_a_case_file() -> None:
    forms: list[dict[str, Any]] = [
        {}, {"age": None}, {"age": None, "age.min": 40, "age.max": 45}, {"age": None, "age.min": 49},
        {"age": None, "age.unclear": True}, {"age": None, "birth_date": "1980-01-01", "date_of_service": "2025-09-02"},
    ]  # fmt: skip
    found = shipped.kb().batch(pa.table(tables.columns([{**GOOD, **each} for each in forms])), POLICY)
    verdicts = found.table["verdict"].to_pylist()
    assert verdicts == ["approved", "pended", "approved", "pended", "pended", "approved"]


def test_lines_that_cannot_be_read_are_rejected(tmp_path: Path) -> None:
    text = tmp_path / "in.csv"
    text.write_text("id,side,age\na,left,43\nb,left\nc,right,50\n", encoding="utf-8")
    assert batch(text, "-o", tmp_path / "out.csv")["rejected"] == 1
    assert answers(tmp_path / "out.csv") == [(1, "a", "pended"), (2, None, None), (3, "c", "denied")]
    said = (tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert said[1:] == ['2,"","the row has 2 fields, and the header 3"']
    lines = tmp_path / "in.jsonl"
    lines.write_text('{"id": "a", "age": 43}\nnonsense\n{"id": "c", "age": "50..60", "side": "left"}\n', "utf-8")
    assert batch(lines, "-o", tmp_path / "out.jsonl")["rejected"] == 1
    said = (tmp_path / "out.jsonl.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert said[1:] == ['2,"","the line is no JSON object"']


# -- messages ---------------------------------------------------------------------------------------------------------


def told(columns: dict[str, Any]) -> str:
    with pytest.raises(unmet.RequestError) as error:
        shipped.kb().batch(pa.table(columns), POLICY)
    return str(error.value)


def test_columns_that_say_nothing_are_refused_before_anything_runs() -> None:
    assert told({"agee": [1]}) == "nothing reads the column `agee`\n  help: did you mean `age`?"
    assert told({"collapse": ["none"]}) == "nothing reads the column `collapse`\n  help: write `hip.left.collapse`"
    assert told({"age": [True]}) == "column `age` holds numbers, or text, not bool"
    assert told({"side.min": ["left"]}) == "column `side.min`: `side` is no number and has no range"
    assert told({"age": [1], "patient.age": [1]}) == "column `patient.age` says what another column says"
    assert told({"agee": [1], "sid": [1]}).count("nothing reads") == 2
    unread = shipped.kb().batch(pa.table({"knee.left.knee_brace": ["yes"], "age": [55]}), POLICY)
    assert unread.unread == ("knee.left.knee_brace",)


def test_what_cannot_be_read_or_written_is_a_message(tmp_path: Path) -> None:
    for arguments, message in (
        ((tmp_path / "none.csv", "-o", tmp_path / "out.csv"), "there is no file"),
        ((tmp_path / "in.txt", "-o", tmp_path / "out.csv"), "is no table that can be read or written"),
        ((write(tmp_path / "in.csv", table()), "-o", tmp_path / "out.txt"), "is no table that can be read or written"),
        ((tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--rejects", "bad.txt"), "`bad.txt` is no table"),
    ):
        result = invoke("batch", *arguments, "--policy", POLICY)
        assert result.exit_code == 2
        assert message in result.output
        assert "Traceback" not in result.output
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    result = invoke("batch", broken, "-o", tmp_path / "out.csv", "--policy", POLICY)
    assert result.exit_code == 2
    assert "cannot be read" in result.output


@pytest.mark.parametrize("package", ["numpy", "pyarrow"])
def test_what_is_missing_is_taught(package: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules['{package}'] = None; from unmet.cli import main; main()"
    command = [sys.executable, "-c", code, "batch", "in.csv", "-o", "out.csv", "--policy", POLICY]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    message = "Error: batches need numpy and pyarrow; install them with `pip install 'unmet[batch]'`"
    assert " ".join(done.stderr.split()) == message


# -- dates ------------------------------------------------------------------------------------------------------------


def test_intervals_of_columns_are_those_of_cases() -> None:
    import numpy as np

    draw = random.Random(2)
    for attribute in shipped.kb().vocabulary.attributes.values():
        if attribute.derivation is None:
            continue
        start = [draw.randint(-20000, 25000) for _ in range(400)]
        end = [s + draw.choice((0, 1, 27, 28, 29, 30, 31, 90, 365, -1, -31, draw.randint(0, 9000))) for s in start]
        found = intervals(attribute, np.array(start), np.array(end)).tolist()
        assert found == [single(attribute, s, e) for s, e in zip(start, end, strict=True)]


def single(attribute: Attribute, start: int, end: int) -> int:
    from datetime import date

    origin = date(1970, 1, 1).toordinal()
    return interval(attribute, date.fromordinal(origin + start), date.fromordinal(origin + end))


# -- two versions or readings -----------------------------------------------------------------------------------------


def test_an_impact_counts_what_flips(tmp_path: Path) -> None:
    source = write(tmp_path / "in.parquet", table())
    result = invoke(
        "impact", "hip_core_decompression", "default", "staging=steinberg", source, "--format", "json"
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    base = shipped.kb()
    before = base.batch(table(), POLICY).table["verdict"].to_pylist()
    after = base.batch(table(), POLICY, readings={"staging": "steinberg"}).table["verdict"].to_pylist()
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a is not None and b is not None]
    assert found["rows"] == 300
    assert found["same"] == sum(a == b for a, b in pairs)
    assert sum(flip["rows"] for flip in found["flips"]) == sum(a != b for a, b in pairs)
    assert found["rejected"] == 300 - len(pairs)


def stricter(tmp_path: Path) -> Path:
    """A knowledge base with a second version of the policy, whose age limit is 40."""
    old = (shipped.KB / "policies" / POLICY / "2025-07-24.lp").read_text(encoding="utf-8")
    new = old.replace('effective("2025-07-24").', 'effective("2026-01-01").').replace("Years >= 50", "Years >= 40")
    for path in shipped.KB.glob("vocabulary/*.lp"):
        copy = tmp_path / "kb" / "vocabulary" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    home = tmp_path / "kb" / "policies" / POLICY
    home.mkdir(parents=True)
    (home / "2025-07-24.lp").write_text(old, encoding="utf-8")
    (home / "2026-01-01.lp").write_text(new, encoding="utf-8")
    return tmp_path / "kb"


def test_an_impact_says_through_which_criteria(tmp_path: Path) -> None:
    """A stricter version: what it flips comes through the leaf whose threshold moved, or the leaf that is new."""
    cases = [{**GOOD, "age": age, "id": f"at {age}"} for age in (30, 39, 40, 49, 50)]
    source = write(tmp_path / "in.csv", pa.table(tables.columns(cases)))
    arguments = ("impact", POLICY, "2025-07-24", "2026-01-01", source, "--kb", stricter(tmp_path))
    found = json.loads(invoke(*arguments, "--format", "json").output)
    assert found["flips"] == [
        {
            "old": "approved",
            "new": "denied",
            "rows": 2,
            "through": {"fifty_or_older": 2},
            "samples": [
                {"row": 3, "id": "at 40", "through": ["fifty_or_older"]},
                {"row": 4, "id": "at 49", "through": ["fifty_or_older"]},
            ],
        }
    ]
    text = invoke(*arguments).output
    assert "approved → denied: 2 rows (40.0 %)" in text
    assert "row 3 (at 40): fifty_or_older" in text


@pytest.mark.parametrize("samples", [0, 3, 1000])
def test_an_impact_is_the_same_on_two_threads(tmp_path: Path, samples: int) -> None:
    """Also the rows that are named: the first ones of all spans, by their numbers in the file."""
    kb = unmet.load(stricter(tmp_path))
    several = pa.concat_tables([table()] * 4)
    source, part = tmp_path / "in.parquet", several.num_rows // 4 + 7
    parquet.write_table(several, source, row_group_size=part)
    sides = ("2025-07-24", None), ("2026-01-01", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "SPAN_ROWS", part)
        assert len(files.Source(source, part).spans) > 2
        one, two = (kb.file_impact(source, POLICY, *sides, samples=samples, jobs=jobs).data() for jobs in (1, 2))
    assert one == two == kb.impact(several, POLICY, *sides, samples=samples).data()
    assert sum(flip["rows"] for flip in one["flips"]) > 3


def test_sides_that_name_nothing_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", table())
    for side, message in (
        ("yesterday", "`yesterday` is neither a date, nor `default`, nor NAME=OPTION"),
        ("2026-01-01,2026-01-02", "names two dates"),
        ("staging=ficat,staging=steinberg", "`staging` is chosen twice"),
        ("stagin=ficat", "there is no reading `stagin` help: did you mean `staging`?"),
    ):
        result = invoke("impact", POLICY, "default", side, source)
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
