"""What carries an approval (or a referral): the minimal sets of statements after which every world has the verdict."""

from __future__ import annotations

from itertools import islice

from unmet.determine.decision import Decision
from unmet.explanation import Enumeration, Support
from unmet.facts.terms import Pair, outcome
from unmet.results import Evidence, Origin
from unmet.solver import Assumption, enumerate_sets

MOST_SETS = 256
"""How many minimal sets and their counterparts are enumerated."""


def explain_support(decision: Decision, verdict: str) -> Support:
    """The minimal sets of stated findings, presumptions and complete lists that force `approve` or `refer`."""
    situation = decision.situation
    named: list[tuple[Pair | str, list[Assumption]]] = []
    for pair, cells in situation.allowed.items():
        named.append((pair, [*situation.present(pair[0]), *situation.excluded(pair, cells)]))
    for presumed in decision.applied:
        named.append((presumed.pair, list(situation.excluded(presumed.pair, situation.presumed_cells(presumed)))))
    for record in sorted(decision.scene.complete):
        gone = [a for e in situation.missing_entities() if e.record == record for a in situation.absent(e)]
        if gone:
            named.append((record, gone))
    stated = [(s, True) for s in situation.stated_symbols()]
    hard = [*decision.under_readings, *stated, (outcome(verdict), False)]
    found = list(islice(enumerate_sets(decision.program, hard, [g for _, g in named]), MOST_SETS + 1))
    sets = [[named[i][0] for i in f.members] for f in found if f.conflict]
    complete = len(found) <= MOST_SETS
    written = [tuple(e for what in s for e in _evidence(decision, what)) for s in sets]
    ordered = sorted(written, key=lambda s: (len(s), [(e.entity, e.attribute) for e in s]))
    return Support(tuple(ordered), Enumeration(len(sets), len(sets) if complete else None, True, complete, MOST_SETS))


def _evidence(decision: Decision, what: Pair | str) -> tuple[Evidence, ...]:
    if isinstance(what, str):
        return (Evidence(what, "complete", f"No further {what}", "", "yes", Origin.STATED),)
    return decision.evidence([what])
