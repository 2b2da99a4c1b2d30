"""Middleware of every request: request id, limits on the body, security headers, one log line, errors in our shape.

Plain ASGI, since Starlette's ``BaseHTTPMiddleware`` hides a client's disconnect from the endpoint.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.api.errors import INTERNAL, error_response
from qa.observability.question_trace import REQUEST, RequestContext

log = logging.getLogger("qa.api")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
CLIENT_CLOSED = 499
"""Logged as the status when the client disconnected before the response (nginx uses the same number)."""
PROBES = ("/healthz", "/readyz", "/metrics")
"""Requested every few seconds by monitoring; logged at debug level only."""
UPLOAD_BYTES_PER_SECOND = 16 * 1024
"""The slowest upload that is waited for."""
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestMiddleware:
    """The outermost middleware.

    Args:
        app: the application that it wraps.
        max_body: largest body in bytes; a larger one is refused with 413.
        max_upload: the same for the requests that bring files.
        body_seconds: time for a body to arrive, else 408 (uvicorn itself has no such limit); files have more, by their
            size.
        responded: called with method and status of each response.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_body: int,
        body_seconds: float = 30.0,
        max_upload: int = 0,
        responded: Callable[[str, int], None] = lambda method, status: None,
    ) -> None:
        self.app = app
        self.max_body = max_body
        self.max_upload = max_upload
        self.body_seconds = body_seconds
        self.responded = responded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_from(headers.get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        token = REQUEST.set(RequestContext(request_id, headers.get("traceparent")))
        started = time.perf_counter()
        response = _Sender(send, request_id)
        try:
            length = headers.get("content-length", "")
            most = self.max_upload if is_upload(scope["method"], scope["path"]) else self.max_body
            if length.isdecimal() and int(length) > most:
                raise _too_large(most)
            await self.app(scope, self._bounded(receive, most), response)
        except HTTPException as error:
            if response.status:
                raise
            code = "body_too_large" if error.status_code == 413 else "body_too_slow"
            refusal = error_response(scope["path"], error.status_code, code, error.detail, request_id)
            await refusal(scope, receive, response)
        except Exception:
            log.exception("request %s failed", request_id)
            if not response.status:  # else it is too late for an error in our shape: uvicorn closes the connection
                failure = error_response(scope["path"], 500, "internal", INTERNAL, request_id)
                await failure(scope, receive, response)
        finally:
            seconds = time.perf_counter() - started
            self._log(scope, response.status or CLIENT_CLOSED, seconds, request_id)
            REQUEST.reset(token)

    def _log(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        method, path, key = scope["method"], scope["path"], scope["state"].get("key")
        self.responded(method, status)
        extra = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000), "key": key}
        level = logging.DEBUG if path in PROBES else logging.INFO
        log.log(level, "%s %s %s %.0f ms %s", method, path, status, seconds * 1000, request_id, extra=extra)

    def _bounded(self, receive: Receive, most: int) -> Receive:
        size = 0
        complete = False
        deadline = time.monotonic() + self.body_seconds

        async def bounded() -> Message:
            nonlocal size, complete
            if complete:
                return await receive()  # only a disconnect can follow
            more = size / UPLOAD_BYTES_PER_SECOND if most > self.max_body else 0.0
            try:
                message = await asyncio.wait_for(receive(), max(deadline + more - time.monotonic(), 0.001))
            except TimeoutError:
                raise HTTPException(408, f"the body did not arrive within {self.body_seconds + more:g} s") from None
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                complete = not message.get("more_body", False)
                if size > most:
                    raise _too_large(most)
            return message

        return bounded


def is_upload(method: str, path: str) -> bool:
    """Return whether a request brings files: its body may be large, and arrive slowly."""
    return (method == "POST" and path == "/documents") or (method == "PUT" and path.startswith("/documents/"))


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {most} bytes; send a shorter one")


class _Sender:
    """Sends a response with the request id and the security headers; ``status`` is 0 until it has begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def request_id_from(given: str | None) -> str:
    """Return the client's request id if it is safe in headers and logs, else a new one."""
    return given if given is not None and _PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
