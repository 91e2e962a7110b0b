"""Commands about policies: list them, show one, the form of a case."""

from __future__ import annotations

from pathlib import Path

import click

from unmet.cli.common import common, day_option, load, readings_option, say


@click.command()
@common
def policies(kb: Path | None, format: str) -> None:
    """List every version of every policy.

    \b
    Example:
      unmet policies --format json
    """
    from unmet.render import json, outlines

    found = load(kb).policies
    say(json.dump(json.policies(found))) if format == "json" else say(outlines.policies(found))


@click.command()
@click.argument("policy")
@day_option
@readings_option
@common
def show(policy: str, day: str | None, readings: dict[str, str], kb: Path | None, format: str) -> None:
    """Show a policy's outline: criteria, groups, citations, readings, codes.

    \b
    Example:
      unmet show hip_core_decompression
    """
    from unmet.render import json, outlines

    found, outline = load(kb).outline(policy, day, readings)
    say(json.dump(json.outline(found, outline))) if format == "json" else say(outlines.outline(found, outline))


@click.command()
@click.argument("policy", required=False)
@common
def schema(policy: str | None, kb: Path | None, format: str) -> None:
    """Print the JSON Schema of a case: the whole vocabulary, or what one policy reads.

    \b
    Example:
      unmet schema hip_core_decompression > case.schema.json
    """
    from unmet.render import json

    say(json.dump(load(kb).schema(policy)))
