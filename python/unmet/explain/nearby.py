"""Worlds as near to the case as can be: what it says stays wherever it may."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from unmet.determine.decision import Decision
from unmet.facts.answers import Read, cells_of, reads_of
from unmet.facts.terms import Pair, finding
from unmet.solver import Assumption, Core, Symbol


class Nearby:
    """Finds worlds near to a case, many for one."""

    def __init__(self, decision: Decision) -> None:
        situation, program = decision.situation, decision.program
        self._program, self._situation = program, situation
        wishes: list[tuple[str | None, Sequence[Assumption]]] = [
            (pair[1], list(situation.excluded(pair, cells))) for pair, cells in situation.allowed.items()
        ]
        wishes += [(p.pair[1], list(situation.excluded(p.pair, situation.presumed_cells(p)))) for p in decision.applied]
        unlisted = [e for e in reversed(situation.domain.entities) if not situation.is_given(e)]
        wishes += [(None, situation.absent(e)) for e in unlisted]
        self._about = [attribute for attribute, _ in wishes]
        self._core = Core(program, (), [wish for _, wish in wishes])
        atoms = [*program.atoms("finding", 3), *program.atoms("_may_read", 4)]
        literals = program.literals((atom, True) for atom in atoms)
        self._atoms: dict[str, list[tuple[Symbol, int]]] = {}
        for atom, literal in zip(atoms, literals, strict=True):
            attribute = atom.arguments[1] if atom.name == "finding" else atom.arguments[3]
            self._atoms.setdefault(attribute.name, []).append((atom, literal))
        self._values: dict[Pair, list[int]] = {}
        self._reads = reads_of(program.atoms("_reads", 4))

    def _with_first_values(self, fixed: list[int], changing: Collection[str]) -> list[int]:
        """Literals that leave each changing finding one value: the first it can have, one finding after another.

        So the world does not depend on what the solver was asked before.
        """
        held = self._program.holding
        for pair in (p for p in self._situation.domain.pairs if p[1] in changing):
            cells = self._cells(pair)
            found = held(fixed, cells)
            while found and found[0] > 0 and (earlier := held([*fixed, *(-x for x in cells[found[0] :])], cells)):
                found = earlier
            if found:  # else there is no such record
                fixed = [*fixed, cells[found[0]]]
        return fixed

    def _cells(self, pair: Pair) -> list[int]:
        """The literals of a finding's values, in the order of the vocabulary."""
        if pair not in self._values:
            cells = self._situation.domain.cells[pair[1]]
            self._values[pair] = self._program.literals((finding(pair, cell), True) for cell in cells)
        return self._values[pair]

    def world(
        self, base: Sequence[Assumption], changing: Collection[str]
    ) -> tuple[Mapping[Pair, str | int], Mapping[str, tuple[Read, ...]]]:
        """The values of changing findings in a world that agrees with the base, and which findings are read there.

        Args:
            changing: the attributes that may have to give way; all others are tried together first.
        """
        core = self._core.under(base)
        places = range(len(self._about))
        last = [i for i in places if self._about[i] is None or self._about[i] in changing]
        granted = core.granted([i for i in places if i not in set(last)], [])
        granted = core.granted(last, granted)
        fixed = self._with_first_values(core.literals(granted), changing)
        atoms = [each for name in sorted(changing) for each in self._atoms.get(name, ())]
        held = self._program.holding(fixed, [literal for _, literal in atoms])
        assert held is not None, "a world was found for this change"
        true = [atoms[i][0] for i in held]
        may_read = reads_of(atom for atom in true if atom.name == "_may_read")
        return cells_of(atom for atom in true if atom.name == "finding"), {**self._reads, **may_read}
