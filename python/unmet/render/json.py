"""Results as JSON: the dataclasses of `unmet.results` and `unmet.explanation`, field by field, and what is beside."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unmet.diagnostics import Diagnostic
from unmet.policy import Outline, Policy
from unmet.results import Determination
from unmet.values import HIDDEN

if TYPE_CHECKING:
    from unmet.batch.run import Ran
    from unmet.explanation import Explanation
    from unmet.findings import CheckReport, Finding
    from unmet.notice import Notice
    from unmet.plain import Plain


def batch(ran: Ran) -> dict[str, Any]:
    """What a run of a batch came to."""
    return {**ran.summary.data(), "unread": list(ran.unread), "continued": ran.continued}


_ESCAPES = {code: f"\\u{code:04x}" for code in HIDDEN}


def dump(value: Any) -> str:
    """JSON text, indented, in the order the fields are declared; what would act on a terminal is escaped."""
    return json.dumps(value, indent=2, ensure_ascii=False).translate(_ESCAPES)


def determination(answer: Determination) -> dict[str, Any]:
    """`{"request": {...}, "lines": [...]}`"""
    return asdict(answer)


def explanation(answer: Explanation) -> dict[str, Any]:
    """`{"determination": {...}, "lines": [...]}`; an explained line names its determination and does not repeat it."""
    lines = [{"line": it.determination.line, "units": [asdict(unit) for unit in it.units]} for it in answer.lines]
    return {"determination": asdict(answer.determination), "lines": lines}


def notice(it: Notice) -> dict[str, Any]:
    """`{"request": {...}, "draft": ..., "slots": [...], "lines": [...]}`"""
    return asdict(it)


def diagnostics(found: Iterable[Diagnostic]) -> dict[str, Any]:
    """`{"diagnostics": [...]}`"""
    return {"diagnostics": [asdict(d) for d in found]}


def policies(found: Iterable[Policy]) -> list[dict[str, Any]]:
    """One entry a version."""
    return [
        {
            "policy": p.name,
            "title": p.title,
            "version": p.version,
            "effective": p.effective,
            "review_due": p.review_due,
            "codes": list(p.covers),
        }
        for p in found
    ]


def outline(policy: Policy, tree: Outline) -> dict[str, Any]:
    """A policy as `unmet show` prints it."""
    return {
        **policies([policy])[0],
        "document": policy.document,
        "population": list(policy.population),
        "setting": list(policy.setting),
        "days": list(policy.days) if policy.days else None,
        "per": policy.per,
        "unlisted": list(policy.unlisted),
        "readings": [
            {
                "reading": r.name,
                "default": r.default,
                "chosen": tree.chosen[r.name],
                "options": [{"option": o, "why": why} for o, why in r.options.items()],
            }
            for r in policy.readings.values()
        ],
        "criteria": [
            {
                "criterion": name,
                "text": policy.criteria[name].text,
                "citation": policy.criteria[name].citation,
                "kind": tree.shape(name).kind,
                "threshold": tree.shape(name).threshold,
                "parent": tree.parents[name],
                "children": [asdict(child) for child in tree.shape(name).children],
                "row": policy.criteria[name].row,
                "attributes": sorted({a for _, rule in tree.support(name) for a in rule.attributes}),
            }
            for name in tree.criteria
        ],
    }


def check_report(found: CheckReport) -> dict[str, Any]:
    """`{"checked": [...], "findings": [...], "acknowledged": [...]}`"""
    return {
        "checked": [asdict(c) for c in found.checked],
        "findings": [_finding(f) for f in found.findings],
        "acknowledged": [_finding(f) for f in found.acknowledged],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "policy": finding.policy,
        "effective": finding.effective,
        "versions": [asdict(v) for v in finding.versions],
        "criteria": [asdict(c) for c in finding.criteria],
        "subjects": list(finding.subjects),
        "message": finding.message,
        "help": finding.help,
        "location": asdict(finding.location),
        "readings": dict(finding.readings),
        "records": dict(finding.records),
        "witness": [asdict(w) for w in finding.witnesses],
        "unshown": list(finding.unshown),
        "acknowledged": finding.acknowledged,
    }


def facts(found: Iterable[Plain]) -> list[dict[str, Any]]:
    """The program of each line for plain clingo."""
    return [
        {"line": p.line, "level": p.level, "facts": list(p.facts), "files": [str(f) for f in p.files]} for p in found
    ]
