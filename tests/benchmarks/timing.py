"""Times taken side by side: contenders run in turn, round by round, so that what slows the machine slows them all."""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds by the clock, and seconds of processor time of its process."""

    wall: float
    cpu: float


Contender = Callable[[], Sample]
"""Runs once and tells how long it took: what it does before it starts its clock is not counted."""


def timed(work: Callable[[], object], prepare: Callable[[], object] | None = None) -> Contender:
    """A contender that runs `work` in this process, after `prepare`, which is not counted."""

    def run() -> Sample:
        if prepare is not None:
            prepare()
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        return Sample(time.perf_counter() - wall, time.process_time() - cpu)

    return run


@dataclass(frozen=True, slots=True)
class Timing:
    """The samples of one contender, one a round."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def median(self) -> float:
        """The median by the clock, in seconds."""
        return median(s.wall for s in self.samples)

    @property
    def least(self) -> float:
        """The fastest run, in seconds."""
        return min(s.wall for s in self.samples)

    @property
    def most(self) -> float:
        """The slowest run, in seconds."""
        return max(s.wall for s in self.samples)

    @property
    def cpu(self) -> float:
        """The median of processor time, in seconds."""
        return median(s.cpu for s in self.samples)

    def times(self, other: Timing) -> float:
        """How many times as much processor time as another this one takes: the median over the rounds both ran in."""
        return median(a.cpu / b.cpu for a, b in zip(self.samples, other.samples, strict=False))

    def data(self) -> dict[str, object]:
        """For JSON, in seconds."""
        return {
            "runs": len(self.samples),
            "median": self.median,
            "min": self.least,
            "max": self.most,
            "cpu_median": self.cpu,
        }


def measure(contenders: Mapping[str, Contender], rounds: int, most_seconds: float = float("inf")) -> dict[str, Timing]:
    """Runs every contender once a round, each round beginning with another one.

    One that has used up `most_seconds` altogether sits out the remaining rounds. Nobody is warmed up here.
    """
    names = list(contenders)
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    for i in range(rounds):
        first = i % len(names)
        for name in [*names[first:], *names[:first]]:
            if sum(s.wall for s in samples[name]) < most_seconds:
                gc.collect()
                samples[name].append(contenders[name]())
    return {name: Timing(name, tuple(found)) for name, found in samples.items()}


def milliseconds(seconds: float) -> str:
    """A time in milliseconds, to three digits: `4.12`, `0.0312`, `1,240`."""
    value = seconds * 1000
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column to the left, the others to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def machine(packages: Iterable[str] = ("clingo",)) -> dict[str, str]:
    """What the times were taken on: processor, system, Python, and the versions of packages."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "processor": next(islice(models, 1), platform.processor() or platform.machine()),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }
