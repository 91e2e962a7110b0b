"""Witnesses: from a world that shows a claim to a case that states no more than the claim needs.

A claim is a list of atoms that hold or do not (`met(c)`, an outcome). A case shows it if it holds in every world of the
case. The case starts out stating all that the world holds, and gives up one statement after another as long as every
claim is still shown; what it then is silent about may be anything, or is presumed. Several cases about the same
findings (a pair of worlds) give up the same statements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from unmet.casewriter import case_data
from unmet.check.study import Study
from unmet.facts.answers import cells_of
from unmet.facts.domain import Domain
from unmet.facts.terms import Pair, entity_of, presence
from unmet.fewest import Stated
from unmet.solver import Assumption, Program, Symbol
from unmet.vocabulary import Entity
from unmet.witness import modest, near


@dataclass(frozen=True)
class World:
    """One world as data: the value of every finding, and the records there are."""

    values: Mapping[Pair, str | int]
    entities: frozenset[Entity]


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

    @cached_property
    def _program(self) -> Program:
        return self.study.program

    @cached_property
    def _fixed(self) -> list[int]:
        """The readings, and the records that there are; the lists are complete."""
        listed = [e for e in self.domain.entities if self.domain.is_listed(e)]
        there = self.world.entities
        return self._program.literals([*self.study.under, *((presence(e), e in there) for e in listed)])

    def statable(self, pair: Pair) -> bool:
        return pair in self.world.values and pair not in self.silent

    @cached_property
    def relevant(self) -> frozenset[str]:
        """The attributes on which the claims depend: an outcome on all, a criterion on what it reads."""
        if any(symbol.name != "met" for symbol, _ in self.claims):
            return frozenset(self.domain.cells)
        return frozenset().union(*(self.study.reads(str(symbol.arguments[0])) for symbol, _ in self.claims))

    @cached_property
    def _told(self) -> dict[Pair, tuple[int, ...]]:
        """For each finding the literals of the case that states it."""
        return {p: self.study.told(p, v) for p, v in self.world.values.items()}

    @cached_property
    def _untold(self) -> dict[Pair, tuple[int, ...]]:
        """For each finding the literals of the case that is silent about it: what it presumes."""
        attributes = self.domain.vocabulary.attributes
        return {p: self.study.untold(p, attributes[p[1]].presumed) for p in self.world.values}

    @cached_property
    def sensitive(self) -> frozenset[Pair]:
        """Findings of which silence says something else, and not only less: presumed otherwise, or of the record."""
        return frozenset(p for p, untold in self._untold.items() if not set(untold) <= set(self._told[p]))

    def _silence(self, stated: Iterable[Pair]) -> list[int]:
        """What the case does not say: what it presumes, and that nothing more is stated."""
        told = set(stated)
        return [x for p, row in self._untold.items() if p not in told or p in self.silent for x in row]

    def shows(self, stated: Iterable[Pair]) -> bool:
        """Whether every world of the case that states these findings holds all claims, and there is one."""
        case = self._case(stated)
        return self._program.blamed(case) is None and self._forces(case)

    def still_shows(self, stated: Iterable[Pair]) -> bool:
        """As `shows`, of a case that is known to have a world."""
        return self._forces(self._case(stated))

    def _case(self, stated: Iterable[Pair]) -> list[int]:
        told = [p for p in stated if self.statable(p)]
        return [*self._fixed, *self._silence(told), *(x for p in told for x in self._told[p])]

    def _forces(self, case: list[int]) -> bool:
        """Whether no world of a case misses a claim."""
        unshown = (self._program.literals([(s, not t)]) for s, t in self.claims)
        return all(self._program.blamed([*one, *case]) is not None for one in unshown)

    def needed(self, stated: Iterable[Pair], kept: Iterable[Pair]) -> list[Pair]:
        """Findings that show the claims together with those kept, and of which none can be left out.

        They are taken from findings that show them, and none of them is `sensitive`. The solver asserts assumptions
        in their order and blames those up to the one that it fails at, so what stands behind that is not needed.
        """
        fixed = list(dict.fromkeys(kept))
        order = [p for p in stated if self.statable(p)]
        for symbol, truth in self.claims:
            goal = [*self._program.literals([(symbol, not truth)]), *self._fixed]
            goal += self._silence(fixed)
            left = self._blamed(goal, fixed, [p for p in order if p not in fixed])
            while left:
                fewer = self._blamed(goal, fixed, left[:-1])
                if fewer is None:
                    fixed.append(left.pop())
                else:
                    left = fewer
        return fixed

    def _blamed(self, goal: list[int], fixed: Iterable[Pair], left: Sequence[Pair]) -> list[Pair] | None:
        """The findings up to the last one blamed beside those that are fixed; None where they do not show it."""
        case = [*goal, *(x for p in fixed if self.statable(p) for x in self._told[p])]
        owners = [len(case)]
        for pair in left:
            case += self._told[pair]
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
    relevant = {p for each in shown for p in each.world.values if p[1] in each.relevant and each.statable(p)}
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
    """A world that holds the claims, and is otherwise as `nearest` has it."""
    atoms = nearest(study.program, study, [*study.under, *claims], study.atoms)
    return None if atoms is None else world_of(atoms)


def nearest(program: Program, study: Study, base: Sequence[Assumption], atoms: Sequence[Symbol]) -> list[Symbol] | None:
    """Those of the atoms that hold in a world that states all it can, with few records, and with what is presumed.

    None where no world agrees with the base.
    """
    stated = [(study.stated(p), True) for p in study.domain.pairs]
    found = near(program, base, [stated, *modest(study.domain, [lambda symbol: symbol])])
    if found is None:
        return None
    held = program.holding(program.literals(found), [program.literal(atom) for atom in atoms])
    assert held is not None, "what is granted can be had"
    return [atoms[i] for i in held]


def world_of(atoms: Iterable[Symbol]) -> World:
    """A world from its atoms."""
    found = list(atoms)
    return World(cells_of(found), frozenset(entity_of(a.arguments[0]) for a in found if a.name == "_present"))


def written(shown: Shown, stated: Iterable[Pair], title: str, expect: Any) -> dict[str, Any]:
    """The case that states these findings, as a case file holds it; of what it lists there is no more."""
    study, world = shown.study, shown.world
    draft = Stated({p: world.values[p] for p in stated}, world.entities).draft(study.domain)
    line = {"line": "asked", "policy": study.policy.name, "date_of_service": study.policy.effective}
    return case_data(study.knowledge.vocabulary, draft, [line], title, expect)
