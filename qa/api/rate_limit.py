"""Rate limits: questions of an API key in a minute and at once, wrong keys of an address. For one event loop."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from qa.errors import TooManyRequests

MAX_BUCKETS = 10_000
"""Keys that are remembered at most; those with a full bucket are forgotten first."""


class TokenBuckets:
    """A bucket for each name: it holds ``per_minute`` tokens at first and at most, and refills evenly."""

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, name: str) -> int:
        """Return the seconds until there is a token, 1 or more; 0 when there is one."""
        tokens = self._tokens(name, time.monotonic())
        return 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) / self._rate))

    def take(self, name: str) -> None:
        """Take a token, as far as there is one."""
        now = time.monotonic()
        tokens = self._tokens(name, now)
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {one: held for one, held in self._buckets.items() if self._tokens(one, now) < self._most}
        self._buckets[name] = max(0.0, tokens - 1), now

    def _tokens(self, name: str, now: float) -> float:
        tokens, since = self._buckets.get(name, (self._most, now))
        return min(self._most, tokens + (now - since) * self._rate)


class RateLimiter:
    """Limits the questions of each key.

    Args:
        per_minute: questions of one key in a minute.
        at_once: questions of one key that may run at the same time.
    """

    def __init__(self, per_minute: int, at_once: int) -> None:
        self._per_minute = per_minute
        self._at_once = at_once
        self._buckets = TokenBuckets(per_minute)
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
        if wait := self._buckets.wait(owner):
            raise TooManyRequests(
                f"this key may ask {self._per_minute} questions a minute; ask again in {wait} s", retry_after=wait
            )
        self._buckets.take(owner)
        self._running[owner] += 1
        try:
            yield
        finally:
            self._running[owner] -= 1
            if not self._running[owner]:
                del self._running[owner]


class FailureLimiter:
    """Limits the wrong keys of each address, so that nobody tries many or keeps the database busy with them."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets = TokenBuckets(per_minute)

    def check(self, address: str) -> None:
        """Raise when too many wrong keys came from ``address``.

        Raises:
            TooManyRequests
        """
        if wait := self._buckets.wait(_network(address)):
            raise TooManyRequests(
                f"more than {self._per_minute} wrong API keys in a minute came from this address; "
                f"try again in {wait} s",
                retry_after=wait,
            )

    def failed(self, address: str) -> None:
        """Count a wrong key."""
        self._buckets.take(_network(address))


def _network(address: str) -> str:
    """Return an address, of version 6 its network: a machine there has more addresses than one can count."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((int(parsed), 64), strict=False))
