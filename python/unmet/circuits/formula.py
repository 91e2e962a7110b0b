"""Formulas over variables with finitely many values, each kept once, in negation normal form.

A formula is the number of its node. A literal says that a variable has one of some values (a bit mask over them), so
a negation is the literal over the other values. Building a formula simplifies it: what a literal of a conjunction
says is assumed in its other members, what one of a disjunction says is denied in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

FALSE, TRUE = 0, 1
"""The formulas that never and always hold."""


class Op(Enum):
    """What a node is."""

    CONSTANT = "constant"
    LITERAL = "literal"
    AND = "and"
    OR = "or"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Node:
    """One formula: `variable` has a value of `mask`; or all, one, `least` of `members`."""

    op: Op
    variable: int = -1
    mask: int = 0
    least: int = 0
    members: tuple[int, ...] = ()


class Formulas:
    """The formulas over some variables. `sizes` holds how many values each has."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.full = [(1 << size) - 1 for size in sizes]
        self.nodes = [Node(Op.CONSTANT), Node(Op.CONSTANT)]
        self._numbers: dict[Node, int] = {}
        self._negations: dict[int, int] = {FALSE: TRUE, TRUE: FALSE}
        self._masks: dict[int, dict[int, frozenset[int]]] = {FALSE: {}, TRUE: {}}
        self._given: dict[tuple[int, int, int], int] = {}

    def _number(self, node: Node) -> int:
        found = self._numbers.get(node)
        if found is None:
            found = self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    # -- building ---------------------------------------------------------------------------------------------

    def literal(self, variable: int, mask: int) -> int:
        """The variable has one of the values of the mask."""
        if mask == 0:
            return FALSE
        if mask == self.full[variable]:
            return TRUE
        return self._number(Node(Op.LITERAL, variable, mask))

    def conjunction(self, members: Iterable[int]) -> int:
        """All of them hold."""
        return self._group(Op.AND, members)

    def disjunction(self, members: Iterable[int]) -> int:
        """One of them holds."""
        return self._group(Op.OR, members)

    def _group(self, op: Op, members: Iterable[int]) -> int:
        zero, one = (FALSE, TRUE) if op is Op.AND else (TRUE, FALSE)  # `zero` decides, `one` adds nothing
        literals: dict[int, int] = {}
        rest: set[int] = set()
        todo = list(members)
        while True:
            fresh: set[int] = set()
            while todo:
                node = self.nodes[member := todo.pop()]
                if member == zero:
                    return zero
                if node.op is op:
                    todo += node.members
                elif node.op is Op.LITERAL:
                    before = literals.get(node.variable)
                    both = node.mask if before is None else before & node.mask if op is Op.AND else before | node.mask
                    if both == (0 if op is Op.AND else self.full[node.variable]):
                        return zero
                    if both != before:
                        literals[node.variable] = both
                        fresh.add(node.variable)
                elif member != one:
                    rest.add(member)
            kept = {self._under(op, member, literals) for member in rest}
            if kept == rest and not fresh:
                break
            todo, rest = list(kept), set()
        if any(self._negations.get(member) in rest for member in rest):
            return zero
        members = sorted([*(self.literal(v, m) for v, m in literals.items()), *rest])
        if len(members) < 2:
            return members[0] if members else one
        return self._number(Node(op, members=tuple(members)))

    def _under(self, op: Op, member: int, literals: dict[int, int]) -> int:
        """A member of a group, given what the group's literals say beside it."""
        for variable in self.masks(member).keys() & literals.keys():
            mask = literals[variable]
            member = self.given(member, variable, mask if op is Op.AND else self.full[variable] & ~mask)
        return member

    def at_least(self, least: int, members: Iterable[int]) -> int:
        """So many of the members hold; one that is named twice counts twice."""
        members = list(members)
        least -= members.count(TRUE)
        rest = sorted(member for member in members if member not in (TRUE, FALSE))
        if least <= 0:
            return TRUE
        if least > len(rest):
            return FALSE
        if least == 1:
            return self.disjunction(rest)
        if least == len(rest):
            return self.conjunction(rest)
        nodes = [self.nodes[member] for member in rest]
        if all(node.op is Op.LITERAL and node.variable == nodes[0].variable for node in nodes):
            values = range(self.full[nodes[0].variable].bit_length())
            enough = [v for v in values if sum(node.mask >> v & 1 for node in nodes) >= least]
            return self.literal(nodes[0].variable, sum(1 << v for v in enough))
        return self._number(Node(Op.AT_LEAST, least=least, members=tuple(rest)))

    def negation(self, number: int) -> int:
        """The formula does not hold."""
        found = self._negations.get(number)
        if found is None:
            node = self.nodes[number]
            members = [self.negation(member) for member in node.members]
            if node.op is Op.LITERAL:
                found = self.literal(node.variable, self.full[node.variable] & ~node.mask)
            elif node.op is Op.AT_LEAST:
                found = self.at_least(len(members) - node.least + 1, members)
            else:
                found = self._group(Op.OR if node.op is Op.AND else Op.AND, members)
            self._negations[number] = found
            self._negations.setdefault(found, number)
        return found

    def given(self, number: int, variable: int, mask: int) -> int:
        """The formula where the variable is known to have a value of the mask."""
        if variable not in self.masks(number):
            return number
        key = (number, variable, mask)
        found = self._given.get(key)
        if found is None:
            node = self.nodes[number]
            if node.op is Op.LITERAL:
                inside = node.mask & mask
                found = TRUE if inside == mask else self.literal(variable, inside)
            else:
                members = [self.given(member, variable, mask) for member in node.members]
                found = self.at_least(node.least, members) if node.op is Op.AT_LEAST else self._group(node.op, members)
            self._given[key] = found
        return found

    @property
    def restricted(self) -> int:
        """How many formulas were made by knowing more of a variable: the work of splitting."""
        return len(self._given)

    # -- looking ----------------------------------------------------------------------------------------------

    def masks(self, number: int) -> dict[int, frozenset[int]]:
        """The variables of a formula, each with the masks of its literals."""
        found = self._masks.get(number)
        if found is None:
            node = self.nodes[number]
            if node.op is Op.LITERAL:
                found = {node.variable: frozenset([node.mask])}
            else:
                found = {}
                for member in node.members:
                    for variable, masks in self.masks(member).items():
                        before = found.get(variable)
                        found[variable] = masks if before is None or before is masks else before | masks
            self._masks[number] = found
        return found

    def below(self, numbers: Iterable[int]) -> Iterator[int]:
        """These formulas and all that they are made of, each once."""
        todo, seen = list(numbers), set[int]()
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                yield number
                todo += self.nodes[number].members


def is_chain(masks: Iterable[int]) -> bool:
    """Whether of any two of these sets one holds the other."""
    ordered = sorted(masks, key=int.bit_count)
    return all(a & ~b == 0 for a, b in pairwise(ordered))


def classes_of(masks: Iterable[int], full: int) -> list[int]:
    """The values of a variable as few sets, within which no mask tells two values apart, in order of their least."""
    found = [full]
    for mask in masks:
        found = [part for each in found for part in (each & mask, each & ~mask) if part]
    return sorted(found, key=lambda part: part & -part)
