"""The words of a notice, shared by its Markdown and its HTML: what is recommended, and why, in plain language.

A denial is never worded as final while the notice is a draft, and nothing here advises anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from unmet.explanation import Change, Feature, Question, Reason
from unmet.notice import Notice, NoticeLine, NoticeUnit
from unmet.render import asking, wording
from unmet.results import Origin, Silence, Status, Verdict

DRAFT = {
    Verdict.APPROVED: "recommended for approval",
    Verdict.DENIED: "recommended for denial",
    Verdict.PARTIAL: "recommended for approval in part",
    Verdict.PENDED: "more information is needed",
    Verdict.REFERRED: "referred to a physician reviewer",
    Verdict.BUNDLED: "part of another line of the request",
    Verdict.MOOT: "recommended for denial, as what it depends on is not approved",
}

FINAL = {
    **DRAFT,
    Verdict.APPROVED: "approved",
    Verdict.DENIED: "denied",
    Verdict.PARTIAL: "approved in part",
    Verdict.MOOT: "denied, as what it depends on is not approved",
}

BANNER = (
    "This is a draft recommendation, prepared by a program from the rules of the policy. It is not a determination: "
    "a person has to review it, and the plan has to fill the slots that are marked."
)

PLAIN = {
    Verdict.APPROVED: "The information that was sent shows what the policy asks for.",
    Verdict.DENIED: "The information that was sent does not meet the policy.",
    Verdict.PARTIAL: "The information that was sent meets the policy for some of what was asked for, and not for all.",
    Verdict.PENDED: "The information that was sent does not yet tell whether the policy is met.",
    Verdict.REFERRED: "A physician will look at this request, because the policy's rules alone do not decide it.",
    Verdict.BUNDLED: "This is part of another procedure of the request, so it is not decided by itself.",
    Verdict.MOOT: "This depends on another part of the request, which does not meet the policy.",
}

WHY = "Why:"
WANTING = "what the policy asks for is not documented; what is missing is listed below"
UNSEARCHED = "not all ways of reading the record were searched, so no single reason is named"
UNKNOWN_FIX = "What would lead to an approval was not found; the search did not go to its end."
NO_PATH = "Under this version of the policy nothing that can still change would lead to an approval."


def request(notice: Notice) -> str:
    """What the request is called: the name of the case, which says nothing of where its file lies."""
    path = PurePath(notice.request.case)
    return path.stem if path.suffix in (".yaml", ".yml", ".json") else path.name


def title(notice: Notice) -> str:
    """What the notice is called."""
    about = {
        Verdict.PENDED: "Request for information",
        Verdict.REFERRED: "Notice of a referral",
    }.get(notice.request.outcome, "Notice of determination")
    return f"Draft recommendation: {about[0].lower()}{about[1:]}" if notice.draft else about


def standing(notice: Notice, verdict: Verdict) -> str:
    """How a verdict is worded: as a recommendation while the notice is a draft."""
    return (DRAFT if notice.draft else FINAL)[verdict]


def procedure(line: NoticeLine) -> str:
    """What a line asks for."""
    asked = f"code {line.code}" if line.code else ""
    return ", ".join(filter(None, (line.title, asked))) or line.line


def because(reason: Reason) -> tuple[str, tuple[str, ...]]:
    """A reason in plain language: a sentence, and what it lists."""
    features = reason.features
    if len(features) == 1:
        return _because(features[0]), ()
    if all(f.status is Status.UNMET and not f.undocumented for f in features):
        return "the policy asks for at least one of these, and by the record none is so:", tuple(
            f.text for f in features
        )
    if all(f.status is Status.UNMET for f in features):
        return "the policy asks for at least one of these, and the record shows none:", tuple(f.text for f in features)
    return "all of these together:", tuple(map(_because, features))


def _because(feature: Feature) -> str:
    if feature.status is None:
        return f"the record says: {wording.spoken(feature.text)}"
    if feature.undocumented:
        shown = "does not show" if feature.status is Status.UNMET else "does not rule out"
        return f"the record that was sent {shown} this: {feature.text}"
    if feature.status is Status.MET:
        return f"the policy does not approve where this is so: {feature.text}"
    return f"the policy asks for this, and by the record it is not so: {feature.text}"


def without_reason(unit: NoticeUnit) -> str:
    """What is said in plain language where no reason is named."""
    return UNSEARCHED if unit.reasons_found and unit.reasons_found.total is None else WANTING


def no_fix(unit: NoticeUnit) -> str:
    """What is said in plain language where no fix is shown; empty where no fix was looked for."""
    if unit.no_path:
        return NO_PATH
    return UNKNOWN_FIX if unit.fixes_found and not unit.fix else ""


def need(change: Change) -> str:
    """What a change would take, in plain language."""
    if change.after is None:
        return f"this would have to be otherwise: {wording.spoken(change.text)}"
    shown = "shown" if change.after is Status.MET else "shown not to be so"
    return f"this would have to be {shown}: {change.text}"


def question(asked: Question) -> str:
    """What is asked for, and in which unit, where the words do not say it."""
    unit = f", in {asked.unit}" if asked.unit and asked.unit not in asked.label.split() else ""
    return f"{asking.asked(asked)}{unit}"


def why_asked(asked: Question, line: NoticeLine) -> str:
    """Why it is asked for, with the place in the policy."""
    read = [line.criteria[name] for name in asked.criteria if name in line.criteria]
    return "it bears on " + "; ".join(read) if read else "the policy depends on it"


def others(unit: NoticeUnit) -> str:
    """What other fixes there are besides the one that is shown; empty where there are none."""
    found = unit.fixes_found
    if found is None or found.total == 1:
        return ""
    if found.total is None:
        return "There are other ways; not all of them were searched. An explanation of this case lists those found."
    return f"There are {wording.counted(found.total, 'way')} in all. An explanation of this case lists them."


def reasons_found(unit: NoticeUnit) -> str:
    """How many reasons there are."""
    assert unit.reasons_found is not None
    enough = ", each enough by itself" if len(unit.reasons) > 1 else ""
    return wording.how_many(unit.reasons_found, "reason", len(unit.reasons)) + enough


def fixes_found(unit: NoticeUnit) -> str:
    """How many fixes there are, of which the lightest is shown."""
    assert unit.fixes_found is not None
    several = unit.fix and unit.fixes_found.total != 1
    return wording.how_many(unit.fixes_found, "fix", 1) + ("; that of fewest changes is shown" if several else "")


def particulars(line: NoticeLine) -> Iterator[str]:
    """Code, date, policy with version, and what is judged apart."""
    if line.code:
        yield f"code: {line.code}"
    if line.date_of_service:
        yield f"date of service: {line.date_of_service}"
    if line.policy:
        document = f"; {line.document}" if line.document else ""
        yield (
            f"policy: {line.title} ({line.policy}), version {line.version}, in force since {line.effective}{document}"
        )
    if line.cause:
        yield f"because {line.cause.message}"
    if care := line.level_of_care:
        requested = care.requested or "not stated"
        yield f"level of care, judged apart: {requested} requested, {' or '.join(care.allowed)} allowed ({care.status})"
    yield from (f"warning: {warning}" for warning in line.warnings)


def undocumented(line: NoticeLine) -> list[str]:
    """What the policy reads and the record does not state."""
    return [
        wording.subject(e.entity, e.label) + (f" ({wording.evidence_value(e)})" if e.origin is Origin.UNCLEAR else "")
        for e in line.not_documented
    ] or ["nothing that the policy reads"]


def silence(notice: Notice) -> str:
    """What silence of the record meant, where that is not the usual."""
    if notice.request.silence is Silence.OPEN:
        return ""
    return "The time for sending documents has passed: what is not documented was taken as not established."


def closing(notice: Notice) -> str:
    """The last words: who reviewed it, or that nobody did yet."""
    if notice.draft:
        return f"This notice was prepared by a program. It is {wording.RECOMMENDATION}."
    slots = {slot.name: slot.text for slot in notice.slots}
    reviewer = f"{slots['reviewer_name']}, {slots['reviewer_credentials']}"
    return f"Prepared with a program from the rules of the policy; reviewed by {reviewer}. It is not clinical advice."
