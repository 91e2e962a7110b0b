"""Which shipped cases take long to explain, and what of them does.

    python -m tests.benchmarks.explain_shipped [--over MILLISECONDS] [--json] [NAME ...]

Every case file, with silence open and closed, over a warm knowledge base that remembers no explanation: the faster of
two runs, in processor time.
NAME is a part of a case's name. A solve is one call of a solver, be it about the policy or about which sets are still
to be looked at.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch

from clingo import Control

from tests.benchmarks.timing import machine, milliseconds, table
from tests.shipped import CASE_FILES, name_of
from unmet import loading
from unmet.case import Case
from unmet.explain import explain
from unmet.explain import line as steps
from unmet.explain.approval import Approval
from unmet.knowledge import Knowledge
from unmet.results import Silence

PHASES = {
    "decide": "decision",
    "answer": "answer",
    "explain_denial": "denial",
    "explain_opening": "opening",
    "explain_support": "support",
    "explain_groups": "groups",
    "other_readings": "readings",
}
"""What `unmet.explain.line` calls for each part of an explanation."""


@dataclass
class Cost:
    """Seconds of processor time and solves, in all and of each phase."""

    seconds: float = 0.0
    solves: int = 0
    phases: dict[str, tuple[float, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """A case and what its explanation cost; the lines with their policies and verdicts."""

    name: str
    silence: Silence
    lines: tuple[tuple[str, str, str], ...]
    cost: Cost

    @property
    def phase(self) -> str:
        """The phase that takes longest."""
        return max(self.cost.phases, key=lambda p: self.cost.phases[p][0])


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    """Within it, solves and the times of the phases are added up."""
    solve: Callable[..., Any] = Control.solve

    def counting(*args: Any, **options: Any) -> Any:
        cost.solves += 1
        return solve(*args, **options)

    with ExitStack() as stack:
        stack.enter_context(patch.object(Control, "solve", counting))
        for name, phase in PHASES.items():
            stack.enter_context(patch.object(steps, name, _phase(cost, phase, getattr(steps, name))))
        yield


def _phase(cost: Cost, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def measured(*args: Any, **options: Any) -> Any:
        solves, start = cost.solves, time.process_time()
        try:
            return function(*args, **options)
        finally:
            seconds, asked = cost.phases.get(phase, (0.0, 0))
            cost.phases[phase] = (seconds + time.process_time() - start, asked + cost.solves - solves)

    return measured


def run(kb: Knowledge, case: Case, name: str, silence: Silence) -> Measured:
    """One explanation, with nothing remembered of those before it."""
    cost = Cost()
    Approval.forget()
    with counted(cost):
        start = time.process_time()
        found = explain(kb, case, silence)
        cost.seconds = time.process_time() - start
    lines = [each.determination for each in found.lines]
    return Measured(name, silence, tuple((d.line, d.policy or "none", d.verdict) for d in lines), cost)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.explain_shipped", description="Slow shipped cases."
    )
    parser.add_argument("--over", type=float, default=100, help="list what takes more milliseconds than this (100)")
    parser.add_argument("--json", action="store_true", help="print JSON, times in seconds")
    parser.add_argument("name", nargs="*", help="a part of the names of the cases; all without one")
    options = parser.parse_args()

    kb = loading.load()
    measured: list[Measured] = []
    for path in CASE_FILES:
        name = name_of(path)
        if options.name and not any(part in name for part in options.name):
            continue
        case = kb.read_case(path)
        for silence in Silence:
            runs = [run(kb, case, name, silence) for _ in range(3)]  # the first prepares programs
            measured.append(min(runs[1:], key=lambda m: m.cost.seconds))
    slow = [m for m in sorted(measured, key=lambda m: -m.cost.seconds) if m.cost.seconds * 1000 > options.over]

    if options.json:
        print(json.dumps({"machine": machine(), "explanations": [_data(m) for m in measured]}, indent=2))
        return
    seconds = [m.cost.seconds for m in measured]
    most = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    print(
        f"{len(measured)} explanations: median {milliseconds(median(seconds))} ms, 95 % within {milliseconds(most)} ms"
    )
    print(f"{len(slow)} take more than {options.over:g} ms:\n")
    print(table(("case", "silence", "lines", "ms", "solves", "most in", "ms", "solves"), map(_row, slow)))


def _row(m: Measured) -> tuple[object, ...]:
    seconds, solves = m.cost.phases[m.phase]
    lines = ", ".join(dict.fromkeys(f"{policy} {verdict}" for _, policy, verdict in m.lines))
    whole = (milliseconds(m.cost.seconds), m.cost.solves)
    return m.name, m.silence.value, lines, *whole, m.phase, milliseconds(seconds), solves


def _data(m: Measured) -> dict[str, object]:
    phases = {p: {"seconds": s, "solves": n} for p, (s, n) in m.cost.phases.items()}
    lines = [{"line": line, "policy": policy, "verdict": verdict} for line, policy, verdict in m.lines]
    whole = {"seconds": m.cost.seconds, "solves": m.cost.solves}
    return {"case": m.name, "silence": m.silence.value, "lines": lines, **whole, "phases": phases}


if __name__ == "__main__":
    main()
