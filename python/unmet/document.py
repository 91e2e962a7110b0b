"""A YAML or JSON file as plain data with the place of every key and value.

Scalars follow YAML 1.2: `yes` and `no` are words, only `true` and `false` are booleans, and a date is text; decimals
stay exact. Anchors, aliases and tags are refused, so that no file can grow in memory or make an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from unmet.diagnostics import Diagnostic, Span

MOST_BYTES = 16 * 2**20
DEEPEST = 24

Place = tuple[str | int, ...]


@dataclass
class Document:
    """What a file holds: its data, the span of each value and of each key by path, and what is wrong with it."""

    file: str
    data: Any = None
    values: dict[Place, Span] = field(default_factory=dict)
    keys: dict[Place, Span] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def span(self, path: Place, *, key: bool = False) -> Span:
        """The place of a path, or of the nearest thing around it."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        for end in range(len(path), -1, -1):
            if found := first.get(path[:end]) or second.get(path[:end]):
                return found
        return Span(self.file, 1, 1)

    def add(self, code: str, message: str, path: Place, help: str | None = None, *, key: bool = False) -> None:
        """Notes one problem at a path."""
        where = ".".join(map(str, path)) or None
        self.diagnostics.append(Diagnostic(code, message, self.span(path, key=key), where, help))


def read(path: Path) -> Document:
    """The document in a file; its diagnostics say what could not be read."""
    document = Document(str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            document.add("too-large", f"the file is larger than {MOST_BYTES // 2**20} MiB", ())
            return document
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        document.add("unreadable-case", f"the case cannot be read: {reason}", ())
        return document
    parse(text, document)
    return document


def parse(text: str, document: Document) -> None:
    """Fills a document from YAML text."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = iter(_checked(yaml.parse(text, Loader=loader), document))
        first = next(events, None)
        document.data = None if first is None else _value(first, events, (), document)
        extra = next(events, None)
        if extra is not None:
            document.diagnostics.append(
                Diagnostic("yaml", "the file holds more than one document", _span(document, extra.start_mark))
            )
    except _StopReadingError:
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).splitlines()[0]
        span = Span(document.file, 1, 1) if mark is None else _span(document, mark)
        document.diagnostics.append(Diagnostic("yaml", f"this is not YAML: {said}", span))
        return
    if first is None:
        document.add("yaml", "the file is empty", (), "docs/case-files.md shows a case")


class _StopReadingError(Exception):
    """The rest of the document is not worth reading; a diagnostic says why."""


def _span(document: Document, mark: Any) -> Span:
    return Span(document.file, mark.line + 1, mark.column + 1)


def _checked(events: Iterator[Any], document: Document) -> Iterator[Any]:
    """The events of nodes, held against what a case file may use."""
    depth = 0
    for event in events:
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > DEEPEST:
                span = _span(document, event.start_mark)
                document.diagnostics.append(Diagnostic("too-deep", f"nesting is deeper than {DEEPEST}", span))
                raise _StopReadingError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.NodeEvent):
            anchored = isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None
            tagged = getattr(event, "tag", None) is not None
            if anchored or tagged:
                what = "a tag" if tagged else "an anchor or alias"
                document.diagnostics.append(
                    Diagnostic(
                        "anchor",
                        f"a case file does not use {what}",
                        _span(document, event.start_mark),
                        help="write the value out",
                    )
                )
                raise _StopReadingError
        yield event


def _value(event: Any, events: Iterator[Any], path: Place, document: Document) -> Any:
    document.values[path] = _span(document, event.start_mark)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event.value) if event.implicit[0] else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_value(item, events, (*path, len(items)), document))
        return items
    mapping: dict[str, Any] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        span = _span(document, key.start_mark)
        if not isinstance(key, yaml.ScalarEvent):
            document.diagnostics.append(Diagnostic("yaml", "a key is a word, not a list or a mapping", span))
            raise _StopReadingError
        here = (*path, key.value)
        if key.value in mapping:
            document.add("duplicate-key", f"`{key.value}` is written twice", here, "keep one of them")
            document.diagnostics[-1] = _moved(document.diagnostics[-1], span)
            _value(next(events), events, (*here, "\0again"), document)
            continue
        document.keys[here] = span
        mapping[key.value] = _value(next(events), events, here, document)
    return mapping


def _moved(diagnostic: Diagnostic, span: Span) -> Diagnostic:
    return Diagnostic(diagnostic.code, diagnostic.message, span, diagnostic.path, diagnostic.help)


def _scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2, numbers that are no integers as Decimal."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text[0] in "tT"
    if len(text) <= 40 and re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    if len(text) <= 40 and re.fullmatch(
        r"[+-]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][+-]?[0-9]{1,3})?|[+-]?[0-9]+[eE][+-]?[0-9]{1,3}", text
    ):
        return Decimal(text)
    return text
