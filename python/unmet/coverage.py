"""What cases cover of the policies: each criterion met, unmet, unknown, and decisive.

A criterion is decisive in a case where its status is definite and the verdict of the line (or level) on the policy's
criteria would be another with the other status (docs/case-files.md). What no case shows is missing, unless the solver
proves over all worlds that none can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from unmet.case import Case
from unmet.copies import Copies, domain_of, prepare
from unmet.covered import Coverage, CriterionCoverage, Goal, GoalCoverage, PolicyCoverage, Share, State, Why
from unmet.determine import Decision
from unmet.determine.request import decide
from unmet.facts.answers import met_symbol
from unmet.facts.domain import Domain
from unmet.facts.outline import decisive, in_use, outline_facts, overridden
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, REFERRAL, Child, Policy, shape_of
from unmet.results import Silence, Status
from unmet.solver import Program
from unmet.turning import Turning, overriding

GOAL_OF = {Status.MET: Goal.MET, Status.UNMET: Goal.UNMET, Status.UNKNOWN: Goal.UNKNOWN}


def coverage(knowledge: Knowledge, cases: Iterable[Case], policies: Iterable[str] = ()) -> Coverage:
    """What the plain run of each case, and the runs that it expects something of, cover of the policies.

    Args:
        policies: the names of those to report; all where none is named.

    Raises:
        RequestError: there is no such policy.
    """
    wanted = [p for name in policies for p in knowledge.versions(name)] or knowledge.policies
    seen = {(p.name, p.effective): Seen(knowledge, p) for p in wanted}
    for case in cases:
        for place, unit in _units(knowledge, case):
            if found := seen.get((unit.policy.name, unit.policy.effective)):
                found.note(place, unit)
    reports = tuple(found.report() for found in seen.values())
    return Coverage(Share.of(g for r in reports for c in r.criteria for g in c.goals), reports)


def _units(knowledge: Knowledge, case: Case) -> Iterator[tuple[str, Decision]]:
    """Every line or level that the criteria of a policy decide, in every run of the case that differs; with its name.

    What silence means changes no status that counts here, but it may change what a stay reads of other lines.
    """
    expected = [(e.silence, tuple(sorted(e.readings.items()))) for e in case.expectations]
    earlier: list[tuple[str, Decision]] = []
    for silence, readings in dict.fromkeys([(Silence.OPEN, ()), *expected]):
        for line in decide(knowledge, case, silence, dict(readings))[1]:
            policy, cause = line.governed
            if policy is None or cause is not None:
                continue
            for i, unit in enumerate(line.units):
                level = f" level {line.scene.line.levels[i]}" if policy.per and line.scene.line.levels else ""
                place = f"{case.name} line {line.scene.line.name}{level}"
                if not any(p == place and u.scene == unit.scene and u.chosen == unit.chosen for p, u in earlier):
                    earlier.append((place, unit))
                    yield place, unit


@dataclass
class Seen:
    """What is seen of one version of a policy: the first place of each goal."""

    knowledge: Knowledge
    policy: Policy
    decided: int = 0
    places: dict[tuple[str, Goal], str] = field(default_factory=dict)
    programs: dict[tuple[tuple[str, int], ...], Program] = field(default_factory=dict)

    def note(self, place: str, unit: Decision) -> None:
        """Takes note of the statuses of one line or level, and of what decides it."""
        self.decided += 1
        turning = Turning(self._program(unit.situation.domain), unit)
        for name in unit.outline.criteria:
            status = unit.status(name)
            self.places.setdefault((name, GOAL_OF[status]), place)
            undecided = (name, Goal.DECISIVE) not in self.places and status is not Status.UNKNOWN
            if undecided and turning.changes_verdict(name):
                self.places[name, Goal.DECISIVE] = place

    def _program(self, domain: Domain) -> Program:
        key = tuple(sorted(domain.slots.items()))
        if key not in self.programs:
            self.programs[key] = overriding(self.knowledge, self.policy, domain)
        return self.programs[key]

    def report(self) -> PolicyCoverage:
        """What is seen, missing and proved unreachable."""
        policy, proofs = self.policy, Proofs(self.knowledge, self.policy)
        criteria = tuple(
            CriterionCoverage(
                criterion=child.name,
                text=policy.criteria[child.name].text,
                citation=policy.criteria[child.name].citation,
                place=str(policy.criteria[child.name].span),
                kind=shape_of(policy.rules.get(child.name, ())).kind,
                parent=parent,
                negated=child.negated,
                goals=tuple(self._goal(child.name, goal, proofs) for goal in Goal),
            )
            for child, parent in tree(policy)
        )
        share = Share.of(g for c in criteria for g in c.goals)
        return PolicyCoverage(
            policy.name, policy.title, policy.version, policy.effective, self.decided, share, criteria
        )

    def _goal(self, name: str, goal: Goal, proofs: Proofs) -> GoalCoverage:
        if place := self.places.get((name, goal)):
            return GoalCoverage(goal, State.SEEN, place)
        if why := proofs.against(name, goal):
            return GoalCoverage(goal, State.UNREACHABLE, why=why)
        shown = {g for g in Goal if (name, g) in self.places}
        why = Why.NO_CASE if not shown else Why.ONLY_UNKNOWN if shown == {Goal.UNKNOWN} else Why.OTHERWISE
        return GoalCoverage(goal, State.MISSING, why=why)


@dataclass(frozen=True)
class Proofs:
    """What no world of a policy does, whatever a case states."""

    knowledge: Knowledge
    policy: Policy

    @cached_property
    def _program(self) -> Program:
        return overriding(self.knowledge, self.policy, domain_of(self.knowledge, [self.policy]))

    @cached_property
    def _two_worlds(self) -> Copies:
        """Two worlds that one case can have, the first with its outline."""
        source, apart = self.knowledge.source(self.policy), self.knowledge.vocabulary.records
        outline = "\n".join(f"{fact}." for fact in outline_facts(self.policy))
        return prepare(self.knowledge, source, source, apart=apart, text=outline, encodings=("outline", "same"))

    def against(self, name: str, goal: Goal) -> Why | None:
        """Why no case can show this of a criterion, None where that is not proved."""
        if goal is Goal.DECISIVE:
            decides = self._program.satisfiable([(overridden(name), True), (decisive(name), True)])
            return None if decides else Why.NEVER_DECISIVE
        if goal is not Goal.UNMET and not self._stands(name, True):
            return Why.NEVER_MET
        if goal is not Goal.MET and not self._stands(name, False):
            return Why.ALWAYS_MET
        return Why.ALWAYS_SETTLED if goal is Goal.UNKNOWN and not self._is_open(name) else None

    def _stands(self, name: str, met: bool) -> bool:
        """Whether some world that uses the criterion meets it, or does not."""
        return self._program.satisfiable([(in_use(name), True), (met_symbol(name), met)])

    def _is_open(self, name: str) -> bool:
        """Whether two worlds of one case differ in the criterion, under readings that use it."""
        both = self._two_worlds
        return both.program.satisfiable([(in_use(name), True), both.met(0, name), both.met(1, name, False)])


def tree(policy: Policy) -> Iterator[tuple[Child, str | None]]:
    """Every criterion that a root reaches under some reading, where it is reached first, and what reads it there."""
    seen: set[str] = set()

    def visit(child: Child, parent: str | None) -> Iterator[tuple[Child, str | None]]:
        if child.name not in seen:
            seen.add(child.name)
            yield child, parent
            for rule in policy.rules.get(child.name, ()):
                for below in rule.children:
                    yield from visit(below, child.name)

    for root in (NECESSARY, REFERRAL):
        if root in policy.criteria:
            yield from visit(Child(root), None)
