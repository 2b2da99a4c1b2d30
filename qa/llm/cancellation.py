"""Whether anybody still waits for an answer: what takes long looks, and gives up when nobody does."""

from __future__ import annotations

import threading
from contextvars import ContextVar

LOOK_SECONDS = 0.2
"""Between two looks of what waits."""

_LEFT: ContextVar[threading.Event | None] = ContextVar("left", default=None)


def tell_by(event: threading.Event) -> None:
    """Make ``event`` say, in this context, that the person left."""
    _LEFT.set(event)


def left() -> bool:
    """Say whether the person whose question this context answers has left."""
    event = _LEFT.get()
    return event is not None and event.is_set()
