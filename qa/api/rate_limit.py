"""What one API key may ask: so many questions a minute, and so many at the same time. For one event loop."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from qa.errors import TooManyRequests

FORGET = 10_000
"""Keys that are remembered at most; those that have all their questions left are forgotten first."""


class Limits:
    """Counts questions by key: a bucket that holds a minute's questions and fills evenly.

    Args:
        per_minute: questions of one key.
        at_once: questions of one key that may be open.
    """

    def __init__(self, per_minute: int, at_once: int) -> None:
        self._per_minute = per_minute
        self._at_once = at_once
        self._buckets: dict[str, tuple[float, float]] = {}
        self._open: Counter[str] = Counter()

    @contextmanager
    def question(self, owner: str) -> Iterator[None]:
        """Hold a place for one question.

        Raises:
            TooManyRequests: there is none; ``retry_after`` says when there will be.
        """
        if self._open[owner] >= self._at_once:
            raise TooManyRequests(
                f"{self._at_once} questions of this key are being answered; wait for one to end", retry_after=1
            )
        self._take(owner)
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]

    def _take(self, owner: str) -> None:
        now, rate = time.monotonic(), self._per_minute / 60
        left, since = self._buckets.get(owner, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * rate)
        if left < 1:
            wait = max(1, math.ceil((1 - left) / rate))
            raise TooManyRequests(
                f"this key may ask {self._per_minute} questions a minute; ask again in {wait} s", retry_after=wait
            )
        if len(self._buckets) >= FORGET:
            self._buckets = {
                key: (was, then)
                for key, (was, then) in self._buckets.items()
                if was + (now - then) * rate < self._per_minute
            }
        self._buckets[owner] = left - 1, now
