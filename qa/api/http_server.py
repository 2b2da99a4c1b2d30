"""uvicorn as this service runs it: how it stops.

At the first SIGTERM or SIGINT ``/readyz`` turns to 503 and new questions are refused, while those that run get
``GRACE_SECONDS`` to end; then, or at a second signal, what still runs ends with an error event. Only then is the port
closed.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from qa.api.connections import MAX_HEADERS, BoundedProtocol
from qa.api.service import Service

GRACE_SECONDS = 5
"""Time that running questions get to end by themselves."""
FLUSH_SECONDS = 3
"""Time that responses get to be sent after that; a client that doesn't read is cut off."""


class HttpServer(uvicorn.Server):
    """A uvicorn that ends its streams before it closes.

    Args:
        stopping: called at the first signal, in the thread that received it.
    """

    def __init__(self, app: ASGIApp, service: Service, stopping: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                h11_max_incomplete_event_size=MAX_HEADERS,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=FLUSH_SECONDS,
            )
        )
        self._service = service
        self._stopping = stopping
        self._hurried = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal, at once at the second. None is raised again: the library is still to be closed."""
        self._hurried = self.should_exit
        self.should_exit = True
        self._stopping()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running questions end, then close the port and the connections."""
        self._service.stop()
        until = time.monotonic() + GRACE_SECONDS
        while self._service.workers.pending and not self._hurried and time.monotonic() < until:
            await asyncio.sleep(0.05)
        self._service.workers.stop()
        await super().shutdown(sockets)
