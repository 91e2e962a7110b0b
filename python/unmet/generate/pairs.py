"""The pairs of worlds that show what a verdict turns on, each as the drafts of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from unmet.casewriter import Draft
from unmet.copies import Copies
from unmet.determine.decision import VERDICTS
from unmet.facts.domain import Situation
from unmet.facts.outline import OUTCOMES, decisive, overridden
from unmet.facts.terms import Cell, Pair, number_term, symbol_of
from unmet.generated import Aim, WhyNot
from unmet.knowledge import Knowledge
from unmet.outlined import outlined
from unmet.policy import Outline, Policy
from unmet.results import Kind, Status, Verdict
from unmet.solver import Assumption, Symbol
from unmet.vocabulary import Attribute, Mode, Type
from unmet.witness import Choose, Worlds, drafts, least, modest, near, sides_of

MOST_COUNTED = 9
"""Up to so many differences between two worlds are counted (`encodings/pairs.lp`)."""


@dataclass(frozen=True)
class Shown:
    """One case to make: what it is called, what it is for, and what deciding it has to show."""

    draft: Draft
    name: str
    sentence: str
    verdict: Verdict | None
    statuses: Mapping[str, Status] = field(default_factory=dict)
    turns_on: str | None = None


@dataclass(frozen=True)
class Group:
    """Cases that belong together, a pair or a single one: made by taking presumptions for granted, then without."""

    aim: Aim
    subject: str
    tries: Iterator[tuple[Shown, ...]]


@dataclass(frozen=True)
class Step:
    """A cut point of a number, or a step of a scale: what is below and above, and the values that stand for them."""

    attribute: Attribute
    below: Cell
    above: Cell
    values: tuple[str | int, str | int]

    def written(self, value: str | int) -> str:
        """A value as a case writes it."""
        return value if isinstance(value, str) else self.attribute.numeral(value)

    @property
    def subject(self) -> str:
        return f"{self.attribute.name} {self.written(self.values[1])}"

    def name(self, value: str | int) -> str:
        """What the file of a case with this value is called."""
        return file_name(f"{self.attribute.name} {self.written(value)}")

    def sentence(self, value: str | int) -> str:
        """What the case is for."""
        place = "at" if value == self.values[1] else "just below"
        what = "the cut point" if isinstance(value, int) else "the step to"
        return f"{self.attribute.label} of {self.written(value)}, {place} {what} {self.written(self.values[1])}"


def file_name(words: str) -> str:
    """Words as a part of a file's name."""
    return words.replace(" -", " minus_").replace("-", "_").replace(".", "_").replace(" ", "_").lower()


