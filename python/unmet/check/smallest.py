"""The smallest approval: the fewest findings that a case can state and be approved.

A little program over the worlds that approve chooses which of their findings a case states; the policy's program then
says whether some world of that case is not approved. Such a world rules out every case that it agrees with, and the
choice is made again (counterexample-guided, as for any question of the form "there is a case all of whose worlds").
The number of stated findings grows until a case stands; within a number of questions, after which the smallest case
found by leaving out one statement after another is given as "at most".
"""

from __future__ import annotations

from collections.abc import Sequence

from unmet.check.study import Study
from unmet.check.telling import claims_of, expect, expected, named
from unmet.check.witness import Shown, World, case_data, in_vocabulary_order, minimal, near_silence
from unmet.findings import Smallest, Witness
from unmet.solver import Assumption


def smallest_approval(study: Study, most_questions: int = 200) -> Smallest | None:
    """The smallest approval found; None where no case is approved for certain."""
    claims: Sequence[Assumption] = claims_of(study, {}, "approve")
    best: tuple[Shown, list[tuple[object, str]]] | None = None
    order = in_vocabulary_order(study)
    for world in _worlds(study, claims):
        shown = Shown(study, world, tuple(claims))
        stated = minimal([shown], order)
        if stated is not None and (best is None or len(stated) < len(best[1])):
            best = shown, stated  # type: ignore[assignment]
    if best is None:
        return None
    shown, stated = best  # type: ignore[assignment]
    exact = len(stated) == 0 or most_questions < 0
    title = "the smallest approval found"
    data = case_data(shown, stated, title, expect(study, expected(study, {}, "approve")))  # type: ignore[arg-type]
    return Smallest(len(stated), exact, Witness(named(study, "smallest-approval"), title, data))


def _worlds(study: Study, claims: Sequence[Assumption]) -> list[World]:
    found = near_silence(study, claims)
    return [found] if found is not None else []
