"""The knowledge base in a directory, kept from one run to the next; read from its files where it changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from unmet import cache
from unmet.knowledge import Knowledge
from unmet.sources import Sources

SHIPPED = (Path(__file__).parent / "kb", Path(__file__).parents[2] / "kb")
"""Where the shipped knowledge base lies: in a wheel, and in a checkout."""


def shipped() -> Path:
    """The directory of the knowledge base that comes with the program."""
    return next((path for path in SHIPPED if path.is_dir()), SHIPPED[0])


def load(directory: Path | str | None = None) -> Knowledge:
    """The knowledge base in a directory, the shipped one where none is named.

    Raises:
        KnowledgeError: with every defect of its files.
    """
    home = Path(directory) if directory is not None else shipped()
    key = cache.fingerprint(home) if cache.directory() else None
    kept = cache.recall(home, key, partial(_read, home, key)) if key else None
    return Knowledge(home, kept or _read(home, key))


def _read(home: Path, key: str | None) -> Sources:
    """The knowledge base from its files; kept if these are what they were before they were read."""
    from unmet.directory import read  # with the parser of clingo, which a kept knowledge base does without

    sources = read(home)
    if key is not None and cache.fingerprint(home) == key:
        cache.keep(home, key, sources)
    return sources
