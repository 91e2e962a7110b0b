"""Witnesses: from a world that shows a claim to a case that states no more than the claim needs.

A claim is a list of literals of the program (`met(c)` or its negation, an outcome). A case shows it if they hold in
every world of the case. The case starts out stating all that the world holds, and gives up one statement after another
as long as every claim is still shown; what it then is silent about may be anything, or is presumed. Several cases about
the same findings (a pair of worlds) give up the same statements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from unmet.casewriter import case_data
from unmet.check.study import Study
from unmet.facts.domain import Domain
from unmet.facts.layout import World
from unmet.facts.terms import Pair
from unmet.fewest import Stated
from unmet.solver import Assumption, Program


@dataclass(frozen=True)
class Shown:
    """A world, and the claims that a case made of it has to show; `silent` are findings that it may not state."""

    study: Study
    world: World
    claims: tuple[Assumption, ...]
    silent: frozenset[Pair] = frozenset()

    @property
    def domain(self) -> Domain:
        return self.study.domain

    @property
    def _program(self) -> Program:
        return self.study.program

    @cached_property
    def _fixed(self) -> list[int]:
        """The readings, and the records that there are; the lists are complete."""
        present = self.study.layout.present
        return [*self.study.fixed, *(x if e in self.world.entities else -x for e, x in present.items())]

    @cached_property
    def _unmet(self) -> list[int]:
        """The literals of the claims, each denied."""
        return [-x for x in self._program.literals(self.claims)]

    def statable(self, pair: Pair) -> bool:
        return pair in self.world.cells and pair not in self.silent

    def told(self, pair: Pair) -> tuple[int, ...]:
        """The literals of the case that states a finding."""
        return self.study.told(pair, self.world.cells[pair])

    @cached_property
    def _untold(self) -> dict[Pair, tuple[int, ...]]:
        """The literals of the case that is silent about a finding, where silence says something: what it presumes."""
        return {p: row for p, row in self.study.untold.items() if p in self.world.cells}

    @cached_property
    def sensitive(self) -> frozenset[Pair]:
        """Findings of which silence says something else, and not only less: presumed otherwise, or of the record."""
        return frozenset(p for p, untold in self._untold.items() if not set(untold) <= set(self.told(p)))

    def _silence(self, stated: Collection[Pair]) -> list[int]:
        """What the case does not say: what it presumes, and that nothing more is stated."""
        return [x for p, row in self._untold.items() if p not in stated or p in self.silent for x in row]

    def shows(self, stated: Iterable[Pair]) -> bool:
        """Whether every world of the case that states these findings holds all claims, and there is one."""
        case = self._case(stated)
        return self._program.has_world(case) and self._forces(case)

    def still_shows(self, stated: Iterable[Pair]) -> bool:
        """As `shows`, of a case that is known to have a world."""
        return self._forces(self._case(stated))

    def _case(self, stated: Iterable[Pair]) -> list[int]:
        told = {p: self.told(p) for p in stated if self.statable(p)}
        return [*self._fixed, *self._silence(told), *(x for row in told.values() for x in row)]

    def _forces(self, case: list[int]) -> bool:
        """Whether no world of a case misses a claim."""
        return not any(self._program.has_world([unmet, *case]) for unmet in self._unmet)

    def needed(self, stated: Iterable[Pair], kept: Iterable[Pair]) -> list[Pair]:
        """Findings that show the claims together with those kept, and of which none can be left out.

        They are taken from findings that show them, and none of them is `sensitive`. The solver asserts assumptions
        in their order and blames those up to the one that it fails at, so what stands behind that is not needed.
        """
        fixed = dict.fromkeys(kept)
        order = [p for p in stated if self.statable(p)]
        for unmet in self._unmet:
            goal = [unmet, *self._fixed, *self._silence(fixed)]
            left = self._blamed(goal, fixed, [p for p in order if p not in fixed])
            while left:
                fewer = self._blamed(goal, fixed, left[:-1])
                if fewer is None:
                    fixed[left.pop()] = None
                else:
                    left = fewer
        return list(fixed)

    def _blamed(self, goal: list[int], fixed: Iterable[Pair], left: Sequence[Pair]) -> list[Pair] | None:
        """The findings up to the last one blamed beside those that are fixed; None where they do not show it."""
        case = [*goal, *(x for p in fixed if self.statable(p) for x in self.told(p))]
        owners = [len(case)]
        for pair in left:
            case += self.told(pair)
            owners.append(len(case))
        blamed = self._program.blamed(case)
        return None if blamed is None else list(left[: bisect_right(owners, max(blamed, default=-1))])


def minimal(shown: Sequence[Shown], kept: Iterable[Pair] = ()) -> list[Pair] | None:
    """Findings to state so that every case shows its claims, and none of which can be left out.

    Those in `kept` stay. None where even all findings do not show them: a value that the record may not state matters.
    Silence about a finding that is not sensitive allows more worlds and no others, so what was needed stays needed.
    """
    pinned = set(kept)
    rank = shown[0].domain.rank
    relevant = {p for each in shown for p in each.study.relevant(each.claims) if each.statable(p)}
    everything = sorted(relevant | {p for p in pinned if any(each.statable(p) for each in shown)}, key=rank.__getitem__)
    if not all(each.shows(everything) for each in shown):
        return None
    stated = list(everything)
    for pair in [p for p in reversed(everything) if p not in pinned and any(p in each.sensitive for each in shown)]:
        fewer = [p for p in stated if p != pair]
        if all(each.shows(fewer) for each in shown):
            stated = fewer
    told = [p for p in stated if p in pinned or any(p in each.sensitive for each in shown)]
    sensitive, before = set(told), list[Pair]()
    for each in shown:
        before = [p for p in told if p not in sensitive]
        told = each.needed(stated, told)
    for pair in before if len(told) > len(sensitive) + len(before) else ():
        fewer = [p for p in told if p != pair]
        if all(each.still_shows(fewer) for each in shown):
            told = fewer
    return sorted(told, key=rank.__getitem__)


def near_silence(study: Study, claims: Sequence[Assumption]) -> World | None:
    """A world that holds the claims, states all it can, and has few records and what is presumed; None without one."""
    base = [*study.fixed, *study.program.literals(claims)]
    found = study.nearest.worlds(base, study.relevant(claims))
    return None if found is None else found[0]


def written(study: Study, case: Stated, title: str, expect: Any) -> dict[str, Any]:
    """A case as a case file holds it; of what it lists there is no more."""
    line = {"line": "asked", "policy": study.policy.name, "date_of_service": study.policy.effective}
    return case_data(study.knowledge.vocabulary, case.draft(study.domain), [line], title, expect)


def stated_of(world: World, stated: Iterable[Pair]) -> Stated:
    """The case that states these findings of a world, and has its records."""
    return Stated({p: world.value(p) for p in stated}, world.entities)
