"""The only `clingo.Control`: programs prepared once, asked many times under assumptions.

A prepared program holds a policy's rules, the vocabulary's and an encoding of all its worlds; a case is a set of
assumptions. Brave and cautious consequences over `met/1` give every status: true in some world, true in all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from clingo import Control, Function, MessageCode, Number, Symbol
from clingo.ast import AST, ProgramBuilder

from unmet.diagnostics import Diagnostic, Span
from unmet.errors import KnowledgeError
from unmet.source.syntax import MESSAGE_LIMIT, Messages

Assumption = tuple[Symbol, bool]


@cache
def encoding(name: str) -> str:
    """The text of one of the program's own encodings."""
    return (files("unmet") / "encodings" / f"{name}.lp").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Consequences:
    """The shown atoms that hold in some world, and those that hold in every world."""

    possible: frozenset[Symbol]
    certain: frozenset[Symbol]


class Program:
    """A ground program, asked under assumptions; one question at a time (a lock holds that)."""

    def __init__(
        self,
        statements: Iterable[AST],
        facts: Iterable[Symbol],
        text: str,
        encodings: Sequence[str],
        file: str,
    ) -> None:
        """Grounds the program.

        Raises:
            KnowledgeError: clingo has something to say about it, be it an error or a warning.
        """
        self._messages = Messages(file)
        self._lock = threading.Lock()
        self._control = Control(["--warn=all"], logger=self._log, message_limit=MESSAGE_LIMIT)
        try:
            with self._control.backend() as backend:
                for fact in facts:
                    backend.add_rule([backend.add_atom(fact)])
            with ProgramBuilder(self._control) as builder:
                for statement in statements:
                    builder.add(statement)
            self._control.add("base", [], text)
            for name in encodings:
                self._control.add("base", [], encoding(name))
            self._control.ground([("base", [])])
        except RuntimeError as error:
            raise KnowledgeError(
                self._messages.diagnostics or [Diagnostic("syntax", f"clingo says: {error}", Span(file, 1, 1))]
            ) from None
        if self._messages.diagnostics:
            raise KnowledgeError(self._messages.diagnostics)

    def _log(self, code: MessageCode, message: str) -> None:
        self._messages(code, message)

    def atoms(self, name: str, arity: int) -> tuple[Symbol, ...]:
        """The ground atoms of a predicate, in stable order."""
        return tuple(sorted(atom.symbol for atom in self._control.symbolic_atoms.by_signature(name, arity)))

    def satisfiable(self, assumptions: Iterable[Assumption]) -> bool:
        """Whether any world agrees with the assumptions."""
        with self._lock:
            self._mode("auto", 1)
            return bool(self._control.solve(assumptions=list(assumptions)).satisfiable)

    def consequences(self, assumptions: Iterable[Assumption]) -> Consequences | None:
        """The brave and cautious consequences under assumptions, None where no world agrees with them."""
        fixed = list(assumptions)
        with self._lock:
            possible = self._last("brave", fixed)
            certain = self._last("cautious", fixed)
        if possible is None or certain is None:
            return None
        return Consequences(possible, certain)

    def only_model(self) -> frozenset[Symbol]:
        """The shown atoms of a program that has one model."""
        with self._lock:
            model = self._last("auto", [])
        assert model is not None, "a program of facts and normal rules without circles has a model"
        return model

    def choices(self) -> int:
        """How many choices the last question took."""
        statistics: Any = self._control.statistics
        return int(statistics["solving"]["solvers"]["choices"])

    def _last(self, mode: str, assumptions: list[Assumption]) -> frozenset[Symbol] | None:
        """The last model of an enumeration: the consequences."""
        self._mode(mode, 0)
        last: frozenset[Symbol] | None = None
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for model in handle:
                last = frozenset(model.symbols(shown=True))
        return last

    def _mode(self, mode: str, models: int) -> None:
        configuration: Any = self._control.configuration
        configuration.solve.enum_mode = mode
        configuration.solve.models = models


def minimal(program: Program, hard: Sequence[Assumption], groups: Sequence[Sequence[Assumption]]) -> list[int] | None:
    """A subset-minimal choice of groups that no world agrees with, given the hard assumptions; None where one does.

    By deletion: a group is kept where the rest without it can be satisfied.
    """

    def possible(kept: Iterable[int]) -> bool:
        return program.satisfiable([*hard, *(a for i in kept for a in groups[i])])

    kept = list(range(len(groups)))
    if possible(kept):
        return None
    for i in range(len(groups)):
        without = [k for k in kept if k != i]
        if not possible(without):
            kept = without
    return kept


def in_every_maximal(program: Program, hard: Sequence[Assumption], groups: Sequence[Sequence[Assumption]]) -> list[int]:
    """The groups that belong to every maximal subset of them that some world agrees with.

    A group is in all of those exactly if it is in no minimal subset that no world agrees with. These are enumerated
    by a map of the subsets not yet looked at (Liffiton et al., "Fast, flexible MUS enumeration", 2016).
    """
    if program.satisfiable([*hard, *(a for group in groups for a in group)]):
        return list(range(len(groups)))
    unexplored = Map(len(groups))
    blamed: set[int] = set()
    while (seed := unexplored.subset()) is not None:
        conflict = minimal(program, hard, [groups[i] for i in seed])
        if conflict is None:
            unexplored.exclude_below(seed)
        else:
            found = [seed[i] for i in conflict]
            blamed.update(found)
            unexplored.exclude_above(found)
    return [i for i in range(len(groups)) if i not in blamed]


class Map:
    """The subsets of `range(size)` that are not ruled out yet, as a little program; it proposes maximal ones."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._control = Control(["--heuristic=Domain"])
        self._control.add("base", [], f"{{ s(0..{size - 1}) }}. #heuristic s(I) : I = 0..{size - 1}. [1, true]")
        self._control.ground([("base", [])])

    def subset(self) -> list[int] | None:
        """A subset that is not ruled out, None where all are."""
        with self._control.solve(yield_=True) as handle:
            model = handle.model()
            if model is None:
                return None
            return [i for i in range(self._size) if model.contains(self._atom(i))]

    def exclude_below(self, subset: Iterable[int]) -> None:
        """Rules out every subset of this one."""
        inside = set(subset)
        self._forbid([], [i for i in range(self._size) if i not in inside])

    def exclude_above(self, subset: Iterable[int]) -> None:
        """Rules out every superset of this one."""
        self._forbid(list(subset), [])

    def _forbid(self, true: list[int], false: list[int]) -> None:
        with self._control.backend() as backend:
            body = [backend.add_atom(self._atom(i)) for i in true] + [-backend.add_atom(self._atom(i)) for i in false]
            backend.add_rule([], body)

    @staticmethod
    def _atom(i: int) -> Symbol:
        return Function("s", [Number(i)])
