"""Worlds as near to the case as can be: what it says stays wherever it may."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from unmet.determine.decision import Decision
from unmet.explain.approval import Approval
from unmet.facts.answers import Read, read_of, reads_of
from unmet.facts.terms import Cell, Pair, finding
from unmet.solver import Assumption, Core, Program

Cells = Mapping[Pair, str | int]
Reads = Mapping[str, tuple[Read, ...]]


class Atlas:
    """The literals by which a program's worlds are read, looked up once for all cases."""

    def __init__(self, decision: Decision) -> None:
        self._program, self._domain = decision.program, decision.situation.domain
        self.always = reads_of(self._program.atoms("_reads", 4))
        self._values: dict[Pair, list[int]] = {}
        self._may_read: dict[str, list[tuple[str, Read, int]]] = {}
        for atom in self._program.atoms("_may_read", 4):
            key, read = read_of(atom)
            self._may_read.setdefault(read.pair[1], []).append((key, read, self._program.literal(atom)))

    def values(self, pair: Pair) -> list[int]:
        """A finding's values, in the order of the vocabulary."""
        if pair not in self._values:
            cells = self._domain.cells[pair[1]]
            self._values[pair] = self._program.literals((finding(pair, cell), True) for cell in cells)
        return self._values[pair]

    def may_read(self, attributes: Iterable[str]) -> list[tuple[str, Read, int]]:
        """What rules may read of some attributes, by the name of the criterion, part or helper."""
        return [each for name in sorted(attributes) for each in self._may_read.get(name, ())]


class Nearby:
    """Finds worlds near to a case, many for one."""

    def __init__(self, decision: Decision, approval: Approval, about: Iterable[Pair]) -> None:
        """`about` are the findings that a world is wanted for, and all that bear on these."""
        situation = decision.situation
        self._program, self._about = decision.program, list(about)
        self._atlas = approval.remembered("atlas", lambda: Atlas(decision))
        self._cells = situation.domain.cells
        mine, records = set(self._about), {entity for entity, _ in self._about}
        said = [(pair, cells) for pair, cells in situation.allowed.items() if pair in mine]
        said += [(p.pair, situation.presumed_cells(p)) for p in decision.applied if p.pair in mine]
        unlisted = [e for e in reversed(situation.domain.entities) if e in records and not situation.is_given(e)]
        wishes: list[Sequence[Assumption]] = [list(situation.excluded(pair, cells)) for pair, cells in said]
        self._wished: list[str | None] = [pair[1] for pair, _ in said] + [None] * len(unlisted)
        self._core = Core(decision.program, (), [*wishes, *(situation.absent(e) for e in unlisted)])

    def world(self, base: Sequence[Assumption], changing: Collection[str]) -> tuple[Cells, Reads]:
        """The values of changing findings in a world that agrees with the base, and which findings are read there.

        Each changing finding has the first value that it can have, one finding after another: so the world does not
        depend on what the solver was asked before.

        Args:
            changing: the attributes that may have to give way; all others are tried together first.
        """
        core, wished = self._core.under(base), self._wished
        last = [i for i, name in enumerate(wished) if name is None or name in changing]
        first = [i for i in range(len(wished)) if i not in set(last)]
        view = _View(self._program, self._atlas, [p for p in self._about if p[1] in changing], changing)
        granted, seen = core.granted([*first, *last], view.atoms)
        return view.with_first_values(core.literals(granted), seen, self._cells)


class _View:
    """Some findings of a world, and what is read of them, as positions among the atoms that are asked for."""

    def __init__(self, program: Program, atlas: Atlas, pairs: Sequence[Pair], attributes: Collection[str]) -> None:
        self._program, self._atlas = program, atlas
        self._may_read = atlas.may_read(attributes)
        self._spans: dict[Pair, range] = {}
        self.atoms = [literal for _, _, literal in self._may_read]
        for pair in pairs:
            values = atlas.values(pair)
            self._spans[pair] = range(len(self.atoms), len(self.atoms) + len(values))
            self.atoms += values

    def with_first_values(
        self, fixed: list[int], seen: Collection[int], cells: Mapping[str, Sequence[Cell]]
    ) -> tuple[Cells, Reads]:
        """The first values of the findings beside what is fixed, from a world that has been seen on."""
        fixed, found = list(fixed), dict[Pair, str | int]()
        for pair, span in self._spans.items():
            held = next((i for i in span if i in seen), None)
            if held is None:  # there is no such record
                continue
            while held > span.start and (earlier := self._see([*fixed, *(-x for x in self.atoms[held : span.stop])])):
                seen, held = earlier, next(i for i in span if i in earlier)
            fixed.append(self.atoms[held])
            cell = cells[pair[1]][held - span.start]
            found[pair] = cell if isinstance(cell, str) else cell[0]
        reads: dict[str, list[Read]] = {}
        for place, (key, read, _) in enumerate(self._may_read):
            if place in seen:
                reads.setdefault(key, []).append(read)
        return found, {**self._atlas.always, **{key: tuple(each) for key, each in reads.items()}}

    def _see(self, literals: Sequence[int]) -> Collection[int] | None:
        held = self._program.holding(literals, self.atoms)
        return None if held is None else set(held)
