"""What `unmet check` found, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from unmet.diagnostics import Severity
from unmet.findings import Checked, CheckReport, Finding
from unmet.render.drawn import Text
from unmet.render.wording import counted, either

STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold blue"}


def report(found: CheckReport, *, boundaries: bool = False) -> Text:
    """Every finding with the criteria it is about; what is acknowledged; what was checked, and a count."""
    text = Text()
    for finding in found.findings:
        _finding(text, finding)
    if found.acknowledged:
        text.append("\nacknowledged\n", style="bold")
        for finding in found.acknowledged:
            _finding(text, finding)
    text.append("\n" if found.findings or found.acknowledged else "")
    for checked in found.checked:
        _checked(text, checked, boundaries)
    text.append(_count(found))
    return text


def _finding(text: Text, finding: Finding) -> None:
    text.append(f"{finding.location}: ").append(f"{finding.severity}[{finding.code}]", style=STYLE[finding.severity])
    policy = f" ({finding.policy} of {finding.effective})" if finding.policy else ""
    text.append(f": {finding.message}{policy}\n")
    for version in finding.versions:
        text.append(f"  {version.policy} of {version.effective}, {version.location}\n")
    for cited in finding.criteria:
        place = cited.location
        where = f"line {place.line}" if place.file == finding.location.file else str(place)
        text.append(f"  {cited.criterion}: {cited.text} [{cited.citation}], {where}\n")
    if finding.records:
        text.append(f"  within {_records(finding.records.items())} a world\n")
    for witness in finding.witnesses:
        text.append(f"  witness {witness.name}: {witness.shows}\n")
    for shows in finding.unshown:
        text.append(f"  no case shows by itself: {shows}\n")
    if finding.help:
        text.append("  help: ", style="bold cyan").append(f"{finding.help}\n")
    if finding.acknowledged:
        text.append("  acknowledged: ", style="bold cyan").append(f"{finding.acknowledged}\n")


def _records(records: Iterable[tuple[str, int]]) -> str:
    return either([counted(n, f"{kind} record") for kind, n in records], "and")


def _checked(text: Text, checked: Checked, boundaries: bool) -> None:
    text.append(f"{checked.policy} of {checked.effective}: {checked.criteria} criteria")
    if checked.readings:
        text.append(f", readings {', '.join(f'{n}={o}' for n, o in checked.readings.items())}")
    if checked.smallest:
        least = "" if checked.smallest.exact else "at most "
        text.append(f", smallest approval {least}{counted(checked.smallest.stated, 'stated finding')}")
    text.append("\n")
    for change in checked.elsewhere:
        under = ", ".join(f"{n}={o}" for n, o in change.readings.items())
        text.append(f"  in use and checked under {under}: {', '.join(change.criteria)}\n")
    if checked.unchecked:
        text.append(f"  in use under no choice of readings, not checked: {', '.join(checked.unchecked)}\n")
    for each in checked.boundaries if boundaries else ():
        readers = ", ".join(each.criteria) or "no criterion under these readings"
        text.append(f"  {each.attribute}: {each.below} | {each.above} in {readers}\n")


def _count(found: CheckReport) -> str:
    counts = Counter(f.severity for f in found.findings)
    parts = [f"{counts[s]} {s}{'s' * (counts[s] != 1)}" for s in Severity]
    acknowledged = f", {len(found.acknowledged)} acknowledged" if found.acknowledged else ""
    versions = len(found.checked)
    return f"{versions} version{'s' * (versions != 1)} checked: {', '.join(parts)}{acknowledged}"
