"""How fast whole tables are decided, beside what else one would decide them with.

    python -m tests.benchmarks.batch [--sizes N,N] [--rounds N]

It needs the extra `bench`. Each contender runs in a process of its own, held to one core, which tells its processor
time and the most memory it had; contenders take turns, and the median over the rounds is told. Before anything is
timed, all of them have to give the answers of brute force.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from tests.benchmarks import hip
from tests.benchmarks.contenders import COLUMNS, CONTENDERS, KNOWLEDGE_BASE, POLICY, VERDICTS
from tests.benchmarks.single import table as show

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
SILENCES = (0.0, 0.1, 0.25)
AT_MOST = {"clingo, a joint program": 1_000, "zen-engine, row by row": 10_000, "CEL, row by row": 10_000}
"""How many rows are asked of those that take long."""

TWO_VALUED = ("zen-engine, row by row", "CEL, row by row")
"""Those that have no answer where findings are silent; they are asked where nothing is."""

CHECKED = 10_000
"""How many rows are held against brute force."""

ONE_CORE = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", nargs=3, metavar=("CONTENDER", "FILE", "SECONDS"), help=argparse.SUPPRESS)
    parser.add_argument("--files", type=int, default=10_000_000, help="rows of the run from file to file")
    asked = parser.parse_args()
    if asked.worker:
        print(json.dumps(worker(asked.worker[0], Path(asked.worker[1]), float(asked.worker[2]))))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder:
        for silent in SILENCES:
            agree(cases(CHECKED, silent))
        in_memory(Path(folder), [int(size) for size in asked.sizes.split(",")], asked.rounds)
        if asked.files:
            from_file_to_file(Path(folder), asked.files)


# -- cases ----------------------------------------------------------------------------------------------------


def cases(count: int, silent: float, seed: int = 1) -> pa.Table:
    """Random cases, dictionary-encoded: 80 % of the values favour approval, and so much is silent."""
    draw = np.random.default_rng(seed)
    good = {"age": 34, "hip_pain": "yes", "functional_disability": "yes", "radiology_report": "yes",
            "osteonecrosis_stage": "stage_2", "other_indication": "no"}  # fmt: skip
    codes = {}
    for name, values in hip.VALUES.items():
        favours = draw.random(count) < 0.8
        first = values.index(good.get(name, values[0]))
        codes[name] = np.where(favours, first, draw.integers(0, len(values), count)).astype(np.int8)
    early = codes["osteonecrosis_stage"] <= 1
    codes["collapse"][early & (codes["collapse"] >= 2)] = 0  # the vocabulary excludes the others
    columns: dict[str, pa.Array] = {"side": _encoded(np.zeros(count, np.int8), ("left",), None)}
    for name, values in hip.VALUES.items():
        nothing = draw.random(count) < silent if silent else None
        if name == "age":
            ages = np.array(values, dtype=np.int16)[codes[name]]
            columns[COLUMNS[name]] = pa.array(ages, mask=nothing)
        else:
            columns[COLUMNS[name]] = _encoded(codes[name], values, nothing)
    return pa.table(columns)


def _encoded(codes: Any, words: tuple[str, ...], nothing: Any) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=nothing), pa.array(words))


def agree(table: pa.Table) -> None:
    """Nothing is timed before every contender has given the answers of brute force."""
    rows = table.rename_columns({c: n for n, c in COLUMNS.items()}).select(list(COLUMNS)).to_pylist()
    known: dict[tuple[Any, ...], int] = {}
    true = np.empty(len(rows), dtype=np.uint8)
    for i, row in enumerate(rows):
        key = tuple(row.values())
        if key not in known:
            known[key] = VERDICTS.index(hip.truth({n: v for n, v in row.items() if v is not None}))
        true[i] = known[key]
    silent = any(column.null_count for column in table.columns)
    for name, make in CONTENDERS.items():
        if not (silent and name in TWO_VALUED):
            count = min(len(true), AT_MOST.get(name, len(true)))
            run, coded = make(table.slice(0, count).combine_chunks())
            assert np.array_equal(coded(run()), true[:count]), name


# -- in memory ------------------------------------------------------------------------------------------------


def worker(contender: str, file: Path, seconds: float) -> dict[str, float]:
    """Runs a contender over a table for about so long: the median of its processor time, and the most memory.

    The table lies in memory before, and so do its answers to the run before.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    with pa.OSFile(str(file)) as source:
        table = ipc.open_file(source).read_all().combine_chunks()
    if not contender:
        return {"seconds": 0.0, "memory": _memory()}
    run, _ = CONTENDERS[contender](table)
    kept, taken, began = run(), list[float](), time.perf_counter()
    while not taken or time.perf_counter() - began < seconds:
        start = time.process_time()
        kept = run()
        taken.append(time.process_time() - start)
    del kept
    return {"seconds": median(taken), "memory": _memory()}


