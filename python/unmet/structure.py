"""How the criteria of a policy stand to each other under one choice of readings; that as facts for `decisive.lp`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from unmet.facts.terms import number_term, symbol_of
from unmet.policy import NECESSARY, REFERRAL, Child, Outline
from unmet.results import Kind
from unmet.solver import Symbol
from unmet.source.variants import Variant

POSITIVE, NEGATIVE = "pos", "neg"

T = TypeVar("T")


@dataclass(frozen=True)
class Structure:
    """The groups of an outline, what they read, and what that is called."""

    outline: Outline

    def literals(self, name: str) -> tuple[Child, ...]:
        """What a group reads, each literal once."""
        return tuple(dict.fromkeys(self.outline.shape(name).children))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The criteria that read others."""
        return tuple(n for n in self.outline.criteria if self.outline.shape(n).children)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """What decides the outcome."""
        return tuple(n for n in (NECESSARY, REFERRAL) if n in self.outline.parents)

    @cached_property
    def readers(self) -> dict[str, list[str]]:
        """The groups that read a criterion; one that reads it under both signs stands there twice."""
        found: dict[str, list[str]] = {name: [] for name in self.outline.criteria}
        for group in self.groups:
            for child in self.literals(group):
                found[child.name].append(group)
        return found

    def asks_for_all(self, group: str) -> bool:
        """Whether a group holds only if all that it reads does."""
        literals = self.literals(group)
        return self.outline.shape(group).needs(len(literals)) == len(literals)

    def is_any(self, group: str) -> bool:
        """Whether each of what a group reads is enough by itself: an ANY, also by the name of AT LEAST 1."""
        shape = self.outline.shape(group)
        return shape.kind is Kind.ANY or (shape.kind is Kind.AT_LEAST and shape.threshold == 1)

    def is_shared(self, name: str) -> bool:
        """Whether more than one place reads a criterion, so that its effects can meet again."""
        return len(self.readers[name]) + (name in self.roots) > 1

    def above(self, names: Iterable[str]) -> list[str]:
        """These criteria and all that read them, directly or through others."""
        return _reached(names, lambda name: self.readers[name])

    def below(self, names: Iterable[str]) -> list[str]:
        """These criteria and all that they read, directly or through others."""
        return _reached(names, lambda name: (c.name for c in self.literals(name)))

    def comes_down_to(self, literals: Iterable[Child]) -> list[Child]:
        """Literals that hold together exactly where these do.

        A group that asks for all stands for what it asks for; one that asks for one of several and is not to be met,
        for none of these being met.
        """
        return _unfolded(literals, self._demands)

    def _demands(self, literal: Child) -> list[Child]:
        """What all has to hold for a literal, and is enough for it; nothing where it can hold in several ways."""
        children = self.literals(literal.name)
        least = 1 if literal.negated else len(children)
        if not children or self.outline.shape(literal.name).needs(len(children)) != least:
            return []
        return [Child(c.name, c.negated is not literal.negated) for c in children]

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The groups for which any one of several literals is enough, but those that are alternatives of another."""
        groups = [group for group in self.groups if self._ways(Child(group))]
        inner = {c for g in groups for c in _reached([Child(g)], self._ways)[1:]}
        return tuple(group for group in groups if Child(group) not in inner)

    def alternatives(self, group: str) -> list[Child]:
        """The literals of which any is enough for a group, through groups for which any is enough."""
        return _unfolded([Child(group)], self._ways)

    def _ways(self, literal: Child) -> list[Child]:
        """Of what any one is enough for a literal and one is needed; nothing where that is no choice."""
        children = self.literals(literal.name)
        least = len(children) if literal.negated else 1
        if len(children) < 2 or self.outline.shape(literal.name).needs(len(children)) != least:
            return []
        return [Child(c.name, c.negated is not literal.negated) for c in children]

    def beside(self, names: Iterable[str]) -> set[str]:
        """These criteria, what reads them, and what they read."""
        return {c for n in names for c in (n, *self.readers[n], *(child.name for child in self.literals(n)))}

    # -- bars -----------------------------------------------------------------------------------------------------

    @cached_property
    def bars(self) -> tuple[str, ...]:
        """What excludes approval by itself: what `necessary`, or a group that it needs, asks not to be; and `referral`.

        What one alternative alone asks not to be leaves the others.
        """
        found = {c.name for group in self._needed for c in self.literals(group) if c.negated}
        found |= {REFERRAL} & {*self.roots}
        return tuple(n for n in self.outline.criteria if n in found)

    @cached_property
    def unreferred(self) -> tuple[Child, ...]:
        """That a request is not referred."""
        return tuple(Child(root, True) for root in self.roots if root == REFERRAL)

    @cached_property
    def indications(self) -> tuple[str, ...]:
        """What `necessary` itself asks for, and what a group that it needs asks for beside bars of its own."""
        beside_bars = (g for g in self._needed if any(c.negated for c in self.literals(g)))
        groups = dict.fromkeys((NECESSARY, *beside_bars))
        return tuple(dict.fromkeys(c.name for g in groups for c in self.literals(g) if not c.negated))

    @cached_property
    def _needed(self) -> tuple[str, ...]:
        """The criteria that ask for all they read, and without which no case is approved."""
        needed = [NECESSARY] if NECESSARY in self.roots else []
        for group in needed:
            if self.asks_for_all(group):
                needed += [c.name for c in self.literals(group) if not c.negated and c.name not in needed]
        return tuple(group for group in needed if self.asks_for_all(group))

    # -- as facts -------------------------------------------------------------------------------------------------

    def facts(self, asked: Iterable[str], variants: Iterable[Variant]) -> Iterator[Symbol]:
        """The outline for `decisive.lp`, as far as it stands above the criteria that are asked about."""
        asked = tuple(asked)
        yield from (symbol_of("_criterion", [symbol_of(name)]) for name in asked)
        rising = set(self.above(asked))
        for group in (g for g in self.groups if g in rising):
            yield from self._group(group)
        for name in self.outline.criteria:
            if name in rising and self.is_shared(name):
                yield symbol_of("_shared", [symbol_of(name)])
                yield from self._moves(symbol_of(name), [name])
        yield from (symbol_of("_root", [symbol_of(name)]) for name in self.roots)
        for variant in variants:
            number = number_term(variant.number)
            if len(variant.leaves) == 1:
                yield symbol_of("_local", [number, symbol_of(variant.leaves[0])])
            else:
                yield symbol_of("_changes", [number])
                yield from self._moves(number, variant.leaves)

    def _group(self, group: str) -> Iterator[Symbol]:
        literals = self.literals(group)
        yield symbol_of("_group", [symbol_of(group), number_term(self.outline.shape(group).needs(len(literals)))])
        if self.outline.shape(group).kind is Kind.ALL:
            yield symbol_of("_all", [symbol_of(group)])
        for child in literals:
            sign = symbol_of(NEGATIVE if child.negated else POSITIVE)
            yield symbol_of("_child", [symbol_of(group), symbol_of(child.name), sign])

    def _moves(self, change: Symbol, names: Iterable[str]) -> Iterator[Symbol]:
        yield from (symbol_of("_moves", [change, symbol_of(name)]) for name in self.above(names))


def _unfolded(literals: Iterable[Child], into: Callable[[Child], Sequence[Child]]) -> list[Child]:
    """These literals, each that unfolds into others replaced by these, all the way down, in order; each once."""
    found, seen, todo = dict[Child, None](), set[Child](), [*literals][::-1]
    while todo:
        literal = todo.pop()
        if literal not in seen:
            seen.add(literal)
            others = into(literal)
            todo += others[::-1]
            found |= {} if others else {literal: None}
    return list(found)


def _reached(members: Iterable[T], following: Callable[[T], Iterable[T]]) -> list[T]:
    """These members and all that follow from them, each once."""
    found = dict.fromkeys(members)
    todo = list(found)
    for member in todo:
        more = dict.fromkeys(n for n in following(member) if n not in found)
        found |= more
        todo += more
    return list(found)
