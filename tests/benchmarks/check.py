"""The time of `unmet check`: on the shipped knowledge base, and on generated policies of growing size.

    python -m tests.benchmarks.check [--sizes 50 200 1000]

A generated policy is a tree: bars and indications under `necessary`, groups of four below them (ALL, ANY, AT LEAST 2 in
turn), and leaves over flags, numbers and scales of their own, now and then shared. A size makes always the same policy.
Times are those of the process (CPU) and of the clock, loading apart.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from unmet import loading
from unmet.check import check
from unmet.knowledge import Knowledge

SIZES = (50, 200, 1000)
WIDTH = 4


def policy(size: int, seed: int = 1) -> tuple[str, str]:
    """A vocabulary and a policy of about so many criteria."""
    draw = random.Random(seed)
    words, rules, names = list[str](), list[str](), list[str]()
    leaves = size * (WIDTH - 1) // WIDTH
    for i in range(leaves):
        words.append(_attribute(i))
        shared = draw.randrange(i) if i and draw.random() < 0.05 else i
        rules.append(f'criterion(leaf_{i}, "Leaf {i}", "Leaves").\nmet(leaf_{i}) :- {_test(shared, draw)}.')
        names.append(f"leaf_{i}")
    made = 0
    while len(names) > WIDTH:
        groups: list[str] = []
        for start in range(0, len(names), WIDTH):
            name = f"group_{made}"
            rules.append(f'criterion({name}, "Group {made}", "Groups").')
            rules += _group(name, names[start : start + WIDTH], made)
            groups.append(name)
            made += 1
        names = groups
    literals = [f"not met({n})" if i == len(names) - 1 and i else f"met({n})" for i, n in enumerate(names)]
    rules.append(f'criterion(necessary, "Necessary", "Root").\nmet(necessary) :- {", ".join(literals)}.')
    head = 'policy(sample, "Sample").\nversion("1").  document("Generated").  effective("2026-01-01").  covers("X1").'
    kinds = "record(patient, one).  record(request, one).\ndate(request, date_of_service).\n"
    kinds += 'text(date_of_service, "", "Date of service").'
    return "\n".join([kinds, *words, ""]), "\n".join([head, *rules, ""])


def _attribute(i: int) -> str:
    kind = (
        "flag(patient, a{0}).",
        "number(patient, a{0}, 0, 100).",
        "scale(patient, a{0}, (low, 0; middle, 1; high, 2)).",
    )
    return f'{kind[i % 3].format(i)}  text(a{i}, "", "Attribute {i}").'


def _test(i: int, draw: random.Random) -> str:
    if i % 3 == 0:
        return f"finding(patient, a{i}, yes)"
    if i % 3 == 1:
        return f"finding(patient, a{i}, V), V >= {draw.randrange(1, 100)}"
    return f"at_least(patient, a{i}, {draw.choice(('middle', 'high'))})"


def _group(name: str, members: list[str], number: int) -> Iterator[str]:
    if len(members) == 1 or number % 3 == 0:
        yield f"met({name}) :- {', '.join(f'met({m})' for m in members)}."
    elif number % 3 == 1:
        yield from (f"met({name}) :- met({m})." for m in members)
    else:
        yield f"met({name}) :- 2 {{ {'; '.join(f'met({m})' for m in members)} }}."


def load(size: int) -> Knowledge:
    """The knowledge base of one generated policy."""
    words, rules = policy(size)
    with tempfile.TemporaryDirectory() as name:
        for path, text in (("vocabulary/words.lp", words), ("policies/sample/2026-01-01.lp", rules)):
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_text(text, encoding="utf-8")
        return loading.load(Path(name))


def timed(what: str, base: Knowledge) -> None:
    """Prints one row."""
    cpu, clock = time.process_time(), time.perf_counter()
    findings = len(check(base, day="2026-06-01").findings)
    print(f"{what:32} {findings:8} {time.process_time() - cpu:8.2f} {time.perf_counter() - clock:8.2f}", flush=True)


def main() -> None:
    """Runs all sizes."""
    parser = argparse.ArgumentParser(description="time unmet check")
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES)
    sizes = parser.parse_args().sizes
    print(f"{'':32} {'findings':>8} {'CPU s':>8} {'clock s':>8}")
    shipped = loading.load()
    timed("shipped knowledge base", shipped)
    for size in sizes:
        base = load(size)
        (only,) = base.policies
        timed(f"generated, {len(only.criteria)} criteria", base)


if __name__ == "__main__":
    main()
