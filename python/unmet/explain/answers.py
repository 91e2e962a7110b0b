"""Answers: what could be said of open findings, as assumptions and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from unmet.determine.decision import Decision
from unmet.explanation import Answer
from unmet.facts.terms import Cell, Pair
from unmet.solver import Assumption
from unmet.values import Values
from unmet.vocabulary import Entity, Type, classes


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

    @property
    def said(self) -> tuple[Entity, str | None, Values | None]:
        """The answer apart from its assumptions."""
        return self.entity, self.attribute, self.values

    def excludes(self, other: Element) -> bool:
        """Whether the two contradict each other whatever the case is."""
        gone = self.entity == other.entity and (self.attribute is None or other.attribute is None)
        return self.subject == other.subject or gone


Left = Callable[[Pair], Sequence[Cell]]
"""The values of a finding that are still possible."""


def left_by_case(decision: Decision) -> Left:
    """The values that the case leaves: those stated, else the one presumed, else all."""
    situation = decision.situation
    presumed = {p.pair: situation.presumed_cells(p) for p in decision.applied}
    return lambda pair: situation.allowed.get(pair) or presumed.get(pair) or situation.domain.cells[pair[1]]


def elements_of(decision: Decision, pairs: Sequence[Pair], left: Left) -> list[Element]:
    """All answers about these findings; about a record that the case does not list also that it is not there.

    An answer does not say here that the record then states it: `stating` adds that.
    """
    situation = decision.situation
    entities = dict.fromkeys(e for e, _ in pairs if not situation.is_given(e))
    found = [Element(entity, None, None, tuple(situation.absent(entity))) for entity in entities]
    for pair in pairs:
        for values, cells in classes_of(decision, pair[1], left(pair)):
            there = situation.present(pair[0])
            found.append(Element(pair[0], pair[1], values, (*there, *situation.excluded(pair, cells))))
    return found


def stating(decision: Decision, element: Element) -> Element:
    """An answer by which the finding is stated, so that what asks for documentation has it."""
    if element.attribute is None:
        return element
    stated = (decision.situation.statable((element.entity, element.attribute)), True)
    return replace(element, assumptions=(*element.assumptions, stated))


def classes_of(decision: Decision, name: str, left: Iterable[Cell]) -> list[tuple[Values, list[Cell]]]:
    """The classes of an attribute that a rule or an assumption tells apart, as far as values are left."""
    vocabulary, none = decision.knowledge.vocabulary, frozenset[int]()
    attribute = vocabulary.attributes[name]
    cells = list(left)
    if attribute.type is not Type.NUMBER:
        return [(Values(words=(c,)), [c]) for c in cells if isinstance(c, str)]
    points = decision.policy.cuts.get(name, none) | vocabulary.cuts.get(name, none)
    wider = classes(attribute, points, by_value=False)
    numbers = [c for c in cells if not isinstance(c, str)]
    grouped = [(w, [c for c in numbers if w[0] <= c[0] <= w[1]]) for w in wider]
    return [(Values(intervals=(w,)), list(inside)) for w, inside in grouped if inside]


def answer_of(decision: Decision, element: Element) -> Answer:
    """An answer in the words of a case."""
    new = not decision.situation.is_given(element.entity)
    if element.attribute is None or element.values is None:
        return Answer(str(element.entity), None, f"a further {element.entity.record}", "", "none", new)
    attribute = decision.knowledge.vocabulary.attributes[element.attribute]
    value = attribute.format(element.values)
    return Answer(str(element.entity), attribute.name, attribute.label, attribute.unit, value, new)


class Order:
    """The order of answers, and of sets of them: fewest first, then least burden, then as the findings stand."""

    def __init__(self, decision: Decision, elements: Sequence[Element]) -> None:
        self._attributes = decision.knowledge.vocabulary.attributes
        self._places = {e.said: i for i, e in enumerate(elements)}

    def sorted(self, answers: Iterable[Element]) -> list[Element]:
        """Answers as the findings stand."""
        return sorted(answers, key=lambda e: self._places[e.said])

    def weight(self, answers: Sequence[Element]) -> tuple[int, int, list[int]]:
        """What a set of answers is ordered by."""
        burden = sum(self._attributes[e.attribute].burden for e in answers if e.attribute is not None)
        return len(answers), burden, sorted(self._places[e.said] for e in answers)
