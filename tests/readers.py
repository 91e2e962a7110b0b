"""Case files as plain data for the oracle: the counterpart of `tests.writers`."""

from __future__ import annotations

from typing import Any

from tests.model import Case, Entity, KnowledgeBase, Value
from tests.oracle import Key


def case_of(kb: KnowledgeBase, data: dict[str, Any]) -> Case:
    """The case of a file of one line, as the oracle reads it."""
    found: dict[Key, tuple[Value, ...]] = {}
    listed, complete = dict[str, int](), set[str]()
    for kind in kb.kinds:
        held = data.get(kind.name, {})
        if kind.name == "request":
            (held,) = held["lines"]
        entries = {None: held} if kind.sort == "one" else held
        if kind.sort == "listed":
            complete |= {kind.name} if isinstance(held, dict) and held.get("complete") == "yes" else set()
            records = held.get("listed", []) if isinstance(held, dict) else held
            entries = dict(enumerate(records, 1))
            listed[kind.name] = len(records)
        names = {each.name for each in kb.attributes if each.kind == kind.name}
        for key, findings in entries.items():
            for name in names & findings.keys():
                found[Entity(kind.name, key), name] = values(findings[name])
    return Case(found, listed, frozenset(complete))


def values(written: Any) -> tuple[Value, ...]:
    """What a file states of a finding."""
    if written == "unclear":
        return ()
    return tuple(written) if isinstance(written, list) else (written,)
