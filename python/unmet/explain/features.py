"""What a denial is explained by: criteria with their statuses, and where these are not enough, what the case holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from unmet.determine.decision import Decision
from unmet.explanation import Depth
from unmet.facts.answers import met_symbol
from unmet.facts.terms import Pair
from unmet.policy import NECESSARY, REFERRAL
from unmet.results import Evidence, Origin, Silence, Status
from unmet.solver import Assumption
from unmet.vocabulary import Entity


class Standing(NamedTuple):
    """A criterion as a feature: the status it stands at, and whether silence put it there.

    `met` is None for a criterion that is read both for and against approval and that silence leaves unsettled: with
    silence closed it hurts as long as it is not settled, either way.
    """

    name: str
    met: bool | None
    undocumented: bool = False

    def assumptions(self) -> list[Assumption]:
        """That it stands as it does; nothing of one that is unsettled."""
        return [] if self.met is None else [(met_symbol(self.name), self.met)]


standing = cache(Standing)
"""The same object for the same feature: there are two or three of each criterion."""


@dataclass(frozen=True)
class Held:
    """Something that the case holds as a feature: a finding it states or presumes, a complete list, a listed record."""

    what: Pair | Entity | str
    holding: tuple[Assumption, ...]

    @property
    def name(self) -> str:
        """`patient age`, `injection complete`, `injection(1)`."""
        if isinstance(self.what, str):
            return f"{self.what} complete"
        return str(self.what) if isinstance(self.what, Entity) else f"{self.what[0]} {self.what[1]}"

    @property
    def pair(self) -> Pair | None:
        """The finding, None where it is a list or a record."""
        return None if isinstance(self.what, (str, Entity)) else self.what

    def assumptions(self) -> list[Assumption]:
        """That the case holds it."""
        return list(self.holding)


Member = Standing | Held
"""A feature."""


def evidence_of(decision: Decision, held: Held) -> Evidence:
    """What the case says of it."""
    if isinstance(held.what, str):
        return Evidence(held.what, "complete", f"No further {held.what}", "", "yes", Origin.STATED)
    if isinstance(held.what, Entity):
        return Evidence(str(held.what), "listed", f"A record {held.what}", "", "yes", Origin.STATED)
    return decision.evidence([held.what])[0]


def criteria_at(decision: Decision, depth: Depth) -> tuple[str, ...]:
    """The criteria at which a denial is explained.

    Those are the leaves; at the top the policy's rows, else the children of its indications and bars, and the leaves
    that approval reads otherwise than through one of these. So they decide the outcome together.
    """
    outline = decision.outline
    if depth is Depth.LEAF:
        return decision.leaves
    rows = {n for n in outline.criteria if decision.policy.criteria[n].row} or set(_below_the_roots(decision))
    found: set[str] = set()
    todo, seen = [n for n in (NECESSARY, REFERRAL) if n in outline.parents], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        children = outline.shape(name).children
        if name in rows or not children:
            found.add(name)
        else:
            todo += [c.name for c in children]
    return tuple(n for n in outline.criteria if n in found)


def _below_the_roots(decision: Decision) -> Iterator[str]:
    """The children of the children of the roots, or these where they have none."""
    outline = decision.outline
    for root in (NECESSARY, REFERRAL):
        for child in outline.shape(root).children if outline.rules(root) else ():
            yield from [c.name for c in outline.shape(child.name).children] or [child.name]


def features_of(
    decision: Decision, silence: Silence, depth: Depth, *, both_roots: bool = False
) -> tuple[Standing, ...]:
    """The definite criteria; with silence closed the unknown ones too, standing where they hurt.

    Where what `necessary` reads hurts is there, unless `both_roots` count: what `referral` reads the other way is then
    unsettled.
    """
    outline, statuses, found = decision.outline, decision.statuses, list[Standing]()
    for name in criteria_at(decision, depth):
        status = statuses[name]
        if status is not Status.UNKNOWN:
            found.append(standing(name, status is Status.MET))
        elif silence is Silence.CLOSED:
            signs = (outline.signs if both_roots else outline.polarities)[name]
            found.append(standing(name, None if len(signs) > 1 else signs == {False}, True))
    return tuple(found)


def held_by(decision: Decision) -> tuple[Held, ...]:
    """All that the case holds: statements, presumptions that apply, complete lists, listed records."""
    situation = decision.situation
    listed = (e for e in situation.domain.entities if situation.is_given(e) and situation.domain.is_listed(e))
    return (*said_by(decision), *(Held(entity, tuple(situation.present(entity))) for entity in listed))


def said_by(decision: Decision) -> list[Held]:
    """Statements, presumptions that apply to what the case knows, complete lists."""
    situation = decision.situation
    found = [Held(pair, tuple(situation.as_stated(pair))) for pair in situation.allowed]
    for presumed in decision.applied:
        if situation.is_given(presumed.pair[0]):
            found.append(
                Held(presumed.pair, tuple(situation.excluded(presumed.pair, situation.presumed_cells(presumed))))
            )
    for record in sorted(decision.scene.complete):
        gone = [a for e in situation.missing_entities() if e.record == record for a in situation.absent(e)]
        if gone:
            found.append(Held(record, tuple(gone)))
    return found


def read_by_unknown_leaves(decision: Decision, held: Iterable[Held]) -> tuple[Held, ...]:
    """What unknown leaves read of it."""
    read = {pair for name in decision.unknown_leaves for pair in decision.pairs(name)}
    return tuple(h for h in held if h.what in read)
