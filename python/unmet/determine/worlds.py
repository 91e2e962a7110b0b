"""The worlds of a case under one version: their outcomes, what holds in some of them, what in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from unmet.errors import RequestError
from unmet.facts.domain import Presumed, Situation
from unmet.facts.terms import Pair, chosen_symbol
from unmet.policy import Policy
from unmet.prepared import Prepared
from unmet.results import Status
from unmet.solver import Assumption, Core, in_every_maximal

if TYPE_CHECKING:
    from unmet.circuits.cases import LaidCase


@dataclass(frozen=True, slots=True)
class _Found:
    """What holds in some world, by position in the legend; and the presumptions that apply, None for all."""

    possible: frozenset[int]
    applied: tuple[Presumed, ...] | None


@dataclass(frozen=True)
class Worlds:
    """A case laid over a policy's prepared program under one choice of readings."""

    prepared: Prepared
    situation: Situation
    policy: Policy
    chosen: Mapping[str, str]

    @cached_property
    def under_readings(self) -> list[Assumption]:
        """The choice of readings, as assumptions."""
        return [
            (chosen_symbol(name, option), option == self.chosen[name])
            for name, options in self.policy.options.items()
            for option in options
        ]

    @cached_property
    def _by_circuits(self) -> LaidCase | None:
        """The case laid over its policy's circuits; None where the solver is to be asked."""
        circuits = self.prepared.circuits(self.chosen)
        return None if circuits is None else circuits.case(self.situation)

    @cached_property
    def readings_open(self) -> LaidCase | None:
        """The case laid over the circuits of the outcomes under any readings; None where the solver is to be asked."""
        circuits, laid = self.prepared.circuits(None), self._by_circuits
        return None if circuits is None or laid is None else circuits.again(laid)

    @cached_property
    def _laid(self) -> list[int]:
        """The case with all its presumptions, as literals."""
        laid = self.prepared.literals.of_case(self.situation)
        readings = self.prepared.literals.of_readings(self.chosen, self.policy.options)
        return [*readings, *laid.fixed, *laid.presumed]

    @cached_property
    def _found(self) -> _Found:
        """All presumptions are tried together first: they apply where some world agrees."""
        if self._by_circuits is not None:
            return _Found(self._by_circuits.possible(), None)
        possible = self.prepared.possible(self._laid)
        if possible is not None:
            return _Found(possible, None)
        applied = self._consistent()
        possible = self.prepared.possible(self._with(applied))
        if possible is None:  # a contradiction among statements was refused when the case was read
            name = self.situation.scene.line.name
            raise RequestError(f"line `{name}`: what follows from the other lines contradicts what the case states")
        return _Found(possible, applied)

    def _with(self, applied: Iterable[Presumed]) -> list[int]:
        """The case with some of its presumptions, as literals."""
        situation = self.situation
        presumed = [a for p in applied for a in situation.excluded(p.pair, situation.presumed_cells(p))]
        return self.prepared.program.literals([*self.under_readings, *situation.assumptions(), *presumed])

    def _consistent(self) -> tuple[Presumed, ...]:
        """The presumptions in every maximal set of them that some world agrees with."""
        situation = self.situation
        groups = [list(situation.excluded(p.pair, situation.presumed_cells(p))) for p in situation.presumptions]
        core = Core(self.prepared.program, [*self.under_readings, *situation.assumptions()], groups)
        return tuple(situation.presumptions[i] for i in in_every_maximal(core))

    @cached_property
    def applied(self) -> dict[Pair, Presumed]:
        """The presumptions that apply, by their finding: those in every maximal consistent set of them."""
        found = self._found.applied
        return {p.pair: p for p in (self.situation.presumptions if found is None else found)}

    @cached_property
    def _fixed(self) -> list[int]:
        """The case with the presumptions that apply, as literals."""
        applied = self._found.applied
        return self._laid if applied is None else self._with(applied)

    @property
    def said(self) -> list[int]:
        """What the case states and presumes, and that nothing else is stated, as literals, whatever the readings."""
        of_readings = sum(map(len, self.policy.options.values()))
        return self._fixed[of_readings:]

    @property
    def possible(self) -> frozenset[int]:
        """What holds in some world, by position in the legend."""
        return self._found.possible

    @cached_property
    def certain(self) -> frozenset[int]:
        """What holds in every world, by position in the legend."""
        found = self.prepared.certain(self._fixed)
        assert found is not None, "some world agrees with the case"
        return found

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes of its worlds."""
        possible = self.possible if self._by_circuits is None else self._by_circuits.outcomes()
        return tuple(name for name, i in self.prepared.legend.outcomes.items() if i in possible)

    def status(self, name: str) -> Status:
        """The status of a criterion, or of a part's instance for a record that the case lists."""
        return self.statuses.get(name, Status.UNMET)

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The status of each criterion, and of each part's instance."""
        possible, found = self.possible, dict.fromkeys(self.policy.criteria, Status.UNMET)
        for name, met, not_met in self.prepared.legend.both:
            if met not in possible:
                found[name] = Status.UNMET
            else:
                found[name] = Status.UNKNOWN if not_met in possible else Status.MET
        return found
