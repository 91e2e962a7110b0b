"""What is open about a pended line: the minimal answers that settle it, what to ask, and what to ask first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from math import prod

from unmet.determine.decision import VERDICTS, Decision
from unmet.explain import settling
from unmet.explain.answers import Element, Order, answer_of, elements_of, left_by_case, stating
from unmet.explain.further import all_named, named_records, roomy
from unmet.explain.products import products
from unmet.explanation import Answer, Effect, Enumeration, Opening, Question
from unmet.facts.terms import Pair, outcome
from unmet.results import Status, Verdict
from unmet.solver import Assumption
from unmet.vocabulary import Entity

MOST_SHOWN = 64
"""How many sets of answers are written out, the lightest."""


def explain_opening(decision: Decision) -> Opening:
    """Answers, questions and what cannot matter, of a pended line."""
    return _Open(roomy(decision)).opening()


@dataclass(frozen=True)
class _Open:
    decision: Decision

    @cached_property
    def _fixed(self) -> list[Assumption]:
        return [*self.decision.under_readings, *self.decision.of_case]

    @cached_property
    def _unless_documented(self) -> list[Assumption]:
        """What all worlds of the case agree with, whatever else is documented."""
        return [*self.decision.under_readings, *self.decision.what_is_said]

    @cached_property
    def _reading(self) -> dict[str, set[Pair]]:
        """The leaves that may come to stand otherwise, with the findings they read of which that can come.

        Those are unknown, or ask for documentation that the case lacks.
        """
        decision, left = self.decision, left_by_case(self.decision)
        found = {n: decision.undocumented_pairs(n) for n in decision.leaves}
        for name in decision.leaves:
            if decision.status(name) is Status.UNKNOWN:
                found[name] |= {pair for pair in decision.all_pairs(name) if len(left(pair)) > 1}
        return {n: pairs for n, pairs in found.items() if pairs or decision.status(n) is Status.UNKNOWN}

    @cached_property
    def pairs(self) -> list[Pair]:
        """The open findings that can matter, of listed records and of the next ones that the case may not list."""
        found = {pair for pairs in self._reading.values() for pair in pairs}
        given, further = self.decision.situation.is_given, set(self._further)
        return self.decision.in_order(pair for pair in found if given(pair[0]) or pair[0] in further)

    @cached_property
    def _further(self) -> list[Entity]:
        return named_records(self.decision, self._reading)

    @cached_property
    def elements(self) -> list[Element]:
        return elements_of(self.decision, self.pairs, left_by_case(self.decision), self._further)

    # -- the answer -------------------------------------------------------------------------------------------

    def opening(self) -> Opening:
        approving = settling.approving(self.decision, self._unless_documented, self.elements)
        denying = settling.denying(self.decision, self._fixed, self.elements)
        hopeless = any(each.complete and not each.sets for each in approving)
        found = denying if hopeless else [*approving, *denying]
        asked = {e.subject for each in found for answers in each.sets for e in answers}
        every = all_named(self.decision, self._reading)
        complete = all(each.complete for each in found) and every
        questions = sorted((self._question(s) for s in asked if s[1] is not None), key=self._first)
        decision = self.decision
        silent = [p for p in self.pairs if p not in asked and decision.situation.is_given(p[0])] if complete else []
        order = Order(decision, self.elements)
        ways = [each.sets for each in approving]
        lightest = [list(chain(*sets)) for sets in islice(products(ways, order.weight), MOST_SHOWN)]
        refused = sorted((s for each in denying for s in each.sets), key=order.weight)
        all_approving = all(each.complete for each in approving) and every
        all_denying = all(each.complete for each in denying) and every
        return Opening(
            approving=self._written(order, lightest),
            approving_found=_enumeration(len(lightest), prod(map(len, ways)), all_approving),
            denying=self._written(order, refused[:MOST_SHOWN]),
            denying_found=_enumeration(min(len(refused), MOST_SHOWN), len(refused), all_denying),
            ask=tuple(questions),
            next_question=questions[0] if questions else None,
            settled=tuple(n for n in decision.outline.criteria if decision.status(n) is not Status.UNKNOWN),
            irrelevant=decision.evidence(silent),
        )

    def _written(self, order: Order, sets: Iterable[Sequence[Element]]) -> tuple[tuple[Answer, ...], ...]:
        return tuple(tuple(answer_of(self.decision, e) for e in order.sorted(s)) for s in sets)

    # -- questions --------------------------------------------------------------------------------------------

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
        return Question(
            entity=str(entity),
            attribute=name,
            label=attribute.label,
            unit=attribute.unit,
            effects=effects,
            settles=sum(e.verdict is not Verdict.PENDED for e in effects),
            burden=attribute.burden,
            criteria=tuple(n for n in decision.unknown_leaves if (entity, name) in decision.all_pairs(n)),
            new_record=not decision.situation.is_given(entity),
            further=max((e.further for e in self.elements if e.subject == subject), default=0),
        )

    def _verdict(self, element: Element) -> Verdict:
        """The verdict once one answer is given, and so stated."""
        fixed = [*self._unless_documented, *self._unstated(element), *stating(self.decision, element).assumptions]
        satisfiable = self.decision.program.satisfiable
        possible = [v for name, v in VERDICTS.items() if satisfiable([*fixed, (outcome(name), True)])]
        return possible[0] if len(possible) == 1 else Verdict.PENDED

    def _unstated(self, element: Element) -> list[Assumption]:
        """That nothing is stated beyond the case and the answer."""
        situation = self.decision.situation
        pairs = (p for p in situation.domain.pairs if p not in situation.stated and p != element.subject)
        return [(situation.statable(p), False) for p in pairs]

    def _first(self, question: Question) -> tuple[int, int, int, str]:
        """Most classes that settle the line, then least burden, then the order of the vocabulary."""
        order = self.decision.knowledge.vocabulary.order
        return -question.settles, question.burden, order[question.attribute], question.entity


def _enumeration(shown: int, total: int, complete: bool) -> Enumeration:
    """How far an enumeration of answers went."""
    return Enumeration(shown, total if complete else None, True, complete and shown == total, MOST_SHOWN)
