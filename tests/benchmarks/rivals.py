"""Other ways to explain the same denial: every question ground anew, clingexplaid, and xclingo.

clingexplaid gets what its `SubsetComputer` asks for: a ground program that cannot be satisfied, and the assumptions to
blame. The program is the knowledge base's own, open in every finding, with the constraint that the line is approved;
the assumptions are the statuses of the leaves, which it is given. So its minimal unsatisfiable subsets are the reasons.

xclingo explains why atoms hold and passes over negation, so that a denial, `not met(...)`, has no causes. It gets a
program in which each criterion has its complement, `unmet(...)`, written out from the policy's outline; the findings
are facts. It runs in an environment of its own, because it asks for exactly clingo 5.8.0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import IO, Any

from clingexplaid.unsat import SubsetComputer
from clingexplaid.unsat.sets import MaximalSatisfiableSubset, MinimalUnsatisfiableSubset
from clingo import Control

from tests.benchmarks.timing import Sample
from unmet.case import Scene
from unmet.determine.decision import Decision
from unmet.facts.answers import met_symbol
from unmet.facts.domain import Situation
from unmet.facts.terms import chosen_symbol, finding
from unmet.knowledge import Knowledge
from unmet.policy import Child, Policy, Shape
from unmet.prepared import Prepared
from unmet.results import Kind, Status
from unmet.solver import Assumption, Consequences, Program, Symbol
from unmet.solver.program import encoding
from unmet.vocabulary import Type

Sets = set[frozenset[str]]
"""Sets of leaves by name."""

XCLINGO = "xclingo==2.0b24"
WORKER = Path(__file__).parent / "xclingo_worker.py"


# --- every question ground anew --------------------------------------------------------------------------------------


class Regrounding(Knowledge):
    """A loaded knowledge base whose questions are each put to a program that is ground for it alone."""

    def __init__(self, loaded: Knowledge) -> None:
        vars(self).update(vars(loaded))

    def prepared(
        self, policy: Policy, scene: Scene, *, more: Mapping[str, int] | None = None
    ) -> tuple[Prepared, Situation]:
        found, situation = super().prepared(policy, scene, more=more)
        again = copy(found)
        again.circuits = lambda chosen: None  # type: ignore[method-assign]
        again.program = _Anew(lambda: self.prepare(policy, situation.domain.slots)[0], found.program)
        return again, situation


class _Anew(Program):
    """A program that is ground again for every question; what takes no solving is asked of the one at hand."""

    def __init__(self, make: Callable[[], Program], program: Program) -> None:
        vars(self).update(vars(program))
        self._make = make

    def conjunction(self, assumptions: Iterable[Assumption]) -> Symbol:
        raise NotImplementedError("an atom added to one program is not in the next; no denial that is timed needs any")

    def has_world(self, literals: Sequence[int]) -> bool:
        return self._make().has_world(literals)

    def attempt(self, literals: Sequence[int], atoms: Sequence[int]) -> tuple[list[int] | None, list[int]]:
        self.asked += 1
        return self._make().attempt(literals, atoms)

    def recorded(
        self, literals: Sequence[int], atoms: Sequence[int], most: int, external: Symbol
    ) -> list[tuple[int, ...]]:
        self.asked += 1
        program = self._make()
        program.extend("intervention")
        return program.recorded(literals, atoms, most, external)

    def consequences(self, assumptions: Iterable[Assumption]) -> Consequences | None:
        return self._make().consequences(assumptions)

    def possible(self, literals: Sequence[int], atoms: Sequence[int]) -> frozenset[int] | None:
        return self._make().possible(literals, atoms)

    def certain(self, literals: Sequence[int], atoms: Sequence[int]) -> frozenset[int] | None:
        return self._make().certain(literals, atoms)


# --- clingexplaid ----------------------------------------------------------------------------------------------------


class Clingexplaid:
    """Minimal unsatisfiable subsets of the statuses of the definite leaves, given that the line is approved."""

    def __init__(self, decision: Decision) -> None:
        self._text = "\n".join([*_open_world(decision), ":- not _outcome(approve)."])
        self._program = self.ground()
        known = {n: decision.status(n) for n in decision.leaves if decision.status(n) is not Status.UNKNOWN}
        self._assumptions = [(met_symbol(n), s is Status.MET) for n, s in known.items()]

    def ground(self) -> Control:
        """The program read and ground: what a cold run adds."""
        control = Control()
        control.add("base", [], self._text)
        control.ground([("base", [])])
        return control

    def reasons(self) -> Sets:
        """All minimal unsatisfiable subsets, over the program that is ground already."""
        return self._reasons(self._program)

    def cold(self) -> Sets:
        """The same from the program's text."""
        return self._reasons(self.ground())

    def _reasons(self, control: Control) -> Sets:
        found = SubsetComputer(control, self._assumptions).multiple(types={MinimalUnsatisfiableSubset})
        return {frozenset(str(s.arguments[0]) for s, _ in subset.iter_symbols()) for subset in found}

    def corrections(self) -> Sets:
        """The complements of its maximal satisfiable subsets."""
        every = {str(s.arguments[0]) for s, _ in self._assumptions}
        types: Any = {MaximalSatisfiableSubset}
        found = SubsetComputer(self._program, self._assumptions).multiple(types=types)
        sets = [s for s in found if isinstance(s, MaximalSatisfiableSubset)]
        return {frozenset(every - {str(a.arguments[0]) for a, _ in s.iter_symbols()}) for s in sets}

    def own_corrections(self) -> tuple[int, int]:
        """How many sets it gives out as minimal corrections, and how many of these are satisfiable subsets instead."""
        types: Any = {MaximalSatisfiableSubset}
        found = list(SubsetComputer(self._program, self._assumptions).multiple(types=types))
        satisfiable = [s.assumptions for s in found if isinstance(s, MaximalSatisfiableSubset)]
        corrections = [s.assumptions for s in found if not isinstance(s, MaximalSatisfiableSubset)]
        return len(corrections), sum(c in satisfiable for c in corrections)


