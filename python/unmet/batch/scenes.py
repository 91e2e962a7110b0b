"""Single rows as scenes, for the engine of single cases."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from unmet.batch.arrays import Numbers
from unmet.batch.block import Block
from unmet.batch.lexicon import FIRST, MENTIONED
from unmet.case import Line, Scene, Statement
from unmet.diagnostics import Span
from unmet.facts.domain import Domain
from unmet.facts.terms import Cell, Pair
from unmet.values import Values
from unmet.vocabulary import Mode


def scene(block: Block, row: int, domain: Domain) -> Scene:
    """What one row says. A number stands for its class, which no rule tells from others there."""
    place = Span(f"row {row + 1}", 1, 1)
    statements: dict[Pair, Statement] = {}
    for pair in domain.pairs:
        if domain.is_listed(pair[0]) and int(pair[0].key or 0) > int(block.counts[pair[0].record][row]):
            continue
        said = block.of(pair)
        if said is None or (answer := int(said.ids[row])) < MENTIONED:
            continue
        values = _values(domain.cells[pair[1]], said.answers[answer].mask) if answer >= FIRST else None
        statements[pair] = Statement(pair[0], pair[1], values, place, column(pair))
    kinds = [kind for kind, record in domain.vocabulary.records.items() if record.mode is Mode.LISTED]
    return Scene(
        Line(f"row {row + 1}", None, None, (), (), place),
        statements,
        {kind: int(block.counts[kind][row]) for kind in kinds if kind in block.counts},
        frozenset(kind for kind in kinds if kind in block.complete and block.complete[kind][row]),
    )


def alike(block: Block, rows: Numbers, pairs: Iterable[Pair]) -> list[Numbers]:
    """Rows in groups that say the same of these findings and list as many records, in order of their first."""
    if not len(rows):
        return []
    columns = [said.ids[rows].astype(np.int64) for pair in pairs if (said := block.of(pair)) is not None]
    columns += [count[rows] for count in block.counts.values()]
    columns += [flags[rows].astype(np.int64) for flags in block.complete.values()]
    if not columns:
        return [rows]
    groups = np.zeros(len(rows), dtype=np.int64)
    for each in columns:  # numbered anew after each column, so that numbers stay small
        groups = np.unique(groups * (int(each.max()) + 1) + each, return_inverse=True)[1].ravel()
    order = np.argsort(groups, kind="stable")
    found = np.split(rows[order], np.flatnonzero(np.diff(groups[order])) + 1)
    return sorted(found, key=lambda group: int(group[0]))


def column(pair: Pair) -> str:
    """The name of a finding's column."""
    entity, name = pair
    return name if entity.key is None else f"{entity.record}.{entity.key}.{name}"


def _values(cells: tuple[Cell, ...], mask: int) -> Values:
    """The values of some cells."""
    held = [cell for i, cell in enumerate(cells) if mask >> i & 1]
    words = tuple(cell for cell in held if isinstance(cell, str))
    return Values(words, tuple(cell for cell in held if not isinstance(cell, str)))
