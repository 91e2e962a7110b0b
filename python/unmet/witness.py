"""From a world to a case that states no more than a claim needs.

A claim is a list of literals of a program (`met(c)` or its negation, an outcome). A case shows it if they hold in every
world of the case. The case starts out stating all that the world holds, and gives up one statement after another as
long as the claim is still shown; what it then is silent about may be anything, or is presumed. Several cases about the
same findings (a pair of worlds) give up the same statements.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from unmet.casewriter import Draft
from unmet.facts.domain import Domain
from unmet.facts.layout import Layout, World
from unmet.facts.terms import Cell, Pair
from unmet.solver import Core, Program, Truth, in_every_maximal
from unmet.solver.program import T


class Nearest:
    """Worlds of a program that state all they can and make small cases: few records, and what is presumed."""

    def __init__(self, program: Program, layouts: Sequence[Layout]) -> None:
        """`layouts` are those of the worlds that a model of the program holds, one or two over one domain."""
        domain = layouts[0].domain
        wishes = [[each.stated[pair] for each in layouts] for pair in domain.pairs]
        wishes += [[-each.present[e] for each in layouts] for e in reversed(layouts[0].present)]
        wishes += [[-x for each in layouts for x in each.unlike(pair, cells)] for pair, cells in domain.presumed_cells]
        self._program, self._layouts, self._wishes, self._pairs = program, layouts, wishes, domain.pairs

    def worlds(
        self, base: Sequence[int], pairs: Collection[Pair] | None = None, silent: Collection[Pair] = ()
    ) -> tuple[World, ...] | None:
        """The worlds of a model that agrees with these literals, and is otherwise as small a case as it can be.

        They are told of some findings alone where these are named; nothing is wished of those that are `silent`. None
        where no model agrees.
        """
        return self.read(base, lambda holds: tuple(each.read(holds, pairs) for each in self._layouts), silent)

    def read(self, base: Sequence[int], read: Callable[[Truth], T], silent: Collection[Pair] = ()) -> T | None:
        """As `worlds`, with anything else that is read of the model."""
        core = Core.of(self._program, base, self._wishes)
        left_out = {i for i, pair in enumerate(self._pairs) if pair in silent} if silent else set[int]()
        found = core.most([i for i in range(len(self._wishes)) if i not in left_out], read)
        return None if found is None else found[1]


@dataclass(frozen=True)
class Ground:
    """The ground that cases stand on: a program, and what holds in all worlds of it (`fixed`: the readings).

    `documented` are the attributes of which a rule asks whether the record states them.
    """

    program: Program
    layout: Layout
    documented: frozenset[str]
    fixed: Sequence[int]

    def told(self, pair: Pair, cell: Cell, other: Cell) -> tuple[int, ...]:
        """The literals by which a case states that a finding is one of two, or has one value twice.

        That it is stated matters where a rule asks for that.
        """
        documented = (self.layout.stated[pair],) if pair[1] in self.documented else ()
        if cell == other:
            return (*documented, self.layout.is_cell(pair, cell))
        return (*documented, *(-x for x in self.layout.unlike(pair, (cell, other))))

    @cached_property
    def untold(self) -> dict[Pair, tuple[int, ...]]:
        """The literals by which a case is silent about a finding: it is not stated, and what the request fills in."""
        domain = self.layout.domain
        found: dict[Pair, tuple[int, ...]] = {
            p: (-self.layout.stated[p],) for p in domain.pairs if p[1] in self.documented
        }
        for pair, is_so in self._silence:
            if pair[1] in domain.filled:
                found[pair] = (*found.get(pair, ()), *is_so)
        return found

    @cached_property
    def presumed(self) -> dict[Pair, tuple[int, ...]]:
        """The literals of what silence about a finding presumes."""
        filled = self.layout.domain.filled
        return {pair: is_so for pair, is_so in self._silence if pair[1] not in filled}

    @property
    def _silence(self) -> Iterator[tuple[Pair, tuple[int, ...]]]:
        for pair, cells in self.layout.domain.presumed_cells:
            yield pair, tuple(self.layout.is_cell(pair, cell) for cell in cells)


@dataclass(frozen=True)
class Shown:
    """A world, and the literals that a case made of it has to show, which depend on the `relevant` findings alone.

    `silent` are findings that the case may not state, and of those that are `unclear` it presumes nothing; `given` are
    literals that hold in its worlds besides. Of its worlds those count in which what is `supposed` holds, and there are
    such: the case itself does not say it, so no presumption gives way to it. Of the listed kinds that are `open` there
    may be more records than the world has. Some world of the case is to agree with the `example`, too. A finding with
    another value in `others` is stated as one of the two.
    """

    ground: Ground
    world: World
    claims: Sequence[int]
    relevant: Sequence[Pair]
    silent: frozenset[Pair] = frozenset()
    given: Sequence[int] = ()
    supposed: Sequence[int] = ()
    open: frozenset[str] = frozenset()
    unclear: frozenset[Pair] = frozenset()
    example: Sequence[int] = ()
    others: Mapping[Pair, Cell] = field(default_factory=dict)

    @property
    def domain(self) -> Domain:
        return self.ground.layout.domain

    @property
    def _program(self) -> Program:
        return self.ground.program

    @cached_property
    def _fixed(self) -> list[int]:
        """The readings, and the records that there are; lists that are not open are complete."""
        present = self.ground.layout.present
        there = [x for e, x in present.items() if e in self.world.entities]
        others = [-x for e, x in present.items() if e not in self.world.entities and e.record not in self.open]
        return [*self.ground.fixed, *self.given, *there, *others]

    @cached_property
    def _missed(self) -> int:
        """The literal of some claim's not being so."""
        return -self.claims[0] if len(self.claims) == 1 else self._program.any_of([-claim] for claim in self.claims)

    def statable(self, pair: Pair) -> bool:
        """Whether the case can state what the world holds of a finding."""
        stated = pair[1] not in self.ground.documented or pair in self.world.stated
        return stated and pair in self.world.cells and pair not in self.silent

    def told(self, pair: Pair) -> tuple[int, ...]:
        """The literals of the case that states a finding."""
        cell = self.world.cells[pair]
        return self.ground.told(pair, cell, self.others.get(pair, cell))

    @cached_property
    def _untold(self) -> dict[Pair, tuple[int, ...]]:
        """The literals of the case that is silent about a finding, where silence says something."""
        return {p: row for p, row in self.ground.untold.items() if p in self.world.cells}

    @cached_property
    def _presumed(self) -> dict[Pair, tuple[int, ...]]:
        """What silence about a finding presumes."""
        presumed = self.ground.presumed.items()
        return {p: row for p, row in presumed if p in self.world.cells and p not in self.unclear}

    @cached_property
    def sensitive(self) -> frozenset[Pair]:
        """Findings of which silence says something else, and not only less: presumed otherwise, or of the record."""
        silence = [*self._untold.items(), *self._presumed.items()]
        return frozenset(p for p, untold in silence if not set(untold) <= set(self.told(p)))

    @property
    def misjudged(self) -> frozenset[Pair]:
        """Findings that silence presumes to be otherwise, and that the case cannot state."""
        presumed = self._presumed.items()
        return frozenset(p for p, row in presumed if not set(row) <= set(self.told(p)) and not self.statable(p))

    @cached_property
    def _further(self) -> list[int]:
        """What silence says of further records of an open list: as of others, if they are there."""
        layout = self.ground.layout
        further = {p for p in layout.domain.pairs if p[0].record in self.open and p[0] not in self.world.entities}
        found = [-layout.stated[p] for p in further if p[1] in self.ground.documented]
        for pair, cells in layout.domain.presumed_cells:
            found += [-x for x in layout.unlike(pair, cells)] if pair in further else []
        return found

    def shows(self, stated: Iterable[Pair]) -> bool:
        """Whether every world that counts of the case that states these findings holds all claims, and there is one.

        What silence presumes applies where it belongs to every maximal set of it that can be so. What is supposed may
        be stated as well: the case with it shows the claims, too.
        """
        said, presumed = self._case(stated)
        case = [*said, *chain(*presumed)]
        if not self._forces(case):
            return False
        if self.presumes_all(stated):
            return not self.example or self._has_world([*case, *self.example])
        bases = [said, [*said, *self.supposed]] if self.supposed else [said]
        return all(self._shows_with(base, presumed) for base in bases)

    def _shows_with(self, said: list[int], presumed: list[tuple[int, ...]]) -> bool:
        """Whether all worlds in which this is said, and what of that can be presumed, hold the claims."""
        applied = in_every_maximal(Core.of(self._program, said, presumed))
        case = [*said, *(x for i in applied for x in presumed[i])]
        return self._forces(case) and self._has_world([*case, *self.example])

    def presumes_all(self, stated: Iterable[Pair]) -> bool:
        """Whether the case has a world with all that silence presumes: as a rule the one that it is made of."""
        if self._otherwise <= {p for p in stated if self.statable(p)}:
            return True
        said, presumed = self._case(stated)
        return self._has_world([*said, *chain(*presumed)])

    @cached_property
    def _otherwise(self) -> frozenset[Pair]:
        """Findings of which silence may presume what is not so in the world."""
        return frozenset(p for p in self.sensitive if p in self._presumed or p[1] in self.domain.filled)

    def _case(self, stated: Iterable[Pair]) -> tuple[list[int], list[tuple[int, ...]]]:
        """What holds in every world of the case that states these findings, and what its silence presumes."""
        told = {p: self.told(p) for p in stated if self.statable(p)}
        untold = chain(*(row for p, row in self._untold.items() if p not in told))
        presumed = [row for p, row in self._presumed.items() if p not in told]
        return [*self._fixed, *untold, *self._further, *chain(*told.values())], presumed

    def missed(self, stated: Iterable[Pair]) -> World | None:
        """A world that counts of the case that states these findings, holds all it presumes, and misses a claim."""
        said, presumed = self._case(stated)
        case = [self._missed, *said, *chain(*presumed), *self.supposed]
        return self._program.model(case, self.ground.layout.read)[0]

    def _forces(self, case: list[int]) -> bool:
        """Whether no world of a case misses a claim."""
        return not self._has_world([self._missed, *case])

    def _has_world(self, case: list[int]) -> bool:
        """Whether some world of a case counts."""
        return self._program.has_world([*case, *self.supposed])

    def needed(self, stated: Iterable[Pair], kept: Iterable[Pair]) -> list[Pair]:
        """Findings that show the claims together with those kept, and of which none can be left out.

        They are taken from findings that show them with all that silence presumes, and none of them is `sensitive`.
        """
        fixed = dict.fromkeys(kept)
        left = [p for p in stated if self.statable(p) and p not in fixed]
        said, presumed = self._case(fixed)
        goal = [self._missed, *said, *chain(*presumed), *self.supposed]
        needed = Core.of(self._program, goal, [self.told(p) for p in left]).minimal(range(len(left)))
        assert needed is not None, "what is stated shows the claims"
        return [*fixed, *(left[i] for i in needed)]


