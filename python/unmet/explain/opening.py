"""What is open about a pended line: the minimal answers that settle it, what to ask, and what to ask first.

An answer fixes an open attribute to one of its classes. A set of answers *forces* a verdict if every world of the
case that agrees with it has that verdict. The minimal forcing sets are found by duality: a set forces approval only
if it contradicts every set that excludes it, so each failed proposal yields such a set and rules out all others that
do not contradict it (Fredman and Khachiyan's dualization, with the solver as the oracle).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from unmet.determine.decision import VERDICTS, Decision
from unmet.explanation import Answer, Effect, Enumeration, Opening, Question
from unmet.facts.terms import Cell, Pair, outcome
from unmet.results import Evidence, Status, Verdict
from unmet.solver import Assumption
from unmet.solver.sets import Core, Map
from unmet.values import Values
from unmet.vocabulary import Entity, Type, classes

MOST_ANSWERS, MOST_QUESTIONS = 64, 300
"""How many minimal sets of answers are enumerated for each verdict, and with how many questions to the solver."""


@dataclass(frozen=True)
class Element:
    """One answer: a finding in a class of its values, or (without attribute) that there is no such record."""

    entity: Entity
    attribute: str | None
    values: Values | None
    assumptions: tuple[Assumption, ...]

    @property
    def subject(self) -> tuple[Entity, str | None]:
        """What the answer is about; two answers about one subject contradict each other."""
        return self.entity, self.attribute


def explain_opening(decision: Decision) -> Opening:
    """Answers, questions and what cannot matter, of a pended line."""
    return _Open(decision).opening()


@dataclass(frozen=True)
class _Open:
    decision: Decision

    @cached_property
    def _fixed(self) -> list[Assumption]:
        return [*self.decision.under_readings, *self.decision.of_case]

    @cached_property
    def pairs(self) -> list[Pair]:
        """The open findings that unknown leaves read, of listed records and of ones the case may not list."""
        decision = self.decision
        unknown = [n for n in decision.leaves if decision.status(n) is Status.UNKNOWN]
        read = {pair for n in unknown for pair in decision.all_pairs(n)}
        return [p for p in decision.in_order(read) if len(self._cells(p)) > 1 and p[0] not in self._later]

    @cached_property
    def _later(self) -> frozenset[Entity]:
        """The records beyond the next one of their kind."""
        situation = self.decision.situation
        open_to = [e for e in situation.domain.entities if not situation.is_given(e) and not situation.is_absent(e)]
        first = {e.record: e for e in reversed(open_to)}
        return frozenset(e for e in open_to if e != first[e.record])

    def _cells(self, pair: Pair) -> list[tuple[Values, list[Cell]]]:
        """The classes of a finding that the case leaves and that a rule or an assumption tells apart."""
        decision = self.decision
        situation, attribute = decision.situation, decision.knowledge.vocabulary.attributes[pair[1]]
        presumed = next((p for p in decision.applied if p.pair == pair), None)
        left = situation.presumed_cells(presumed) if presumed else situation.allowed.get(pair)
        cells = list(left if left is not None else situation.domain.cells[pair[1]])
        if attribute.type is not Type.NUMBER:
            return [(Values(words=(c,)), [c]) for c in cells if isinstance(c, str)]
        vocabulary, none = decision.knowledge.vocabulary, frozenset[int]()
        points = decision.policy.cuts.get(pair[1], none) | vocabulary.cuts.get(pair[1], none)
        wider = classes(attribute, points, by_value=False)
        numbers = [c for c in cells if not isinstance(c, str)]
        grouped = [(w, [c for c in numbers if w[0] <= c[0] <= w[1]]) for w in wider]
        return [(Values(intervals=(w,)), list(inside)) for w, inside in grouped if inside]

    @cached_property
    def elements(self) -> list[Element]:
        situation = self.decision.situation
        found: list[Element] = []
        for entity in dict.fromkeys(e for e, _ in self.pairs if not situation.is_given(e)):
            found.append(Element(entity, None, None, tuple(situation.absent(entity))))
        for pair in self.pairs:
            for values, cells in self._cells(pair):
                there = situation.present(pair[0])
                found.append(Element(pair[0], pair[1], values, (*there, *situation.excluded(pair, cells))))
        return found

    # -- forcing sets -----------------------------------------------------------------------------------------

    def forcing(self, name: str) -> tuple[list[list[Element]], bool]:
        """The minimal sets of answers after which every world has this outcome, and whether these are all."""
        program, elements, goal = self.decision.program, self.elements, outcome(name)
        groups = [e.assumptions for e in elements]
        consistent, against, towards = (
            Core(program, [*self._fixed, *extra], groups) for extra in ([], [(goal, False)], [(goal, True)])
        )
        unexplored = Map(len(elements))
        for i, one in enumerate(elements):
            for k in range(i):
                other = elements[k]
                gone = one.entity == other.entity and (one.attribute is None or other.attribute is None)
                if one.subject == other.subject or gone:
                    unexplored.exclude_above([k, i])
        found: list[list[Element]] = []
        last = program.asked + MOST_QUESTIONS
        while (proposal := unexplored.subset()) is not None:
            if len(found) >= MOST_ANSWERS or program.asked > last:
                return found, False
            impossible = consistent.minimal(proposal)
            forced = against.minimal(proposal) if impossible is None else None
            if impossible is not None:
                unexplored.exclude_above(impossible)
            elif forced is not None:
                unexplored.exclude_above(forced)
                found.append([elements[i] for i in forced])
            elif self._tied:
                unexplored.exclude_below(proposal)
            else:
                self._contradict(unexplored, proposal, against, towards)
        return found, not self._later

    @cached_property
    def _tied(self) -> bool:
        """Whether answers can exclude each other otherwise than by being about one finding."""
        names, vocabulary = {name for _, name in self.pairs}, self.decision.knowledge.vocabulary
        tied = any(sum(name in link for _, name in self.pairs) > 1 for link in vocabulary.links if link & names)
        return tied or any(not self.decision.situation.is_given(e) for e, _ in self.pairs)

    def _contradict(self, unexplored: Map, proposal: Sequence[int], against: Core, towards: Core) -> None:
        """Rules out every proposal that does not contradict some minimal set excluding the goal."""
        elements = self.elements
        whole, answered = list(proposal), {elements[i].subject for i in proposal}
        for i, element in enumerate(elements):
            if element.subject not in answered and against.satisfiable([*whole, i]):
                whole.append(i)
                answered.add(element.subject)
        excluded = towards.minimal(whole)
        assert excluded is not None, "a world without the outcome excludes it"
        excluding = [elements[i] for i in excluded]
        subjects = {e.subject for e in excluding}
        unexplored.require(i for i, e in enumerate(elements) if e.subject in subjects and e not in excluding)

    # -- the answer -------------------------------------------------------------------------------------------

    def opening(self) -> Opening:
        approving, all_approving = self.forcing("approve")
        denying, all_denying = self.forcing("deny")
        asked = {e.subject for answers in (*approving, *denying) for e in answers}
        questions = sorted((self._question(s) for s in asked if s[1] is not None), key=self._first)
        complete = all_approving and all_denying
        decision = self.decision
        silent = [p for p in self.pairs if p not in asked and decision.situation.is_given(p[0])] if complete else []
        return Opening(
            approving=self._written(approving),
            approving_found=_enumeration(approving, all_approving),
            denying=self._written(denying),
            denying_found=_enumeration(denying, all_denying),
            ask=tuple(questions),
            next_question=questions[0] if questions else None,
            settled=tuple(n for n in decision.outline.criteria if decision.status(n) is not Status.UNKNOWN),
            irrelevant=self._irrelevant(silent),
        )

    def _irrelevant(self, pairs: Iterable[Pair]) -> tuple[Evidence, ...]:
        return self.decision.evidence(pairs)

    def _written(self, sets: Iterable[Sequence[Element]]) -> tuple[tuple[Answer, ...], ...]:
        written = [tuple(self._answer(e) for e in sorted(s, key=self.elements.index)) for s in sets]
        return tuple(sorted(dict.fromkeys(written), key=lambda s: (len(s), [str(a) for a in s])))

    def _answer(self, element: Element) -> Answer:
        new = not self.decision.situation.is_given(element.entity)
        if element.attribute is None or element.values is None:
            return Answer(str(element.entity), None, f"a further {element.entity.record}", "", "none", new)
        attribute = self.decision.knowledge.vocabulary.attributes[element.attribute]
        value = attribute.format(element.values)
        return Answer(str(element.entity), attribute.name, attribute.label, attribute.unit, value, new)

    def _question(self, subject: tuple[Entity, str | None]) -> Question:
        entity, name = subject
        assert name is not None
        attribute = self.decision.knowledge.vocabulary.attributes[name]
        effects = tuple(
            Effect(attribute.format(e.values), self._verdict(e))
            for e in self.elements
            if e.subject == subject and e.values is not None
        )
        decision = self.decision
        reading = [n for n in decision.leaves if decision.status(n) is Status.UNKNOWN]
        return Question(
            entity=str(entity),
            attribute=name,
            label=attribute.label,
            unit=attribute.unit,
            effects=effects,
            settles=sum(e.verdict is not Verdict.PENDED for e in effects),
            burden=attribute.burden,
            criteria=tuple(n for n in reading if (entity, name) in decision.all_pairs(n)),
        )

    def _verdict(self, element: Element) -> Verdict:
        """The verdict after one answer."""
        base = [*self._fixed, *element.assumptions]
        possible = [v for n, v in VERDICTS.items() if self.decision.program.satisfiable([*base, (outcome(n), True)])]
        return possible[0] if len(possible) == 1 else Verdict.PENDED

    def _first(self, question: Question) -> tuple[int, int, int, str]:
        """Most classes that settle the line, then least burden, then the order of the vocabulary."""
        order = self.decision.knowledge.vocabulary.order
        return -question.settles, question.burden, order[question.attribute], question.entity


def _enumeration(sets: Sequence[object], complete: bool) -> Enumeration:
    return Enumeration(len(sets), len(sets) if complete else None, True, complete, MOST_ANSWERS)
