"""A knowledge base as it was read, kept from one run of the program to the next.

Reading one through clingo's parser and holding it against every limit of the language takes a second; what came of it
is kept as a file in the user's cache directory. It is used only where the contents of every file of the knowledge
base, the program's own files and the versions of Python and clingo are what they were; any other file is ignored and
written anew. It holds data classes as JSON (`unmet.codec`) and the text of the rules, so that nothing it says is run
as Python. A knowledge base with a defect is never kept.

`UNMET_CACHE` names another directory; `off` reads every knowledge base anew.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from unmet import codec
from unmet.coding import Coding
from unmet.policy import Policy
from unmet.solver import CLINGO
from unmet.sources import PolicySource, Sources, Version, VocabularySource
from unmet.vocabulary import Vocabulary

VARIABLE, OFF = "UNMET_CACHE", "off"
"""The environment variable that names the directory, and its value where nothing is to be kept."""

MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What is raised where a file is whole and holds no knowledge base: then it is read anew."""

MOST_FILES = 16
"""How many knowledge bases are kept; the oldest files go first."""


def directory() -> Path | None:
    """Where knowledge bases are kept, None where they are not."""
    named = os.environ.get(VARIABLE)
    if named is None:
        from platformdirs import user_cache_path

        return user_cache_path("unmet", appauthor=False)
    return None if named in ("", OFF) else Path(named)


def fingerprint(home: Path) -> str | None:
    """What tells a knowledge base from any other, and from itself under another program; None where it is unreadable.

    The place belongs to it as it is written, because messages name it so.
    """
    digest = sha256(repr((sys.version, CLINGO, str(home), _program())).encode())
    try:
        for path in sorted([*home.glob("*.lp"), *home.glob("vocabulary/**/*.lp"), *home.glob("policies/**/*.lp")]):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(home).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    except OSError:
        return None
    return digest.hexdigest()


@cache
def _program() -> str:
    """What tells this program from any other: the contents of its files."""
    digest = sha256()
    for folder, folders, names in os.walk(Path(__file__).parent):
        folders.sort()
        for name in sorted(n for n in names if n.endswith(".py") or (n.endswith(".lp") and "encodings" in folder)):
            digest.update(Path(folder, name).read_bytes())
    return digest.hexdigest()


# -- reading --------------------------------------------------------------------------------------------------


def recall(home: Path, key: str, anew: Callable[[], Sources]) -> Sources | None:
    """The knowledge base of this fingerprint, None where none is kept.

    `anew` reads it from its files, should a policy turn out to be none when it is first asked for.
    """
    where = _file(home)
    try:
        content = _own_bytes(where) if where else None
    except OSError:
        return None
    if content is None:
        return None
    head, _, body = content.partition(b"\n")
    if head.decode(errors="replace") != _head(key, body):
        return None
    try:
        first, *rest = body.decode().split("\n")
        vocabulary, rules, coding, codes, versions = json.loads(first)
        lines = dict(zip(map(tuple, versions), rest, strict=True))
        if lines.keys() != {(path.parent.name, path.stem) for path in home.glob("policies/*/*.lp")}:
            return None
        return Sources(
            VocabularySource(codec.read(Vocabulary, vocabulary), rules),
            _Kept(lines, anew),
            codec.read(Coding, coding),
            {code: tuple(names) for code, names in codes.items()},
        )
    except MALFORMED:
        return None


def _own_bytes(path: Path) -> bytes | None:
    """The content of a file that nobody but its owner, who is the user, can write."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
            return None
        return file.read()


class _Kept(Mapping[Version, PolicySource]):
    """The policies of a kept knowledge base, each unpacked when it is first asked for."""

    def __init__(self, lines: Mapping[Version, str], anew: Callable[[], Sources]) -> None:
        self._lines, self._anew = lines, anew
        self._found: dict[Version, PolicySource] = {}

    def __getitem__(self, version: Version) -> PolicySource:
        if version not in self._found:
            self._found.setdefault(version, self._read(self._lines[version]) or self._anew().policies[version])
        return self._found[version]

    @staticmethod
    def _read(line: str) -> PolicySource | None:
        try:
            policy, text, reads = json.loads(line)
            return PolicySource(codec.read(Policy, policy), text, reads)
        except MALFORMED:
            return None

    def __iter__(self) -> Iterator[Version]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


# -- writing --------------------------------------------------------------------------------------------------


def keep(home: Path, key: str, sources: Sources) -> None:
    """Keeps a knowledge base; where that is not possible, the next run reads it anew."""
    where = _file(home)
    if where is None:
        return
    words, coding = sources.words, sources.coding
    versions = list(sources.policies)
    first = [codec.written(words.vocabulary), words.rules, codec.written(coding), dict(sources.codes), versions]
    policies = ([codec.written(s.policy), s.text, s.reads] for s in sources.policies.values())
    body = "\n".join(json.dumps(line, separators=(",", ":")) for line in (first, *policies)).encode()
    with suppress(OSError):
        where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(where, _head(key, body).encode() + b"\n" + body)
        _prune(where.parent)


def _replace(path: Path, content: bytes) -> None:
    """Writes a file at once: who reads it meanwhile finds the old one or the new one."""
    from tempfile import mkstemp  # seldom needed, and slow to import

    handle, name = mkstemp(dir=path.parent, suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _prune(folder: Path) -> None:
    found = sorted(folder.glob("*.unmet"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in found[MOST_FILES:]:
        path.unlink(missing_ok=True)


def _file(home: Path) -> Path | None:
    folder = directory()
    name = sha256(f"{home.absolute()}\n{home}".encode()).hexdigest()[:24]
    return None if folder is None else folder / f"{name}.unmet"


def _head(key: str, body: bytes) -> str:
    return f"unmet knowledge base {key} {sha256(body).hexdigest()}"
