"""Why a line is not approved, and what would change it: reasons, corrections and fixes, block by block.

Approval is a conjunction of blocks that share nothing (`features.blocks_of`). So the reasons are those of the blocks
taken together, and a correction or fix takes one alternative of each block: 16,384 fixes are 14 blocks of two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import islice
from math import prod
from typing import TypeVar

from unmet.determine.decision import Decision
from unmet.explain.change import changes
from unmet.explain.features import Block, Standing, blocks_of, features_of, whole
from unmet.explanation import Change, Denial, Depth, Enumeration, Factor, Feature, Fix, Reason
from unmet.facts.terms import Pair, outcome
from unmet.results import Evidence, Silence, Status, Verdict
from unmet.solver import Assumption, collect_sets, minimal

MOST_SETS, MOST_QUESTIONS, MOST_SHOWN = 1_000, 1_000, 32
"""How many sets are enumerated within a block, and with how many questions to the solver; how many corrections, fixes
and alternatives of a factor are written out."""

Member = Standing | Pair
"""A feature: a criterion, or a stated finding."""

Weight = tuple[int, int, list[str]]
"""The order of sets: how many members, their burden, their names."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sets:
    """The minimal conflicts and corrections of one block; `complete` where the enumeration ended by itself."""

    conflicts: tuple[tuple[Member, ...], ...]
    corrections: tuple[tuple[Member, ...], ...]
    complete: bool


def explain_denial(decision: Decision, silence: Silence, depth: Depth) -> Denial:
    """Reasons, corrections and fixes of a line that is denied or referred."""
    return _Denied(decision, silence, depth).denial()


