"""Watchdog: ends a process in which nothing runs any more, for its supervisor to start it again.

A library in C or Rust that never returns while it keeps Python's own lock (the GIL) stops every thread: the event loop,
the handlers of signals, and whoever could notice. Only a thread that is not Python's can end such a process.
``faulthandler`` has one, which first writes where each thread stands to standard error.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RENEWALS = 5
"""Times that the end is put off before it would come."""


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """In the block, end the process with status 1 once no Python code has run for some seconds; 0 never ends it.

    Where there is no standard error to write to, nothing is watched.
    """
    log = sys.__stderr__
    if not seconds or log is None:
        yield
        return
    over = threading.Event()

    def put_off() -> None:
        while not over.wait(seconds / _RENEWALS):
            faulthandler.dump_traceback_later(seconds, exit=True, file=log)
        faulthandler.cancel_dump_traceback_later()

    thread = threading.Thread(target=put_off, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
