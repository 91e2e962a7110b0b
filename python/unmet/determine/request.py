"""All lines of a request together: each on its criteria, then by what relates them, then the request's outcome.

The rules that relate lines are `encodings/lines.lp`, `request.lp` and `stay.lp` over the tables of `kb/coding.lp`. A
stay is decided last, because its policy reads how many of the units it serves are approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unmet.case import Case, Scene
from unmet.determine.governing import governing
from unmet.determine.lines import DecidedLine
from unmet.diagnostics import did_you_mean
from unmet.errors import RequestError
from unmet.facts.request import Related, Row
from unmet.knowledge import Knowledge
from unmet.results import Cause, Determination, RequestOutcome, Silence, Verdict
from unmet.values import Values
from unmet.vocabulary import STAGE, UNITS


def determine(
    knowledge: Knowledge,
    case: Case,
    silence: Silence = Silence.OPEN,
    readings: Mapping[str, str] | None = None,
) -> Determination:
    """Decides every line of a request.

    Args:
        silence: what silence means where no presumption applies; closed, what silence would pend is denied.
        readings: an option for each reading that is not to be taken by default, by its name or `policy.name`.

    Raises:
        RequestError: there is no such reading or option.
    """
    chosen = dict(readings or {})
    knowledge.check_readings(chosen)
    related, lines = decide(knowledge, case, silence, chosen)
    return answer(case, silence, related, lines)


def verdict(
    knowledge: Knowledge,
    case: Case,
    silence: Silence = Silence.OPEN,
    readings: Mapping[str, str] | None = None,
) -> Verdict:
    """The outcome of a request alone, sooner than with the status of every criterion.

    Raises:
        RequestError: as `determine`.
    """
    chosen = dict(readings or {})
    knowledge.check_readings(chosen)
    related, _ = decide(knowledge, case, silence, chosen)
    return request_outcome(related.decided.values())


def check_line(case: Case, line: str | None) -> None:
    """Holds the name of a line, if one is given, against the request.

    Raises:
        RequestError: the request has no such line.
    """
    names = [li.name for li in case.lines]
    if line is not None and line not in names:
        help = did_you_mean(line, names)
        raise RequestError(f"the request has no line `{line}`", help)


def answer(case: Case, silence: Silence, related: Related, lines: Iterable[DecidedLine]) -> Determination:
    """The determination of a request whose lines are decided."""
    answers = tuple(
        line.determination(related.decided[name], because(name, line, related))
        for name, line in ((li.scene.line.name, li) for li in lines)
    )
    return Determination(RequestOutcome(case.name, request_outcome(a.verdict for a in answers), silence), answers)


def decide(
    knowledge: Knowledge, case: Case, silence: Silence, readings: Mapping[str, str]
) -> tuple[Related, list[DecidedLine]]:
    """Every line on its own criteria, and what the request rules make of them."""

    def decided(scene: Scene, computed: Mapping[str, Values]) -> DecidedLine:
        return DecidedLine(knowledge, scene, silence, readings, computed)

    stays = knowledge.coding.stays
    before = knowledge.relate(_row(knowledge, scene) for scene in case.scenes)
    lines = [decided(scene, _sums(knowledge, before, scene)) for scene in case.scenes]
    is_stay = [line.policy is not None and line.policy.name in stays for line in lines]
    related = knowledge.relate(
        _row(knowledge, li.scene, None if stay else li) for li, stay in zip(lines, is_stay, strict=True)
    )
    if any(is_stay):
        lines = [
            decided(li.scene, _served(knowledge, related, li.scene)) if stay else li
            for li, stay in zip(lines, is_stay, strict=True)
        ]
        related = knowledge.relate(_row(knowledge, li.scene, li) for li in lines)
    return related, lines


def _row(knowledge: Knowledge, scene: Scene, decided: DecidedLine | None = None) -> Row:
    """A line for the request rules, with its decision once there is one."""
    line = scene.line
    policy = decided.policy if decided else governing(knowledge, scene)[0]
    return Row(
        line=line.name,
        code=line.code,
        policy=policy.name if policy else line.policy,
        stage=scene.number(STAGE),
        levels=line.levels,
        amount=_amount(knowledge, scene),
        own=decided.verdict if decided else None,
        units=decided.verdicts if decided else (),
        outpatient=policy is not None and policy.setting == ("outpatient",),
    )


def _amount(knowledge: Knowledge, scene: Scene) -> tuple[int, int]:
    """How many levels a line names, else its units at least and at most, else one."""
    if scene.line.levels:
        return len(scene.line.levels), len(scene.line.levels)
    statement = scene.of_request(UNITS)
    if statement is None:
        return 1, 1
    values = statement.values or knowledge.vocabulary.attributes[UNITS].everything()
    return values.intervals[0][0], values.intervals[-1][1]


def _sums(knowledge: Knowledge, related: Related, scene: Scene) -> dict[str, Values]:
    """The attributes of a line that count levels or units over the request."""
    name = scene.line.name
    return {
        attribute: _between(knowledge, attribute, least, most)
        for (line, attribute), (least, most) in related.sums.items()
        if line == name
    }


def _served(knowledge: Knowledge, related: Related, scene: Scene) -> dict[str, Values]:
    """The attributes of a stay that follow from the decisions of the lines it serves."""
    name = scene.line.name
    tallied = {
        attribute: _between(knowledge, attribute, least, related.most[line, attribute])
        for (line, attribute), least in related.least.items()
        if line == name
    }
    outpatient = Values(words=("yes" if name in related.ambulatory else "no",))
    return {**tallied, **dict.fromkeys(knowledge.coding.ambulatory, outpatient)}


def _between(knowledge: Knowledge, attribute: str, least: int, most: int) -> Values:
    """The values from least to most; what lies beyond the attribute's bounds is counted as the bound."""
    bounds = knowledge.vocabulary.attributes[attribute]
    low, high = (min(max(n, bounds.low), bounds.high) for n in (least, most))
    return Values(intervals=((low, high),))


