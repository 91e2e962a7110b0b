"""The independent blocks into which the approval of a line falls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unmet.determine.decision import Decision
from unmet.explain.features import Standing
from unmet.facts.answers import met_symbol
from unmet.policy import NECESSARY, REFERRAL
from unmet.results import Kind
from unmet.solver import Assumption


@dataclass(frozen=True)
class Block:
    """Conditions of approval that share no finding with the others, and the features below them."""

    conditions: tuple[Assumption, ...]
    features: tuple[Standing, ...] = ()
    keys: frozenset[str] = frozenset()
    """What the leaves below depend on: attributes and listed kinds."""


@dataclass
class _Growing:
    """A block while conditions and features are still put together."""

    conditions: list[Assumption]
    keys: set[str]
    features: list[Standing]


def blocks_of(decision: Decision, features: Iterable[Standing] = ()) -> tuple[Block, ...]:
    """The blocks of approval, by the conditions that must all hold for it.

    Two conditions belong together where leaves below them read one finding, findings that a rule of the vocabulary
    ties together, or records of one listed kind. What merely says which keyed record is read (the side) ties nothing:
    renaming the keys maps the worlds of one side onto those of the other. Features belong to the blocks they share
    something with; one that shares nothing with any condition decides nothing.
    """
    blocks: list[_Growing] = []
    for name, positive in _conditions(decision):
        _join(blocks, _Growing([(met_symbol(name), positive)], set(keys_of(decision, name)), []))
    for feature in features:
        keys = keys_of(decision, feature.name)
        if any(block.keys & keys for block in blocks):
            _join(blocks, _Growing([], set(), [feature]), set(keys))
    return tuple(Block(tuple(b.conditions), tuple(b.features), frozenset(b.keys)) for b in blocks)


def _join(blocks: list[_Growing], new: _Growing, keys: set[str] | None = None) -> None:
    """Adds to the blocks one that swallows all those it shares something with; it stands where their first stood."""
    shared = keys if keys is not None else new.keys
    touched = [block for block in blocks if block.keys & shared]
    place = blocks.index(touched[0]) if touched else len(blocks)
    for block in touched:
        blocks.remove(block)
    whole = [*touched, new]
    joined = _Growing(
        [c for b in whole for c in b.conditions],
        {k for b in whole for k in b.keys},
        [f for b in whole for f in b.features],
    )
    blocks.insert(place, joined)


def whole(decision: Decision, features: Iterable[Standing] = ()) -> Block:
    """One block for everything: approval as a whole."""
    conditions = _conditions(decision)
    keys = {key for name, _ in conditions for key in keys_of(decision, name)}
    return Block(tuple((met_symbol(n), positive) for n, positive in conditions), tuple(features), frozenset(keys))


def _conditions(decision: Decision) -> list[tuple[str, bool]]:
    """The criteria that must (not) be met for approval, conjunctions taken apart."""
    outline = decision.outline
    todo: list[tuple[str, bool]] = [(NECESSARY, True)]
    if outline.rules(REFERRAL):
        both = [(met_symbol(NECESSARY), True), (met_symbol(REFERRAL), True)]
        if decision.program.satisfiable([*decision.under_readings, *both]):
            todo.append((REFERRAL, False))
    found: dict[tuple[str, bool], None] = {}
    while todo:
        name, positive = todo.pop(0)
        shape = outline.shape(name)
        everyone = shape.kind is Kind.ALL or (shape.kind is Kind.AT_LEAST and shape.threshold == len(shape.children))
        anyone = shape.kind is Kind.ANY or (shape.kind is Kind.AT_LEAST and shape.threshold == 1)
        if shape.kind is Kind.NOT or (everyone and positive) or (anyone and not positive):
            todo += [(c.name, positive != c.negated) for c in shape.children]
        else:
            found[name, positive] = None
    return list(found)


def keys_of(decision: Decision, name: str) -> frozenset[str]:
    """What leaves below a criterion depend on: attributes, with all that is tied to them, and listed kinds."""
    attributes, kinds = decision.outline.depends_on(name)
    tied = decision.knowledge.vocabulary.linked(attributes - decision.policy.locators)
    return tied | {f"record {kind}" for kind in kinds}
