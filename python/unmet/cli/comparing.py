"""Commands that ask about policies over all worlds: compare two sides of one, make cases from its rules."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmet.cli.common import FINDINGS, common, day_option, load, read_cases, readings_option, say


@click.command()
@click.argument("policy")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--cases", type=click.Path(path_type=Path), help="Also decide these cases by both sides.")
@click.option(
    "--witnesses",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the cases that show the differences into this folder, as case files.",
)
@common
def diff(
    policy: str, old: str, new: str, cases: Path | None, witnesses: Path | None, kb: Path | None, format: str
) -> None:
    """Compare two sides of a policy over all worlds: what is approved, denied or referred otherwise.

    A side is a file, or a version and readings: a date on which the version is in force, `default` for the newest
    with its default readings, NAME=OPTION for another reading, or several of these with commas. Exit code 0 says
    that both answer every line alike, 5 that they differ on the criteria or in what is declared beside them.

    \b
    Example:
      unmet diff lumbar_fusion 2023-01-01 draft.lp --cases cases
      unmet diff patellofemoral_reconstruction 2024-05-10 page_break=inner
      unmet diff hip_core_decompression default draft.lp,staging=steinberg
    """
    from unmet.render import comparison, json

    base = load(kb)
    found = base.diff(policy, old, new, read_cases(base, (cases,)) if cases else ())
    files = comparison.witness_files(found) if witnesses is not None else {}
    if witnesses is not None:
        from unmet.cli.writing import write_folder

        write_folder(witnesses, files, over=True)
    if format == "json":
        say(json.dump(comparison.as_json(found)))
    else:
        say(comparison.as_text(found))
        if witnesses is not None and files:
            say(comparison.replayed(found, witnesses, kb), wrap=False)
    sys.exit(0 if found.is_equivalent else FINDINGS)


@click.command()
@click.argument("policy")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the cases into this folder, as case files.",
)
@day_option
@readings_option
@common
def generate(
    policy: str, output: Path | None, day: str | None, readings: dict[str, str], kb: Path | None, format: str
) -> None:
    """Make test cases from the rules of a policy, for a clinician to confirm.

    For each criterion a pair of cases between which the verdict flips through it, for each cut point of a number and
    each step of a scale the values on both sides, for each finding a case that is pended for want of it.

    \b
    Example:
      unmet generate hip_core_decompression -o generated
    """
    from unmet.render import generated, json

    suite = load(kb).generate(policy, day, readings)
    if output is not None:
        from unmet.cli.writing import write_folder

        write_folder(output, generated.files(suite), over=False)
    say(json.dump(generated.as_json(suite))) if format == "json" else say(generated.as_text(suite))
