"""The case of fewest statements of which every world meets a claim.

A case fails to force a claim if one of its worlds misses it. Such a world is reduced to a part that misses the claim
by itself; every case that forces the claim has to contradict that part somewhere: by a statement, by a presumption,
or by its records. So each failure says something of all cases, and the least number of statements with which all of
it can be had only grows, until a case of that number forces the claim (implicit hitting sets: Moreno-Centeno and Karp,
"The implicit hitting set approach", Operations Research 61, 2013).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from unmet.casewriter import Draft
from unmet.facts.domain import Domain
from unmet.facts.terms import Cell, Pair, finding, presence, statable
from unmet.solver import Assumption, Core, Program, Symbol
from unmet.source.again import parsed
from unmet.source.copying import attributes_of_several
from unmet.vocabulary import Entity

QUESTIONS = 700
"""After so many questions to the solver a search ends with the best case known, and says so."""


_Subject = tuple[Any, ...]
"""What a world is taken apart into: findings that are tied, records of a kind, or `("stated", finding)`."""


LOOKED_AT = 70_000
"""So many findings are looked at: in a policy that reads many there are fewer questions, as each takes longer."""


@dataclass(frozen=True)
class Stated:
    """A case: what it states of which findings, and the listed records there are, of which it lists all."""

    values: Mapping[Pair, str | int]
    entities: frozenset[Entity]

    @classmethod
    def of(cls, draft: Draft) -> Stated:
        """The case of a draft."""
        listed = (Entity(kind, i + 1) for kind, number in draft.listed.items() for i in range(number))
        return cls({p: v for p, v in draft.values.items() if v is not None}, frozenset(listed))

    def draft(self, domain: Domain) -> Draft:
        """The draft of the case."""
        listed = {kind: sum(e.record == kind for e in self.entities) for kind in domain.slots}
        return Draft({p: self.values[p] for p in domain.pairs if p in self.values}, listed, frozenset(domain.slots))


@dataclass(frozen=True)
class _World:
    """A world as the search sees it: what it holds, and what the record states."""

    cells: Mapping[Pair, Cell]
    entities: frozenset[Entity]
    stated: frozenset[Pair]


@dataclass(frozen=True)
class Asked:
    """What is asked of a program: which worlds are looked at, and the atom that all worlds of the case have to meet.

    `words` is the text of the vocabulary, `documented` are the attributes of which a rule asks whether the record
    states them. `example` is what some world of the case has to meet besides. Without `presuming`, silence gives no
    finding its presumed value.
    """

    words: str
    program: Program
    domain: Domain
    documented: frozenset[str]
    under: Sequence[Assumption]
    claim: Symbol
    example: Sequence[Assumption] = ()
    presuming: bool = True


def fewest(asked: Asked, known: Stated | None, questions: int = QUESTIONS) -> tuple[Stated | None, bool]:
    """A case of fewest statements that forces the claim, and whether it is known that none has fewer.

    Cases with the records of the known one come first, because a search over them ends sooner.

    Args:
        known: a case that forces the claim, if one is known.
        questions: after so many, the search ends with the best case found; it does not begin where so few are left to
            a large policy that one world may take them all.
    """
    domain = asked.domain
    questions = min(questions, LOOKED_AT // (len(domain.pairs) + 1))
    if known is not None and questions < len(domain.pairs):
        return known, not known.values
    last = asked.program.asked + questions
    listed = [e for e in domain.entities if domain.is_listed(e)] if known else []
    records = [(presence(e), known is not None and e in known.entities) for e in listed]
    searches = [replace(asked, under=[*asked.under, *records])] if listed else []
    best, exact = known, False
    for search in [*searches, asked]:
        most = len(domain.pairs) + 1 if best is None else len(best.values)
        found, exact = _Search(search).search(most, last)
        best = found or best
    return best, (exact and not _is_bent(asked)) or (best is not None and not best.values)


def _is_bent(asked: Asked) -> bool:
    """Whether a statement can overthrow a presumption about another finding: such cases are not looked at."""
    tied = {name for link in asked.domain.vocabulary.links if len(link) > 1 for name in link}
    return asked.presuming and any(p[1] in tied for p, _ in asked.domain.presumed_cells)


@dataclass(frozen=True)
class _Search:
    """The search among the worlds that are looked at."""

    asked: Asked
    _cuts: list[int] = field(default_factory=list)
    _more: dict[int, int] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        return self.asked.program

    @property
    def domain(self) -> Domain:
        return self.asked.domain

    def search(self, most: int, last: int) -> tuple[Stated | None, bool]:
        """A case of fewer statements than `most`, if there is one; and whether none has fewer than the better of them.

        That is not known where the questions do not suffice: `last` is the number of the last one.
        """
        least = 0
        while least < most and self.program.asked < last:
            world = self._proposed(least)
            if world is None:
                least += 1
                continue
            missed = self._missed(world, world.stated)
            if missed is None:
                return Stated({p: _least(world.cells[p]) for p in world.stated}, world.entities), True
            self._learn(world, missed, last)
        return None, least == most

    # -- a proposal, and what it misses ---------------------------------------------------------------------------

    def _proposed(self, most: int) -> _World | None:
        """A world that meets the claim, with so many statements at most that contradict all parts known to miss it."""
        if most not in self._more:
            self._more[most] = self.program.more_than(most, [self._literal(statable(p)) for p in self.domain.pairs])
        return self._world([*self._base, self._claim, *self._sound, *self._cuts, -self._more[most]])

    @cached_property
    def _sound(self) -> list[int]:
        """Silence leaves what is presumed, and nothing is stated of a record that is not there."""
        found = []
        for pair in self.domain.pairs:
            there = self._there(pair[0])
            if pair in self._presumed:
                away = [(finding(pair, c), False) for c in self._presumed[pair]]
                found.append(-self._any([[*there, (statable(pair), False), *away]]))
            found += [-self._any([[(statable(pair), True), (symbol, False)]]) for symbol, _ in there]
        return found

    def _missed(self, world: _World, stated: Collection[Pair]) -> _World | None:
        """A world of the case that states these findings of a world, and misses the claim."""
        case = [self._is(presence(e), e in world.entities) for e in self._listed]
        case += [self._is(statable(p), p in stated) for p in self._bits]
        for pair, cell in world.cells.items():
            if pair in stated:
                case.append(self._literal(finding(pair, cell)))
            elif pair in self._presumed:
                case += [-self._literal(x) for x in self._unlike(pair)]
        return self._world([*self._fixed, -self._claim, *case])

    def _unlike(self, pair: Pair) -> list[Symbol]:
        """The values of a finding other than the presumed one."""
        return [finding(pair, c) for c in self.domain.cells[pair[1]] if c not in self._presumed[pair]]

    def _learn(self, world: _World, missed: _World, last: int) -> None:
        """Learns of worlds that miss the claim, until what the proposal would have to state besides is enough."""
        stated = set(world.stated)
        found: _World | None = missed
        while found is not None:
            part = self._part(found)
            self._cuts.append(self._any(body for subject in part for body in self._contradicted(found, subject)))
            more = {p for subject in part for p in subject if not isinstance(p, Entity) and p in world.cells} - stated
            if not more or self.program.asked > last:
                return
            stated |= more
            found = self._missed(world, stated)

    def _part(self, missed: _World) -> list[_Subject]:
        """Subjects of a world that miss the claim whatever else is so."""
        core, places = self._core
        subjects = [s for s in self._subjects if any(x in missed.cells or isinstance(x, Entity) for x in s)]
        subjects += [("stated", p) for p in self._bits if p in missed.cells]
        chosen: dict[int, _Subject] = {}
        for subject in subjects:
            chosen |= {places[each]: subject for each in self._held(missed, subject)}
        kept = core.minimal(chosen)
        assert kept is not None, "a world that misses the claim does not meet it"
        return list(dict.fromkeys(chosen[i] for i in kept))

    @cached_property
    def _core(self) -> tuple[Core, Mapping[Assumption, int]]:
        """All that a world can say, one by one, beside the claim."""
        every: list[Assumption] = [(finding(p, c), True) for p in self.domain.pairs for c in self.domain.cells[p[1]]]
        every += [(statable(p), truth) for p in self._bits for truth in (True, False)]
        every += [(presence(e), truth) for e in self._listed for truth in (True, False)]
        core = Core(self.program, [*self.asked.under, (self.asked.claim, True)], [[each] for each in every])
        return core, {each: i for i, each in enumerate(every)}

    # -- what a world says of its subjects ------------------------------------------------------------------------

    @cached_property
    def _subjects(self) -> tuple[_Subject, ...]:
        """What can be so in one place whatever is so elsewhere: findings that rules tie, and the records of a kind.

        A finding of a listed record implies that the record is there, and nothing else ties the two.
        """
        vocabulary = self.domain.vocabulary
        several = attributes_of_several(parsed(self.asked.words))
        found: list[_Subject] = [tuple(e for e in self._listed if e.record == kind) for kind in self.domain.slots]
        for group in dict.fromkeys(vocabulary.linked([name]) for name in self.domain.cells):
            pairs = [p for p in self.domain.pairs if p[1] in group]
            if group & several:
                found.append(tuple(pairs))
            else:
                entities = dict.fromkeys(p[0] for p in pairs)
                found += [tuple(p for p in pairs if p[0] == entity) for entity in entities]
        return tuple(subject for subject in found if subject)

    def _held(self, world: _World, subject: _Subject) -> Iterator[Assumption]:
        if subject[0] == "stated":
            yield statable(subject[1]), subject[1] in world.stated
            return
        for each in subject:
            if isinstance(each, Entity):
                yield presence(each), each in world.entities
            elif each in world.cells:
                yield finding(each, world.cells[each]), True

    def _contradicted(self, world: _World, subject: _Subject) -> Iterator[list[Assumption]]:
        """The ways in which a case can exclude what a world says of a subject."""
        if subject[0] == "stated":
            pair = subject[1]
            yield [(statable(pair), pair not in world.stated)]
            return
        for each in subject:
            if isinstance(each, Entity):
                yield [(presence(each), each not in world.entities)]
            elif each in world.cells:
                there, cell = self._there(each[0]), world.cells[each]
                yield from ([(symbol, False)] for symbol, _ in there)
                yield [*there, (statable(each), True), (finding(each, cell), False)]
                if each in self._presumed and cell not in self._presumed[each]:
                    yield [*there, (statable(each), False)]

    # -- atoms ------------------------------------------------------------------------------------------------------

    def _literal(self, symbol: Symbol) -> int:
        return self.program.literal(symbol)

    def _is(self, symbol: Symbol, truth: bool) -> int:
        return self._literal(symbol) if truth else -self._literal(symbol)

    @cached_property
    def _fixed(self) -> list[int]:
        return self.program.literals(self.asked.under)

    @cached_property
    def _base(self) -> list[int]:
        return [*self._fixed, *self.program.literals(self.asked.example)]

    @cached_property
    def _claim(self) -> int:
        return self.program.literal(self.asked.claim)

    @cached_property
    def _bits(self) -> tuple[Pair, ...]:
        """The findings of which a rule asks whether they are stated."""
        return tuple(p for p in self.domain.pairs if p[1] in self.asked.documented)

    @cached_property
    def _listed(self) -> tuple[Entity, ...]:
        return tuple(e for e in self.domain.entities if self.domain.is_listed(e))

    @cached_property
    def _presumed(self) -> Mapping[Pair, tuple[Cell, ...]]:
        return dict(self.domain.presumed_cells) if self.asked.presuming else {}

    def _there(self, entity: Entity) -> list[Assumption]:
        return [(presence(entity), True)] if self.domain.is_listed(entity) else []

    def _any(self, bodies: Iterable[Iterable[Assumption]]) -> int:
        return self.program.any_of([self.program.literals(body) for body in bodies])

    @cached_property
    def _atoms(self) -> tuple[list[tuple[Pair, Cell]], list[int]]:
        """The findings with their values, and the literals of these, of statements and of records, in this order."""
        values = [(p, c) for p in self.domain.pairs for c in self.domain.cells[p[1]]]
        symbols = [finding(p, c) for p, c in values] + [statable(p) for p in self.domain.pairs]
        symbols += [presence(e) for e in self._listed]
        return values, self.program.literals((s, True) for s in symbols)

    def _world(self, literals: Sequence[int]) -> _World | None:
        values, atoms = self._atoms
        held = self.program.holding(literals, atoms)
        if held is None:
            return None
        pairs, listed = self.domain.pairs, self._listed
        first, second = len(values), len(values) + len(pairs)
        cells = dict(values[i] for i in held if i < first)
        stated = frozenset(pairs[i - first] for i in held if first <= i < second)
        return _World(cells, frozenset(listed[i - second] for i in held if i >= second), stated)


def _least(cell: Cell) -> str | int:
    """A word, or the least number of a class."""
    return cell if isinstance(cell, str) else cell[0]
