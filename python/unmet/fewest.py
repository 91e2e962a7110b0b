"""The case of fewest statements of which every world meets a claim.

A case fails to force a claim if one of its worlds misses it. Such a world is reduced to a part that misses the claim
by itself; every case that forces the claim has to contradict that part somewhere: by a statement, by a presumption,
or by its records. So each failure says something of all cases, and the least number of statements with which all of
it can be had only grows, until a case of that number forces the claim (implicit hitting sets: Moreno-Centeno and Karp,
"The implicit hitting set approach", Operations Research 61, 2013).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from math import perm
from typing import Any

from unmet.facts.domain import Domain
from unmet.facts.layout import Layout, World
from unmet.facts.terms import Pair
from unmet.solver import Core, Program, Unfinished
from unmet.source.copying import attributes_of_several
from unmet.vocabulary import Entity

QUESTIONS = 300
"""After so many questions to the solver a search ends with the best case known, and says so."""

LOOKED_AT = 15_000
"""So many findings are looked at: in a policy that reads many there are fewer questions, as each takes longer."""

CONFLICTS = 2_000
"""A question that takes more conflicts of the solver ends the search, too: to count alike records can be that hard."""

MOST_IMAGES = 24
"""In so many ways at most the records of a part are taken for one another."""

_Subject = tuple[Any, ...]
"""What a world is taken apart into: findings that are tied, records of a kind, or `("stated", finding)`."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a program: which worlds are looked at, and what all worlds of the case have to meet.

    `words` are the rules of the vocabulary as text, `documented` the attributes of which a rule asks whether the
    record states them. `under` (what holds in all worlds), `claim` and `example` are literals; some world of the case
    has to meet the `example` besides.
    """

    words: str
    program: Program
    layout: Layout
    documented: frozenset[str]
    under: Sequence[int]
    claim: int
    example: Sequence[int] = ()

    @property
    def domain(self) -> Domain:
        return self.layout.domain


def fewest(
    asked: Asked, known: World | None, questions: int = QUESTIONS, looked_at: int = LOOKED_AT
) -> tuple[World | None, bool]:
    """A case of fewest statements that forces the claim, and whether it is known that none has fewer.

    A case is a world of it, whose record states what the case states, and which has the listed records of the case:
    there are no others. Cases with the records of the known one come first, because a search over them ends sooner.

    Args:
        known: a case that forces the claim, if one is known.
        questions: after so many, or one too hard (`CONFLICTS`), the search ends with the best case found; it does not
            begin where so few are left to a large policy that one world may take them all.
        looked_at: so many findings are looked at by all questions together.
    """
    domain = asked.domain
    questions = min(questions, looked_at // (len(domain.pairs) + 1))
    if known is not None and questions < len(domain.pairs):
        return known, not known.stated
    last = asked.program.asked + questions
    search, best, exact = _Search(asked), known, False
    there = [x if known and e in known.entities else -x for e, x in asked.layout.present.items()] if known else []
    with asked.program.limited(CONFLICTS):
        for records in [there, []] if there else [[]]:
            most = len(domain.pairs) + 1 if best is None else len(best.stated)
            try:
                found, exact = search.search(most, last, records)
            except Unfinished:
                found, exact = None, False
            best = found or best
    return best, (exact and not _is_bent(asked)) or (best is not None and not best.stated)


def _is_bent(asked: Asked) -> bool:
    """Whether an assumption or a formula can keep a presumption from holding: such cases are not looked at."""
    tied = {name for link in asked.domain.vocabulary.links for name in link}
    return any(p[1] in tied for p, _ in asked.domain.presumed_cells)


@dataclass(frozen=True)
class _Search:
    """The search among the worlds that are looked at; what is learnt of one number of statements serves the next."""

    asked: Asked
    _cuts: list[int] = field(default_factory=list)
    _more: dict[int, int] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        return self.asked.program

    @property
    def domain(self) -> Domain:
        return self.asked.domain

    @property
    def layout(self) -> Layout:
        return self.asked.layout

    def search(self, most: int, last: int, records: Sequence[int]) -> tuple[World | None, bool]:
        """A case of fewer statements than `most`, if there is one; and whether none has fewer than the better of them.

        That is not known where the questions do not suffice: `last` is the number of the last one. The `records` say
        which listed records the case has.
        """
        number = 0
        while number < most and self.program.asked < last:
            world = self._proposed(number, records)
            if world is None:
                number += 1
                continue
            missed = self._missed(world, world.stated)
            if missed is None:
                return replace(world, stated=world.stated & set(world.cells)), True
            self._learn(world, missed, last)
        return None, number == most

    # -- a proposal, and what it misses ---------------------------------------------------------------------------

    def _proposed(self, most: int, records: Sequence[int]) -> World | None:
        """A world that meets the claim, with so many statements at most that contradict all parts known to miss it."""
        if most not in self._more:
            self._more[most] = self.program.more_than(most, list(self.layout.stated.values()))
        asked = self.asked
        claims = [*asked.under, *asked.example, asked.claim, *self._sound, *self._ordered, *records]
        return self._world([*claims, *self._cuts, -self._more[most]])

    @cached_property
    def _sound(self) -> list[int]:
        """Silence leaves what is presumed, and nothing is stated of a record that is not there."""
        wrong: list[list[int]] = []
        for pair, stated in self.layout.stated.items():
            there = self._there(pair[0])
            wrong += [[*there, -stated, x] for x in self._presumed.get(pair, ())]
            wrong += [[stated, -x] for x in there]
        return [-self.program.any_of(wrong)]

    @cached_property
    def _ordered(self) -> list[int]:
        """Of listed records, which are alike, no one states more than the one before it."""
        wrong: list[list[int]] = []
        for entity in self.layout.present:
            before = Entity(entity.record, int(entity.key or 0) - 1)
            if before in self.layout.present:
                own, others = ([x for p, x in self.layout.stated.items() if p[0] == e] for e in (entity, before))
                pairs = ((self.program.more_than(n, own), self.program.more_than(n, others)) for n in range(len(own)))
                wrong += [[more, -fewer] for more, fewer in pairs]
        return [-self.program.any_of(wrong)]

    def _missed(self, world: World, stated: Collection[Pair]) -> World | None:
        """A world of the case that states these findings of a world, and misses the claim."""
        layout = self.layout
        case = [x if e in world.entities else -x for e, x in layout.present.items()]
        case += [layout.stated[p] if p in stated else -layout.stated[p] for p in self._bits]
        case += [layout.is_cell(pair, cell) for pair, cell in world.cells.items() if pair in stated]
        case += [-x for p, row in self._presumed.items() if p not in stated and p in world.cells for x in row]
        return self._world([*self.asked.under, -self.asked.claim, *case])

    def _learn(self, world: World, missed: World, last: int) -> None:
        """Learns of worlds that miss the claim, until what the proposal would have to state besides is enough."""
        stated = set(world.stated)
        found: World | None = missed
        while found is not None:
            part = self._part(found)
            self._cuts.extend(
                self.program.any_of_each(
                    [body for subject in part for body in self._exclusions(found, subject, renamed)]
                    for renamed in self._images(found, part)
                )
            )
            more = {p for subject in part for p in subject if not isinstance(p, Entity) and p in world.cells} - stated
            if not more or self.program.asked > last:
                return
            stated |= more
            found = self._missed(world, stated)

    def _part(self, missed: World) -> list[_Subject]:
        """Subjects of a world that miss the claim whatever else is so; its records only if they have to be.

        That is also where a rule of the vocabulary ties findings of several: a further record could exclude them.
        """
        core, places = self._core
        subjects = [s for s in self._subjects if any(x in missed.cells for x in s)]
        subjects += [("stated", p) for p in self._bits if p in missed.cells]
        subjects += self._records
        chosen: dict[int, _Subject] = {}
        for subject in subjects:
            chosen |= {places[each]: subject for each in self._held(missed, subject)}
        kept = core.few(chosen)
        assert kept is not None, "a world that misses the claim does not meet it"
        part = dict.fromkeys(chosen[i] for i in kept)
        tied = {p[0].record for s in part if s in self._of_several for p in s}
        return list(part | dict.fromkeys(each for each in self._records if each[0].record in tied))

    @cached_property
    def _core(self) -> tuple[Core, Mapping[int, int]]:
        """All that a world can say, one by one, beside the claim."""
        layout = self.layout
        every = [x for row in layout.values.values() for _, x in row]
        every += [x for p in self._bits for x in (layout.stated[p], -layout.stated[p])]
        every += [x for there in layout.present.values() for x in (there, -there)]
        core = Core.of(self.program, [*self.asked.under, self.asked.claim], [[each] for each in every])
        return core, {each: i for i, each in enumerate(every)}

    # -- records that are alike -----------------------------------------------------------------------------------

    def _images(self, world: World, part: Sequence[_Subject]) -> list[Mapping[Entity, Entity]]:
        """The ways in which a part of a world can be about other listed records: rules do not tell these apart.

        A part that says nothing of how many there are speaks of worlds with at least as many as the last one that it
        names; so has each of its images.
        """
        pairs = (p for s in part for p in s if not isinstance(p, Entity) and p in world.cells)
        named = dict.fromkeys(p[0] for p in pairs if p[0] in self.layout.present)
        fixed = {e.record for s in part for e in s if isinstance(e, Entity)}
        found: list[dict[Entity, Entity]] = [{}]
        for kind in dict.fromkeys(e.record for e in named):
            own = [e for e in named if e.record == kind]
            there = sum(e.record == kind for e in world.entities)
            room, last = (there, 0) if kind in fixed else (self.domain.slots[kind], max(int(e.key or 0) for e in own))
            if len(found) * perm(room, len(own)) > MOST_IMAGES:
                return [{e: e for e in named}]
            ways = [way for way in permutations(range(1, room + 1), len(own)) if max(way) >= last]
            found = [f | {e: Entity(kind, i) for e, i in zip(own, way, strict=True)} for f in found for way in ways]
        return list(found)

    # -- what a world says of its subjects ------------------------------------------------------------------------

    @cached_property
    def _records(self) -> list[_Subject]:
        """The records of each kind."""
        kinds = (tuple(e for e in self.layout.present if e.record == kind) for kind in self.domain.slots)
        return [kind for kind in kinds if kind]

    @cached_property
    def _subjects(self) -> tuple[_Subject, ...]:
        """What can be so in one place whatever is so elsewhere: findings that rules tie.

        A finding of a listed record implies that the record is there, and nothing else ties the two.
        """
        return self.domain.tied(attributes_of_several(self.asked.words))

    @cached_property
    def _of_several(self) -> frozenset[_Subject]:
        """Those that are findings of several records."""
        return frozenset(subject for subject in self._subjects if len({p[0] for p in subject}) > 1)

    def _held(self, world: World, subject: _Subject) -> Iterator[int]:
        layout = self.layout
        if subject[0] == "stated":
            stated = layout.stated[subject[1]]
            yield stated if subject[1] in world.stated else -stated
            return
        for each in subject:
            if isinstance(each, Entity):
                yield layout.present[each] if each in world.entities else -layout.present[each]
            elif each in world.cells:
                yield layout.is_cell(each, world.cells[each])

    def _exclusions(self, world: World, subject: _Subject, renamed: Mapping[Entity, Entity]) -> Iterator[list[int]]:
        """The ways in which a case can exclude what a world says of a subject, its records taken for others."""
        layout = self.layout
        if subject[0] == "stated":
            stated = layout.stated[_of(subject[1], renamed)]
            yield [-stated if subject[1] in world.stated else stated]
            return
        for each in subject:
            if isinstance(each, Entity):
                yield [-layout.present[each] if each in world.entities else layout.present[each]]
            elif each in world.cells:
                pair = _of(each, renamed)
                there, value = self._there(pair[0]), layout.is_cell(pair, world.cells[each])
                yield from ([-x] for x in there)
                yield [*there, layout.stated[pair], -value]
                if value in self._presumed.get(pair, ()):
                    yield [*there, -layout.stated[pair]]

    # -- literals ---------------------------------------------------------------------------------------------------

    @cached_property
    def _bits(self) -> tuple[Pair, ...]:
        """The findings of which a rule asks whether they are stated."""
        return tuple(p for p in self.domain.pairs if p[1] in self.asked.documented)

    @cached_property
    def _presumed(self) -> Mapping[Pair, list[int]]:
        """Of findings that are presumed to have a value, the literals of all others."""
        return {pair: self.layout.unlike(pair, cells) for pair, cells in self.domain.presumed_cells}

    def _there(self, entity: Entity) -> list[int]:
        return [self.layout.present[entity]] if entity in self.layout.present else []

    def _world(self, literals: Sequence[int]) -> World | None:
        return self.program.model(literals, self.layout.read)[0]


def _of(pair: Pair, renamed: Mapping[Entity, Entity]) -> Pair:
    """The finding of the record that its own is taken for."""
    return renamed.get(pair[0], pair[0]), pair[1]
