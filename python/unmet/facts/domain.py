"""Cases as symbols: the domain of a prepared program, a case's restriction of it, and both as ASP text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from clingo import Function, Symbol

from unmet.case import Scene
from unmet.facts.terms import (
    Cell,
    Pair,
    cell_symbol,
    chosen_symbol,
    entity_symbol,
    finding,
    presence,
    statable,
    word_symbol,
)
from unmet.values import Values
from unmet.vocabulary import Attribute, Entity, Mode, Type, Vocabulary, classes

MOST_STATEMENTS = 10_000
"""Of how many different statements of an attribute it is remembered what they leave."""


def meeting(cells: Iterable[Cell], values: Values) -> tuple[Cell, ...]:
    """The cells that hold one of the values."""
    return tuple(cell for cell in cells if values.meets(cell))


def holds(cell: Cell, value: str | int) -> bool:
    """Whether a value is of a class."""
    return cell == value if isinstance(cell, str) or isinstance(value, str) else cell[0] <= value <= cell[1]


def room(listed: int) -> int:
    """How many slots a program has for this many listed records: the next power of two, so that few are prepared."""
    return 1 << (listed - 1).bit_length() if listed else 0


@dataclass(frozen=True)
class Presumed:
    """A presumption that the silence of a case calls for."""

    pair: Pair
    value: str | int


@dataclass(frozen=True)
class Domain:
    """What the worlds of a program are made of.

    `slots` holds for each listed record kind how many records a world may have; `cells` the words and classes of
    every attribute the program is about; `documented` are those of which a rule asks whether the record states them.
    `filled` are attributes to which the request gives a value where a line is silent about them.
    """

    vocabulary: Vocabulary
    slots: Mapping[str, int]
    cells: Mapping[str, tuple[Cell, ...]]
    documented: frozenset[str] = frozenset()
    filled: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        attributes: Iterable[str],
        cuts: Mapping[str, frozenset[int]],
        slots: Mapping[str, int],
        documented: frozenset[str] = frozenset(),
    ) -> Domain:
        """The domain of these attributes and of those that the vocabulary ties to them."""
        names = vocabulary.linked(attributes)
        cells: dict[str, tuple[Cell, ...]] = {}
        for name, attribute in vocabulary.attributes.items():
            if name in names and attribute.type is Type.NUMBER:
                points = cuts.get(name, frozenset()) | vocabulary.cuts.get(name, frozenset())
                cells[name] = classes(attribute, points, name in vocabulary.by_value)
            elif name in names:
                cells[name] = attribute.options
        return cls(vocabulary, dict(slots), cells, documented)

    def narrowed(self, per: str | None) -> Domain:
        """The domain of a policy that is decided entry by entry of a record kind: its attribute names one of them."""
        if per is None or per not in self.cells:
            return self
        return replace(self, cells={**self.cells, per: self.vocabulary.records[per].keys})

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """Every entity a world may hold, in the order of the vocabulary."""
        found: list[Entity] = []
        for record in self.vocabulary.records.values():
            if record.mode is Mode.ONE:
                found.append(Entity(record.name))
            elif record.mode is Mode.KEYED:
                found += [Entity(record.name, key) for key in record.keys]
            else:
                found += [Entity(record.name, i + 1) for i in range(self.slots.get(record.name, 0))]
        return tuple(found)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every attribute of every entity."""
        attributes = self.vocabulary.attributes
        return tuple((e, name) for e in self.entities for name in self.cells if attributes[name].record == e.record)

    @cached_property
    def rank(self) -> dict[Pair, int]:
        """The place of each finding in the order in which findings are shown: by entity, then by the vocabulary."""
        order = self.vocabulary.order
        found = sorted(self.pairs, key=lambda p: (p[0].record, str(p[0].key).zfill(6), order[p[1]]))
        return {pair: i for i, pair in enumerate(found)}

    @cached_property
    def named(self) -> dict[Pair, tuple[str, Attribute]]:
        """Of each finding what its entity is called, and its attribute."""
        attributes = self.vocabulary.attributes
        return {(entity, name): (str(entity), attributes[name]) for entity, name in self.pairs}

    @cached_property
    def presumptions(self) -> tuple[Presumed, ...]:
        """Every presumption that silence can call for."""
        values = ((pair, self.vocabulary.attributes[pair[1]].presumed) for pair in self.pairs)
        return tuple(Presumed(pair, value) for pair, value in values if value is not None)

    @cached_property
    def presumed_cells(self) -> tuple[tuple[Pair, tuple[Cell, ...]], ...]:
        """The cells that silence leaves: of what is presumed, and of what the request fills in."""
        attributes = self.vocabulary.attributes
        values = {p.pair: p.value for p in self.presumptions}
        for pair in self.pairs:
            if (value := self.filled.get(pair[1])) is not None:
                values[pair] = value if isinstance(value, str) else max(value, attributes[pair[1]].low)
        return tuple(
            (pair, meeting(self.cells[pair[1]], attributes[pair[1]].singleton(value))) for pair, value in values.items()
        )

    def tied(self, several: Collection[str]) -> tuple[tuple[Pair, ...], ...]:
        """The findings by what ties them: a group can be as it can by itself, whatever the others are.

        Args:
            several: the attributes in rules of the vocabulary that read more than one record.
        """
        found: list[list[Pair]] = []
        for group in dict.fromkeys(self.vocabulary.linked([name]) for name in self.cells):
            pairs = [p for p in self.pairs if p[1] in group]
            if group.isdisjoint(several):
                found += [[p for p in pairs if p[0] == entity] for entity in dict.fromkeys(e for e, _ in pairs)]
            else:
                found.append(pairs)
        return tuple(tuple(group) for group in found if group)

    def left(self, name: str, values: Values) -> tuple[Cell, ...]:
        """The cells of an attribute that hold one of the values, remembered."""
        known, key = self._left[name], values.words or values.intervals
        found = known.get(key)
        if found is None:
            found = meeting(self.cells[name], values)
            if len(known) < MOST_STATEMENTS:
                known[key] = found
        return found

    @cached_property
    def _left(self) -> dict[str, dict[object, tuple[Cell, ...]]]:
        return {name: {} for name in self.cells}

    def is_listed(self, entity: Entity) -> bool:
        """Whether the entity is a record of a listed kind."""
        return self.vocabulary.records[entity.record].mode is Mode.LISTED

    def facts(self, kinds: Collection[str] | None = None, prefix: str = "") -> Iterator[Symbol]:
        """The facts of a program prepared for many cases: every slot spare, every value possible, all statable.

        Those about records of some kinds alone, where `kinds` names them; `prefix` begins the names of predicates.
        """
        entities = [e for e in self.entities if kinds is None or e.record in kinds]
        yield from self.slot_facts((e for e in entities if self.is_listed(e)), entities, prefix)
        yield from self.record_facts(prefix)
        terms = {name: [cell_symbol(cell) for cell in cells] for name, cells in self.cells.items()}
        value, statable = f"{prefix}_value", f"{prefix}_statable"
        for entity, name in self.pairs:
            if kinds is None or entity.record in kinds:
                pair = [entity_symbol(entity), Function(name)]
                yield from (Function(value, [*pair, term]) for term in terms[name])
                yield Function(statable, pair)

    def slot_facts(
        self, spare: Iterable[Entity], entities: Iterable[Entity] | None = None, prefix: str = ""
    ) -> Iterator[Symbol]:
        """The slots (of all entities, or of these), which may stay empty, and the order in which those fill up."""
        for entity in self.entities if entities is None else entities:
            yield Function(f"{prefix}_slot", [Function(entity.record), entity_symbol(entity)])
        for entity in spare:
            symbol = entity_symbol(entity)
            yield Function(f"{prefix}_spare", [symbol])
            if isinstance(entity.key, int) and entity.key > 1:
                yield Function(f"{prefix}_next", [entity_symbol(Entity(entity.record, entity.key - 1)), symbol])

    def record_facts(self, prefix: str = "") -> Iterator[Symbol]:
        """The attributes of which a rule reads what the record states."""
        return (Function(f"{prefix}_asks_record", [Function(name)]) for name in sorted(self.documented))

    def program(self) -> str:
        """The same facts as text, which clingo reads several times sooner than terms are made; and `kinds_program`."""
        lines = [f"{fact}." for fact in self.slot_facts(e for e in self.entities if self.is_listed(e))]
        lines += (f"{fact}." for fact in self.record_facts())
        pools: dict[str, list[str]] = {}
        for entity in self.entities:
            pools.setdefault(entity.record, []).append(str(entity_symbol(entity)))
        for name, cells in self.cells.items():
            if found := pools.get(self.vocabulary.attributes[name].record):
                records = ";".join(found)
                lines.append(f"_value(({records}),{name},({_pool(cells)})). _statable(({records}),{name}).")
        return "\n".join([*lines, self.kinds_program()])

    def kinds_program(self) -> str:
        """Rules that give every record kind its predicate: `hip(E) :- _slot(hip, E), _present(E).`"""
        return "\n".join(f"{k}(E) :- _slot({k}, E), _present(E)." for k in self.vocabulary.records)


