"""What is printed: texts in colours, trees, and parts below each other; drawn plainly here, on a terminal by rich.

To import rich and to draw with it takes longer than to decide a case, and what is read from a pipe or a file has no
colours. So what is plain (narrow characters, no words longer than a line, no tables) is drawn here, exactly as rich
draws it, and rich is imported for all else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text as RichText
    from rich.tree import Tree as RichTree

Drawn: TypeAlias = "Text | Tree | Parts | RenderableType"
"""What can be printed; of what rich alone knows, nothing is drawn here."""

NARROWEST = 20
"""Columns below which nothing is drawn here."""

_WORD = re.compile(r"\s*\S+\s*")

_NARROW = frozenset("–—‘’“”•…≤≥")
"""Characters beyond U+02FF that stand in one column."""


class NotPlainError(Exception):
    """Something cannot be drawn here."""


class Text:
    """A text of parts, each in a style."""

    def __init__(self, text: str = "", style: str = "") -> None:
        self._parts = [(text, style)]

    @classmethod
    def assemble(cls, *parts: str | tuple[str, str]) -> Text:
        """A text of parts, those with a style as pairs."""
        text = cls()
        text._parts = [(part, "") if isinstance(part, str) else part for part in parts]
        return text

    def append(self, text: str, style: str = "") -> Text:
        """Adds a part."""
        self._parts.append((text, style))
        return self

    def stripped(self) -> Text:
        """The text without the line ends behind its last part."""
        *parts, (text, style) = self._parts
        return Text.assemble(*parts, (text.rstrip(), style))

    def __rich__(self) -> RichText:
        from rich.text import Text

        return Text.assemble(*self._parts)

    def lines(self, width: int | None) -> Iterator[str]:
        """The text without its styles, in lines of at most so many columns."""
        text = "".join([text for text, _ in self._parts])
        for line in text.split("\n"):
            if not line.isprintable() or (not line.isascii() and any(c > "\u02ff" and c not in _NARROW for c in line)):
                raise NotPlainError
            yield from [line] if width is None or len(line) <= width else _wrapped(line, width)


class Tree:
    """A text with trees below it."""

    def __init__(self, label: Text) -> None:
        self._label, self._below = label, list[Tree]()

    def add(self, label: Text) -> Tree:
        """A tree below this one."""
        self._below.append(Tree(label))
        return self._below[-1]

    def __rich__(self) -> RichTree:
        from rich.tree import Tree

        tree = Tree(self._label, guide_style="dim")
        tree.children = [each.__rich__() for each in self._below]
        return tree

    def lines(self, width: int | None) -> Iterator[str]:
        """The tree in lines of at most so many columns."""
        yield from self._label.lines(width)
        for each in self._below:
            first, rest = ("└── ", "    ") if each is self._below[-1] else ("├── ", "│   ")
            for line in _within(each, width, len(first)):
                yield first + line
                first = rest


class Parts:
    """Parts below each other, indented by some columns."""

    def __init__(self, *parts: Drawn, by: int = 0) -> None:
        self._parts, self._by = parts, by

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.padding import Padding

        group = Group(*self._parts)
        return Padding(group, (0, 0, 0, self._by)) if self._by else group

    def lines(self, width: int | None) -> Iterator[str]:
        """The parts in lines of at most so many columns."""
        blank = " " * self._by
        for part in self._parts:
            for line in _within(part, width, self._by):
                yield blank + line


def lines(renderable: Drawn, width: int | None) -> Iterable[str]:
    """What is printed in lines of at most so many columns, without styles.

    Raises:
        NotPlainError: rich alone can draw it.
    """
    if not isinstance(renderable, Text | Tree | Parts):
        raise NotPlainError
    return renderable.lines(width)


def _within(renderable: Drawn, width: int | None, less: int) -> Iterable[str]:
    """The lines of a part of something, that has so many columns less."""
    if width is not None and (width := width - less) < NARROWEST:
        raise NotPlainError
    return lines(renderable, width)


def _wrapped(line: str, width: int) -> Iterator[str]:
    """A line cut between words."""
    start = used = 0
    for found in _WORD.finditer(line):
        word = len(found[0].rstrip())
        if word > width:
            raise NotPlainError
        if used and word > width - used:
            yield line[start : found.start()].rstrip()
            start, used = found.start(), 0
        used += len(found[0])
    yield line[start:].rstrip()
