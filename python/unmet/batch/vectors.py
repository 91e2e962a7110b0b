"""What a block of cases allows, as packed bit vectors: the inputs of circuits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic

import numpy as np
import numpy.typing as npt

from unmet.batch.arrays import Flags
from unmet.batch.block import Block
from unmet.batch.columns import Said
from unmet.batch.lexicon import MENTIONED, SILENT, Choices
from unmet.batch.plan import Bits, Node, Trace, Vector, constant
from unmet.circuits.rules import YES, Ground
from unmet.facts.terms import Pair
from unmet.vocabulary import Entity

GIVEN, SPARE = "given", "spare"
"""The names of vectors about records: those that list one, and those that may have one beyond their list."""


def packed(flags: npt.NDArray[np.bool_ | np.uint8]) -> Vector:
    """One bit for each row, padded to whole words."""
    bits = np.packbits(flags, bitorder="little")
    if missing := -len(bits) % 8:
        bits = np.concatenate([bits, np.zeros(missing, dtype=np.uint8)])
    return bits.view(np.uint64)


def unpacked(vector: Vector, rows: int) -> npt.NDArray[np.uint8]:
    """0 or 1 for each row."""
    return np.unpackbits(vector.view(np.uint8), count=rows, bitorder="little")


def counted_bits(vector: Vector) -> int:
    """How many rows there are in a vector without bits beyond its rows."""
    return int(np.bitwise_count(vector).sum())


def rows_of(vector: Vector, rows: int) -> npt.NDArray[np.int64]:
    """The positions of the rows in a vector."""
    return np.flatnonzero(unpacked(vector, rows)) if vector.any() else np.zeros(0, dtype=np.int64)


class Planes(Generic[Bits]):
    """A column's answers by the bits of their numbers: a set of answers is a Boolean function of few vectors then."""

    def __init__(self, choices: Choices, planes: Sequence[Bits], constant: Callable[[bool], Bits]) -> None:
        self.choices = choices
        self._planes: Sequence[Bits] = planes
        self._constant: Callable[[bool], Bits] = constant
        self._known: dict[tuple[int, int, int], Bits] = {}

    def among(self, answers: int) -> Bits:
        """The rows whose answer is one of these (a bit for each); no one may write into it."""
        return self._where(answers, (1 << len(self.choices)) - 1, len(self._planes))

    def _where(self, wanted: int, there: int, bits: int) -> Bits:
        """The rows whose last so many bits are the number of one of the bits of `wanted`; `there` are all there are."""
        wanted &= there
        key = (wanted, there, bits)
        if key not in self._known:
            self._known[key] = self._made(wanted, there, bits)
        return self._known[key]

    def _made(self, wanted: int, there: int, bits: int) -> Bits:
        if wanted in (0, there):
            return self._constant(wanted != 0)
        half, bits = 1 << bits - 1, bits - 1
        below, plane = (1 << half) - 1, self._planes[bits]
        low, high, may_low, may_high = wanted & below, wanted >> half, there & below, there >> half
        if low & may_high == high:
            return self._where(low, may_low, bits)
        if high in (0, may_high):
            if low in (0, may_low):
                return plane if high else ~plane
            rest = self._where(low, may_low, bits)
            return rest | plane if high else rest & ~plane
        rest = self._where(high, may_high, bits)
        if low in (0, may_low):
            return rest | ~plane if low else rest & plane
        return (self._where(low, may_low, bits) & ~plane) | (rest & plane)


def bits_of(choices: Choices) -> int:
    """How many bits the number of an answer has."""
    return max(1, (len(choices) - 1).bit_length())


def _bit(said: Said, bit: int) -> Vector:
    return packed(said.ids & said.ids.dtype.type(1 << bit))


