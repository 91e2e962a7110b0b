"""A YAML or JSON file as plain data with the place of every key and value.

Scalars follow YAML 1.2: `yes` and `no` are words, only `true` and `false` are booleans, and a date is text; decimals
stay exact. Anchors, aliases and tags are refused, so that no file can grow in memory or make an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from unmet.diagnostics import Diagnostic, Span
from unmet.errors import reason
from unmet.values import clip

MOST_BYTES = 4 * 2**20
DEEPEST = 24
MOST_NODES = 50_000
MOST_PROBLEMS = 1_000

GREATEST = 10**40
"""From here on, a number is not told from others: no attribute can have it."""

SHOWN = {"case": "docs/case-files.md shows a case", "slots": "docs/cli.md lists the slots"}
"""Where to see what a file may hold."""

Place = tuple[str | int, ...]


@dataclass
class Document:
    """What a file holds: its data, the span of each value and of each key by path, and what is wrong with it.

    `what` is what messages call it: a case, or slots.
    """

    file: str
    what: str = "case"
    data: Any = None
    values: dict[Place, Span] = field(default_factory=dict)
    keys: dict[Place, Span] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    written: dict[Place, str] = field(default_factory=dict)
    """How each number is written: `01941`, which as a number is 1941."""
    shifts: dict[int, list[int]] = field(default_factory=dict)
    """Where, by line, an escaped character was rewritten two columns shorter before it was parsed."""

    def span(self, path: Place, *, key: bool = False) -> Span:
        """The place of a path, or of the nearest thing around it."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        for end in range(len(path), -1, -1):
            if found := first.get(path[:end]) or second.get(path[:end]):
                return found
        return Span(self.file, 1, 1)

    def add(self, code: str, message: str, path: Place, help: str | None = None, *, key: bool = False) -> None:
        """Notes one problem at a path."""
        where = ".".join(clip(str(part)) for part in path) or None
        self.diagnostics.append(Diagnostic(code, message, self.span(path, key=key), where, help))


def read(path: Path, what: str = "case") -> Document:
    """The document in a file; its diagnostics say what could not be read."""
    document = Document(str(path), what)
    try:
        with path.open("rb") as file:  # which may be a pipe or a device, and have no end
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            document.add("too-large", f"the file is larger than {MOST_BYTES // 2**20} MiB", ())
            return document
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        document.add("unreadable-case", f"the {what} cannot be read: it is not UTF-8 text", ())
        return document
    except (OSError, ValueError) as error:
        said = reason(error) if isinstance(error, OSError) else str(error)
        document.add("unreadable-case", f"the {what} cannot be read: {said}", ())
        return document
    parse(_joined(text, document) if path.suffix == ".json" else text, document)
    return document


def write(data: Any, comment: str = "") -> str:
    """The YAML text of plain data, below a comment: read back, it is the same data."""
    head = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    return head + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes for a reader of YAML 1.2: `yes` and dates stand without quotes, and digits that are text within them."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - pyyaml's own name for it

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?", "-+.0123456789"),
):
    _Dumper.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$", re.IGNORECASE), list(_first))


def of_data(file: str, data: Any) -> Document:
    """The document of plain data, as a file would hold it; floats count as the decimals they are written as."""
    document = Document(file)
    with suppress(_StopReadingError):
        document.data = _plain(data, (), document)
    return document


def _plain(data: Any, path: Place, document: Document) -> Any:
    if len(path) > DEEPEST:
        document.add("too-deep", f"nesting is deeper than {DEEPEST}", path[:DEEPEST])
        raise _StopReadingError
    match data:
        case Mapping():
            return {
                _key(key, path, document): _plain(value, (*path, str(key)), document) for key, value in data.items()
            }
        case list() | tuple():
            return [_plain(item, (*path, i), document) for i, item in enumerate(data)]
        case float():
            return Decimal(repr(data)) if isfinite(data) else repr(data)
        case int() if not isinstance(data, bool):
            return data if abs(data) < GREATEST else Decimal("1e40").copy_sign(1 if data > 0 else -1)
        case date() if not isinstance(data, datetime):
            return data.isoformat()
        case Decimal():
            return data if data.is_finite() else str(data)
        case str() | bool() | None:
            return data
    document.add("wrong-type", f"a case holds plain data, not a `{type(data).__name__}`", path)
    raise _StopReadingError


def _key(key: Any, path: Place, document: Document) -> str:
    if isinstance(key, str) and key.isprintable():
        return key
    what = "a word" if isinstance(key, str) else f"a word, not a `{type(key).__name__}`"
    document.add("wrong-type", f"a key is {what}", path)
    raise _StopReadingError


def _joined(text: str, document: Document) -> str:
    """JSON with `\\ud83e\\uddb4` as `\\U0001f9b4`: JSON writes such a character as two halves, and YAML does not."""

    def join(match: re.Match[str]) -> str:
        before = text.rfind("\n", 0, match.start()) + 1
        document.shifts.setdefault(text.count("\n", 0, before), []).append(match.end() - before)
        high, low = int(match[2], 16), int(match[3], 16)
        return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"

    return re.sub(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})", join, text)


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
        tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        help = "YAML is indented with spaces, not with tabs" if tab else None
        document.diagnostics.append(Diagnostic("yaml", f"this is not YAML: {said}", span, help=help))
        return
    if first is None:
        document.add("yaml", "the file is empty", (), SHOWN[document.what])


class _StopReadingError(Exception):
    """The rest of the document is not worth reading; a diagnostic says why."""


def _span(document: Document, mark: Any) -> Span:
    column = mark.column
    for shift in document.shifts.get(mark.line, ()):
        column += 2 * (column + 2 >= shift)
    return Span(document.file, mark.line + 1, column + 1)


def _checked(events: Iterator[Any], document: Document) -> Iterator[Any]:
    """The events of nodes, held against what a case file may use."""
    depth = 0
    for count, event in enumerate(events):
        if count > MOST_NODES:
            span = _span(document, event.start_mark)
            document.diagnostics.append(Diagnostic("too-large", f"there are more than {MOST_NODES:,} values", span))
            raise _StopReadingError
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
                        f"a {document.what} file does not use {what}",
                        _span(document, event.start_mark),
                        help="write the value out",
                    )
                )
                raise _StopReadingError
        yield event


def _value(event: Any, events: Iterator[Any], path: Place, document: Document) -> Any:
    document.values[path] = _span(document, event.start_mark)
    if isinstance(event, yaml.ScalarEvent):
        value = _scalar(event.value) if event.implicit[0] else event.value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            document.written[path] = event.value
        return value
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
        if not key.value.isprintable():
            what = "a key is a word on one line, without control characters"
            document.diagnostics.append(Diagnostic("yaml", what, span))
            raise _StopReadingError
        if key.value in mapping:
            document.add("duplicate-key", f"`{clip(key.value)}` is written twice", here, "keep one of them")
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
