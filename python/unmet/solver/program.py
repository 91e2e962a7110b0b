"""A program prepared once and asked many times under assumptions.

A prepared program holds a policy's rules, the vocabulary's and an encoding of all its worlds; a case is a set of
assumptions. Brave and cautious consequences over `met/1` give every status: true in some world, true in all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from clingo import Control, Function, Model, Number, Observer, Symbol

from unmet.diagnostics import Diagnostic, Span
from unmet.errors import KnowledgeError
from unmet.solver.messages import MESSAGE_LIMIT, Messages

if TYPE_CHECKING:
    from clingo.ast import AST

Rules: TypeAlias = "AST | str"
"""Rules of a program: one as clingo's parser has it, or any number as text."""

Assumption = tuple[Symbol, bool]

T = TypeVar("T")

Truth = Callable[[int], bool]
"""Whether a literal holds in a world that the solver has found."""

OPTIONS = ("--warn=all", "--heuristic=Domain", "--save-progress=0")
"""Each question is searched from the start: where the last one ended says nothing of the next case."""

MOST_CONJUNCTIONS = 10_000
"""With more conjunctions than so many a program is worth less than a new one: they stay as long as it does."""

TRUE, FALSE = 2**31, -(2**31)
"""Stand-ins for the literals of atoms that a program does not have."""


class Unfinished(Exception):
    """A question took more conflicts than it may (`Program.limited`)."""


@cache
def encoding(name: str) -> str:
    """The text of one of the program's own encodings."""
    return (Path(__file__).parents[1] / "encodings" / f"{name}.lp").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Consequences:
    """The shown atoms that hold in some world, and those that hold in every world."""

    possible: frozenset[Symbol]
    certain: frozenset[Symbol]


