"""A part of a world that keeps it from ending in one way, and which cases leave room for that part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from unmet.copies import Copies
from unmet.facts.layout import World
from unmet.facts.terms import Cell, Pair
from unmet.solver import Core
from unmet.vocabulary import Entity
from unmet.witness import Ground


@dataclass(frozen=True)
class Part:
    """What is so in a world: what some findings are, whether some are stated, whether some records are there.

    Findings that rules of the vocabulary tie are in it together, with the listed records that such a rule reads.
    """

    values: Mapping[Pair, Cell]
    stated: Mapping[Pair, bool]
    present: Mapping[Entity, bool]


def part_of(world: World, ground: Ground, tied: Sequence[tuple[Pair, ...]], claim: Sequence[int]) -> Part:
    """A part of a world that misses a claim, which no world with that part holds.

    Args:
        tied: the groups of findings that rules of the vocabulary tie together.
        claim: literals of the program that the world stands on.
    """
    layout = ground.layout
    values = {layout.is_cell(pair, cell): pair for pair, cell in world.cells.items()}
    stated = {_if(pair in world.stated, layout.stated[pair]): pair for pair in ground.untold if pair in world.cells}
    present = {_if(entity in world.entities, x): entity for entity, x in layout.present.items()}
    held = [*values, *stated, *present]
    kept = Core.of(ground.program, [*ground.fixed, *claim], [[x] for x in held]).few(range(len(held)))
    assert kept is not None, "a world that misses a claim does not hold it"
    blamed = {held[i] for i in kept}
    pairs, entities = {values[x] for x in blamed & set(values)}, {present[x] for x in blamed & set(present)}
    groups = [group for group in tied if not pairs.isdisjoint(group)]
    kinds = {e.record for e in entities}
    kinds.update(e.record for group in groups if len({e for e, _ in group}) > 1 for e, _ in group)
    return Part(
        {p: world.cells[p] for group in groups for p in group if p in world.cells},
        {stated[x]: stated[x] in world.stated for x in blamed & set(stated)},
        {e: e in world.entities for e in layout.present if e.record in kinds},
    )


def _if(truth: bool, literal: int) -> int:
    return literal if truth else -literal


def excluding(copies: Copies, part: Part, sides: Sequence[int], asked: Pair | None = None) -> Iterator[list[int]]:
    """The ways in which a case can leave no room for a part, in the world of the first of these sides.

    The case is silent about the finding that is asked for, if one is. It states the same of the worlds of all sides: of
    what differs, that it is one of both values. What it does not state is presumed where both worlds are as presumed,
    or the other one's own case states it.
    """
    own, apart = ([copies.layouts[side] for side in (0, 1) if (side in sides) is mine] for mine in (True, False))
    one, presumed = copies.layouts[sides[0]], dict(copies.domain.presumed_cells)
    for pair, cell in part.values.items():
        there = [one.present[pair[0]]] if pair[0] in one.present else []
        yield from ([-x] for x in there)
        if pair == asked:
            yield [*there, -one.is_cell(pair, cell)]
            continue
        yield [*there, one.stated[pair], *(-each.is_cell(pair, cell) for each in own)]
        if pair in presumed and cell not in presumed[pair]:
            as_presumed = [[-x for x in each.unlike(pair, presumed[pair])] for each in (*own, *apart)]
            yield [*there, -one.stated[pair], *chain(*as_presumed)]
            if apart:
                yield [*there, -one.stated[pair], *as_presumed[0], apart[0].stated[pair]]
    for pair, is_stated in part.stated.items():
        yield [_if(not is_stated, one.stated[pair])]
    for entity, is_there in part.present.items():
        yield [_if(not is_there, one.present[entity])]
