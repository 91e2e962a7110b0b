"""All minimal reasons and corrections (or fixes) of a block: minimal conflicts and corrections of its features.

A correction is a minimal set of features without which some world agrees with all others and is approved. Where
silence leaves criteria *unsettled* (unknown, and read both for and against approval), one world is not enough: the
features that stay and those that change must leave only approving worlds, whichever way those criteria turn out that
the correction does not settle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from unmet.determine.decision import Decision
from unmet.explain.approval import Approval, Block
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
    """The minimal corrections and conflicts of one block's members; `complete` where all corrections were found.

    `in_turns` are the conflicts, where they were looked for together with the corrections.
    """

    members: tuple[Member, ...]
    corrections: tuple[Correction, ...]
    complete: bool
    in_turns: tuple[tuple[Member, ...], ...] | None = None

    @cached_property
    def conflicts(self) -> tuple[tuple[Member, ...], ...]:
        """The minimal conflicts: the minimal sets that hit all corrections."""
        if self.in_turns is not None:
            return self.in_turns
        place = {member: i for i, member in enumerate(self.members)}
        corrections = [[place[m] for m in c.members] for c in self.corrections]
        hitting = hitting_sets(corrections, len(self.members), MOST_SETS)
        return tuple(tuple(self.members[i] for i in each) for each in hitting)

    @property
    def all_conflicts(self) -> bool:
        """Whether all conflicts were found."""
        return self.complete and (self.in_turns is not None or len(self.conflicts) < MOST_SETS)


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
    """The family where some criteria are unsettled: each is left so, or settled one way or the other.

    Where not all corrections are found, a set that hits those that are need not be a conflict, so none is told; and
    of those that settle more than a choice that was not searched to its end, none is known to be minimal.
    """
    found: list[Correction] = []
    cut: list[Mapping[str, bool]] = []
    for number in range(min(len(unsettled), MOST_UNSETTLED) + 1):
        for chosen in _choices(unsettled[:MOST_UNSETTLED], number):
            if any(less.items() <= chosen.items() for less in cut):
                continue
            corrections, all_found = one.leaving_only_approval(chosen)
            if not all_found:
                cut.append(chosen)
            settled = tuple(f for f in unsettled if f.name in chosen)
            found += [Correction((*members, *settled), chosen) for members in corrections]
    kept: dict[frozenset[Member], Correction] = {}
    for each in sorted(found, key=lambda c: len(c.members)):
        members = frozenset(each.members)
        if not any(smaller <= members for smaller in kept):
            kept[members] = each
    complete = not cut and len(unsettled) <= MOST_UNSETTLED
    return Family((*one.members, *unsettled), tuple(kept.values()), complete, None if complete else ())


def _choices(unsettled: Sequence[Standing], number: int) -> Iterator[dict[str, bool]]:
    """So many of the criteria, settled in every way."""
    for chosen in combinations(unsettled, number):
        for ways in product((True, False), repeat=number):
            yield {f.name: way for f, way in zip(chosen, ways, strict=True)}


@dataclass(frozen=True)
class _One:
    """A block's features that stand at a status, and what the case holds."""

    decision: Decision
    block: Block
    members: Sequence[Member]
    hard: Sequence[Assumption]

    def family(self) -> Family:
        """The minimal conflicts and corrections, some world being enough.

        Those of criteria alone are found in one question, and their conflicts as the sets that hit them all. Where
        there are too many for that, or where findings are features too, both are looked for in turns.
        """
        found, complete = self.corrections([]) if all(isinstance(m, Standing) for m in self.members) else ([], False)
        if complete:
            return Family(tuple(self.members), tuple(Correction(self._chosen(each), {}) for each in found), True)
        fixed = [*self.hard, *self.block.conditions]
        groups = [m.assumptions() for m in self.members]
        sets, complete = collect_sets(self.decision.program, fixed, groups, MOST_SETS, MOST_QUESTIONS)
        return Family(
            tuple(self.members),
            tuple(Correction(self._chosen(each.members), {}) for each in sets if not each.conflict),
            complete,
            tuple(self._chosen(each.members) for each in sets if each.conflict),
        )

    def corrections(self, chosen: Sequence[Assumption]) -> tuple[list[tuple[int, ...]], bool]:
        """The minimal corrections of criteria by position, some world being enough; and whether these are all."""
        standing = [a for m in self.members for a in m.assumptions()]
        fixed = [*self.hard, *self.block.conditions, *chosen]
        return Interventions.of(self.decision.program).corrections(fixed, standing, MOST_SETS)

    def _chosen(self, places: Iterable[int]) -> tuple[Member, ...]:
        return tuple(self.members[i] for i in places)

    def leaving_only_approval(self, settled: Mapping[str, bool]) -> tuple[list[tuple[Member, ...]], bool]:
        """The minimal corrections after which every world is approved, with some unsettled criteria settled.

        A correction that leaves a world that is not is ruled out with all that do so for the same reason, and the
        enumeration begins again.
        """
        program = self.decision.program
        ways = [(met_symbol(name), way) for name, way in settled.items()]
        wrong: list[frozenset[Assumption]] = []
        for _ in range(MOST_ROUNDS):
            found, complete = self.corrections([*ways, *((program.conjunction(each), False) for each in wrong)])
            corrections = [Correction(self._chosen(each), {}) for each in found]
            if all(f.met is not None or f.name in settled for f in self.block.features):
                return [c.members for c in corrections], complete  # all features stand, and decide the outcome
            before, right = len(wrong), list[tuple[Member, ...]]()
            for correction in corrections:
                vector = [*self._vector(correction), *ways]
                if not any(each.issubset(vector) for each in wrong):
                    reason = self._why_not_approved(vector)
                    if reason is None:
                        right.append(correction.members)
                    else:
                        wrong.append(reason)
            if len(wrong) == before or not complete:
                return right, complete
        return [], False

    def _vector(self, correction: Correction) -> list[Assumption]:
        """How every feature stands after a correction."""
        stays = [a for m in self.members if m not in correction.members for a in m.assumptions()]
        return [*stays, *correction.changed()]

    def _why_not_approved(self, vector: list[Assumption]) -> frozenset[Assumption] | None:
        """How some features stand with which a world breaks a condition of the block; None where none does.

        Whatever else stands otherwise, another such world is there as long as the unsettled criteria can turn out as
        they please.
        """
        program = self.decision.program
        approved = program.conjunction(self.block.conditions)
        unsettled = [met_symbol(f.name) for f in self.block.features if f.met is None]
        stand = [*self.hard, *vector]
        literals = program.literals((symbol, True) for symbol in unsettled)
        held = program.holding(program.literals([*stand, (approved, False)]), literals)
        if held is None:
            return None
        if not self._unsettled_are_free:
            return frozenset(vector)
        turned = [(symbol, i in held) for i, symbol in enumerate(unsettled)]
        core = program.blamed(program.literals([*self.hard, *turned, (approved, True), *vector]))
        before = len(self.hard) + len(turned) + 1
        return frozenset(vector) if core is None else frozenset(vector[i - before] for i in core if i >= before)

    @cached_property
    def _unsettled_are_free(self) -> bool:
        """Whether no feature of the block reads anything that an unsettled one reads."""
        keys = Approval.of(self.decision).keys
        names = [f.name for f in self.block.features]
        free = [f.name for f in self.block.features if f.met is None]
        return not any(keys(one) & keys(other) for one in free for other in names if one != other)
