"""Pieces of work shared by copies of this process, which have all that it has read and need no start of their own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_work: Callable[[int], Any] | None = None
"""In a copy: what it works at."""


def shared(work: Callable[[int], T], pieces: Sequence[int], processes: int = 1) -> dict[int, T]:
    """What comes of each piece, by its number; those first in order are begun first.

    What copies do not finish, because one of them was ended, this process does.

    Args:
        work: does a piece; what it gives has to be picklable where there are several processes.
        processes: how many work at it. Copies are made where the system can fork and no other thread runs.
    """
    done: dict[int, T] = {}
    if min(processes, len(pieces)) > 1 and threading.active_count() == 1:
        done = _in_copies(work, pieces, min(processes, len(pieces)))
    return {piece: done[piece] if piece in done else work(piece) for piece in pieces}


def _in_copies(work: Callable[[int], T], pieces: Sequence[int], processes: int) -> dict[int, T]:
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # which take their time to import
    from multiprocessing import get_all_start_methods, get_context

    if "fork" not in get_all_start_methods():
        return {}
    done: dict[int, T] = {}
    with ProcessPoolExecutor(processes, get_context("fork"), _begin, (work,)) as pool:
        try:
            for piece, found in zip(pieces, pool.map(_do, pieces), strict=True):
                done[piece] = found
        except BrokenProcessPool:
            pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def _begin(work: Callable[[int], Any]) -> None:
    """What a copy does first; an interrupt is for the process that asked, and its end is the end of its copies."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work = work


def _end_with_parent() -> None:
    """Ends a copy when the process that asked was ended: by itself it would wait for work for ever."""
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(piece: int) -> Any:
    assert _work is not None
    return _work(piece)
