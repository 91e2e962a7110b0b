"""The only `clingo.Control`: programs prepared once and asked many times (`program`), and minimal sets (`sets`)."""

from clingo import Observer, Symbol

from unmet.solver.program import Assumption, Consequences, Program
from unmet.solver.sets import Core, collect_sets, enumerate_sets, in_every_maximal, minimal

__all__ = [
    "Assumption",
    "Consequences",
    "Core",
    "Observer",
    "Program",
    "Symbol",
    "collect_sets",
    "enumerate_sets",
    "in_every_maximal",
    "minimal",
]
