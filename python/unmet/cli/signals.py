"""What ends a command from outside: Ctrl-C, and a reader of its output that goes away.

Both end the program at once and without a word, as they end other programs of a terminal. Python would raise an
exception instead, wherever it is: while it imports, or in a callback of the solver, which does not survive one.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

PYTHON: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler}
"""How Python handles these signals."""

if sys.platform != "win32":
    PYTHON[signal.SIGPIPE] = signal.SIG_IGN


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Ends the program when such a signal comes; where it is ignored (`nohup`), it stays so."""
    with _handled({n: signal.SIG_DFL for n, usual in PYTHON.items() if signal.getsignal(n) == usual}):
        yield


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Lets what is at work (other threads and processes, a bar on the terminal) end in order, and exits then."""
    try:
        with _handled({n: usual for n, usual in PYTHON.items() if signal.getsignal(n) is signal.SIG_DFL}):
            yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


@contextmanager
def _handled(handlers: Mapping[signal.Signals, Any]) -> Iterator[None]:
    """Handles signals so for a while; only the main thread of a program can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
