"""Bounds on what an endpoint may send: bytes of an error and of a line, no compression; and whole characters."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from qa.errors import ModelGarbled
from qa.messages import MODEL_TOO_LARGE

MAX_LINE = 1_000_000
"""Bytes of one line of a stream: one chunk of an answer, or a whole answer that isn't streamed."""
MAX_STREAM = 100_000_000
"""Bytes of a stream, whose lines are not kept; a long answer with thoughts takes a tenth of it."""
MAX_ERROR = 100_000
"""Bytes of an error's body, which is read whole."""


class Body(Protocol):
    """The bytes of a response, as an HTTP client reads them."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Response(Protocol):
    """What is used of a response."""

    status_code: int
    stream: Body

    @property
    def headers(self) -> Mapping[str, str]: ...


class _Bounded:
    """The body of a response, which ends with an error where it is larger than an answer can be."""

    def __init__(self, stream: Body, host: str, most: int) -> None:
        self._stream = stream
        self._host = host
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        total = line = 0
        for piece in self._stream:
            total += len(piece)
            end = piece.rfind(b"\n")
            line = line + len(piece) if end < 0 else len(piece) - end - 1
            if total > self._most or line > MAX_LINE:
                raise ModelGarbled(MODEL_TOO_LARGE, host=self._host)
            yield piece

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()


def bound(response: Response, host: str) -> None:
    """Bound what will be read of ``response``; for the event hooks of the client behind ``openai``.

    Raises:
        ModelGarbled: it is compressed, which was not asked for and may unpack to any size.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ModelGarbled(MODEL_TOO_LARGE, host=host)
    most = MAX_ERROR if response.status_code >= 300 else MAX_STREAM
    response.stream = _bounded_type(type(response.stream))(response.stream, host, most)


@functools.cache
def _bounded_type(kind: type) -> Callable[[Body, str, int], Body]:
    """Return a bounded stream of the client's own base class: ``openai`` may be built on httpx or on httpx2."""
    base = next(base for base in kind.__mro__ if base.__name__ == "SyncByteStream")
    return type("BoundedStream", (_Bounded, base), {})


class CharacterJoiner:
    """Joins characters that come in two halves (surrogates), and leaves out a half that stays alone."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """Return the whole characters that there are with ``text``."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        whole = text.removesuffix(self._half) if self._half else text
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