class Leaves(ABC, Generic[Bits]):
    """What cases say of variables, with presumptions for what they are silent of, or without any."""

    def __init__(self, ground: Ground, presumed: Mapping[str, int]) -> None:
        """`presumed` are the cells that silence presumes of an attribute, as a mask."""
        self.ground, self._presumed = ground, presumed
        self._leaves: dict[tuple[int, int, bool], Bits] = {}

    @abstractmethod
    def constant(self, value: bool) -> Bits:
        """All cases, or none."""

    @abstractmethod
    def planes(self, pair: Pair) -> Planes[Bits] | None:
        """What the cases say of a finding, None where no column speaks of it."""

    @abstractmethod
    def given(self, entity: Entity) -> Bits:
        """The cases that list a record; others are always there."""

    @abstractmethod
    def spare(self, entity: Entity) -> Bits:
        """The cases that may have a record which they do not list."""

    # -- leaves -----------------------------------------------------------------------------------------------

    def leaf(self, variable: int, mask: int) -> Bits:
        """The cases that allow a variable a value of the mask, under all presumptions."""
        return self._leaf(variable, mask, True)

    def bare(self, variable: int, mask: int) -> Bits:
        """The same by what is stated alone."""
        return self._leaf(variable, mask, False)

    def _leaf(self, variable: int, mask: int, presuming: bool) -> Bits:
        key = (variable, mask, presuming)
        if key not in self._leaves:
            what = self.ground.variables[variable]
            if what.entity is not None:
                found = self.given(what.entity) if mask == YES else ~self.given(what.entity)
                if mask == YES:
                    found = found | self.spare(what.entity)
            elif what.pair is not None and what.stated:
                found = self.stated(what.pair) if mask == YES else ~self.stated(what.pair)
            else:
                assert what.pair is not None
                found = self._allowing(what.pair, mask, presuming)
            self._leaves[key] = found
        return self._leaves[key]

    def _allowing(self, pair: Pair, mask: int, presuming: bool) -> Bits:
        silent = self._presumed.get(pair[1]) if presuming else None
        planes = self.planes(pair)
        if planes is None:
            return self.constant(silent is None or silent & mask != 0)
        meeting = planes.choices.meeting(mask)
        if silent is not None and not silent & mask:
            meeting &= ~(1 << SILENT)
        return planes.among(meeting)

    # -- what is said of a finding ----------------------------------------------------------------------------

    def stated(self, pair: Pair) -> Bits:
        """The cases that state a finding."""
        planes = self.planes(pair)
        return self.constant(False) if planes is None else planes.among(planes.choices.stated)

    def unclear(self, pair: Pair) -> Bits:
        """The cases that mention a finding without a usable value."""
        planes = self.planes(pair)
        return self.constant(False) if planes is None else planes.among(1 << MENTIONED)

    def wanting(self, pair: Pair) -> Bits:
        """The cases that do not state a finding where nothing is presumed of it."""
        return self.unclear(pair) if pair[1] in self._presumed else ~self.stated(pair)

    def open(self, variable: int) -> Bits:
        """The cases that leave a variable more than one value."""
        what = self.ground.variables[variable]
        if what.entity is not None:
            return self.spare(what.entity)
        if what.stated or what.pair is None:
            return self.constant(False)
        planes = self.planes(what.pair)
        presumed = what.pair[1] in self._presumed
        if planes is None:
            return self.constant(not presumed)
        several = planes.choices.several
        return planes.among(several & ~(1 << SILENT) if presumed else several)

    def open_any(self, variables: Iterable[int]) -> Bits:
        """The cases that leave one of some variables more than one value."""
        found = self.constant(False)
        for variable in variables:
            found = found | self.open(variable)
        return found


