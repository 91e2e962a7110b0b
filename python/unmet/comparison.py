"""What a comparison of two versions, files or readings of a policy found. Plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from unmet.results import Verdict

if TYPE_CHECKING:
    from unmet.policy import Policy


class Relation(StrEnum):
    """How the worlds with one outcome under the new side stand to those under the old."""

    EQUIVALENT = "equivalent"
    STRICTER = "stricter"
    LOOSER = "looser"
    INCOMPARABLE = "incomparable"


class Change(StrEnum):
    """What changed of a criterion."""

    ADDED = "added"
    REMOVED = "removed"
    TEXT = "text"
    CITATION = "citation"
    STRUCTURE = "structure"
    THRESHOLDS = "thresholds"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a version of a policy under a choice of its readings."""

    policy: str
    version: str
    effective: str
    file: str
    readings: dict[str, str]

    @classmethod
    def of(cls, policy: Policy, chosen: Mapping[str, str]) -> Side:
        """A version with an option for each of its readings."""
        return cls(policy.name, policy.version, policy.effective, str(policy.path), dict(chosen))


@dataclass(frozen=True, slots=True)
class CriterionText:
    """A criterion on one side: in words, where the document and where the file states it, and its rules."""

    text: str
    citation: str
    place: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """A criterion that is not the same on both sides; `old` or `new` is None where that side has none."""

    criterion: str
    changes: tuple[Change, ...]
    old: CriterionText | None
    new: CriterionText | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A way in which the sides differ, with a case that shows it.

    `criteria` are those in which the difference begins: only one side meets them, and it owes that to none below.
    `old_case` and `new_case` state the same and differ in the date of service at most; no statement of theirs can be
    left out. Both are None where no case shows it by itself, because it rests on a value that no record may state.
    `exact` says that no case that shows it states fewer findings; else the search for one came to its bound.
    """

    old: Verdict
    new: Verdict
    criteria: tuple[str, ...]
    old_case: dict[str, Any] | None
    new_case: dict[str, Any] | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Flip:
    """A line (or level) of a case that the two sides decide otherwise."""

    case: str
    line: str
    level: str | None
    old: Verdict
    new: Verdict


@dataclass(frozen=True, slots=True)
class Impact:
    """What the change does to a number of cases: the lines that the policy decides, and those that flip."""

    cases: int
    lines: int
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides over all worlds; `records` says how many records of each listed kind a world has at most."""

    old: Side
    new: Side
    approval: Relation
    denial: Relation
    referral: Relation
    records: dict[str, int]
    changes: tuple[CriterionChange, ...]
    differences: tuple[Difference, ...]
    impact: Impact | None

    @property
    def is_equivalent(self) -> bool:
        """Whether every world has the same outcome on both sides."""
        return all(r is Relation.EQUIVALENT for r in (self.approval, self.denial, self.referral))