def _memory() -> float:
    """The most memory that this process held, in bytes; `getrusage` would count the process that it came from too."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def in_memory(folder: Path, sizes: Iterable[int], rounds: int) -> None:
    """Tables of rates and of memory, for every size."""
    for size in sizes:
        names = ["", *(name for name in CONTENDERS if size <= AT_MOST.get(name, size))]
        found: dict[tuple[str, float], list[dict[str, float]]] = {}
        for silent in SILENCES:
            file = folder / "cases.arrow"
            table = cases(size, silent)
            with pa.OSFile(str(file), "wb") as sink, ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            del table
            asked = [name for name in names if not (silent and name in TWO_VALUED)]
            for _ in range(rounds):
                for name in asked:
                    found.setdefault((name, silent), []).append(_in_process(name, file))
        print(f"**{size:,} rows**\n")
        show([f"{size:,} rows; million rows a second", *(f"{s:.0%} silent" for s in SILENCES),
              "times unmet's time (10 %)", "peak memory, MB", "beyond the table's, MB"],
             _rows(names, found, size))  # fmt: skip
        print()


def _rows(names: list[str], found: dict[tuple[str, float], list[dict[str, float]]], size: int) -> Iterator[list[str]]:
    at = SILENCES[1]
    base = median(each["memory"] for each in found["", at])
    for name in names[1:]:
        shown = at if (name, at) in found else SILENCES[0]
        memory = median(each["memory"] for each in found[name, shown])
        pairs = zip(found[name, shown], found["unmet", shown], strict=True)
        rates = [
            f"{size / median(each['seconds'] for each in found[name, s]) / 1e6:,.3g}" if (name, s) in found else ""
            for s in SILENCES
        ]
        times = median(mine["seconds"] / ours["seconds"] for mine, ours in pairs)
        yield [name, *rates, f"{times:,.3g}", f"{memory / 1e6:,.0f}", f"{(memory - base) / 1e6:,.0f}"]


def _in_process(name: str, file: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.batch", "--worker", name, str(file), "0.5"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | ONE_CORE)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


# -- from file to file ----------------------------------------------------------------------------------------


def from_file_to_file(folder: Path, rows: int) -> None:
    """`unmet batch` from Parquet to Parquet: rows a second by the clock and by the processor, and memory."""
    file = folder / "cases.parquet"
    size = 1 << 20
    schema = cases(1, 0.1).schema
    with parquet.ParquetWriter(file, schema, compression="snappy") as writer:
        for number, start in enumerate(range(0, rows, size)):
            writer.write_table(cases(min(size, rows - start), 0.1, seed=number))
    lines = []
    for jobs in dict.fromkeys((1, os.cpu_count() or 1)):
        output = folder / f"answers_{jobs}.parquet"
        command = [sys.executable, "-m", "tests.benchmarks.peak", sys.executable, "-c",
                   "from unmet.cli import main; main()", "batch", str(file), "--kb", str(KNOWLEDGE_BASE), "-o",
                   str(output), "--policy", POLICY, "--jobs", str(jobs)]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        told = json.loads(ran.stdout.splitlines()[-1])
        assert parquet.read_metadata(output).num_rows == rows
        lines.append([jobs, f"{told['clock']:.1f}", f"{told['processor']:.1f}", f"{rows / told['clock'] / 1e6:.2f}",
                      f"{rows / told['processor'] / 1e6:.2f}", f"{told['memory'] / 1e6:,.0f}"])  # fmt: skip
    show([f"{rows:,} rows, Parquet to Parquet, 10 % silent; threads", "seconds", "processor seconds",
          "million rows a second", "million rows a second and core", "peak memory of all, MB"], lines)  # fmt: skip


if __name__ == "__main__":
    main()
