"""What is printed drawn by rich: in colours on a terminal."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment

from unmet.values import visible


class _Visible:
    """What is printed, with the characters of its texts that would act on a terminal made visible."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in console.render(self._renderable, options):
            yield part if part.control else Segment(visible(part.text), part.style)


def show(renderable: RenderableType, file: TextIO, width: int | None, *, wrap: bool) -> None:
    """Prints on a terminal of any width (None), or elsewhere in so many columns, without trailing blanks."""
    console = Console(file=file, width=width, highlight=False, emoji=False, markup=False)
    if width is None:
        console.print(_Visible(renderable), soft_wrap=not wrap)
        return
    with console.capture() as capture:
        console.print(_Visible(renderable), soft_wrap=not wrap)
    file.write("\n".join(line.rstrip() for line in capture.get().removesuffix("\n").split("\n")) + "\n")
