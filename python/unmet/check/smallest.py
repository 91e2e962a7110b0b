"""The smallest approval: a case that is approved and states the fewest findings."""

from __future__ import annotations

from dataclasses import replace

from unmet.check.study import Study
from unmet.check.witness import Exhibit, Row, named, near_silence, written
from unmet.facts.terms import outcome
from unmet.fewest import Asked, fewest
from unmet.findings import Smallest
from unmet.witness import exchanged, minimal


def smallest_approval(study: Study) -> Smallest | None:
    """An approved case of fewest statements; None where no case is approved for certain.

    Where the search ends before that is proved, no statement of the case can be left out, and another one may state
    fewer.
    """
    row = Row(study, outcome="approve")
    world = near_silence(study, row.claims)
    if world is None:
        return None
    exhibit = Exhibit(world, (row,), "")
    stated = minimal(exhibit.shown)
    known = None if stated is None else replace(world, stated=frozenset(exchanged(exhibit.shown, stated)))
    case, exact = fewest(_asked(study), known)
    if case is None:
        return None
    title = "the smallest approval" if exact else "the smallest approval found"
    exhibit = Exhibit(case, (row,), title)
    stated = minimal([replace(exhibit.shown[0], relevant=sorted(case.stated))])
    assert stated is not None, "the case is approved"
    (witness,) = written(named(study, "smallest-approval"), [exhibit], stated)
    return Smallest(len(stated), exact, witness)


def _asked(study: Study) -> Asked:
    words = study.knowledge.sources.words.rules
    claim = study.program.literal(outcome("approve"))
    return Asked(words, study.program, study.layout, study.documented, study.fixed, claim)
