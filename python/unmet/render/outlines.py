"""Policies for people: a table of versions, and the tree of one."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from unmet.policy import Outline, Policy, Shape
from unmet.render import wording
from unmet.results import Kind


def policies(found: Iterable[Policy]) -> RenderableType:
    """One row a version."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("policy", "version", "effective", "review due"):
        table.add_column(column, no_wrap=True)
    table.add_column("codes")
    for p in found:
        table.add_row(p.name, p.version, p.effective, p.review_due or "", " ".join(p.covers))
    return table


def outline(policy: Policy, tree: Outline) -> RenderableType:
    """A policy: what it is, its criteria as understood, its readings."""
    facts = [
        ("document", policy.document),
        ("version", f"{policy.version}, in force since {policy.effective}"),
        ("review due", policy.review_due or "not stated"),
        ("codes", " ".join(f"{c} (unlisted)" if c in policy.unlisted else c for c in policy.covers)),
        ("population", " and ".join(policy.population) or "not stated"),
        ("level of care", " or ".join(policy.setting) or "not stated"),
    ]
    if policy.days:
        facts.append(("days of stay", f"{policy.days[0]} to {policy.days[1]}"))
    if policy.per:
        facts.append(("decided per", policy.per))
    parts: list[RenderableType] = [Text.assemble((policy.title, "bold"), f" ({policy.name})")]
    parts += [Text(f"  {label + ':':<15}{value}") for label, value in facts]
    shown: set[str] = set()
    for root in (name for name in tree.criteria if tree.parents[name] is None):
        branch = Tree(_outlined(policy, root, tree.shape(root), negated=False), guide_style="dim")
        _sketch(branch, policy, tree, root, shown)
        parts += [Text(""), branch]
    if policy.readings:
        parts.append(Text("\nreadings", style="bold"))
    for reading in policy.readings.values():
        parts.append(Text(f"  {reading.name}"))
        for option, why in reading.options.items():
            marks = [
                w for w, here in (("default", reading.default), ("chosen", tree.chosen[reading.name])) if here == option
            ]
            mark = f" ({', '.join(marks)})" if marks else ""
            parts.append(Text.assemble("    ", (option, "cyan"), f"{mark}: {why}"))
    return Group(*parts)


def _sketch(branch: Tree, policy: Policy, tree: Outline, name: str, shown: set[str]) -> None:
    if name in shown:
        return
    shown.add(name)
    shape = tree.shape(name)
    if shape.kind is Kind.LEAF:
        attributes = dict.fromkeys(a for _, rule in tree.support(name) for a in rule.attributes)
        branch.add(Text("reads " + ", ".join(attributes) if attributes else "reads nothing", style="cyan"))
    for child in shape.children:
        label = _outlined(policy, child.name, tree.shape(child.name), negated=child.negated)
        _sketch(branch.add(label), policy, tree, child.name, shown)


def _outlined(policy: Policy, name: str, shape: Shape, *, negated: bool) -> Text:
    criterion = policy.criteria[name]
    text = Text("must not hold: " if negated else "", style="bold")
    text.append_text(Text(criterion.text, style="not bold"))
    text.append(f" [{criterion.citation}]", style="not bold dim")
    text.append(f" {name}", style="not bold cyan")
    if words := wording.shape(shape.kind, shape.threshold):
        text.append(f" ({words})", style="not bold italic")
    return text
