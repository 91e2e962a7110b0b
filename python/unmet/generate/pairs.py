"""The pairs of worlds that show what a verdict turns on, each as the drafts of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from unmet.casewriter import Draft
from unmet.copies import Copies
from unmet.determine.decision import VERDICTS
from unmet.facts.answers import met_symbol
from unmet.facts.layout import Layout, World
from unmet.facts.outline import OUTCOMES, decisive, overridden
from unmet.facts.terms import Cell, Pair, outcome, symbol_of
from unmet.generated import Aim, WhyNot
from unmet.knowledge import Knowledge
from unmet.outlined import outlined
from unmet.policy import Outline, Policy
from unmet.results import Kind, Status, Verdict
from unmet.solver import Assumption, Symbol
from unmet.turning import overriding
from unmet.vocabulary import Attribute, Mode, Type
from unmet.witness import Ground, Nearest, Shown, drawn, minimal


@dataclass(frozen=True)
class Told:
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
    tries: Iterator[tuple[Told, ...]]


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


Flip = tuple[str, ...]
"""The outcomes of two worlds, first and second; none where they differ in something else."""

Claims = Sequence[Sequence[Assumption]]
"""What the case of each of two worlds has to show."""


@dataclass(frozen=True)
class _Found:
    """Two worlds with few differences, and their outcomes where these are what differs."""

    worlds: tuple[World, ...]
    flip: Flip


@dataclass(frozen=True)
class Search:
    """The questions about one version of a policy under one choice of readings."""

    knowledge: Knowledge
    policy: Policy
    chosen: Mapping[str, str]
    _counted: dict[int, int] = field(default_factory=dict, repr=False)

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
    def _under(self) -> list[int]:
        return self._literals([*self.copies.under(0, self.chosen), *self.copies.under(1, self.chosen)])

    @cached_property
    def _layouts(self) -> tuple[Layout, Layout]:
        """The literals of both worlds."""
        domain, literal = self.copies.domain, self.copies.program.literal
        return Layout(domain, literal), Layout(domain, literal, lambda symbol: self.copies.side(1, symbol))

    @cached_property
    def _nearest_worlds(self) -> Nearest:
        return Nearest(self.copies.program, self._layouts)

    @cached_property
    def _ground(self) -> Ground:
        """What the cases stand on: the policy once, in which a criterion can be turned over."""
        domain = self.copies.domain
        program = overriding(self.knowledge, self.policy, domain)
        fixed = program.literals(self.copies.under(0, self.chosen))
        return Ground(program, Layout(domain, program.literal), frozenset(self.policy.documented), fixed)

    def _literals(self, assumptions: Iterable[Assumption]) -> list[int]:
        return self.copies.program.literals(assumptions)

    def _literal(self, symbol: Symbol) -> int:
        return self.copies.program.literal(symbol)

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
        turned = self._literals((self.copies.side(side, overridden(name)), True) for side in (0, 1))
        found = self._nearest(turned, {flip: self._literal(_turns(name, *flip)) for flip in self._flips})
        if found is None:
            return self._no_flip(name)
        turn = (overridden(name), True)
        claims = [
            [(outcome(found.flip[side]), True), (met_symbol(name), side == 0), (decisive(name), True)]
            for side in (0, 1)
        ]

        def case(side: int, draft: Draft) -> Told:
            status = (Status.MET, Status.UNMET)[side]
            sentence = f"`{name}` is {status}, and the verdict turns on it"
            return Told(draft, f"{name}_{status}", sentence, VERDICTS[found.flip[side]], {name: status}, name)

        return self._group(Aim.FLIP, name, found, claims, case, given=[turn])

    def _no_flip(self, name: str) -> WhyNot:
        """Why no pair of worlds flips the outcome through a criterion."""
        for met, why in ((True, WhyNot.NEVER_MET), (False, WhyNot.ALWAYS_MET)):
            if not self._can(self._literals([self.copies.met(0, name, met)])):
                return why
        turns = [(overridden(name), True), (decisive(name), True)]
        questions = ([*turns, self.copies.met(0, name, met)] for met in (True, False))
        where_met, where_unmet = (self._can(self._literals(each)) for each in questions)
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
            for cells in orders:
                if found := self._nearest(self._hold(pair, cells), self._flips):
                    claims = [[(outcome(name), True)] for name in found.flip]
                    return self._boundary(step, pair, found, claims, cells[0])
            readers = [n for n in self._leaves if self._reads(n, step.attribute.name)]
            for cells in orders:
                for name in readers:
                    unlike: dict[Flip, int] = {(): self._literal(symbol_of("_unlike", [symbol_of(name)]))}
                    if found := self._nearest(self._hold(pair, cells), unlike):
                        claims = [[(met_symbol(name), side == 0)] for side in (0, 1)]
                        return self._boundary(step, pair, found, claims, cells[0], name)
        return WhyNot.NOT_TOLD_APART

    def _boundary(
        self, step: Step, pair: Pair, found: _Found, claims: Claims, first: Cell, differs: str | None = None
    ) -> Group:
        values = step.values if first == step.below else step.values[::-1]

        def case(side: int, draft: Draft) -> Told:
            exact = {p: values[side] if p == pair else value for p, value in draft.values.items()}
            statuses = {} if differs is None else {differs: (Status.MET, Status.UNMET)[side]}
            verdict = VERDICTS[found.flip[side]] if found.flip else None
            name, sentence = step.name(values[side]), step.sentence(values[side])
            return Told(replace(draft, values=exact), name, sentence, verdict, statuses)

        return self._group(Aim.BOUNDARY, step.subject, found, claims, case)

    def pended(self, attribute: Attribute, subject: str, pairs: Iterable[Pair]) -> Group | WhyNot:
        """A case that is pended for want of one of these findings: two of its values lead to unlike outcomes."""
        for pair in pairs:
            alone = [*(-each.stated[pair] for each in self._layouts), -self._more(1), self._differ[0][pair]]
            found = self._nearest(alone, self._flips, silent=pair)
            if found is None:
                continue

            def case(side: int, draft: Draft, pair: Pair = pair) -> Told:
                unclear = {pair: None} if attribute.presumed is not None else {}
                blank = Draft({**draft.values, **unclear}, draft.listed, draft.complete)
                what = "unclear" if unclear else "not documented"
                where = subject.removeprefix(attribute.name)
                sentence = f"{attribute.label}{f' ({where.strip()})' if where else ''} is {what}"
                return Told(blank, file_name(subject), sentence, Verdict.PENDED)

            claims = [[(outcome(name), True)] for name in found.flip]
            group = self._group(Aim.PENDED, subject, found, claims, case, silent=pair)
            return replace(group, tries=(cases[:1] for cases in group.tries))
        return WhyNot.NEVER_ALONE

    # -- worlds ---------------------------------------------------------------------------------------------------

    @cached_property
    def _flips(self) -> dict[Flip, int]:
        """The pairs of unlike outcomes that two worlds have, approvals first, each with its literal."""
        pairs = {(o, p): self._literal(_flips(o, p)) for o in OUTCOMES for p in OUTCOMES if o != p}
        return {flip: literal for flip, literal in pairs.items() if self._can([literal])}

    @cached_property
    def _leaves(self) -> list[str]:
        return [n for n in self.outline.criteria if self.outline.shape(n).kind is Kind.LEAF]

    def _reads(self, leaf: str, attribute: str) -> bool:
        return any(attribute in rule.attributes for _, rule in self.outline.support(leaf))

    def _findings(self, attribute: Attribute) -> Iterator[Pair]:
        """The attribute of each record that has it."""
        return ((e, attribute.name) for e in self.copies.domain.entities if e.record == attribute.record)

    def _hold(self, pair: Pair, cells: tuple[Cell, Cell]) -> list[int]:
        """That a finding has one value in the first world and another in the second."""
        return [layout.is_cell(pair, cell) for layout, cell in zip(self._layouts, cells, strict=True)]

    def _can(self, literals: Iterable[int]) -> bool:
        return self.copies.program.has_world([*self._under, *literals])

    @cached_property
    def _differ(self) -> tuple[dict[Pair, int], list[int]]:
        """That a finding is not the same in both worlds; and that a statement, or a record, is in one alone."""
        copies = self.copies
        findings = {p: self._literal(copies.differs(p)[0]) for p in copies.domain.pairs}
        others = [self._literal(copies.differs_stated(p)[0]) for p in copies.domain.pairs]
        return findings, [*others, *(self._literal(copies.differs(e)[0]) for e in self._layouts[0].present)]

    def _more(self, number: int) -> int:
        """That findings, statements and records differ in more places."""
        if number not in self._counted:
            findings, others = self._differ
            self._counted[number] = self.copies.program.more_than(number, [*findings.values(), *others])
        return self._counted[number]

    def _nearest(self, fixed: Sequence[int], claims: Mapping[Flip, int], silent: Pair | None = None) -> _Found | None:
        """Two worlds that hold the first of the claims that any do, with the fewest differences; None where none do.

        Their records state everything where that is possible, apart from what is to be `silent`.
        """
        program = self.copies.program
        stated = [x for each in self._layouts for p, x in each.stated.items() if p != silent]
        every = [*self._under, *fixed, program.any_of([x] for x in claims.values())]
        if not program.has_world(every):
            return None
        base = [*every, *stated] if program.has_world([*every, *stated]) else every
        number = 0
        while not program.has_world([*base, -self._more(number)]):
            number += 1
        base.append(-self._more(number))
        flip = next(flip for flip, literal in claims.items() if program.has_world([*base, literal]))
        worlds = self._nearest_worlds.worlds([*base, claims[flip]], silent=() if silent is None else (silent,))
        assert worlds is not None, "what is possible can be had"
        return _Found(worlds, flip)

    def _group(
        self,
        aim: Aim,
        subject: str,
        found: _Found,
        claims: Claims,
        case: Callable[[int, Draft], Told],
        *,
        given: Sequence[Assumption] = (),
        silent: Pair | None = None,
    ) -> Group:
        """The drafts of both worlds as cases; what they are `silent` about they have all the same."""
        program, layout = self._ground.program, self._ground.layout
        goals = [program.any_of([program.literals(each)]) for each in claims]

        def tries() -> Iterator[tuple[Told, ...]]:
            for presuming in (True, False):
                ground, shown = replace(self._ground, presuming=presuming), []
                for world, goal in zip(found.worlds, goals, strict=True):
                    own = [] if silent is None else [layout.is_cell(silent, world.cells[silent])]
                    hidden = frozenset() if silent is None else frozenset([silent])
                    also = [*program.literals(given), *own]
                    shown.append(Shown(ground, world, [goal], layout.domain.pairs, hidden, also))
                stated = minimal(shown)
                if stated is not None:
                    own_pairs = ([p for p in stated if each.statable(p)] for each in shown)
                    drafts = [drawn(w, own, layout.domain) for w, own in zip(found.worlds, own_pairs, strict=True)]
                    yield tuple(case(side, draft) for side, draft in enumerate(drafts))

        return Group(aim, subject, tries())


def _flips(before: str, after: str) -> Symbol:
    """The atom that the two worlds have these outcomes."""
    return symbol_of("_flips", [symbol_of(before), symbol_of(after)])


def _turns(criterion: str, before: str, after: str) -> Symbol:
    """The atom that the first world meets a criterion, the second does not, and both these outcomes turn on it."""
    return symbol_of("_turns", [symbol_of(criterion), symbol_of(before), symbol_of(after)])
