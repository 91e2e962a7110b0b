"""What `unmet check` found as SARIF 2.1.0, the OASIS format for results of static analysis.

Every code is a rule; criteria, and versions of several policies, are related locations; what the knowledge base
acknowledges is suppressed in source, with the reason as justification; witnesses stand among a result's properties.
What keeps a knowledge base from being loaded are notifications.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from unmet.diagnostics import Diagnostic, Span, advised
from unmet.findings import CHECKS, CheckReport, Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def report(found: CheckReport, version: str, base: Path) -> dict[str, Any]:
    """One run; paths below `base` are given relative to it."""
    results = [*found.findings, *found.acknowledged]
    codes = [code for code in CHECKS if any(f.code == code for f in results)]
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CHECKS[code][1]},
            "defaultConfiguration": {"level": str(CHECKS[code][0])},
        }
        for code in codes
    ]
    return _log(version, rules, [_result(f, codes.index(f.code), base) for f in results])


def refused(problems: Iterable[Diagnostic], exit_code: int, version: str, base: Path) -> dict[str, Any]:
    """One run that came to no results, because of problems of the knowledge base."""
    notes = [
        {
            "descriptor": {"id": each.code},
            "level": str(each.severity),
            "message": {"text": advised(each.message, each.help)},
            "locations": [_location(each.location, base)],
        }
        for each in problems
    ]
    invocation = {"executionSuccessful": False, "exitCode": exit_code, "toolConfigurationNotifications": notes}
    return _log(version, [], [], invocations=[invocation])


def _log(version: str, rules: list[dict[str, Any]], results: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    driver = {"name": "unmet", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results} | more
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, rule: int, base: Path) -> dict[str, Any]:
    text = finding.message if finding.help is None else f"{finding.message}\nhelp: {finding.help}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": text},
        "locations": [_location(finding.location, base)],
    }
    related = [(v.location, f"{v.policy} of {v.effective}") for v in finding.versions]
    related += [(c.location, f"{c.criterion}: {c.text} [{c.citation}]") for c in finding.criteria]
    if related:
        result["relatedLocations"] = [
            _location(place, base) | {"id": i, "message": {"text": text}} for i, (place, text) in enumerate(related)
        ]
    if finding.acknowledged is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.acknowledged}]
    properties: dict[str, Any] = {}
    if finding.policy:
        properties |= {"policy": finding.policy, "effective": finding.effective}
    if finding.versions:
        properties["versions"] = [{"policy": v.policy, "effective": v.effective} for v in finding.versions]
    if finding.subjects:
        properties["subjects"] = list(finding.subjects)
    if finding.readings:
        properties["readings"] = dict(finding.readings)
    if finding.records:
        properties["records"] = dict(finding.records)
    if finding.witnesses:
        properties["witness"] = [{"name": w.name, "shows": w.shows, "case": w.case} for w in finding.witnesses]
    if finding.unshown:
        properties["unshown"] = list(finding.unshown)
    return result | ({"properties": properties} if properties else {})


def _location(span: Span, base: Path) -> dict[str, Any]:
    path = Path(span.file).resolve()
    uri = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_uri()
    region = {"startLine": span.line, "startColumn": span.column}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
