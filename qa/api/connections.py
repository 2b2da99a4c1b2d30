"""Connections: how many there may be, how long one may take to send a request's headers or to read, in what size.

All this holds before a request is known, so before anybody's key is asked for. It is uvicorn's protocol on h11, which
bounds the size of the headers; its default one (httptools) takes any.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from qa.api.errors import error_response

log = logging.getLogger("qa.api")

MAX_HEADERS = 64 * 1024
"""Bytes of a request line with its headers; 431 above."""
HEADER_SECONDS = 10.0
"""Time for them to arrive, and for the rest of a body that nobody reads any more."""
READ_SECONDS = 30.0
"""A client that takes no data for this long is disconnected."""
MOST_CONNECTIONS = 1000


def connection_limit() -> int:
    """Return how many connections are accepted: half the descriptors, as the library needs some too."""
    return min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


class BoundedProtocol(H11Protocol):
    """One connection. Its timer runs while headers are incomplete, or an unwanted body goes on coming."""

    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > connection_limit():
            transport.abort()
            return
        listener = transport.get_extra_info("socket")
        if listener is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # for what is left to send after a close
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(READ_SECONDS * 1000))
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take data; the timer goes on unless it completes the headers."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        super().connection_lost(exc)
        for timer in (self._deadline, self._unread):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        """Start the time in which the client has to read on."""
        super().pause_writing()
        self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """End it."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request, in the shape that every error has."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        if status == 431:
            code, message = "headers_too_large", f"the request's headers are larger than {MAX_HEADERS} bytes"
        else:
            status, code, message = 400, "bad_request", "this is no HTTP request, or not a whole one"
        response = error_response("", status, code, message, "")
        headers = [*response.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=status, headers=headers),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        """Run the timer if headers are awaited, or a body that is answered already; else stop it."""
        answered = self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
        if self.conn.their_state is h11.IDLE or answered:
            if self._deadline is None and not self.transport.is_closing():
                self._deadline = self.loop.call_later(HEADER_SECONDS, self._too_slow)
        elif self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        log.debug("a connection was closed: its request took longer than %g s", HEADER_SECONDS)
        self.transport.abort()
