"""The verdict and the statuses of a block of rows: by circuits, and by the solver where those would be too large."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from unmet.batch.arrays import Numbers
from unmet.batch.block import Block
from unmet.batch.columns import Fault
from unmet.batch.plan import Kernel, Node, Trace, Vector, computed, constant
from unmet.batch.scenes import alike, scene
from unmet.batch.vectors import Forms, Vectors, packed, rows_of
from unmet.circuits.compiled import Compiled, Root
from unmet.circuits.exact import Limits
from unmet.circuits.formula import FALSE
from unmet.circuits.rules import Ground, deep
from unmet.determine.decision import Decision
from unmet.facts.answers import Read, met_symbol, outcomes_of, reads_of
from unmet.facts.domain import Domain
from unmet.facts.terms import Pair, outcome
from unmet.knowledge import Knowledge
from unmet.policy import Policy

LIMITS = Limits(gates=50_000)
"""How many gates a circuit may have before formulas are split no more."""

MOST_KERNELS = 64
"""Of how many forms of blocks it is remembered what is computed of them."""

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


class Judge:
    """A policy under one choice of readings, with so many slots for listed records."""

    def __init__(
        self, knowledge: Knowledge, policy: Policy, chosen: Mapping[str, str], slots: Mapping[str, int]
    ) -> None:
        self.knowledge, self.policy, self.chosen = knowledge, policy, dict(chosen)
        self.ground: Ground = knowledge.ground(policy, slots, chosen)
        self._compiled = Compiled(self.ground, LIMITS)
        self._roots: dict[bool, list[Root]] = {}
        self._kernels: dict[tuple[Hashable, ...], Kernel] = {}
        pairs = dict.fromkeys(v.pair for v in self.ground.variables if v.pair is not None)
        self._places = {pair: place for place, pair in enumerate(pairs)}
        self._presumed = _presumed(self.ground.domain)

    # -- formulas ---------------------------------------------------------------------------------------------

    @cached_property
    def _reads(self) -> tuple[tuple[tuple[str, Read], int], ...]:
        """The findings that a rule may read, by the name by which the outline knows the rule; and their formulas."""
        found = []
        for symbol, formula in self.ground.atoms.items():
            for key, reads in reads_of([symbol]).items():
                found += [((key, read), formula) for read in reads]
        return tuple(found)

    @cached_property
    def _criteria(self) -> tuple[str, ...]:
        return self.policy.outline(self.chosen).criteria

    @cached_property
    def _tied(self) -> tuple[Pair, ...]:
        """The findings that assumptions speak of."""
        variables = self.ground.variables
        return tuple(pair for v in sorted(self._compiled.tied()) if (pair := variables[v].pair) is not None)

    @cached_property
    def _presumes(self) -> bool:
        """Whether an assumption speaks of a finding that something is presumed of."""
        attributes = self.ground.domain.vocabulary.attributes
        return any(attributes[name].presumed is not None for _, name in self._tied)

    def _asked(self, *, fully: bool) -> list[int]:
        """The formulas of a block's vectors: outcomes, and for more each criterion, its negation, and the reads."""
        formulas, atoms = self.ground.formulas, self.ground.atoms
        wanted = [atoms.get(outcome(name), FALSE) for name in OUTCOMES]
        if fully:
            criteria = [atoms.get(met_symbol(name), FALSE) for name in self._criteria]
            wanted += [*criteria, *map(formulas.negation, criteria), *(formula for _, formula in self._reads)]
        return wanted

    def is_prepared(self, *, fully: bool) -> bool:
        """Whether what judging needs is compiled."""
        return fully in self._roots

    def prepare(self, *, fully: bool) -> None:
        """Compiles what judging needs, by one thread at a time."""
        if fully not in self._roots:
            with deep():
                _ = self._compiled.consistent, self._presumes
                self._roots[fully] = [self._compiled.root(formula) for formula in self._asked(fully=fully)]

    def _kernel(self, vectors: Vectors, fully: bool) -> Kernel:
        """What is computed of blocks whose columns have the same answers."""
        said = [None if each is None else each.answers for each in vectors.said]
        key = (fully, *(choices and choices.masks for choices in said))
        found = self._kernels.get(key)
        if found is None:
            if len(self._kernels) >= MOST_KERNELS:
                self._kernels.clear()
            trace = Trace()
            forms = Forms(self.ground, self._presumed, dict(zip(self._places, said, strict=True)), trace)
            found = self._kernels[key] = trace.kernel(self._traced(forms, trace, fully))
        return found

    def _traced(self, forms: Forms, trace: Trace, fully: bool) -> list[Node]:
        """The rows whose statements may break an assumption, those in doubt, those expanded; and what was asked for.

        In doubt are rows of which the circuits may say too much, and those whose presumptions do not hold together.
        """
        circuit, roots = self._compiled.circuit, self._roots[fully]
        unsure = doubt = trace.constant(False)
        if (whole := self._compiled.consistent) is not None:
            (stated,) = computed(circuit, [whole.gate], forms.bare, trace)
            doubt = self._open(forms, whole.doubtful)
            unsure = ~stated | doubt
            if self._presumes:
                (together,) = computed(circuit, [whole.gate], forms.leaf, trace)
                doubt = doubt | ~together
        found = computed(circuit, [root.gate for root in roots], forms.leaf, trace)
        for root, node in zip(roots, found, strict=True):
            if root.doubtful:
                doubt = doubt | (node & self._open(forms, root.doubtful))
        return [unsure, doubt, self._open(forms, self._compiled.split), *found]

    def _open(self, forms: Forms, variables: Iterable[int]) -> Node:
        """The rows that leave one of the variables open."""
        return forms.open_any(sorted(self._compiled.behind(variables)))

    # -- rows -------------------------------------------------------------------------------------------------

    def judge(self, block: Block, faults: list[Fault], *, fully: bool) -> Judged:
        """Judges the rows of a block; rows whose statements no world agrees with are added to the faults."""
        vectors = Vectors(block, self._places, self.ground, self.policy.spares, self._presumed)
        unsure, doubt, expanded, *found = self._kernel(vectors, fully).run(vectors.named, vectors.words)
        broken = self._broken(vectors, unsure & vectors.every, faults)
        judged = self._judged(vectors, found, fully)
        judged.solver = doubt & ~broken & vectors.every
        judged.expanded = expanded & vectors.every & ~judged.solver
        self._solve(judged, fully)
        return judged

    def _broken(self, vectors: Vectors, unsure: Vector, faults: list[Fault]) -> Vector:
        """Of rows that may break an assumption by what they state, those that do."""
        broken = vectors.constant(False)
        for rows in alike(vectors.block, rows_of(unsure, vectors.block.rows), self._tied):
            found = [Fault(rows, *each) for each in self._conflicts(vectors.block, int(rows[0]))]
            faults += found
            _put(broken, rows, bool(found))
        return broken

    def _conflicts(self, block: Block, row: int) -> Iterator[tuple[str, str]]:
        """What in a row contradicts what, by the engine of single cases."""
        for diagnostic in self.knowledge.conflicts(scene(block, row, self.ground.domain)):
            yield diagnostic.path or "", diagnostic.message

    def _judged(self, vectors: Vectors, found: list[Vector], fully: bool) -> Judged:
        """The vectors by name, in the order in which they were asked for; each a vector of its own."""
        given = iter(found)
        judged = Judged(vectors, {name: next(given).copy() for name in OUTCOMES})
        if fully:
            judged.criteria = {name: next(given).copy() for name in self._criteria}
            judged.failing = {name: next(given).copy() for name in self._criteria}
            judged.reads = {read: next(given).copy() for read, _ in self._reads}
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
        for name in self._criteria:
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


def _presumed(domain: Domain) -> dict[str, int]:
    """The cells that silence presumes of each attribute of which anything is presumed, as a mask."""
    found: dict[str, int] = {}
    for name, cells in domain.cells.items():
        attribute = domain.vocabulary.attributes[name]
        if attribute.presumed is not None:
            values = attribute.singleton(attribute.presumed)
            found[name] = sum(1 << i for i, cell in enumerate(cells) if values.meets(cell))
    return found


def _put(vector: Vector, rows: Numbers, value: bool) -> None:
    bits = np.zeros(len(vector) * 64, dtype=np.bool_)
    bits[rows] = True
    if value:
        vector |= packed(bits)
    else:
        vector &= ~packed(bits)
