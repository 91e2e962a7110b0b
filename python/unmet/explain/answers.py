"""Answers: what could be said of open findings, as assumptions and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from unmet.determine.decision import Decision
from unmet.explain.products import Scale
from unmet.explanation import Answer
from unmet.facts.terms import Cell, Pair
from unmet.solver import Assumption
from unmet.values import Values
from unmet.vocabulary import Entity, Type, classes


@dataclass(frozen=True)
class Element:
    """One answer: a finding in a class of its values; without attribute, that a record is there, or is not."""

    entity: Entity
    attribute: str | None
    values: Values | None
    assumptions: tuple[Assumption, ...]
    further: int = 0
    """Which one of the records of its kind that the case does not list, from 1; 0 for what the case knows of."""
    there: bool = True

    @property
    def subject(self) -> tuple[Entity, str | None]:
        """What the answer is about."""
        return self.entity, self.attribute

    @property
    def said(self) -> tuple[Entity, str | None, Values | None, bool]:
        """The answer apart from its assumptions."""
        return self.entity, self.attribute, self.values, self.there

    def excludes(self, other: Element) -> bool:
        """Whether two different answers contradict each other whatever the case is."""
        if self.entity != other.entity or self.there != other.there:
            return self.entity == other.entity
        return self.attribute is not None and self.attribute == other.attribute


Left = Callable[[Pair], Sequence[Cell]]
"""The values of a finding that are still possible."""


def left_by_case(decision: Decision) -> Left:
    """The values that the case leaves: those stated, else the one presumed, else all."""
    situation = decision.situation
    presumed = {p.pair: situation.presumed_cells(p) for p in decision.applied}
    return lambda pair: situation.allowed.get(pair) or presumed.get(pair) or situation.domain.cells[pair[1]]


def elements_of(decision: Decision, pairs: Sequence[Pair], left: Left, further: Iterable[Entity] = ()) -> list[Element]:
    """All answers about these findings; about `further` records, not listed by the case, also whether they are there.

    An answer does not say here that the record then states it: `stating` adds that.
    """
    situation, listed = decision.situation, decision.scene.listed
    number = {e: e.key - listed.get(e.record, 0) for e in further if isinstance(e.key, int)}
    found = [Element(e, None, None, tuple(situation.absent(e)), n, False) for e, n in number.items()]
    found += [Element(e, None, None, tuple(situation.present(e)), n) for e, n in number.items()]
    for entity, name in pairs:
        for values, cells in classes_of(decision, name, left((entity, name))):
            assumptions = (*situation.present(entity), *situation.excluded((entity, name), cells))
            found.append(Element(entity, name, values, assumptions, number.get(entity, 0)))
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
        value = "some" if element.there else "none"
        return Answer(str(element.entity), None, f"a further {element.entity.record}", "", value, new, element.further)
    attribute = decision.knowledge.vocabulary.attributes[element.attribute]
    value = attribute.format(element.values)
    return Answer(str(element.entity), attribute.name, attribute.label, attribute.unit, value, new, element.further)


class Order:
    """The order of answers, and of sets of them: fewest first, then least burden, then as the findings stand."""

    def __init__(self, decision: Decision, elements: Sequence[Element]) -> None:
        self._attributes = decision.knowledge.vocabulary.attributes
        self._places = {e.said: i for i, e in enumerate(elements)}
        self._scale = Scale(range(len(elements)))

    def sorted(self, answers: Iterable[Element]) -> list[Element]:
        """Answers as the findings stand."""
        return sorted(answers, key=lambda e: self._places[e.said])

    def weight(self, answers: Sequence[Element]) -> int:
        """What a set of answers is ordered by."""
        burden = sum(self._attributes[e.attribute].burden for e in answers if e.attribute is not None)
        return self._scale.weight([self._places[e.said] for e in answers], burden)
