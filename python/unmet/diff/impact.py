"""What a change does to cases: every line as `unmet determine` answers it by the one side and by the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unmet.case import Case
from unmet.comparison import Answer, Flip, Impact
from unmet.determine import apart
from unmet.determine.lines import DecidedLine
from unmet.determine.request import because, decide
from unmet.diff.judge import Judge
from unmet.knowledge import Knowledge
from unmet.results import Silence, Verdict
from unmet.vocabulary import LEVEL


@dataclass(frozen=True)
class _Answered:
    """A line by one side: whether the policy governs it, its verdict by level (or None), and what is judged apart.

    `cause` is the code of why it has its verdict, where that is not for its criteria alone.
    """

    governed: bool
    verdicts: Mapping[str | None, Verdict]
    cause: str | None
    apart: Mapping[Answer, str | None]

    def verdict(self, level: str | None) -> Verdict:
        """The verdict at a level: that of the line, where it is decided as a whole."""
        return self.verdicts.get(level, next(iter(self.verdicts.values())))


def impact(old: Judge, new: Judge, cases: tuple[Case, ...]) -> Impact:
    """The lines of cases that the policy governs on either side, whatever their date, and all that flip."""
    before, after = old.everywhere(), new.everywhere()
    lines, flips = 0, list[Flip]()
    for case in cases:
        answered = [dict(_answers(k, case, judge)) for k, judge in ((before, old), (after, new))]
        for name, first in answered[0].items():
            second = answered[1][name]
            found = [Flip(case.name, name, *flip) for flip in _flips(first, second)]
            lines += first.governed or second.governed or bool(found)
            flips += found
    return Impact(len(cases), lines, tuple(flips))


def _flips(old: _Answered, new: _Answered) -> Iterator[tuple[str | None, Answer, str | None, str | None]]:
    """What the sides answer otherwise, with the level where that is of one."""
    levels = [level for level in {**old.verdicts, **new.verdicts} if level is not None]
    verdicts = [(level, old.verdict(level), new.verdict(level)) for level in levels or (None,)]
    flipped = [(level, Answer.VERDICT, before, after) for level, before, after in verdicts if before is not after]
    yield from flipped
    if not flipped and old.cause != new.cause:
        yield None, Answer.CAUSE, old.cause, new.cause
    for answer, value in old.apart.items():
        if value != new.apart[answer]:
            yield None, answer, value, new.apart[answer]


def _answers(knowledge: Knowledge, case: Case, judge: Judge) -> Iterator[tuple[str, _Answered]]:
    """Every line of a case by the side's own knowledge base and readings."""
    related, lines = decide(knowledge, case, Silence.OPEN, judge.readings)
    for line in lines:
        name = line.scene.line.name
        governed = line.policy is not None and line.policy.name == judge.policy.name
        cause = line.cause(because(name, line, related))
        verdicts = dict(_verdicts(line, related.decided[name]))
        yield name, _Answered(governed, verdicts, cause.code if cause else None, _apart(knowledge, line))


def _verdicts(line: DecidedLine, decided: Verdict) -> Iterator[tuple[str | None, Verdict]]:
    """The verdict of each level where its policy says so; that of the line, where not its levels decide it."""
    levels = line.scene.line.levels if line.policy is not None and line.policy.per == LEVEL else ()
    if not levels:
        yield None, decided
        return
    own = line.governed[1] is None and decided is line.verdict
    for level, verdict in zip(levels, line.verdicts, strict=True):
        yield level, verdict if own else decided


def _apart(knowledge: Knowledge, line: DecidedLine) -> dict[Answer, str | None]:
    """What is judged apart from necessity; None where nothing is said of it."""
    if line.policy is None:
        return dict.fromkeys((Answer.LEVEL_OF_CARE, Answer.DAYS, Answer.POPULATION))
    care = apart.level_of_care(line.policy, line.scene, knowledge.vocabulary)
    population = apart.population(line.policy, line.scene, knowledge.vocabulary)
    return {
        Answer.LEVEL_OF_CARE: care.status if care else None,
        Answer.DAYS: care.days.status if care and care.days else None,
        Answer.POPULATION: population.status if population else None,
    }
