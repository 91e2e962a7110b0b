"""What the answers are: statuses, verdicts, and the determination of a request.

Plain frozen data, in stable order. `unmet.render.json` writes these field by field, so the JSON of a command is
the model below, and docs/cli.md describes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from unmet.errors import Choice


class Status(StrEnum):
    """The status of a criterion over all worlds of a case."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The verdict of a request line, and of a request."""

    APPROVED = "approved"
    DENIED = "denied"
    PARTIAL = "partial"
    PENDED = "pended"
    REFERRED = "referred"
    BUNDLED = "bundled"
    MOOT = "moot"


class Silence(Choice):
    """What silence means where no presumption applies: anything (open), or not established (closed)."""

    OPEN = "open"
    CLOSED = "closed"


class Kind(StrEnum):
    """The shape of a criterion."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"
    NOT = "not"
    LEAF = "leaf"
    PART = "part"


class Origin(StrEnum):
    """Where the value of a finding comes from."""

    STATED = "stated"
    DERIVED = "derived"
    PRESUMED = "presumed"
    UNCLEAR = "unclear"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding that a status rests on; `value` is None where the case is silent or unclear.

    `locates` marks a finding that only tells which record is read (the side that a line asks for).
    """

    entity: str
    attribute: str
    label: str
    unit: str
    value: str | None
    origin: Origin
    source: str | None = None
    date: str | None = None
    quote: str | None = None
    locates: bool = False


@dataclass(frozen=True, slots=True)
class CriterionStatus:
    """One criterion of a line, or one part of a record; in the order of the policy's tree.

    `parent` is the first criterion that reads this one, None for a root; `children` are the criteria it reads, in
    order, and `negated` those among them that it reads under `not`. `threshold` is the n of AT LEAST n.
    `undocumented` marks a status that silence closed to `unmet`; `needed` is False for a criterion that speaks
    against approval (a bar), whose unknown status reads "not ruled out".
    """

    criterion: str
    text: str
    citation: str
    status: Status
    kind: Kind
    parent: str | None
    children: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    threshold: int | None = None
    needed: bool = True
    undocumented: bool = False
    row: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """The days of stay a line asks for against those its policy sets."""

    requested: str | None
    allowed: str
    status: Status


@dataclass(frozen=True, slots=True)
class LevelOfCare:
    """The setting (and the days of stay) a line asks for against those its policy allows; apart from necessity."""

    requested: str | None
    allowed: tuple[str, ...]
    status: Status
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the policy speaks of, and whether the patient is among them; apart from necessity."""

    allowed: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a line is referred, or decided by its relation to other lines: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Presumption:
    """A presumption that silence called for; `applied` is False where the case rules it out."""

    entity: str
    attribute: str
    label: str
    value: str
    applied: bool


@dataclass(frozen=True, slots=True)
class LevelDecision:
    """The decision of one level of a line that is decided level by level; `level` is None where none is named."""

    level: str | None
    verdict: Verdict
    criteria: tuple[CriterionStatus, ...]
    cause: Cause | None
    presumed: tuple[Presumption, ...]
    missing: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class LineDetermination:
    """The answer to one line of a request.

    `verdict` is that of the line within its request, `on_criteria` that of its policy's criteria alone (the two differ
    where an add-on follows its primary, a procedure is bundled, or a code does not fit the levels). A line that is
    decided level by level has its criteria in `levels`. `missing` lists the silent or unclear findings that keep its
    criteria open, or, with silence closed, for want of which the line failed.
    """

    line: str
    code: str | None
    policy: str | None
    title: str | None
    version: str | None
    effective: str | None
    verdict: Verdict
    on_criteria: Verdict
    criteria: tuple[CriterionStatus, ...]
    levels: tuple[LevelDecision, ...]
    level_of_care: LevelOfCare | None
    population: Population | None
    cause: Cause | None
    presumed: tuple[Presumption, ...]
    missing: tuple[Evidence, ...]
    readings: dict[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """The request as a whole."""

    case: str
    outcome: Verdict
    silence: Silence


@dataclass(frozen=True, slots=True)
class Determination:
    """The answer to a request: its outcome, and that of each line in the order of the case."""

    request: RequestOutcome
    lines: tuple[LineDetermination, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation of a case file that the answer does not hold."""

    case: str
    place: str
    path: str
    expected: str
    actual: str
