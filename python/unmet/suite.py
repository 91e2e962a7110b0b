"""Case files as tests: every expectation held against the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unmet.case import NOT_SAID, Case, Expectation, ExpectedLine
from unmet.determine import determine
from unmet.diagnostics import Diagnostic
from unmet.errors import CaseError
from unmet.knowledge import Knowledge
from unmet.results import CriterionStatus, LineDetermination, Mismatch, Status


@dataclass(frozen=True)
class CheckedExpectation:
    """One expectation of a case file: its place there (`file:line:column`), and what the answer does not hold."""

    place: str
    path: str
    failed: tuple[Mismatch, ...]


@dataclass(frozen=True)
class CheckedFile:
    """One case file: the case and its expectations, or why it does not load."""

    file: Path
    case: Case | None
    expectations: tuple[CheckedExpectation, ...] = ()
    broken: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class SuiteRun:
    """A run over case files, in order."""

    files: tuple[CheckedFile, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that loaded."""
        return tuple(f.case for f in self.files if f.case is not None)

    @property
    def expectations(self) -> tuple[CheckedExpectation, ...]:
        """Every expectation of them."""
        return tuple(e for f in self.files for e in f.expectations)

    @property
    def failed(self) -> tuple[Mismatch, ...]:
        """What the answers do not hold."""
        return tuple(m for e in self.expectations for m in e.failed)

    @property
    def broken(self) -> tuple[Diagnostic, ...]:
        """The problems of the files that do not load."""
        return tuple(d for f in self.files for d in f.broken)


def run(knowledge: Knowledge, files: Iterable[Path]) -> SuiteRun:
    """Holds every expectation of case files against the answer."""
    return SuiteRun(tuple(_checked(knowledge, file) for file in files))


def _checked(knowledge: Knowledge, file: Path) -> CheckedFile:
    try:
        case = knowledge.read_case(file)
    except CaseError as error:
        return CheckedFile(file, None, broken=error.diagnostics)
    checked = (
        CheckedExpectation(str(e.span), ".".join(map(str, e.place)), tuple(_mismatches(knowledge, case, e)))
        for e in case.expectations
    )
    return CheckedFile(file, case, tuple(checked))


def mismatches(knowledge: Knowledge, case: Case) -> Iterator[Mismatch]:
    """What the expectations of a case say and the answer does not."""
    for expectation in case.expectations:
        yield from _mismatches(knowledge, case, expectation)


def _mismatches(knowledge: Knowledge, case: Case, expectation: Expectation) -> Iterator[Mismatch]:
    answer = determine(knowledge, case, expectation.silence, expectation.readings)
    compare = _Comparison(case, expectation)
    lines = {line.line: line for line in answer.lines}
    yield from compare.one("outcome", expectation.outcome, answer.request.outcome)
    for name, expected in expectation.lines.items():
        yield from compare.line(f"lines.{name}", expected, lines[name])


@dataclass(frozen=True)
class _Comparison:
    case: Case
    expectation: Expectation

    def line(self, at: str, expected: ExpectedLine, line: LineDetermination) -> Iterator[Mismatch]:
        care, population, cause = line.level_of_care, line.population, line.cause
        yield from self.one(f"{at}.verdict", expected.verdict, line.verdict)
        yield from self.one(f"{at}.level_of_care", expected.level_of_care, care.status if care else None)
        yield from self.one(f"{at}.days", expected.days, care.days.status if care and care.days else None)
        yield from self.one(f"{at}.population", expected.population, population.status if population else None)
        yield from self.one(f"{at}.cause", expected.cause, cause.code if cause else None)
        only = line.levels[0].criteria if len(line.levels) == 1 else line.criteria
        yield from self.criteria(at, expected.criteria, only)
        levels = {level.level: level for level in line.levels}
        for name, wanted in expected.levels.items():
            found = levels.get(name)
            yield from self.one(f"{at}.levels.{name}.verdict", wanted.verdict, found.verdict if found else None)
            yield from self.criteria(f"{at}.levels.{name}", wanted.criteria, found.criteria if found else ())

    def criteria(self, at: str, expected: Mapping[str, Status], found: Iterable[CriterionStatus]) -> Iterator[Mismatch]:
        statuses = {c.criterion: c.status for c in found}
        for name, status in expected.items():
            yield from self.one(f"{at}.criteria.{name}", status, statuses.get(name))

    def one(self, path: str, expected: str | None, actual: str | None) -> Iterator[Mismatch]:
        if expected is not None and expected != (actual or NOT_SAID):
            place = ".".join(map(str, (*self.expectation.place, path)))
            span = str(self.expectation.span)
            yield Mismatch(self.case.name, span, place, str(expected), str(actual) if actual else "not there")