@dataclass(frozen=True)
class _Denied:
    decision: Decision
    silence: Silence
    depth: Depth

    @cached_property
    def features(self) -> tuple[Standing, ...]:
        return features_of(self.decision, self.silence, self.depth)

    @cached_property
    def findings(self) -> tuple[Pair, ...]:
        """Stated findings that are features too: none where the criteria alone force the denial.

        Those read by unknown criteria come first; only if these are not enough, all stated ones.
        """
        stood = [f.assumption() for f in self.features]
        if not self._approvable(stood, ()):
            return ()
        decision = self.decision
        unknown = [n for n in decision.leaves if decision.status(n) is Status.UNKNOWN]
        read = {pair for name in unknown for pair in decision.pairs(name, deep=True)}
        near = tuple(p for p in decision.situation.allowed if p in read)
        if not self._approvable(stood, near):
            return near
        return tuple(decision.situation.allowed)

    def _approvable(self, stood: list[Assumption], findings: Iterable[Pair]) -> bool:
        held = [a for pair in findings for a in self._held(pair)]
        approve = (outcome("approve"), True)
        return self.decision.program.satisfiable([*self.decision.under_readings, approve, *stood, *held])

    def _held(self, pair: Pair) -> list[Assumption]:
        """A finding as the case states it."""
        return self.decision.situation.as_stated(pair)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        if self.findings:
            return (whole(self.decision, self.features),)
        return blocks_of(self.decision, self.features)

    # -- sets -------------------------------------------------------------------------------------------------

    def _sets(self, block: Block, hard: Sequence[Assumption]) -> Sets:
        members: list[Member] = [*block.features, *self.findings]
        groups = [[m.assumption()] if isinstance(m, Standing) else self._held(m) for m in members]
        fixed = [*self.decision.under_readings, *block.conditions, *hard]
        kept, complete = collect_sets(self.decision.program, fixed, groups, MOST_SETS, MOST_QUESTIONS)

        def chosen(conflict: bool) -> tuple[tuple[Member, ...], ...]:
            return tuple(tuple(members[i] for i in f.members) for f in kept if f.conflict is conflict)

        return Sets(chosen(True), chosen(False), complete)

    @cached_property
    def free(self) -> tuple[Sets, ...]:
        """Conflicts (reasons) and corrections of each block, with nothing of the case kept but its features."""
        return tuple(self._sets(block, ()) for block in self.blocks)

    @cached_property
    def kept(self) -> list[Assumption]:
        """What no fix may touch."""
        return [a for _, assumptions in self.decision.situation.kept() for a in assumptions]

    @cached_property
    def fixing(self) -> tuple[Sets, ...]:
        """Conflicts and fixes of each block, with all kept that may not change."""
        return tuple(self._sets(block, self.kept) for block in self._fix_blocks)

    @cached_property
    def _fix_blocks(self) -> tuple[Block, ...]:
        """The blocks, or one where what says which record is read is itself open to change."""
        situation = self.decision.situation
        settled = all(
            len(situation.allowed.get(pair, ())) == 1 and situation.domain.vocabulary.attributes[pair[1]].immutable
            for pair in situation.domain.pairs
            if pair[1] in self.decision.policy.locators
        )
        return self.blocks if settled else (whole(self.decision, self.features),)

    # -- the answer -------------------------------------------------------------------------------------------

    def denial(self) -> Denial:
        reasons = self._reasons()
        complete = all(s.complete for s in self.free)
        corrections = [s.corrections for s in self.free]
        written = [self._names(c) for c in islice(_products(corrections, self._lightness), MOST_SHOWN)]
        total = prod(len(c) for c in corrections)
        factors = self._factors()
        all_fixes = all(s.complete for s in self.fixing)
        fix_total = prod(len(s.corrections) for s in self.fixing) if self._fixable else 0
        fixable = [[set(self._names(c)) for c in s.corrections] for s in self.fixing if self._fixable]
        must = {n for alternatives in fixable for n in set.intersection(*alternatives)}
        could = {n for alternatives in fixable for n in set.union(*alternatives)}
        fixes = tuple(self._fixes(factors)) if self._fixable else ()
        return Denial(
            depth=self.depth,
            reasons=reasons,
            reasons_found=Enumeration(len(reasons), len(reasons) if complete else None, True, complete, MOST_SETS),
            corrections=tuple(written),
            corrections_found=_enumeration(len(written), total, complete),
            factors=tuple(f for f in factors if f.alternatives != ((),)),
            fixes=fixes,
            fixes_found=Enumeration(
                len(fixes),
                fix_total if all_fixes else None,
                True,
                all_fixes and all(len(s.corrections) <= MOST_SHOWN for s in self.fixing),
                MOST_SHOWN,
            ),
            must_fix=self._in_order(must),
            could_fix=self._in_order(could),
            irrelevant=self._in_order(set(self._names([*self.features, *self.findings])) - could),
            blockers=() if self._fixable else self._blockers(),
        )

    @property
    def _fixable(self) -> bool:
        return all(s.corrections for s in self.fixing)

    def _reasons(self) -> tuple[Reason, ...]:
        conflicts = [c for s in self.free for c in s.conflicts]
        if () in conflicts:
            conflicts = [()]
        ordered = sorted(conflicts, key=lambda c: (len(c), [self._position(m) for m in c]))
        return tuple(
            Reason(tuple(self._feature(m) for m in sorted(c, key=self._position)), self._outcome(c)) for c in ordered
        )

    def _outcome(self, conflict: Iterable[Member]) -> Verdict | None:
        """What a reason forces by itself: denied, referred, or one of both."""
        held = [a for m in conflict for a in ([m.assumption()] if isinstance(m, Standing) else self._held(m))]
        base = [*self.decision.under_readings, *held]
        possible = [
            verdict
            for name, verdict in (("deny", Verdict.DENIED), ("refer", Verdict.REFERRED))
            if self.decision.program.satisfiable([*base, (outcome(name), True)])
        ]
        return possible[0] if len(possible) == 1 else None

    def _feature(self, member: Member) -> Feature:
        if isinstance(member, Standing):
            criterion = self.decision.policy.criteria[member.name]
            status = Status.MET if member.met else Status.UNMET
            return Feature(member.name, criterion.text, criterion.citation, status, member.undocumented)
        evidence = self.decision.evidence([member])[0]
        text = f"{evidence.label}: {evidence.value}"
        return Feature(f"{member[0]} {member[1]}", text, None, None, False, str(member[0]), member[1])

    def _factors(self) -> tuple[Factor, ...]:
        return tuple(self._factor(block, sets) for block, sets in zip(self._fix_blocks, self.fixing, strict=True))

    def _factor(self, block: Block, sets: Sets) -> Factor:
        lightest = sorted(sets.corrections, key=self._lightness)[:MOST_SHOWN]
        alternatives = [self._alternative(block, flipped) for flipped in lightest]
        return Factor(tuple(sorted(alternatives, key=_weight)))

    def _alternative(self, block: Block, flipped: Sequence[Member]) -> tuple[Change, ...]:
        """The changes of one alternative, with an example that realizes them beside all that stays."""
        stays = [f.assumption() for f in block.features if f not in flipped]
        stays += [a for pair in self.findings if pair not in flipped for a in self._held(pair)]
        base = [*self.decision.under_readings, *block.conditions, *self.kept, *stays]
        return changes(self.decision, sorted(flipped, key=self._position), base) if flipped else ()

    def _fixes(self, factors: Sequence[Factor]) -> Iterable[Fix]:
        for chosen in islice(_products([f.alternatives for f in factors], _weight), MOST_SHOWN):
            yield Fix(tuple(sorted(chosen, key=lambda c: self._name_position(c.criterion))), ())

    def _blockers(self) -> tuple[Evidence, ...]:
        """A minimal set of what may not change that excludes approval."""
        kept = list(self.decision.situation.kept())
        approve = [*self.decision.under_readings, (outcome("approve"), True)]
        found = minimal(self.decision.program, approve, [assumptions for _, assumptions in kept]) or []
        pairs = [what for i in found if isinstance(what := kept[i][0], tuple)]
        return self.decision.evidence(pairs)

    def _lightness(self, members: Sequence[Member]) -> Weight:
        return len(members), 0, list(self._names(members))

    # -- order ------------------------------------------------------------------------------------------------

    def _name_position(self, name: str) -> tuple[int, str]:
        """Criteria in the order of the tree, then findings."""
        criteria = self.decision.outline.criteria
        return (criteria.index(name), "") if name in criteria else (len(criteria), name)

    def _position(self, member: Member) -> tuple[int, str]:
        return self._name_position(member.name if isinstance(member, Standing) else f"{member[0]} {member[1]}")

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._name_position))

    def _names(self, members: Iterable[Member]) -> tuple[str, ...]:
        return tuple(
            m.name if isinstance(m, Standing) else f"{m[0]} {m[1]}" for m in sorted(members, key=self._position)
        )