def because(name: str, line: DecidedLine, related: Related) -> Cause | None:
    """Why the request rules decide a line otherwise than its criteria do, or would."""
    found = related.because.get(name)
    if not found:
        return None
    rule = min((rule for rule, _ in found), key=list(MESSAGES).index)
    if rule == "primary" and related.decided[name] is line.verdict:
        return None
    others = [other for of_rule, other in found if of_rule == rule and other is not None]
    code = line.scene.line.code
    return Cause(rule, MESSAGES[rule].format(code=code, others=_told(others, related)))


MESSAGES = {
    "region": "the code {code} speaks of another region than {others}",
    "no_primary": "the add-on code {code} needs a primary procedure, and the request holds none",
    "primary": "the add-on code {code} cannot outrank its primary: {others}",
    "bundled": "it is incidental to {others}",
    "served": "no line that the stay serves is approved or open",
    "served_referred": "every line that the stay serves is referred",
}
"""The sentence for each rule that says why; of several that hold the first is told."""


def _told(others: list[str], related: Related) -> str:
    return ", ".join(
        f"line {other}, {related.decided[other]}" if other in related.decided else other for other in others
    )


def request_outcome(lines: Iterable[Verdict]) -> Verdict:
    """The outcome of a request from the verdicts of its lines (docs/semantics.md)."""
    verdicts = [verdict for verdict in lines if verdict is not Verdict.BUNDLED]
    if not verdicts:
        return Verdict.BUNDLED
    if Verdict.PENDED in verdicts:
        return Verdict.PENDED
    if Verdict.REFERRED in verdicts:
        return Verdict.REFERRED if set(verdicts) == {Verdict.REFERRED} else Verdict.PENDED
    if all(v is Verdict.APPROVED for v in verdicts):
        return Verdict.APPROVED
    if all(v in (Verdict.DENIED, Verdict.MOOT) for v in verdicts):
        return Verdict.DENIED
    return Verdict.PARTIAL
