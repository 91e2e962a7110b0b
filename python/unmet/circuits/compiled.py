"""A policy's formulas as gates of one circuit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from unmet.circuits.exact import Exact, Limits, Slot, TooLarge
from unmet.circuits.formula import Formulas
from unmet.circuits.gates import Circuit
from unmet.circuits.rules import Ground, deep
from unmet.vocabulary import Entity


@dataclass(frozen=True, slots=True)
class Root:
    """A formula asked for: its gate, and the open variables with which the gate may say too much."""

    gate: int
    doubtful: tuple[int, ...] = ()


class Compiled:
    """The circuit of a policy's ground rules, which grows by what is asked for."""

    def __init__(self, ground: Ground, limits: Limits) -> None:
        """Beyond the limits formulas are split no more."""
        self.ground, self.circuit = ground, Circuit()
        known = [number for number, variable in enumerate(ground.variables) if variable.stated]
        listed = _listed(ground)
        self._exact = Exact(ground.formulas, self.circuit, known, ground.definitions, listed, _rank, limits)
        self._roots: dict[int, Root] = {}

    def root(self, formula: int) -> Root:
        """The gate of a formula together with the assumptions that concern it."""
        if formula not in self._roots:
            with deep():
                whole = concerned(self.ground.formulas, formula, self.ground.assumptions)
                try:
                    self._roots[formula] = Root(self._exact.possible(whole))
                except TooLarge:
                    self._roots[formula] = Root(self._exact.plain(whole), tuple(self._exact.in_the_way(whole)))
        return self._roots[formula]

    @cached_property
    def consistent(self) -> Root | None:
        """That no assumption is broken, and that findings of which one follows from others have some values.

        None where no case can be otherwise.
        """
        if not self.ground.assumptions and not self.ground.definitions:
            return None
        with deep():
            root = self.root(self.ground.formulas.conjunction(self.ground.assumptions))
            gates = [root.gate]
            for values in self.ground.definitions.values():
                gates.append(self.circuit.disjunction([self._exact.possible(value) for value in values]))
            return Root(self.circuit.conjunction(gates), root.doubtful)

    @property
    def split(self) -> frozenset[int]:
        """The variables that some formula was split by."""
        return self.behind(self._exact.split)

    def behind(self, variables: Iterable[int]) -> frozenset[int]:
        """The variables that these stand for, or they themselves."""
        return frozenset(self._exact.behind(variables))

    def tied(self) -> frozenset[int]:
        """The variables that assumptions speak of."""
        spoken = {v for each in self.ground.assumptions for v in self.ground.formulas.masks(each)}
        return self.behind(spoken | set(self.ground.definitions))


def _listed(ground: Ground) -> Mapping[int, Slot]:
    """The listed record that a variable speaks of."""
    found: dict[int, Slot] = {}
    for number, variable in enumerate(ground.variables):
        entity = variable.entity or (variable.pair and variable.pair[0])
        if isinstance(entity, Entity) and ground.domain.is_listed(entity):
            found[number] = entity
    for number, values in ground.definitions.items():
        first = next(iter(ground.formulas.masks(values[0])))
        if first in found:
            found[number] = found[first]
    return found


def _rank(slot: Slot | None) -> tuple[int, ...]:
    """Findings that do not belong to listed records are split first, then those of one record after the other."""
    return (1, int(slot.key or 0)) if isinstance(slot, Entity) else (0,)


def concerned(formulas: Formulas, formula: int, assumptions: Sequence[int]) -> int:
    """A formula together with the assumptions that share a variable with it, directly or through others."""
    reached, kept, rest = set(formulas.masks(formula)), [formula], list(assumptions)
    while more := [each for each in rest if reached & formulas.masks(each).keys()]:
        reached = reached.union(*(formulas.masks(each) for each in more))
        kept += more
        rest = [each for each in rest if each not in more]
    return formulas.conjunction(kept)
