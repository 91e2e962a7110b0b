"""The minimal sets of answers that force something: every world of the case that agrees with them has it.

They are found by duality: a set forces the goal only if it contradicts every set that excludes it, so each failed
proposal yields such a set and rules out all others that do not contradict it (Fredman and Khachiyan's dualization,
with the solver as the oracle).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unmet.explain.answers import Element
from unmet.explain.further import Records
from unmet.solver import Assumption, Program
from unmet.solver.sets import Core, Map

MOST_ANSWERS, MOST_QUESTIONS, MOST_ABOUT_RECORDS = 256, 2_000, 300
"""How many minimal sets of answers are enumerated for each goal, and with how many questions to the solver; fewer where
answers may be about further records, because each takes five times as long."""


@dataclass(frozen=True)
class Forcing:
    """The minimal sets of answers that force a goal; `complete` where the enumeration ended by itself."""

    sets: tuple[tuple[Element, ...], ...]
    complete: bool


def forcing(
    program: Program, fixed: Sequence[Assumption], elements: Sequence[Element], goal: Assumption, *, tied: bool
) -> Forcing:
    """The minimal sets of answers after which every world that agrees with `fixed` has the goal.

    Args:
        tied: whether answers can exclude each other otherwise than by being about one finding.
    """
    return _Search(program, fixed, elements, goal, tied).run()


class _Search:
    def __init__(
        self,
        program: Program,
        fixed: Sequence[Assumption],
        elements: Sequence[Element],
        goal: Assumption,
        tied: bool,
    ) -> None:
        self._program, self._elements, self._tied = program, elements, tied
        groups = [e.assumptions for e in elements]
        symbol, positive = goal
        self._consistent = Core(program, fixed, groups)
        self._against = Core(program, [*fixed, (symbol, not positive)], groups)
        self._towards = Core(program, [*fixed, goal], groups)
        self._records = Records(elements)

    def run(self) -> Forcing:
        if self._against.minimal(()) is not None:  # every world has the goal already
            return Forcing(((),), True)
        if self._towards.minimal(()) is not None:  # no world has it
            return Forcing((), True)
        unexplored, found = self._map(), list[tuple[Element, ...]]()
        last = self._program.asked + (MOST_ABOUT_RECORDS if self._records else MOST_QUESTIONS)
        while (proposal := unexplored.subset()) is not None:
            if len(found) >= MOST_ANSWERS or self._program.asked > last:
                return Forcing(tuple(found), False)
            world = self._against.world(proposal)
            if world is not None:  # the proposal can be true, and does not force the goal
                self._exclude_below(unexplored, proposal, world)
            elif (impossible := self._minimal(self._consistent, proposal)) is not None:
                self._exclude_above(unexplored, impossible)
            else:
                forced = self._minimal(self._against, proposal)
                assert forced is not None, "no world is against it"
                self._exclude_above(unexplored, forced)
                found.append(tuple(self._elements[i] for i in forced))
        return Forcing(tuple(found), True)

    def _map(self) -> Map:
        """The sets of answers with all that follows from them, without those that contradict each other anyway."""
        unexplored = Map(len(self._elements))
        for i, one in enumerate(self._elements):
            for k in range(i):
                if one.excludes(self._elements[k]):
                    unexplored.exclude_above([k, i])
        for i, k in self._records.implied():
            unexplored.imply(i, k)
        return unexplored

    # -- sets of answers, however their further records are called --------------------------------------------

    def _minimal(self, core: Core, proposal: Sequence[int]) -> list[int] | None:
        """A minimal set of answers that leaves no world, of those proposed; None where these leave one."""
        kept = core.minimal(proposal)
        if kept is None or not self._records:
            return kept
        spoken, records = self._records.spoken(kept), self._records
        while less := next((s for s in records.less(spoken) if not core.satisfiable(records.answers(s))), None):
            spoken = less
        return records.answers(spoken)

    def _exclude_above(self, unexplored: Map, answers: Sequence[int]) -> None:
        for each in self._records.renamed(self._records.spoken(answers), beyond=True):
            unexplored.exclude_above(each)

    def _exclude_below(self, unexplored: Map, proposal: Sequence[int], world: frozenset[int]) -> None:
        """Rules out a proposal that does not force the goal, and every one that can be true beside the goal's absence.

        Some minimal set that excludes the goal agrees with the proposal; what forces the goal contradicts that set.

        Args:
            world: the answers that are true in a world that agrees with the proposal and has not the goal.
        """
        excluded = None if self._tied else self._excluding(proposal, world)
        if excluded is None or self._records:
            for each in self._records.renamed(self._records.spoken(proposal), beyond=False):
                unexplored.exclude_below(self._records.following(each))
        if excluded is not None:
            unexplored.require(i for i in range(len(self._elements)) if self._may_contradict(i, excluded))

    def _excluding(self, proposal: Sequence[int], world: frozenset[int]) -> list[int] | None:
        """A minimal set of answers that excludes the goal and agrees with the proposal.

        None where what is not asked leaves the goal open.
        """
        answered = {self._elements[i].subject for i in proposal}
        more = [i for i in sorted(world) if self._elements[i].subject not in answered]
        return self._towards.minimal([*proposal, *more])

    def _may_contradict(self, i: int, excluded: Sequence[int]) -> bool:
        """Whether an answer can be part of what contradicts a set of answers.

        About further records that takes a limit to their number: any answer may be about another record.
        """
        element, others = self._elements[i], [self._elements[k] for k in excluded]
        if not element.further:
            return any(e.subject == element.subject for e in others) and i not in excluded
        return any(e.further and e.entity.record == element.entity.record and e.there != element.there for e in others)
