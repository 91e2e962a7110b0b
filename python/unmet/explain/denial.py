"""Why a line is not approved, and what would change it: reasons, corrections and fixes, block by block.

Approval is a conjunction of blocks that share nothing (`blocks`). So the reasons are those of the blocks taken
together, and a correction or fix takes one alternative of each block: 16,384 fixes are 14 blocks of two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import prod

from unmet.determine.decision import VERDICTS, Decision
from unmet.explain.after import then_document
from unmet.explain.blocks import Block, blocks_of, whole
from unmet.explain.change import changes
from unmet.explain.families import MOST_SETS, Correction, Family, family_of
from unmet.explain.features import (
    Held,
    Member,
    Standing,
    evidence_of,
    features_of,
    held_by,
    read_by_unknown_leaves,
)
from unmet.explain.nearby import Nearby
from unmet.explain.products import products
from unmet.explanation import Change, Denial, Depth, Enumeration, Factor, Feature, Fix, Reason
from unmet.facts.terms import outcome
from unmet.results import Evidence, Silence, Status, Verdict
from unmet.solver import Assumption, minimal

MOST_SHOWN = 32
"""How many corrections, fixes and alternatives of a factor are written out."""

Weight = tuple[int, int, list[str]]
"""The order of sets: how many members, their burden, their names."""


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
        if unsettled or not self._approvable(self.features, ()):
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

    # -- families ---------------------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        if self.held:
            return (whole(self.decision, self.features),)
        return blocks_of(self.decision, self.features)

    @cached_property
    def free(self) -> tuple[Family, ...]:
        """Reasons and corrections of each block, with nothing of the case kept but its features."""
        return tuple(family_of(self.decision, block, self.held, ()) for block in self.blocks)

    @cached_property
    def kept(self) -> list[Assumption]:
        """What no fix may touch."""
        return [a for _, assumptions in self.decision.situation.kept() for a in assumptions]

    @cached_property
    def fix_blocks(self) -> tuple[Block, ...]:
        """The blocks, or one where what says which record is read is itself open to change."""
        situation = self.decision.situation
        settled = all(
            len(situation.allowed.get(pair, ())) == 1 and situation.domain.vocabulary.attributes[pair[1]].immutable
            for pair in situation.domain.pairs
            if pair[1] in self.decision.policy.locators
        )
        return self.blocks if settled else (whole(self.decision, self.features),)

    @cached_property
    def fixing(self) -> tuple[Family, ...]:
        """Fixes of each block, with all kept that may not change."""
        return tuple(family_of(self.decision, block, self.held, self.kept) for block in self.fix_blocks)

    @property
    def fixable(self) -> bool:
        """Whether there is any fix."""
        return all(family.corrections for family in self.fixing)

    # -- the answer -------------------------------------------------------------------------------------------

    def denial(self) -> Denial:
        reasons, corrections = self._reasons(), [[c.members for c in family.corrections] for family in self.free]
        complete = all(family.complete for family in self.free)
        written = tuple(self._names(c) for c in islice(products(corrections, self._lightness), MOST_SHOWN))
        fixable = [[set(self._names(c.members)) for c in family.corrections] for family in self.fixing if self.fixable]
        must = {n for alternatives in fixable for n in set.intersection(*alternatives)}
        could = {n for alternatives in fixable for n in set.union(*alternatives)}
        factors, fixes, fixes_found = self._fixes()
        return Denial(
            depth=self.depth,
            reasons=reasons,
            reasons_found=Enumeration(len(reasons), len(reasons) if complete else None, True, complete, MOST_SETS),
            corrections=written,
            corrections_found=_enumeration(len(written), prod(map(len, corrections)), complete),
            factors=factors,
            fixes=fixes,
            fixes_found=fixes_found,
            must_fix=self._in_order(must),
            could_fix=self._in_order(could),
            irrelevant=self._in_order(set(self._names(self.members)) - could),
            blockers=() if self.fixable else self._blockers(),
        )

    def _reasons(self) -> tuple[Reason, ...]:
        conflicts = [c for family in self.free for c in family.conflicts]
        if () in conflicts:
            conflicts = [()]
        ordered = sorted(conflicts, key=lambda c: (len(c), [self._position(m) for m in c]))
        return tuple(
            Reason(tuple(self._feature(m) for m in sorted(c, key=self._position)), self._outcome(c)) for c in ordered
        )

    def _outcome(self, conflict: Iterable[Member]) -> Verdict | None:
        """The one outcome that a reason leaves by itself, None where it leaves several."""
        held = [a for m in conflict for a in m.assumptions()]
        base = [*self.decision.under_readings, *held]
        satisfiable = self.decision.program.satisfiable
        possible = [verdict for name, verdict in VERDICTS.items() if satisfiable([*base, (outcome(name), True)])]
        return possible[0] if len(possible) == 1 else None

    def _feature(self, member: Member) -> Feature:
        if isinstance(member, Standing):
            criterion = self.decision.policy.criteria[member.name]
            status = Status.UNKNOWN if member.met is None else Status.MET if member.met else Status.UNMET
            return Feature(member.name, criterion.text, criterion.citation, status, member.undocumented)
        evidence = evidence_of(self.decision, member)
        text = f"{evidence.label}: {evidence.value}"
        return Feature(member.name, text, None, None, False, evidence.entity, evidence.attribute)

    # -- fixes ------------------------------------------------------------------------------------------------

    def _fixes(self) -> tuple[tuple[Factor, ...], tuple[Fix, ...], Enumeration]:
        """The factors, the lightest fixes, and how many there are."""
        families = self.fixing if self.fixable else ()
        lightest = [sorted(f.corrections, key=self._correction_weight)[:MOST_SHOWN] for f in families]
        alternatives = [
            [(self._alternative(block, correction), correction) for correction in corrections]
            for block, corrections in zip(self.fix_blocks, lightest, strict=False)
        ]
        picks = [[[pair] for pair in sorted(each, key=lambda pair: _weight(pair[0]))] for each in alternatives]
        chosen = islice(
            products(picks, lambda pairs: _weight([c for written, _ in pairs for c in written])), MOST_SHOWN
        )
        fixes = tuple(self._fix(pairs) for pairs in chosen) if families else ()
        factors = (Factor(tuple(written for ((written, _),) in each)) for each in picks)
        complete = all(family.complete for family in self.fixing)
        total = prod(len(family.corrections) for family in self.fixing) if self.fixable else 0
        written_out = all(len(family.corrections) <= MOST_SHOWN for family in families)
        found = Enumeration(len(fixes), total if complete else None, True, complete and written_out, MOST_SHOWN)
        return tuple(f for f in factors if f.alternatives != ((),)), fixes, found

    @cached_property
    def _nearby(self) -> Nearby:
        return Nearby(self.decision)

    def _correction_weight(self, correction: Correction) -> Weight:
        return self._lightness(correction.members)

    def _alternative(self, block: Block, correction: Correction) -> tuple[Change, ...]:
        """The changes of one alternative, with an example that realizes them beside all that stays."""
        members: list[Member] = [*block.features, *self.held]
        stays = [a for m in members if m not in correction.members for a in m.assumptions()]
        base = [*self.decision.under_readings, *block.conditions, *self.kept, *stays, *correction.changed()]
        flipped = [(m, correction.after(m)) for m in sorted(correction.members, key=self._position)]
        return changes(self.decision, self._nearby, flipped, base) if flipped else ()

    def _fix(self, parts: Iterable[tuple[tuple[Change, ...], Correction]]) -> Fix:
        """A fix from one alternative of each factor."""
        chosen = list(parts)
        written = [change for changes_, _ in chosen for change in changes_]
        flipped = [m for _, correction in chosen for m in correction.members]
        changed = [a for _, correction in chosen for a in correction.changed()]
        stays = [m for m in self.members if m not in flipped]
        still, found = then_document(self.decision, flipped, changed, stays)
        return Fix(tuple(sorted(written, key=lambda c: self._name_position(c.criterion))), still, found)

    def _blockers(self) -> tuple[Evidence, ...]:
        """A minimal set of what may not change that excludes approval."""
        kept = list(self.decision.situation.kept())
        approve = [*self.decision.under_readings, (outcome("approve"), True)]
        found = minimal(self.decision.program, approve, [assumptions for _, assumptions in kept]) or []
        return tuple(evidence_of(self.decision, Held(kept[i][0], ())) for i in found)

    # -- order ------------------------------------------------------------------------------------------------

    def _lightness(self, members: Sequence[Member]) -> Weight:
        return len(members), 0, list(self._names(members))

    def _name_position(self, name: str) -> tuple[int, str]:
        """Criteria in the order of the tree, then what the case holds."""
        criteria = self.decision.outline.criteria
        return (criteria.index(name), "") if name in criteria else (len(criteria), name)

    def _position(self, member: Member) -> tuple[int, str]:
        return self._name_position(member.name)

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._name_position))

    def _names(self, members: Iterable[Member]) -> tuple[str, ...]:
        return tuple(m.name for m in sorted(members, key=self._position))


def every_fix(denial: Denial) -> Iterator[tuple[Change, ...]]:
    """Every fix of a denial, lightest first, each made when it is asked for: one alternative of each of its factors.

    These are all there are if `denial.fixes_found.complete`.
    """
    if denial.fixes:
        yield from map(tuple, products([f.alternatives for f in denial.factors], _weight))


def _weight(changes: Sequence[Change]) -> Weight:
    """Fewest changes first, then least burden, then by name."""
    return len(changes), sum(c.burden for c in changes), [c.criterion for c in changes]


def _enumeration(shown: int, total: int, complete: bool) -> Enumeration:
    return Enumeration(shown, total if complete else None, True, complete and shown == total, MOST_SHOWN)
