"""One line, or one level of it, under one version and one choice of readings: verdict, statuses, what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from unmet.case import Scene, Statement
from unmet.determine.worlds import Worlds
from unmet.facts.answers import Read
from unmet.facts.domain import Presumed, Situation
from unmet.facts.terms import Pair
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, REFERRAL, Outline, Policy, Shape
from unmet.results import Cause, CriterionStatus, Evidence, Kind, Origin, Presumption, Silence, Status, Verdict
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

    def is_certain(self, literal: Assumption) -> bool:
        """Whether an atom of a criterion holds (or does not) in every world of the case."""
        symbol, positive = literal
        return symbol in self.consequences.certain if positive else symbol not in self.consequences.possible

    def referral(self) -> Cause:
        """The criterion behind a referral."""
        root = self.policy.criteria["referral"]
        return Cause("criterion", f"{root.text} ({root.citation})")

    # -- what a status rests on -------------------------------------------------------------------------------

    @cached_property
    def _reads(self) -> dict[str, tuple[Read, ...]]:
        """The findings that may be read, by the name of a criterion, `name/part` or `name/helper`."""
        return self.worlds.prepared.legend.reads(self.worlds.possible)

    def pairs(self, name: str, *, deep: bool) -> list[Pair]:
        """The findings a leaf or part rests on, of entities that the case lists; `deep` through its parts too."""
        return self.in_order(self._pairs(name, deep=deep))

    def _pairs(self, name: str, *, deep: bool) -> dict[Pair, bool]:
        """The findings a leaf or part rests on, and whether a helper alone reads them, to locate the record."""
        if (name, deep) not in self._rested_on:
            self._rested_on[name, deep] = self._find_pairs(name, deep=deep)
        return self._rested_on[name, deep]

    @cached_property
    def _rested_on(self) -> dict[tuple[str, bool], dict[Pair, bool]]:
        return {}

    def _find_pairs(self, name: str, *, deep: bool) -> dict[Pair, bool]:
        found: dict[Pair, bool] = {}
        for tagged, rule in self.outline.support(name):
            if tagged.endswith("/part") and not deep:
                continue
            for read in self._reads.get(tagged, ()):
                if read.position == rule.position and self.situation.is_given(read.pair[0]):
                    found[read.pair] = found.get(read.pair, True) and tagged.endswith("/helper")
        return found

    def all_pairs(self, name: str) -> set[Pair]:
        """The findings a leaf may read, of records that the case may not list too."""
        return {
            read.pair
            for tagged, rule in self.outline.support(name)
            for read in self._reads.get(tagged, ())
            if read.position == rule.position and not self.situation.is_absent(read.pair[0])
        }

    def undocumented_pairs(self, name: str) -> set[Pair]:
        """The findings that a leaf asks to be documented and that the case does not state."""
        return {
            read.pair
            for tagged, rule in self.outline.support(name)
            for read in self._reads.get(tagged, ())
            if rule.documented
            and read.position == rule.position
            and read.pair[1] in rule.documented
            and read.pair not in self.situation.stated
            and not self.situation.is_absent(read.pair[0])
        }

    def _rests_on(self, name: str) -> tuple[Evidence, ...]:
        """The evidence of a leaf, its parts apart."""
        found = self._pairs(name, deep=False)
        told = ((self._evidence(pair), found[pair]) for pair in self.in_order(found))
        return tuple(replace(evidence, locates=True) if locates else evidence for evidence, locates in told)

    def in_order(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Findings by entity, then in the order of the vocabulary."""
        return sorted(pairs, key=self.situation.domain.rank.__getitem__)

    def evidence(self, pairs: Iterable[Pair]) -> tuple[Evidence, ...]:
        """What the case says of these findings."""
        return tuple(self._evidence(pair) for pair in pairs)

    def _evidence(self, pair: Pair) -> Evidence:
        if pair not in self._found:
            self._found[pair] = self._find_evidence(pair)
        return self._found[pair]

    @cached_property
    def _found(self) -> dict[Pair, Evidence]:
        return {}

    def _find_evidence(self, pair: Pair) -> Evidence:
        attribute = self.knowledge.vocabulary.attributes[pair[1]]
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
            str(pair[0]), pair[1], attribute.label, attribute.unit, value, origin,
            statement.source if statement else None,
            statement.date if statement else None,
            statement.quote if statement else None,
        )  # fmt: skip

    @cached_property
    def presumed(self) -> tuple[Presumption, ...]:
        """Every presumption that silence called for about what the criteria in use read, applied or not."""
        read = {pair for name in self.leaves for pair in self.pairs(name, deep=True)}
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

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The leaves in use, in the order of the tree."""
        return tuple(n for n in self.outline.criteria if self.outline.shape(n).kind is Kind.LEAF)

    def _wants(self, name: str) -> bool:
        """Whether an unknown leaf lacks a statement (an open list counts), and is not merely stated imprecisely."""
        silent = any(self._evidence(p).origin in (Origin.SILENT, Origin.UNCLEAR) for p in self.pairs(name, deep=True))
        kinds = {kind for _, rule in self.outline.support(name) for kind in rule.listed}
        return silent or bool(kinds - self.scene.complete)

    @cached_property
    def undocumented(self) -> frozenset[str]:
        """The unknown criteria that an approval needs and that lack a statement."""
        wanting = {n for n in self.leaves if self.status(n) is Status.UNKNOWN and self._wants(n)}
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
        unknown = self._open_leaves() if pended else [n for n in self.leaves if self.status(n) is Status.UNKNOWN]
        pairs = self.in_order({p for n in unknown for p in self.pairs(n, deep=True)})
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
        closed = silence is Silence.CLOSED
        for name in self.outline.criteria:
            shape = self.outline.shape(name)
            undocumented = closed and name in self.undocumented
            criterion = self.policy.criteria[name]
            yield CriterionStatus(
                criterion=name,
                text=criterion.text,
                citation=criterion.citation,
                status=Status.UNMET if undocumented else self.status(name),
                kind=shape.kind,
                parent=self.outline.parents[name],
                children=tuple(c.name for c in shape.children),
                negated=tuple(c.name for c in shape.children if c.negated),
                threshold=shape.threshold,
                needed=self.outline.needed(name),
                undocumented=undocumented,
                row=criterion.row,
                evidence=self._rests_on(name) if shape.kind is Kind.LEAF else (),
            )
            if shape.kind is Kind.LEAF:
                yield from self._parts(name, shape)

    def _parts(self, leaf: str, shape: Shape) -> Iterator[CriterionStatus]:
        """The parts a leaf counts, one for each record that the case lists."""
        names = [tagged.removesuffix("/part") for tagged, _ in self.outline.support(leaf) if tagged.endswith("/part")]
        for part in dict.fromkeys(names):
            reads = self._reads.get(f"{part}/part", ())
            for instance in self.worlds.prepared.legend.parts(part):
                if not all(self.situation.is_given(e) for e in instance.entities):
                    continue
                positions = {r.position for _, r in self.outline.support(part)}
                pairs = {r.pair for r in reads if r.subject == instance.name and r.position in positions}
                yield CriterionStatus(
                    criterion=instance.name,
                    text=self.policy.parts[part].text,
                    citation=self.policy.criteria[leaf].citation,
                    status=self.status(instance.name),
                    kind=Kind.PART,
                    parent=leaf,
                    needed=self.outline.needed(leaf),
                    evidence=self.evidence(self.in_order(pairs)),
                )
