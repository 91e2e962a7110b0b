"""Spans of a file worked at by several threads.

What takes the time of a batch (to read and write columns, to compute with vectors of bits) lets other threads of Python
go on meanwhile. So threads use several cores, and share what is compiled; processes would each compile it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import TypeVar

from unmet.batch.files import Span
from unmet.errors import RequestError

T = TypeVar("T")

Work = Callable[[int, Span, Callable[[], bool]], T]
"""What is done with a span, by its number; the last says whether it is to be left undone by `Stopped`."""


class Stopped(Exception):
    """Something else went wrong, and what is being done is not needed any more."""


def worked(spans: Mapping[int, Span], work: Work[T], threads: int) -> Iterator[tuple[int, T]]:
    """Works at spans, and gives what comes of each as soon as it is done, with its number.

    Where work at one of them fails, that at the others is stopped, and has ended when the exception is raised.

    Raises:
        RequestError: there are no threads.
        Exception: what the work raised.
    """
    if threads < 1:
        raise RequestError(f"`{threads}` is no number of threads")
    if threads == 1 or len(spans) < 2:
        for number, span in spans.items():
            yield number, work(number, span, lambda: False)
        return
    left: SimpleQueue[tuple[int, Span]] = SimpleQueue()
    done: SimpleQueue[tuple[int, T] | BaseException] = SimpleQueue()
    stopping = threading.Event()
    for item in spans.items():
        left.put(item)

    def serve() -> None:
        while not stopping.is_set():
            try:
                number, span = left.get_nowait()
            except Empty:
                return
            try:
                done.put((number, work(number, span, stopping.is_set)))
            except BaseException as error:
                done.put(error)

    helpers = [threading.Thread(target=serve, daemon=True) for _ in range(min(threads, len(spans)))]
    try:
        for helper in helpers:
            helper.start()
        for _ in spans:
            found = done.get()
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stopping.set()
        for helper in helpers:
            if helper.ident is not None:  # all but those that an interrupt came before
                helper.join()