@dataclass(frozen=True)
class Search:
    """The questions about one version of a policy under one choice of readings."""

    knowledge: Knowledge
    policy: Policy
    chosen: Mapping[str, str]

    @cached_property
    def copies(self) -> Copies:
        """The policy twice, over two worlds."""
        source = self.knowledge.source(self.policy)
        kinds = self.knowledge.vocabulary.records
        return outlined(self.knowledge, source, source, apart=kinds, each=("overridden",), joint=("pairs",))

    @cached_property
    def outline(self) -> Outline:
        return self.policy.outline(self.chosen)

    @cached_property
    def under(self) -> list[Assumption]:
        return [*self.copies.under(0, self.chosen), *self.copies.under(1, self.chosen)]

    def everything(self) -> Iterator[tuple[Aim, str, Group | WhyNot]]:
        """Every case to make, or why there is none: criteria in the order of the tree, then findings."""
        for name in self.outline.criteria:
            yield Aim.FLIP, name, self.flip(name)
        for attribute in self._read:
            for step in self._steps(attribute):
                yield Aim.BOUNDARY, step.subject, self.boundary(step)
        for attribute in self._read:
            for subject, pairs in self._askable(attribute):
                yield Aim.PENDED, subject, self.pended(attribute, subject, pairs)

    @cached_property
    def _read(self) -> list[Attribute]:
        """What the criteria in use read, in the order of the vocabulary."""
        read = {a for n in self.outline.criteria for _, rule in self.outline.support(n) for a in rule.attributes}
        return [a for name, a in self.knowledge.vocabulary.attributes.items() if name in read]

    def _steps(self, attribute: Attribute) -> Iterator[Step]:
        """The cut points of a number, and the steps of a scale."""
        if attribute.type is Type.NUMBER:
            cells = [c for c in self.copies.domain.cells[attribute.name] if not isinstance(c, str)]
            for cut in sorted(self.policy.cuts.get(attribute.name, frozenset())):
                if attribute.low < cut <= attribute.high:
                    below = next(c for c in cells if c[1] == cut - 1)
                    yield Step(attribute, below, next(c for c in cells if c[0] == cut), (below[1], cut))
        if attribute.type is Type.SCALE:
            yield from (Step(attribute, *both, both) for both in pairwise(attribute.options))

    def _askable(self, attribute: Attribute) -> Iterator[tuple[str, list[Pair]]]:
        """The findings that a case can leave open: of keyed records each, of others any.

        Listed records are alike, and so are the entries that a policy is decided for one by one.
        """
        found = list(self._findings(attribute))
        if (
            self.knowledge.vocabulary.records[attribute.record].mode is Mode.KEYED
            and attribute.record != self.policy.per
        ):
            yield from ((f"{attribute.name} {pair[0].key}", [pair]) for pair in found)
        else:
            yield attribute.name, found

    # -- the three kinds ----------------------------------------------------------------------------------------

    def flip(self, name: str) -> Group | WhyNot:
        """A pair that flips the verdict through a criterion, with the fewest other differences."""
        turned = [(self.copies.side(side, overridden(name)), True) for side in (0, 1)]
        found = self._nearest(turned, [_turns(name, *flip) for flip in self._flips])
        if found is None:
            return self._no_flip(name)
        worlds, claim, flip = found

        def case(side: int, draft: Draft) -> Shown:
            status = (Status.MET, Status.UNMET)[side]
            sentence = f"`{name}` is {status}, and the verdict turns on it"
            verdict = VERDICTS[flip[side]] if flip else None
            return Shown(draft, f"{name}_{status}", sentence, verdict, {name: status}, name)

        return self._group(Aim.FLIP, name, worlds, claim, [*self.under, *turned], case)

    def _no_flip(self, name: str) -> WhyNot:
        """Why no pair of worlds flips the outcome through a criterion."""
        for met, why in ((True, WhyNot.NEVER_MET), (False, WhyNot.ALWAYS_MET)):
            if not self._can([self.copies.met(0, name, met)]):
                return why
        turns = [(overridden(name), True), (decisive(name), True)]
        where_met, where_unmet = (self._can([*turns, self.copies.met(0, name, met)]) for met in (True, False))
        if where_met and where_unmet:
            return WhyNot.NO_PAIR
        if not where_met and not where_unmet:
            return WhyNot.NEVER_DECISIVE
        return WhyNot.DECISIVE_IF_MET if where_met else WhyNot.DECISIVE_IF_UNMET

    def boundary(self, step: Step) -> Group | WhyNot:
        """The values just below and at a cut point or step, in cases that differ in nothing else, if they can.

        They flip the verdict where they can; else they differ in the status of a criterion.
        """
        orders = ((step.below, step.above), (step.above, step.below))
        for pair in self._findings(step.attribute):
            for one, other in orders:
                fixed = [*self._holds(0, pair, one), *self._holds(1, pair, other)]
                if found := self._nearest(fixed, [_flips(*flip) for flip in self._flips]):
                    return self._boundary(step, pair, found, one)
            readers = [n for n in self._leaves if self._reads(n, step.attribute.name)]
            for one, other in orders:
                fixed = [*self._holds(0, pair, one), *self._holds(1, pair, other)]
                for name in readers:
                    if found := self._nearest(fixed, [symbol_of("_unlike", [symbol_of(name)])]):
                        return self._boundary(step, pair, found, one, name)
        return WhyNot.NOT_TOLD_APART

    def _boundary(
        self,
        step: Step,
        pair: Pair,
        found: tuple[Worlds, Symbol, tuple[str, str] | None],
        first: Cell,
        differs: str | None = None,
    ) -> Group:
        worlds, claim, flip = found
        values = step.values if first == step.below else step.values[::-1]

        def choose(side: int, at: Pair, cell: Cell) -> str | int:
            return values[side] if at == pair else least(side, at, cell)

        def case(side: int, draft: Draft) -> Shown:
            statuses = {} if differs is None else {differs: (Status.MET, Status.UNMET)[side]}
            verdict = VERDICTS[flip[side]] if flip else None
            return Shown(draft, step.name(values[side]), step.sentence(values[side]), verdict, statuses)

        return self._group(Aim.BOUNDARY, step.subject, worlds, claim, self.under, case, choose=choose)

    def pended(self, attribute: Attribute, subject: str, pairs: Iterable[Pair]) -> Group | WhyNot:
        """A case that is pended for want of one of these findings: two of its values lead to unlike outcomes."""
        for pair in pairs:
            silent = [(self.copies.side(side, Situation.statable(pair)), False) for side in (0, 1)]
            alone = [(symbol_of("_more", [number_term(2)]), False), self.copies.differs(pair)]
            found = self._nearest([*silent, *alone], [_flips(*flip) for flip in self._flips], silent=pair)
            if found is None:
                continue
            worlds, claim, _ = found

            def case(side: int, draft: Draft, pair: Pair = pair) -> Shown:
                unclear = {pair: None} if attribute.presumed is not None else {}
                blank = Draft({**draft.values, **unclear}, draft.listed, draft.complete)
                what = "unclear" if unclear else "not documented"
                where = subject.removeprefix(attribute.name)
                sentence = f"{attribute.label}{f' ({where.strip()})' if where else ''} is {what}"
                return Shown(blank, file_name(subject), sentence, Verdict.PENDED)

            group = self._group(Aim.PENDED, subject, worlds, claim, self.under, case, left_out=[pair])
            return replace(group, tries=(cases[:1] for cases in group.tries))
        return WhyNot.NEVER_ALONE

    # -- worlds ---------------------------------------------------------------------------------------------------

    @cached_property
    def _flips(self) -> tuple[tuple[str, str], ...]:
        """The pairs of unlike outcomes that two worlds have, approvals first."""
        pairs = [(o, p) for o in OUTCOMES for p in OUTCOMES if o != p]
        return tuple(flip for flip in pairs if self._can([(_flips(*flip), True)]))

    @cached_property
    def _leaves(self) -> list[str]:
        return [n for n in self.outline.criteria if self.outline.shape(n).kind is Kind.LEAF]

    def _reads(self, leaf: str, attribute: str) -> bool:
        return any(attribute in rule.attributes for _, rule in self.outline.support(leaf))

    def _findings(self, attribute: Attribute) -> Iterator[Pair]:
        """The attribute of each record that has it."""
        return ((e, attribute.name) for e in self.copies.domain.entities if e.record == attribute.record)

    def _holds(self, side: int, pair: Pair, cell: Cell) -> list[Assumption]:
        return [(self.copies.finding(side, pair, cell), True)]

    def _can(self, assumptions: Iterable[Assumption]) -> bool:
        return self.copies.program.satisfiable([*self.under, *assumptions])

    def _nearest(
        self, fixed: Sequence[Assumption], claims: Sequence[Symbol], silent: Pair | None = None
    ) -> tuple[Worlds, Symbol, tuple[str, str] | None] | None:
        """Two worlds that hold the first of the claims that any do, with the fewest differences; None where none do.

        Their records state everything where that is possible, apart from what is to be `silent`.
        """
        program, copies = self.copies.program, self.copies
        each = [
            [(copies.side(side, Situation.statable(pair)), True) for side in (0, 1)]
            for pair in copies.domain.pairs
            if pair != silent
        ]
        stated = [assumption for both in each for assumption in both]
        every = [*self.under, *fixed]
        possible = [c for c in claims if program.satisfiable([*every, (c, True)])]
        if not possible:
            return None
        told = [c for c in possible if program.satisfiable([*every, (c, True), *stated])]
        base = [*every, *stated] if told else every
        most = [(symbol_of("_more", [number_term(n)]), False) for n in range(1, MOST_COUNTED + 1)]
        options = [(n, c) for n in range(MOST_COUNTED) for c in told or possible]
        for n, claim in options:
            if program.satisfiable([*base, (claim, True), most[n]]):
                return self._worlds([*base, (claim, True), most[n]], claim, () if told else each)
        claim = (told or possible)[0]
        return self._worlds([*base, (claim, True)], claim, () if told else each)

    def _worlds(
        self, assumptions: Sequence[Assumption], claim: Symbol, wishes: Sequence[list[Assumption]]
    ) -> tuple[Worlds, Symbol, tuple[str, str] | None]:
        program, copies = self.copies.program, self.copies
        found = near(program, assumptions, [*wishes, *modest(copies.domain, sides_of(copies))])
        atoms = None if found is None else program.world(found)
        assert atoms is not None, "what is granted can be had"
        outcomes = tuple(str(term) for term in claim.arguments[-2:])
        return Worlds(self.copies, atoms), claim, (outcomes[0], outcomes[1]) if len(outcomes) == 2 else None

    def _group(
        self,
        aim: Aim,
        subject: str,
        worlds: Worlds,
        claim: Symbol,
        under: Sequence[Assumption],
        case: Callable[[int, Draft], Shown],
        *,
        left_out: Sequence[Pair] = (),
        choose: Choose = least,
    ) -> Group:
        """The drafts of both worlds as cases."""

        def tries() -> Iterator[tuple[Shown, ...]]:
            for presuming in (True, False):
                found = drafts(worlds, under, claim, left_out=left_out, choose=choose, presuming=presuming)
                if found is not None:
                    yield tuple(case(side, draft) for side, draft in enumerate(found))

        return Group(aim, subject, tries())


def _flips(before: str, after: str) -> Symbol:
    """The atom that the two worlds have these outcomes."""
    return symbol_of("_flips", [symbol_of(before), symbol_of(after)])


def _turns(criterion: str, before: str, after: str) -> Symbol:
    """The atom that the first world meets a criterion, the second does not, and both these outcomes turn on it."""
    return symbol_of("_turns", [symbol_of(criterion), symbol_of(before), symbol_of(after)])