def minimal(shown: Sequence[Shown], kept: Iterable[Pair] = ()) -> list[Pair] | None:
    """Findings to state so that every case shows its claims, and none of which can be left out.

    Those in `kept` stay. None where even all findings do not show them: a value that the record may not state matters.
    Silence about a finding that is not sensitive allows more worlds and no others, so what was needed stays needed.
    """
    pinned = set(kept)
    rank = shown[0].domain.rank
    relevant = {p for each in shown for p in each.relevant if each.statable(p)}
    everything = sorted(relevant | {p for p in pinned if any(each.statable(p) for each in shown)}, key=rank.__getitem__)
    if not all(each.shows(everything) for each in shown):
        return None
    sensitive = [p for p in reversed(everything) if p not in pinned and any(p in each.sensitive for each in shown)]
    told = _fewer(shown, everything, sensitive)
    doubtful = [p for p in told if p not in pinned and p not in sensitive]
    if all(each.presumes_all(told) for each in shown):  # and with less stated, too: the solver finds what it takes
        stated, told, doubtful = told, [p for p in told if p not in doubtful], []
        least = len(told)
        for each in shown:
            more = each.needed(stated, told)
            if len(more) > len(told):
                doubtful, told = told[least:], more
    return sorted(_fewer(shown, told, doubtful), key=rank.__getitem__)


