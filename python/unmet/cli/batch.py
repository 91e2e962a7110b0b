"""Commands about millions of cases: decide a table, compare two versions over one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unmet.cli.common import common, day_option, load, readings_option, say, silence_option
from unmet.cli.signals import ending_in_order

if TYPE_CHECKING:
    from unmet.tables import Side


@contextmanager
def taught() -> Iterator[None]:
    """Says what to install where numpy or pyarrow is missing.

    Raises:
        ClickException: one of them is.
    """
    try:
        yield
    except ImportError as error:
        raise click.ClickException(str(error)) from None


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    default=lambda: os.cpu_count() or 1,
    show_default="all cores",
    help="How many work at it at once.",
)


@click.command()
@click.argument("input", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file of the answers."
)
@click.option("--policy", required=True, metavar="NAME", help="The policy that decides every row.")
@day_option
@silence_option
@click.option("--statuses", is_flag=True, help="The status of every criterion as well.")
@click.option("--unmet", is_flag=True, help="The conditions that stand against approval in denied rows as well.")
@click.option("--blocking", is_flag=True, help="The one condition that alone stands against approval as well.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of rejected rows.  [default: OUTPUT.rejects.csv]",
)
@jobs_option
@click.option("--restart", is_flag=True, help="Throw away what an earlier run that was ended has left.")
@readings_option
@common
def batch(
    input: Path,
    output: Path,
    policy: str,
    day: str | None,
    silence: str,
    rejects: Path | None,
    kb: Path | None,
    format: str,
    **options: Any,
) -> None:
    """Decide every row of a table: Parquet, Arrow IPC, CSV or JSON Lines.

    A run that was ended continues where it was. docs/batch.md says what the
    columns of INPUT and OUTPUT mean.

    \b
    Example:
      unmet batch cases.parquet -o answers.parquet --policy hip_core_decompression
      unmet batch cases.csv -o answers.csv --policy lumbar_fusion --statuses
    """
    from unmet.render import batch as text
    from unmet.render import json

    base = load(kb)
    with ending_in_order(), taught(), text.progress() as progress:
        ran = base.run_batch(
            input, output, policy, on=day, silence=silence, rejects=rejects, progress=progress, **options
        )
    if format == "json":
        say(json.dump(json.batch(ran)))
    else:
        say(text.summary(ran, str(rejects or f"{output}.rejects.csv")))


def _side(context: click.Context, parameter: click.Parameter, value: str) -> Side:
    from unmet.errors import RequestError
    from unmet.sides import read_side

    try:
        return read_side(value)
    except RequestError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("policy")
@click.argument("old", metavar="OLD", callback=_side)
@click.argument("new", metavar="NEW", callback=_side)
@click.argument("input", type=click.Path(path_type=Path))
@silence_option
@click.option(
    "--samples", type=click.IntRange(0), metavar="N", default=5, show_default=True, help="Rows named of each flip."
)
@jobs_option
@common
def impact(
    policy: str,
    old: Side,
    new: Side,
    input: Path,
    silence: str,
    samples: int,
    jobs: int,
    kb: Path | None,
    format: str,
) -> None:
    """Decide a table twice and say which verdicts differ, and through what.

    OLD and NEW are versions or readings: a date on which a version is in
    force, `default` for the newest version with its default readings,
    NAME=OPTION for another reading, or several of these with commas.

    \b
    Example:
      unmet impact hip_core_decompression default staging=steinberg cases.parquet
      unmet impact lumbar_fusion 2023-01-01 2024-01-01,fusion_rule=all cases.csv
    """
    from unmet.render import batch as text
    from unmet.render import json

    with ending_in_order(), taught():
        found = load(kb).file_impact(input, policy, old, new, silence=silence, samples=samples, jobs=jobs)
    say(json.dump(found.data())) if format == "json" else say(text.impact(found))
