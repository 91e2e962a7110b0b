"""Witnesses: from a world that shows a claim to a case that states no more than the claim needs.

A claim is a list of atoms that hold or do not (`met(c)`, an outcome). A case shows it if it holds in every world of the
case. The case starts out stating all that the world holds, and gives up one statement after another as long as every
claim is still shown; what it then is silent about may be anything, or is presumed. Several cases about the same
findings (a pair of worlds) give up the same statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from unmet.check.study import Study
from unmet.facts.answers import cells_of
from unmet.facts.domain import Domain
from unmet.facts.terms import Cell, Pair, entity_symbol, finding, symbol_of
from unmet.solver import Assumption, Symbol
from unmet.vocabulary import Entity


@dataclass(frozen=True)
class World:
    """One world as data: the value of every finding, the records there are, and what the record states."""

    values: Mapping[Pair, str | int]
    stated: frozenset[Pair]

    @cached_property
    def entities(self) -> frozenset[Entity]:
        return frozenset(entity for entity, _ in self.values)


@dataclass(frozen=True)
class Shown:
    """A world, and the claims that a case made of it has to show; `silent` are findings that it may not state."""

    study: Study
    world: World
    claims: tuple[Assumption, ...]
    silent: frozenset[Pair] = frozenset()

    @property
    def domain(self) -> Domain:
        return self.study.domain

    @cached_property
    def _fixed(self) -> list[Assumption]:
        """The readings, and the records that there are; the lists are complete."""
        listed = [e for e in self.domain.entities if self.domain.is_listed(e)]
        there = self.world.entities
        return [*self.study.under, *((symbol_of("_present", [entity_symbol(e)]), e in there) for e in listed)]

    def statable(self, pair: Pair) -> bool:
        return pair in self.world.values and pair not in self.silent

    def presumed(self, pair: Pair) -> str | int | None:
        """What silence about a finding means."""
        return self.domain.vocabulary.attributes[pair[1]].presumed

    def value(self, pair: Pair, stated: bool) -> list[Assumption]:
        """A finding's value, as it is stated or presumed."""
        presumed = self.presumed(pair)
        if stated:
            kept = [c for c in self.domain.cells[pair[1]] if _least(c) == self.world.values[pair]]
        elif presumed is not None:
            kept = [c for c in self.domain.cells[pair[1]] if _holds(c, presumed)]
        else:
            return []
        return [(finding(pair, c), False) for c in self.domain.cells[pair[1]] if c not in kept]

    def case(self, stated: Iterable[Pair]) -> list[Assumption]:
        """The case that states these findings, as assumptions."""
        told = set(stated)
        found = list(self._fixed)
        for pair in self.domain.pairs:
            found.append((self.study.stated(pair), pair in told))
            if pair in self.world.values:
                found += self.value(pair, pair in told)
        return found

    def shows(self, stated: Iterable[Pair]) -> bool:
        """Whether every world of the case holds all claims, and there is one."""
        case = self.case(p for p in stated if self.statable(p))
        program = self.study.program
        return all(not program.satisfiable([*case, (s, not t)]) for s, t in self.claims) and program.satisfiable(case)

    def needed(self, stated: Iterable[Pair]) -> set[Pair]:
        """Statements among which are enough to show the claims, for all that the solver blames."""
        told = [p for p in stated if self.statable(p)]
        blamed: set[Pair] = set()
        for symbol, truth in self.claims:
            assumptions = [(s, t) for s, t in self.case(told)] + [(symbol, not truth)]
            core = self.study.program.core(assumptions)
            if core is None:
                return set(told)
            atoms = {assumptions[i][0] for i in core}
            blamed |= {p for p in told if any(s in atoms for s, _ in self.value(p, True))}
        documentable = self.study.documentable
        differs = {p for p in told if self.presumed(p) is not None and self.value(p, True) != self.value(p, False)}
        return blamed | differs | {p for p in told if p[1] in documentable}


def _least(cell: Cell) -> str | int:
    return cell if isinstance(cell, str) else cell[0]


def _holds(cell: Cell, value: str | int) -> bool:
    return cell == value if isinstance(cell, str) or isinstance(value, str) else cell[0] <= value <= cell[1]


