"""What one block of approval contributes to a denial: its reasons and corrections, and the alternatives of its fixes.

Reasons and corrections depend on the policy and on how the features stand; fixes also on what the case says of the
block.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, TypeVar

from unmet.determine.decision import VERDICTS, Decision
from unmet.explain.approval import Approval, Block, Place
from unmet.explain.change import changes, depends_on
from unmet.explain.families import Correction, Family, family_of
from unmet.explain.features import Held, Member, Standing, evidence_of
from unmet.explain.nearby import Cells, Nearby, Reads
from unmet.explain.products import Scale
from unmet.explanation import Change, Feature, Reason
from unmet.facts.terms import outcome
from unmet.policy import REFERRAL
from unmet.results import Status, Verdict
from unmet.solver import Assumption
from unmet.vocabulary import Entity

MOST_SHOWN = 32
"""How many corrections, fixes and alternatives of a factor are written out."""

T = TypeVar("T")


class Alternative(NamedTuple):
    """One way to fix a block, written out and as a correction."""

    changes: tuple[Change, ...]
    correction: Correction
    weight: int


def weight(scale: Scale, changes: Iterable[Change]) -> int:
    """Fewest changes first, then least burden, then as the criteria stand in the tree."""
    found = list(changes)
    return scale.weight([c.criterion for c in found], sum([c.burden for c in found]))


@dataclass(frozen=True)
class Part:
    """A block of a line that is not approved; `held` is what of the case is a feature besides criteria."""

    decision: Decision
    approval: Approval
    block: Block
    held: tuple[Held, ...] = ()

    def _known(self, what: str, find: Callable[[], T], *of_case: Hashable) -> T:
        """What was found before where only criteria are features."""
        return find() if self.held else self.approval.remembered((what, self.block, *of_case), find)

    @cached_property
    def free(self) -> Family:
        """Reasons and corrections, with nothing of the case kept but its features."""
        return self._known("reasons", lambda: family_of(self.decision, self.block, self.held, ()))

    @cached_property
    def reasons(self) -> list[tuple[tuple[int, list[Place]], Reason]]:
        """The reasons written out, with what they are ordered by: how many members, and where these stand."""
        return self._known("written reasons", lambda: [self._ordered(c) for c in self.free.conflicts])

    def _ordered(self, conflict: Sequence[Member]) -> tuple[tuple[int, list[Place]], Reason]:
        return (len(conflict), [self.position(m) for m in conflict]), self.reason(conflict)

    def reason(self, members: Iterable[Member]) -> Reason:
        """A set of features that excludes approval."""
        ordered = sorted(members, key=self.position)
        return Reason(tuple(self._feature(m) for m in ordered), self._outcome(ordered))

    def _feature(self, member: Member) -> Feature:
        if isinstance(member, Standing):
            criterion = self.decision.policy.criteria[member.name]
            status = Status.UNKNOWN if member.met is None else Status.MET if member.met else Status.UNMET
            return Feature(member.name, criterion.text, criterion.citation, status, member.undocumented)
        evidence = evidence_of(self.decision, member)
        text = f"{evidence.label}: {evidence.value}"
        return Feature(member.name, text, None, None, False, evidence.entity, evidence.attribute)

    def _outcome(self, reason: Iterable[Member]) -> Verdict | None:
        """The one outcome that a reason leaves by itself, None where it leaves several."""
        decision = self.decision
        criteria = [m for m in reason if isinstance(m, Standing)]
        if not decision.outline.rules(REFERRAL) and all(m.met is not None and not m.undocumented for m in criteria):
            return Verdict.DENIED  # the case's own worlds agree with it
        base = [*decision.under_readings, *(a for m in reason for a in m.assumptions())]
        possible = [v for name, v in VERDICTS.items() if decision.program.satisfiable([*base, (outcome(name), True)])]
        return possible[0] if len(possible) == 1 else None

    @cached_property
    def corrections(self) -> list[tuple[tuple[str, ...], int]]:
        """The lightest corrections, by name, with their weight."""
        return self._known("corrections", lambda: [self._named(c) for c in self._lightest(self.free)])

    @cached_property
    def roles(self) -> tuple[set[str], set[str], set[str]]:
        """The names of what changes in every fix, in some, and of what nothing is known."""
        return self._known("roles", self._roles, self._said)

    def _roles(self) -> tuple[set[str], set[str], set[str]]:
        alternatives = [{m.name for m in c.members} for c in self.fixing.corrections]
        could = set[str]().union(*alternatives)
        if not self.fixing.complete:
            return set(), could, {f.name for f in self.block.features} | {h.name for h in self.held}
        return set.intersection(*alternatives) if alternatives else set(), could, set()

    # -- fixes ------------------------------------------------------------------------------------------------

    @cached_property
    def _said(self) -> Hashable:
        """What the case says of the block, as far as rules can tell."""
        return self.approval.said(self.decision, self.block)

    @cached_property
    def fixing(self) -> Family:
        """Fixes, with all kept that may not change."""
        return self._known("fixes", lambda: family_of(self.decision, self.block, self.held, self._kept), self._said)

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """The lightest fixes, each with an example that realizes it."""
        in_words = self.approval.said(self.decision, self.block, in_words=True)
        return self._known("alternatives", self._alternatives, in_words)

    @cached_property
    def _kept(self) -> list[Assumption]:
        """What no fix may touch of what bears on the block."""
        mine = set(self.block.pairs)
        kept = self.decision.situation.kept()
        return [a for what, assumptions in kept if isinstance(what, Entity) or what in mine for a in assumptions]

    def _alternatives(self) -> list[Alternative]:
        found = [(self._alternative(each), each) for each in self._lightest(self.fixing)]
        weighed = [Alternative(changes, each, weight(self._scale, changes)) for changes, each in found]
        return sorted(weighed, key=attrgetter("weight"))

    def _alternative(self, correction: Correction) -> tuple[Change, ...]:
        """The changes of one alternative, with an example that realizes them beside all that stays."""
        if not correction.members:
            return ()
        cells, reads = self._known(
            "world", lambda: self._world(correction), self._said, correction.members, tuple(correction.settled.items())
        )
        flipped = [(m, correction.after(m)) for m in sorted(correction.members, key=self.position)]
        return changes(self.decision, self.approval, flipped, cells, reads)

    def _world(self, correction: Correction) -> tuple[Cells, Reads]:
        """A world after a correction, near to the case: what may have to change with it."""
        members: list[Member] = [*self.block.features, *self.held]
        stays = [a for m in members if m not in correction.members for a in m.assumptions()]
        base = [*self.decision.under_readings, *self.block.conditions, *self._kept, *stays, *correction.changed()]
        keys = (depends_on(self.decision, self.approval, m) for m in correction.members)
        return self._nearby.world(base, frozenset[str]().union(*keys))

    @cached_property
    def _nearby(self) -> Nearby:
        return Nearby(self.decision, self.approval, self.block.pairs)

    # -- order ------------------------------------------------------------------------------------------------

    def _lightest(self, family: Family) -> list[Correction]:
        """The lightest corrections, as far as that can be told before examples are found for them."""
        return sorted(family.corrections, key=lambda c: self._named(c)[1])[:MOST_SHOWN]

    def _named(self, correction: Correction) -> tuple[tuple[str, ...], int]:
        """The names of what a correction changes, and what it weighs as far as that can be told without examples."""
        names = tuple(m.name for m in correction.members)
        return names, self._scale.weight(names)

    @cached_property
    def _scale(self) -> Scale:
        """Features in their order."""
        return self.approval.scale.beside(h.name for h in sorted(self.held, key=self.position))

    def position(self, member: Member) -> Place:
        """The order of features."""
        return self.approval.place(member.name)
