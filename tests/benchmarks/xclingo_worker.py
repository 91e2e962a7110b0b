"""Runs xclingo in its own environment: a program in JSON on each line of the input, its explanations on the output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from xclingo import XclingoControl


def ground(program: str) -> Any:
    """The program read and ground, every explanation asked for."""
    control = XclingoControl(n_explanations="0")
    control.add("base", [], program)
    control.ground([("base", [])])
    return control


def explanations(control: Any) -> list[Any]:
    """The explanations of each atom that is shown, in every answer set."""
    found = []
    for model in control.solve():
        for graph in model.explain_model():
            found += [graph.explain(atom) for atom in graph.show_trace]
    return found


def leaves(explanation: Any) -> Iterator[str]:
    """The criteria in which an explanation ends."""
    for node, _ in explanation.preorder_iterator():
        if not node.causes and node.atom.arguments:
            yield str(node.atom.arguments[0])


def main() -> None:
    """Answers line by line."""
    kept: dict[str, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        program = asked["program"]
        with redirect_stdout(sys.stderr):  # xclingo's own messages
            if not asked["cold"] and program not in kept:
                kept[program] = ground(program)
            cpu, wall = time.process_time(), time.perf_counter()
            found = explanations(ground(program) if asked["cold"] else kept[program])
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        answer = {
            "wall": wall,
            "cpu": cpu,
            "leaves": [sorted(set(leaves(each))) for each in found],
            "first": str(found[0]) if found else "",
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
