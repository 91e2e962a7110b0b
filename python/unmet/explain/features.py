"""The features of a line that is not approved, and the independent blocks into which its approval falls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unmet.determine.decision import Decision
from unmet.explanation import Depth
from unmet.facts.answers import met_symbol
from unmet.policy import NECESSARY, REFERRAL
from unmet.results import Kind, Silence, Status
from unmet.solver import Assumption


@dataclass(frozen=True)
class Standing:
    """A criterion as a feature: the status it stands at, and whether silence put it there."""

    name: str
    met: bool
    undocumented: bool

    def assumption(self, *, flipped: bool = False) -> Assumption:
        """The status, or its opposite, as an assumption."""
        return met_symbol(self.name), self.met != flipped


@dataclass(frozen=True)
class Block:
    """Conditions of approval that share no finding with the others, and the features below them."""

    conditions: tuple[Assumption, ...]
    features: tuple[Standing, ...]


def criteria_at(decision: Decision, depth: Depth) -> tuple[str, ...]:
    """The criteria at which a denial is explained: leaves, or rows (else the children of indications and bars)."""
    outline = decision.outline
    if depth is Depth.LEAF:
        return decision.leaves
    rows = tuple(n for n in outline.criteria if decision.policy.criteria[n].row)
    if rows:
        return rows
    top: dict[str, None] = {}
    for root in (NECESSARY, REFERRAL):
        for child in outline.shape(root).children if outline.rules(root) else ():
            below = outline.shape(child.name).children
            top |= dict.fromkeys([c.name for c in below] or [child.name])
    return tuple(n for n in outline.criteria if n in top) or (NECESSARY,)


def features_of(decision: Decision, silence: Silence, depth: Depth) -> tuple[Standing, ...]:
    """The definite criteria; with silence closed also unknown ones of one polarity, standing where they hurt."""
    found: list[Standing] = []
    for name in criteria_at(decision, depth):
        status, signs = decision.status(name), decision.outline.polarities[name]
        if status is not Status.UNKNOWN:
            found.append(Standing(name, status is Status.MET, False))
        elif silence is Silence.CLOSED and len(signs) == 1:
            found.append(Standing(name, signs == {False}, True))
    return tuple(found)


def blocks_of(decision: Decision, features: Iterable[Standing]) -> tuple[Block, ...]:
    """The blocks of approval, by the conditions that must all hold for it.

    Two conditions belong together where leaves below them read one finding, findings that a rule of the vocabulary
    ties together, or records of one listed kind. What merely says which keyed record is read (the side) ties nothing:
    renaming the keys maps the worlds of one side onto those of the other.
    """
    groups: list[tuple[list[tuple[str, bool]], set[str]]] = []
    for name, positive in _conditions(decision):
        conditions, keys = [(name, positive)], _keys(decision, name)
        for other in [g for g in groups if g[1] & keys]:
            groups.remove(other)
            conditions, keys = [*other[0], *conditions], keys | other[1]
        groups.append((conditions, keys))
    blocks: list[tuple[list[Assumption], set[str]]] = [
        ([(met_symbol(n), positive) for n, positive in conditions], keys) for conditions, keys in groups
    ]
    by_block: dict[int, list[Standing]] = {}
    for feature in features:
        touched = [i for i, (_, keys) in enumerate(blocks) if keys & _keys(decision, feature.name)]
        for i in touched[1:]:
            blocks[touched[0]][0].extend(blocks[i][0])
            blocks[touched[0]][1].update(blocks[i][1])
            by_block.setdefault(touched[0], []).extend(by_block.pop(i, []))
            blocks[i] = ([], set())
        if touched:
            by_block.setdefault(touched[0], []).append(feature)
    return tuple(
        Block(tuple(conditions), tuple(by_block.get(i, ()))) for i, (conditions, _) in enumerate(blocks) if conditions
    )


def whole(decision: Decision, features: Iterable[Standing]) -> Block:
    """One block for everything: approval as a whole."""
    conditions = tuple((met_symbol(n), positive) for n, positive in _conditions(decision))
    return Block(conditions, tuple(features))


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


def _keys(decision: Decision, name: str) -> set[str]:
    """What leaves below a criterion depend on: attributes, with all that is tied to them, and listed kinds."""
    vocabulary = decision.knowledge.vocabulary
    attributes: set[str] = set()
    kinds: set[str] = set()
    for leaf in decision.outline.leaves_below(name):
        for _, rule in decision.outline.support(leaf):
            attributes.update(rule.attributes)
            kinds.update(f"record {kind}" for kind in rule.listed)
    return set(vocabulary.linked(attributes - decision.policy.locators)) | kinds
