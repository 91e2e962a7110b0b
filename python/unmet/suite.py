"""Case files as tests: every expectation held against the answer."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from unmet.case import Case, Expectation, ExpectedLine
from unmet.determine import determine
from unmet.knowledge import Knowledge
from unmet.results import LineDetermination, Mismatch


def mismatches(knowledge: Knowledge, case: Case) -> Iterator[Mismatch]:
    """What the expectations of a case say and the answer does not."""
    for expectation in case.expectations:
        answer = determine(knowledge, case, expectation.silence, expectation.readings)
        lines = {line.line: line for line in answer.lines}
        yield from _differ(case, expectation, "outcome", expectation.outcome, answer.request.outcome)
        for name, expected in expectation.lines.items():
            yield from _line(case, expectation, expected, lines[name])


def _line(case: Case, expectation: Expectation, expected: ExpectedLine, line: LineDetermination) -> Iterator[Mismatch]:
    at = f"lines.{line.line}"
    yield from _differ(case, expectation, f"{at}.verdict", expected.verdict, line.verdict)
    care = line.level_of_care.status if line.level_of_care else None
    yield from _differ(case, expectation, f"{at}.level_of_care", expected.level_of_care, care)
    population = line.population.status if line.population else None
    yield from _differ(case, expectation, f"{at}.population", expected.population, population)
    yield from _differ(case, expectation, f"{at}.cause", expected.cause, line.cause.code if line.cause else None)
    statuses = {c.criterion: c.status for c in line.criteria}
    for name, status in expected.criteria.items():
        yield from _differ(case, expectation, f"{at}.criteria.{name}", status, statuses.get(name))


def _differ(
    case: Case, expectation: Expectation, path: str, expected: StrEnum | str | None, actual: StrEnum | str | None
) -> Iterator[Mismatch]:
    if expected is not None and expected != actual:
        place = ".".join(map(str, (*expectation.place, path)))
        yield Mismatch(case.name, str(expectation.span), place, str(expected), str(actual) if actual else "not there")
