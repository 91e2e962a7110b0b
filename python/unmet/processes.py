"""Pieces of work shared by this process and copies of it.

A copy has all that this process has read, and needs no start of its own. What a copy does not finish, for whatever
reason, this process does, so that the answer never depends on how many there are.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")

WIDTH = 4
"""The bytes of a piece's number in the pipe that the processes take pieces from."""


def shared(work: Callable[[int], T], pieces: Sequence[int], processes: int = 1) -> dict[int, T]:
    """What comes of each piece, by its number; those first in order are begun first.

    Args:
        work: does a piece; what it gives has to be picklable where there are several processes.
        processes: how many work at it. Copies are made where the system can fork and no other thread runs.
    """
    copies = min(processes, len(pieces)) - 1
    if copies < 1 or not hasattr(os, "fork") or threading.active_count() > 1:
        return {piece: work(piece) for piece in pieces}
    waiting, entry = os.pipe()
    os.write(entry, b"".join(piece.to_bytes(WIDTH, "big") for piece in pieces))
    os.close(entry)
    answers = [_copy(work, waiting) for _ in range(copies)]
    done: dict[int, T] = {}
    try:
        done |= _worked(work, waiting)
        for _, answer in answers:
            done |= _read(answer)
    finally:
        os.close(waiting)
        for process, answer in answers:
            answer.close()
            os.waitpid(process, 0)
    return {piece: done[piece] if piece in done else work(piece) for piece in pieces}


def _worked(work: Callable[[int], T], waiting: int) -> Iterator[tuple[int, T]]:
    """Takes one piece after another until none waits."""
    while number := os.read(waiting, WIDTH):
        piece = int.from_bytes(number, "big")
        yield piece, work(piece)


def _copy(work: Callable[[int], Any], waiting: int) -> tuple[int, BinaryIO]:
    """A copy of this process that works at pieces, and the pipe that its answers come through."""
    answer, entry = os.pipe()
    process = os.fork()
    if process:
        os.close(entry)
        return process, os.fdopen(answer, "rb")
    try:  # what goes wrong here goes wrong again in the process that asked, which tells of it
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with os.fdopen(entry, "wb") as file:
            pickle.dump(dict(_worked(work, waiting)), file)
    finally:
        os._exit(0)


def _read(answer: BinaryIO) -> dict[int, Any]:
    """What a copy has done; nothing where it ended before it could say so."""
    try:
        found: dict[int, Any] = pickle.load(answer)
    except (EOFError, pickle.UnpicklingError):
        return {}
    return found
