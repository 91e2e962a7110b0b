"""What the criteria of a policy rest on, as far as that is the same for all cases that read alike.

It depends on the policy, on how many records a case lists, and on which record a rule may read (the hip of the side
that a line asks for). So it is found once for a prepared program, and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar
from weakref import WeakKeyDictionary

from unmet.facts.answers import Read
from unmet.facts.domain import Situation
from unmet.facts.terms import Pair
from unmet.policy import Outline, Rule
from unmet.prepared import Prepared
from unmet.results import CriterionStatus, Kind, Status

MOST_KEPT = 256
"""For how many ways to read the records of one program it is kept."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The findings that a leaf rests on, in order, of records that the case lists.

    `own` are those that it reads itself, each with whether a helper alone reads it, to locate the record; `deep` those
    that it reads through parts too; `parts` are its parts, one for each record, with what they read.
    """

    own: tuple[tuple[Pair, bool], ...]
    deep: tuple[Pair, ...]
    parts: tuple[tuple[CriterionStatus, tuple[Pair, ...]], ...]


class Basis:
    """The criteria in use under a choice of readings, and what they rest on in cases that read alike."""

    _made: ClassVar[WeakKeyDictionary[Prepared, dict[tuple[object, ...], Basis]]] = WeakKeyDictionary()

    @classmethod
    def of(cls, prepared: Prepared, outline: Outline, situation: Situation, possible: frozenset[int]) -> Basis:
        """That of a case; `possible` is what holds in some of its worlds, by position in the legend."""
        made = cls._made.setdefault(prepared, {})
        listed = tuple([situation.scene.listed.get(kind, 0) for kind in prepared.domain.slots])
        key = (*outline.chosen.values(), listed, prepared.legend.reading(possible))
        found = made.get(key)
        if found is None:
            if len(made) >= MOST_KEPT:
                made.clear()
            found = made[key] = cls(prepared, outline, situation, possible)
        return found

    def __init__(self, prepared: Prepared, outline: Outline, situation: Situation, possible: frozenset[int]) -> None:
        self._outline, self._legend, self._rank = outline, prepared.legend, prepared.domain.rank
        self._reads = prepared.legend.reads(possible)
        self._at: dict[tuple[str | None, str, Status, bool], CriterionStatus] = {}
        self.blanks = tuple(map(self._blank, outline.criteria))
        """Every criterion in use, in the order of the tree, unmet and without evidence."""
        self.leaves = {b.criterion: self._leaf(b, situation) for b in self.blanks if b.kind is Kind.LEAF}
        """What each leaf rests on."""
        self.read = frozenset(pair for leaf in self.leaves.values() for pair in leaf.deep)
        """All that leaves rest on."""

    def at(self, blank: CriterionStatus, status: Status, undocumented: bool) -> CriterionStatus:
        """A criterion at a status, without evidence."""
        key = (blank.parent, blank.criterion, status, undocumented)
        found = self._at.get(key)
        if found is None:
            found = self._at[key] = replace(blank, status=status, undocumented=undocumented)
        return found

    def read_by(self, name: str) -> Iterator[tuple[str, Rule, Read]]:
        """What a leaf or part may read of any record: the name that the rule goes by, the rule, the finding."""
        for tagged, rule in self._outline.support(name):
            for read in self._reads.get(tagged, ()):
                if read.position == rule.position:
                    yield tagged, rule, read

    def _blank(self, name: str) -> CriterionStatus:
        outline, criterion = self._outline, self._outline.policy.criteria[name]
        shape = outline.shape(name)
        return CriterionStatus(
            criterion=name,
            text=criterion.text,
            citation=criterion.citation,
            status=Status.UNMET,
            kind=shape.kind,
            parent=outline.parents[name],
            children=tuple(c.name for c in shape.children),
            negated=tuple(c.name for c in shape.children if c.negated),
            threshold=shape.threshold,
            needed=outline.needed(name),
            row=criterion.row,
        )

    def _leaf(self, blank: CriterionStatus, situation: Situation) -> Leaf:
        own, deep = dict[Pair, bool](), set[Pair]()
        for tagged, _, read in self.read_by(blank.criterion):
            if situation.is_given(read.pair[0]):
                deep.add(read.pair)
                if not tagged.endswith("/part"):
                    own[read.pair] = own.get(read.pair, True) and tagged.endswith("/helper")
        in_order = self._in_order(deep)
        return Leaf(tuple((p, own[p]) for p in in_order if p in own), in_order, tuple(self._parts(blank, situation)))

    def _parts(self, leaf: CriterionStatus, situation: Situation) -> Iterator[tuple[CriterionStatus, tuple[Pair, ...]]]:
        """The parts that a leaf counts, one for each record that the case lists."""
        outline = self._outline
        support = outline.support(leaf.criterion)
        names = [tagged.removesuffix("/part") for tagged, _ in support if tagged.endswith("/part")]
        for part in dict.fromkeys(names):
            reads = self._reads.get(f"{part}/part", ())
            positions = {rule.position for _, rule in outline.support(part)}
            for instance in self._legend.parts(part):
                if all(map(situation.is_given, instance.entities)):
                    pairs = {r.pair for r in reads if r.subject == instance.name and r.position in positions}
                    text = outline.policy.parts[part].text
                    blank = CriterionStatus(
                        instance.name, text, leaf.citation, Status.UNMET, Kind.PART, leaf.criterion, needed=leaf.needed
                    )
                    yield blank, self._in_order(pairs)

    def _in_order(self, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
        return tuple(sorted(pairs, key=self._rank.__getitem__))
