"""Which lists of cases may be open: they need not say that there are no further records where none would matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from unmet.facts.terms import Pair
from unmet.witness import Shown


@dataclass(frozen=True)
class Lists:
    """Cases that state some findings, and whether they show what they are to show where some lists are open.

    `spares` is how many further records of each kind rules can tell apart. `with_room` makes the cases anew in a
    program that has room for these beside as many records as it is given, of each kind the most that a case lists.
    """

    shown: Sequence[Shown]
    stated: Sequence[Pair]
    spares: Mapping[str, int]
    with_room: Callable[[Mapping[str, int]], Sequence[Shown]]

    def open(self) -> frozenset[str]:
        """The kinds of which the lists can be open together, each tried in its turn."""
        found = frozenset[str]()
        for kind in sorted(self.shown[0].domain.slots):
            found |= {kind} if self.show(found | {kind}) else frozenset()
        return found

    def show(self, open: frozenset[str]) -> bool:
        """Whether the cases show it still; a world that misses it and has few records is looked for first."""
        return self._all(self.shown, open) and (self._has_room(open) or self._all(self._roomy, open))

    def _all(self, shown: Iterable[Shown], open: frozenset[str]) -> bool:
        return all(replace(each, open=open).shows(self.stated) for each in shown)

    @cached_property
    def _listed(self) -> Mapping[str, int]:
        worlds, slots = [each.world for each in self.shown], self.shown[0].domain.slots
        return {kind: max(sum(e.record == kind for e in world.entities) for world in worlds) for kind in slots}

    @cached_property
    def _roomy(self) -> Sequence[Shown]:
        return self.with_room(self._listed)

    def _has_room(self, open: frozenset[str]) -> bool:
        """Whether worlds hold as many further records of these kinds as it is."""
        slots = self.shown[0].domain.slots
        return not any(self._listed[k] for k in open) and all(slots[k] >= self.spares.get(k, 0) for k in open)
