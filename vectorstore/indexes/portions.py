"""Portions: cuts work into short calls with pauses, where no other thread of the process runs during a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

_CALL_SECONDS = 0.1
"""How long a call is to take; single ones take several times as long, when Chroma puts in order what was added."""
_LEAST, _MOST = 50, 500
_FASTER = 2.0  # times the size of the portion before, at most
_PAUSE_SECONDS = 0.25  # at most


class Portions:
    """Says how many items the next call takes, by how long the last one took. For one thread at a time.

    A question waits in turn for many things, and each time for the end of the call at hand. So after each call comes a
    pause of the same length: without it a question that took no part in short calls waited longer than for a long one.
    """

    def __init__(
        self,
        size: int,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        """``size``: of the first."""
        self._size = size
        self._clock = clock
        self._pause = pause

    def of(self, count: int) -> Iterator[slice]:
        """Yield a portion after the other of ``count`` items; each is to be done before the next is asked for."""
        start = 0
        while start < count:
            began = self._clock()
            yield slice(start, start + self._size)
            start += self._size
            took = self._clock() - began
            self._size = max(_LEAST, min(_MOST, int(self._size * min(_CALL_SECONDS / max(took, 1e-9), _FASTER))))
            if start < count:
                self._pause(min(took, _PAUSE_SECONDS))
