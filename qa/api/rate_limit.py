"""Rate limit: how many questions an API key may ask in a minute, and how many at once. For one event loop."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from qa.errors import TooManyRequests

MAX_BUCKETS = 10_000
"""Keys that are remembered at most; those with a full bucket are forgotten first."""


class RateLimiter:
    """A token bucket for each key: it holds a minute's questions, and refills evenly.

    Args:
        per_minute: questions of one key in a minute.
        at_once: questions of one key that may run at the same time.
    """

    def __init__(self, per_minute: int, at_once: int) -> None:
        self._per_minute = per_minute
        self._at_once = at_once
        self._buckets: dict[str, tuple[float, float]] = {}
        self._running: Counter[str] = Counter()

    @contextmanager
    def slot(self, owner: str) -> Iterator[None]:
        """Count one question of ``owner`` against its limits, and as running while the context is open.

        Raises:
            TooManyRequests: a limit is reached; ``retry_after`` is the number of seconds to wait.
        """
        if self._running[owner] >= self._at_once:
            raise TooManyRequests(
                f"{self._at_once} questions of this key are being answered; wait for one to end", retry_after=1
            )
        self._take_token(owner)
        self._running[owner] += 1
        try:
            yield
        finally:
            self._running[owner] -= 1
            if not self._running[owner]:
                del self._running[owner]

    def _take_token(self, owner: str) -> None:
        now, rate = time.monotonic(), self._per_minute / 60
        tokens, since = self._buckets.get(owner, (float(self._per_minute), now))
        tokens = min(float(self._per_minute), tokens + (now - since) * rate)
        if tokens < 1:
            wait = max(1, math.ceil((1 - tokens) / rate))
            raise TooManyRequests(
                f"this key may ask {self._per_minute} questions a minute; ask again in {wait} s", retry_after=wait
            )
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {
                key: (was, then)
                for key, (was, then) in self._buckets.items()
                if was + (now - then) * rate < self._per_minute
            }
        self._buckets[owner] = tokens - 1, now
