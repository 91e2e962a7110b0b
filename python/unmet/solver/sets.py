"""Minimal sets: which assumptions no world agrees with together, and which have to give way.

Assumptions come in groups, each of which is taken or left as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from clingo import Control, Function, Number, Symbol

from unmet.solver.program import Assumption, Program, T, Truth

Groups = Sequence[Sequence[Assumption]]

MOST_AT_ONCE = 200
"""How many hitting sets are kept side by side."""


def minimal(program: Program, hard: Sequence[Assumption], groups: Groups) -> list[int] | None:
    """A subset-minimal choice of groups that no world agrees with, given the hard assumptions; None where one does.

    What the solver blames first, then without what can be left out (`Core.minimal`).
    """
    return Core(program, hard, groups).minimal(range(len(groups)))


class Core:
    """Groups of assumptions as the solver's literals, made once for all the questions about them."""

    def __init__(self, program: Program, hard: Sequence[Assumption], groups: Groups) -> None:
        self._set(program, program.literals(hard), [program.literals(group) for group in groups])

    @classmethod
    def of(cls, program: Program, hard: Sequence[int], groups: Sequence[Sequence[int]]) -> Core:
        """The same of assumptions that are literals already."""
        found = cls.__new__(cls)
        found._set(program, hard, groups)
        return found

    def _set(self, program: Program, hard: Sequence[int], groups: Sequence[Sequence[int]]) -> None:
        self._program, self._hard, self._groups = program, hard, groups

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    def under(self, hard: Sequence[Assumption]) -> Core:
        """The same groups beside other hard assumptions."""
        other = copy(self)
        other._hard = self._program.literals(hard)
        return other

    def of_groups(self, chosen: Iterable[int]) -> Core:
        """Some of the groups beside the same hard assumptions."""
        return Core.of(self._program, self._hard, [self._groups[i] for i in chosen])

    def literals(self, chosen: Iterable[int]) -> list[int]:
        """The hard assumptions and the chosen groups."""
        return [*self._hard, *(x for i in chosen for x in self._groups[i])]

    def granted(self, wishes: Sequence[int], atoms: Sequence[int]) -> tuple[list[int], set[int]]:
        """The groups, each in turn, that can be had beside those before it; and which atoms hold in a world so.

        The atoms are the solver's literals, and told by their positions.

        Raises:
            ValueError: no world agrees with the hard assumptions.
        """
        found = self.most(wishes, lambda holds: [i for i, x in enumerate(atoms) if holds(x)])
        if found is None:
            raise ValueError("no world agrees with the hard assumptions")
        return found[0], set(found[1])

    def most(self, wishes: Sequence[int], read: Callable[[Truth], T]) -> tuple[list[int], T] | None:
        """The groups, each in turn, that can be had beside those before it; and what is read of a world so.

        None where no world agrees with the hard assumptions.
        """
        had, first = list[int](), 0
        seen: T | None = None
        while seen is None or first < len(wishes):
            end = len(wishes)
            held, blamed = self._asked([*had, *wishes[first:end]], read)
            while held is None and end > first:  # the last one blamed cannot be had beside those before it
                end = max((k for k in range(first, end) if wishes[k] in blamed), default=first)
                if end > first:
                    held, blamed = self._asked([*had, *wishes[first:end]], read)
            if held is not None:
                seen = held
                had += wishes[first:end]
            elif first >= len(wishes) or not blamed:
                return None
            first = end + 1
        return had, seen

    def minimal(self, chosen: Iterable[int]) -> list[int] | None:
        """As `minimal`, of the chosen groups.

        From the last one backwards as many are left out at once as it takes: twice as many where that succeeds, half as
        many where it does not. One that cannot be left out alone is needed.
        """
        left = self._blamed(chosen)
        if left is None:
            return None
        needed, number = list[int](), 1
        while left:
            kept = left[:-number]
            blamed = self._blamed([*needed, *kept])
            if blamed is not None:
                left, number = [i for i in kept if i in blamed], 2 * number
            elif number > 1:
                number //= 2
            else:
                needed.append(left.pop())
        return sorted(needed)

    def few(self, chosen: Iterable[int]) -> list[int] | None:
        """Chosen groups that no world agrees with together, and of which few can be left out as a rule.

        None where a world agrees with all. The solver asserts assumptions in their order and blames those up to the one
        that it fails at. That one is asked first from then on, and what stands behind it is left out.
        """
        fixed, left = list[int](), list(chosen)
        while True:
            held, blamed = self._attempt([*fixed, *left], ())
            if held is not None:
                return None
            last = max((k for k, i in enumerate(left) if i in blamed), default=-1)
            if last < 0:
                return sorted(i for i in fixed if i in blamed)
            fixed.append(left[last])
            left = left[:last]

    def world(self, chosen: Iterable[int]) -> frozenset[int] | None:
        """The groups that a world agrees with, the chosen ones among them; None where none agrees with these."""
        every = self._every
        held, _ = self._attempt(chosen, every)
        if held is None:
            return None
        true = {every[i] for i in held}
        return frozenset(i for i, group in enumerate(self._groups) if true.issuperset(group))

    def possible(self) -> list[int]:
        """The groups that some world agrees with, each by itself."""
        found = set[int]()
        for i in range(self.size):
            if i not in found:
                found |= self.world([i]) or set()
        return sorted(found)

    @cached_property
    def _every(self) -> list[int]:
        return list(dict.fromkeys(x for group in self._groups for x in group))

    def satisfiable(self, chosen: Iterable[int]) -> bool:
        """Whether some world agrees with the chosen groups together."""
        return self._blamed(chosen) is None

    def _blamed(self, chosen: Iterable[int]) -> list[int] | None:
        """Chosen groups that no world agrees with together, not all that are chosen as a rule; None where one does."""
        held, blamed = self._attempt(chosen, ())
        return sorted(blamed) if held is None else None

    def _attempt(self, chosen: Iterable[int], atoms: Sequence[int]) -> tuple[list[int] | None, set[int]]:
        """Which of some atoms hold in a world that agrees with the chosen groups; None, and groups to blame, else."""
        return self._asked(chosen, lambda holds: [i for i, x in enumerate(atoms) if holds(x)])

    def _asked(self, chosen: Iterable[int], read: Callable[[Truth], T]) -> tuple[T | None, set[int]]:
        literals, owners = list(self._hard), [-1] * len(self._hard)
        for i in chosen:
            literals += self._groups[i]
            owners += [i] * len(self._groups[i])
        held, core = self._program.model(literals, read)
        return held, {owners[k] for k in core} - {-1}


