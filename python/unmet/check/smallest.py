"""The smallest approval: a case that is approved and states the fewest findings."""

from __future__ import annotations

from unmet.check.study import Study
from unmet.check.telling import claims_of, expect, expected, named
from unmet.check.witness import near_silence, shown_by, stated_of, written
from unmet.facts.terms import outcome
from unmet.fewest import Asked, fewest
from unmet.findings import Smallest, Witness
from unmet.witness import minimal


def smallest_approval(study: Study) -> Smallest | None:
    """An approved case of fewest statements; None where no case is approved for certain.

    Where the search ends before that is proved, no statement of the case can be left out, and another one may state
    fewer.
    """
    claims = claims_of(study, {}, "approve")
    world = near_silence(study, claims)
    if world is None:
        return None
    stated = minimal([shown_by(study, world, claims)])
    known = None if stated is None else stated_of(world, stated)
    case, exact = fewest(_asked(study), known)
    if case is None:
        return None
    title = "the smallest approval" if exact else "the smallest approval found"
    data = written(study, case, title, expect(study, expected(study, {}, "approve")))
    return Smallest(len(case.values), exact, Witness(named(study, "smallest-approval"), title, data))


def _asked(study: Study) -> Asked:
    words = study.knowledge.sources.words.text
    documented = frozenset(study.policy.documented)
    return Asked(words, study.program, study.layout, documented, study.fixed, study.program.literal(outcome("approve")))
