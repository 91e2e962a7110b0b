"""Witnesses with one statement left out: of a witness that is minimal none shows what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from unmet.errors import CaseError
from unmet.findings import Finding, Witness
from unmet.knowledge import Knowledge
from unmet.suite import mismatches

Path = tuple[str | int, ...]

PAIRS = {"worse-loses", "presumption-decides", "documenting-loses", "double-counting"}
"""The codes whose witnesses are two cases that state the same findings."""

OWN = {"line", "policy", "date_of_service"}
"""What every line of a witness has and states nothing."""


Group = tuple[tuple[Witness, ...], frozenset[str]]
"""Witnesses that give up their statements together, and what two cases are about and state though others show it."""


def groups(findings: Sequence[Finding]) -> Iterator[Group]:
    """The witnesses of findings in groups."""
    for each in findings:
        if each.code in PAIRS:
            yield each.witnesses, frozenset(each.subjects[-1:] if each.code != "double-counting" else ())
        else:
            yield from alone(each.witnesses)


def alone(witnesses: Sequence[Witness]) -> list[Group]:
    """Each in a group of its own."""
    return [((witness,), frozenset()) for witness in witnesses]


def says_nothing(witness: Witness) -> bool:
    """Whether some expectation of a witness expects nothing."""
    expect = witness.case["expect"]
    every = expect if isinstance(expect, list) else [expect]
    return any(not line.get("criteria") for each in every for line in each["lines"].values())


def statements(case: Mapping[str, Any]) -> list[Path]:
    """Where a case states something: findings, records of lists, and that a list is complete."""
    found: list[Path] = []
    for record, held in case.items():
        if record == "request":
            found += [("request", "lines", 0, name) for name in held["lines"][0] if name not in OWN]
        elif record not in ("title", "expect"):
            found += _statements((record,), held)
    return found


def _statements(at: Path, held: Any) -> list[Path]:
    if isinstance(held, Mapping):
        return [path for name, each in held.items() for path in _statements((*at, name), each)]
    if isinstance(held, list):
        inner = [path for i, each in enumerate(held) for path in _statements((*at, i), each)]
        return [*inner, *((*at, i) for i in range(len(held)))]
    return [at]


def without(case: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The case without what it states in one place, if it states it."""
    smaller: Any = deepcopy(dict(case))
    held = smaller
    for part in path[:-1]:
        if part not in (range(len(held)) if isinstance(held, list) else held):
            return dict(smaller)
        held = held[part]
    if path[-1] in (range(len(held)) if isinstance(held, list) else held):
        del held[path[-1]]
    return dict(smaller)


def needless(kb: Knowledge, group: Group, step: int = 1) -> list[Path]:
    """What the cases of a group state and show the same without; with a `step`, of each so many statements one."""
    cases, kept = group
    paths = list(dict.fromkeys(path for each in cases for path in statements(each.case)))
    paths = [path for path in paths if path[-1] not in kept]
    return [path for path in paths[::step] if all(_replays(kb, without(each.case, path)) for each in cases)]


def _replays(kb: Knowledge, data: Mapping[str, Any]) -> bool:
    try:
        case = kb.case(data)
    except CaseError:
        return False
    return not list(mismatches(kb, case))
