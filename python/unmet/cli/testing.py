"""Case files as tests: held against what they expect, and measured by what they cover of the policies."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from unmet.cli.common import FAILURE, FINDINGS, case_files, common, complain, draft_option, load, say


def _percent(context: click.Context, parameter: click.Parameter, value: str | None) -> Decimal | None:
    try:
        percent = None if value is None else Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"`{value}` is not a number") from None
    if percent is not None and not (percent.is_finite() and 0 <= percent <= 100):
        raise click.BadParameter(f"`{value}` is not a percentage")
    return percent


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--coverage", is_flag=True, help="Report what the cases cover of each criterion.")
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="Coverage of this policy only. Repeatable.")
@click.option("--threshold", metavar="PERCENT", callback=_percent, help="Coverage below this is exit code 5.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the coverage as an HTML page.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write the results as JUnit XML.")
@draft_option
@common
def test(
    paths: tuple[Path, ...],
    coverage: bool,
    policies: tuple[str, ...],
    threshold: Decimal | None,
    html: Path | None,
    junit: Path | None,
    draft: Path | None,
    kb: Path | None,
    format: str,
) -> None:
    """Hold every expectation of case files against the answer; `cases` when no path is given.

    \b
    Example:
      unmet test cases/hip_core_decompression
      unmet test --coverage --threshold 100 --html coverage.html
    """
    from unmet.cli.writing import write_file
    from unmet.errors import CaseError
    from unmet.render import coverage_page, json, suite

    base = load(kb, draft)
    run = base.test_files(case_files(paths or (Path("cases"),)))
    wanted = coverage or policies or threshold is not None or html is not None
    covered = base.coverage(run.cases, policies) if wanted else None
    if covered is not None and html is not None:
        write_file(html, coverage_page.page(covered))
    if junit is not None:
        write_file(junit, suite.junit(run))
    if format == "json":
        say(json.dump(suite.as_json(run, covered)))
    else:
        if run.broken:
            complain(CaseError(run.broken), format)
        say(suite.as_text(run, covered))
    short = covered is not None and threshold is not None and not covered.share.reaches(threshold)
    sys.exit(FAILURE if run.broken else FINDINGS if run.failed or short else 0)
