"""Where the files of a knowledge base lie: each at the place that its name and date say."""

from __future__ import annotations

from pathlib import Path

from unmet.diagnostics import Span
from unmet.policy import Policy
from unmet.source.rules import PolicySource
from unmet.source.syntax import Report


def check_places(home: Path, sources: list[PolicySource], report: Report) -> None:
    """Every file lies where its name and date say, and no two versions share a date."""
    seen: dict[tuple[str, str], Policy] = {}
    for source in sources:
        policy = source.policy
        if policy.effective and (policy.name, policy.effective) in seen:
            report.add(
                "same-date",
                f"`{policy.name}` has another version of {policy.effective}, "
                f"`{seen[policy.name, policy.effective].path}`",
                policy.span,
                "give each version its own date, in `effective` and in the name of its file",
            )
            continue
        seen.setdefault((policy.name, policy.effective), policy)
        if policy.path.parent.name != policy.name or (policy.effective and policy.path.stem != policy.effective):
            report.add(
                "unreadable",
                f"`{policy.path.parent.name}/{policy.path.name}` "
                f"holds `{policy.name}` of {policy.effective or 'no date'}",
                policy.span,
                f"call the file `policies/{policy.name}/{policy.effective}.lp`",
            )
    for folder, depth, place in (("policies", 2, "policies/NAME/DATE.lp"), ("vocabulary", 1, "vocabulary/AREA.lp")):
        for path in sorted((home / folder).rglob("*.lp")):
            if len(path.relative_to(home / folder).parts) != depth:
                message = f"`{path.relative_to(home).as_posix()}` lies where nothing reads it"
                report.add("unreadable", message, Span(str(path), 1, 1), f"such a file lies in `{place}`")
