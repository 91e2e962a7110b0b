"""Commands about the rules themselves: what is provably wrong or doubtful about them."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmet.cli.batch import jobs_option
from unmet.cli.common import FINDINGS, day_of, load, printing, readings_option, say

if TYPE_CHECKING:
    from unmet.findings import CheckReport

FORMS = ("text", "json", "sarif")


@click.command()
@click.argument("policies", nargs=-1, metavar="[POLICY]...")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="Exit with 5 on a finding at least as severe.",
)
@click.option(
    "--witnesses",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write the cases that show the findings into this folder, as case files.",
)
@click.option(
    "--records",
    type=click.IntRange(0, 20),
    metavar="N",
    help="Records of each listed kind a world may hold; as many as the rules can tell apart when not given.",
)
@click.option(
    "--few",
    type=click.IntRange(0),
    metavar="N",
    default=2,
    show_default=True,
    help="Report approvals that need at most so many stated findings.",
)
@click.option("--boundaries", is_flag=True, help="List the values on both sides of each cut point and step as well.")
@click.option(
    "--on",
    "day",
    metavar="DATE",
    callback=lambda c, p, v: day_of(v),
    help="The day on which reviews are held to be due; today when not given.",
)
@jobs_option
@readings_option
@printing(*FORMS)
def check(
    policies: tuple[str, ...],
    fail_on: str,
    witnesses: Path | None,
    records: int | None,
    few: int,
    boundaries: bool,
    day: str | None,
    jobs: int,
    readings: dict[str, str],
    kb: Path | None,
    format: str,
) -> None:
    """Prove policies consistent: report what is wrong or doubtful about their rules.

    \b
    Example:
      unmet check hip_core_decompression
      unmet check --fail-on warning --witnesses witnesses/
    """
    on = day or date.today().isoformat()
    found = load(kb).check(policies, day=on, readings=readings, records=records, few=few, jobs=jobs)
    if witnesses is not None:
        _write(found, witnesses)
    if format == "text":
        from unmet.render import checked

        say(checked.report(found, boundaries=boundaries), wrap=False)
    else:
        say(_dumped(found, format))
    sys.exit(FINDINGS if found.at_least(fail_on) else 0)


def _dumped(found: CheckReport, format: str) -> str:
    from importlib.metadata import version

    from unmet.render import json, sarif

    whole = sarif.report(found, version("unmet"), Path.cwd()) if format == "sarif" else json.check_report(found)
    return json.dump(whole)


def _write(found: CheckReport, directory: Path) -> None:
    """A case file for each witness; says what else there was in the folder, and what became of it."""
    from unmet.cli.writing import write_folder
    from unmet.document import write
    from unmet.render.wording import number_of

    files = {f"{witness.name}.yaml": write(witness.case) for witness in found.witnesses}
    there = {path.name: path.read_bytes() for path in sorted(directory.glob("*.yaml")) if path.is_file()}
    write_folder(directory, files, over=True)
    replaced = [name for name, text in files.items() if there.get(name, text.encode()) != text.encode()]
    left = [name for name in there if name not in files]
    click.echo(f"{number_of(len(files), 'case file')} written into `{directory}`", err=True)
    if replaced:
        click.echo(f"  {_several(replaced)} held something else before", err=True)
    if left:
        click.echo(f"  {_several(left)} left there, not of this check", err=True)


def _several(names: list[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name}`" for name in names[:most]) + more
