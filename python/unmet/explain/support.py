"""What carries an approval (or a referral): the minimal sets of statements after which every world has the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from math import prod

from unmet.determine.decision import Decision
from unmet.explain.approval import Approval
from unmet.explain.features import Held, evidence_of, said_by
from unmet.explain.products import Scale, products
from unmet.explanation import Enumeration, Support
from unmet.facts.terms import outcome
from unmet.results import Verdict
from unmet.solver import Assumption, collect_sets

MOST_SETS, MOST_QUESTIONS, MOST_SHOWN = 256, 1_500, 32
"""How many minimal sets and their counterparts are enumerated in a block, with how many questions to the solver; how
many sets are written out."""


def explain_support(decision: Decision, verdict: Verdict) -> Support:
    """The minimal sets of stated findings, presumptions and complete lists that force an approval or a referral.

    The records of the case are there, and what it is silent about is not stated.
    """
    said = said_by(decision)
    order = {held.name: i for i, held in enumerate(said)}
    scale = Scale(order)
    found = [_carrying(decision, mine, goal) for mine, goal in _goals(decision, verdict, said)]

    def weight(members: Sequence[Held]) -> int:
        return scale.weight([held.name for held in members])

    shown = [list(chain(*sets)) for sets in islice(products([sets for sets, _ in found], weight), MOST_SHOWN)]
    complete, total = all(ended for _, ended in found), prod(len(sets) for sets, _ in found)
    return Support(
        tuple(tuple(evidence_of(decision, h) for h in sorted(s, key=lambda h: order[h.name])) for s in shown),
        Enumeration(len(shown), total if complete else None, True, complete and total == len(shown), MOST_SHOWN),
    )


def _goals(decision: Decision, verdict: Verdict, said: Sequence[Held]) -> Iterator[tuple[list[Held], Assumption]]:
    """What must be forced, with the statements that can: block by block, unless these share what selects a record."""
    if verdict is Verdict.REFERRED:
        yield list(said), (outcome("refer"), True)
    elif any(h.pair is not None and h.pair[1] in decision.policy.locators for h in said):
        yield list(said), (outcome("approve"), True)
    else:
        for block in Approval.of(decision).blocks():
            mine = [h for h in said if _key(h) in block.keys]
            yield mine, (decision.program.conjunction(block.conditions), True)


def _key(held: Held) -> str:
    """What a block depends on where a statement concerns it."""
    return f"record {held.what}" if held.pair is None else held.pair[1]


def _carrying(decision: Decision, said: Sequence[Held], goal: Assumption) -> tuple[list[tuple[Held, ...]], bool]:
    """The minimal sets after which every world has the goal, and whether these are all."""
    situation, (symbol, holds) = decision.situation, goal
    given = [a for e in situation.domain.entities if situation.is_given(e) for a in situation.present(e)]
    unlisted = [p for p in decision.applied if not situation.is_given(p.pair[0])]
    presumed = [a for p in unlisted for a in situation.excluded(p.pair, situation.presumed_cells(p))]
    silent = [(situation.statable(pair), False) for pair in situation.domain.pairs if pair not in situation.stated]
    hard = [*decision.under_readings, *given, *presumed, *silent, (symbol, not holds)]
    groups = [held.holding for held in said]
    found, complete = collect_sets(decision.program, hard, groups, MOST_SETS, MOST_QUESTIONS)
    return [tuple(said[i] for i in f.members) for f in found if f.conflict], complete
