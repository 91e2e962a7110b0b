"""A suite made from the rules of a policy: its files, and a report of them as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from unmet.document import write
from unmet.generated import WHY_NOT, GeneratedCase, GeneratedSuite
from unmet.render.wording import number_of


def files(suite: GeneratedSuite) -> dict[str, str]:
    """The text of each case file, by its name; a comment above it says where it comes from and what it is for."""
    return {case.file: write(case.data, _comment(suite, case)) for case in suite.cases}


def _comment(suite: GeneratedSuite, case: GeneratedCase) -> str:
    lines = [
        f"Generated from the rules of {suite.policy}, version {suite.version} of {suite.effective}.",
        "It expects what these rules say; a clinician has still to confirm that the policy says so too.",
        *(f"- {purpose.sentence}" for purpose in case.purposes),
    ]
    return "\n".join(lines)


def as_text(suite: GeneratedSuite) -> RenderableType:
    """A row a case, then what no case was made for and why."""
    table = _table("case", "shows")
    for case in suite.cases:
        table.add_row(case.file, "; ".join(purpose.sentence for purpose in case.purposes))
    parts: list[RenderableType] = [
        Text.assemble((suite.policy, "bold"), f", version {suite.version} of {suite.effective}")
    ]
    if suite.cases:
        parts += [Text(""), table]
    if suite.missing:
        none = _table("aim", "about", "no case, because")
        for missing in suite.missing:
            none.add_row(missing.aim, missing.subject, WHY_NOT[missing.why])
        parts += [Text(""), none]
    parts.append(Text(f"\n{number_of(len(suite.cases), 'case')}", style="bold"))
    return Group(*parts)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=i == 0)
    return table


def as_json(suite: GeneratedSuite) -> dict[str, Any]:
    """The dataclasses of `unmet.generated`, field by field."""
    return asdict(suite)
