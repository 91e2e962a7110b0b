"""Cases that show what is answered otherwise because of what the sides declare beside their criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

from unmet.case import NOT_SAID
from unmet.casewriter import Draft, case_data
from unmet.comparison import Affected, Declared
from unmet.diff.declared import Declarations, Kind
from unmet.diff.judge import Judge
from unmet.diff.worlds import LINE, Differences
from unmet.results import LineDetermination
from unmet.witness import least_draft

STAY = "stay"
"""The name of the line of a case that asks for a stay."""

Lines = tuple[Mapping[str, str], ...]
"""What is asked for: of each line its own name, its code or policy, and its date."""


def changed_declarations(found: Differences) -> Iterator[Declared]:
    """What the sides declare otherwise, and a case for each kind of line that is answered otherwise because of it."""
    sides = found.old, found.new
    declarations = Declarations(*sides)
    for name, before, after in declarations.changed():
        old, new = (str(span) if (span := judge.policy.places.get(name)) else None for judge in sides)
        affected = tuple(_Cases(found, kind).affected() for kind in declarations.kinds(name))
        yield Declared(name, before, after, old, new, affected)


@dataclass(frozen=True)
class _Cases:
    """The cases that ask for a kind of line, by either side, and how it is answered."""

    found: Differences
    kind: Kind

    @property
    def _sides(self) -> tuple[Judge, Judge]:
        return self.found.old, self.found.new

    def affected(self) -> Affected:
        """The kind of line with the first case that shows it; or why there is none."""
        requests = list(self._requests())
        for draft in self.found.drafts() if requests else ():
            for asked in requests:
                if self._differs(asked, draft):
                    return self._shown(asked, least_draft(draft, partial(self._differs, asked)))
        if not requests:
            number = "exactly one" if self.kind.beside else "no"
            why = f"no case shows it, because on no day of each side {number} other policy in force covers the code"
        else:
            why = "none of the cases that were tried shows it"
        return Affected(f"{self.kind.sentence}; {why}", self._line, None, None, None, None, False)

    def _shown(self, asked: tuple[Lines, Lines], draft: Draft) -> Affected:
        told = self._told(asked, draft)
        assert told is not None, "the case shows it"
        cases = [
            {**self._case(judge, lines, draft), "expect": judge.expecting(self._line, answer)}
            for judge, lines, answer in zip(self._sides, asked, told, strict=True)
        ]
        # without any finding it was tried, and other records are all else that a case can say
        exact = len(draft.values) <= (0 if self.found.copies.domain.slots else 1)
        return Affected(self.kind.sentence, self._line, *told, cases[0], cases[1], exact)

    @property
    def _line(self) -> str:
        return STAY if self.kind.of_stay else LINE

    # -- what is asked for ------------------------------------------------------------------------------------

    def _requests(self) -> Iterator[tuple[Lines, Lines]]:
        """The lines by the old side and by the new, which differ in the day."""
        coding = self.found.old.knowledge.coding
        for stay in sorted(coding.stays) if self.kind.of_stay else (None,):
            old, new = ([self._lines(judge, day, stay) for day in self._days(judge, stay)] for judge in self._sides)
            yield from product(old, new)

    def _lines(self, judge: Judge, day: str, stay: str | None) -> Lines:
        asked = {"policy": judge.policy.name} if self.kind.code is None else {"code": self.kind.code}
        line = {"line": LINE, **asked, "date_of_service": day}
        return (line,) if stay is None else (line, {"line": STAY, "policy": stay, "date_of_service": day})

    def _days(self, judge: Judge, stay: str | None) -> Iterator[str]:
        """Days on which the side is in force and as many other policies cover the code as there should be.

        One for each time that the versions in force are others.
        """
        knowledge, own, code = judge.knowledge, judge.policy, self.kind.code
        others = judge.others(code) if code else ()
        begins = (p.effective for name in (*others, stay) if name for p in knowledge.versions(name))
        for day in sorted({own.effective, *begins}):
            in_force = knowledge.in_force(own.name, day)
            versions = (knowledge.in_force(name, day) for name in others)
            beside = sum(version is not None and code in version.covers for version in versions)
            if in_force is not None and in_force.effective == own.effective and beside == self.kind.beside:
                yield day

    def _case(self, judge: Judge, lines: Lines, draft: Draft) -> dict[str, Any]:
        sentence = self.kind.sentence
        stating = replace(draft, values={**draft.values, **self.kind.states})
        return case_data(judge.knowledge.vocabulary, stating, lines, sentence[0].upper() + sentence[1:])

    # -- what is answered -------------------------------------------------------------------------------------

    def _differs(self, asked: tuple[Lines, Lines], draft: Draft) -> bool:
        return self._told(asked, draft) is not None

    def _told(self, asked: tuple[Lines, Lines], draft: Draft) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """What the sides answer otherwise, as a case file expects it; None where they do not."""
        answers = []
        for judge, lines in zip(self._sides, asked, strict=True):
            found = judge.answered(self._case(judge, lines, draft), self._line)
            if found is None:
                return None
            answers.append(said(*found))
        old, new = answers
        unlike = [name for name in self.kind.answers if old[name] != new[name]]
        return (_expected(old, unlike), _expected(new, unlike)) if unlike else None


def said(line: LineDetermination, levels: Iterable[str]) -> dict[str, Any]:
    """What is answered of a line that names these levels, by the names of an expectation; None where nothing is."""
    care, verdicts = line.level_of_care, {level.level: level.verdict.value for level in line.levels}
    return {
        "verdict": line.verdict.value,
        "cause": line.cause.code if line.cause else None,
        "level_of_care": care.status.value if care else None,
        "days": care.days.status.value if care and care.days else None,
        "population": line.population.status.value if line.population else None,
        "levels": {level: {"verdict": verdicts.get(level, NOT_SAID)} for level in levels},
    }


def _expected(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Some of an answer as a case file expects it; that nothing is said only where that is all."""
    found = {name: answer[name] for name in names if answer[name] is not None}
    return found or dict.fromkeys(names, NOT_SAID)
