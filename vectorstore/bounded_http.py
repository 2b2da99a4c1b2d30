"""Bounds on what an HTTP endpoint may send: bytes of an error, of a line and of all; no compression."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes are read, and what is raised beyond that."""

    answer: int
    line: int
    fault: Callable[[], Exception]
    is_unwanted: Callable[[], bool] = bool
    """Whether nobody waits for the rest any more: it ends there, though an endpoint may send comments for ever."""
    error: int = 100_000
    """Of an error's body, which is read whole."""

    def __call__(self, response: Response) -> None:
        """Bound what will be read of ``response``: a hook of the client behind ``openai``.

        Raises:
            Exception: it is compressed, which was not asked for and may unpack to any size.
        """
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise self.fault()
        response.stream = _bounded_type(type(response.stream))(response.stream, self, response.status_code >= 300)


class _Bounded:
    """The body of a response, which ends with an error where it is larger than an answer can be."""

    def __init__(self, stream: Body, bounds: Bounds, failed: bool) -> None:
        self._stream = stream
        self._bounds = bounds
        self._most = bounds.error if failed else bounds.answer

    def __iter__(self) -> Iterator[bytes]:
        total = line = 0
        for piece in self._stream:
            total += len(piece)
            end = piece.rfind(b"\n")
            line = line + len(piece) if end < 0 else len(piece) - end - 1
            if total > self._most or line > self._bounds.line:
                raise self._bounds.fault()
            if self._bounds.is_unwanted():
                return
            yield piece

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()


@functools.cache
def _bounded_type(kind: type) -> Callable[[Body, Bounds, bool], Body]:
    """Return a bounded stream of the client's own base class: ``openai`` may be built on httpx or on httpx2."""
    base = next(base for base in kind.__mro__ if base.__name__ == "SyncByteStream")
    return type("BoundedStream", (_Bounded, base), {})
