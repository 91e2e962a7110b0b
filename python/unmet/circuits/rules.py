"""The ground rules of a policy as formulas over what a case leaves open.

clingo grounds the same program that single cases are decided with, and an observer is told the ground rules. They
have no circles and no choice but what a case fixes, so an atom holds exactly where the body of one of its rules does:
which is a formula over the values of findings, the presence of records, and what is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from math import prod
from sys import getrecursionlimit, setrecursionlimit
from threading import RLock

from clingo import Observer, Symbol

from unmet.circuits.formula import FALSE, TRUE, Formulas, Op
from unmet.facts.domain import Domain
from unmet.facts.terms import Pair, chosen_symbol, finding, presence, statable
from unmet.policy import Policy
from unmet.solver import Program
from unmet.vocabulary import Entity

DEPTH = 100_000
"""How deep formulas may be nested: rules may be, and each of theirs is a few formulas."""


_COMPILING = RLock()
"""Held by the thread that compiles: the depth of calls is the process's."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What the truth of a rule depends on: the value of a finding, whether it is stated, whether a record is there.

    `pair` is the finding, `entity` the record; `stated` marks the variable for whether the finding is stated. The last
    two have two values, no and yes; a finding has its cells. A `reading` that is left open has its options.
    """

    pair: Pair | None = None
    entity: Entity | None = None
    stated: bool = False
    reading: str | None = None


MOST_TOGETHER = 4096
"""How many combinations of findings that follow from each other are kept as the values of one variable."""

NO, YES = 1, 2
"""The masks of a variable with two values."""


@dataclass(frozen=True)
class Ground:
    """A policy's rules as formulas, for so many slots of listed records and a choice of readings, or with these open.

    `atoms` holds the formula of each atom that was asked for, `assumptions` what no world breaks. Variables beyond
    `variables` stand for several findings at once: `definitions` has the formula of each value.
    """

    domain: Domain
    formulas: Formulas
    variables: tuple[Variable, ...]
    definitions: Mapping[int, tuple[int, ...]]
    atoms: Mapping[Symbol, int]
    assumptions: tuple[int, ...]


@contextmanager
def deep() -> Iterator[None]:
    """Within this, functions may call themselves as deep as formulas are nested; one thread at a time."""
    with _COMPILING:
        before = getrecursionlimit()
        setrecursionlimit(max(before, DEPTH))
        try:
            yield
        finally:
            setrecursionlimit(before)


def ground(
    program: Program,
    rules: GroundRules,
    domain: Domain,
    policy: Policy,
    chosen: Mapping[str, str] | None,
    predicates: Iterable[tuple[str, int]],
) -> Ground:
    """The rules of a policy's program, as an observer was told them, as formulas of the atoms of some predicates.

    Where no readings are chosen, each is a variable.
    """
    with deep():
        reader = _Reader(domain, rules, dict(program.numbers()), policy, chosen)
        atoms = {atom: reader.of(atom) for name, arity in predicates for atom in program.atoms(name, arity)}
        return Ground(
            domain, reader.formulas, tuple(reader.variables), reader.definitions, atoms, tuple(reader.assumptions())
        )


Body = tuple[int, tuple[tuple[int, int], ...]]
"""The literals of a rule with their weights, and the sum from which on it holds."""


class GroundRules(Observer):
    """The ground rules of a program, without choices, because what they choose are the variables."""

    def __init__(self) -> None:
        self.bodies: dict[int, list[Body]] = {}
        self.constraints: list[Body] = []

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        self._add(choice, head, (len(body), tuple((literal, 1) for literal in body)))

    def weight_rule(self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]) -> None:
        self._add(choice, head, (lower_bound, tuple(body)))

    def _add(self, choice: bool, head: Sequence[int], body: Body) -> None:
        if not head:
            self.constraints.append(body)
        elif not choice:
            (atom,) = head
            self.bodies.setdefault(atom, []).append(body)


class _Reader:
    """Makes formulas of ground rules."""

    def __init__(
        self,
        domain: Domain,
        rules: GroundRules,
        numbers: Mapping[Symbol, int],
        policy: Policy,
        chosen: Mapping[str, str] | None,
    ) -> None:
        self._rules, self._numbers = rules, numbers
        self.variables: list[Variable] = []
        sizes: list[int] = []
        for entity in domain.entities:
            if domain.is_listed(entity):
                self.variables.append(Variable(entity=entity))
                sizes.append(2)
        for pair in domain.pairs:
            self.variables += [Variable(pair), Variable(pair, stated=True)]
            sizes += [len(domain.cells[pair[1]]), 2]
        if chosen is None:
            self.variables += [Variable(reading=name) for name in policy.readings]
            sizes += [len(reading.options) for reading in policy.readings.values()]
        self.formulas = Formulas(sizes)
        self.definitions: dict[int, tuple[int, ...]] = {}
        self._presences: set[int] = set()
        self._fixed: dict[int, int] = {}
        """The formulas of the atoms that a case fixes, by number."""
        self._choose(domain, policy, chosen)
        self._known: dict[int, int] = dict(self._fixed)

    def _choose(self, domain: Domain, policy: Policy, chosen: Mapping[str, str] | None) -> None:
        """The formulas of what a case fixes."""
        formulas, present = self.formulas, dict[Entity, int]()
        places: dict[int, tuple[int, int]] = {}
        """The variable and the place among its values of each atom of a finding."""
        for number, variable in enumerate(self.variables):
            if variable.entity is not None:
                present[variable.entity] = formulas.literal(number, YES)
                self._fix(presence(variable.entity), present[variable.entity])
            elif variable.pair is not None and variable.stated:
                self._fix(statable(variable.pair), formulas.literal(number, YES))
            elif variable.pair is not None:
                for place, cell in enumerate(domain.cells[variable.pair[1]]):
                    if (atom := self._numbers.get(finding(variable.pair, cell))) is not None:
                        places[atom] = (number, place)
            elif variable.reading is not None:
                for place, option in enumerate(policy.options[variable.reading]):
                    self._fix(chosen_symbol(variable.reading, option), formulas.literal(number, 1 << place))
        self._presences = {self._numbers[a] for e in present if (a := presence(e)) in self._numbers}
        together = self._together(places)
        for atom, (number, place) in places.items():
            pair = self.variables[number].pair
            assert pair is not None
            value = together.get((number, place), formulas.literal(number, 1 << place))
            self._fixed[atom] = formulas.conjunction([present.get(pair[0], TRUE), value])
        for name, one in (chosen or {}).items():
            for option in policy.options[name]:
                self._fix(chosen_symbol(name, option), TRUE if one == option else FALSE)

    def _together(self, places: Mapping[int, tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Findings of which one follows from the others, as one variable for each such group.

        Its values are the combinations that the vocabulary's rules allow. Returned are the formulas of the findings'
        own values over it. A group with too many combinations is left to the assumptions.
        """
        rules: dict[frozenset[int], list[tuple[dict[int, int], tuple[int, int]]]] = {}
        for atom, target in places.items():
            for _, weighted in self._rules.bodies.get(atom, ()):
                literals = [literal for literal, _ in weighted if not self._says_presence(literal)]
                if any(literal not in places for literal in literals):
                    return {}
                given = dict(places[literal] for literal in literals)
                rules.setdefault(frozenset([*given, target[0]]), []).append((given, target))
        groups = list(rules)
        if any(a & b for i, a in enumerate(groups) for b in groups[:i]):
            return {}
        found: dict[tuple[int, int], int] = {}
        for group, members in rules.items():
            found |= self._joint(sorted(group), members)
        return found

    def _says_presence(self, literal: int) -> bool:
        """Whether a literal says no more than that a record is there."""
        bodies = self._rules.bodies.get(literal, ())
        return literal in self._presences or any(self._presences >= {other for other, _ in body[1]} for body in bodies)

    def _joint(
        self, group: list[int], rules: list[tuple[dict[int, int], tuple[int, int]]]
    ) -> dict[tuple[int, int], int]:
        """One variable for a group of findings tied by rules: from some values another follows."""
        sizes = [self.formulas.full[number].bit_length() for number in group]
        (target,) = {derived for _, (derived, _) in rules}
        sources = [number for number in group if number != target]
        follows: dict[tuple[int, ...], set[int]] = {}
        for given, (_, place) in rules:
            if set(given) != set(sources):
                return {}
            follows.setdefault(tuple(given[number] for number in sources), set()).add(place)
        free = prod(self.formulas.full[number].bit_length() for number in sources) - len(follows)
        every = range(sizes[group.index(target)])
        if len(follows) + free * len(every) > MOST_TOGETHER:
            return {}
        combinations = [
            dict(zip([*sources, target], [*given, place], strict=True))
            for given in product(*(range(self.formulas.full[number].bit_length()) for number in sources))
            for place in every
            if follows.get(given, {place}) == {place}
        ]
        joint = len(self.formulas.full)
        self.formulas.full.append((1 << len(combinations)) - 1)
        self.definitions[joint] = tuple(
            self.formulas.conjunction(self.formulas.literal(number, 1 << place) for number, place in each.items())
            for each in combinations
        )
        masks: dict[tuple[int, int], int] = {}
        for i, each in enumerate(combinations):
            for value in each.items():
                masks[value] = masks.get(value, 0) | 1 << i
        return {
            (number, place): self.formulas.literal(joint, masks.get((number, place), 0))
            for number, size in zip(group, sizes, strict=True)
            for place in range(size)
        }

    def _fix(self, atom: Symbol, formula: int) -> None:
        if atom in self._numbers:
            self._fixed[self._numbers[atom]] = formula

    def of(self, symbol: Symbol) -> int:
        """The formula of an atom of the program."""
        return self._atom(self._numbers[symbol])

    def _atom(self, number: int) -> int:
        if number not in self._known:
            bodies = self._rules.bodies.get(number, ())
            self._known[number] = self.formulas.disjunction(self._body(body) for body in bodies)
        return self._known[number]

    def _body(self, body: Body) -> int:
        least, weighted = body
        literals = [self._literal(literal) for literal, weight in weighted for _ in range(weight)]
        return self.formulas.at_least(least, literals)

    def _literal(self, literal: int) -> int:
        formula = self._atom(abs(literal))
        return formula if literal > 0 else self.formulas.negation(formula)

    def assumptions(self) -> Iterator[int]:
        """What no world breaks: constraints, and that a value which a rule derives is the one that the finding has.

        That spare slots fill up in order is left out: it only spares the solver worlds that differ in nothing else.
        """
        found: dict[int, None] = {}
        for body in self._rules.constraints:
            if not {abs(literal) for literal, _ in body[1]} <= self._presences:
                found[self.formulas.negation(self._body(body))] = None
        for atom, value in self._fixed.items():
            for body in self._rules.bodies.get(atom, ()):
                found[self.formulas.disjunction([self.formulas.negation(self._body(body)), value])] = None
        for formula in found:
            node = self.formulas.nodes[formula]
            yield from node.members if node.op is Op.AND else [formula] if formula != TRUE else []
