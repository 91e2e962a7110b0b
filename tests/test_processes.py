"""Work shared by several processes comes to the same as work done by one, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from unmet.processes import shared


def square(piece: int) -> int:
    time.sleep(0.01)  # so that the copies come to their turn
    return piece * piece


@pytest.mark.parametrize("processes", [1, 2, 3, 20])
def test_every_piece_is_worked_at_once(processes: int) -> None:
    pieces = [3, 1, 2, 1000, 7]
    assert shared(square, pieces, processes) == {piece: piece * piece for piece in pieces}
    assert list(shared(square, pieces, processes)) == pieces


def test_there_may_be_no_pieces() -> None:
    assert shared(square, [], 2) == {}


def test_several_processes_work_at_it() -> None:
    def process(_: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    assert len(set(shared(process, range(8), 2).values())) == 2


def test_what_a_copy_does_not_finish_is_done_here() -> None:
    own = os.getpid()

    def fragile(piece: int) -> int:
        time.sleep(0.01)
        if os.getpid() != own:
            os._exit(1)
        return piece

    assert shared(fragile, range(6), 3) == {piece: piece for piece in range(6)}


def test_an_error_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        shared(lambda piece: piece if piece < 100 else 1 // 0, range(98, 101), 2)


@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGTERM])
def test_copies_end_with_the_process_that_asked(ended: signal.Signals) -> None:
    """Also those that wait for work: what all of them print to ends only with the last of them."""
    work = "lambda piece: (os.write(1, b'%d\\n' % piece), time.sleep(piece))"
    script = f"import os, time; from unmet.processes import shared; shared({work}, [60, 0], 2)"
    asking = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    assert asking.stdout is not None
    try:
        assert {asking.stdout.readline(), asking.stdout.readline()} == {b"60\n", b"0\n"}
        asking.send_signal(ended)
        assert asking.communicate(timeout=10)[0] == b""
    finally:
        with suppress(ProcessLookupError):
            os.killpg(asking.pid, signal.SIGKILL)
        asking.communicate()
