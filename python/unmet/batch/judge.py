"""The verdict and the statuses of a block of rows: by circuits, and by the solver where those would be too large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from unmet.batch.arrays import Numbers
from unmet.batch.block import Block
from unmet.batch.circuit import Circuit, Plan, Vector, constant
from unmet.batch.columns import Fault
from unmet.batch.compile import Ground, deep, ground
from unmet.batch.exact import Exact, Slot, TooLarge
from unmet.batch.formula import Formulas
from unmet.batch.scenes import alike, scene
from unmet.batch.vectors import Vectors, any_of, packed, rows_of
from unmet.determine.decision import Decision
from unmet.facts.answers import Read, met_symbol, outcomes_of, reads_of
from unmet.facts.terms import Pair
from unmet.knowledge import Knowledge
from unmet.policy import Policy
from unmet.vocabulary import Entity

MOST_GATES = 50_000
"""How many gates a circuit may have before formulas are split no more."""

OUTCOMES = ("approve", "deny", "refer")


@dataclass
class Judged:
    """What holds in some world of each row, as vectors.

    `outcomes` and `criteria` are possible, `failing` criteria possibly not met; `reads` may be read; `wanting` holds
    for each finding the rows that do not state it where nothing is presumed. `solver` are rows decided one by one,
    `expanded` those in which an open finding is one that formulas were split by.
    """

    vectors: Vectors
    outcomes: dict[str, Vector]
    criteria: dict[str, Vector] = field(default_factory=dict)
    failing: dict[str, Vector] = field(default_factory=dict)
    reads: dict[tuple[str, Read], Vector] = field(default_factory=dict)
    dropped: dict[Pair, Vector] = field(default_factory=dict)
    solver: Vector = field(default_factory=lambda: constant(False, 0))
    expanded: Vector = field(default_factory=lambda: constant(False, 0))

    def drop(self, rows: npt.NDArray[np.bool_]) -> None:
        """Leaves out rows that have no answer."""
        if rows.any():
            left = ~packed(rows)
            self.vectors.every = self.vectors.every & left
            self.solver, self.expanded = self.solver & left, self.expanded & left

    def wanting(self, pair: Pair) -> Vector:
        """The rows that lack a statement of a finding."""
        found = self.vectors.wanting(pair)
        return found | self.dropped[pair] if pair in self.dropped else found


@dataclass(frozen=True)
class _Root:
    """A formula asked for: its gate, and the open variables with which the gate may say too much."""

    gate: int
    doubtful: tuple[int, ...] = ()


class Judge:
    """A policy under one choice of readings, with so many slots for listed records."""

    def __init__(
        self, knowledge: Knowledge, policy: Policy, chosen: Mapping[str, str], slots: Mapping[str, int]
    ) -> None:
        self.knowledge, self.policy, self.chosen = knowledge, policy, dict(chosen)
        self.ground: Ground = ground(knowledge, policy, chosen, slots)
        self._circuit = Circuit()
        domain, variables = self.ground.domain, self.ground.variables
        listed: dict[int, Slot] = {}
        for number, variable in enumerate(variables):
            entity = variable.entity or (variable.pair and variable.pair[0])
            if isinstance(entity, Entity) and domain.is_listed(entity):
                listed[number] = entity
        formulas = self.ground.formulas
        for number, values in self.ground.definitions.items():
            first = next(iter(formulas.masks(values[0])))
            if first in listed:
                listed[number] = listed[first]
        known = [number for number, variable in enumerate(variables) if variable.stated]
        self._exact = Exact(formulas, self._circuit, known, self.ground.definitions, listed, _rank, MOST_GATES)
        self._roots: dict[int, _Root] = {}
        self._plans: dict[bool, tuple[list[_Root], Plan]] = {}

    # -- formulas ---------------------------------------------------------------------------------------------

    def _root(self, formula: int) -> _Root:
        """The gate of a formula together with the assumptions that concern it."""
        if formula not in self._roots:
            whole = concerned(self.ground.formulas, formula, self.ground.assumptions)
            try:
                self._roots[formula] = _Root(self._exact.possible(whole))
            except TooLarge:
                self._roots[formula] = _Root(self._exact.plain(whole), tuple(self._exact.in_the_way(whole)))
        return self._roots[formula]

    @cached_property
    def _consistent(self) -> tuple[_Root, Plan]:
        """That no assumption is broken, and that findings of which one follows from others have some values."""
        with deep():
            root = self._root(self.ground.formulas.conjunction(self.ground.assumptions))
            gates = [root.gate]
            for values in self.ground.definitions.values():
                gates.append(self._circuit.disjunction([self._exact.possible(value) for value in values]))
        root = _Root(self._circuit.conjunction(gates), root.doubtful)
        return root, Plan(self._circuit, [root.gate])

    @cached_property
    def _tied(self) -> tuple[Pair, ...]:
        """The findings that assumptions speak of."""
        formulas = self.ground.formulas
        spoken = {v for each in self.ground.assumptions for v in formulas.masks(each)}
        every = self._exact.behind(spoken | set(self.ground.definitions))
        return tuple(pair for v in sorted(every) if (pair := self.ground.variables[v].pair) is not None)

    @cached_property
    def _presumes(self) -> bool:
        """Whether an assumption speaks of a finding that something is presumed of."""
        attributes = self.ground.domain.vocabulary.attributes
        return any(attributes[name].presumed is not None for _, name in self._tied)

    def _asked(self, *, fully: bool) -> list[int]:
        """The formulas of a block's vectors: outcomes, and for more each criterion, its negation, and the reads."""
        wanted = [self.ground.outcomes[name] for name in OUTCOMES]
        if fully:
            wanted += self.ground.criteria.values()
            wanted += [self.ground.formulas.negation(each) for each in self.ground.criteria.values()]
            wanted += [formula for found in self.ground.reads.values() for _, formula in found]
        return wanted

    def _plan(self, fully: bool) -> tuple[list[_Root], Plan]:
        if fully not in self._plans:
            with deep():
                roots = [self._root(formula) for formula in self._asked(fully=fully)]
            self._plans[fully] = (roots, Plan(self._circuit, [root.gate for root in roots]))
        return self._plans[fully]

    def prepare(self, *, fully: bool) -> None:
        """Compiles what judging needs, by one thread at a time."""
        with deep():
            self._plan(fully)
            if self.ground.assumptions or self.ground.definitions:
                _ = self._consistent, self._presumes

    # -- rows -------------------------------------------------------------------------------------------------

    def judge(self, block: Block, faults: list[Fault], *, fully: bool) -> Judged:
        """Judges the rows of a block; rows whose statements no world agrees with are added to the faults."""
        vectors = Vectors(block, self.ground, dict(self.policy.spares))
        doubt, broken = self._hold_assumptions(vectors, faults)
        roots, plan = self._plan(fully)
        found = plan.run(vectors.leaf, vectors.words)
        for root, vector in zip(roots, found, strict=True):
            if root.doubtful:
                doubt |= vector & self._open(vectors, root.doubtful)
        judged = self._judged(vectors, found, fully)
        judged.solver = doubt & ~broken & vectors.every
        judged.expanded = self._open(vectors, self._exact.split) & vectors.every & ~judged.solver
        self._solve(judged, fully)
        return judged

    def _open(self, vectors: Vectors, variables: Sequence[int] | set[int]) -> Vector:
        """The rows that leave one of the variables open."""
        return any_of((vectors.open(v) for v in sorted(self._exact.behind(variables))), vectors.words)

    def _hold_assumptions(self, vectors: Vectors, faults: list[Fault]) -> tuple[Vector, Vector]:
        """The rows whose presumptions do not all hold together, and those whose statements break an assumption."""
        doubt, broken = constant(False, vectors.words), constant(False, vectors.words)
        if not self.ground.assumptions and not self.ground.definitions:
            return doubt, broken
        root, plan = self._consistent
        (stated,) = plan.run(vectors.bare, vectors.words)
        doubt = self._open(vectors, root.doubtful)
        unsure = rows_of((~stated | doubt) & vectors.every, vectors.block.rows)
        for rows in alike(vectors.block, unsure, self._tied):
            found = [Fault(rows, *each) for each in self._conflicts(vectors.block, int(rows[0]))]
            faults += found
            _put(broken, rows, bool(found))
        if self._presumes:
            (together,) = plan.run(vectors.leaf, vectors.words)
            doubt |= ~together
        return doubt, broken

    def _conflicts(self, block: Block, row: int) -> Iterator[tuple[str, str]]:
        """What in a row contradicts what, by the engine of single cases."""
        for diagnostic in self.knowledge.conflicts(scene(block, row, self.ground.domain)):
            yield diagnostic.path or "", diagnostic.message

    def _judged(self, vectors: Vectors, found: list[Vector], fully: bool) -> Judged:
        """The vectors by name, in the order in which they were asked for; each a vector of its own."""
        given = iter(found)
        judged = Judged(vectors, {name: next(given).copy() for name in OUTCOMES})
        if fully:
            judged.criteria = {name: next(given).copy() for name in self.ground.criteria}
            judged.failing = {name: next(given).copy() for name in self.ground.criteria}
            for key, reads in self.ground.reads.items():
                for read, _ in reads:
                    judged.reads[key, read] = next(given).copy()
        return judged

    # -- the solver -------------------------------------------------------------------------------------------

    def _solve(self, judged: Judged, fully: bool) -> None:
        """Decides single rows by the solver and writes their answers into the vectors."""
        block = judged.vectors.block
        for rows in alike(block, rows_of(judged.solver, block.rows), self.ground.domain.pairs):
            self._write(judged, rows, self._decision(block, int(rows[0])), fully)

    def _decision(self, block: Block, row: int) -> Decision:
        return Decision(self.knowledge, self.policy, scene(block, row, self.ground.domain), self.chosen)

    def _write(self, judged: Judged, rows: Numbers, decision: Decision, fully: bool) -> None:
        """Writes one answer into the vectors of rows that say the same."""
        possible, certain = decision.consequences.possible, decision.consequences.certain
        outcomes = outcomes_of(possible)
        for name in OUTCOMES:
            _put(judged.outcomes[name], rows, name in outcomes)
        if not fully:
            return
        for name in self.ground.criteria:
            _put(judged.criteria[name], rows, met_symbol(name) in possible)
            _put(judged.failing[name], rows, met_symbol(name) not in certain)
        may = reads_of([*decision.program.atoms("_reads", 4), *possible])
        for (key, read), vector in judged.reads.items():
            _put(vector, rows, read in may.get(key, ()))
        applied = {presumed.pair for presumed in decision.applied}
        for presumed in decision.situation.presumptions:
            if presumed.pair not in applied:
                empty = constant(False, judged.vectors.words)
                _put(judged.dropped.setdefault(presumed.pair, empty), rows, True)


def _rank(slot: Slot | None) -> tuple[int, ...]:
    """Findings that do not belong to listed records are split first, then those of one record after the other."""
    return (1, int(slot.key or 0)) if isinstance(slot, Entity) else (0,)


def _put(vector: Vector, rows: Numbers, value: bool) -> None:
    bits = np.zeros(len(vector) * 64, dtype=np.bool_)
    bits[rows] = True
    if value:
        vector |= packed(bits)
    else:
        vector &= ~packed(bits)


def concerned(formulas: Formulas, formula: int, assumptions: Sequence[int]) -> int:
    """A formula together with the assumptions that share a variable with it, directly or through others."""
    reached, kept, rest = set(formulas.masks(formula)), [formula], list(assumptions)
    while more := [each for each in rest if reached & formulas.masks(each).keys()]:
        reached = reached.union(*(formulas.masks(each) for each in more))
        kept += more
        rest = [each for each in rest if each not in more]
    return formulas.conjunction(kept)
