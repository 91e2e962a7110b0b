"""An approval that needs what silence presumes: of two worlds the first has what is presumed, and only it is approved.

Where the vocabulary ties the finding to nothing, the two differ in it alone. Else they may differ in what is tied to
it too, and the case says no more than what they have in common (the *context*): together with what is presumed that
has to leave no world but such as meet the leaf and are approved. A context of which some other world is left as well
(*missed*) teaches what a context has to say besides: something of the tied findings that this world is not, or else in
the part of the rest by which it misses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from unmet.check.pairs import Pairs, Side, readers
from unmet.check.study import Study
from unmet.check.telling import finding
from unmet.check.witness import Proof
from unmet.facts.layout import Layout, World
from unmet.facts.terms import Pair
from unmet.findings import Finding
from unmet.policy import Child
from unmet.solver import Core

MOST_CONTEXTS = 100
"""So many contexts are looked at for one presumption, and for each leaf that it may meet."""


def check(pairs: Pairs) -> Iterator[Finding]:
    """Leaves that speak for approval and that a presumption meets."""
    study = pairs.study
    vocabulary = study.knowledge.vocabulary
    for name, attribute in vocabulary.attributes.items():
        if attribute.presumed is None:
            continue
        leaves = [n for n in readers(study, vocabulary.linked([name])) if study.concerns(n) and study.outline.needed(n)]
        own = [p for p in pairs.pairs if p[1] == name and leaves and _Presumed(pairs, p).decides()]
        for leaf in leaves if own else ():
            if study.constant(leaf) is not None:
                continue
            shown = (_Presumed(pairs, pair, leaf).shown() for pair in own)
            if (cases := next((each for each in shown if each is not None), None)) is not None:
                message = f"`{leaf}` can be met, and a case approved, by presuming `{name}`"
                yield finding(
                    study, "presumption-decides", message, [leaf], subjects=[leaf, name], witnesses=cases,
                    help="silence then speaks for approval; ask whether the document means that",
                )  # fmt: skip


@dataclass(frozen=True)
class _Presumed:
    """A finding of which silence presumes something, and a leaf that it is to meet, if any."""

    pairs: Pairs
    pair: Pair
    leaf: str | None = None

    @property
    def study(self) -> Study:
        return self.pairs.study

    def decides(self) -> bool:
        """Whether there are two such worlds."""
        return self.pairs.is_possible(self._alone) or (self._is_tied and self._tied_worlds() is not None)

    def shown(self) -> Proof | None:
        """The cases that show two such worlds; None where there are none."""
        if (found := self._cases(self._alone, [self.pair])) is not None or not self._is_tied:
            return found
        if (worlds := self._tied_worlds()) is None:
            return None
        first, second = worlds
        both = [*zip(self.pairs.copies.layouts, worlds, strict=True)]
        said = [layout.is_cell(p, cell) for layout, world in both for p, cell in world.cells.items()]
        record = [*self._present(both[0][0], first), *self._stated(both[0][0], first)]
        differing = [p for p, cell in first.cells.items() if second.cells[p] != cell]
        return self._cases([*self._turns, *said, *record], differing)

    def _cases(self, wanted: list[int], differing: list[Pair]) -> Proof | None:
        name, leaf = self.pair[1], self.leaf
        assert leaf is not None, "cases are made for a leaf"
        told = f"silent about `{name}`, `{leaf}` is met", f"with `{name}` stated otherwise, `{leaf}` is not met"
        sides = (
            Side("silent", told[0], {leaf: True}, decides=True, silent=tuple(differing)),
            Side("stated otherwise", told[1], {leaf: False}, decides=True),
        )
        found = self.pairs.shown(wanted, "presumption-decides", [name, leaf], sides, [self.pair])
        return None if found is None else found[1]

    # -- two worlds -----------------------------------------------------------------------------------------------

    @cached_property
    def _alone(self) -> list[int]:
        """They differ in this finding alone."""
        return [*self._turns, *self.pairs.same_findings(self.pair), *self._unstated([self.pair])]

    @cached_property
    def _turns(self) -> list[int]:
        """The first has what is presumed, meets the leaf and is approved; the second has not and does neither."""
        pairs = self.pairs
        turns = [pairs.met(side, Child(self.leaf), not side) for side in (0, 1)] if self.leaf else []
        turns += pairs.loses()
        same = [*pairs.same_records, *pairs.same_statements(), pairs.copies.differing[self.pair]]
        return [*turns, *same, *self._presumes(pairs.copies.layouts[0])]

    def _presumes(self, layout: Layout) -> list[int]:
        """A world has what silence presumes."""
        return [-x for x in layout.unlike(self.pair, dict(self.study.domain.presumed_cells)[self.pair])]

    def _unstated(self, which: list[Pair]) -> list[int]:
        """The record states none of these, as far as a rule asks for that: what is presumed is never documented."""
        documented = self.study.documented
        return [-self.pairs.copies.layouts[0].stated[p] for p in which if p[1] in documented]

    # -- tied findings --------------------------------------------------------------------------------------------

    @cached_property
    def _tied(self) -> frozenset[str]:
        return self.study.knowledge.vocabulary.linked([self.pair[1]])

    @property
    def _is_tied(self) -> bool:
        return any(self.pair[1] in link for link in self.study.knowledge.vocabulary.links)

    def _tied_worlds(self) -> tuple[World, World] | None:
        """Two worlds whose context, with what is presumed, leaves no other than such as the first."""
        pairs, study = self.pairs, self.study
        apart = [x for p, x in pairs.copies.differing.items() if p[1] not in self._tied]
        tied = [p for p in study.domain.pairs if p[1] in self._tied and p != self.pair]
        stated, differing = pairs.copies.layouts[0].stated, pairs.copies.differing
        documented = [p for p in tied if p[1] in study.documented]
        silent = [pairs.copies.program.any_of([[-differing[p]], [-stated[p]]]) for p in documented]
        base = [*self._turns, *(-x for x in apart), *self._unstated([self.pair]), *silent]
        cuts: list[int] = []
        for _ in range(MOST_CONTEXTS):
            found = pairs.some_worlds([*base, *cuts])
            if found is None:
                return None
            missed = self._missed(*found)
            if missed is None:
                return found
            cuts.append(self._cut(missed, tied))
        return None

    @cached_property
    def _goal(self) -> list[int]:
        """The literals of the leaf's being met, and of approval."""
        study = self.study
        met = [study.met(self.leaf)] if self.leaf else []
        return study.program.literals([*met, (study.outcome("approve"), True)])

    def _missed(self, first: World, second: World) -> World | None:
        """A world that has what is presumed, in the context of two worlds, and does not meet the leaf or is denied."""
        layout = self.study.layout
        common = (layout.is_cell(p, c) for p, c in first.cells.items() if second.cells[p] == c)
        record = [*self._present(layout, first), *self._stated(layout, first)]
        case = [*self.study.fixed, *self._presumes(layout), *common, *record]
        for literal in self._goal:
            found = self.study.program.model([*case, -literal], layout.read)[0]
            if found is not None:
                return found
        return None

    def _present(self, layout: Layout, world: World) -> list[int]:
        """Which listed records there are."""
        return [x if e in world.entities else -x for e, x in layout.present.items()]

    def _stated(self, layout: Layout, world: World) -> list[int]:
        """What is stated, where a rule asks for that."""
        documented = self.study.documented
        return [x if p in world.stated else -x for p, x in layout.stated.items() if p[1] in documented]

    def _cut(self, missed: World, tied: list[Pair]) -> int:
        """That a context is none of this world: it says otherwise of it, or has not the part by which it misses."""
        first, layout = self.pairs.copies.layouts[0], self.study.layout
        differing, program = self.pairs.copies.differing, self.pairs.copies.program
        known = [layout.is_cell(p, missed.cells[p]) for p in (self.pair, *tied) if p in missed.cells]
        rest = [p for p in missed.cells if p[1] not in self._tied]
        said, own = (
            [*(each.is_cell(p, missed.cells[p]) for p in rest), *self._stated(each, missed)] for each in (layout, first)
        )
        hard = [*self.study.fixed, *self._goal, *self._present(layout, missed), *known]
        kept = Core.of(self.study.program, hard, [[x] for x in said]).few(range(len(said)))
        assert kept is not None, "a world that misses is not one that meets the leaf and is approved"
        part = [*self._present(first, missed), *(own[i] for i in kept)]
        other = [[-differing[p], -first.is_cell(p, missed.cells[p])] for p in tied if p in missed.cells]
        return program.any_of([*([-x] for x in part), *other])
