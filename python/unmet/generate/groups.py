"""Cases made of worlds: what each of a group states, so that deciding it shows what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from unmet.casewriter import Draft
from unmet.copies import domain_of
from unmet.facts.domain import Domain, room
from unmet.facts.layout import Layout, World, least
from unmet.facts.terms import Cell, Pair
from unmet.generate.worlds import Found, TwoWorlds
from unmet.generated import Aim
from unmet.lists import Lists
from unmet.results import Status, Verdict
from unmet.solver import Assumption
from unmet.source.copying import attributes_of_several
from unmet.turning import overriding
from unmet.witness import Ground, Shown, drawn, minimal


@dataclass(frozen=True)
class Told:
    """One case to make: what it is called, what it is for, and what deciding it has to show."""

    draft: Draft
    name: str
    sentence: str
    verdict: Verdict | None
    statuses: Mapping[str, Status] = field(default_factory=dict)
    turns_on: str | None = None


@dataclass(frozen=True)
class Group:
    """Cases that belong together, a pair or a single one, made anew as long as they do not show what they are for."""

    aim: Aim
    subject: str
    tries: Iterator[tuple[Told, ...]]


Claims = Sequence[Sequence[Assumption]]
"""What the case of each of two worlds has to show."""


@dataclass(frozen=True)
class Wanted:
    """Two worlds of which cases are to be made, and what the case of each has to show.

    Attributes:
        given: what holds in their worlds besides.
        kept: findings that they state in any case.
        asked: a finding that they do not state, nor what else differs; it is what it is all the same.
        imprecise: findings that they may state nevertheless, as one of both values.
    """

    found: Found
    claims: Claims
    given: Sequence[Assumption] = ()
    kept: Sequence[Pair] = ()
    asked: Pair | None = None
    imprecise: frozenset[Pair] = frozenset()

    @cached_property
    def blank(self) -> frozenset[Pair]:
        """What is asked, of which nothing is presumed."""
        return frozenset() if self.asked is None else frozenset({self.asked})

    @cached_property
    def hidden(self) -> frozenset[Pair]:
        """What no case states."""
        return self.blank and self.blank | (self.found.differing - self.imprecise)

    @cached_property
    def others(self) -> tuple[Mapping[Pair, Cell], Mapping[Pair, Cell]]:
        """What is stated as one of two values: in each of the worlds the value that it has in the other."""
        first, second = (world.cells for world in self.found.worlds)
        stated = self.found.differing & self.imprecise
        return {p: second[p] for p in stated}, {p: first[p] for p in stated}


@dataclass(frozen=True)
class Groups:
    """Makes cases for one version of a policy under one choice of readings."""

    worlds: TwoWorlds
    _grounds: dict[tuple[int, ...], Ground] = field(default_factory=dict, repr=False)

    @property
    def domain(self) -> Domain:
        return self.worlds.copies.domain

    @cached_property
    def tied(self) -> tuple[tuple[Pair, ...], ...]:
        """The findings by what ties them: each group can be as it can whatever the others are."""
        return self.domain.tied(attributes_of_several(self.worlds.knowledge.sources.words.rules))

    def tries(self, wanted: Wanted, case: Callable[[int, Draft], Told]) -> Iterator[tuple[Told, ...]]:
        """The cases of both worlds; they state no more than they need to.

        Where silence presumes otherwise than a world is, and no statement can say so, the finding is unclear.
        """
        for unclear in dict.fromkeys((wanted.blank, self._unclear(wanted))):
            shown = partial(self._shown, wanted, unclear)
            cases = shown({})
            stated = minimal(cases, wanted.kept)
            if stated is not None:
                open = Lists(cases, stated, self.worlds.policy.spares, shown).open()
                yield tuple(case(side, self._draft(wanted, each, stated, open)) for side, each in enumerate(cases))

    def missed(self, wanted: Wanted) -> tuple[int, World] | None:
        """A world of one of the cases that state all they can and misses its claim, and which case; None if none does.

        What silence presumes otherwise than one of the two worlds is, is unclear, so that all of it holds in both.
        """
        for side, each in enumerate(self._shown(wanted, self._unclear(wanted), {})):
            if missed := each.missed([p for p in each.relevant if each.statable(p)]):
                return side, missed
        return None

    def ground(self, listed: Mapping[str, int]) -> Ground:
        """What cases that list so many records stand on: the policy once, in which a criterion can be turned over."""
        worlds, policy = self.worlds, self.worlds.policy
        slots = {k: room(listed.get(k, 0)) + n for k, n in self.domain.slots.items()}
        key = tuple(slots.values())
        if key not in self._grounds:
            domain = domain_of(worlds.knowledge, [policy], slots) if any(listed.values()) else self.domain
            program = overriding(worlds.knowledge, policy, domain)
            fixed = program.literals(worlds.copies.under(0, worlds.chosen))
            self._grounds[key] = Ground(program, Layout(domain, program.literal), frozenset(policy.documented), fixed)
        return self._grounds[key]

    def _shown(self, wanted: Wanted, unclear: frozenset[Pair], listed: Mapping[str, int]) -> list[Shown]:
        ground, asked = self.ground(listed), wanted.asked
        program, layout, cases = ground.program, ground.layout, list[Shown]()
        for world, claim, others in zip(wanted.found.worlds, wanted.claims, wanted.others, strict=True):
            goal, also = program.any_of([program.literals(claim)]), program.literals(wanted.given)
            own = [] if asked is None else [layout.is_cell(asked, world.cells[asked])]
            silent, pairs = wanted.hidden | unclear, layout.domain.pairs
            cases.append(Shown(ground, world, [goal], pairs, silent, also, own, unclear=unclear, others=others))
        return cases

    def _unclear(self, wanted: Wanted) -> frozenset[Pair]:
        """What silence would presume otherwise than one of the worlds is, and what is asked."""
        shown = self._shown(wanted, wanted.blank, {})
        return wanted.blank | {p for each in shown for p in each.misjudged}

    def _draft(self, wanted: Wanted, shown: Shown, stated: Iterable[Pair], open: frozenset[str]) -> Draft:
        """The draft of a case; what is unclear it mentions where silence would say something.

        That is what it presumes; and, where something is asked, what the request fills in.
        """
        told = [p for p in stated if shown.statable(p)]
        draft, filled = drawn(shown.world, told, self.domain, open), set[str]()
        if wanted.asked is not None:
            filled.update(self.worlds.knowledge.coding.filled(self.worlds.policy.name))
        attributes = self.worlds.knowledge.vocabulary.attributes
        mentioned = [
            p
            for p in self.domain.pairs
            if (p in shown.unclear and attributes[p[1]].presumed is not None) or (p[1] in filled and p not in told)
        ]
        several = {p: self._values(p, shown) for p in told if p in shown.others}
        return replace(draft, values={**draft.values, **several, **dict.fromkeys(mentioned)})

    def _values(self, pair: Pair, shown: Shown) -> tuple[str | int, ...]:
        """Both values of a finding that is stated as one of two, in their order."""
        cells = {shown.world.cells[pair], shown.others[pair]}
        return tuple(least(cell) for cell in self.domain.cells[pair[1]] if cell in cells)
