"""What a pended case of a finding is, by brute force over all cases, in plain Python.

Like `tests.oracle`, on which it stands, this module shares no code with the engine. A pended case of a finding says
nothing of it, and has worlds with one value of it which all end in one way, and worlds with another value which all end
in another. All cases are written out that have as many records as some world has: of every other finding each says
nothing, that it is unclear, or a set of values. Lists are complete, as further records only leave more worlds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import chain, combinations
from operator import or_

from tests.model import KnowledgeBase, Value
from tests.oracle import Key, World, in_every_maximal

MOST_SUBSETS = 5
"""Of an attribute with more values no case states more than two of them.

Nor need it: a case that has two given worlds still has both where each finding is stated as what it is in these.
"""


def settles(worlds: Iterable[World], asked: Key) -> bool:
    """Whether two values of a finding settle these worlds otherwise."""
    outcomes: dict[Value, set[str]] = {}
    for world in worlds:
        outcomes.setdefault(world.values[asked], set()).add(world.outcome())
    return len({outcome for found in outcomes.values() if len(found) == 1 for outcome in found}) > 1


def has_pended_case(kb: KnowledgeBase, worlds: Iterable[World], asked: Key) -> bool:
    """Whether there is a pended case of a finding.

    Args:
        worlds: all worlds, with every choice of what the record states of what a rule asks that of.
    """
    by_records: dict[frozenset[object], list[World]] = {}
    for world in worlds:
        by_records.setdefault(frozenset(world.entities), []).append(world)
    return any(_Cases(kb, each, asked).exist() for each in by_records.values() if asked in each[0].values)


class _Cases:
    """The cases with the records of some worlds. Sets of worlds are numbers: a bit for each."""

    def __init__(self, kb: KnowledgeBase, worlds: list[World], asked: Key) -> None:
        self.kb, self.worlds, self.asked = kb, worlds, asked
        self.everything = (1 << len(worlds)) - 1
        self.outcomes = {world.outcome() for world in worlds}
        self.of_outcome = {o: self.those(w.outcome() == o for w in worlds) for o in self.outcomes}
        self.of_value = {
            key: {value: self.those(w.values[key] == value for w in worlds) for value in kb.attribute(key[1]).values}
            for key in worlds[0].values
        }
        self.stating = {key: self.those(key in w.case.stated for w in worlds) for key in worlds[0].values}
        self.recorded = {key for key, found in self.stating.items() if found}
        self.seen: set[tuple[int, int, frozenset[Key]]] = set()

    def those(self, which: Iterable[bool]) -> int:
        return reduce(or_, (1 << i for i, each in enumerate(which) if each), 0)

    def exist(self) -> bool:
        """Whether one of them is a pended case of the finding."""
        if len(self.outcomes) < 2:
            return False
        keys = sorted(key for key in self.worlds[0].values if key != self.asked)
        return any(
            self.extend(keys, 0, self.silent(self.asked), presumed) for presumed in self.presumptions(self.asked)
        )

    def extend(self, keys: list[Key], place: int, left: int, presumed: frozenset[Key]) -> bool:
        """Whether a case that leaves these worlds can say something of the other findings so that it is one."""
        if not self.can_settle(left) or (place, left, presumed) in self.seen:
            return False
        self.seen.add((place, left, presumed))
        if place == len(keys):
            return self.can_settle(left) and self.is_settled(self.applied(left, presumed))
        key = keys[place]
        for values in self.stated(key):
            allowed = reduce(or_, (self.of_value[key][value] for value in values))
            documented = self.stating[key] if key in self.recorded else self.everything
            if self.extend(keys, place + 1, left & allowed & documented, presumed):
                return True
        return any(
            self.extend(keys, place + 1, left & self.silent(key), presumed | more) for more in self.presumptions(key)
        )

    def stated(self, key: Key) -> Iterator[tuple[Value, ...]]:
        """The sets of values that a case can state."""
        values = self.kb.attribute(key[1]).values
        most = len(values) if len(values) <= MOST_SUBSETS else 2
        return chain.from_iterable(combinations(values, n) for n in range(1, most + 1))

    def silent(self, key: Key) -> int:
        """The worlds whose record does not state a finding."""
        return self.everything & ~self.stating[key]

    def presumptions(self, key: Key) -> list[frozenset[Key]]:
        """What a case presumes that says nothing of a finding, or that it is unclear."""
        return [frozenset(), frozenset({key})] if self.kb.attribute(key[1]).presumed is not None else [frozenset()]

    def applied(self, left: int, presumed: frozenset[Key]) -> int:
        """The worlds with what belongs to every maximal set of presumptions that can hold together."""
        if not presumed:
            return left
        held = {key: self.of_value[key][self.presumed_value(key)] for key in presumed}
        worlds = [i for i in range(len(self.worlds)) if left >> i & 1]
        together = {frozenset(key for key in presumed if held[key] >> i & 1) for i in worlds}
        return reduce(lambda kept, key: kept & held[key], in_every_maximal(together), left)

    def presumed_value(self, key: Key) -> Value:
        value = self.kb.attribute(key[1]).presumed
        assert value is not None
        return value

    def can_settle(self, left: int) -> bool:
        """Whether two of these worlds differ in the finding, and end otherwise."""
        ends = self.ends(left)
        return len(ends) > 1 and len(set().union(*ends.values())) > 1

    def is_settled(self, left: int) -> bool:
        """Whether two values of the finding settle these worlds otherwise."""
        return len({o for found in self.ends(left).values() if len(found) == 1 for o in found}) > 1

    def ends(self, left: int) -> Mapping[Value, set[str]]:
        """In what ways these worlds end, by the value of the finding."""
        found = {
            value: {o for o, those in self.of_outcome.items() if those & left & having}
            for value, having in self.of_value[self.asked].items()
        }
        return {value: each for value, each in found.items() if each}