def minimal(shown: Sequence[Shown], order: Callable[[Pair], object], kept: Iterable[Pair] = ()) -> list[Pair] | None:
    """Findings to state so that every case shows its claims, and none of which can be left out.

    Those in `kept` stay. None where even all findings do not show them: a value that the record may not state matters.
    """
    pinned = set(kept)
    everything = {p for each in shown for p in each.world.values if each.statable(p)}
    if not all(each.shows(everything) for each in shown):
        return None
    smaller = pinned.union(*(each.needed(everything) for each in shown))
    told = smaller if all(each.shows(smaller) for each in shown) else everything
    for pair in sorted(told - pinned, key=order, reverse=True):  # type: ignore[arg-type, return-value]
        less = told - {pair}
        if all(each.shows(less) for each in shown):
            told = less
    return sorted(told, key=order)  # type: ignore[arg-type, return-value]


def near_silence(study: Study, claims: Sequence[Assumption]) -> World | None:
    """A world that holds the claims and, as far as it can, states everything it holds, has few records and what is presumed."""
    program, domain = study.program, study.domain
    base = [*study.under, *claims]
    if not program.satisfiable(base):
        return None
    listed = [e for e in reversed(domain.entities) if domain.is_listed(e)]
    wishes: list[list[Assumption]] = [[(symbol_of("_present", [entity_symbol(e)]), False)] for e in listed]
    wishes += [[(study.stated(p), True)] for p in domain.pairs]
    attributes = domain.vocabulary.attributes
    for pair in domain.pairs:
        if (value := attributes[pair[1]].presumed) is not None:
            wishes.append([(finding(pair, c), False) for c in domain.cells[pair[1]] if not _holds(c, value)])
    fixed = list(base)

    def grant(some: Sequence[Sequence[Assumption]]) -> None:
        """Each of these in turn, if it can be had beside those before: all at once, or half by half."""
        everything = [a for wish in some for a in wish]
        if not everything or program.satisfiable([*fixed, *everything]):
            fixed.extend(everything)
        elif len(some) > 1:
            grant(some[: len(some) // 2])
            grant(some[len(some) // 2 :])

    grant(wishes)
    return world_of(program.holding(fixed, interesting(study)) or [])


def interesting(study: Study) -> list[Symbol]:
    """The atoms that make up a world."""
    return [*study.program.atoms("finding", 3), *(study.stated(p) for p in study.domain.pairs)]


def world_of(atoms: Iterable[Symbol]) -> World:
    """A world from its atoms."""
    found = list(atoms)
    values = cells_of(found)
    stated = {str(a) for a in found if a.name == "_stated"}
    return World(values, frozenset(p for p in values if str(Study.stated(p)) in stated))


# -- as the data of a case file -----------------------------------------------------------------------------------


def in_vocabulary_order(study: Study) -> Callable[[Pair], object]:
    """Findings by entity, then in the order of the vocabulary."""
    vocabulary = study.knowledge.vocabulary
    kinds = {name: i for i, name in enumerate(vocabulary.records)}
    return lambda p: (kinds[p[0].record], str(p[0].key).zfill(6), vocabulary.order[p[1]])


def case_data(
    shown: Shown, stated: Iterable[Pair], title: str, expect: Mapping[str, object] | Sequence[Mapping[str, object]], line: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The case that states these findings, as a case file holds it."""
    study, world = shown.study, shown.world
    attributes = study.knowledge.vocabulary.attributes
    asked: dict[str, object] = {"line": "asked", **(line or {"policy": study.policy.name})}
    request: dict[str, object] = {"date_of_service": study.policy.effective, "lines": [asked]}
    data: dict[str, object] = {"title": title, "request": request}
    told = set(stated)
    for record in study.knowledge.vocabulary.records.values():
        entities = [e for e in study.domain.entities if e.record == record.name]
        found = {
            e: {p[1]: _written(attributes[p[1]], world.values[p]) for p in study.domain.pairs if p in told and p[0] == e}
            for e in entities
        }
        section = _section(record.mode, found, world, {p[1] for p in study.domain.pairs if p[0].record == record.name})
        if record.name == "request":
            for name, value in (section or {}).items():
                if name == "level":
                    asked["levels"] = value
                else:
                    request[name] = value
        elif section:
            data[record.name] = section
    data["expect"] = expect
    return data


def _section(mode: str, found: Mapping[Entity, dict[str, object]], world: World, read: set[str]) -> dict[str, object] | None:
    if mode == "one":
        return next(iter(found.values()))
    if mode == "keyed":
        return {str(e.key): values for e, values in found.items() if values}
    if not read:
        return None
    return {"complete": True, "listed": [values for e, values in found.items() if e in world.entities]}


def _written(attribute: object, value: str | int) -> object:
    from unmet.vocabulary import Attribute

    assert isinstance(attribute, Attribute)
    if isinstance(value, str):
        return value
    numeral = attribute.numeral(value)
    return float(numeral) if "." in numeral else int(numeral)

