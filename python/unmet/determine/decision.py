"""One line, or one level of it, under one version and one choice of readings: verdict, statuses, what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from unmet.case import Scene, Statement
from unmet.determine.basis import Basis, Leaf
from unmet.determine.worlds import Worlds
from unmet.facts.domain import Presumed, Situation
from unmet.facts.terms import Pair
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, REFERRAL, Outline, Policy
from unmet.results import Cause, CriterionStatus, Evidence, Origin, Presumption, Silence, Status, Verdict
from unmet.solver import Assumption, Consequences, Program

VERDICTS = {"approve": Verdict.APPROVED, "deny": Verdict.DENIED, "refer": Verdict.REFERRED}
"""The verdict that each outcome of all worlds makes."""


@dataclass(frozen=True)
class Decision:
    """One line held against one version under one choice of readings.

    `more` is room for records beyond those that the rules can tell apart, for questions about such records.
    """

    knowledge: Knowledge
    policy: Policy
    scene: Scene
    chosen: Mapping[str, str]
    more: Mapping[str, int] | None = None

    @cached_property
    def outline(self) -> Outline:
        return self.policy.outline(self.chosen)

    @cached_property
    def worlds(self) -> Worlds:
        """The worlds of the line."""
        prepared, situation = self.knowledge.prepared(self.policy, self.scene, more=self.more)
        return Worlds(prepared, situation, self.policy, self.chosen)

    @property
    def program(self) -> Program:
        """The prepared program of the policy."""
        return self.worlds.prepared.program

    @property
    def situation(self) -> Situation:
        """The case over the policy's domain."""
        return self.worlds.situation

    @property
    def applied(self) -> tuple[Presumed, ...]:
        """The presumptions that apply: those in every maximal consistent set of them."""
        return tuple(self.worlds.applied.values())

    @property
    def under_readings(self) -> list[Assumption]:
        """The choice of readings, as assumptions."""
        return self.worlds.under_readings

    @cached_property
    def of_case(self) -> list[Assumption]:
        """What the case states and what is presumed, as assumptions, and that nothing else is stated."""
        return [*self.situation.assumptions(), *self._presumed_values()]

    @cached_property
    def what_is_said(self) -> list[Assumption]:
        """What the case states and what is presumed, whatever else is stated."""
        return [*self.situation.assumptions(silent=False), *self._presumed_values()]

    def _presumed_values(self) -> Iterator[Assumption]:
        situation = self.situation
        for presumed in self.applied:
            yield from situation.excluded(presumed.pair, situation.presumed_cells(presumed))

    @cached_property
    def consequences(self) -> Consequences:
        """What holds in some world of the case, and what in all."""
        atoms, worlds = self.worlds.prepared.legend.atoms, self.worlds
        return Consequences(frozenset(atoms[i] for i in worlds.possible), frozenset(atoms[i] for i in worlds.certain))

    def verdict(self, silence: Silence) -> Verdict:
        """The verdict of the line on the policy's criteria alone."""
        outcomes = self.worlds.outcomes
        if len(outcomes) > 1:
            return Verdict.DENIED if silence is Silence.CLOSED else Verdict.PENDED
        return VERDICTS[outcomes[0]]

    def status(self, name: str) -> Status:
        """The status of a criterion or part over all worlds."""
        return self.worlds.status(name)

    @property
    def statuses(self) -> Mapping[str, Status]:
        """The status of every criterion, and of parts."""
        return self.worlds.statuses

    def referral(self) -> Cause:
        """The criterion behind a referral."""
        root = self.policy.criteria["referral"]
        return Cause("criterion", f"{root.text} ({root.citation})")

    # -- what a status rests on -------------------------------------------------------------------------------

    @cached_property
    def basis(self) -> Basis:
        """What the criteria in use rest on."""
        return Basis.of(self.worlds.prepared, self.outline, self.situation, self.worlds.possible)

    def pairs(self, leaf: str) -> tuple[Pair, ...]:
        """The findings a leaf rests on, through its parts too, of entities that the case lists."""
        return self.basis.leaves[leaf].deep

    def all_pairs(self, name: str) -> set[Pair]:
        """The findings a leaf may read, of records that the case may not list too."""
        absent = self.situation.is_absent
        return {read.pair for _, _, read in self.basis.read_by(name) if not absent(read.pair[0])}

    def undocumented_pairs(self, name: str) -> set[Pair]:
        """The findings that a leaf asks to be documented and that the case does not state."""
        situation = self.situation
        return {
            read.pair
            for _, rule, read in self.basis.read_by(name)
            if read.pair[1] in rule.documented
            and read.pair not in situation.stated
            and not situation.is_absent(read.pair[0])
        }

    def _rests_on(self, leaf: Leaf) -> tuple[Evidence, ...]:
        """The evidence of a leaf, its parts apart."""
        return tuple([self._located(pair) if locates else self._evidence(pair) for pair, locates in leaf.own])

    def _located(self, pair: Pair) -> Evidence:
        return replace(self._evidence(pair), locates=True)

    def in_order(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Findings by entity, then in the order of the vocabulary."""
        return sorted(pairs, key=self.situation.domain.rank.__getitem__)

    def evidence(self, pairs: Iterable[Pair]) -> tuple[Evidence, ...]:
        """What the case says of these findings."""
        return tuple(self._evidence(pair) for pair in pairs)

    def _evidence(self, pair: Pair) -> Evidence:
        found = self._found.get(pair)
        if found is None:
            found = self._found[pair] = self._find_evidence(pair)
        return found

    @cached_property
    def _found(self) -> dict[Pair, Evidence]:
        return {}

    def _find_evidence(self, pair: Pair) -> Evidence:
        entity, attribute = self.situation.domain.named[pair]
        statement: Statement | None = self.scene.statements.get(pair)
        value: str | None = None
        if statement is not None and statement.values is not None:
            origin = Origin.DERIVED if statement.derived else Origin.STATED
            value = attribute.format(statement.values)
        elif statement is not None:
            origin = Origin.UNCLEAR
        elif presumed := self.worlds.applied.get(pair):
            origin, value = Origin.PRESUMED, attribute.format(attribute.singleton(presumed.value))
        else:
            origin = Origin.SILENT
        return Evidence(
            entity, pair[1], attribute.label, attribute.unit, value, origin,
            statement.source if statement else None,
            statement.date if statement else None,
            statement.quote if statement else None,
        )  # fmt: skip

    @cached_property
    def presumed(self) -> tuple[Presumption, ...]:
        """Every presumption that silence called for about what the criteria in use read, applied or not."""
        read = self.basis.read
        attributes, applied = self.knowledge.vocabulary.attributes, self.worlds.applied
        return tuple(
            Presumption(
                str(p.pair[0]), p.pair[1], attributes[p.pair[1]].label,
                attributes[p.pair[1]].format(attributes[p.pair[1]].singleton(p.value)), p.pair in applied,
            )
            for p in self.situation.presumptions
            if p.pair in read
        )  # fmt: skip

    # -- silence closed ---------------------------------------------------------------------------------------

    @property
    def leaves(self) -> tuple[str, ...]:
        """The leaves in use, in the order of the tree."""
        return self.outline.leaves

    @cached_property
    def unknown_leaves(self) -> list[str]:
        """Those of them that are met in some world and unmet in another."""
        statuses = self.statuses
        return [n for n in self.leaves if statuses[n] is Status.UNKNOWN]

    def _wants(self, name: str) -> bool:
        """Whether an unknown leaf lacks a statement (an open list counts), and is not merely stated imprecisely."""
        silent = any(self._evidence(p).origin in (Origin.SILENT, Origin.UNCLEAR) for p in self.pairs(name))
        kinds = {kind for _, rule in self.outline.support(name) for kind in rule.listed}
        return silent or bool(kinds - self.scene.complete)

    @cached_property
    def undocumented(self) -> frozenset[str]:
        """The unknown criteria that an approval needs and that lack a statement."""
        wanting = {n for n in self.unknown_leaves if self._wants(n)}
        return frozenset(
            n
            for n in self.outline.criteria
            if self.outline.needed(n)
            and self.status(n) is Status.UNKNOWN
            and any(leaf in wanting for leaf in self.outline.leaves_below(n))
        )

    @cached_property
    def missing(self) -> tuple[Evidence, ...]:
        """The silent and unclear findings that unknown leaves read; of a pended line those that can still matter."""
        pended = len(self.worlds.outcomes) > 1
        unknown = self._open_leaves() if pended else self.unknown_leaves
        pairs = self.in_order({p for n in unknown for p in self.pairs(n)})
        return tuple(e for e in self.evidence(pairs) if e.origin in (Origin.SILENT, Origin.UNCLEAR))

    def _open_leaves(self) -> list[str]:
        """The unknown leaves that some root reaches through unknown criteria: no settled group stands between."""
        todo = [n for n in (NECESSARY, REFERRAL) if n in self.outline.parents]
        reached: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in reached and self.status(name) is Status.UNKNOWN:
                reached.add(name)
                todo += [c.name for c in self.outline.shape(name).children]
        return [n for n in self.leaves if n in reached]

    # -- the tree ---------------------------------------------------------------------------------------------

    def criteria(self, silence: Silence) -> Iterator[CriterionStatus]:
        """Every criterion in use, each followed by its parts."""
        undocumented = self.undocumented if silence is Silence.CLOSED else frozenset[str]()
        basis, statuses = self.basis, self.statuses
        for blank in basis.blanks:
            lacking = blank.criterion in undocumented
            told = basis.at(blank, Status.UNMET if lacking else statuses[blank.criterion], lacking)
            leaf = basis.leaves.get(blank.criterion)
            if leaf is None:
                yield told
            else:
                yield _resting(told, self._rests_on(leaf))
                for part, pairs in leaf.parts:
                    yield _resting(basis.at(part, self.status(part.criterion), False), self.evidence(pairs))


def _resting(told: CriterionStatus, evidence: tuple[Evidence, ...]) -> CriterionStatus:
    """A criterion with its evidence; `dataclasses.replace` takes four times as long."""
    return CriterionStatus(
        told.criterion, told.text, told.citation, told.status, told.kind, told.parent, told.children, told.negated,
        told.threshold, told.needed, told.undocumented, told.row, evidence,
    )  # fmt: skip
