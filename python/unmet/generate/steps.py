"""The cut points of numbers and the steps of scales that a policy reads, and the values on both sides of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unmet.facts.domain import Domain
from unmet.facts.terms import Cell
from unmet.vocabulary import Attribute, Type


@dataclass(frozen=True)
class Step:
    """A cut point of a number, or a step of a scale: the first value at it, and the values on both sides.

    `below` and `above` are words, or classes of numbers, each from the step outwards.
    """

    attribute: Attribute
    at: str | int
    below: Sequence[Cell]
    above: Sequence[Cell]

    def written(self, value: str | int) -> str:
        """A value as a case writes it."""
        return value if isinstance(value, str) else self.attribute.numeral(value)

    @property
    def subject(self) -> str:
        return f"{self.attribute.name} {self.written(self.at)}"

    def value(self, cell: Cell) -> str | int:
        """The value of a class that is next to the step."""
        if isinstance(cell, str):
            return cell
        return cell[0] if cell in self.above else cell[1]

    def name(self, cell: Cell) -> str:
        """What the file of a case with a value of this class is called."""
        return file_name(f"{self.attribute.name} {self.written(self.value(cell))}")

    def sentence(self, cell: Cell) -> str:
        """What the case is for; where the value next to the step cannot be, it takes the nearest one that can."""
        above = cell in self.above
        if cell == (self.above if above else self.below)[0]:
            place = "at" if above else "just below"
        else:
            place = f"the nearest that can occur {'above' if above else 'below'}"
        what = "the step to" if isinstance(cell, str) else "the cut point"
        return f"{self.attribute.label} of {self.written(self.value(cell))}, {place} {what} {self.written(self.at)}"


def steps(attribute: Attribute, domain: Domain, cuts: frozenset[int]) -> Iterator[Step]:
    """The cut points of a number, and the steps of a scale."""
    cells = domain.cells[attribute.name]
    if attribute.type is Type.NUMBER:
        for cut in sorted(cuts):
            if attribute.low < cut <= attribute.high:
                first = next(i for i, c in enumerate(cells) if c[0] == cut)
                yield Step(attribute, cut, cells[:first][::-1], cells[first:])
    if attribute.type is Type.SCALE:
        for i, word in enumerate(attribute.options[1:], 1):
            yield Step(attribute, word, attribute.options[:i][::-1], attribute.options[i:])


def file_name(words: str) -> str:
    """Words as a part of a file's name."""
    return words.replace(" -", " minus_").replace("-", "_").replace(".", "_").replace(" ", "_").lower()
