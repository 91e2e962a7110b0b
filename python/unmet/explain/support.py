"""What carries an approval (or a referral): the minimal sets of statements after which every world has the verdict."""

from __future__ import annotations

from unmet.determine.decision import Decision
from unmet.explanation import Enumeration, Support
from unmet.facts.terms import Pair, outcome
from unmet.results import Evidence, Origin
from unmet.solver import Assumption, collect_sets

MOST_SETS, MOST_QUESTIONS = 256, 1_500
"""How many minimal sets and their counterparts are enumerated, and with how many questions to the solver."""


def explain_support(decision: Decision, verdict: str) -> Support:
    """The minimal sets of stated findings, presumptions and complete lists that force `approve` or `refer`.

    The records of the case are there, and what it is silent about is not stated.
    """
    situation = decision.situation
    named: list[tuple[Pair | str, list[Assumption]]] = []
    for pair in situation.allowed:
        named.append((pair, situation.as_stated(pair)))
    for presumed in decision.applied:
        named.append((presumed.pair, list(situation.excluded(presumed.pair, situation.presumed_cells(presumed)))))
    for record in sorted(decision.scene.complete):
        gone = [a for e in situation.missing_entities() if e.record == record for a in situation.absent(e)]
        if gone:
            named.append((record, gone))
    given = [a for e in situation.domain.entities if situation.is_given(e) for a in situation.present(e)]
    silent = [(situation.statable(pair), False) for pair in situation.domain.pairs if pair not in situation.stated]
    hard = [*decision.under_readings, *given, *silent, (outcome(verdict), False)]
    found, complete = collect_sets(decision.program, hard, [g for _, g in named], MOST_SETS, MOST_QUESTIONS)
    sets = [[named[i][0] for i in f.members] for f in found if f.conflict]
    written = [tuple(e for what in s for e in _evidence(decision, what)) for s in sets]
    ordered = sorted(written, key=lambda s: (len(s), [(e.entity, e.attribute) for e in s]))
    return Support(tuple(ordered), Enumeration(len(sets), len(sets) if complete else None, True, complete, MOST_SETS))


def _evidence(decision: Decision, what: Pair | str) -> tuple[Evidence, ...]:
    if isinstance(what, str):
        return (Evidence(what, "complete", f"No further {what}", "", "yes", Origin.STATED),)
    return decision.evidence([what])
