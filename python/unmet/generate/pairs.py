"""The pairs of worlds that show what a verdict turns on, each as the drafts of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain

from unmet.casewriter import Draft
from unmet.copies import domain_of
from unmet.determine.decision import VERDICTS
from unmet.facts.answers import met_symbol
from unmet.facts.domain import Domain, room
from unmet.facts.layout import Layout
from unmet.facts.outline import decisive, overridden
from unmet.facts.terms import Cell, Pair, outcome, symbol_of
from unmet.generate.steps import Step, file_name, steps
from unmet.generate.worlds import Flip, Found, TwoWorlds
from unmet.generated import Aim, WhyNot
from unmet.lists import Lists
from unmet.policy import Outline
from unmet.results import Status, Verdict
from unmet.solver import Assumption, Symbol
from unmet.turning import overriding
from unmet.vocabulary import Attribute, Mode
from unmet.witness import Ground, Shown, drawn, minimal


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
    """Cases that belong together, a pair or a single one, made anew as long as they do not show what they are for."""

    aim: Aim
    subject: str
    tries: Iterator[tuple[Told, ...]]


Claims = Sequence[Sequence[Assumption]]
"""What the case of each of two worlds has to show."""


@dataclass(frozen=True)
class Search:
    """The questions about one version of a policy under one choice of readings."""

    worlds: TwoWorlds
    _grounds: dict[tuple[int, ...], Ground] = field(default_factory=dict, repr=False)

    @property
    def _outline(self) -> Outline:
        return self.worlds.outline

    @property
    def _domain(self) -> Domain:
        return self.worlds.copies.domain

    def _ground(self, listed: Mapping[str, int]) -> Ground:
        """What cases that list so many records stand on: the policy once, in which a criterion can be turned over."""
        worlds, policy = self.worlds, self.worlds.policy
        slots = {k: room(listed.get(k, 0)) + n for k, n in self._domain.slots.items()}
        key = tuple(slots.values())
        if key not in self._grounds:
            domain = domain_of(worlds.knowledge, [policy], slots) if any(listed.values()) else self._domain
            program = overriding(worlds.knowledge, policy, domain)
            fixed = program.literals(worlds.copies.under(0, worlds.chosen))
            self._grounds[key] = Ground(program, Layout(domain, program.literal), frozenset(policy.documented), fixed)
        return self._grounds[key]

    def everything(self) -> Iterator[tuple[Aim, str, Group | WhyNot]]:
        """Every case to make, or why there is none: criteria in the order of the tree, then findings."""
        for name in self._outline.criteria:
            yield Aim.FLIP, name, self.flip(name)
        for attribute in self._read:
            for step in steps(attribute, self._domain, self.worlds.policy.cuts.get(attribute.name, frozenset())):
                yield Aim.BOUNDARY, step.subject, self.boundary(step)
        for attribute in self._read:
            for subject, pairs in self._askable(attribute):
                yield Aim.PENDED, subject, self.pended(attribute, subject, pairs)

    @cached_property
    def _read(self) -> list[Attribute]:
        """What the criteria in use read, in the order of the vocabulary."""
        outline, attributes = self._outline, self.worlds.knowledge.vocabulary.attributes
        read = {a for n in outline.criteria for _, rule in outline.support(n) for a in rule.attributes}
        return [a for name, a in attributes.items() if name in read]

    def _askable(self, attribute: Attribute) -> Iterator[tuple[str, list[Pair]]]:
        """The findings that a case can leave open: of keyed records each, of others any.

        Listed records are alike, and so are the entries that a policy is decided for one by one.
        """
        found, record = list(self._findings(attribute)), self.worlds.knowledge.vocabulary.records[attribute.record]
        if record.mode is Mode.KEYED and record.name != self.worlds.policy.per:
            yield from ((f"{attribute.name} {pair[0].key}", [pair]) for pair in found)
        else:
            yield attribute.name, found

    # -- the three kinds ----------------------------------------------------------------------------------------

    def flip(self, name: str) -> Group | WhyNot:
        """A pair that flips the verdict through a criterion, with the fewest other differences."""
        worlds = self.worlds
        turned = worlds.literals((worlds.copies.side(side, overridden(name)), True) for side in (0, 1))
        turns = {flip: worlds.literal(_turns(name, *flip)) for flip in worlds.flips}
        found = worlds.nearest(turned, turns, about=name)
        if found is None:
            return self._no_flip(name)
        claims = [
            [(outcome(found.flip[side]), True), (met_symbol(name), side == 0), (decisive(name), True)]
            for side in (0, 1)
        ]

        def case(side: int, draft: Draft) -> Told:
            status = (Status.MET, Status.UNMET)[side]
            sentence = f"`{name}` is {status}, and the verdict turns on it"
            return Told(draft, f"{name}_{status}", sentence, VERDICTS[found.flip[side]], {name: status}, name)

        return self._group(Aim.FLIP, name, found, claims, case, given=[(overridden(name), True)])

    def _no_flip(self, name: str) -> WhyNot:
        """Why no pair of worlds flips the outcome through a criterion."""
        worlds, met = self.worlds, self.worlds.copies.met
        for truth, why in ((True, WhyNot.NEVER_MET), (False, WhyNot.ALWAYS_MET)):
            if not worlds.can(worlds.literals([met(0, name, truth)])):
                return why
        turns = [(overridden(name), True), (decisive(name), True)]
        where_met, where_unmet = (worlds.can(worlds.literals([*turns, met(0, name, truth)])) for truth in (True, False))
        if where_met and where_unmet:
            return WhyNot.NO_PAIR
        if not where_met and not where_unmet:
            return WhyNot.NEVER_DECISIVE
        return WhyNot.DECISIVE_IF_MET if where_met else WhyNot.DECISIVE_IF_UNMET

    def boundary(self, step: Step) -> Group | WhyNot:
        """Values on both sides of a cut point or step, the nearest that can occur, in cases that differ in no more.

        They flip the verdict where they can; else they differ in the status of a criterion.
        """
        why = WhyNot.ONE_SIDE
        for pair in self._findings(step.attribute):
            cells = self._occurring(step, pair)
            if cells is None:
                continue
            why = WhyNot.NOT_TOLD_APART
            least = self.worlds.fewest(self.worlds.hold(pair, cells))
            assert least is not None, "each of the values can occur"
            for claims, differs in self._told_apart(step.attribute):
                for first, second in (cells, cells[::-1]):
                    fixed = [*self.worlds.hold(pair, (first, second)), self.worlds.at_most(least)]
                    if found := self.worlds.nearest(fixed, claims, least=least):
                        return self._boundary(step, pair, found, (first, second), differs)
        return why

    def _occurring(self, step: Step, pair: Pair) -> tuple[Cell, Cell] | None:
        """The values on both sides of a step that are the nearest to it which a finding has in some world."""
        layout, found = self.worlds.copies.layouts[0], list[Cell]()
        for side in (step.below, step.above):
            found += next(([c] for c in side if self.worlds.can([layout.is_cell(pair, c)])), [])
        return (found[0], found[1]) if len(found) == 2 else None

    def _told_apart(self, attribute: Attribute) -> Iterator[tuple[Mapping[Flip, int], str | None]]:
        """In what two worlds can be unlike: their outcomes; or a criterion that reads an attribute, by its name."""
        yield self.worlds.flips, None
        for name in self._outline.leaves:
            if any(attribute.name in rule.attributes for _, rule in self._outline.support(name)):
                yield {(): self.worlds.literal(symbol_of("_unlike", [symbol_of(name)]))}, name

    def _boundary(self, step: Step, pair: Pair, found: Found, cells: tuple[Cell, Cell], differs: str | None) -> Group:
        def case(side: int, draft: Draft) -> Told:
            values = {**draft.values, pair: step.value(cells[side])}
            statuses = {} if differs is None else {differs: (Status.MET, Status.UNMET)[side]}
            verdict = VERDICTS[found.flip[side]] if found.flip else None
            told = replace(draft, values=values)
            return Told(told, step.name(cells[side]), step.sentence(cells[side]), verdict, statuses)

        claims: Claims = [[(outcome(name), True)] for name in found.flip]
        if differs is not None:
            claims = [[(met_symbol(differs), met)] for met in (True, False)]
        return self._group(Aim.BOUNDARY, step.subject, found, claims, case, kept=[pair])

    def pended(self, attribute: Attribute, subject: str, pairs: Iterable[Pair]) -> Group | WhyNot:
        """A case that is pended for want of one of these findings: two of its values lead to unlike outcomes."""
        groups = (self._blank(subject, pair, found) for pair in pairs for found in self._alone(pair))
        first = next(groups, None)
        if first is None:
            return WhyNot.NEVER_ALONE
        return replace(first, tries=(cases for group in chain([first], groups) for cases in group.tries))

    def _alone(self, pair: Pair) -> Iterator[Found]:
        """Two worlds that differ in a finding alone, and in what moves with it, and end otherwise.

        What moves with it and is read by no criterion moves rather than what is: then the outcome is up to the finding.
        """
        entity, name = pair
        moved = self.worlds.knowledge.vocabulary.moved(name) & set(self._domain.cells)
        unread = {name, *(moved - {a.name for a in self._read})}
        for names in [unread, moved] if unread != moved else [moved]:
            free = [(entity, each) for each in names]
            if found := self.worlds.nearest(self.worlds.only(pair, free), self.worlds.flips, silent=free):
                yield found

    def _blank(self, subject: str, pair: Pair, found: Found) -> Group:
        """The case that states nothing of a finding of which two worlds differ, nor of what moves with it."""
        attribute = self.worlds.knowledge.vocabulary.attributes[pair[1]]
        unclear = attribute.presumed is not None
        where = subject.removeprefix(attribute.name).strip()
        what = f"{attribute.label}{f' ({where})' if where else ''} is {'unclear' if unclear else 'not documented'}"

        def case(side: int, draft: Draft) -> Told:
            return Told(draft, file_name(subject), what, Verdict.PENDED)

        claims = [[(outcome(name), True)] for name in found.flip]
        group = self._group(Aim.PENDED, subject, found, claims, case, asked=pair)
        return replace(group, tries=(cases[:1] for cases in group.tries))

    # -- what they have in common -----------------------------------------------------------------------------------

    def _findings(self, attribute: Attribute) -> Iterator[Pair]:
        """The attribute of each record that has it; levels that a code of the policy speaks of come first."""
        worlds = self.worlds
        spoken_of = {level for code in worlds.policy.covers for level in worlds.knowledge.coding.regions.get(code, ())}
        entities = [e for e in self._domain.entities if e.record == attribute.record]
        if attribute.record == worlds.policy.per:
            entities.sort(key=lambda e: e.key not in spoken_of)
        return ((e, attribute.name) for e in entities)

    def _group(
        self,
        aim: Aim,
        subject: str,
        found: Found,
        claims: Claims,
        case: Callable[[int, Draft], Told],
        *,
        given: Sequence[Assumption] = (),
        kept: Iterable[Pair] = (),
        asked: Pair | None = None,
    ) -> Group:
        """The drafts of both worlds as cases.

        Args:
            given: what holds in their worlds besides.
            kept: findings that they state in any case.
            asked: a finding that they do not state, and all that differs with it; it is what it is all the same.

        Where silence presumes otherwise than a world is, and no statement can say so, the finding is unclear.
        """
        blank = frozenset[Pair]() if asked is None else frozenset({asked})
        hidden = found.differing(self._domain.pairs) | blank if blank else blank

        def shown(unclear: frozenset[Pair], listed: Mapping[str, int]) -> list[Shown]:
            ground = self._ground(listed)
            program, layout, cases = ground.program, ground.layout, []
            for world, claim in zip(found.worlds, claims, strict=True):
                goal, also = program.any_of([program.literals(claim)]), program.literals(given)
                own = [] if asked is None else [layout.is_cell(asked, world.cells[asked])]
                silent = hidden | unclear
                cases.append(Shown(ground, world, [goal], layout.domain.pairs, silent, also, own, unclear=unclear))
            return cases

        def tries() -> Iterator[tuple[Told, ...]]:
            misjudged = frozenset(p for each in shown(blank, {}) for p in each.misjudged)
            for unclear in dict.fromkeys((blank, blank | misjudged)):
                cases = shown(unclear, {})
                stated = minimal(cases, kept)
                if stated is not None:
                    open = Lists(cases, stated, self.worlds.policy.spares, partial(shown, unclear)).open()
                    yield tuple(case(side, self._draft(each, stated, open)) for side, each in enumerate(cases))

        return Group(aim, subject, tries())

    def _draft(self, shown: Shown, stated: Iterable[Pair], open: frozenset[str]) -> Draft:
        """The draft of a case; what is `unclear` it mentions where silence would presume something."""
        draft = drawn(shown.world, [p for p in stated if shown.statable(p)], self._domain, open)
        attributes = self.worlds.knowledge.vocabulary.attributes
        mentioned = [p for p in self._domain.pairs if p in shown.unclear and attributes[p[1]].presumed is not None]
        return replace(draft, values={**draft.values, **dict.fromkeys(mentioned)})


def _turns(criterion: str, before: str, after: str) -> Symbol:
    """The atom that the first world meets a criterion, the second does not, and both these outcomes turn on it."""
    return symbol_of("_turns", [symbol_of(criterion), symbol_of(before), symbol_of(after)])
