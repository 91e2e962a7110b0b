"""The only `clingo.Control`: programs prepared once and asked many times (`program`), and minimal sets (`sets`)."""

from clingo import Symbol
from clingo import __version__ as CLINGO

from unmet.solver.program import Assumption, Consequences, Program, Rules
from unmet.solver.sets import Core, collect_sets, enumerate_sets, in_every_maximal, minimal

__all__ = [
    "CLINGO",
    "Assumption",
    "Consequences",
    "Core",
    "Program",
    "Rules",
    "Symbol",
    "collect_sets",
    "enumerate_sets",
    "in_every_maximal",
    "minimal",
]
