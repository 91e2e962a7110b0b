"""The cases of a suite: each is decided before it is kept, and expects what it is then known to show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from unmet.casewriter import case_data
from unmet.determine import Decision
from unmet.determine.request import answer, decide
from unmet.errors import CaseError, RequestError
from unmet.generate.groups import Group, Told
from unmet.generated import GeneratedCase, Purpose
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, REFERRAL, Policy
from unmet.results import LineDetermination, Silence, Status, Verdict
from unmet.solver import Program
from unmet.turning import Turning, overriding

LINE = "line"
"""The name of the only line of a case."""


@dataclass
class Files:
    """The cases made so far; those that state the same are one."""

    knowledge: Knowledge
    policy: Policy
    chosen: Mapping[str, str]
    _made: dict[str, GeneratedCase] = field(default_factory=dict)
    _programs: dict[tuple[tuple[str, int], ...], Program] = field(default_factory=dict)

    def cases(self) -> tuple[GeneratedCase, ...]:
        """All of them, in the order in which they were made."""
        return tuple(self._made.values())

    def add(self, group: Group) -> bool:
        """Keeps the cases of a group, if deciding them shows what they are for."""
        for cases in group.tries:
            for asked in self._lines():
                data = [*takewhile(bool, (self._data(told, asked) for told in cases))]
                if len(data) == len(cases):
                    for told, each in zip(cases, data, strict=True):
                        self._keep(Purpose(group.aim, group.subject, told.sentence), told, each)
                    return True
        return False

    def _keep(self, purpose: Purpose, told: Told, data: dict[str, Any]) -> None:
        key = json.dumps({k: v for k, v in data.items() if k not in ("title", "expect")}, sort_keys=True)
        verdict = _verdict(data)
        if made := self._made.get(key):
            if criteria := data["expect"]["lines"][LINE].get("criteria"):
                made.data["expect"]["lines"][LINE].setdefault("criteria", {}).update(criteria)
            self._made[key] = GeneratedCase(made.file, (*made.purposes, purpose), made.verdict, made.data)
            return
        names = {each.file for each in self._made.values()}
        stem = f"{verdict}_{told.name}"
        file = next(f for f in _numbered(stem) if f not in names)
        self._made[key] = GeneratedCase(file, (purpose,), verdict, data)

    # -- one case -----------------------------------------------------------------------------------------------

    def _data(self, told: Told, asked: Mapping[str, str]) -> dict[str, Any]:
        """The case as data with what it expects; empty where deciding it does not show what it is for."""
        title = told.sentence[0].upper() + told.sentence[1:]
        data = case_data(self.knowledge.vocabulary, told.draft, [{**asked}], title)
        try:
            case = self.knowledge.case(data)
            related, lines = decide(self.knowledge, case, Silence.OPEN, self._readings)
        except (CaseError, RequestError):
            return {}
        (line,) = answer(case, Silence.OPEN, related, lines).lines
        if line.policy != self.policy.name or (line.verdict is not line.on_criteria and "policy" not in asked):
            return {}
        (unit,) = lines[0].units
        return {**data, "expect": self._expect(told, line)} if self._shows(told, line, unit) else {}

    def _lines(self) -> Iterator[dict[str, str]]:
        """The ways to ask for what the policy covers: by a code that stands for itself, else by its name."""
        date = {"date_of_service": self.policy.effective}
        coding = self.knowledge.coding
        for code in self.policy.covers:
            if code not in {*self.policy.unlisted, *coding.add_ons, *coding.incidental}:
                yield {"line": LINE, "code": code, **date}
        yield {"line": LINE, "policy": self.policy.name, **date}

    @property
    def _readings(self) -> dict[str, str]:
        defaults = self.policy.defaults
        return {f"{self.policy.name}.{n}": o for n, o in self.chosen.items() if defaults[n] != o}

    def _shows(self, told: Told, line: LineDetermination, unit: Decision) -> bool:
        statuses = _statuses(line)
        if told.verdict is not None and line.on_criteria is not told.verdict:
            return False
        if any(statuses.get(name) is not status for name, status in told.statuses.items()):
            return False
        if told.turns_on is None:
            return True
        return Turning(self._program(unit), unit).changes_verdict(told.turns_on)

    def _program(self, unit: Decision) -> Program:
        key = tuple(sorted(unit.situation.domain.slots.items()))
        if key not in self._programs:
            self._programs[key] = overriding(self.knowledge, self.policy, unit.situation.domain)
        return self._programs[key]

    def _expect(self, told: Told, line: LineDetermination) -> dict[str, Any]:
        """What the case is known to show; where other lines decide, also how it stands on the policy's own criteria."""
        statuses = _statuses(line)
        roots = (n for n in (NECESSARY, REFERRAL) if n in statuses and line.verdict is not line.on_criteria)
        criteria = {name: statuses[name].value for name in dict.fromkeys([*told.statuses, *roots])}
        expected: dict[str, Any] = {"verdict": line.verdict.value}
        readings = {"readings": self._readings} if self._readings else {}
        return {**readings, "lines": {LINE: expected | ({"criteria": criteria} if criteria else {})}}


def _statuses(line: LineDetermination) -> dict[str, Status]:
    """The status of each criterion of a line of one unit."""
    criteria: Sequence[Any] = line.levels[0].criteria if line.levels else line.criteria
    return {c.criterion: c.status for c in criteria}


def _verdict(data: Mapping[str, Any]) -> Verdict:
    return Verdict(data["expect"]["lines"][LINE]["verdict"])


def _numbered(stem: str) -> Iterator[str]:
    """`stem.yaml`, `stem_2.yaml` ..."""
    yield f"{stem}.yaml"
    number = 2
    while True:
        yield f"{stem}_{number}.yaml"
        number += 1