def _open_world(decision: Decision) -> Iterator[str]:
    """The knowledge base as one text: the policy's line with nothing stated, under the case's readings."""
    domain = decision.situation.domain
    yield from (f"{fact}." for fact in domain.facts())
    yield domain.kinds_program()
    yield from (f"{chosen_symbol(*choice)}." for choice in decision.chosen.items())
    for path in sorted((decision.knowledge.directory / "vocabulary").glob("*.lp")):
        yield path.read_text(encoding="utf-8")
    yield decision.policy.path.read_text(encoding="utf-8")
    yield from (encoding(name) for name in ("world", "outcome"))


# --- xclingo ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Explained:
    """What xclingo gave: how long it took, the leaves of each explanation, and the first one as it writes it."""

    sample: Sample
    leaves: tuple[frozenset[str], ...]
    first: str


class Xclingo:
    """xclingo in a process of its own, asked line by line in JSON."""

    def __init__(self, process: subprocess.Popen[str], messages: IO[str]) -> None:
        self._process, self._messages = process, messages

    def explain(self, program: str, *, cold: bool) -> Explained:
        """All explanations of a program; `cold` reads and grounds it first, within the time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"program": program, "cold": cold}) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            self._messages.seek(0)
            raise RuntimeError(f"xclingo ended: {self._messages.read()}")
        answer = json.loads(line)
        leaves = tuple(frozenset(each) for each in answer["leaves"])
        return Explained(Sample(answer["wall"], answer["cpu"]), leaves, answer["first"])


@contextmanager
def running_xclingo(directory: Path) -> Iterator[Xclingo]:
    """xclingo in the environment of a directory, which is made where there is none."""
    python = directory / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        print(f"making {directory} with {XCLINGO}", file=sys.stderr)
        venv.create(directory, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", XCLINGO], check=True)
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as messages,
        subprocess.Popen([python, WORKER], stdin=pipe, stdout=pipe, stderr=messages, encoding="utf-8") as process,
    ):
        yield Xclingo(process, messages)


def xclingo_program(decision: Decision, *, complements: bool = True) -> str:
    """The case as facts, the policy's rules, and what is to be traced: the denial, down its criteria."""
    policy = decision.policy.path.read_text(encoding="utf-8")
    if complements:
        denied = [*_complements(decision), "denied :- unmet(necessary)."]
    else:
        denied = ["denied :- not met(necessary)."]
    traced = [f"%!trace {{{name}(C), C}} :- criterion(C, _Text, _Place)." for name in ("met", "unmet")]
    shown = ['%!trace {denied, "denied"}.', "%!show_trace {denied}."]
    return "\n".join([*_case_facts(decision), policy, *denied, *traced, *shown])


def _case_facts(decision: Decision) -> Iterator[str]:
    situation = decision.situation
    yield from (f"{finding(pair, cells[0])}." for pair, cells in situation.allowed.items() if len(cells) == 1)
    yield from (f"{chosen_symbol(*choice)}." for choice in decision.chosen.items())
    attributes = situation.domain.vocabulary.attributes
    for name in situation.domain.cells:
        if attributes[name].type is Type.SCALE:
            yield from (f"rank({name}, {word}, {i})." for i, word in enumerate(attributes[name].options))
    yield "at_least(E, A, W) :- finding(E, A, V), rank(A, V, R), rank(A, W, S), R >= S."
    yield "at_most(E, A, W) :- finding(E, A, V), rank(A, V, R), rank(A, W, S), R <= S."


def _complements(decision: Decision) -> Iterator[str]:
    """A rule for each way in which a criterion fails."""
    for name in decision.outline.criteria:
        shape = decision.outline.shape(name)
        if shape.kind is Kind.LEAF:
            yield f"unmet({name}) :- not met({name})."
        for some in combinations(shape.children, _fewest(shape)) if shape.children else ():
            yield f"unmet({name}) :- {', '.join(map(_failing, some))}."


def _fewest(shape: Shape) -> int:
    """How many children have to fail, at least, for a group to fail."""
    needed = {Kind.ANY: 1, Kind.AT_LEAST: shape.threshold or 1}.get(shape.kind, len(shape.children))
    return len(shape.children) - needed + 1


def _failing(child: Child) -> str:
    return f"met({child.name})" if child.negated else f"unmet({child.name})"