class Program:
    """A ground program, asked under assumptions; one question or extension at a time (a lock holds that)."""

    def __init__(
        self,
        rules: Iterable[Rules],
        facts: Iterable[Symbol],
        text: str,
        encodings: Sequence[str],
        file: str,
        observer: Observer | None = None,
    ) -> None:
        """Grounds the program: rules as text or, where messages are to name their places, as clingo's parser has them.

        `file` is what messages name where they can name no place; an observer is told each ground rule.

        Raises:
            KnowledgeError: clingo has something to say about it, be it an error or a warning.
        """
        self._messages = Messages(file)
        self._lock = threading.RLock()
        self.asked = 0
        self._known: dict[Symbol, int | None] = {}
        self._atoms: dict[tuple[str, int], tuple[Symbol, ...]] = {}
        self._extended: set[str] = set()
        self._conjunctions: dict[frozenset[int], Symbol] = {}
        self._asking = ("", 0)
        self._control = Control([*OPTIONS], logger=self._messages, message_limit=MESSAGE_LIMIT)
        configuration: Any = self._control.configuration
        self._configuration = configuration.solve
        if observer is not None:
            self._control.register_observer(observer)
        try:
            with self._control.backend() as backend:
                for fact in facts:
                    backend.add_rule([backend.add_atom(fact)])
            self._add(rules)
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
        self._symbolic = self._control.symbolic_atoms

    def _add(self, rules: Iterable[Rules]) -> None:
        parsed: list[AST] = []
        for rule in rules:
            if isinstance(rule, str):
                self._control.add("base", [], rule)
            else:
                parsed.append(rule)
        if parsed:
            from clingo.ast import ProgramBuilder

            with ProgramBuilder(self._control) as builder:
                for statement in parsed:
                    builder.add(statement)

    def extend(self, name: str) -> None:
        """Adds one of the program's own encodings to what is ground, once; it may define atoms and restrict none."""
        with self._lock:
            if name not in self._extended:
                self._extended.add(name)
                self._control.add(name, [], encoding(name))
                self._control.ground([(name, [])])

    def recorded(
        self, literals: Sequence[int], atoms: Sequence[int], most: int, external: Symbol
    ) -> list[tuple[int, ...]]:
        """Which of some atoms hold, for every world that is minimal by the program's heuristics and agrees with these.

        All are the solver's literals; the answers are positions among `atoms`, and not more than `most`. The external
        atom holds while this is asked.
        """
        with self._lock:
            self.asked += 1
            self._mode("domRec", most)
            self._control.assign_external(external, True)
            try:
                with self._control.solve(assumptions=list(literals), yield_=True) as handle:
                    return [
                        tuple(i for i, x in enumerate(atoms) if x != FALSE and model.is_true(x)) for model in handle
                    ]
            finally:
                self._control.assign_external(external, False)

    def each_world(self, literals: Sequence[int]) -> Iterator[Model]:
        """All worlds that agree with the literals, in one search; what a model's context learns, the next ones heed."""
        if FALSE in literals:
            return
        with self._lock:
            self._mode("record", 0)
            with self._control.solve(assumptions=[x for x in literals if x != TRUE], yield_=True) as handle:
                yield from handle

    def atoms(self, name: str, arity: int) -> tuple[Symbol, ...]:
        """The ground atoms of a predicate, in stable order."""
        with self._lock:
            if (name, arity) not in self._atoms:
                found = self._symbolic.by_signature(name, arity)
                self._atoms[name, arity] = tuple(sorted(atom.symbol for atom in found))
            return self._atoms[name, arity]

    def numbers(self) -> Iterator[tuple[Symbol, int]]:
        """The ground atoms, each with the number by which an observer was told of it."""
        return ((atom.symbol, atom.literal) for atom in self._symbolic)

    def conjunction(self, assumptions: Iterable[Assumption]) -> Symbol:
        """An atom that holds in exactly the worlds that agree with the assumptions, so that these can be denied as one.

        It is defined once for the program and stays.
        """
        body = frozenset(self._literal(a) for a in assumptions) - {TRUE}
        with self._lock:
            if body not in self._conjunctions:
                symbol = Function("_all", [Number(len(self._conjunctions))])
                with self._control.backend() as backend:
                    atom = backend.add_atom(symbol)
                    if FALSE not in body:
                        backend.add_rule([atom], sorted(body))
                self._known[symbol] = FALSE if FALSE in body else atom
                self._conjunctions[body] = symbol
            return self._conjunctions[body]

    @property
    def is_full(self) -> bool:
        """Whether so many conjunctions were defined that the program had better be prepared anew."""
        return len(self._conjunctions) > MOST_CONJUNCTIONS

    def any_of(self, bodies: Iterable[Sequence[int]]) -> int:
        """The literal of a new atom that holds where all literals of one of these do."""
        return self.any_of_each([bodies])[0]

    def any_of_each(self, alternatives: Iterable[Iterable[Sequence[int]]]) -> list[int]:
        """As `any_of`, of many at once: to begin takes clingo longer than to add an atom.

        An atom that no rule is about is none: the next question could still take it for true.
        """
        atoms = list[int]()
        with self._lock, self._control.backend() as backend:
            for bodies in alternatives:
                possible = [[x for x in body if x != TRUE] for body in bodies if FALSE not in body]
                atom = int(backend.add_atom()) if possible else FALSE
                for body in possible:
                    backend.add_rule([atom], body)
                atoms.append(atom)
        return atoms

    def more_than(self, number: int, literals: Sequence[int]) -> int:
        """The literal of a new atom that holds where more than a number of these do."""
        with self._lock, self._control.backend() as backend:
            atom = int(backend.add_atom())
            least = number + 1 - sum(x == TRUE for x in literals)
            backend.add_weight_rule([atom], max(0, least), [(x, 1) for x in literals if abs(x) != TRUE])
        return atom

    def satisfiable(self, assumptions: Iterable[Assumption]) -> bool:
        """Whether any world agrees with the assumptions."""
        return self.has_world([self._literal(a) for a in assumptions])

    def has_world(self, literals: Sequence[int]) -> bool:
        """As `satisfiable`, of assumptions that are literals already."""
        if FALSE in literals:
            return False
        with self._lock:
            self._mode("auto", 1)
            result = self._control.solve(assumptions=[x for x in literals if x != TRUE])
            if result.unknown:
                raise Unfinished
            return bool(result.satisfiable)

    @contextmanager
    def limited(self, conflicts: int) -> Iterator[None]:
        """Meanwhile a question raises `Unfinished` that takes more conflicts than so many: the same ones every time."""
        with self._lock:
            self._configuration.solve_limit = f"{conflicts},umax"
            try:
                yield
            finally:
                self._configuration.solve_limit = "umax,umax"

    def literal(self, atom: Symbol) -> int:
        """The literal of an atom; for one that the program does not have, one that never holds."""
        return self._literal((atom, True))

    def literals(self, assumptions: Iterable[Assumption]) -> list[int]:
        """The assumptions as the solver's literals, for those who ask with the same ones again and again."""
        return [self._literal(a) for a in assumptions]

    def blamed(self, literals: Sequence[int]) -> list[int] | None:
        """The positions of literals that no world agrees with together (not a minimal set); None where one does."""
        held, blamed = self.attempt(literals, ())
        return blamed if held is None else None

    def attempt(self, literals: Sequence[int], atoms: Sequence[int]) -> tuple[list[int] | None, list[int]]:
        """Which of some atoms hold in one world that agrees with the literals, by position.

        Where none does, None, and the positions of literals that no world agrees with together. The atoms are the
        solver's literals as well.
        """
        return self._read(
            literals,
            lambda true: [i for i, x in enumerate(atoms) if (true(x) if FALSE < x < TRUE else x == TRUE)],
        )

    def model(self, literals: Sequence[int], read: Callable[[Truth], T]) -> tuple[T | None, list[int]]:
        """What is read of one world that agrees with the literals; `read` is given what tells whether a literal holds.

        Where none does, None, and the positions of literals that no world agrees with together.
        """
        return self._read(literals, lambda true: read(lambda x: true(x) if FALSE < x < TRUE else x == TRUE))

    def _read(self, literals: Sequence[int], read: Callable[[Truth], T]) -> tuple[T | None, list[int]]:
        """As `model`; `read` is given what knows no stand-ins."""
        if FALSE in literals:
            return None, [literals.index(FALSE)]
        with self._lock:
            self.asked += 1
            self._mode("auto", 1)
            with self._control.solve(assumptions=[x for x in literals if x != TRUE], yield_=True) as handle:
                model = handle.model()
                if model is not None:
                    return read(model.is_true), []
                if handle.get().unknown:
                    raise Unfinished
                blamed = set(handle.core())
        return None, [i for i, literal in enumerate(literals) if literal in blamed]

    def world(self, assumptions: Iterable[Assumption]) -> frozenset[Symbol] | None:
        """All atoms of one world that agrees with the assumptions, None where none does."""
        literals = self._literals(assumptions)
        if literals is None:
            return None
        with self._lock:
            self._mode("auto", 1)
            with self._control.solve(assumptions=literals, yield_=True) as handle:
                model = handle.model()
                return None if model is None else frozenset(model.symbols(atoms=True))

    def holding(self, literals: Sequence[int], atoms: Sequence[int]) -> list[int] | None:
        """Which of some atoms hold in one world that agrees with these, by position; None where none does."""
        return self.attempt(literals, atoms)[0]

    def consequences(self, assumptions: Iterable[Assumption]) -> Consequences | None:
        """The brave and cautious consequences under assumptions, None where no world agrees with them."""
        literals = self._literals(assumptions)
        if literals is None:
            return None
        with self._lock:
            possible = self._last("brave", literals)
            certain = self._last("cautious", literals)
        if possible is None or certain is None:
            return None
        return Consequences(possible, certain)

    def possible(self, literals: Sequence[int], atoms: Sequence[int]) -> frozenset[int] | None:
        """The positions of atoms that hold in some world that agrees with the literals, None where none does.

        Args:
            atoms: literals of shown atoms.
        """
        return self._holding("brave", literals, atoms)

    def certain(self, literals: Sequence[int], atoms: Sequence[int]) -> frozenset[int] | None:
        """The positions of atoms that hold in every world that agrees with the literals, None where none does."""
        return self._holding("cautious", literals, atoms)

    def _holding(self, mode: str, literals: Sequence[int], atoms: Sequence[int]) -> frozenset[int] | None:
        """Which of some atoms are consequences; a model says so of literals sooner than it lists its symbols."""
        if FALSE in literals:
            return None
        with self._lock, self._enumerated(mode, [x for x in literals if x != TRUE]) as model:
            if model is None:
                return None
            return frozenset([i for i, literal in enumerate(atoms) if model.is_true(literal)])

    def _literal(self, assumption: Assumption) -> int:
        """The solver's literal for an assumption; TRUE or FALSE for an atom that the program does not have."""
        symbol, positive = assumption
        if symbol not in self._known:
            with self._lock:
                atom = self._symbolic[symbol]
                self._known[symbol] = None if atom is None else int(atom.literal)
        literal = self._known[symbol]
        if literal is None or literal == FALSE:
            return FALSE if positive else TRUE
        return literal if positive else -literal

    def _literals(self, assumptions: Iterable[Assumption]) -> list[int] | None:
        """The literals of assumptions, None where one of them can never hold."""
        literals = [self._literal(a) for a in assumptions]
        return None if FALSE in literals else [x for x in literals if x != TRUE]

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

    def _last(self, mode: str, assumptions: list[int]) -> frozenset[Symbol] | None:
        """The last model of an enumeration: the consequences."""
        with self._enumerated(mode, assumptions) as model:
            return None if model is None else frozenset(model.symbols(shown=True))

    @contextmanager
    def _enumerated(self, mode: str, assumptions: list[int]) -> Iterator[Model | None]:
        """The last model of an enumeration, as long as it may be looked at; None where there is none."""
        self._mode(mode, 0)
        with self._control.solve(assumptions=assumptions, yield_=True) as handle:
            for _ in handle:
                pass
            yield handle.last() if handle.get().satisfiable else None

    def _mode(self, mode: str, models: int) -> None:
        """What the next question enumerates; to tell clingo takes longer than to remember."""
        if (mode, models) != self._asking:
            self._configuration.enum_mode, self._configuration.models = mode, models
            self._asking = (mode, models)
