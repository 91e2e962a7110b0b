"""Worlds that together show all that some world shows (`encodings/covering.lp`).

One search prefers what no world before showed, so that a few dozen worlds show what thousands of atoms hold; its end
proves of all that is left that no world shows it. The worlds are kept: one refutes whatever it contradicts (the
signatures of SAT sweeping: Kuehlmann and Krohm, "Equivalence checking using cuts and heaps", 1997).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clingo import Symbol

from unmet.solver.program import FALSE, TRUE, Assumption, Program


@dataclass(frozen=True, slots=True)
class Cover:
    """What some world shows, and for each watched atom in which of the worlds it holds: a bit a world."""

    shown: frozenset[Symbol]
    masks: tuple[int, ...]
    worlds: int


def cover(program: Program, under: Iterable[Assumption], watched: Sequence[Symbol]) -> Cover:
    """Seeks worlds until they show everything that some world does.

    Args:
        program: one that holds `covering.lp`; it can be asked this once.
        under: what holds in all worlds.
        watched: atoms of which it is kept in which of the worlds they hold.
    """
    wished = {atom.arguments[0]: program.literal(atom) for atom in program.atoms("_wished", 1)}
    kept = [(i, x) for i, x in enumerate(program.literals((atom, True) for atom in watched)) if x != FALSE]
    shown: set[Symbol] = set()
    masks, worlds = [0] * len(watched), 0
    for model in program.each_world(program.literals(under)):
        for i, literal in kept:
            if literal == TRUE or model.is_true(literal):
                masks[i] |= 1 << worlds
        new = model.symbols(terms=True)
        for term in new:
            model.context.add_clause([-wished[term]])
        shown.update(new)
        worlds += 1
    return Cover(frozenset(shown), tuple(masks), worlds)
