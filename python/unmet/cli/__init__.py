"""The command line: read, call, render, exit. Every import beyond click waits until a command needs it.

Exit codes: 0 approved or done, 1 a case or knowledge base that does not load, 2 usage, 3 denied or partial, 4 pended
or referred, 5 findings: failed expectations, too little covered, sides that differ, a policy's defects. Of several
cases the highest code is returned, and 1 where one does not load.
"""

from __future__ import annotations

from typing import Any

import click

from unmet.cli import batch, cases, checking, comparing, explaining, policies, testing
from unmet.cli.signals import ending_at_once


class _Program(click.Group):
    def main(self, *arguments: Any, **options: Any) -> Any:
        with ending_at_once():
            return super().main(*arguments, **options)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unmet")
def main() -> None:
    """Decide requests for prior authorization from policies written as rules, and say why.

    \b
    Exit codes: 0 approved or done · 1 does not load · 2 usage · 3 denied or
    partial · 4 pended or referred · 5 findings (failed expectations, too little
    covered, a difference, a defect)

    \b
    Example:
      unmet determine cases/hip_core_decompression/denied_age_fifty.yaml
    """


for command in (
    policies.policies,
    policies.show,
    cases.determine,
    explaining.explain,
    explaining.notice,
    policies.schema,
    cases.facts,
    testing.test,
    checking.check,
    comparing.diff,
    comparing.generate,
    batch.batch,
    batch.impact,
):
    main.add_command(command)
