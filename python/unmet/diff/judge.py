"""A side of a comparison: which version judges, under which readings, and in which knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from unmet.case import Scene
from unmet.comparison import Side
from unmet.determine import Decision, determine
from unmet.directory import read_version
from unmet.errors import CaseError, RequestError
from unmet.knowledge import Knowledge
from unmet.policy import NECESSARY, REFERRAL, Outline, Policy
from unmet.results import LineDetermination, Silence, Status, Verdict
from unmet.sides import read_side
from unmet.sources import PolicySource
from unmet.vocabulary import LEVEL

EVER = "0001-01-01"
"""A date on which every version is in force that bears it."""


@dataclass(frozen=True)
class Judge:
    """One side: a version under a choice of readings, in the knowledge base by which its cases replay.

    `is_draft` says that it was read from a file beside the knowledge base.
    """

    knowledge: Knowledge
    source: PolicySource
    chosen: Mapping[str, str]
    is_draft: bool = False

    @property
    def policy(self) -> Policy:
        """The version."""
        return self.source.policy

    @property
    def outline(self) -> Outline:
        """The tree of its criteria in use."""
        return self.policy.outline(self.chosen)

    @property
    def readings(self) -> dict[str, str]:
        """The choice of readings for a run over all policies."""
        return {f"{self.policy.name}.{name}": option for name, option in self.chosen.items()}

    def side(self) -> Side:
        """What the report says of it."""
        return Side.of(self.policy, self.chosen, is_draft=self.is_draft)

    def everywhere(self) -> Knowledge:
        """The knowledge base in which this version alone of its policy is in force, on every day."""
        return self.knowledge.with_version(replace(self.source, policy=replace(self.policy, effective=EVER)))

    def verdict(self, data: Mapping[str, object]) -> Verdict | None:
        """The verdict of the only line of a case on the criteria; None where the case does not load."""
        try:
            case = self.knowledge.case(data)
        except CaseError:
            return None
        scene: Scene = case.scenes[0]
        level = scene.line.levels[0] if self.policy.per == LEVEL and scene.line.levels else None
        return Decision(self.knowledge, self.policy, scene.at(level), self.chosen).verdict(Silence.OPEN)

    def answered(self, data: Mapping[str, object], name: str) -> tuple[LineDetermination, tuple[str, ...]] | None:
        """The answer of a line of a case, and the levels that it names; None where the case does not load."""
        try:
            case = self.knowledge.case(data)
        except CaseError:
            return None
        lines = determine(self.knowledge, case, Silence.OPEN, self.readings).lines
        return next((line, own.levels) for line, own in zip(lines, case.lines, strict=True) if line.line == name)

    def expecting(self, line: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """What a case file expects of one line under the side's readings."""
        return ({"readings": self.readings} if self.chosen else {}) | {"lines": {line: dict(answer)}}

    def decided(self, verdict: Verdict) -> dict[str, Any]:
        """What a case file expects of a line that has a verdict on the criteria.

        Of a stay the roots: alone in a request it serves nothing and is moot.
        """
        if self.policy.name not in self.knowledge.coding.stays:
            return {"verdict": verdict.value}
        if verdict is Verdict.REFERRED:
            return {"criteria": {REFERRAL: Status.MET.value}}
        roots = {NECESSARY: Status.MET if verdict is Verdict.APPROVED else Status.UNMET, REFERRAL: Status.UNMET}
        return {"criteria": {n: status.value for n, status in roots.items() if n in self.outline.criteria}}

    def others(self, code: str) -> tuple[str, ...]:
        """The other policies that cover a code in any version."""
        return tuple(name for name in self.knowledge.covering(code) if name != self.policy.name)


def read_judge(knowledge: Knowledge, name: str, spec: str) -> Judge:
    """A side as it is called on the command line: a file or a version of the policy, and readings (`unmet.sides`).

    Raises:
        RequestError: there is no such version, reading or option, or the file is of another policy.
        KnowledgeError: the file does not load.
    """
    parts = [spec] if Path(spec).is_file() else spec.split(",")
    files = [part for part in parts if Path(part).is_file()]
    rest = ",".join(part for part in parts if part not in files)
    day, readings = read_side(rest, ", nor a file") if rest or not files else (None, {})
    if not files:
        policy = knowledge.version(name, day)
        knowledge.check_readings(readings, policy)
        return Judge(knowledge, knowledge.source(policy), knowledge.chosen(policy, readings))
    if len(files) > 1 or day is not None:
        raise RequestError(f"`{spec}` names two versions", "a file is one by itself, with readings at most")
    source = read_version(knowledge, Path(files[0]))
    policy = source.policy
    if policy.name != name:
        raise RequestError(f"`{files[0]}` holds `{policy.name}`, not `{name}`")
    holding = knowledge.holding(source)
    holding.check_readings(readings, policy)
    return Judge(holding, source, holding.chosen(policy, readings), is_draft=True)
