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


class Answer(StrEnum):
    """What is answered of a line: on the criteria and by the request's rules, or apart from necessity.

    A cause flips where the verdict is the same, and is so for another cause.
    """

    VERDICT = "verdict"
    CAUSE = "cause"
    LEVEL_OF_CARE = "level_of_care"
    DAYS = "days"
    POPULATION = "population"


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a version of a policy under a choice of its readings; a draft is a file beside the knowledge base."""

    policy: str
    version: str
    effective: str
    file: str
    readings: dict[str, str]
    is_draft: bool = False

    @classmethod
    def of(cls, policy: Policy, chosen: Mapping[str, str], *, is_draft: bool = False) -> Side:
        """A version with an option for each of its readings."""
        return cls(policy.name, policy.version, policy.effective, str(policy.path), dict(chosen), is_draft)


@dataclass(frozen=True, slots=True)
class Affected:
    """A kind of line that is answered otherwise, in a sentence, with a case that shows it.

    `old` and `new` are what the sides answer of the `line` of the case, as a case file expects it. `old_case` and
    `new_case` state the same and differ in the date of service at most, and in what they expect; no statement of
    theirs can be left out. All four are None where there is no such case; the sentence then says why. `exact` says
    that no case that shows it states fewer findings.
    """

    sentence: str
    line: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    old_case: dict[str, Any] | None
    new_case: dict[str, Any] | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sides declare otherwise beside their criteria, under the name of the statement.

    `old` and `new` are its values, none where a side does not state it; a place is that of the first. `lines` are the
    kinds of lines that are answered otherwise because of it; it is empty where none is.
    """

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_place: str | None
    new_place: str | None
    lines: tuple[Affected, ...]


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

    `criteria` are those in which the difference begins: only one side meets them, it owes that to none below, and it
    matters to the outcomes. `old_case` and `new_case` state the same and differ in the date of service at most, and in
    what they expect; no statement of theirs can be left out. Both are None where no case shows it by itself, because it
    rests on a value that no record may state. `exact` says that no case that shows it states fewer findings; else the
    search for one came to its bound.
    """

    old: Verdict
    new: Verdict
    criteria: tuple[str, ...]
    old_case: dict[str, Any] | None
    new_case: dict[str, Any] | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Flip:
    """What the two sides answer otherwise of a line (or level) of a case.

    `old` and `new` are verdicts, codes of causes or statuses: None where nothing is said of it.
    """

    case: str
    line: str
    level: str | None
    answer: Answer
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Impact:
    """What the change does to a number of cases: how many lines the policy governs or flip, and what flips."""

    cases: int
    lines: int
    flips: tuple[Flip, ...]

    @property
    def flipped(self) -> int:
        """How many lines flip in more than their cause."""
        return len({(flip.case, flip.line) for flip in self.flips if flip.answer is not Answer.CAUSE})

    @property
    def for_another_cause(self) -> int:
        """How many lines are answered as before in all but the cause of their verdict."""
        return len({(flip.case, flip.line) for flip in self.flips}) - self.flipped


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides over all worlds; `records` says how many records of each listed kind a world has at most.

    Approval, denial and referral are those of a line that the policy governs, on its criteria.
    """

    old: Side
    new: Side
    approval: Relation
    denial: Relation
    referral: Relation
    records: dict[str, int]
    declared: tuple[Declared, ...]
    changes: tuple[CriterionChange, ...]
    differences: tuple[Difference, ...]
    impact: Impact | None

    @property
    def decides_alike(self) -> bool:
        """Whether every world has the same outcome on both sides."""
        return all(r is Relation.EQUIVALENT for r in (self.approval, self.denial, self.referral))

    @property
    def is_equivalent(self) -> bool:
        """Whether every line is answered alike: on the criteria, and by what is declared beside them."""
        return self.decides_alike and not any(each.lines for each in self.declared)
