"""What a notice of a determination must hold, gathered from an explanation; `unmet.render` words it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unmet.case import Case, Scene
from unmet.explanation import Enumeration, Explanation, Fix, LineExplanation, Question, Reason, UnitExplanation
from unmet.policy import Policy
from unmet.results import (
    Cause,
    CriterionStatus,
    Evidence,
    LevelOfCare,
    LineDetermination,
    Origin,
    Presumption,
    RequestOutcome,
    Verdict,
)
from unmet.slots import Slot, filled


@dataclass(frozen=True, slots=True)
class ReadingUsed:
    """How an ambiguous text of the policy was read, and what that means."""

    name: str
    option: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NoticeUnit:
    """What a notice says of a line, or of one level of it.

    A denial has its `reasons`, and the lightest `fix`, or with `no_path` the `blockers`. A pended unit has the
    `questions` that are open. An approval has what it was `carried` by.
    """

    level: str | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    reasons_found: Enumeration | None
    fix: Fix | None
    fixes_found: Enumeration | None
    no_path: bool
    blockers: tuple[Evidence, ...]
    questions: tuple[Question, ...]
    questions_complete: bool
    carried: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """What a notice says of a line; no units where the line is decided by its relation to others."""

    line: str
    code: str | None
    date_of_service: str | None
    policy: str | None
    title: str | None
    document: str | None
    version: str | None
    effective: str | None
    verdict: Verdict
    cause: Cause | None
    level_of_care: LevelOfCare | None
    warnings: tuple[str, ...]
    units: tuple[NoticeUnit, ...]
    evidence: tuple[Evidence, ...]
    not_documented: tuple[Evidence, ...]
    presumed: tuple[Presumption, ...]
    readings: tuple[ReadingUsed, ...]
    criteria: dict[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of a determination; a `draft` recommendation until every slot is filled."""

    request: RequestOutcome
    draft: bool
    slots: tuple[Slot, ...]
    lines: tuple[NoticeLine, ...]


def gather(explanation: Explanation, case: Case, policies: Iterable[Policy], slots: Mapping[str, str]) -> Notice:
    """The notice of an explained request.

    Raises:
        RequestError: a slot does not exist, or is given without text.
    """
    versions = {(p.name, p.effective): p for p in policies}
    scenes = {scene.line.name: scene for scene in case.scenes}
    lines = tuple(_line(line, scenes[line.determination.line], versions) for line in explanation.lines)
    found = filled(slots, (line.verdict for line in lines))
    draft = any(slot.text is None for slot in found)
    return Notice(explanation.determination.request, draft, found, lines)


def _line(line: LineExplanation, scene: Scene, versions: Mapping[tuple[str, str], Policy]) -> NoticeLine:
    determined = line.determination
    policy = versions.get((determined.policy or "", determined.effective or ""))
    criteria = _criteria(determined)
    evidence = tuple(dict.fromkeys(e for c in criteria for e in c.evidence if not (e.locates and e.value)))
    by_criteria = determined.verdict in (determined.on_criteria, Verdict.PARTIAL)
    return NoticeLine(
        line=determined.line,
        code=determined.code,
        date_of_service=scene.date_of_service(),
        policy=determined.policy,
        title=determined.title,
        document=policy.document if policy else None,
        version=determined.version,
        effective=determined.effective,
        verdict=determined.verdict,
        cause=determined.cause,
        level_of_care=determined.level_of_care,
        warnings=determined.warnings,
        units=tuple(map(_unit, line.units)) if by_criteria else (),
        evidence=tuple(e for e in evidence if e.origin in (Origin.STATED, Origin.DERIVED)),
        not_documented=tuple(e for e in evidence if e.origin in (Origin.SILENT, Origin.UNCLEAR)),
        presumed=tuple(p for p in _presumed(determined) if p.applied),
        readings=tuple(
            ReadingUsed(name, option, policy.readings[name].options[option] if policy else "")
            for name, option in determined.readings.items()
        ),
        criteria={c.criterion: f"{c.text} ({c.citation})" for c in criteria},
    )


def _criteria(line: LineDetermination) -> list[CriterionStatus]:
    return [*line.criteria, *(c for level in line.levels for c in level.criteria)]


def _presumed(line: LineDetermination) -> Iterable[Presumption]:
    return dict.fromkeys([*line.presumed, *(p for level in line.levels for p in level.presumed)])


def _unit(unit: UnitExplanation) -> NoticeUnit:
    denial, opening, support = unit.denial, unit.opening, unit.support
    return NoticeUnit(
        level=unit.level,
        verdict=unit.verdict,
        reasons=denial.reasons if denial else (),
        reasons_found=denial.reasons_found if denial else None,
        fix=denial.fixes[0] if denial and denial.fixes else None,
        fixes_found=denial.fixes_found if denial else None,
        no_path=bool(denial and denial.fixes_found.total == 0),
        blockers=denial.blockers if denial else (),
        questions=opening.ask if opening else (),
        questions_complete=bool(opening and opening.approving_found.complete and opening.denying_found.complete),
        carried=support.sets[0] if support and support.sets else (),
    )
