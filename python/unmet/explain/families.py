"""All minimal reasons and corrections (or fixes) of a block: minimal conflicts and corrections of its features.

A correction is a minimal set of features without which some world agrees with all others and is approved. Where
silence leaves criteria *unsettled* (unknown, and read both for and against approval), one world is not enough: the
features that stay and those that change must leave only approving worlds, whichever way those criteria turn out that
the correction does not settle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from unmet.determine.decision import Decision
from unmet.explain.approval import Block
from unmet.explain.features import Held, Member, Standing
from unmet.facts.answers import met_symbol
from unmet.solver import Assumption, Interventions, collect_sets, hitting_sets

MOST_SETS, MOST_QUESTIONS, MOST_UNSETTLED, MOST_ROUNDS = 1_000, 500, 3, 16
"""How many sets are enumerated within a block, with how many questions to the solver; for how many unsettled criteria,
and how often again because a correction left worlds that are not approved."""


@dataclass(frozen=True)
class Correction:
    """Features that change; `settled` is where those come to stand that were unsettled."""

    members: tuple[Member, ...]
    settled: Mapping[str, bool]

    def after(self, member: Member) -> bool | None:
        """Whether a criterion is met afterwards; None for what the case holds."""
        if isinstance(member, Held):
            return None
        return self.settled[member.name] if member.met is None else not member.met

    def changed(self) -> list[Assumption]:
        """The criteria as they stand afterwards."""
        return [(met_symbol(m.name), bool(self.after(m))) for m in self.members if isinstance(m, Standing)]


@dataclass(frozen=True)
class Family:
    """The minimal conflicts and corrections of one block; `complete` where the enumeration ended by itself."""

    conflicts: tuple[tuple[Member, ...], ...]
    corrections: tuple[Correction, ...]
    complete: bool


def family_of(decision: Decision, block: Block, held: Sequence[Held], hard: Sequence[Assumption]) -> Family:
    """The minimal conflicts and corrections of a block's features and of what the case holds, beside `hard`."""
    settled: list[Member] = [f for f in block.features if f.met is not None]
    settled += held
    unsettled = [f for f in block.features if f.met is None]
    one = _One(decision, block, settled, [*decision.under_readings, *hard])
    if not unsettled:
        return one.family()
    return _both_ways(one, unsettled)


def _both_ways(one: _One, unsettled: list[Standing]) -> Family:
    """The family where some criteria are unsettled: each is left so, or settled one way or the other."""
    found: list[Correction] = []
    complete = len(unsettled) <= MOST_UNSETTLED
    for choice in product((None, True, False), repeat=min(len(unsettled), MOST_UNSETTLED)):
        chosen = {f.name: way for f, way in zip(unsettled, choice, strict=False) if way is not None}
        corrections, all_found = one.leaving_only_approval(chosen)
        complete &= all_found
        settled = tuple(f for f in unsettled if f.name in chosen)
        found += [Correction((*members, *settled), chosen) for members in corrections]
    kept: dict[frozenset[Member], Correction] = {}
    for each in sorted(found, key=lambda c: len(c.members)):
        members = frozenset(each.members)
        if not any(smaller <= members for smaller in kept):
            kept[members] = each
    every: list[Member] = [*one.members, *unsettled]
    place = {member: i for i, member in enumerate(every)}
    hitting = hitting_sets(([place[m] for m in members] for members in kept), len(every), MOST_SETS)
    return Family(tuple(tuple(every[i] for i in h) for h in hitting), tuple(kept.values()), complete)


@dataclass(frozen=True)
class _One:
    """A block's features that stand at a status, and what the case holds."""

    decision: Decision
    block: Block
    members: Sequence[Member]
    hard: Sequence[Assumption]

    def family(self, chosen: Sequence[Assumption] = ()) -> Family:
        """The minimal conflicts and corrections, some world being enough."""
        fixed = [*self.hard, *self.block.conditions, *chosen]
        if all(isinstance(m, Standing) for m in self.members) and (family := self._by_criteria(fixed)):
            return family
        groups = [m.assumptions() for m in self.members]
        found, complete = collect_sets(self.decision.program, fixed, groups, MOST_SETS, MOST_QUESTIONS)
        sets = [(f.conflict, tuple(self.members[i] for i in f.members)) for f in found]
        return Family(
            tuple(members for conflict, members in sets if conflict),
            tuple(Correction(members, {}) for conflict, members in sets if not conflict),
            complete,
        )

    def _by_criteria(self, fixed: Sequence[Assumption]) -> Family | None:
        """The family of criteria alone: their minimal corrections in one question, and the sets that hit them all.

        None where there are too many corrections for that: the sets that hit them could not be told then.
        """
        standing = [a for m in self.members for a in m.assumptions()]
        found, complete = Interventions.of(self.decision.program).corrections(fixed, standing, MOST_SETS)
        if not complete:
            return None
        hitting = hitting_sets(found, len(standing), MOST_SETS)
        return Family(
            tuple(tuple(self.members[i] for i in each) for each in hitting),
            tuple(Correction(tuple(self.members[i] for i in each), {}) for each in found),
            len(hitting) < MOST_SETS,
        )

    def leaving_only_approval(self, settled: Mapping[str, bool]) -> tuple[list[tuple[Member, ...]], bool]:
        """The minimal corrections after which every world is approved, with some unsettled criteria settled.

        A correction that leaves a world that is not is ruled out as it stands, and the enumeration begins again.
        """
        program = self.decision.program
        ways = [(met_symbol(name), way) for name, way in settled.items()]
        ruled_out: list[Assumption] = []
        for _ in range(MOST_ROUNDS):
            family = self.family([*ways, *ruled_out])
            vectors = [[*self._vector(c), *ways] for c in family.corrections]
            wrong = [v for v in vectors if not self._only_approval(v)]
            if not wrong or not family.complete:
                right = [c.members for c, v in zip(family.corrections, vectors, strict=True) if v not in wrong]
                return right, family.complete
            ruled_out += [(program.conjunction(v), False) for v in wrong]
        return [], False

    def _vector(self, correction: Correction) -> list[Assumption]:
        """How every feature stands after a correction."""
        stays = [a for m in self.members if m not in correction.members for a in m.assumptions()]
        return [*stays, *correction.changed()]

    def _only_approval(self, vector: Iterable[Assumption]) -> bool:
        """Whether no world that agrees with these breaks a condition of the block."""
        base = [*self.hard, *vector]
        return not any(
            self.decision.program.satisfiable([*base, (symbol, not positive)])
            for symbol, positive in self.block.conditions
        )