def _fewer(shown: Sequence[Shown], stated: Sequence[Pair], which: Iterable[Pair]) -> list[Pair]:
    """Findings without those of some that can be left out, in turn, until none can.

    As many are left out at once as it takes: twice as many where that succeeds, half as many where it does not. Silence
    about one can let another be left out that could not be before.
    """
    told, left, failed, number = list(stated), deque(which), 0, 1
    while failed < len(left):
        some = [left.popleft() for _ in range(min(number, len(left) - failed))]
        fewer = [p for p in told if p not in some]
        if all(each.shows(fewer) for each in shown):
            told, failed, number = fewer, 0, 2 * number
        elif len(some) > 1:
            left.extendleft(reversed(some))
            number = len(some) // 2
        else:
            left += some
            failed += 1
    return told


def exchanged(shown: Sequence[Shown], stated: Sequence[Pair], kept: Collection[Pair] = ()) -> list[Pair]:
    """Fewer findings that show the same, where one to which the vocabulary ties others can stand for several of them.

    A relief stands for the two scores that it follows from. Those in `kept` stay.
    """
    domain, told = shown[0].domain, list(stated)
    for pair in domain.pairs:
        tied = domain.vocabulary.linked([pair[1]]) - {pair[1]}
        bases = [p for p in told if p[0] == pair[0] and p[1] in tied and p not in kept]
        if len(bases) < 2 or pair in told or not all(each.statable(pair) for each in shown):
            continue
        fewer = [*told, pair]
        for base in bases:
            without = [p for p in fewer if p != base]
            fewer = without if all(each.shows(without) for each in shown) else fewer
        told = fewer if len(fewer) < len(told) else told
    return told


def drawn(world: World, stated: Iterable[Pair], domain: Domain, open: frozenset[str] = frozenset()) -> Draft:
    """The draft of the case that states these findings of a world, and has its records.

    Lists are complete, apart from those of kinds that are `open`.
    """
    told = set(stated)
    listed = {kind: sum(e.record == kind for e in world.entities) for kind in domain.slots}
    values = {p: world.value(p) for p in domain.pairs if p in told and p in world.cells}
    return Draft(values, listed, frozenset(domain.slots) - open)


def least_draft(draft: Draft, shows: Callable[[Draft], bool]) -> Draft:
    """The draft without what it need not state to show the same, tried one statement after the other."""
    for pair in draft.values:
        smaller = replace(draft, values={p: v for p, v in draft.values.items() if p != pair})
        draft = smaller if shows(smaller) else draft
    for kind in sorted(draft.complete):
        smaller = replace(draft, complete=draft.complete - {kind})
        draft = smaller if shows(smaller) else draft
    return draft
