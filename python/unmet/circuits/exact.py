"""Circuits that say exactly in which cases some world makes a formula true.

Let every variable be free to take any value that the case allows. Whether a formula is possible can be read off its
parts: for a disjunction always; for a conjunction or a count where no two members share a variable; and for any
formula in which the literals of each variable are nested sets of values, because then one value satisfies all of
them that can be satisfied. Where none of this holds, the formula is split by the values of one variable that stands in
the way (Shannon's expansion, by classes of values that the formula does not tell apart), and the parts are simplified
and treated likewise. The result is a circuit in decomposable form (Darwiche and Marquis, "A knowledge compilation
map", JAIR 17, 2002), with nested sets as leaves that need no decomposing; it holds for all cases, whatever they leave
open. Parts that come up again are made once.

What a formula says of one listed record, and of nothing else, is first taken together: which of these statements are
true of the record is one value of a new variable, the record's profile. Records are many and profiles few, so that
counts over records stay small.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from unmet.circuits.formula import FALSE, TRUE, Formulas, Op, classes_of, is_chain
from unmet.circuits.gates import Circuit

Slot = Hashable
"""A listed record that a case may have."""

Rank = Callable[[Slot | None], tuple[int, ...]]
"""In which order variables are split, by the record they speak of, if they do of one."""

MOST_PROFILES = 64
"""How many profiles a record may have; with more its variables are split one by one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many gates a circuit may have before formulas are split no more, and how many formulas are restricted."""

    gates: int
    restricted: int | None = None


class TooLarge(Exception):
    """It takes more to split a formula than the limits allow."""


class Exact:
    """Makes gates for formulas."""

    def __init__(
        self,
        formulas: Formulas,
        circuit: Circuit,
        known: Iterable[int],
        definitions: Mapping[int, tuple[int, ...]],
        slots: Mapping[int, Slot],
        rank: Rank,
        limits: Limits,
    ) -> None:
        """How variables are to be treated.

        Args:
            known: those of which a case leaves one value: they stand in no way.
            definitions: the formula of each value of those that stand for others.
            slots: the listed record that one speaks of, if of one.
            rank: in which order variables are split, by their record.
            limits: beyond these no formula is split.
        """
        self._formulas, self._circuit = formulas, circuit
        self._known, self._rank, self._limits = frozenset(known), rank, limits
        self._slots = dict(slots)
        self._definitions = dict(definitions)
        self._gates: dict[int, int] = {FALSE: 0, TRUE: 1}
        self._plain: dict[int, int] = {FALSE: 0, TRUE: 1}
        self.split: set[int] = set()
        """The variables that some formula was split by."""

    def possible(self, formula: int) -> int:
        """The gate for the cases in which some world makes the formula true.

        Raises:
            TooLarge: it takes more than the limits allow.
        """
        return self._possible(self._by_profiles(formula))

    def _possible(self, formula: int) -> int:
        if formula not in self._gates:
            self._gates[formula] = self._make(formula)
        return self._gates[formula]

    def plain(self, formula: int) -> int:
        """The same by the formula's parts alone: never too few cases, too many where an open variable is in the way."""
        if formula not in self._plain:
            node = self._formulas.nodes[formula]
            inputs = [self.plain(member) for member in node.members]
            if node.op is Op.LITERAL and node.variable in self._definitions:
                values = self._definitions[node.variable]
                held = [value for i, value in enumerate(values) if node.mask >> i & 1]
                gate = self._circuit.disjunction([self._possible(value) for value in held])
            elif node.op is Op.LITERAL:
                gate = self._circuit.literal(node.variable, node.mask)
            elif node.op is Op.AT_LEAST:
                gate = self._circuit.at_least(node.least, inputs)
            else:
                group = self._circuit.conjunction if node.op is Op.AND else self._circuit.disjunction
                gate = group(inputs)
            self._plain[formula] = gate
        return self._plain[formula]

    def in_the_way(self, formula: int) -> list[int]:
        """The variables whose literals in a formula are no nested sets."""
        masks = self._formulas.masks(formula).items()
        return [v for v, found in masks if len(found) > 1 and v not in self._known and not is_chain(found)]

    def behind(self, variables: Iterable[int]) -> set[int]:
        """The variables that these stand for, or they themselves."""
        found, todo = set[int](), list(variables)
        while todo:
            variable = todo.pop()
            values = self._definitions.get(variable)
            if values is None:
                found.add(variable)
            else:
                todo += {v for value in values for v in self._formulas.masks(value)}
        return found - self._known

    def _make(self, formula: int) -> int:
        node = self._formulas.nodes[formula]
        blocking = self.in_the_way(formula)
        if not blocking:
            return self.plain(formula)
        if node.op is Op.OR:
            return self._circuit.disjunction([self._possible(member) for member in node.members])
        if node.op is Op.AND:
            groups = self._apart(node.members)
            if len(groups) > 1:
                parts = [self._formulas.conjunction(group) for group in groups]
                return self._circuit.conjunction([self._possible(part) for part in parts])
        elif len(self._apart(node.members)) == len(node.members):
            return self._circuit.at_least(node.least, [self._possible(member) for member in node.members])
        return self._split(formula, self._chosen(node.members, blocking))

    def _apart(self, members: tuple[int, ...]) -> list[list[int]]:
        """The members in groups that share no variable."""
        groups: list[tuple[set[int], list[int]]] = []
        for member in members:
            variables = set(self._formulas.masks(member)) - self._known
            together = [member]
            rest: list[tuple[set[int], list[int]]] = []
            for others, grouped in groups:
                if others & variables:
                    variables |= others
                    together += grouped
                else:
                    rest.append((others, grouped))
            groups = [*rest, (variables, together)]
        return [grouped for _, grouped in groups]

    def _chosen(self, members: tuple[int, ...], blocking: list[int]) -> int:
        """The variable to split by: first by rank, then the one that most members share."""
        shared = {v: sum(v in self._formulas.masks(member) for member in members) for v in blocking}
        return min(blocking, key=lambda v: (self._rank(self._slots.get(v)), -shared[v], v))

    def _split(self, formula: int, variable: int) -> int:
        self.split.add(variable)
        full = self._formulas.full[variable]
        cases: dict[int, int] = {}
        for part in classes_of(self._formulas.masks(formula)[variable], full):
            self._check_limits()
            rest = self._formulas.given(formula, variable, part)
            cases[rest] = cases.get(rest, 0) | part
        inputs = []
        for rest, mask in cases.items():
            if rest != FALSE:
                guard = self.plain(self._formulas.literal(variable, mask))
                inputs.append(self._circuit.conjunction([guard, self._possible(rest)]))
        return self._circuit.disjunction(inputs)

    def _check_limits(self) -> None:
        gates, restricted = self._limits.gates, self._limits.restricted
        if len(self._circuit.gates) >= gates or (restricted is not None and self._formulas.restricted >= restricted):
            raise TooLarge

    # -- profiles of records ----------------------------------------------------------------------------------

    def _by_profiles(self, formula: int) -> int:
        """The formula with what it says of single records as literals over the records' profiles."""
        if not self._slots.keys() & self._formulas.masks(formula).keys():
            return formula
        local: dict[Slot, dict[int, None]] = {}
        self._collect(formula, local, set())
        swaps: dict[int, int] = {}
        for slot, statements in local.items():
            self._profile(slot, list(statements), swaps)
        return self._swapped(formula, swaps, {})

    def _slot(self, formula: int) -> Slot | None:
        """The one record that a formula speaks of, None where it speaks of several or of something else."""
        found = {self._slots.get(v) for v in self._formulas.masks(formula)}
        return found.pop() if len(found) == 1 else None

    def _collect(self, formula: int, local: dict[Slot, dict[int, None]], seen: set[int]) -> None:
        """The largest parts of a formula that speak of one record each."""
        if formula in seen:
            return
        seen.add(formula)
        slot = self._slot(formula)
        if slot is not None:
            local.setdefault(slot, {})[formula] = None
            return
        for member in self._joined(formula):
            self._collect(member, local, seen)

    def _joined(self, formula: int) -> list[int]:
        """The members of a formula, with those of a conjunction or disjunction that speak of one record as one."""
        node = self._formulas.nodes[formula]
        if node.op not in (Op.AND, Op.OR):
            return list(node.members)
        group = self._formulas.conjunction if node.op is Op.AND else self._formulas.disjunction
        together: dict[Slot, list[int]] = {}
        members = []
        for member in node.members:
            slot = self._slot(member)
            if slot is None:
                members.append(member)
            else:
                together.setdefault(slot, []).append(member)
        return [*members, *(group(each) for each in together.values())]

    def _profile(self, slot: Slot, statements: list[int], swaps: dict[int, int]) -> None:
        """A variable for which of the statements are true of a record, and their literals over it."""
        profiles: list[tuple[int, frozenset[int]]] = [(TRUE, frozenset())]
        for statement in statements:
            halves = [(statement, frozenset([statement])), (self._formulas.negation(statement), frozenset[int]())]
            every = [
                (self._formulas.conjunction([so_far, more]), held | also)
                for so_far, held in profiles
                for more, also in halves
            ]
            profiles = [each for each in every if each[0] != FALSE]
            if len(profiles) > MOST_PROFILES:
                return
        variable = len(self._formulas.full)
        self._formulas.full.append((1 << len(profiles)) - 1)
        self._slots[variable] = slot
        self._definitions[variable] = tuple(profile for profile, _ in profiles)
        for statement in statements:
            held = sum(1 << i for i, (_, true) in enumerate(profiles) if statement in true)
            swaps[statement] = self._formulas.literal(variable, held)

    def _swapped(self, formula: int, swaps: Mapping[int, int], done: dict[int, int]) -> int:
        if formula in swaps:
            return swaps[formula]
        if formula not in done:
            node = self._formulas.nodes[formula]
            members = [self._swapped(member, swaps, done) for member in self._joined(formula)]
            if node.op is Op.AT_LEAST:
                done[formula] = self._formulas.at_least(node.least, members)
            elif node.op in (Op.AND, Op.OR):
                group = self._formulas.conjunction if node.op is Op.AND else self._formulas.disjunction
                done[formula] = group(members)
            else:
                done[formula] = formula
        return done[formula]
