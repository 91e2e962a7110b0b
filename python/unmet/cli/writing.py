"""Files that commands write: whole or not at all, and what could not be written is a message."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click


@contextmanager
def _taught(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        from unmet.errors import reason

        raise click.UsageError(f"`{path}` cannot be written: {reason(error)}") from None


def write_file(path: Path, text: str) -> None:
    """Writes a text to a file, or to a device or pipe; what stood in the file stays there until the new one is whole.

    Raises:
        UsageError: it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    with _taught(path):
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                device.write(content)
            return
        place = path.resolve()
        whole = place.with_name(f".unmet.{os.getpid()}")
        try:
            whole.write_bytes(content)
            if place.exists():
                shutil.copymode(place, whole)
            os.replace(whole, place)
        finally:
            with suppress(OSError):
                whole.unlink()


def write_folder(folder: Path, files: Mapping[str, str], *, over: bool) -> None:
    """Writes files into a folder, which is made where there is none: all of them or none.

    Args:
        files: text by name.
        over: whether a file that holds something else is written over.

    Raises:
        UsageError: the folder or a file cannot be written, or holds something else.
    """
    with _taught(folder):
        folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in files if (folder / name).exists()]
    for name in there if not over else ():
        with _taught(folder / name):
            if (folder / name).read_bytes() != files[name].encode():
                raise click.UsageError(
                    f"`{folder / name}` is there already and holds something else\n  help: write to another folder"
                )
    made: list[Path] = []
    try:
        for name, text in files.items():
            write_file(folder / name, text)
            made += [] if name in there else [folder / name]
    except click.UsageError:
        for path in made:
            path.unlink(missing_ok=True)
        raise
