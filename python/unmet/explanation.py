"""What an explanation is: reasons, fixes, answers, and what carries an approval (docs/semantics.md defines each).

Plain frozen data in stable order, as in `unmet.results`; `unmet.render.json` writes it field by field.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from unmet.errors import Choice
from unmet.results import Determination, Evidence, LineDetermination, Status, Verdict


class Depth(Choice):
    """At which criteria a denial is explained: the leaves, or the policy's own summary rows."""

    LEAF = "leaf"
    TOP = "top"


class ChangeKind(StrEnum):
    """What a change would take, as the policy would need it, never as advice; from least to most."""

    DOCUMENT = "document"
    OBTAIN = "obtain"
    TREAT = "treat"
    WAIT = "wait"
    CLINICAL = "clinical"


@dataclass(frozen=True, slots=True)
class Feature:
    """A definite fact of the case that a reason may consist of.

    Either a criterion with its status (`status` is `met` or `unmet`; `undocumented` where silence closed it), or,
    where the criteria alone do not force the denial, a stated finding (`entity` and `attribute` are set, `status` is
    None and `text` says what is stated).
    """

    name: str
    text: str
    citation: str | None
    status: Status | None
    undocumented: bool = False
    entity: str | None = None
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A minimal set of features that alone forces the line not to be approved, whatever else is true.

    `outcome` says what it forces: `denied`, `referred`, or None where it leaves both.
    """

    features: tuple[Feature, ...]
    outcome: Verdict | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An open attribute with a class of its possible values; `value` is as a case would write it.

    For a record that the case does not list, `entity` is a next one (`injection(2)`), `new_record` is True, and
    `further` says which of these it is, from 1. An answer that there is such a record, whatever it holds, or that there
    is none, has no attribute, and the value `some` or `none`; that there is no second one leaves the first.
    """

    entity: str
    attribute: str | None
    label: str
    unit: str
    value: str
    new_record: bool = False
    further: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A finding as it could be where a change has been made; `was` is what the case states, None where it is silent."""

    entity: str
    attribute: str
    label: str
    unit: str
    value: str
    was: str | None
    new_record: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One member of a fix: a criterion that would have to stand otherwise.

    Where a stated finding is a feature, it may be one: `criterion` is then its name, and it has no status or citation.
    """

    criterion: str
    text: str
    citation: str | None
    before: Status | None
    after: Status | None
    kind: ChangeKind
    burden: int
    undocumented: bool
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """How far an enumeration of sets went.

    `shown` of `total` sets are in the result (`total` is None where it is not known); every shown set was verified to
    be `minimal`; `complete` says whether the shown sets (for fixes: the factors) are all there are; `cap` is the most
    that would be enumerated.
    """

    shown: int
    total: int | None
    minimal: bool
    complete: bool
    cap: int


@dataclass(frozen=True, slots=True)
class Fix:
    """A minimal set of changes that makes the line approvable, realized together by a case.

    `then_document` are the minimal sets of answers still needed afterwards for approval: one empty set where nothing
    is.
    """

    changes: tuple[Change, ...]
    then_document: tuple[tuple[Answer, ...], ...]
    then_found: Enumeration


@dataclass(frozen=True, slots=True)
class Factor:
    """An independent part of the fixes: every fix takes exactly one of these alternatives (each a set of changes).

    The smallest ones are written out; where there are more, `fixes_found` is not complete.
    """

    alternatives: tuple[tuple[Change, ...], ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a line is not approved, and what would change it."""

    depth: Depth
    reasons: tuple[Reason, ...]
    reasons_found: Enumeration
    corrections: tuple[tuple[str, ...], ...]
    corrections_found: Enumeration
    factors: tuple[Factor, ...]
    fixes: tuple[Fix, ...]
    fixes_found: Enumeration
    must_fix: tuple[str, ...]
    could_fix: tuple[str, ...]
    irrelevant: tuple[str, ...]
    blockers: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one class of answers to a question would do: settle the line at a verdict, or leave it pended."""

    value: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """A finding worth asking for, `new_record` and `further` as in an answer: what each would do, and what reads it."""

    entity: str
    attribute: str
    label: str
    unit: str
    effects: tuple[Effect, ...]
    settles: int
    burden: int
    criteria: tuple[str, ...]
    new_record: bool = False
    further: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What is open about a pended line, as far as its unknown criteria read it.

    Of records that the case may not list, answers speak of the next few of each kind; where the rules can tell more of
    them apart, nothing is called complete.

    `approving` and `denying` are the minimal sets of answers after which every world approves (does not approve);
    `ask` are the findings in either, in the order to ask; `next_question` is the first of them; `settled` the criteria
    whose status is definite; `irrelevant` the open findings that cannot matter any more.
    """

    approving: tuple[tuple[Answer, ...], ...]
    approving_found: Enumeration
    denying: tuple[tuple[Answer, ...], ...]
    denying_found: Enumeration
    ask: tuple[Question, ...]
    next_question: Question | None
    settled: tuple[str, ...]
    irrelevant: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """The minimal sets of stated findings, presumptions and complete lists that carry an approval (or a referral)."""

    sets: tuple[tuple[Evidence, ...], ...]
    found: Enumeration


@dataclass(frozen=True, slots=True)
class ReadingEffect:
    """The verdict that the line would have under another choice of readings."""

    readings: dict[str, str]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class GroupNote:
    """For an unmet group: which of its criteria fail, and which smallest sets of them suffice."""

    criterion: str
    fail: tuple[str, ...]
    suffice: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class UnitExplanation:
    """The explanation of a line, or of one level of it; one of `denial`, `opening` and `support` is set.

    A referred line has the `denial` of its approval. `readings` holds the choices under which the verdict differs;
    where there is none and `readings_complete`, it is proved that no reading changes it.
    """

    level: str | None
    verdict: Verdict
    denial: Denial | None
    opening: Opening | None
    support: Support | None
    groups: tuple[GroupNote, ...]
    readings: tuple[ReadingEffect, ...]
    readings_complete: bool


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """The determination of a line with the explanation of each unit; no unit where no version governs the line."""

    determination: LineDetermination
    units: tuple[UnitExplanation, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The determination of a request, explained line by line."""

    determination: Determination
    lines: tuple[LineExplanation, ...]