def _pool(cells: Iterable[Cell]) -> str:
    """Cells as a pool of terms; classes by their least numbers."""
    return ";".join(str(word_symbol(cell)) if isinstance(cell, str) else str(cell[0]) for cell in cells)


@dataclass(frozen=True)
class Situation:
    """A scene laid over a domain: which cells each stated attribute leaves, what is presumed, what may exist.

    `most` is the greatest number of records of each listed kind that a world need hold.
    """

    domain: Domain
    scene: Scene
    most: Mapping[str, int]

    @cached_property
    def stated(self) -> frozenset[Pair]:
        """The pairs that the record states."""
        return frozenset(self.allowed)

    @cached_property
    def allowed(self) -> dict[Pair, tuple[Cell, ...]]:
        """The cells that statements leave."""
        given = ((pair, self.scene.statements.get(pair)) for pair in self.domain.pairs)
        return {
            pair: self.domain.left(pair[1], s.values) for pair, s in given if s is not None and s.values is not None
        }

    @cached_property
    def presumptions(self) -> tuple[Presumed, ...]:
        """What silence presumes, before it is held against the rest of the case."""
        statements = self.scene.statements
        return tuple(p for p in self.domain.presumptions if p.pair not in statements and not self.is_absent(p.pair[0]))

    def presumed_cells(self, presumed: Presumed) -> tuple[Cell, ...]:
        """The cells that a presumption leaves."""
        attribute = self.domain.vocabulary.attributes[presumed.pair[1]]
        return self.domain.left(attribute.name, attribute.singleton(presumed.value))

    def is_given(self, entity: Entity) -> bool:
        """Whether the case says that this entity is there."""
        if not self.domain.is_listed(entity):
            return True
        return isinstance(entity.key, int) and entity.key <= self.scene.listed.get(entity.record, 0)

    def is_absent(self, entity: Entity) -> bool:
        """Whether no world need hold this entity: the case says it is not there, or no rule can tell."""
        if self.is_given(entity):
            return False
        return entity.record in self.scene.complete or (
            isinstance(entity.key, int) and entity.key > self.most.get(entity.record, 0)
        )

    # -- as assumptions of a prepared program ------------------------------------------------------------------

    def assumptions(self, *, silent: bool = True) -> Iterator[tuple[Symbol, bool]]:
        """What the case fixes of a prepared program, presumptions apart; with `silent`, that it states nothing else."""
        for entity in self.domain.entities:
            if self.domain.is_listed(entity) and (self.is_given(entity) or self.is_absent(entity)):
                yield presence(entity), self.is_given(entity)
        for pair in self.domain.pairs:
            if silent or pair in self.stated:
                yield self.statable(pair), pair in self.stated
        for pair, cells in self.allowed.items():
            yield from self.excluded(pair, cells)

    def kept(self) -> Iterator[tuple[Pair | Entity, list[tuple[Symbol, bool]]]]:
        """What a change of the case may not touch, each with its assumptions.

        Records that the case lists stay, what is stated stays stated, immutable findings keep what is stated of them,
        and growing ones do not fall below it.
        """
        attributes = self.domain.vocabulary.attributes
        for entity in self.domain.entities:
            if self.domain.is_listed(entity) and self.is_given(entity):
                yield entity, [(presence(entity), True)]
        for pair, cells in self.allowed.items():
            fixed = [(self.statable(pair), True)]
            attribute = attributes[pair[1]]
            if attribute.immutable:
                fixed += self.excluded(pair, cells)
            elif attribute.grows:
                least = min(cell[0] for cell in cells if not isinstance(cell, str))
                later = [c for c in self.domain.cells[pair[1]] if not isinstance(c, str) and c[1] >= least]
                fixed += self.excluded(pair, later)
            yield pair, fixed

    def missing_entities(self) -> tuple[Entity, ...]:
        """The records that a world need not hold because the case says that its list is complete."""
        return tuple(e for e in self.domain.entities if not self.is_given(e) and e.record in self.scene.complete)

    def present(self, entity: Entity) -> list[tuple[Symbol, bool]]:
        """That a listed record is there; nothing for other entities, which always are."""
        symbol = presence(entity)
        return [(symbol, True)] if self.domain.is_listed(entity) else []

    @staticmethod
    def statable(pair: Pair) -> Symbol:
        """The atom that says that a finding is stated."""
        return statable(pair)

    def as_stated(self, pair: Pair) -> list[tuple[Symbol, bool]]:
        """That a finding is stated, and is what the case states."""
        return [*self.present(pair[0]), (self.statable(pair), True), *self.excluded(pair, self.allowed[pair])]

    def absent(self, entity: Entity) -> list[tuple[Symbol, bool]]:
        """That a listed record is not there."""
        return [(symbol, False) for symbol, _ in self.present(entity)]

    def excluded(self, pair: Pair, cells: Iterable[Cell]) -> Iterator[tuple[Symbol, bool]]:
        """The values of a pair other than these, as assumptions against them."""
        kept = set(cells)
        for cell in self.domain.cells[pair[1]]:
            if cell not in kept:
                yield finding(pair, cell), False

    # -- as a program of its own -------------------------------------------------------------------------------

    def program(self, chosen: Mapping[str, str], applied: Iterable[Presumed]) -> Iterator[str]:
        """The lines of a program that plain clingo runs with the knowledge base and `world.lp`."""
        presumed = {p.pair: self.presumed_cells(p) for p in applied}
        entities = [e for e in self.domain.entities if not self.is_absent(e)]
        spare = [e for e in entities if not self.is_given(e)]
        listed = (r.name for r in self.domain.vocabulary.records.values() if r.mode is Mode.LISTED)
        slots = replace(self.domain, slots={kind: sum(e.record == kind for e in entities) for kind in listed})
        yield from (f"{fact}." for fact in (*slots.slot_facts(spare), *slots.record_facts()))
        for pair in slots.pairs:
            cells = self.allowed.get(pair) or presumed.get(pair) or self.domain.cells[pair[1]]
            for cell in cells:
                yield str(Function("_value", [entity_symbol(pair[0]), Function(pair[1]), cell_symbol(cell)])) + "."
            if pair in self.stated:
                yield f"{statable(pair)}."
        yield from (f"{chosen_symbol(name, option)}." for name, option in sorted(chosen.items()))
        yield self.domain.kinds_program()
