"""Why a line is not approved, and what would change it: reasons, corrections and fixes, block by block.

Approval is a conjunction of blocks that share nothing (`blocks`). So the reasons are those of the blocks taken
together, and a correction or fix takes one alternative of each block: 16,384 fixes are 14 blocks of two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice
from math import prod
from operator import attrgetter, itemgetter

from unmet.determine.decision import Decision
from unmet.explain.after import NOTHING, then_document
from unmet.explain.approval import Approval, Block
from unmet.explain.families import MOST_SETS, Correction
from unmet.explain.features import Held, Member, Standing, evidence_of, features_of, held_by, read_by_unknown_leaves
from unmet.explain.further import roomy
from unmet.explain.part import MOST_SHOWN, Alternative, Part, weight
from unmet.explain.products import Scale, products
from unmet.explanation import Answer, Change, Denial, Depth, Enumeration, Factor, Fix, Reason
from unmet.facts.terms import outcome
from unmet.results import Evidence, Silence
from unmet.solver import minimal


def explain_denial(decision: Decision, silence: Silence, depth: Depth) -> Denial:
    """Reasons, corrections and fixes of a line that is denied or referred."""
    return _Denied(decision, silence, depth).denial()


@dataclass(frozen=True)
class _Denied:
    decision: Decision
    silence: Silence
    depth: Depth

    # -- features ---------------------------------------------------------------------------------------------

    @cached_property
    def features(self) -> tuple[Standing, ...]:
        """The criteria that the denial is explained by."""
        found = features_of(self.decision, self.silence, self.depth)
        if self.silence is Silence.CLOSED and self._approvable(found, ()):
            return features_of(self.decision, self.silence, self.depth, both_roots=True)
        return found

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """What the case holds that is a feature too: nothing where the criteria alone force the denial.

        What unknown criteria read of it comes first; only if that is not enough, all of it.
        """
        unsettled = any(f.met is None for f in self.features)
        if unsettled or any(part.free.conflicts for part in self._by_criteria):
            return ()
        every = held_by(self.decision)
        near = read_by_unknown_leaves(self.decision, every)
        return every if self._approvable(self.features, near) else near

    def _approvable(self, features: Iterable[Standing], held: Iterable[Held]) -> bool:
        members: list[Member] = [*features, *held]
        stood = [a for m in members for a in m.assumptions()]
        approve = (outcome("approve"), True)
        return self.decision.program.satisfiable([*self.decision.under_readings, approve, *stood])

    @cached_property
    def members(self) -> list[Member]:
        """All features, criteria first."""
        return [*self.features, *self.held]

    # -- blocks -----------------------------------------------------------------------------------------------

    @cached_property
    def approval(self) -> Approval:
        return Approval.of(self.decision)

    @cached_property
    def _by_criteria(self) -> list[Part]:
        """The blocks that a world of the case breaks, with criteria alone as features."""
        statuses = self.decision.statuses
        return [self._part(block) for block in self.approval.blocks(self.features) if not block.settled(statuses)]

    @cached_property
    def free(self) -> list[Part]:
        """The blocks, for reasons and corrections."""
        if self.held:
            return [Part(self.decision, self.approval, self.approval.whole(self.features), self.held)]
        return self._by_criteria

    @cached_property
    def fixing(self) -> list[Part]:
        """The same for fixes: one block where what says which record is read is itself open to change."""
        if self.held or self._located:
            return self.free
        return [self._part(self.approval.whole(self.features))]

    def _part(self, block: Block) -> Part:
        return Part(self.decision, self.approval, block)

    @property
    def _located(self) -> bool:
        """Whether it is stated once and for all which records are read."""
        situation = self.decision.situation
        locating = [p for p in situation.domain.pairs if p[1] in self.decision.policy.locators]
        attributes = situation.domain.vocabulary.attributes
        return all(len(situation.allowed.get(p, ())) == 1 and attributes[p[1]].immutable for p in locating)

    @cached_property
    def fixable(self) -> bool:
        """Whether there is any fix."""
        return all(part.fixing.corrections for part in self.fixing)

    # -- the answer -------------------------------------------------------------------------------------------

    def denial(self) -> Denial:
        reasons, corrections = self._reasons(), [part.corrections for part in self.free]
        families = [part.free for part in self.free]
        complete, all_reasons = (all(map(attrgetter(which), families)) for which in ("complete", "all_conflicts"))
        chosen = islice(products(corrections, itemgetter(1)), MOST_SHOWN)
        written = tuple(self._in_order(name for names, _ in parts for name in names) for parts in chosen)
        must, could, irrelevant = self._roles()
        factors, fixes, fixes_found = self._fixes()
        return Denial(
            depth=self.depth,
            reasons=reasons,
            reasons_found=_enumeration(len(reasons), len(reasons), all_reasons, MOST_SETS),
            corrections=written,
            corrections_found=_enumeration(len(written), prod(len(f.corrections) for f in families), complete),
            factors=factors,
            fixes=fixes,
            fixes_found=fixes_found,
            must_fix=self._in_order(must),
            could_fix=self._in_order(could),
            irrelevant=self._in_order(irrelevant),
            blockers=() if self.fixable else self._blockers(),
        )

    def _reasons(self) -> tuple[Reason, ...]:
        found = sorted(chain.from_iterable(part.reasons for part in self.free), key=itemgetter(0))
        if found and found[0][0][0] == 0:  # nothing need be so for the denial
            found = found[:1]
        return tuple([reason for _, reason in found])

    # -- fixes ------------------------------------------------------------------------------------------------

    @cached_property
    def _searched(self) -> bool:
        """Whether it is known which fixes there are: all of each block's, or that one block has none."""
        families = [part.fixing for part in self.fixing]
        return all(f.complete for f in families) or any(f.complete and not f.corrections for f in families)

    def _roles(self) -> tuple[set[str], set[str], set[str]]:
        """The names of what changes in every fix, in some, and in none.

        Of a block whose fixes are not all known, nothing is said to be in every one or in none.
        """
        every = {m.name for m in self.members}
        if not self.fixable:
            return set(), set(), every if self._searched else set()
        roles = [part.roles for part in self.fixing]
        must, could, doubtful = (set[str]().union(*(names[i] for names in roles)) for i in range(3))
        return must, could, every - could - doubtful

    def _fixes(self) -> tuple[tuple[Factor, ...], tuple[Fix, ...], Enumeration]:
        """The factors, the lightest fixes, and how many there are."""
        parts = self.fixing if self.fixable else []
        chosen = products([part.alternatives for part in parts], attrgetter("weight"))
        fixes = tuple(map(self._fix, islice(chosen, MOST_SHOWN))) if self.fixable else ()
        factors = (Factor(tuple([each.changes for each in part.alternatives])) for part in parts)
        total = prod(len(part.fixing.corrections) for part in parts) if self.fixable else 0
        written_out = all(len(part.fixing.corrections) <= MOST_SHOWN for part in parts)
        complete = self._searched and written_out
        found = Enumeration(len(fixes), total if self._searched else None, True, complete, MOST_SHOWN)
        return tuple(f for f in factors if f.alternatives != ((),)), fixes, found

    def _fix(self, chosen: Sequence[Alternative]) -> Fix:
        """A fix from one alternative of each factor."""
        order = self._order
        written = sorted([(order[change.criterion], change) for each in chosen for change in each.changes])
        still, found = self._then([each.correction for each in chosen]) if self._open else NOTHING
        return Fix(tuple([change for _, change in written]), still, found)

    @cached_property
    def _open(self) -> bool:
        """Whether anything that leaves read is open."""
        return bool(self.decision.unknown_leaves)

    @cached_property
    def _roomy(self) -> Decision:
        return roomy(self.decision)

    def _then(self, corrections: Iterable[Correction]) -> tuple[tuple[tuple[Answer, ...], ...], Enumeration]:
        """What must still be documented after corrections of all blocks."""
        made = list(corrections)
        flipped = [m for correction in made for m in correction.members]
        changed = [a for correction in made for a in correction.changed()]
        return then_document(self._roomy, flipped, changed, [m for m in self.members if m not in flipped])

    def _blockers(self) -> tuple[Evidence, ...]:
        """A minimal set of what may not change that excludes approval."""
        kept = list(self.decision.situation.kept())
        approve = [*self.decision.under_readings, (outcome("approve"), True)]
        found = minimal(self.decision.program, approve, [assumptions for _, assumptions in kept]) or []
        return tuple(evidence_of(self.decision, Held(kept[i][0], ())) for i in found)

    # -- order ------------------------------------------------------------------------------------------------

    @cached_property
    def _order(self) -> dict[str, int]:
        """The order of features, by name."""
        names = (member.name for member in self.members)
        return {name: i for i, name in enumerate(sorted(names, key=self.approval.place))}

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._order.__getitem__))


def every_fix(denial: Denial) -> Iterator[tuple[Change, ...]]:
    """Every fix of a denial, lightest first, each made when it is asked for: one alternative of each of its factors.

    These are all there are if `denial.fixes_found.complete`.
    """
    if denial.fixes:
        scale = Scale(denial.could_fix)
        for chosen in products([f.alternatives for f in denial.factors], partial(weight, scale)):
            yield tuple(chain.from_iterable(chosen))


def _enumeration(shown: int, total: int, complete: bool, cap: int = MOST_SHOWN) -> Enumeration:
    """How far an enumeration of sets went."""
    return Enumeration(shown, total if complete else None, True, complete and shown == total, cap)
