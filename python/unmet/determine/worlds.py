"""The worlds of a case under one version: their outcomes, what holds in some of them, what in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from unmet.errors import RequestError
from unmet.facts.domain import Presumed, Situation
from unmet.facts.terms import Pair, chosen_symbol
from unmet.knowledge import Prepared
from unmet.policy import Policy
from unmet.results import Status
from unmet.solver import Assumption, in_every_maximal


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What a case fixes, as literals; what then holds in some world, by position in the legend; and the presumptions
    that apply, None for all."""

    literals: list[int]
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
    def _fixed(self) -> _Fixed:
        """All presumptions are tried together first: they apply where some world agrees."""
        prepared = self.prepared
        laid = prepared.literals.of_case(self.situation)
        literals = [*prepared.literals.of_readings(self.chosen, self.policy.options), *laid.fixed, *laid.presumed]
        possible = prepared.possible(literals)
        if possible is not None:
            return _Fixed(literals, possible, None)
        applied = self._consistent()
        presumed = [a for p in applied for a in self.situation.excluded(p.pair, self.situation.presumed_cells(p))]
        literals = prepared.program.literals([*self.under_readings, *self.situation.assumptions(), *presumed])
        possible = prepared.possible(literals)
        if possible is None:  # a contradiction among statements was refused when the case was read
            name = self.situation.scene.line.name
            raise RequestError(f"line `{name}`: what follows from the other lines contradicts what the case states")
        return _Fixed(literals, possible, applied)

    def _consistent(self) -> tuple[Presumed, ...]:
        """The presumptions in every maximal set of them that some world agrees with."""
        situation = self.situation
        groups = [list(situation.excluded(p.pair, situation.presumed_cells(p))) for p in situation.presumptions]
        kept = in_every_maximal(self.prepared.program, [*self.under_readings, *situation.assumptions()], groups)
        return tuple(situation.presumptions[i] for i in kept)

    @cached_property
    def applied(self) -> dict[Pair, Presumed]:
        """The presumptions that apply, by their finding: those in every maximal consistent set of them."""
        found = self._fixed.applied
        return {p.pair: p for p in (self.situation.presumptions if found is None else found)}

    @property
    def said(self) -> list[int]:
        """What the case states and presumes, and that nothing else is stated, as literals, whatever the readings."""
        of_readings = sum(map(len, self.policy.options.values()))
        return self._fixed.literals[of_readings:]

    @property
    def possible(self) -> frozenset[int]:
        """What holds in some world, by position in the legend."""
        return self._fixed.possible

    @cached_property
    def certain(self) -> frozenset[int]:
        """What holds in every world, by position in the legend."""
        found = self.prepared.certain(self._fixed.literals)
        assert found is not None, "some world agrees with the case"
        return found

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes of its worlds."""
        return tuple(name for name, i in self.prepared.legend.outcomes.items() if i in self.possible)

    def status(self, name: str) -> Status:
        """The status of a criterion, or of a part's instance for a record that the case lists."""
        legend, possible = self.prepared.legend, self.possible
        if legend.met.get(name) not in possible:
            return Status.UNMET
        return Status.UNKNOWN if legend.not_met.get(name) in possible else Status.MET
