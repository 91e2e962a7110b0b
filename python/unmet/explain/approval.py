"""What approval takes under one version of a policy, and the independent blocks into which that falls.

All of it depends on the policy alone, and is made once for a prepared program and a choice of readings. What a case
adds are its statuses and what it says of the findings of a block: where two cases agree in these, the block has the
same reasons, fixes and answers in both. So what was found of a block is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, TypeVar
from weakref import WeakKeyDictionary

from unmet.determine.decision import Decision
from unmet.explain.features import Standing
from unmet.explain.products import Scale
from unmet.facts.answers import met_symbol
from unmet.facts.terms import Pair
from unmet.policy import NECESSARY, REFERRAL
from unmet.prepared import Prepared
from unmet.results import Kind, Status
from unmet.solver import Assumption

Place = tuple[int, str]
"""Where a feature stands among the others."""

MOST_REMEMBERED = 4_096
"""How many answers about blocks are remembered for one program and choice of readings."""

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

Layout = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
"""For each block the smallest blocks that it is of, and the positions of its features."""


@dataclass(frozen=True, eq=False)
class Block:
    """Conditions of approval that share no finding with the others, and the features below them.

    Those of one approval are the same object where they are the same.
    """

    places: tuple[int, ...]
    """Which conditions these are, by their places among all: no two blocks of a policy have the same ones."""
    criteria: tuple[tuple[str, Status], ...]
    """The criteria that approval takes, with the status of each."""
    conditions: tuple[Assumption, ...]
    """The same as assumptions."""
    keys: frozenset[str]
    """What the leaves below depend on: attributes and listed kinds."""
    pairs: tuple[Pair, ...]
    """The findings that bear on it, with those that say which record is read."""
    features: tuple[Standing, ...] = ()

    @cached_property
    def _undocumented(self) -> bool:
        return any(feature.undocumented for feature in self.features)

    def settled(self, statuses: Mapping[str, Status]) -> bool:
        """Whether every world of a case has the conditions, and no feature stands otherwise than in the case."""
        for name, status in self.criteria:
            if statuses[name] is not status:
                return False
        return not self._undocumented


WHOLE = (-1,)
"""All blocks as one, with all findings."""


class Approval:
    """The conditions of approval under a choice of readings, for all cases that one program decides."""

    _made: ClassVar[WeakKeyDictionary[Prepared, dict[tuple[str, ...], Approval]]] = WeakKeyDictionary()

    @classmethod
    def of(cls, decision: Decision) -> Approval:
        """That of a decided line, made when it is first asked for."""
        made = cls._made.setdefault(decision.worlds.prepared, {})
        readings = tuple(decision.chosen.values())
        if readings not in made:
            made[readings] = cls(decision)
        return made[readings]

    @classmethod
    def forget(cls) -> None:
        """Forgets all that was found, of all programs."""
        cls._made.clear()

    def __init__(self, decision: Decision) -> None:
        self._outline, self._policy = decision.outline, decision.policy
        self._linked = decision.knowledge.vocabulary.linked
        self._domain = decision.situation.domain
        self._keys: dict[str, frozenset[str]] = {}
        self._touched: dict[str, tuple[int, ...]] = {}
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self._blocks: dict[tuple[tuple[int, ...], tuple[Standing, ...]], Block] = {}
        self._remembered: dict[Hashable, object] = {}
        self._conditions = self._conditions_of(decision)
        self._parts = self._fall_apart()
        self._places = {name: i for i, name in enumerate(self._outline.criteria)}
        self.scale = Scale(self._outline.criteria)

    def _conditions_of(self, decision: Decision) -> list[tuple[str, bool]]:
        """The criteria that must (not) be met for approval, conjunctions taken apart."""
        outline = self._outline
        todo: list[tuple[str, bool]] = [(NECESSARY, True)]
        if outline.rules(REFERRAL):
            both = [(met_symbol(NECESSARY), True), (met_symbol(REFERRAL), True)]
            if decision.program.satisfiable([*decision.under_readings, *both]):
                todo.append((REFERRAL, False))
        found: dict[tuple[str, bool], None] = {}
        while todo:
            name, positive = todo.pop(0)
            shape = outline.shape(name)
            everyone = shape.kind is Kind.ALL or (
                shape.kind is Kind.AT_LEAST and shape.threshold == len(shape.children)
            )
            anyone = shape.kind is Kind.ANY or (shape.kind is Kind.AT_LEAST and shape.threshold == 1)
            if shape.kind is Kind.NOT or (everyone and positive) or (anyone and not positive):
                todo += [(c.name, positive != c.negated) for c in shape.children]
            else:
                found[name, positive] = None
        return list(found)

    def _fall_apart(self) -> list[tuple[frozenset[str], tuple[int, ...]]]:
        """The smallest blocks: what each depends on, and the places of its conditions."""
        found: list[tuple[frozenset[str], tuple[int, ...]]] = []
        for place, (name, _) in enumerate(self._conditions):
            keys = self.keys(name)
            touched = [part for part in found if part[0] & keys]
            at = found.index(touched[0]) if touched else len(found)
            whole = (keys.union(*(k for k, _ in touched)), (*(i for _, places in touched for i in places), place))
            found = [part for part in found if part not in touched]
            found.insert(at, whole)
        return found

    def keys(self, name: str) -> frozenset[str]:
        """What leaves below a criterion depend on: attributes, with all that is tied to them, and listed kinds."""
        if name not in self._keys:
            attributes, kinds = self._outline.depends_on(name)
            tied = self._linked(attributes - self._policy.locators)
            self._keys[name] = tied | {f"record {kind}" for kind in kinds}
        return self._keys[name]

    def place(self, name: str) -> Place:
        """The order of features: criteria as in the tree, then by name what the case holds."""
        place = self._places.get(name)
        return (len(self._places), name) if place is None else (place, "")

    # -- blocks -----------------------------------------------------------------------------------------------

    def blocks(self, features: Iterable[Standing] = ()) -> list[Block]:
        """The blocks of approval, with the features that belong to each.

        Two conditions belong together where leaves below them read one finding, findings that a rule of the vocabulary
        ties together, or records of one listed kind. What merely says which keyed record is read (the side) ties
        nothing: renaming the keys maps the worlds of one side onto those of the other. Features belong to the blocks
        they share something with; one that shares nothing with any condition decides nothing.
        """
        found = tuple(features)
        names = tuple([feature.name for feature in found])
        layout = self._layouts.get(names)
        if layout is None:
            layout = self._keep(self._layouts, names, self._layout(names))
        return [self._block(parts, tuple([found[i] for i in mine])) for parts, mine in layout]

    def _layout(self, names: Sequence[str]) -> Layout:
        """The smallest blocks that features of these names join, and the positions of the features of each."""
        joined = list(range(len(self._parts)))
        below: list[tuple[int, int]] = []
        for position, name in enumerate(names):
            if touched := self._parts_of(name):
                ends = {joined[i] for i in touched}
                if len(ends) > 1:
                    joined = [min(ends) if i in ends else i for i in joined]
                below.append((touched[0], position))
        mine: dict[int, list[int]] = {i: [] for i in joined}
        for part, position in below:
            mine[joined[part]].append(position)
        return tuple((tuple(i for i, j in enumerate(joined) if j == first), tuple(mine[first])) for first in mine)

    def whole(self, features: Iterable[Standing] = ()) -> Block:
        """One block for everything: approval as a whole."""
        return self._block(WHOLE, tuple(features))

    def _parts_of(self, name: str) -> tuple[int, ...]:
        if name not in self._touched:
            keys = self.keys(name)
            self._touched[name] = tuple(i for i, (mine, _) in enumerate(self._parts) if mine & keys)
        return self._touched[name]

    def _block(self, parts: tuple[int, ...], features: tuple[Standing, ...]) -> Block:
        """The block of some of the smallest ones."""
        found = self._blocks.get((parts, features))
        if found is None:
            found = self._keep(self._blocks, (parts, features), self._make(parts, features))
        return found

    def _make(self, parts: tuple[int, ...], features: tuple[Standing, ...]) -> Block:
        if features:
            return replace(self._block(parts, ()), features=features)
        if parts == WHOLE:
            return replace(self._block(tuple(range(len(self._parts))), ()), pairs=self._domain.pairs)
        found = [self._parts[i] for i in parts]
        places = tuple(place for _, mine in found for place in mine)
        keys = frozenset[str]().union(*(mine for mine, _ in found))
        wanted = [self._conditions[place] for place in places]
        criteria = tuple((name, Status.MET if positive else Status.UNMET) for name, positive in wanted)
        conditions = tuple((met_symbol(name), positive) for name, positive in wanted)
        return Block(places, criteria, conditions, keys, tuple(self._pairs(keys)))

    def _pairs(self, keys: frozenset[str]) -> list[Pair]:
        wanted = keys | self._policy.locators
        return [p for p in self._domain.pairs if p[1] in wanted or f"record {p[0].record}" in keys]

    # -- what was found of a block before ---------------------------------------------------------------------

    def said(self, decision: Decision, block: Block, *, in_words: bool = False) -> Hashable:
        """What a case says of a block: cases that say the same have the same answers there.

        As far as rules can tell; with `in_words`, to the letter, for what is told of the case itself.
        """
        scene, situation, applied = decision.scene, decision.situation, decision.worlds.applied
        said: list[Hashable] = []
        for pair in block.pairs:
            statement = scene.statements.get(pair)
            if statement is None or statement.values is None:
                said.append(pair in applied)
            else:
                said.append(statement.values if in_words else situation.allowed[pair])
        kinds = [k for k in situation.most if f"record {k}" in block.keys]
        return tuple(said), tuple((scene.listed.get(k, 0), situation.most[k], k in scene.complete) for k in kinds)

    def remembered(self, about: Hashable, find: Callable[[], T]) -> T:
        """An answer about a block, found where it was not found before."""
        if about not in self._remembered:
            self._keep(self._remembered, about, find())
        return self._remembered[about]  # type: ignore[return-value]

    @staticmethod
    def _keep(kept: dict[K, V], key: K, value: V) -> V:
        """Keeps what was found; all is forgotten where it is too much."""
        if len(kept) >= MOST_REMEMBERED:
            kept.clear()
        kept[key] = value
        return value
