"""Whether a reading matters: the choices of readings under which the verdict of a line differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby, product
from math import prod

from unmet.determine.decision import VERDICTS, Decision
from unmet.explanation import ReadingEffect
from unmet.facts.terms import chosen_symbol, outcome
from unmet.results import Silence, Verdict
from unmet.solver import Core, collect_sets

MOST_CHOICES, MOST_SETS, MOST_QUESTIONS = 512, 256, 1_000
"""Up to how many choices of readings are tried together where none settles a pended line by itself; how many minimal
sets of readings are looked for otherwise, with how many questions to the solver."""

Names = tuple[str, ...]
"""Some readings."""


def other_readings(decision: Decision, silence: Silence) -> tuple[tuple[ReadingEffect, ...], bool]:
    """The choices that change the verdict: each by itself, else the smallest joint ones; and whether these are all.

    That none can is a proof over all choices at once: with the readings left open, the outcome is still one.
    """
    possible = [name for name in VERDICTS if decision.program.satisfiable([*decision.of_case, (outcome(name), True)])]
    if len(possible) == 1:
        return (), True
    verdict = _Verdict(decision, silence)
    now = verdict({})
    names, complete = _settling(decision) if now is Verdict.PENDED or verdict.pends else _unsettling(decision, now)
    for _, same_size in groupby(names, len):
        choices = (choice for some in same_size for choice in _choices(decision, some))
        found = [ReadingEffect(choice, v) for choice in choices if (v := verdict(choice)) is not now]
        if found:
            return tuple(found), complete
    return (), complete


def _settling(decision: Decision) -> tuple[Iterable[Names], bool]:
    """Sets of readings of which some choice may settle a pended line, smaller ones first, and whether these are all."""
    readings = decision.policy.readings
    few = prod(len(r.options) for r in readings.values()) <= MOST_CHOICES
    sizes = range(1, len(readings) + 1 if few else 2)
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


def _choices(decision: Decision, names: Names) -> Iterator[dict[str, str]]:
    """The choices that differ from the case's in just these readings."""
    others = {n: [o for o in decision.policy.readings[n].options if o != decision.chosen[n]] for n in names}
    for options in product(*others.values()):
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
        possible = self._possible(changed)
        if len(possible) == 1:
            return possible[0]
        return Verdict.DENIED if self._silence is Silence.CLOSED else Verdict.PENDED

    @property
    def pends(self) -> bool:
        """Whether the documents could still decide the line as it is."""
        return len(self._possible({})) > 1

    def _possible(self, changed: dict[str, str]) -> list[Verdict]:
        chosen = [self._place[option] for option in {**self._chosen, **changed}.items()]
        first = len(self._place)
        return [v for i, v in enumerate(VERDICTS.values()) if self._core.satisfiable([*chosen, first + i])]
