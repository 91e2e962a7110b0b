"""The smallest approval: a case that is approved and states the fewest findings."""

from __future__ import annotations

from unmet.check.study import Study
from unmet.check.telling import claims_of, expect, expected, named
from unmet.check.witness import Shown, World, minimal, near_silence, written
from unmet.facts.terms import outcome
from unmet.fewest import Asked, Stated, fewest
from unmet.findings import Smallest, Witness


def smallest_approval(study: Study) -> Smallest | None:
    """An approved case of fewest statements; None where no case is approved for certain.

    Where the search ends before that is proved, no statement of the case can be left out, and another one may state
    fewer.
    """
    claims = claims_of(study, {}, "approve")
    world = near_silence(study, claims)
    if world is None:
        return None
    stated = minimal([Shown(study, world, claims)])
    known = None if stated is None else Stated({p: world.values[p] for p in stated}, world.entities)
    case, exact = fewest(_asked(study), known)
    if case is None:
        return None
    title = "the smallest approval" if exact else "the smallest approval found"
    shown = Shown(study, World(case.values, case.entities), claims)
    data = written(shown, case.values, title, expect(study, expected(study, {}, "approve")))
    return Smallest(len(case.values), exact, Witness(named(study, "smallest-approval"), title, data))


def _asked(study: Study) -> Asked:
    words = study.knowledge.sources.words.text
    documented = frozenset(study.policy.documented)
    return Asked(words, study.program, study.domain, documented, study.under, outcome("approve"))
