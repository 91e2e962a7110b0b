"""What a batch and an impact came to, as text with bars, and how far a run is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from unmet.render.comparison import one_side
from unmet.render.wording import number_of

if TYPE_CHECKING:
    from unmet.batch.impact import Impact
    from unmet.batch.run import Ran

WIDTH = 24
"""Of the longest bar, in columns."""

MOST = 10
"""How many lines a list has."""

ROUTES = {
    "algebra": "by plain algebra",
    "expanded": "by algebra split at open findings",
    "solver": "by the solver, one by one",
}


def summary(ran: Ran, rejects: str) -> RenderableType:
    """What a run came to."""
    data = ran.summary.data()
    decided = data["rows"] - data["rejected"]
    lines: list[RenderableType] = [
        Text(f"{number_of(data['rows'], 'row')}, {decided:,} decided, {data['rejected']:,} rejected")
    ]
    if data["rejected"]:
        lines.append(Text(f"what is wrong with the rejected ones: {rejects}"))
    if ran.continued:
        lines.append(Text(f"continued after {number_of(ran.continued, 'row')} that an earlier run had decided"))
    if ran.unread:
        lines.append(Text("columns that the policy does not read: " + ", ".join(f"`{name}`" for name in ran.unread)))
    denied = data["verdicts"].get("denied", 0)
    undecided = data["verdicts"].get("pended", 0) or denied
    lines += _bars("", data["verdicts"], decided)
    lines += _bars("against approval, of the denied rows", data["against"], denied)
    lines += _bars("alone against approval, of the denied rows", data["alone"], denied)
    lines += _bars("not documented, of the undecided rows", data["missing"], undecided)
    routes = {ROUTES[name]: count for name, count in data["routes"].items()}
    lines += _bars("how they were decided", routes, decided)
    return Group(*lines)


def _bars(title: str, counts: Mapping[str, int], whole: int) -> list[RenderableType]:
    shown = {name: count for name, count in counts.items() if count}
    if not shown or not whole:
        return []
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(justify="right")
    grid.add_column()
    for name, count in list(shown.items())[:MOST]:
        bar = "█" * max(1, round(WIDTH * min(1, count / whole)))
        grid.add_row(Text(f"  {name}"), Text(f"{count:,}"), Text(f"{100 * count / whole:.1f} %"), Text(bar))
    rest = len(shown) - MOST
    more: list[RenderableType] = [Text(f"  and {rest} more")] if rest > 0 else []
    return [Text(""), *([Text(f"{title}:")] if title else []), grid, *more]


def impact(found: Impact) -> RenderableType:
    """What a change came to."""
    data = found.data()
    flipped = sum(flip["rows"] for flip in data["flips"])
    lines: list[RenderableType] = [
        one_side("old", found.old),
        one_side("new", found.new),
        Text(f"{number_of(found.rows, 'row')}, {flipped:,} flip, {found.same:,} stay, {found.rejected:,} rejected"),
    ]
    for flip in data["flips"]:
        share = 100 * flip["rows"] / found.rows
        lines += [Text(""), Text(f"{flip['old']} → {flip['new']}: {number_of(flip['rows'], 'row')} ({share:.1f} %)")]
        lines += _bars("", flip["through"], flip["rows"])[1:]
        lines += [Text(f"  row {each['row']:,}{_named(each)}") for each in flip["samples"]]
    return Group(*lines)


def _named(sample: Mapping[str, Any]) -> str:
    id = "" if sample["id"] is None else f" ({sample['id']})"
    return f"{id}: {', '.join(sample['through'])}" if sample["through"] else id


@contextmanager
def progress() -> Iterator[Callable[[int, int, int], None] | None]:
    """A bar with rate and time left on a terminal, nothing elsewhere."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield None
        return
    columns = (
        BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]:,} rows"), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, rows=0, rate="")

        def told(done: int, whole: int, rows: int) -> None:
            bar.update(task, completed=done, total=whole, rows=rows)
            elapsed = bar.tasks[0].elapsed
            bar.update(task, rate=f"{rows / elapsed:,.0f} a second" if elapsed else "")

        yield told