def _criteria(changes: Iterable[Change]) -> list[str]:
    return [c.criterion for c in changes]


def _weight(changes: Sequence[Change]) -> Weight:
    """Fewest changes first, then least burden, then by name."""
    return len(changes), sum(c.burden for c in changes), _criteria(changes)


def _enumeration(shown: int, total: int, complete: bool) -> Enumeration:
    return Enumeration(shown, total if complete else None, True, complete and shown == total, MOST_SHOWN)


def _products(factors: Sequence[Sequence[Sequence[T]]], weight: Callable[[Sequence[T]], Weight]) -> Iterable[list[T]]:
    """One alternative of each factor in every way, lightest first, without writing all of them out."""
    ordered = [sorted(f, key=weight) for f in factors]
    if not all(ordered):
        return

    def joined(picks: tuple[int, ...]) -> list[T]:
        return [m for f, i in zip(ordered, picks, strict=True) for m in f[i]]

    start = (0,) * len(ordered)
    heap: list[tuple[Weight, tuple[int, ...]]] = [(weight(joined(start)), start)]
    seen = {start}
    while heap:
        _, picks = heappop(heap)
        yield joined(picks)
        for k in range(len(ordered)):
            nearby = (*picks[:k], picks[k] + 1, *picks[k + 1 :])
            if nearby[k] < len(ordered[k]) and nearby not in seen:
                seen.add(nearby)
                heappush(heap, (weight(joined(nearby)), nearby))
