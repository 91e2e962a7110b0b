"""The smallest approval: a case that is approved and states as few findings as could be found."""

from __future__ import annotations

from unmet.check.study import Study
from unmet.check.telling import claims_of, expect, expected, named
from unmet.check.witness import Shown, minimal, near_silence, written
from unmet.findings import Smallest, Witness


def smallest_approval(study: Study) -> Smallest | None:
    """An approved case of which no statement can be left out; None where no case is approved for certain.

    Another one may state fewer, so the number is "at most", unless it is none.
    """
    claims = claims_of(study, {}, "approve")
    world = near_silence(study, claims)
    if world is None:
        return None
    shown = Shown(study, world, claims)
    stated = minimal([shown])
    if stated is None:
        return None
    title = "the smallest approval found"
    data = written(shown, stated, title, expect(study, expected(study, {}, "approve")))
    return Smallest(len(stated), not stated, Witness(named(study, "smallest-approval"), title, data))