def in_every_maximal(core: Core) -> list[int]:
    """The groups that belong to every maximal subset of them that some world agrees with.

    A group is in all of those exactly if it is in no minimal subset that no world agrees with. One that no world agrees
    with is such a subset by itself, and in no other; so these are found first, which takes the least.
    """
    if core.satisfiable(range(core.size)):  # as a rule
        return list(range(core.size))
    alone = core.possible()
    blamed = {alone[k] for found in enumerate_sets(core.of_groups(alone)) if found.conflict for k in found.members}
    return [i for i in alone if i not in blamed]


@dataclass(frozen=True, slots=True)
class Found:
    """A minimal conflict (no world agrees with these groups) or a minimal correction (one agrees with all others)."""

    conflict: bool
    members: tuple[int, ...]


def enumerate_sets(core: Core) -> Iterator[Found]:
    """Every minimal conflict and every minimal correction of the groups, each once, as they are found.

    The two families are each other's minimal hitting sets. A map of the subsets not yet looked at proposes maximal
    ones (Liffiton et al., "Fast, flexible MUS enumeration", Constraints 21, 2016).
    """
    first = core.minimal(range(core.size))
    if first is None:  # as a rule; it needs no map
        yield Found(False, ())
        return
    yield Found(True, tuple(first))
    unexplored = Map(core.size)
    unexplored.exclude_above(first)
    while (seed := unexplored.subset()) is not None:
        conflict = core.minimal(seed)
        if conflict is None:
            unexplored.exclude_below(seed)
            yield Found(False, tuple(i for i in range(core.size) if i not in set(seed)))
        else:
            unexplored.exclude_above(conflict)
            yield Found(True, tuple(conflict))


