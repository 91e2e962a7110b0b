"""All minimal sets of criteria that stand otherwise in some world, enumerated by the solver in one question.

Clasp enumerates subset-minimal models by domain heuristic and recording (Gebser et al., "Domain-specific heuristics in
answer set programming", AAAI 2013); the encoding is `intervention.lp`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary, proxy

from clingo import Function, Symbol

from unmet.solver.program import FALSE, TRUE, Assumption, Program

MET, UNMET, INTERVENING = Function("met"), Function("unmet"), Function("_intervening")


class Interventions:
    """The minimal changes of criteria under a program, which is extended for them once."""

    _made: ClassVar[WeakKeyDictionary[Program, Interventions]] = WeakKeyDictionary()

    @classmethod
    def of(cls, program: Program) -> Interventions:
        """Those of a program, made when they are first asked for."""
        if program not in cls._made:
            cls._made[program] = cls(program)
        return cls._made[program]

    def __init__(self, program: Program) -> None:
        self._program = proxy(program)  # the program keeps its interventions, not they the program
        program.extend("intervention")
        self._was: dict[Symbol, tuple[int, int]] = {}
        self._flip: dict[Symbol, int] = {}
        for atom in program.atoms("_was", 2):
            name = atom.arguments[0]
            both = (Function("_was", [name, MET]), Function("_was", [name, UNMET]))
            met, unmet = program.literals((symbol, True) for symbol in both)
            self._was[name] = (met, unmet)
            (self._flip[name],) = program.literals([(Function("_flip", [name]), True)])

    def corrections(
        self, hard: Iterable[Assumption], standing: Sequence[Assumption], most: int
    ) -> tuple[list[tuple[int, ...]], bool]:
        """The minimal sets of criteria that stand otherwise in a world that agrees with the hard assumptions.

        Args:
            standing: how the criteria stand, as atoms `met(name)` and whether they hold; a correction is a set of
                positions among these.
            most: how many sets are enumerated at most.

        Returns:
            The sets, smaller ones first, and whether these are all.
        """
        literals = self._program.literals(hard)
        stood = {symbol.arguments[0]: met for symbol, met in standing}
        for name, (met, unmet) in self._was.items():
            was = stood.get(name)
            literals += [met if was is True else -met, unmet if was is False else -unmet]
        if FALSE in literals:
            return [], True
        flips = [self._flip[symbol.arguments[0]] for symbol, _ in standing]
        models = self._program.recorded([x for x in literals if x != TRUE], flips, most + 1, INTERVENING)
        sets = sorted({frozenset(model) for model in models}, key=lambda s: (len(s), sorted(s)))
        smallest: list[frozenset[int]] = []
        for each in sets:
            if not any(smaller <= each for smaller in smallest):
                smallest.append(each)
        return [tuple(sorted(each)) for each in smallest[:most]], len(models) <= most
