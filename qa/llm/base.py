"""The interface of a language model: messages in, a streamed answer out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from qa.llm.metering import record
from qa.types import Thinking, TokenUsage


class Message(NamedTuple):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Schema(NamedTuple):
    """A JSON schema that an answer is to follow."""

    name: str
    definition: Mapping[str, object]


Piece = str | Thinking | TokenUsage
"""What a model streams: text of its answer, thoughts, and at the end what the call cost, if that is known."""


class Model(Protocol):
    """A language model. Safe to share between threads."""

    name: str
    """Shown to people: the model's name and where it runs."""

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """Yield the answer in pieces. Closing the iterator ends the call.

        Args:
            messages: the prompt.
            schema: sent along; not every endpoint heeds it, and some refuse the call for it.

        Raises:
            ModelError: the model refused, timed out, or returned no valid answer.
        """
        ...


def answer_text(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the text of the answer alone: thoughts are left out, and the cost goes to the meter of the question."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, TokenUsage):
            record(piece)


def complete(model: Model, messages: Sequence[Message]) -> str:
    """Return the whole answer without thoughts; raises as ``Model.stream`` does."""
    return "".join(answer_text(model.stream(messages)))
