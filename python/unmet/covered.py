"""What cases cover of the policies: per criterion, which of its goals some case reaches.

Plain frozen data. `unmet.coverage` makes it, docs/case-files.md says what the goals mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from unmet.results import Kind


class Goal(StrEnum):
    """What cases can show of a criterion: each status, and that a verdict depends on it."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    DECISIVE = "decisive"


class State(StrEnum):
    """Whether a case shows it, none does, or none can."""

    SEEN = "seen"
    MISSING = "missing"
    UNREACHABLE = "unreachable"


class Why(StrEnum):
    """Why a goal is missing, or cannot be reached."""

    NO_CASE = "no_case"
    ONLY_UNKNOWN = "only_unknown"
    OTHERWISE = "otherwise"
    NEVER_MET = "never_met"
    ALWAYS_MET = "always_met"
    ALWAYS_SETTLED = "always_settled"
    NEVER_DECISIVE = "never_decisive"


WHY = {
    Why.NO_CASE: "no line of these cases is decided with it",
    Why.ONLY_UNKNOWN: "it is unknown in every case",
    Why.OTHERWISE: "cases show it, never so",
    Why.NEVER_MET: "no world meets it",
    Why.ALWAYS_MET: "every world meets it",
    Why.ALWAYS_SETTLED: "what a case states always settles it",
    Why.NEVER_DECISIVE: "no world's outcome depends on it",
}
"""The sentence for each of them."""


@dataclass(frozen=True, slots=True)
class GoalCoverage:
    """One goal of a criterion; `case` names the first case (and its line, and level) that shows it."""

    goal: Goal
    state: State
    case: str | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class CriterionCoverage:
    """One criterion, in the order of the policy's tree under all readings; `parent` is None for a root."""

    criterion: str
    text: str
    citation: str
    place: str
    kind: Kind
    parent: str | None
    negated: bool
    goals: tuple[GoalCoverage, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How many goals are seen, of those that can be reached."""

    seen: int
    reachable: int

    @property
    def percent(self) -> float:
        """With one decimal, never rounded up: 99.96 is 99.9."""
        return self.seen * 1000 // self.reachable / 10 if self.reachable else 100.0

    def reaches(self, percent: Decimal) -> bool:
        """Whether the exact share is at least so many percent."""
        return self.seen * 100 >= percent * self.reachable

    @classmethod
    def of(cls, goals: Iterable[GoalCoverage]) -> Share:
        """The share of some goals."""
        counted = [g.state for g in goals if g.state is not State.UNREACHABLE]
        return cls(counted.count(State.SEEN), len(counted))


@dataclass(frozen=True, slots=True)
class PolicyCoverage:
    """One version of one policy; `decided` counts the lines, levels and runs that it decides."""

    policy: str
    title: str
    version: str
    effective: str
    decided: int
    share: Share
    criteria: tuple[CriterionCoverage, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What cases cover of the versions of some policies."""

    share: Share
    policies: tuple[PolicyCoverage, ...]
