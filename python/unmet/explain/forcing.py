"""The minimal sets of answers that force something: every world of the case that agrees with them has it.

They are found by duality: a set forces the goal only if it contradicts every set that excludes it, so each failed
proposal yields such a set and rules out all others that do not contradict it (Fredman and Khachiyan's dualization,
with the solver as the oracle).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unmet.explain.answers import Element
from unmet.solver import Assumption, Program
from unmet.solver.sets import Core, Map

MOST_ANSWERS, MOST_QUESTIONS = 64, 300
"""How many minimal sets of answers are enumerated for each goal, and with how many questions to the solver."""


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

    def run(self) -> Forcing:
        if self._against.minimal(()) is not None:  # every world has the goal already
            return Forcing(((),), True)
        if self._towards.minimal(()) is not None:  # no world has it
            return Forcing((), True)
        unexplored, found = self._map(), list[tuple[Element, ...]]()
        last = self._program.asked + MOST_QUESTIONS
        while (proposal := unexplored.subset()) is not None:
            if len(found) >= MOST_ANSWERS or self._program.asked > last:
                return Forcing(tuple(found), False)
            impossible = self._consistent.minimal(proposal)
            forced = self._against.minimal(proposal) if impossible is None else None
            if impossible is not None:
                unexplored.exclude_above(impossible)
            elif forced is not None:
                unexplored.exclude_above(forced)
                found.append(tuple(self._elements[i] for i in forced))
            elif self._tied:
                unexplored.exclude_below(proposal)
            else:
                self._contradict(unexplored, proposal)
        return Forcing(tuple(found), True)

    def _map(self) -> Map:
        """The sets of answers, without those that contradict each other whatever the case is."""
        unexplored = Map(len(self._elements))
        for i, one in enumerate(self._elements):
            for k in range(i):
                if one.excludes(self._elements[k]):
                    unexplored.exclude_above([k, i])
        return unexplored

    def _contradict(self, unexplored: Map, proposal: Sequence[int]) -> None:
        """Rules out every proposal that does not contradict some minimal set excluding the goal."""
        elements = self._elements
        whole, answered = list(proposal), {elements[i].subject for i in proposal}
        for i, element in enumerate(elements):
            if element.subject not in answered and self._against.satisfiable([*whole, i]):
                whole.append(i)
                answered.add(element.subject)
        excluded = self._towards.minimal(whole)
        if excluded is None:  # what is not asked leaves the goal open
            unexplored.exclude_below(proposal)
            return
        excluding = [elements[i] for i in excluded]
        subjects = {e.subject for e in excluding}
        unexplored.require(i for i, e in enumerate(elements) if e.subject in subjects and e not in excluding)
