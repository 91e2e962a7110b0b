"""Whether a reading matters: the choices of readings under which the verdict of a line differs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod

from unmet.determine.decision import Decision
from unmet.explanation import ReadingEffect
from unmet.facts.answers import outcomes_of
from unmet.results import Silence

MOST_CHOICES = 512
"""Up to how many choices of readings are tried together where none matters by itself."""


def other_readings(decision: Decision, silence: Silence) -> tuple[ReadingEffect, ...]:
    """The choices that change the verdict: each by itself, else the smallest joint ones; none where no reading can.

    That none can is a proof over all choices at once: with the readings left open, the outcome is still one.
    """
    free = decision.program.consequences(decision.of_case)
    if free is not None and len(outcomes_of(free.possible)) == 1:
        return ()
    readings = decision.policy.readings
    alone = [{n: o} for n, r in readings.items() for o in r.options if o != decision.chosen[n]]
    found = [e for choice in alone if (e := _effect(decision, choice, silence))]
    if found or prod(len(r.options) for r in readings.values()) > MOST_CHOICES:
        return tuple(found)
    for options in product(*(r.options for r in readings.values())):
        changed = {n: o for n, o in zip(readings, options, strict=True) if o != decision.chosen[n]}
        if len(changed) > 1 and (effect := _effect(decision, changed, silence)):
            found.append(effect)
    least = min((len(e.readings) for e in found), default=0)
    return tuple(e for e in found if len(e.readings) == least)


def _effect(decision: Decision, choice: dict[str, str], silence: Silence) -> ReadingEffect | None:
    """The verdict under a choice, None where it is the same."""
    other = replace(decision, chosen={**decision.chosen, **choice})
    verdict = other.verdict(silence)
    return None if verdict is decision.verdict(silence) else ReadingEffect(choice, verdict)
