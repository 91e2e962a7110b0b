"""Spans of a file worked at by several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, TypeVar

import pyarrow as pa

from unmet.batch.files import Span
from unmet.errors import RequestError

T = TypeVar("T")

Work = Callable[[int, Span], T]
"""What is done with a span, by its number."""

_work: Work[Any] | None = None
"""What a process does that works for another."""


def worked(
    spans: Mapping[int, Span], work: Work[T], make: Callable[[], Work[T]], processes: int
) -> Iterator[tuple[int, T]]:
    """Works at spans, and gives what comes of each as soon as it is done, with its number.

    Args:
        work: does it in this process, where there is only one.
        make: makes the same in each of several others, which end when this one does.

    Raises:
        RequestError: one of the others was ended from outside; or there are no processes.
    """
    if processes < 1:
        raise RequestError(f"`{processes}` is no number of processes")
    if processes == 1 or len(spans) < 2:
        for number, span in spans.items():
            yield number, work(number, span)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(spans)), context, _start, (make,)) as pool:
        with _deaf():
            futures = {pool.submit(_done, number, span): number for number, span in spans.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            raise RequestError("a process that worked at it was ended", "run the same command again") from None
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _start(make: Callable[[], Work[Any]]) -> None:
    """Makes a process one that works for another, and ends when that one does."""
    global _work
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    pa.set_cpu_count(1)
    _work = make()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _done(number: int, span: Span) -> Any:
    assert _work is not None
    return _work(number, span)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started meanwhile do not hear Ctrl-C: the one that starts them does, and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
