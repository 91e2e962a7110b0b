"""The explanation of a request: its determination, and every line (every level of it) explained by its verdict."""

from __future__ import annotations

from collections.abc import Mapping

from unmet.case import Case
from unmet.determine.decision import Decision
from unmet.determine.lines import DecidedLine
from unmet.determine.request import answer, check_line, decide
from unmet.explain.denial import explain_denial
from unmet.explain.groups import explain_groups
from unmet.explain.opening import explain_opening
from unmet.explain.readings import other_readings
from unmet.explain.support import explain_support
from unmet.explanation import Depth, Explanation, LineExplanation, UnitExplanation
from unmet.knowledge import Knowledge
from unmet.results import Silence, Verdict


def explain(
    knowledge: Knowledge,
    case: Case,
    silence: Silence = Silence.OPEN,
    readings: Mapping[str, str] | None = None,
    *,
    line: str | None = None,
    depth: Depth = Depth.LEAF,
) -> Explanation:
    """Explains every line of a request, or one.

    Raises:
        RequestError: there is no such line, reading or option.
    """
    chosen = dict(readings or {})
    knowledge.check_readings(chosen)
    check_line(case, line)
    related, lines = decide(knowledge, case, silence, chosen)
    determination = answer(case, silence, related, lines)
    return Explanation(
        determination,
        tuple(
            LineExplanation(determined, tuple(_units(decided, depth)))
            for decided, determined in zip(lines, determination.lines, strict=True)
            if line in (None, determined.line)
        ),
    )


def _units(line: DecidedLine, depth: Depth) -> list[UnitExplanation]:
    levels: tuple[str | None, ...] = tuple(line.scene.line.levels)
    named = levels if len(levels) == len(line.units) else (None,) * len(line.units)
    return [
        _unit(level, unit, verdict, line.silence, depth)
        for level, unit, verdict in zip(named, line.units, line.verdicts, strict=True)
    ]


def _unit(level: str | None, unit: Decision, verdict: Verdict, silence: Silence, depth: Depth) -> UnitExplanation:
    denied = verdict in (Verdict.DENIED, Verdict.REFERRED)
    carried = verdict in (Verdict.APPROVED, Verdict.REFERRED)
    return UnitExplanation(
        level=level,
        verdict=verdict,
        denial=explain_denial(unit, silence, depth) if denied else None,
        opening=explain_opening(unit) if verdict is Verdict.PENDED else None,
        support=explain_support(unit, verdict) if carried else None,
        groups=explain_groups(unit),
        readings=other_readings(unit, silence),
    )
