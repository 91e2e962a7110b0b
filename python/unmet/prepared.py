"""What is kept of a policy's program, for all cases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from unmet.facts.answers import READS, SHOWN, Legend
from unmet.facts.domain import Domain
from unmet.facts.literals import Literals
from unmet.solver import Program

if TYPE_CHECKING:
    from unmet.circuits.cases import CaseCircuits
    from unmet.circuits.rules import Ground

CASES_BEFORE_CIRCUITS = 64
"""After how many cases a policy is compiled to circuits: it takes about as long as the solver does for as many."""

Chosen = tuple[tuple[str, str], ...]
"""A choice of readings, as a key."""


class Prepared:
    """The prepared program of a policy, what is looked up of it once for all cases, and its circuits."""

    def __init__(self, program: Program, domain: Domain, ground: Callable[[Mapping[str, str] | None], Ground]) -> None:
        """`ground` grounds the program's rules as formulas, under a choice of readings or with these open."""
        self.program, self.domain = program, domain
        self.literals = Literals(domain, program.literal)
        self._atoms = [atom for name, arity in SHOWN for atom in program.atoms(name, arity)]
        self.legend = Legend(self._atoms, program.atoms(*READS))
        self._shown = [program.literal(atom) for atom in self._atoms]
        self._ground = ground
        self._cases: Counter[Chosen | None] = Counter()
        self._circuits: dict[Chosen | None, CaseCircuits | None] = {}
        self._compiling = threading.Lock()

    def possible(self, literals: Sequence[int]) -> frozenset[int] | None:
        """What holds in some world that agrees with the literals, by position in the legend; None without a world."""
        return self.program.possible(literals, self._shown)

    def certain(self, literals: Sequence[int]) -> frozenset[int] | None:
        """What holds in all of them, likewise."""
        return self.program.certain(literals, self._shown)

    def circuits(self, chosen: Mapping[str, str] | None) -> CaseCircuits | None:
        """The circuits for one more case under a choice of readings; None where the solver is to be asked.

        Without a choice those of the outcomes alone, with the readings left open. The first cases are left to the
        solver, and all of a policy whose circuits would be too large.
        """
        key = None if chosen is None else tuple(chosen.items())
        if key in self._circuits:
            return self._circuits[key]
        self._cases[key] += 1
        if self._cases[key] <= CASES_BEFORE_CIRCUITS:
            return None
        from unmet.circuits.cases import CaseCircuits  # many runs decide a single case

        with self._compiling:
            if key not in self._circuits:
                outcomes = list(self.legend.outcomes.values())
                shown = self._atoms if chosen is not None else [self._atoms[i] for i in outcomes]
                places = outcomes if chosen is not None else range(len(outcomes))
                self._circuits[key] = CaseCircuits.of(self._ground(chosen), shown, places)
            return self._circuits[key]
