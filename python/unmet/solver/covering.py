"""Worlds that together show all that some world shows (`encodings/covering.lp`).

Each question prefers what no world before it showed, so that a few dozen worlds show what thousands of atoms hold;
the last answer proves of all that is left that no world shows it. The worlds are kept: one refutes whatever it
contradicts (the signatures of SAT sweeping: Kuehlmann and Krohm, "Equivalence checking using cuts and heaps", 1997).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clingo import Function, Symbol

from unmet.solver.program import Assumption, Program


@dataclass(frozen=True, slots=True)
class Cover:
    """What some world shows, and for each watched atom in which of the worlds it holds: a bit a world."""

    shown: frozenset[Symbol]
    masks: tuple[int, ...]
    worlds: int


def cover(program: Program, under: Iterable[Assumption], watched: Sequence[Symbol]) -> Cover:
    """Asks for worlds until they show everything that some world does.

    Args:
        program: one that holds `covering.lp`; what is shown in it stays so.
        under: what holds in all worlds.
        watched: atoms of which it is kept in which of the worlds they hold.
    """
    left = {atom.arguments[0]: program.literal(atom) for atom in program.atoms("_shows", 1)}
    fixed = program.literals([*under, (Function("_new"), True)])
    kept = program.literals((atom, True) for atom in watched)
    shown: set[Symbol] = set()
    masks, worlds = [0] * len(kept), 0
    while (held := program.holding(fixed, [*kept, *left.values()])) is not None:
        terms = list(left)
        for i in held:
            if i < len(kept):
                masks[i] |= 1 << worlds
        new = [terms[i - len(kept)] for i in held if i >= len(kept)]
        program.assign(Function("_shown", [term]) for term in new)
        shown.update(new)
        for term in new:
            del left[term]
        worlds += 1
    return Cover(frozenset(shown), tuple(masks), worlds)
