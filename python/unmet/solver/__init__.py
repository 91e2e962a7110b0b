"""The only `clingo.Control`: programs prepared once and asked many times (`program`), and minimal sets (`sets`)."""

import clingo
from clingo import Observer, Symbol

from unmet.solver.covering import Cover, cover
from unmet.solver.interventions import Interventions
from unmet.solver.program import Assumption, Consequences, Program, Rules, Truth, Unfinished
from unmet.solver.sets import Core, collect_sets, enumerate_sets, hitting_sets, in_every_maximal, minimal

__all__ = [
    "CLINGO",
    "Assumption",
    "Consequences",
    "Core",
    "Cover",
    "Interventions",
    "Observer",
    "Program",
    "Rules",
    "Symbol",
    "Truth",
    "Unfinished",
    "collect_sets",
    "cover",
    "enumerate_sets",
    "hitting_sets",
    "in_every_maximal",
    "minimal",
]

CLINGO = clingo.__version__
"""The version of the solver."""
