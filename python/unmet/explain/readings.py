"""Whether a reading matters: the choices of readings under which the verdict of a line differs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from math import prod

from unmet.determine.decision import VERDICTS, Decision
from unmet.explanation import ReadingEffect
from unmet.facts.terms import chosen_symbol, outcome
from unmet.results import Silence, Verdict
from unmet.solver import Core

MOST_CHOICES = 512
"""Up to how many choices of readings are tried together where none matters by itself."""


def other_readings(decision: Decision, silence: Silence) -> tuple[ReadingEffect, ...]:
    """The choices that change the verdict: each by itself, else the smallest joint ones; none where no reading can.

    That none can is a proof over all choices at once: with the readings left open, the outcome is still one.
    """
    if sum(decision.program.satisfiable([*decision.of_case, (outcome(name), True)]) for name in VERDICTS) == 1:
        return ()
    readings, verdict = decision.policy.readings, _Verdict(decision, silence)
    now = verdict({})
    few = prod(len(r.options) for r in readings.values()) <= MOST_CHOICES
    for size in range(1, len(readings) + 1 if few else 2):
        found = [ReadingEffect(c, v) for c in _choices(decision, size) if (v := verdict(c)) is not now]
        if found:
            return tuple(found)
    return ()


def _choices(decision: Decision, size: int) -> Iterator[dict[str, str]]:
    """The choices that differ from the case's in so many readings."""
    others = {n: [o for o in r.options if o != decision.chosen[n]] for n, r in decision.policy.readings.items()}
    for names in combinations(others, size):
        for options in product(*(others[n] for n in names)):
            yield dict(zip(names, options, strict=True))


class _Verdict:
    """The verdict of a line under changed readings; what the case says is the same under all of them."""

    def __init__(self, decision: Decision, silence: Silence) -> None:
        self._chosen, self._silence = decision.chosen, silence
        options = [(n, o) for n, r in decision.policy.readings.items() for o in r.options]
        self._place = {option: i for i, option in enumerate(options)}
        groups = [[(chosen_symbol(*option), True)] for option in options]
        groups += [[(outcome(name), True)] for name in VERDICTS]
        self._core = Core(decision.program, decision.of_case, groups)

    def __call__(self, changed: dict[str, str]) -> Verdict:
        chosen = [self._place[option] for option in {**self._chosen, **changed}.items()]
        first = len(self._place)
        possible = [v for i, v in enumerate(VERDICTS.values()) if self._core.satisfiable([*chosen, first + i])]
        if len(possible) == 1:
            return possible[0]
        return Verdict.DENIED if self._silence is Silence.CLOSED else Verdict.PENDED
