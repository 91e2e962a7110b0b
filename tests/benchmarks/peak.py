"""Runs a command and tells, as JSON on its last line, how long it took and the most memory that its processes held.

    python -m tests.benchmarks.peak COMMAND ...

Seconds by the clock and of the processor; memory is looked at every few milliseconds in Linux' `/proc`, over all
processes that the command started, with pages that they share counted once.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

PROC = Path("/proc")


def main() -> None:
    began = time.perf_counter()
    ran = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    most = 0
    while ran.poll() is None:
        most = max(most, sum(held(pid) for pid in family(ran.pid)))
        time.sleep(0.02)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {"clock": time.perf_counter() - began, "processor": used.ru_utime + used.ru_stime, "memory": most}
    print(json.dumps(told))
    sys.exit(ran.returncode)


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    found = [pid]
    for each in found:
        try:
            children = (PROC / str(each) / "task" / str(each) / "children").read_text()
        except OSError:
            continue
        found += map(int, children.split())
    return found


def held(pid: int) -> int:
    """The bytes that a process holds, its part of what is shared; 0 if it has ended."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
