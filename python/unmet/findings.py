"""What `unmet check` answers: findings, each a claim about a policy's rules, with the case that shows it.

Plain frozen data, in stable order. Every code a finding can carry stands in one table; docs/checks.md has a section
for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unmet.diagnostics import Severity, Span

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

CHECKS: dict[str, tuple[Severity, str]] = {
    # approval
    "never-approves": (ERROR, "no case can be approved"),
    "never-denies": (WARNING, "no case can be denied"),
    "never-pends": (NOTE, "no case can be pended: its outcome never depends on what is not stated"),
    "small-approval": (NOTE, "very few stated findings are enough for an approval"),
    # criteria
    "never-met": (ERROR, "a criterion that no case meets"),
    "always-met": (WARNING, "a criterion that every case meets"),
    "never-decisive": (WARNING, "a criterion whose status never changes an outcome"),
    "idle-rule": (WARNING, "a rule without which every outcome is the same"),
    "idle-condition": (WARNING, "a condition without which every outcome is the same"),
    "equal": (WARNING, "two criteria that are met by the same cases"),
    "implied": (WARNING, "a criterion of an ALL that another one of it implies"),
    "implying": (WARNING, "a criterion of an ANY that implies another one of it"),
    # alternatives
    "never-alone": (WARNING, "a branch that is never met without one of its siblings"),
    "useless-branch": (WARNING, "a branch without which every outcome is the same"),
    "barred-branch": (ERROR, "a branch that is never met without a bar"),
    # bars
    "bar-possible": (NOTE, "an indication and a bar that can hold together"),
    "always-barred": (ERROR, "an indication that is never met without a bar"),
    "same-ground": (WARNING, "a ground for denial that stands in the policy twice"),
    "two-strengths": (WARNING, "one ground in two lists, asked for more strictly in one of them"),
    # counting
    "count-never": (ERROR, "a number that can never be reached"),
    "count-always": (WARNING, "a number that is always reached"),
    "double-counting": (WARNING, "one finding that counts twice"),
    # numbers and scales
    "gap": (WARNING, "cases that fall between criteria which are meant to leave no gap"),
    "overlap": (WARNING, "cases that meet two criteria which are meant to exclude each other"),
    "branch-gap": (NOTE, "values between those that the branches of an ANY accept"),
    "branch-overlap": (NOTE, "values that two branches of an ANY accept"),
    "worse-loses": (WARNING, "a worse finding that loses an approval"),
    # silence
    "documenting-loses": (WARNING, "a statement that loses an approval without a change of fact"),
    "presumption-decides": (WARNING, "an approval that rests on a presumption"),
    # readings
    "reading-equivalent": (NOTE, "an option of a reading that changes no outcome"),
    "reading-stricter": (NOTE, "an option under which fewer cases are approved"),
    "reading-looser": (NOTE, "an option under which more cases are approved"),
    "reading-incomparable": (NOTE, "an option under which some cases win an approval and others lose it"),
    # across policies
    "two-policies": (WARNING, "two policies in force for one code"),
    "different-thresholds": (NOTE, "one number or scale with other thresholds in another policy"),
    "never-together": (WARNING, "two services that no patient can both be approved for"),
    "unread-attribute": (NOTE, "an attribute that no policy reads"),
    "region-never-approved": (WARNING, "a code that is never approved in its own region"),
    # metadata
    "review-overdue": (WARNING, "a policy whose review is overdue"),
    "review-before-effective": (ERROR, "a policy to be reviewed before it is in force"),
    "citation-order": (NOTE, "citations out of the document's order"),
    "version-gap": (NOTE, "versions with one missing between them, or before them"),
    # acknowledgements
    "stale-acknowledgement": (WARNING, "an acknowledgement of a finding that is not there, or of several at once"),
}
"""What each code means, and how severe it is."""


ACROSS = frozenset(
    {"two-policies", "different-thresholds", "never-together", "unread-attribute", "region-never-approved"}
)
"""The codes of what concerns several policies, the vocabulary or the coding file."""

OF_OUTCOMES = frozenset(
    {
        "never-approves", "never-denies", "never-pends", "small-approval", "never-decisive", "idle-rule",
        "idle-condition", "useless-branch", "worse-loses", "documenting-loses", "presumption-decides",
        "region-never-approved",
    }
)  # fmt: skip
"""The codes of claims about the outcome, and so about all that it depends on."""

OF_READINGS = frozenset({"reading-equivalent", "reading-stricter", "reading-looser", "reading-incomparable"})
"""The codes of claims about the outcome under two choices of readings."""

OF_BARS = frozenset({"barred-branch", "always-barred"})
"""The codes of claims about a criterion and all bars."""

OF_METADATA = frozenset({"review-overdue", "review-before-effective", "citation-order", "version-gap"})
"""The codes of what a policy says of itself."""

FEW = 2
"""How many stated findings are few for an approval."""

RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
"""The order of severities, most severe first."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A criterion that a finding is about, with its citation and place."""

    criterion: str
    text: str
    citation: str
    location: Span


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a policy that a finding about several is about, with its place."""

    policy: str
    effective: str
    location: Span


@dataclass(frozen=True, slots=True)
class Witness:
    """A case that shows a finding; `case` is the data of a case file, which `unmet determine` and `unmet test` replay.

    `shows` says what the case shows. It states the fewest findings in the sense that none of them can be left out.
    """

    name: str
    shows: str
    case: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about the rules: of one version of a policy, or of several `versions` and then of no `policy`.

    `readings` holds the options under which it is so, where these are others than the chosen ones. `subjects` names
    what the claim is about: criteria, readings, attributes, codes. `records` holds, for a claim that ranges over
    listed records, how many of each kind a world may hold; a claim about an outcome ranges over all that the outcome
    depends on. `acknowledged` is the reason for which the knowledge base lets it stand. `unshown` holds what would have
    to be shown besides the witnesses, and no case shows by itself: values that matter, of which the record may say
    nothing.
    """

    code: str
    policy: str | None
    message: str
    location: Span
    criteria: tuple[Cited, ...] = ()
    subjects: tuple[str, ...] = ()
    help: str | None = None
    witnesses: tuple[Witness, ...] = ()
    unshown: tuple[str, ...] = ()
    effective: str | None = None
    versions: tuple[Version, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    acknowledged: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CHECKS:
            raise KeyError(self.code)

    @property
    def severity(self) -> Severity:
        """How severe findings of this code are."""
        return CHECKS[self.code][0]


@dataclass(frozen=True, slots=True)
class Boundary:
    """The values just below and just above a cut point of a number or a step of a scale, and what tells these apart."""

    attribute: str
    below: str
    above: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest approval found: how many findings it states, whether none states fewer, and the case."""

    stated: int
    exact: bool
    witness: Witness


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Criteria that options which are not chosen bring into use, several of them together; checked under these."""

    readings: Mapping[str, str]
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One version of a policy, checked under one choice of readings.

    `elsewhere` are the criteria that other options bring into use, `unchecked` those that no choice of options does.
    """

    policy: str
    effective: str
    readings: Mapping[str, str]
    records: Mapping[str, int]
    criteria: int
    elsewhere: tuple[Elsewhere, ...]
    unchecked: tuple[str, ...]
    smallest: Smallest | None
    boundaries: tuple[Boundary, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was checked, the findings, and those that the knowledge base acknowledges."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]
    acknowledged: tuple[Finding, ...]

    def at_least(self, severity: str) -> bool:
        """Whether a finding that is not acknowledged is at least so severe; none is at `never`."""
        return severity != "never" and any(RANK[f.severity] <= RANK[Severity(severity)] for f in self.findings)

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The cases that show the findings and the smallest approvals, each name once."""
        every = [w for f in (*self.findings, *self.acknowledged) for w in f.witnesses]
        every += [c.smallest.witness for c in self.checked if c.smallest]
        return tuple({w.name: w for w in every}.values())
