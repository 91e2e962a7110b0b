"""A batch from file to file: streamed, on several threads, in parts, so that it continues where it was ended.

A part is the answer to one span of the input. It is written under another name and renamed when it is whole, its counts
last; what counts has been written is done. When all parts are, they are joined in order into the output, which is
renamed in the same way. The number of a row within its span becomes its number in the input then. So a run that is
killed at any moment loses no more than the spans it was at, and the output does not show it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from unmet.batch.columns import Fault
from unmet.batch.decide import REJECTS, ROWS, Batch, Wanted
from unmet.batch.files import Source, Span, form_of
from unmet.batch.layout import flattened
from unmet.batch.output import Sink
from unmet.batch.pool import Stopped, worked
from unmet.batch.report import Summary
from unmet.errors import RequestError, reason
from unmet.knowledge import Knowledge
from unmet.results import Silence

Progress = Callable[[int, int, int], None]
"""Told of what is done: rows or bytes done, rows or bytes in all, rows decided."""


@dataclass(frozen=True)
class Job:
    """A batch to run, in full; `day` chooses the version, `jobs` is how many threads work at it."""

    directory: Path
    input: Path
    output: Path
    rejects: Path
    policy: str
    day: str | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    silence: Silence = Silence.OPEN
    wanted: Wanted = field(default_factory=Wanted)
    jobs: int = 1

    @cached_property
    def parts(self) -> Path:
        """Where the parts are kept until all are there."""
        return self.output.with_name(self.output.name + ".parts")


@dataclass(frozen=True)
class Ran:
    """What a run came to; `continued` is how many rows an earlier run had decided."""

    summary: Summary
    unread: tuple[str, ...]
    continued: int


def run(job: Job, knowledge: Knowledge, progress: Progress | None = None, *, restart: bool = False) -> Ran:
    """Runs a batch, or continues it.

    Args:
        knowledge: the knowledge base, which lies in the job's directory.
        restart: whether parts of an earlier run are thrown away.

    Raises:
        RequestError: the input cannot be read, or has columns that say nothing; the parts are those of another run;
            something cannot be written.
    """
    _check_places(job)
    worker = Worker(job, knowledge)
    try:
        return _run(job, worker, progress, restart=restart)
    except OSError as error:
        raise RequestError(f"`{error.filename or job.output}` cannot be written: {reason(error)}") from None


def _check_places(job: Job) -> None:
    """Nothing but answers is written over.

    Raises:
        RequestError: with the place that cannot be written.
    """
    named = {"input": job.input, "output": job.output, "rejects": job.rejects}
    for what, path in named.items():
        form_of(path)
        for other, place in named.items():
            if what < other and path.resolve() == place.resolve():
                raise RequestError(f"`{path}` cannot be the {what} and the {other} of one batch")
        if what != "input" and path.is_dir():
            raise RequestError(f"`{path}` is a folder, and no file of answers")
        if what != "input" and not path.parent.is_dir():
            raise RequestError(f"there is no folder `{path.parent}` to write `{path.name}` into")
    if job.parts.exists() and not job.parts.is_dir():
        raise RequestError(f"`{job.parts}` is a file, where a folder of parts is to be", "take it away")
    for path in job.parts.iterdir() if job.parts.exists() else ():
        if not re.match(r"lock$|run\.json|part-[0-9]{6}\.", path.name):
            raise RequestError(f"`{path}` is no part of a batch", "take it away: the folder of parts is thrown away")


def _run(job: Job, worker: Worker, progress: Progress | None, *, restart: bool) -> Ran:
    spans = worker.source.spans
    if restart and job.parts.exists():
        shutil.rmtree(job.parts)
    with _parts(job, spans):
        done = {i: summary for i in range(len(spans)) if (summary := _counts(job, i)) is not None}
        total, rows = Summary(), sum(summary.rows for summary in done.values())
        for summary in done.values():
            total.add(summary)
        left = [i for i in range(len(spans)) if i not in done]
        reached = sum(spans[i].weight for i in done)
        every = sum(span.weight for span in spans)
        for i, summary in worked({i: spans[i] for i in left}, worker.work, job.jobs):
            total.add(summary)
            reached += spans[i].weight
            if progress is not None:
                progress(reached, every, total.rows)
        _join(job, worker, len(spans))
        shutil.rmtree(job.parts)
    return Ran(total, worker.unread, rows)


# -- one part -------------------------------------------------------------------------------------------------


class Worker:
    """Answers spans of an input, on any number of threads."""

    def __init__(self, job: Job, knowledge: Knowledge) -> None:
        self.job, self.source = job, Source(job.input, ROWS)
        policy = knowledge.version(job.policy, job.day)
        knowledge.check_readings(job.readings, policy)
        self.batch = Batch(knowledge, policy, job.readings)
        self.unread = self.batch.layout(self.source.schema).unread

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema of the answers."""
        empty = flattened(self.source.schema.empty_table())
        return self._answers(empty, [], Summary(), 0)[0].schema

    def _answers(self, table: pa.Table, faults: list[Fault], summary: Summary, start: int) -> tuple[pa.Table, pa.Table]:
        table = flattened(table)
        table, unknown = self.batch.readable(table)
        layout = self.batch.layout(table.schema)
        return self.batch.block(
            table, layout, self.job.silence, self.job.wanted, summary, start, [*faults, *unknown]
        )  # fmt: skip

    def work(self, number: int, span: Span, stopping: Callable[[], bool]) -> Summary:
        """Answers one span and writes its part; rows are numbered within it.

        Raises:
            Stopped: it was told to stop.
        """
        summary, start, job = Summary(), 0, self.job
        rows, rejected = _part(job, number, "arrow"), _part(job, number, "rejects.arrow")
        own = f".{os.getpid()}"
        with (
            ipc.new_file(f"{rows}{own}", self.schema) as answers,
            ipc.new_file(f"{rejected}{own}", REJECTS) as rejects,
        ):
            for table, faults in self.source.read(span):
                if stopping():
                    raise Stopped
                found, wrong = self._answers(table, faults, summary, start)
                answers.write_table(found.cast(self.schema))
                rejects.write_table(wrong)
                start += table.num_rows
        counts = _part(job, number, "json")
        Path(f"{counts}{own}").write_text(json.dumps(summary.data()), encoding="utf-8")
        for path in (rows, rejected, counts):
            os.replace(f"{path}{own}", path)
        return summary