def collect_sets(
    program: Program, hard: Sequence[Assumption], groups: Groups, most: int, most_questions: int
) -> tuple[list[Found], bool]:
    """The first of these sets, within a number of sets and of questions to the solver, and whether they are all."""
    found: list[Found] = []
    last = program.asked + most_questions
    for each in enumerate_sets(Core(program, hard, groups)):
        if len(found) == most:
            return found, False
        found.append(each)
        if program.asked > last:
            return found, False
    return found, True


def hitting_sets(sets: Iterable[Iterable[int]], size: int, most: int) -> list[tuple[int, ...]]:
    """The minimal subsets of `range(size)` that have a member in common with each of these sets, not more than `most`.

    They are made set by set, as long as they are few; else a map of subsets finds them.
    """
    given = [frozenset(each) for each in sets]
    if (few := _one_after_the_other(given, most)) is not None:
        return few
    left, found = Map(size), list[tuple[int, ...]]()
    for each in given:
        left.exclude_above(each)
    while len(found) < most and (kept := left.subset()) is not None:
        found.append(tuple(i for i in range(size) if i not in set(kept)))
        left.exclude_below(kept)
    return found


def _one_after_the_other(given: Iterable[frozenset[int]], most: int) -> list[tuple[int, ...]] | None:
    """Those sets, from those of all but the last set on (Berge, Hypergraphs, 1989); None where they are too many."""
    found = [frozenset[int]()]
    for each in sorted(given, key=len):
        hitting = [one for one in found if one & each]
        longer = (one | {member} for one in found if not one & each for member in each)
        found = hitting + [one for one in longer if not any(less <= one for less in hitting)]
        if len(found) >= min(most, MOST_AT_ONCE):
            return None
    return [tuple(sorted(each)) for each in found]


class Map:
    """The subsets of `range(size)` that are not ruled out yet, as a little program; it proposes maximal ones."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._control = Control(["--heuristic=Domain"])
        domain = f"I = 0..{size - 1}"
        self._control.add("base", [], f"{{ s(I) : {domain} }}. #heuristic s(I) : {domain}. [1, true]" if size else "")
        self._control.ground([("base", [])])

    def subset(self) -> list[int] | None:
        """A subset that is not ruled out, None where all are."""
        with self._control.solve(yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            return [i for i in range(self._size) if model.contains(self._atom(i))]

    def exclude_below(self, subset: Iterable[int]) -> None:
        """Rules out every subset of this one."""
        inside = set(subset)
        self.require(i for i in range(self._size) if i not in inside)

    def require(self, members: Iterable[int]) -> None:
        """Rules out every subset that holds none of these."""
        self._forbid([], list(members))

    def exclude_above(self, subset: Iterable[int]) -> None:
        """Rules out every superset of this one."""
        self._forbid(list(subset), [])

    def imply(self, one: int, other: int) -> None:
        """Rules out every subset that holds the one and not the other."""
        self._forbid([one], [other])

    def _forbid(self, true: list[int], false: list[int]) -> None:
        with self._control.backend() as backend:
            body = [backend.add_atom(self._atom(i)) for i in true] + [-backend.add_atom(self._atom(i)) for i in false]
            backend.add_rule([], body)

    @staticmethod
    def _atom(i: int) -> Symbol:
        return Function("s", [Number(i)])
