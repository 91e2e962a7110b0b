"""Whether a reading matters: the choices of readings under which the verdict of a line differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby, islice, product
from math import prod
from typing import TYPE_CHECKING

from unmet.determine.decision import VERDICTS, Decision
from unmet.explanation import ReadingEffect
from unmet.facts.terms import chosen_symbol, outcome
from unmet.results import Silence, Verdict
from unmet.solver import collect_sets

if TYPE_CHECKING:
    from unmet.circuits.cases import LaidCase

MOST_CHOICES, MOST_SETS, MOST_QUESTIONS = 512, 256, 1_000
"""Up to how many choices of readings are tried together where none settles a pended line by itself; how many minimal
sets of readings are looked for otherwise, with how many questions to the solver."""

Names = tuple[str, ...]
"""Some readings."""


def other_readings(decision: Decision, silence: Silence) -> tuple[tuple[ReadingEffect, ...], bool]:
    """The choices that change the verdict: each by itself, else the smallest joint ones; and whether these are all.

    That none can is a proof over all choices at once: with the readings left open, the outcome is still one.
    """
    verdict = _Verdict(decision, silence)
    if not verdict.may_change():
        return (), True
    if alone := list(_changing(verdict, ((name,) for name in decision.policy.readings))):
        return tuple(alone), True
    open_now = len(decision.worlds.outcomes) > 1
    names, complete = _settling(decision) if open_now else _unsettling(decision, verdict.now)
    for _, same_size in groupby(names, len):
        if found := list(_changing(verdict, same_size)):
            return tuple(found), complete
    return (), complete


def _changing(verdict: _Verdict, names: Iterable[Names]) -> Iterator[ReadingEffect]:
    """The choices of just these readings under which the verdict is another."""
    for some in names:
        for choice in verdict.choices(some):
            if (v := verdict(choice)) is not verdict.now:
                yield ReadingEffect(choice, v)


def _settling(decision: Decision) -> tuple[Iterable[Names], bool]:
    """Sets of readings of which some choice may settle a pended line, smaller ones first, and whether these are all."""
    readings = decision.policy.readings
    few = prod(len(r.options) for r in readings.values()) <= MOST_CHOICES
    sizes = range(2, len(readings) + 1 if few else 2)
    return (names for size in sizes for names in combinations(readings, size)), few


def _unsettling(decision: Decision, now: Verdict) -> tuple[Sequence[Names], bool]:
    """The minimal sets of readings of which some choice leaves another outcome than the settled one."""
    readings = list(decision.policy.readings)
    groups = [[(chosen_symbol(name, decision.chosen[name]), True)] for name in readings]
    (goal,) = (name for name, verdict in VERDICTS.items() if verdict is now)
    hard = [*decision.of_case, (outcome(goal), False)]
    found, complete = collect_sets(decision.program, hard, groups, MOST_SETS, MOST_QUESTIONS)
    sets = [tuple(readings[i] for i in f.members) for f in found if not f.conflict]
    return sorted(sets, key=lambda names: (len(names), [readings.index(n) for n in names])), complete


class _Verdict:
    """The verdict of a line under changed readings; what the case says is the same under all of them."""

    def __init__(self, decision: Decision, silence: Silence) -> None:
        self._decision, self._silence = decision, silence
        self._laid = decision.worlds.readings_open if decision.policy.readings else None
        self.now = self._of(decision.worlds.outcomes)

    def _of(self, outcomes: Sequence[str]) -> Verdict:
        if len(outcomes) == 1:
            return VERDICTS[outcomes[0]]
        return Verdict.DENIED if self._silence is Silence.CLOSED else Verdict.PENDED

    def may_change(self) -> bool:
        """Whether there is another outcome under some choice of all readings, or are several already."""
        if not self._decision.policy.readings:
            return False
        now = self._decision.worlds.outcomes
        if len(now) > 1:
            return True
        if self._laid is not None:
            return len(self._laid.outcomes()) > 1
        return any(self._possible(name, ()) for name in VERDICTS if name not in now)

    def choices(self, names: Names) -> Iterator[dict[str, str]]:
        """The choices that differ from the case's in just these readings."""
        decision = self._decision
        others = {n: [o for o in decision.policy.readings[n].options if o != decision.chosen[n]] for n in names}
        for options in product(*others.values()):
            yield dict(zip(names, options, strict=True))

    def __call__(self, changed: dict[str, str]) -> Verdict:
        """The verdict under other options of some readings: they choose among rules, and so leave a world."""
        chosen = {**self._decision.chosen, **changed}
        return self._of(self._asked(chosen) if self._laid is None else self._looked_up(self._laid, chosen))

    def _looked_up(self, laid: LaidCase, chosen: Mapping[str, str]) -> list[str]:
        """The outcomes under a choice of readings, by circuits."""
        options = self._decision.policy.options
        found = laid.under({name: options[name].index(option) for name, option in chosen.items()}).outcomes()
        return [name for i, name in enumerate(self._decision.worlds.prepared.legend.outcomes) if i in found]

    def _asked(self, chosen: Mapping[str, str]) -> list[str]:
        """The outcomes under a choice of readings, or two of them, by the solver."""
        decision, now = self._decision, self._decision.worlds.outcomes
        under = decision.worlds.prepared.literals.of_readings(chosen, decision.policy.options)
        *first, last = sorted(VERDICTS, key=now.__contains__)
        found = list(islice((name for name in first if self._possible(name, under)), 2))
        if not found or (len(found) == 1 and self._possible(last, under)):
            found.append(last)
        return found

    def _possible(self, name: str, under: Sequence[int]) -> bool:
        program = self._decision.program
        return program.has_world([*under, *self._decision.worlds.said, program.literal(outcome(name))])