def _part(job: Job, number: int, suffix: str) -> Path:
    return job.parts / f"part-{number:06}.{suffix}"


def _counts(job: Job, number: int) -> Summary | None:
    """The counts of a part that is done, None where it is not or they are damaged."""
    try:
        return Summary.of(json.loads(_part(job, number, "json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return None


# -- all parts ------------------------------------------------------------------------------------------------


@contextmanager
def _parts(job: Job, spans: list[Span]) -> Iterator[None]:
    """The directory of the parts, for this run alone, and of no other batch."""
    job.parts.mkdir(parents=True, exist_ok=True)
    with _locked(job):
        made, path = json.dumps(_fingerprint(job, spans)), job.parts / "run.json"
        if path.exists():
            if path.read_bytes() != made.encode():
                raise RequestError(
                    f"`{job.parts}` holds parts of a batch of another input, version or options",
                    "finish that one, or throw them away with `--restart`",
                )
        else:
            new = job.parts / f"run.json.{os.getpid()}"
            new.write_text(made, encoding="utf-8")
            os.replace(new, path)
        try:
            yield
        except RequestError:
            if not any(job.parts.glob("part-*.json")):  # nothing that another run could go on from
                shutil.rmtree(job.parts)
            raise


@contextmanager
def _locked(job: Job) -> Iterator[None]:
    """No other process runs the same batch; the system frees the lock of one that is killed."""
    try:
        import fcntl
    except ImportError:  # there is no such lock on Windows
        yield
        return
    with (job.parts / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RequestError(f"another process is writing `{job.output}`") from None
        yield


def _fingerprint(job: Job, spans: list[Span]) -> dict[str, Any]:
    """What the parts depend on."""
    digest = hashlib.sha256()
    for path in sorted(job.directory.rglob("*.lp")):
        digest.update(path.relative_to(job.directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    state = job.input.stat()
    return {
        "unmet": version("unmet"),
        "knowledge": digest.hexdigest(),
        "input": [str(job.input.resolve()), state.st_size, state.st_mtime_ns],
        "spans": len(spans),
        "policy": [job.policy, job.day],
        "readings": dict(sorted(job.readings.items())),
        "silence": str(job.silence),
        "wanted": asdict(job.wanted),
    }


def _join(job: Job, worker: Worker, count: int) -> None:
    """Joins the parts into the output and the rejects."""
    for path, suffix, schema in ((job.output, "arrow", worker.schema), (job.rejects, "rejects.arrow", REJECTS)):
        whole = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            with Sink(whole, form_of(path), schema) as sink:
                _write_parts(job, sink, suffix, count)
            os.replace(whole, path)
        finally:
            whole.unlink(missing_ok=True)


def _write_parts(job: Job, sink: Sink, suffix: str, count: int) -> None:
    before = 0
    for number in range(count):
        where = _part(job, number, suffix)
        try:
            with pa.memory_map(str(where)) as mapped, ipc.open_file(mapped) as part:
                tables = [pa.Table.from_batches([part.get_batch(i)]) for i in range(part.num_record_batches)]
                for table in tables:
                    table.validate(full=True)
                    sink.write(_renumbered(table, before))
        except pa.ArrowException:
            raise RequestError(f"the part `{where}` is damaged", "begin again with `--restart`") from None
        counts = _counts(job, number)
        assert counts is not None
        before += counts.rows


def _renumbered(table: pa.Table, before: int) -> pa.Table:
    """Rows of a part by their numbers in the input."""
    rows = np.asarray(table.column("row").combine_chunks()) + before
    return table.set_column(0, "row", pa.array(rows, pa.int64()))
