"""Request options: what is sent beside the messages, and what of it this endpoint has refused."""

from __future__ import annotations

from typing import TypedDict

_NAMES = {
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
    "max_completion_tokens": ("max_completion_tokens",),
    "seed": ("seed",),
    "stream_options": ("stream_options", "include_usage"),
}
"""Each option with the words by which a refusal may speak of it."""


class StreamOptions(TypedDict):
    """What else a stream is to hold."""

    include_usage: bool


class Options(TypedDict, total=False):
    """The options of one call, as the endpoint's API names them."""

    temperature: float
    seed: int
    max_tokens: int
    max_completion_tokens: int
    stream_options: StreamOptions


class RequestOptions:
    """The options that an endpoint takes; what it refuses once is left out from then on. Thread-safe.

    Args:
        max_tokens: longest answer, thoughts included; None sets no limit.
        seed: for the model's sampling; None sends none.
    """

    def __init__(self, max_tokens: int | None, seed: int | None) -> None:
        self._max_tokens = max_tokens
        self._seed = seed
        self._refused: frozenset[str] = frozenset()

    def current(self) -> Options:
        """Return the options to send."""
        options = Options(temperature=0, stream_options=StreamOptions(include_usage=True))
        if self._seed is not None:
            options["seed"] = self._seed
        if self._max_tokens is not None:
            # Reasoning models refuse the older name, most other servers know no other.
            if "max_tokens" not in self._refused:
                options["max_tokens"] = self._max_tokens
            else:
                options["max_completion_tokens"] = self._max_tokens
        for name in self._refused:
            options.pop(name, None)  # type: ignore[misc]
        return options

    def refused(self, sent: Options, param: str | None, reason: str) -> bool:
        """Note which of the options that were ``sent`` a refusal speaks of; return whether it speaks of any.

        Args:
            param: the parameter that the endpoint names as the cause; None where it names none.
            reason: all that it says.
        """
        named = {name for name in sent if param == name}
        if not named:
            # Not every server names the parameter in a field; "max_tokens" is no part of "max_completion_tokens".
            named = {name for name in sent if any(word in reason for word in _NAMES[name])}
        self._refused |= named
        return bool(named)
