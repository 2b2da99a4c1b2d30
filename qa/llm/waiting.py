"""Waiting for a model: runs its stream in a thread, and ends the wait on silence or when the client disconnects."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from qa.errors import Cancelled, ModelTimeout
from qa.llm.cancellation import POLL_SECONDS, is_cancelled, use_flag

Piece = TypeVar("Piece")
Source = Callable[[threading.Event], Iterator[Piece]]
"""Given an event that is set once nobody waits any more."""


class _End:
    pass


def bounded(source: Source[Piece], seconds: float, late: ModelTimeout) -> Iterator[Piece]:
    """Yield what ``source`` yields; raise ``late`` when nothing has come for ``seconds``.

    Time counts from the last piece: a model may think and write for minutes. The client's own timeout would not do: it
    limits the time between two bytes, so a server's keep-alive comments restart it. The source runs in a thread of its
    own, whose cancellation flag is set when the wait is over: it ends with the next byte that comes, at the latest when
    the client's timeout ends it.

    Raises:
        Cancelled: the cancellation flag is set.
    """
    pieces: queue.SimpleQueue[Piece | BaseException | _End] = queue.SimpleQueue()
    closed = threading.Event()
    threading.Thread(target=_pump, args=(source, pieces, closed), name="model", daemon=True).start()
    deadline = time.monotonic() + seconds
    try:
        while True:
            remaining = deadline - time.monotonic()
            try:
                piece = pieces.get(timeout=max(0.0, min(remaining, POLL_SECONDS)))
            except queue.Empty:
                if is_cancelled():
                    raise Cancelled("the client has disconnected") from None
                if remaining <= POLL_SECONDS:
                    raise late from None
                continue
            if isinstance(piece, _End):
                return
            if isinstance(piece, BaseException):
                raise piece
            if is_cancelled():
                raise Cancelled("the client has disconnected")
            yield piece
            deadline = time.monotonic() + seconds
    finally:
        closed.set()


def _pump(
    source: Source[Piece], pieces: queue.SimpleQueue[Piece | BaseException | _End], closed: threading.Event
) -> None:
    """Put what ``source`` yields into ``pieces`` until ``closed`` is set; then its error, or the end."""
    use_flag(closed)
    try:
        for piece in source(closed):
            if closed.is_set():
                return
            pieces.put(piece)
        pieces.put(_End())
    except BaseException as error:  # raised in the caller's thread
        pieces.put(error)
