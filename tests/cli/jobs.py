"""Work for `logidsl.workers`, in a module that a new process can import."""

from __future__ import annotations

import os
import signal
import time


def square(context: int, item: int) -> int:
    """Slower for early items, so that order is not for free."""
    time.sleep(0.02 if item % 2 == 0 else 0)
    return context + item * item


def sized(context: bytes, item: int) -> int:
    """Slow to send."""
    return len(context) + item


def deadly(context: int, item: int) -> int:
    """Kill the process at one item, as a crash in native code would."""
    if item == context:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def place(_context: None, _item: int) -> tuple[int, str]:
    """Where the work is done, and how many threads its libraries may start."""
    return os.getpid(), os.environ["OMP_NUM_THREADS"]


def hears_interrupts(_context: None, _item: int) -> bool:
    """Whether an interrupt would end this worker."""
    return signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def lost(item: int) -> int:
    """The result for an item whose worker died."""
    return -item


def refuses(context: int, item: int) -> int:
    """Raise an error at one item."""
    if item == context:
        raise ValueError(f"not {item}")
    return item


def late(item: int) -> int:
    """The result for an item that took too long."""
    return -1000 * item


def stalls(context: int, item: int) -> int:
    """Wait for ever at one item, deaf to signals."""
    if item == context:
        while True:
            time.sleep(1)
    return item


def hears_the_end(_context: None, _item: int) -> bool:
    """Whether a request to terminate would end this worker."""
    return signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN


def who(_context: None, item: int) -> int:
    """The number of the worker's process, slowly."""
    time.sleep(0.05 * (item > 0))
    return os.getpid()
