"""Worlds as near to the case as can be: what it says stays wherever it may."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from unmet.determine.decision import Decision
from unmet.facts.answers import Read, cells_of, reads_of
from unmet.facts.terms import Pair
from unmet.solver import Assumption, Core


class Nearby:
    """Finds worlds near to a case, many for one."""

    def __init__(self, decision: Decision) -> None:
        situation, program = decision.situation, decision.program
        self._program = program
        wishes: list[tuple[str | None, Sequence[Assumption]]] = [
            (pair[1], list(situation.excluded(pair, cells))) for pair, cells in situation.allowed.items()
        ]
        wishes += [(p.pair[1], list(situation.excluded(p.pair, situation.presumed_cells(p)))) for p in decision.applied]
        unlisted = [e for e in reversed(situation.domain.entities) if not situation.is_given(e)]
        wishes += [(None, situation.absent(e)) for e in unlisted]
        self._about = [attribute for attribute, _ in wishes]
        self._core = Core(program, (), [wish for _, wish in wishes])
        self._findings = [(atom, program.literals([(atom, True)])[0]) for atom in program.atoms("finding", 3)]
        self._may_read = [(atom, program.literals([(atom, True)])[0]) for atom in program.atoms("_may_read", 4)]
        self._reads = reads_of(program.atoms("_reads", 4))

    def world(
        self, base: Sequence[Assumption], changing: Collection[str]
    ) -> tuple[Mapping[Pair, str | int], Mapping[str, tuple[Read, ...]]]:
        """The values of the findings of a world that agrees with the base, and which findings are read there.

        Args:
            changing: the attributes that may have to give way; all others are tried together first.
        """
        core = self._core.under(base)
        order = sorted(range(len(self._about)), key=lambda i: self._about[i] is None or self._about[i] in changing)
        first = [i for i in order if self._about[i] is not None and self._about[i] not in changing]
        granted: list[int] = []

        def grant(some: Sequence[int]) -> None:
            """Each of these in turn, if it can be had beside those before: all at once, or half by half."""
            if core.satisfiable([*granted, *some]):
                granted.extend(some)
            elif len(some) > 1:
                grant(some[: len(some) // 2])
                grant(some[len(some) // 2 :])

        for some in (first, order[len(first) :]):
            if some:
                grant(some)
        atoms = [*self._findings, *self._may_read]
        held = self._program.holding(core.literals(granted), [literal for _, literal in atoms])
        assert held is not None, "a world was found for this change"
        true = [atoms[i][0] for i in held]
        may_read = reads_of(atom for atom in true if atom.name == "_may_read")
        return cells_of(atom for atom in true if atom.name == "finding"), {**self._reads, **may_read}
