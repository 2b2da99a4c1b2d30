"""Token meter: adds up what the calls of a language model cost that one question needs."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextvars import ContextVar
from typing import TypeVar

from qa.types import TokenUsage

Event = TypeVar("Event")


class TokenMeter:
    """The cost of one question."""

    def __init__(self) -> None:
        self.usage: TokenUsage | None = None
        """None as long as no endpoint has said what a call cost."""

    def over(self, events: Iterator[Event]) -> Iterator[Event]:
        """Yield ``events``; calls made while the next one is worked on count here.

        The meter is in place only during that work, so questions that take turns in one thread don't mix.
        """
        try:
            while True:
                token = _METER.set(self)
                try:
                    event = next(events)
                except StopIteration:
                    return
                finally:
                    _METER.reset(token)
                yield event
        finally:
            if isinstance(events, Generator):
                events.close()

    def add(self, usage: TokenUsage) -> None:
        """Add the cost of a call."""
        self.usage = usage if self.usage is None else self.usage + usage


_METER: ContextVar[TokenMeter | None] = ContextVar("token_meter", default=None)


def record(usage: TokenUsage) -> None:
    """Add the cost of a call to the meter in place; without one it is nobody's."""
    meter = _METER.get()
    if meter is not None:
        meter.add(usage)
