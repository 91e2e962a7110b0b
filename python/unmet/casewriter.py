"""A case as plain data, as a file would hold it: what `unmet.casefile` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from unmet.vocabulary import LEVEL, REQUEST, Entity, Mode, Vocabulary

Pair = tuple[Entity, str]

Stated = str | int | tuple[str | int, ...]
"""A value, or several of which one is so."""


@dataclass(frozen=True)
class Draft:
    """What a case is to state: of some findings a value, one of several, or None for `unclear`; its listed records.

    `complete` names the listed kinds of which there are no others.
    """

    values: Mapping[Pair, Stated | None]
    listed: Mapping[str, int] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()


def case_data(
    vocabulary: Vocabulary, draft: Draft, lines: Iterable[Mapping[str, Any]], title: str, expect: Any = None
) -> dict[str, Any]:
    """The case of a draft.

    Args:
        lines: of each line what is its own: `line`, `code` or `policy`, `date_of_service`. What the draft states of
            the request goes to every line.
        expect: an expectation, or a list of them; left out where there is none.
    """
    own = _findings(vocabulary, draft, Entity(REQUEST))
    if LEVEL in own:
        own["levels"] = own.pop(LEVEL)
    data: dict[str, Any] = {"title": title, "request": {"lines": [{**line, **own} for line in lines]}}
    for record in vocabulary.records.values():
        if record.name != REQUEST and (held := _record(vocabulary, draft, record.name)):
            data[record.name] = held
    return data if expect is None else {**data, "expect": expect}


def _record(vocabulary: Vocabulary, draft: Draft, kind: str) -> Any:
    record = vocabulary.records[kind]
    if record.mode is Mode.ONE:
        return _findings(vocabulary, draft, Entity(kind))
    if record.mode is Mode.KEYED:
        entries = {key: _findings(vocabulary, draft, Entity(kind, key)) for key in record.keys}
        return {key: found for key, found in entries.items() if found}
    listed = [_findings(vocabulary, draft, Entity(kind, i + 1)) for i in range(draft.listed.get(kind, 0))]
    if kind not in draft.complete:
        return listed
    return {"complete": "yes", "listed": listed} if listed else {"complete": "yes"}


def _findings(vocabulary: Vocabulary, draft: Draft, entity: Entity) -> dict[str, Any]:
    """What is stated of one entity, in the order of the vocabulary."""
    return {
        a.name: _written(vocabulary, a.name, draft.values[entity, a.name])
        for a in vocabulary.of_record(entity.record)
        if (entity, a.name) in draft.values
    }


def _written(vocabulary: Vocabulary, name: str, value: Stated | None) -> Any:
    """A value as a case writes it: a word, or a number with its decimals; a list of several."""
    if value is None:
        return "unclear"
    if isinstance(value, tuple):
        return [_written(vocabulary, name, each) for each in value]
    if isinstance(value, str):
        return value
    numeral = vocabulary.attributes[name].numeral(value)
    return float(numeral) if "." in numeral else int(numeral)