class Forms(Leaves[Node]):
    """The cases of any block whose columns have these answers, before it is known."""

    def __init__(
        self, ground: Ground, presumed: Mapping[str, int], choices: Mapping[Pair, Choices | None], trace: Trace
    ) -> None:
        """`choices` are the answers to each finding, in the order of the findings of `Vectors`."""
        super().__init__(ground, presumed)
        self._trace = trace
        self._planes = {
            pair: Planes(each, [trace.input((place, bit)) for bit in range(bits_of(each))], trace.constant)
            for place, (pair, each) in enumerate(choices.items())
            if each is not None
        }

    def constant(self, value: bool) -> Node:
        return self._trace.constant(value)

    def planes(self, pair: Pair) -> Planes[Node] | None:
        return self._planes.get(pair)

    def given(self, entity: Entity) -> Node:
        listed = self.ground.domain.is_listed(entity)
        return self._trace.input((GIVEN, entity)) if listed else self.constant(True)

    def spare(self, entity: Entity) -> Node:
        return self._trace.input((SPARE, entity))


class Vectors(Leaves[Vector]):
    """The cases of a block as vectors."""

    def __init__(
        self,
        block: Block,
        places: Mapping[Pair, int],
        ground: Ground,
        spares: Mapping[str, int],
        presumed: Mapping[str, int],
    ) -> None:
        """How the cases are read.

        Args:
            places: the findings that the ground rules speak of, in order.
            spares: how many records of each listed kind the rules can tell apart beyond those that a case lists.
            presumed: the cells that silence presumes of an attribute, as a mask.
        """
        super().__init__(ground, presumed)
        self.block, self.words = block, (block.rows + 63) // 64
        self.every = packed(np.ones(block.rows, dtype=np.bool_))
        self.said = [block.of(pair) for pair in places]
        self._places, self._spares = places, spares
        self._planes: dict[Pair, Planes[Vector] | None] = {}
        self._bits: dict[tuple[int, int], Vector] = {}

    def constant(self, value: bool) -> Vector:
        return constant(value, self.words)

    def named(self, key: tuple[Any, Any]) -> Vector:
        """A vector by the name that `Forms` gives it."""
        what, which = key
        if what is GIVEN:
            return self.given(which)
        if what is SPARE:
            return self.spare(which)
        return self._bit(what, which)

    def _bit(self, place: int, bit: int) -> Vector:
        """A bit of the numbers of the answers to a finding."""
        key = (place, bit)
        if key not in self._bits:
            said = self.said[place]
            assert said is not None
            self._bits[key] = _bit(said, bit)
        return self._bits[key]

    def planes(self, pair: Pair) -> Planes[Vector] | None:
        if pair not in self._planes:
            place = self._places.get(pair)
            said = self.block.of(pair) if place is None else self.said[place]
            bits = range(0 if said is None else bits_of(said.answers))
            found = [_bit(said, bit) if place is None else self._bit(place, bit) for bit in bits if said is not None]
            self._planes[pair] = None if said is None else Planes(said.answers, found, self.constant)
        return self._planes[pair]

    # -- records ----------------------------------------------------------------------------------------------

    def given(self, entity: Entity) -> Vector:
        if not self.ground.domain.is_listed(entity):
            return self.constant(True)
        return packed(self._count(entity.record) >= int(entity.key or 0))

    def spare(self, entity: Entity) -> Vector:
        number, count = int(entity.key or 0), self._count(entity.record)
        most = count + self._spares.get(entity.record, 0)
        return packed((count < number) & (number <= most) & ~self._complete(entity.record))

    def open_list(self, kind: str) -> Vector:
        """The cases that may have more records of a kind than they list."""
        return ~packed(self._complete(kind))

    def _count(self, kind: str) -> npt.NDArray[np.int64]:
        return self.block.counts.get(kind, np.zeros(self.block.rows, dtype=np.int64))

    def _complete(self, kind: str) -> Flags:
        return self.block.complete.get(kind, np.zeros(self.block.rows, dtype=np.bool_))


def any_of(vectors: Iterable[Vector], words: int) -> Vector:
    """The rows that are in one of the vectors."""
    found = constant(False, words)
    for vector in vectors:
        found |= vector
    return found
