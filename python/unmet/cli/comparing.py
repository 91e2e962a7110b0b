"""Commands that ask about policies over all worlds: compare two sides of one, make cases from its rules."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmet.cli.common import FINDINGS, case_files, common, load, say


@click.command()
@click.argument("policy")
@click.argument("old")
@click.argument("new")
@click.option("--cases", type=click.Path(exists=True, path_type=Path), help="Also decide these cases by both sides.")
@click.option(
    "--witnesses", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write the cases to files."
)
@common
def diff(
    policy: str, old: str, new: str, cases: Path | None, witnesses: Path | None, kb: Path | None, format: str
) -> None:
    """Compare two sides of a policy over all worlds: what is approved, denied or referred otherwise.

    A side is a date (the version in force then), a file, or readings of the newest version. Exit code 0 says that
    the sides are equivalent, 5 that they differ.

    \b
    Example:
      unmet diff lumbar_fusion 2023-01-01 draft.lp --cases cases
      unmet diff patellofemoral_reconstruction 2024-05-10 page_break=inner
    """
    from unmet.render import comparison, json

    base = load(kb)
    found = base.diff(policy, old, new, map(base.read_case, case_files((cases,))) if cases else ())
    if witnesses is not None:
        for name, text in comparison.witness_files(found).items():
            witnesses.mkdir(parents=True, exist_ok=True)
            (witnesses / name).write_text(text, encoding="utf-8")
    click.echo(json.dump(comparison.as_json(found))) if format == "json" else say(comparison.as_text(found))
    sys.exit(0 if found.is_equivalent else FINDINGS)
