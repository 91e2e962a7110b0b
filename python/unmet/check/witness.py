"""Witnesses: from a world that shows a claim to a case that states no more than the claim needs.

A claim is a list of atoms that hold or do not (`met(c)`, an outcome). A case shows it if it holds in every world of the
case. The case starts out stating all that the world holds, and gives up one statement after another as long as every
claim is still shown; what it then is silent about may be anything, or is presumed. Several cases about the same
findings (a pair of worlds) give up the same statements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from unmet.check.study import Study, holds
from unmet.facts.answers import cells_of
from unmet.facts.domain import Domain
from unmet.facts.terms import Pair, entity_of, entity_symbol, finding, symbol_of
from unmet.solver import Assumption, Program, Symbol
from unmet.vocabulary import Attribute, Entity, Mode


@dataclass(frozen=True)
class World:
    """One world as data: the value of every finding, the records there are, and what the record states."""

    values: Mapping[Pair, str | int]
    stated: frozenset[Pair]
    entities: frozenset[Entity]


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
    def _fixed(self) -> list[int]:
        """The readings, and the records that there are; the lists are complete."""
        listed = [e for e in self.domain.entities if self.domain.is_listed(e)]
        there = self.world.entities
        found = [*self.study.under, *((symbol_of("_present", [entity_symbol(e)]), e in there) for e in listed)]
        return self.study.program.literals(found)

    def statable(self, pair: Pair) -> bool:
        return pair in self.world.values and pair not in self.silent

    @cached_property
    def _told(self) -> dict[Pair, list[int]]:
        """For each finding the literals of the case that states it."""
        found = {}
        for pair in self.domain.pairs:
            value = self.study.held(pair, self.world.values[pair]) if pair in self.world.values else []
            found[pair] = [self.study.statement(pair), *value]
        return found

    @cached_property
    def _untold(self) -> dict[Pair, list[int]]:
        """For each finding the literals of the case that is silent about it: what it presumes."""
        found = {}
        attributes = self.domain.vocabulary.attributes
        for pair in self.domain.pairs:
            presumed = attributes[pair[1]].presumed
            value = self.study.held(pair, presumed) if presumed is not None and pair in self.world.values else []
            found[pair] = [-self.study.statement(pair), *value]
        return found

    @cached_property
    def sensitive(self) -> frozenset[Pair]:
        """Findings of which silence says something else, and not only less: presumed otherwise, or of the record."""
        documented = self.study.policy.documented
        return frozenset(
            p
            for p in self.world.values
            if p[1] in documented or (len(self._untold[p]) > 1 and self._untold[p][1:] != self._told[p][1:])
        )

    def _case(self, stated: Iterable[Pair]) -> list[int]:
        """The case that states these findings, as literals."""
        told = {p for p in stated if self.statable(p)}
        rows = (self._told[p] if p in told else self._untold[p] for p in self.domain.pairs)
        return [*self._fixed, *(x for row in rows for x in row)]

    def shows(self, stated: Iterable[Pair]) -> bool:
        """Whether every world of the case holds all claims, and there is one."""
        program, case = self.study.program, self._case(stated)
        unshown = (program.literals([(s, not t)]) for s, t in self.claims)
        return program.blamed(case) is None and all(program.blamed([*one, *case]) is not None for one in unshown)

    def needed(self, stated: Iterable[Pair], kept: Iterable[Pair]) -> list[Pair]:
        """Findings that are enough to show the claims together with those kept, of ones that are enough.

        The solver asserts assumptions in their order and blames those up to the one that it fails at. So the last one
        blamed is put before all others, until none but those is blamed: a question for each that is needed.
        """
        program = self.study.program
        fixed, order = list(dict.fromkeys(kept)), [p for p in stated if self.statable(p)]
        for symbol, truth in self.claims:
            goal = program.literals([(symbol, not truth)])
            left = [p for p in order if p not in fixed]
            while left:
                case = [*goal, *self._fixed]
                told = {*fixed, *left}
                for pair in self.domain.pairs:
                    if pair not in told or not self.statable(pair):
                        case += self._untold[pair]
                for pair in fixed:
                    case += self._told[pair] if self.statable(pair) else []
                owners = [len(case)]
                for pair in left:
                    case += self._told[pair]
                    owners.append(len(case))
                blamed = program.blamed(case)
                last = max(blamed, default=-1) if blamed is not None else len(case) - 1
                place = bisect_right(owners, last) - 1
                if place < 0:
                    break
                fixed.append(left[place])
                left = left[:place]
        return fixed


def minimal(shown: Sequence[Shown], order: Callable[[Pair], object], kept: Iterable[Pair] = ()) -> list[Pair] | None:
    """Findings to state so that every case shows its claims, and none of which can be left out.

    Those in `kept` stay. None where even all findings do not show them: a value that the record may not state matters.
    """
    pinned = set(kept)
    everything = sorted({p for each in shown for p in each.world.values if each.statable(p)}, key=order)  # type: ignore[arg-type]
    if not all(each.shows(everything) for each in shown):
        return None
    told = [p for p in everything if p in pinned or any(p in each.sensitive for each in shown)]
    for each in shown:
        told = each.needed(everything, told)
    found = set(told)
    for pair in sorted(found - pinned, key=order, reverse=True):  # type: ignore[arg-type]
        if all(each.shows(found - {pair}) for each in shown):
            found.remove(pair)
    return sorted(found, key=order)  # type: ignore[arg-type]


def near_silence(study: Study, claims: Sequence[Assumption]) -> World | None:
    """A world that holds the claims, and is otherwise as `nearest` has it."""
    atoms = nearest(study.program, study, [*study.under, *claims], interesting(study))
    return None if atoms is None else world_of(atoms)


def nearest(program: Program, study: Study, base: Sequence[Assumption], atoms: Sequence[Symbol]) -> list[Symbol] | None:
    """Those of the atoms that hold in a world with few records, with what is presumed, and that states all it can.

    Each wish is granted in turn if it can be had beside those before: all at once, or half by half. None where no
    world agrees with the base.
    """
    domain = study.domain
    fixed = program.literals(base)
    if program.blamed(fixed) is not None:
        return None
    wishes: list[list[int]] = []
    for entity in reversed(domain.entities):
        if domain.is_listed(entity):
            wishes.append(program.literals([(symbol_of("_present", [entity_symbol(entity)]), False)]))
    wishes.append([x for p in domain.pairs for x in program.literals([(study.stated(p), True)])])
    attributes = domain.vocabulary.attributes
    for pair in domain.pairs:
        if (value := attributes[pair[1]].presumed) is not None:
            away = [(finding(pair, c), False) for c in domain.cells[pair[1]] if not holds(c, value)]
            wishes.append(program.literals(away))

    def grant(some: Sequence[Sequence[int]]) -> None:
        everything = [x for wish in some for x in wish]
        if not everything or program.blamed([*fixed, *everything]) is None:
            fixed.extend(everything)
        elif len(some) > 1:
            grant(some[: len(some) // 2])
            grant(some[len(some) // 2 :])

    grant(wishes)
    found = program.holding(fixed, [program.literal(atom) for atom in atoms])
    return None if found is None else [atoms[i] for i in found]


def interesting(study: Study) -> list[Symbol]:
    """The atoms that make up a world."""
    return study.atoms


def world_of(atoms: Iterable[Symbol]) -> World:
    """A world from its atoms."""
    found = list(atoms)
    values = cells_of(found)
    stated = {str(a) for a in found if a.name == "_stated"}
    entities = frozenset(entity_of(a.arguments[0]) for a in found if a.name == "_present")
    return World(values, frozenset(p for p in values if str(Study.stated(p)) in stated), entities)


# -- as the data of a case file -----------------------------------------------------------------------------------


def in_vocabulary_order(study: Study) -> Callable[[Pair], object]:
    """Findings by entity, then in the order of the vocabulary."""
    vocabulary = study.knowledge.vocabulary
    kinds = {name: i for i, name in enumerate(vocabulary.records)}
    return lambda p: (kinds[p[0].record], str(p[0].key).zfill(6), vocabulary.order[p[1]])


def case_data(
    shown: Shown,
    stated: Iterable[Pair],
    title: str,
    expect: Mapping[str, object] | Sequence[Mapping[str, object]],
    line: Mapping[str, object] | None = None,
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
            e: {
                p[1]: _written(attributes[p[1]], world.values[p]) for p in study.domain.pairs if p in told and p[0] == e
            }
            for e in entities
        }
        section = _section(record.mode, found, world)
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


def _section(mode: Mode, found: Mapping[Entity, dict[str, object]], world: World) -> dict[str, object] | None:
    """What a case says of one kind; a list is complete. None of a listed kind that the policy does not read."""
    if mode is Mode.ONE:
        return next(iter(found.values()))
    if mode is Mode.KEYED:
        return {str(e.key): values for e, values in found.items() if values}
    if not found:
        return None
    return {"complete": True, "listed": [values for e, values in found.items() if e in world.entities]}


def _written(attribute: Attribute, value: str | int) -> object:
    if isinstance(value, str):
        return value
    numeral = attribute.numeral(value)
    return float(numeral) if "." in numeral else int(numeral)
