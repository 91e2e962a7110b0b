"""Branches that compare one number or scale: the values between those that they accept, and those that two accept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, groupby

from unmet.check.study import Study
from unmet.check.telling import finding, listed, witness, word
from unmet.check.witness import Proof, named
from unmet.facts.terms import Cell
from unmet.findings import Finding
from unmet.policy import Child
from unmet.results import Kind
from unmet.solver import Assumption
from unmet.vocabulary import Type


def check(study: Study) -> Iterator[Finding]:
    """Gaps and overlaps of every ANY; one that is a branch of another is looked at as part of that."""
    for group in study.structure.choices:
        branches = [b for b in study.structure.alternatives(group) if not study.is_constant(b)]
        if not study.concerns(group, *(b.name for b in branches)):
            continue
        compared = {branch: _compared(study, branch.name) for branch in branches}
        for attribute in dict.fromkeys(a for found in compared.values() for a in found):
            among = [branch for branch in branches if attribute in compared[branch]]
            values = _Values(study, attribute)
            if len(among) > 1 and study.concerns(group, *(b.name for b in among)):
                yield from _gaps(values, group, among)
                alone = [branch for branch in among if _tests_alone(study, branch.name, attribute)]
                yield from _overlaps(values, group, alone) if len(alone) > 1 else ()


def _compared(study: Study, branch: str) -> list[str]:
    """The numbers and scales that leaves of a branch compare.

    Not those of listed records, nor of a keyed record that is read by its key, which is another one; nor any of which
    some rule asks whether it is documented.
    """
    attributes, policy = study.knowledge.vocabulary.attributes, study.policy
    found, named = dict[str, None](), set[str]()
    for leaf in study.outline.leaves_below(branch):
        rules = [rule for _, rule in study.outline.support(leaf)]
        read = dict.fromkeys(a for rule in rules for a in rule.attributes)
        found |= read
        named |= {a for rule in rules for a in read if attributes[a].record in rule.named}
    return [
        name
        for name in found
        if attributes[name].type in (Type.NUMBER, Type.SCALE)
        and attributes[name].record not in study.domain.slots
        and name not in named | policy.documented
    ]


def _tests_alone(study: Study, name: str, attribute: str) -> bool:
    """Whether a leaf, or the NOT of one, tests a number or scale and nothing else.

    What only says which keyed record is read is not tested.
    """
    while study.outline.shape(name).kind is Kind.NOT:
        (name,) = (child.name for child in study.structure.literals(name))
    if study.outline.shape(name).kind is not Kind.LEAF:
        return False
    rules = [rule for _, rule in study.outline.support(name)]
    tied = {each for link in study.knowledge.vocabulary.links for each in link}
    read = {a for rule in rules for a in rule.attributes if a not in rule.locators or a in tied}
    return read == {attribute} and not any(rule.listed or rule.named for rule in rules)


@dataclass(frozen=True)
class _Values:
    """The values of a number or scale, of whichever record, and with which of them branches can hold."""

    study: Study
    attribute: str
    _known: dict[tuple[Child, Cell], bool] = field(default_factory=dict)

    @cached_property
    def _held(self) -> dict[Cell, list[int]]:
        """That it has a value, for each value."""
        literals = self.study.program.literals
        return {cell: literals(self.everywhere(cell)) for cell in self.study.domain.cells[self.attribute]}

    def everywhere(self, cell: Cell) -> list[Assumption]:
        """That it has a value, of whichever record of its kind."""
        study = self.study
        pairs = [p for p in study.domain.pairs if p[1] == self.attribute]
        return [(study.finding(p, c), False) for p in pairs for c in study.domain.cells[self.attribute] if c != cell]

    def accepts(self, branch: Child, cell: Cell) -> bool:
        """Whether a branch can hold with a value."""
        if (branch, cell) not in self._known:
            literals = self.study.program.literals([self.study.met(branch.name, not branch.negated)])
            asked = [*self.study.fixed, *literals, *self._held[cell]]
            self._known[branch, cell] = self.study.program.has_world(asked)
        return self._known[branch, cell]

    def possible(self, branches: Sequence[Child]) -> Iterator[tuple[Cell, bool]]:
        """The values that a case can have, each with whether some branch accepts it."""
        for cell, held in self._held.items():
            some = any(self.accepts(branch, cell) for branch in branches)
            if some or self.study.program.has_world([*self.study.fixed, *held]):
                yield cell, some

    def told(self, first: Cell, last: Cell) -> str:
        """From one value, or class of values, to another in words: `3 to 4`, `mild`."""
        numeral = self.study.knowledge.vocabulary.attributes[self.attribute].numeral
        low = first if isinstance(first, str) else numeral(first[0])
        high = last if isinstance(last, str) else numeral(last[1])
        return low if low == high else f"{low} to {high}"


def _gaps(values: _Values, group: str, branches: Sequence[Child]) -> Iterator[Finding]:
    """Every range of values between those of two branches that none accepts."""
    found = list(values.possible(branches))
    for first, last in _runs([not some for _, some in found]):
        if first == 0 or last == len(found) - 1:
            continue  # beyond all that is accepted
        below, above = found[first - 1][0], found[last + 1][0]
        if any(values.accepts(b, below) and values.accepts(b, above) for b in branches):
            continue  # what one branch itself leaves out
        cell, value = found[first][0], values.told(found[first][0], found[last][0])
        names = [branch.name for branch in branches]
        yield finding(
            values.study, "branch-gap",
            f"`{values.attribute}` of {value} lies between the branches of `{group}`, and none accepts it",
            dict.fromkeys([group, *names]), help="see whether the gap is meant",
            witnesses=_witness(values, "branch-gap", group, branches, cell, value, met=False),
            subjects=[group, *names, values.attribute, value],
        )  # fmt: skip


def _overlaps(values: _Values, group: str, branches: Sequence[Child]) -> Iterator[Finding]:
    """Every range of values that two branches accept of which neither implies the other."""
    study, cells = values.study, [cell for cell, _ in values.possible(branches)]
    for one, other in combinations(branches, 2):
        if not study.concerns(group, one.name, other.name):
            continue
        taken = [{c for c in cells if values.accepts(branch, c)} for branch in (one, other)]
        both = taken[0] & taken[1]
        if both in taken:
            continue  # one implies the other
        for first, last in _runs([cell in both for cell in cells]):
            value = values.told(cells[first], cells[last])
            yield finding(
                study, "branch-overlap",
                f"`{values.attribute}` of {value} is accepted by both `{word(one)}` and `{word(other)}`",
                [group, one.name, other.name], help="see whether that is meant",
                witnesses=_witness(values, "branch-overlap", group, [one, other], cells[first], value, met=True),
                subjects=[group, one.name, other.name, values.attribute, value],
            )  # fmt: skip


def _witness(
    values: _Values, code: str, group: str, branches: Sequence[Child], cell: Cell, value: str, *, met: bool
) -> Proof:
    """The case in which some branches all hold, or none of them, with a value of a range."""
    study, attribute = values.study, values.attribute
    told = listed([word(b) for b in branches])
    shows = f"with `{attribute}` of {values.told(cell, cell)} {f'both {told} hold' if met else f'none of {told} holds'}"
    name = named(study, code, group, *(b.name for b in branches if met), attribute, value)
    truths = {branch.name: met is not branch.negated for branch in branches}
    pairs = [p for p in study.domain.pairs if p[1] == attribute]
    return witness(study, name, shows, truths, more=values.everywhere(cell), kept=pairs[:1])


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """The first and the last place of each longest run of places that are flagged."""
    for flagged, places in groupby(range(len(flags)), key=flags.__getitem__):
        if flagged:
            found = list(places)
            yield found[0], found[-1]
