"""Cancellation flag: stops long work when the client disconnects."""

from __future__ import annotations

import threading
from contextvars import ContextVar

POLL_SECONDS = 0.2
"""Time between two checks of the flag by whatever waits for a model."""

_FLAG: ContextVar[threading.Event | None] = ContextVar("cancellation_flag", default=None)


def use_flag(flag: threading.Event) -> None:
    """Make ``flag`` the cancellation flag of this context."""
    _FLAG.set(flag)


def is_cancelled() -> bool:
    """Say whether the flag of this context is set; without a flag, work is never cancelled."""
    flag = _FLAG.get()
    return flag is not None and flag.is_set()
