"""Cases that are pended for want of one finding: what it is decides the outcome, whatever else the case leaves open.

A pended case of a finding says nothing of it, and two values of it settle the case otherwise: all worlds with the one
end in one way, all with the other in another. As a rule two worlds that differ in the finding alone make such a case.
Where none do, all cases are gone through: two worlds are proposed that a case could have; a world of their case that
has one of the two values and ends otherwise rules out the case, and all others that leave as much open (as in
`unmet.fewest`). When nothing more can be proposed, there is no such case.

Two worlds need not differ in a finding that no rule of the vocabulary ties to the one asked for: with it as it is in
the first, the second is a world of the same case. So a case that states all else leaves no more worlds than any other
would, and what it states of tied findings is what both worlds have in common, or one of both values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from unmet.casewriter import Draft
from unmet.facts.domain import Domain
from unmet.facts.layout import World
from unmet.facts.terms import Pair, outcome
from unmet.generate.groups import Group, Groups, Told, Wanted
from unmet.generate.parts import excluding, part_of
from unmet.generate.steps import file_name
from unmet.generate.worlds import Found, TwoWorlds
from unmet.generated import Aim, WhyNot
from unmet.results import Verdict
from unmet.vocabulary import Attribute


@dataclass(frozen=True)
class Pended:
    """The search for pended cases of the findings of one version under one choice of readings."""

    worlds: TwoWorlds
    groups: Groups
    read: frozenset[str]
    """The attributes that the criteria in use read."""

    def group(self, attribute: Attribute, subject: str, pairs: Sequence[Pair]) -> Group | WhyNot:
        """A case that is pended for want of one of these findings, or that there is none."""

        def tries(wanted: Wanted) -> Iterator[tuple[Told, ...]]:
            return (cases[:1] for cases in self.groups.tries(wanted, case))

        def case(_: int, draft: Draft) -> Told:
            is_unclear = any(draft.values.get(pair, "") is None for pair in pairs)
            where = subject.removeprefix(attribute.name).strip()
            what = f"{attribute.label}{f' ({where})' if where else ''}"
            sentence = f"{what} is {'unclear' if is_unclear else 'not documented'}"
            return Told(draft, file_name(subject), sentence, Verdict.PENDED)

        easy = (wanted for pair in pairs for wanted in self._alone(pair))
        every = (wanted for pair in pairs for wanted in self._of_all_cases(pair))
        found = (each for wanted in chain(easy, every) for each in tries(wanted))
        first = next(found, None)
        return WhyNot.NEVER_ALONE if first is None else Group(Aim.PENDED, subject, chain([first], found))

    def _wanted(self, pair: Pair, found: Found, imprecise: frozenset[Pair] = frozenset()) -> Wanted:
        claims = [[(outcome(name), True)] for name in found.flip]
        return Wanted(found, claims, asked=pair, imprecise=imprecise)

    # -- as a rule --------------------------------------------------------------------------------------------------

    def _alone(self, pair: Pair) -> Iterator[Wanted]:
        """Two worlds that differ in a finding alone, and in what moves with it, and end otherwise.

        What moves with it and is read by no criterion moves rather than what is: then the outcome is up to the finding.
        """
        entity, name = pair
        moved = self.worlds.knowledge.vocabulary.moved(name) & set(self._domain.cells)
        unread = {name, *(moved - self.read)}
        for names in [unread, moved] if unread != moved else [moved]:
            free = [(entity, each) for each in names]
            if found := self.worlds.nearest(self.worlds.only(pair, free), self.worlds.flips, silent=free):
                yield self._wanted(pair, found)

    # -- among all cases --------------------------------------------------------------------------------------------

    def _of_all_cases(self, pair: Pair) -> Iterator[Wanted]:
        """Two worlds of a case in which what a finding is decides; if it has to, the case states others imprecisely."""
        tied = next(group for group in self.groups.tied if pair in group)
        others = frozenset(p for p in tied if p != pair and p[1] != self.worlds.policy.per)
        for imprecise in dict.fromkeys((frozenset[Pair](), others)):
            fixed, least = self.worlds.only(pair, tied, imprecise), 1
            while found := self.worlds.nearest(fixed, self.worlds.flips, least=least, silent=tied):
                wanted = self._wanted(pair, found, imprecise)
                missed = self.groups.missed(wanted)
                if missed is None:
                    yield wanted
                    break
                fixed += self._ruled_out(pair, found.flip[missed[0]], missed[1])
                least = len(found.differing)

    @property
    def _domain(self) -> Domain:
        return self.worlds.copies.domain

    def _ruled_out(self, asked: Pair, name: str, missed: World) -> list[int]:
        """That a world which ends otherwise is in no case all of whose worlds with its value of a finding end so.

        The literals are those of two worlds; each of them may be the one that ends so.
        """
        both, ground = self.worlds.copies, self.groups.ground({})
        part = part_of(missed, ground, self.groups.tied, ground.program.literals([(outcome(name), True)]))
        return both.program.any_of_each(
            [[-both.outcomes(side)[name]], *excluding(both, part, (side, 1 - side), asked)] for side in (0, 1)
        )
