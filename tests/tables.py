"""Cases as rows of tables: what `tests.model` has as data, and the shipped cases, in the columns of docs/batch.md."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import unmet
from tests.model import Attribute, Case, Entity, KnowledgeBase, Value
from tests.writers import statement
from unmet.vocabulary import Mode, Type

Row = dict[str, Any]


def row(kb: KnowledgeBase, case: Case) -> Row:
    """A generated case as a row: words and numbers as text, ranges and lists as a case file has them."""
    found: Row = {}
    for kind in kb.kinds:
        if kind.sort == "listed":
            found[kind.name] = [entry(kb, case, entity) for entity in case.entities(kind)]
            found[f"{kind.name}.complete"] = kind.name in case.complete
            continue
        for entity in case.entities(kind):
            above = "" if entity.key is None else f"{entity.kind}.{entity.key}."
            found |= {f"{above}{name}": value for name, value in entry(kb, case, entity).items()}
    return found


def entry(kb: KnowledgeBase, case: Case, entity: Entity) -> Row:
    """What is stated of one entity."""
    return {
        name: written(kb.attribute(name), values) for (of, name), values in case.stated.items() if of == entity
    }  # fmt: skip


def written(attribute: Attribute, values: tuple[Value, ...]) -> str | list[str]:
    """A statement as a cell: one word, number or range as text, else a list."""
    text = statement(attribute, values)
    return [str(value) for value in values] if text.startswith("[") else text.strip('"')


def columns(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Rows as columns; a column in which any row has a list holds lists."""
    every = list(rows)
    found = {name: [each.get(name) for each in every] for name in dict.fromkeys(name for r in every for name in r)}
    return {name: evened(values) for name, values in found.items()}


def evened(values: list[Any]) -> list[Any]:
    """Values of one form: lists where one is a list, and so within the records of a list."""
    records = [each for value in values if isinstance(value, list) for each in value if isinstance(each, dict)]
    if records or any(value == [] for value in values):
        names = dict.fromkeys(name for each in records for name in each)
        even = {name: iter(evened([each.get(name) for each in records])) for name in names}
        return [value and [{name: next(even[name]) for name in names} for _ in value] for value in values]
    if any(isinstance(value, list) for value in values):
        return [value if isinstance(value, list) or value is None else spread(value) for value in values]
    return values


def spread(value: str) -> list[str]:
    """A single text as a list of one."""
    return [value]


def random_rows(
    base: unmet.KnowledgeBase, policy: str, count: int, silent: float, seed: int = 1, most: int = 3
) -> list[Row]:
    """Random cases of a shipped policy: values at random, so much of them silent."""
    draw = random.Random(f"{policy} {silent} {seed}")
    vocabulary = base.vocabulary
    names = vocabulary.linked(base.policy(policy).attributes)

    def value(name: str) -> Any:
        attribute = vocabulary.attributes[name]
        if draw.random() < silent:
            return None
        if attribute.type is Type.NUMBER:
            cuts = sorted(base.policy(policy).cuts.get(name, ())) or [attribute.low]
            near = draw.choice(cuts) + draw.randint(-2, 2) if draw.random() < 0.7 else draw.randint(0, 200)
            scaled = min(max(near, attribute.low), attribute.high)
            return scaled / 10**attribute.places if attribute.places else scaled
        return draw.choice(attribute.options)

    def entries(kind: str) -> Mapping[str, Any]:
        return {a.name: value(a.name) for a in vocabulary.of_record(kind) if a.name in names}

    def one() -> Row:
        found: Row = {}
        for kind, record in vocabulary.records.items():
            if record.mode is Mode.LISTED:
                if any(vocabulary.attributes[name].record == kind for name in names):
                    found[kind] = [entries(kind) for _ in range(draw.randint(0, most))]
                    found[f"{kind}.complete"] = draw.random() < 0.3
            elif record.mode is Mode.KEYED:
                for key in record.keys:
                    found |= {f"{kind}.{key}.{name}": v for name, v in entries(kind).items()}
            else:
                found |= entries(kind)
        return found

    return [{"id": f"case {number}", **one()} for number in range(count)]


def as_case(base: unmet.KnowledgeBase, row: Row, policy: str, day: str) -> dict[str, Any]:
    """A row as the data of a case file with one line under a policy."""
    vocabulary = base.vocabulary
    line: dict[str, Any] = {"policy": policy}
    found: dict[str, Any] = {"request": {"date_of_service": day, "lines": [line]}}
    for name, value in row.items():
        if value is None or name == "id" or name.endswith(".complete"):
            continue
        parts = name.split(".")
        if isinstance(value, list) and parts[0] in vocabulary.records:
            entries = [{k: v for k, v in each.items() if v is not None} for each in value]
            found[name] = {"complete": bool(row.get(f"{name}.complete")), "listed": entries}
        elif len(parts) == 3:
            found.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = value
        elif name == "level":
            line["levels"] = value
        elif vocabulary.attributes[name].record == "request":
            line[name] = value
        else:
            found.setdefault(vocabulary.attributes[name].record, {})[name] = value
    return found
