"""Services of one request: whether some patient can be approved for two policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from unmet.check.study import Study
from unmet.check.telling import listed, word
from unmet.check.versions import days, meet, version_of
from unmet.check.witness import claims_of, near_silence
from unmet.copies import domain_of, prepare
from unmet.facts.domain import holds
from unmet.facts.layout import least
from unmet.findings import Finding
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, Child
from unmet.solver import minimal
from unmet.vocabulary import REQUEST


def check(knowledge: Knowledge, studies: Sequence[Study]) -> Iterator[Finding]:
    """Policies in force together of which each approves some patient, and no patient both."""
    stays = knowledge.coding.stays
    for one, other in combinations([s for s in studies if s.policy.name not in stays], 2):
        if not meet(one, other) or not _shared(one, other) or not (one.can_approve and other.can_approve):
            continue
        if not _is_approved_twice(one, other):
            yield from _never_together(one, other)


def _shared(one: Study, other: Study) -> set[str]:
    """The findings of the patient that both policies read."""
    attributes = one.knowledge.vocabulary.attributes
    return {n for n in set(one.domain.cells) & set(other.domain.cells) if attributes[n].record != REQUEST}


def _is_approved_twice(one: Study, other: Study) -> bool:
    """Whether the second policy approves the patient of a world that the first does: which takes less than all."""
    shared, attributes = _shared(one, other), one.knowledge.vocabulary.attributes
    world = near_silence(one, claims_of(one, {}, "approve"))
    kinds = {attributes[n].record for n in shared}
    room = other.layout.present
    if world is None or not all(e in room for e in world.entities if e.record in kinds):
        return False
    held = [x if e in world.entities else -x for e, x in room.items() if e.record in kinds]
    for pair, cell in world.cells.items():
        if pair[1] in shared:
            held += [-x for other_cell, x in other.layout.values[pair] if not holds(other_cell, least(cell))]
            stated = other.layout.stated[pair]
            held.append(stated if pair in world.stated else -stated)
    goal = other.program.literal(other.outcome("approve"))
    return other.program.has_world([*other.fixed, goal, *held])


def _never_together(one: Study, other: Study) -> Iterator[Finding]:
    """That no patient is approved for both, with what both ask for that cannot hold together; nothing where one is."""
    knowledge, sides = one.knowledge, (one, other)
    domain = domain_of(knowledge, [one.policy, other.policy], {**one.records, **other.records})
    sources = knowledge.source(one.policy), knowledge.source(other.policy)
    both = prepare(knowledge, *sources, apart=[REQUEST], domain=domain)
    roots = [(Child(NECESSARY), *each.structure.unreferred) for each in sides]
    asked = [(side, c) for side in (0, 1) for c in sides[side].structure.comes_down_to(roots[side])]
    fixed = [*both.under(0, one.chosen), *both.under(1, other.chosen)]
    found = minimal(both.program, fixed, [[both.met(side, c.name, not c.negated)] for side, c in asked])
    if found is None:
        return
    blamed = [asked[i] for i in found]
    kinds = {kind for s in sides for root in s.structure.roots for kind in s.outline.depends_on(root)[1]}
    told = [f"{listed([word(c) for s, c in blamed if s == side])} of `{sides[side].policy.name}`" for side in (0, 1)]
    names = [each.policy.name for each in sides]
    yield Finding(
        code="never-together",
        policy=None,
        message=f"no patient can be approved for both {listed(names)}, which are both in force {days(one, other)}",
        location=one.policy.span,
        criteria=tuple(sides[side].cite(c.name) for side, c in blamed),
        subjects=tuple(names),
        help=f"{' and '.join(told)} cannot hold together; two lines of one request are then never both approved",
        versions=tuple(map(version_of, sides)),
        records={kind: both.domain.slots.get(kind, 0) for kind in sorted(kinds)},
    )
