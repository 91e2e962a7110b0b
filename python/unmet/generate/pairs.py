"""The pairs of worlds that show what a verdict turns on, each as the drafts of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from unmet.casewriter import Draft
from unmet.determine.decision import VERDICTS
from unmet.facts.answers import met_symbol
from unmet.facts.domain import Domain
from unmet.facts.layout import World
from unmet.facts.outline import decisive, overridden
from unmet.facts.terms import Cell, Pair, outcome, symbol_of
from unmet.generate.groups import Claims, Group, Groups, Told, Wanted
from unmet.generate.parts import excluding, part_of
from unmet.generate.pended import Pended
from unmet.generate.steps import Step, steps
from unmet.generate.worlds import Flip, Found, TwoWorlds
from unmet.generated import Aim, WhyNot
from unmet.policy import Outline
from unmet.results import Status
from unmet.solver import Symbol
from unmet.vocabulary import Attribute, Mode

MOST_PAIRS = 100
"""Of so many pairs of worlds at most it is tried whether cases show what they do."""


@dataclass(frozen=True)
class Search:
    """The questions about one version of a policy under one choice of readings."""

    worlds: TwoWorlds

    @cached_property
    def groups(self) -> Groups:
        """What makes cases of worlds."""
        return Groups(self.worlds)

    @property
    def _outline(self) -> Outline:
        return self.worlds.outline

    @property
    def _domain(self) -> Domain:
        return self.worlds.copies.domain

    def everything(self) -> Iterator[tuple[Aim, str, Group | WhyNot]]:
        """Every case to make, or why there is none: criteria in the order of the tree, then findings."""
        for name in self._outline.criteria:
            yield Aim.FLIP, name, self.flip(name)
        for attribute in self._read:
            for step in steps(attribute, self._domain, self.worlds.policy.cuts.get(attribute.name, frozenset())):
                yield Aim.BOUNDARY, step.subject, self.boundary(step)
        pended = Pended(self.worlds, self.groups, frozenset(a.name for a in self._read))
        for attribute in self._read:
            for subject, pairs in self._askable(attribute):
                yield Aim.PENDED, subject, pended.group(attribute, subject, pairs)

    @cached_property
    def _read(self) -> list[Attribute]:
        """What the criteria in use read, in the order of the vocabulary."""
        outline, attributes = self._outline, self.worlds.knowledge.vocabulary.attributes
        read = {a for n in outline.criteria for _, rule in outline.support(n) for a in rule.attributes}
        return [a for name, a in attributes.items() if name in read]

    def _askable(self, attribute: Attribute) -> Iterator[tuple[str, list[Pair]]]:
        """The findings that a case can leave open: of keyed records each, of others any.

        Listed records are alike, and so are the entries that a policy is decided for one by one.
        """
        found, record = list(self._findings(attribute)), self.worlds.knowledge.vocabulary.records[attribute.record]
        if record.mode is Mode.KEYED and record.name != self.worlds.policy.per:
            yield from ((f"{attribute.name} {pair[0].key}", [pair]) for pair in found)
        else:
            yield attribute.name, found

    # -- pairs --------------------------------------------------------------------------------------------------

    def flip(self, name: str) -> Group | WhyNot:
        """A pair that flips the verdict through a criterion, with the fewest other differences."""
        worlds = self.worlds
        turned = worlds.literals((worlds.copies.side(side, overridden(name)), True) for side in (0, 1))
        turns = {flip: worlds.literal(_turns(name, *flip)) for flip in worlds.flips}
        first = worlds.nearest(turned, turns, about=name)
        if first is None:
            return self._no_flip(name)

        def case(found: Found, side: int, draft: Draft) -> Told:
            status = (Status.MET, Status.UNMET)[side]
            sentence = f"`{name}` is {status}, and the verdict turns on it"
            return Told(draft, f"{name}_{status}", sentence, VERDICTS[found.flip[side]], {name: status}, name)

        def tries(found: Found | None) -> Iterator[tuple[Told, ...]]:
            """The cases of one pair after the other: what one leaves open that matters, the next ones do not."""
            fixed = list(turned)
            while found is not None and len(fixed) < len(turned) + MOST_PAIRS:
                wanted = self._flipping(name, found)
                yield from self.groups.tries(wanted, partial(case, found))
                missed = self.groups.missed(wanted)
                if missed is None:
                    return
                fixed.append(self._ruled_out(wanted, *missed))
                found = worlds.nearest(fixed, turns, about=name)

        return Group(Aim.FLIP, name, tries(first))

    def _flipping(self, name: str, found: Found) -> Wanted:
        """Worlds of which the first meets a criterion and the second does not, and each outcome turns on that."""
        claims = [
            [(outcome(found.flip[side]), True), (met_symbol(name), side == 0), (decisive(name), True)]
            for side in (0, 1)
        ]
        return Wanted(found, claims, given=[(overridden(name), True)])

    def _ruled_out(self, wanted: Wanted, side: int, missed: World) -> int:
        """That a world which misses the claim of a side is in no case of a world of that side with its outcome."""
        both, ground = self.worlds.copies, self.groups.ground({})
        claim = ground.program.literals([*wanted.claims[side], *wanted.given])
        part = part_of(missed, ground, self.groups.tied, claim)
        other = -both.outcomes(side)[wanted.found.flip[side]]
        return both.program.any_of([[other], *excluding(both, part, [side])])

    def _no_flip(self, name: str) -> WhyNot:
        """Why no pair of worlds flips the outcome through a criterion."""
        worlds, met = self.worlds, self.worlds.copies.met
        for truth, why in ((True, WhyNot.NEVER_MET), (False, WhyNot.ALWAYS_MET)):
            if not worlds.can(worlds.literals([met(0, name, truth)])):
                return why
        turns = [(overridden(name), True), (decisive(name), True)]
        where_met, where_unmet = (worlds.can(worlds.literals([*turns, met(0, name, truth)])) for truth in (True, False))
        if where_met and where_unmet:
            return WhyNot.NO_PAIR
        if not where_met and not where_unmet:
            return WhyNot.NEVER_DECISIVE
        return WhyNot.DECISIVE_IF_MET if where_met else WhyNot.DECISIVE_IF_UNMET

    def boundary(self, step: Step) -> Group | WhyNot:
        """Values on both sides of a cut point or step, the nearest that can occur, in cases that differ in no more.

        They flip the verdict where they can, in any record; else they differ in the status of a criterion.
        """
        unlike = (p for p in self._findings(step.attribute) if not self._domain.is_listed(p[0]) or p[0].key == 1)
        occurring = [(pair, c) for pair in unlike if (c := self._occurring(step, pair))]
        fewest = {pair: self.worlds.fewest(self.worlds.hold(pair, cells)) for pair, cells in occurring}
        for claims, differs in self._told_apart(step.attribute):
            for pair, cells in occurring:
                least = fewest[pair]
                assert least is not None, "each of the values can occur"
                for first, second in (cells, cells[::-1]):
                    fixed = [*self.worlds.hold(pair, (first, second)), self.worlds.at_most(least)]
                    if found := self.worlds.nearest(fixed, claims, least=least):
                        return self._boundary(step, pair, found, (first, second), differs)
        return WhyNot.NOT_TOLD_APART if occurring else WhyNot.ONE_SIDE

    def _occurring(self, step: Step, pair: Pair) -> tuple[Cell, Cell] | None:
        """The values on both sides of a step that are the nearest to it which a finding has in some world."""
        layout, found = self.worlds.copies.layouts[0], list[Cell]()
        for side in (step.below, step.above):
            found += next(([c] for c in side if self.worlds.can([layout.is_cell(pair, c)])), [])
        return (found[0], found[1]) if len(found) == 2 else None

    def _told_apart(self, attribute: Attribute) -> Iterator[tuple[Mapping[Flip, int], str | None]]:
        """In what two worlds can be unlike: their outcomes; or a criterion that reads an attribute, by its name."""
        yield self.worlds.flips, None
        for name in self._outline.leaves:
            if any(attribute.name in rule.attributes for _, rule in self._outline.support(name)):
                yield {(): self.worlds.literal(symbol_of("_unlike", [symbol_of(name)]))}, name

    def _boundary(self, step: Step, pair: Pair, found: Found, cells: tuple[Cell, Cell], differs: str | None) -> Group:
        def case(side: int, draft: Draft) -> Told:
            values = {**draft.values, pair: step.value(cells[side])}
            statuses = {} if differs is None else {differs: (Status.MET, Status.UNMET)[side]}
            verdict = VERDICTS[found.flip[side]] if found.flip else None
            told = replace(draft, values=values)
            return Told(told, step.name(cells[side]), step.sentence(cells[side]), verdict, statuses)

        claims: Claims = [[(outcome(name), True)] for name in found.flip]
        if differs is not None:
            claims = [[(met_symbol(differs), met)] for met in (True, False)]
        return self._group(Aim.BOUNDARY, step.subject, Wanted(found, claims, kept=[pair]), case)

    # -- what they have in common -----------------------------------------------------------------------------------

    def _findings(self, attribute: Attribute) -> Iterator[Pair]:
        """The attribute of each record that has it; levels that a code of the policy speaks of come first."""
        worlds = self.worlds
        spoken_of = {level for code in worlds.policy.covers for level in worlds.knowledge.coding.regions.get(code, ())}
        entities = [e for e in self._domain.entities if e.record == attribute.record]
        if attribute.record == worlds.policy.per:
            entities.sort(key=lambda e: e.key not in spoken_of)
        return ((e, attribute.name) for e in entities)

    def _group(self, aim: Aim, subject: str, wanted: Wanted, case: Callable[[int, Draft], Told]) -> Group:
        return Group(aim, subject, self.groups.tries(wanted, case))


def _turns(criterion: str, before: str, after: str) -> Symbol:
    """The atom that the first world meets a criterion, the second does not, and both these outcomes turn on it."""
    return symbol_of("_turns", [symbol_of(criterion), symbol_of(before), symbol_of(after)])
