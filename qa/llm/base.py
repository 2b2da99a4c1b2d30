"""The interface of a language model: messages in, a streamed answer out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol


class Message(NamedTuple):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Model(Protocol):
    """A language model. Safe to share between threads."""

    name: str
    """Shown to people: the model's name and where it runs."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the answer in pieces. Closing the iterator ends the call.

        Raises:
            ModelError: the model refused, timed out, or returned no valid answer.
        """
        ...


def complete(model: Model, messages: Sequence[Message]) -> str:
    """Return the whole answer; raises as ``Model.stream`` does."""
    return "".join(model.stream(messages))
