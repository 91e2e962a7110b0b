"""What one block of approval contributes to a denial: its reasons and corrections, and the alternatives of its fixes.

Reasons and corrections depend on the policy and on how the features stand; fixes also on what the case says of the
block.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from unmet.determine.decision import VERDICTS, Decision
from unmet.explain.approval import Approval, Block
from unmet.explain.change import changes
from unmet.explain.families import Correction, Family, family_of
from unmet.explain.features import Held, Member, Standing, evidence_of
from unmet.explain.nearby import Nearby
from unmet.explanation import Change, Feature, Reason
from unmet.facts.terms import outcome
from unmet.policy import REFERRAL
from unmet.results import Status, Verdict
from unmet.solver import Assumption
from unmet.vocabulary import Entity

MOST_SHOWN = 32
"""How many corrections, fixes and alternatives of a factor are written out."""

Weight = tuple[int, int, list[str]]
"""The order of sets: how many members, their burden, their names."""

Alternative = tuple[tuple[Change, ...], Correction]
"""One way to fix a block, written out and as a correction."""

T = TypeVar("T")


def weight(changes: Iterable[Change]) -> Weight:
    """Fewest changes first, then least burden, then by name."""
    found = list(changes)
    return len(found), sum(c.burden for c in found), [c.criterion for c in found]


@dataclass(frozen=True)
class Part:
    """A block of a line that is not approved; `held` is what of the case is a feature besides criteria."""

    decision: Decision
    approval: Approval
    block: Block
    held: tuple[Held, ...] = ()

    def _known(self, what: str, find: Callable[[], T], *of_case: Hashable) -> T:
        """What was found before where only criteria are features."""
        return find() if self.held else self.approval.remembered((what, self.block.name, *of_case), find)

    @property
    def settled(self) -> bool:
        """Whether every world of the case has the conditions, and no feature stands otherwise than in the case."""
        as_they_are = not self.held and not any(feature.undocumented for feature in self.block.features)
        return as_they_are and all(
            self.decision.status(name) is (Status.MET if positive else Status.UNMET)
            for name, positive in self.block.criteria
        )

    @cached_property
    def free(self) -> Family:
        """Reasons and corrections, with nothing of the case kept but its features."""
        return self._known("reasons", lambda: family_of(self.decision, self.block, self.held, ()))

    @cached_property
    def reasons(self) -> list[tuple[tuple[Member, ...], Reason]]:
        """The reasons written out, with their members."""
        return self._known("written reasons", lambda: [(c, self.reason(c)) for c in self.free.conflicts])

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
    def corrections(self) -> list[tuple[Member, ...]]:
        """The lightest corrections, in order."""
        return self._known("corrections", lambda: [c.members for c in self._lightest(self.free)])

    # -- fixes ------------------------------------------------------------------------------------------------

    @cached_property
    def said(self) -> Hashable:
        """What the case says of the block."""
        return self.approval.said(self.decision, self.block)

    @cached_property
    def fixing(self) -> Family:
        """Fixes, with all kept that may not change."""
        return self._known("fixes", lambda: family_of(self.decision, self.block, self.held, self._kept()), self.said)

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """The lightest fixes, each with an example that realizes it."""
        return self._known("alternatives", self._alternatives, self.said)

    def _kept(self) -> list[Assumption]:
        """What no fix may touch of what bears on the block."""
        mine = set(self.block.pairs)
        kept = self.decision.situation.kept()
        return [a for what, assumptions in kept if isinstance(what, Entity) or what in mine for a in assumptions]

    def _alternatives(self) -> list[Alternative]:
        kept = self._kept()
        nearby = Nearby(self.decision, self.approval, self.block.pairs)
        found = [
            (self._alternative(nearby, kept, correction), correction) for correction in self._lightest(self.fixing)
        ]
        return sorted(found, key=lambda each: weight(each[0]))

    def _alternative(self, nearby: Nearby, kept: list[Assumption], correction: Correction) -> tuple[Change, ...]:
        """The changes of one alternative, with an example that realizes them beside all that stays."""
        if not correction.members:
            return ()
        members: list[Member] = [*self.block.features, *self.held]
        stays = [a for m in members if m not in correction.members for a in m.assumptions()]
        base = [*self.decision.under_readings, *self.block.conditions, *kept, *stays, *correction.changed()]
        flipped = [(m, correction.after(m)) for m in sorted(correction.members, key=self.position)]
        return changes(self.decision, self.approval, nearby, flipped, base)

    # -- order ------------------------------------------------------------------------------------------------

    def _lightest(self, family: Family) -> list[Correction]:
        """The lightest corrections, as far as that can be told before examples are found for them."""
        return sorted(family.corrections, key=lambda c: self.weight(c.members))[:MOST_SHOWN]

    def weight(self, members: Iterable[Member]) -> Weight:
        """The order of corrections: fewest members first, then as the criteria stand in the tree."""
        ordered = sorted(members, key=self.position)
        return len(ordered), 0, [m.name for m in ordered]

    def position(self, member: Member) -> tuple[int, str]:
        """The order of features."""
        return self.approval.place(member.name)
