"""The only `clingo.Control`: programs prepared once and asked many times (`program`), and minimal sets (`sets`)."""

from clingo import Observer, Symbol

from unmet.solver.interventions import Interventions
from unmet.solver.program import Assumption, Consequences, Program
from unmet.solver.sets import Core, collect_sets, enumerate_sets, hitting_sets, in_every_maximal, minimal

__all__ = [
    "Assumption",
    "Consequences",
    "Core",
    "Interventions",
    "Observer",
    "Program",
    "Symbol",
    "collect_sets",
    "enumerate_sets",
    "hitting_sets",
    "in_every_maximal",
    "minimal",
]
