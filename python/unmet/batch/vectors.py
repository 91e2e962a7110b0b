"""What a block of cases allows, as packed bit vectors: the inputs of circuits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from unmet.batch.arrays import Flags
from unmet.batch.block import Block
from unmet.batch.columns import FIRST, MENTIONED, SILENT, Said
from unmet.batch.plan import Vector, constant
from unmet.circuits.rules import YES, Ground
from unmet.facts.terms import Pair
from unmet.vocabulary import Entity


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


class Planes:
    """A column's answers by the bits of their numbers: a set of answers is a Boolean function of few vectors then."""

    def __init__(self, said: Said, words: int) -> None:
        self._count, self._words = len(said.answers), words
        bits = max(1, (self._count - 1).bit_length())
        one = said.ids.dtype.type(1)
        self._planes = [
            packed(said.ids & (one << said.ids.dtype.type(bit))) if bits > 1 else packed(said.ids)
            for bit in range(bits)
        ]
        self._known: dict[int, Vector] = {}

    def among(self, answers: Iterable[int]) -> Vector:
        """The rows whose answer is one of these."""
        wanted = sum(1 << answer for answer in set(answers))
        return self._where(wanted, len(self._planes))

    def _where(self, wanted: int, bits: int) -> Vector:
        """The rows whose last so many bits are the number of one of the bits of `wanted`."""
        every = (1 << (1 << bits)) - 1
        if wanted in (0, every):
            return constant(wanted != 0, self._words)
        key = wanted << 5 | bits
        if key not in self._known:
            half = 1 << bits - 1
            low, high = wanted & (1 << half) - 1, wanted >> half
            plane = self._planes[bits - 1]
            if low == high:
                found = self._where(low, bits - 1)
            else:
                found = (self._where(low, bits - 1) & ~plane) | (self._where(high, bits - 1) & plane)
            self._known[key] = found
        return self._known[key]


class Vectors:
    """The cases of a block as vectors, with presumptions for what they are silent of, or without any."""

    def __init__(self, block: Block, ground: Ground, spares: dict[str, int]) -> None:
        self.block, self.ground, self.words = block, ground, (block.rows + 63) // 64
        self.every = packed(np.ones(block.rows, dtype=np.bool_))
        self._spares = spares
        self._planes: dict[Pair, tuple[Said, Planes] | None] = {}
        self._leaves: dict[tuple[int, int, bool], Vector] = {}
        self._attributes = ground.domain.vocabulary.attributes
        self._presumed: dict[str, int] = {}
        for name, cells in ground.domain.cells.items():
            attribute = self._attributes[name]
            if attribute.presumed is not None:
                values = attribute.singleton(attribute.presumed)
                self._presumed[name] = sum(1 << i for i, cell in enumerate(cells) if values.meets(cell))

    # -- leaves -----------------------------------------------------------------------------------------------

    def leaf(self, variable: int, mask: int) -> Vector:
        """The cases that allow a variable a value of the mask, under all presumptions."""
        return self._leaf(variable, mask, True)

    def bare(self, variable: int, mask: int) -> Vector:
        """The same by what is stated alone."""
        return self._leaf(variable, mask, False)

    def _leaf(self, variable: int, mask: int, presuming: bool) -> Vector:
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

    def _allowing(self, pair: Pair, mask: int, presuming: bool) -> Vector:
        silent = self._presumed.get(pair[1]) if presuming else None
        planes = self._of(pair)
        if planes is None:
            return constant(silent is None or silent & mask != 0, self.words)
        said, bits = planes
        meets = [place for place, answer in enumerate(said.answers) if answer.mask & mask]
        if silent is not None and not silent & mask:
            meets.remove(SILENT)
        return bits.among(meets)

    def _of(self, pair: Pair) -> tuple[Said, Planes] | None:
        if pair not in self._planes:
            said = self.block.of(pair)
            self._planes[pair] = None if said is None else (said, Planes(said, self.words))
        return self._planes[pair]

    # -- what is said of a finding ----------------------------------------------------------------------------

    def stated(self, pair: Pair) -> Vector:
        """The cases that state a finding."""
        planes = self._of(pair)
        if planes is None:
            return constant(False, self.words)
        return planes[1].among(range(FIRST, len(planes[0].answers)))

    def unclear(self, pair: Pair) -> Vector:
        """The cases that mention a finding without a usable value."""
        planes = self._of(pair)
        return constant(False, self.words) if planes is None else planes[1].among([MENTIONED])

    def wanting(self, pair: Pair) -> Vector:
        """The cases that do not state a finding where nothing is presumed of it."""
        return self.unclear(pair) if pair[1] in self._presumed else ~self.stated(pair)

    def open(self, variable: int) -> Vector:
        """The cases that leave a variable more than one value."""
        what = self.ground.variables[variable]
        if what.entity is not None:
            return self.spare(what.entity)
        if what.stated or what.pair is None:
            return constant(False, self.words)
        planes = self._of(what.pair)
        presumed = what.pair[1] in self._presumed
        if planes is None:
            return constant(not presumed, self.words)
        several = [place for place, answer in enumerate(planes[0].answers) if answer.mask.bit_count() > 1]
        return planes[1].among([place for place in several if place != SILENT or not presumed])

    # -- records ----------------------------------------------------------------------------------------------

    def given(self, entity: Entity) -> Vector:
        """The cases that list a record; others are always there."""
        if not self.ground.domain.is_listed(entity):
            return constant(True, self.words)
        return packed(self._count(entity.record) >= int(entity.key or 0))

    def spare(self, entity: Entity) -> Vector:
        """The cases that may have a record which they do not list."""
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
