"""A real HTTP server on loopback that is asked as a model's endpoint is, and does what broken ones do.

    with FaultyModel() as model:
        model.fault = "hang before headers"

Each request gets what ``FAULTS`` has under the name in ``fault``; under "" an honest answer.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from tests.support.scripted_openai import Messages, passages

STREAM = "text/event-stream"
JSON = "application/json"
ENDLESS = 300
"""Megabytes, more than any limit."""
_STOP_SECONDS = 60.0

Sender = Callable[["Request"], None]
Outcome = Literal["stands", "breaks off", "fails", "unverified"]
"""The model's answer stands; it stands as far as it came; there is none; nothing of it holds."""


def honest(messages: Messages) -> str:
    """Repeat the first sentence of the first passage, in Chinese or English, and cite it."""
    label, text = next(iter(passages(messages).items()))
    return f"{re.split(r'(?<=。)|(?<=[.]) ', text.strip())[0]}[{label}]"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the endpoint, and the means to answer it."""

    handler: BaseHTTPRequestHandler
    body: dict[str, Any]
    over: threading.Event
    """Set when the server ends."""

    def head(self, status: int = 200, content_type: str = STREAM, **more: str) -> None:
        self.handler.send_response(status)
        for name, value in {"content_type": content_type, **more}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)

    def wait(self, seconds: float = _STOP_SECONDS) -> None:
        self.over.wait(seconds)

    def chunk(self, delta: Any = None, finish: Any = None, **more: Any) -> None:
        choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
        self.event({"choices": [choice], **more})

    def event(self, event: Any) -> None:
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "x"}
        sent = {**chunk, **event} if isinstance(event, dict) else event
        self.send(b"data: " + json.dumps(sent).encode() + b"\n\n")

    def first(self) -> None:
        """Send the head, an answer's whole first sentence, and the beginning of another."""
        self.head()
        self.chunk({"content": f"{honest(self.body['messages'])}\n"})
        self.chunk({"content": "In addition"})

    def end(self) -> None:
        self.chunk(finish="stop")
        self.send(b"data: [DONE]\n\n")


def _honest(request: Request) -> None:
    request.head()
    request.chunk({"content": honest(request.body["messages"])})
    request.end()


def _reset(request: Request) -> None:
    """Close the connection so that the other side reads an error, not an end."""
    linger = struct.pack("ii", 1, 0)
    request.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    request.handler.wfile.flush()
    request.handler.rfile.close()
    request.handler.connection.close()


def _after_first(then: Sender) -> Sender:
    def send(request: Request) -> None:
        request.first()
        then(request)

    return send


def _endless(piece: bytes, head: bytes = b"", status: int = 200, content_type: str = STREAM) -> Sender:
    def send(request: Request) -> None:
        request.head(status, content_type)
        request.send(head)
        for _ in range(ENDLESS):
            request.send(piece * (1_000_000 // len(piece)))

    return send


def _comments(request: Request) -> None:
    """Keep the connection alive for ever, and say nothing."""
    request.head()
    while not request.over.wait(0.05):
        request.send(b": keep-alive\n\n")


@cache
def packed_endless() -> bytes:
    """A stream in gzip that unpacks to more than any limit.

    It is made when first sent, since that takes a second, and in pieces: whoever measures memory is to see none of it.
    """
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(b'data: {"x": "'), *(packer.compress(b"0" * 1_000_000) for _ in range(ENDLESS))]
    return b"".join([*pieces, packer.flush()])


def _bomb(status: int) -> Sender:
    def send(request: Request) -> None:
        request.head(status, STREAM, content_encoding="gzip")
        request.send(packed_endless())

    return send


def _status(status: int, **headers: str) -> Sender:
    body = json.dumps({"error": {"message": "scripted", "type": "server_error", "code": None}}).encode()

    def send(request: Request) -> None:
        request.head(status, JSON, content_length=str(len(body)), **headers)
        request.send(body)

    return send


def _body(body: bytes, content_type: str = JSON) -> Sender:
    def send(request: Request) -> None:
        request.head(200, content_type)
        request.send(body)

    return send


def _events(*events: Any) -> Sender:
    """Send these, and an end of the stream."""

    def send(request: Request) -> None:
        request.head()
        for event in events:
            request.event(event)
        request.end()

    return send


def _delta(delta: Any) -> Sender:
    return _events({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def _honest_with(usage: Any, delta: Any = None, done: bool = True) -> Sender:
    """An honest answer beside something odd."""

    def send(request: Request) -> None:
        request.head()
        if delta is not None:
            request.chunk(delta)
        request.chunk({"content": honest(request.body["messages"])})
        request.chunk(finish="stop")
        if usage is not None:
            request.event({"choices": [], "usage": usage})
        if done:
            request.send(b"data: [DONE]\n\n")

    return send


def _half_emoji(request: Request) -> None:
    request.head()
    request.chunk({"content": f"{honest(request.body['messages'])}\ud83d"})
    request.end()


def _cut_chunked(request: Request) -> None:
    """Break the transfer encoding off in the middle of a chunk."""
    request.head(transfer_encoding="chunked")
    request.send(b"fff\r\ndata: {")


def _short(request: Request) -> None:
    request.head(content_length="1000")
    request.send(b"data: {")


def _silent(request: Request) -> None:
    request.head()
    request.wait()


def _not_http(request: Request) -> None:
    request.send(b"\x16\x03\x01\x02\x00 this is another protocol\r\n\r\n")


def _endless_headers(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\n")
    for _ in range(ENDLESS):
        request.send(b"x-filler: " + b"y" * 1_000_000 + b"\r\n")


_TOOL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
FAULTS: dict[str, tuple[Sender, Outcome]] = {
    "refused": (_honest, "fails"),  # see FaultyModel.refusing
    "reset": (_reset, "fails"),
    "reset in mid-stream": (_after_first(_reset), "breaks off"),
    "hang before headers": (Request.wait, "fails"),
    "hang after headers": (_silent, "fails"),
    "hang in mid-stream": (_after_first(Request.wait), "breaks off"),
    "keep-alive comments": (_comments, "fails"),
    "not HTTP": (_not_http, "fails"),
    "endless headers": (_endless_headers, "fails"),
    "endless text": (_endless(b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % (b"grain " * 100)), "unverified"),
    "endless thoughts": (_endless(b'data: {"choices":[{"delta":{"reasoning":"%s"}}]}\n\n' % (b"hm " * 300)), "fails"),
    "endless comments": (_endless(b": keep-alive\n\n"), "fails"),
    "endless line": (_endless(b"x", b'data: {"choices": "'), "fails"),
    "endless page": (_endless(b"<p>", b"<html>", content_type="text/html"), "fails"),
    "endless error": (_endless(b"x", b'{"error": "', 500, JSON), "fails"),
    "gzip bomb": (_bomb(200), "fails"),
    "gzip bomb as error": (_bomb(500), "fails"),
    "half an emoji": (_half_emoji, "stands"),
    "bytes that are no UTF-8": (_body(b"data: \xff\xfe\xfd\n\ndata: [DONE]\n\n", STREAM), "fails"),
    "broken JSON": (_body(b'{"id": "x", "choices": [{"index": 0, "mess'), "fails"),
    "broken JSON in mid-stream": (_after_first(lambda r: r.send(b'data: {"choices": [{\n\n')), "breaks off"),
    "deeply nested JSON": (_body(b"data: " + b"[" * 200_000 + b"]" * 200_000 + b"\n\n", STREAM), "fails"),
    "a web page": (_body(b"<html><body>It works!</body></html>", "text/html"), "fails"),
    "nothing": (_body(b"", STREAM), "fails"),
    "no event but the end": (_body(b"data: [DONE]\n\n", STREAM), "fails"),
    "a whole answer where a stream was asked for": (_body(b'{"choices": [{"message": {"content": "x"}}]}'), "fails"),
    "a number in place of a chunk": (_events(5), "fails"),
    "a list in place of a chunk": (_events([1, 2]), "fails"),
    "choices is a text": (_events({"choices": "x"}), "fails"),
    "choices is null": (_events({"choices": None}), "fails"),
    "a choice is a number": (_events({"choices": [5]}), "fails"),
    "empty choices": (_events({"choices": []}), "fails"),
    "delta is null": (_delta(None), "fails"),
    "delta is a list": (_delta([1]), "fails"),
    "content is a number": (_delta({"content": 5}), "fails"),
    "content holds numbers": (_delta({"content": [5]}), "fails"),
    "content is an object": (_delta({"content": {"text": "x"}}), "fails"),
    "thoughts are numbers": (_delta({"content": [{"type": "thinking", "thinking": [5]}]}), "fails"),
    "tool calls": (_delta({"tool_calls": [_TOOL]}), "fails"),
    "error in mid-stream": (_after_first(lambda r: r.event({"error": {"message": "x"}})), "breaks off"),
    "finish reason is a number": (_events({"choices": [{"delta": {"content": ""}, "finish_reason": 5}]}), "fails"),
    "usage is missing": (_honest_with(None), "stands"),
    "usage is a text": (_honest_with("many"), "stands"),
    "usage holds texts": (_honest_with({"prompt_tokens": "x", "completion_tokens": None}), "stands"),
    "usage is negative": (_honest_with({"prompt_tokens": -1, "completion_tokens": 10**30}), "stands"),
    "tool calls beside text": (_honest_with(None, {"tool_calls": [_TOOL]}), "stands"),
    "no [DONE]": (_honest_with(None, done=False), "stands"),
    "cut off": (_after_first(lambda request: None), "breaks off"),
    "cut off in a chunk": (_cut_chunked, "fails"),
    "less than announced": (_short, "fails"),
    "204": (lambda request: request.head(204), "fails"),
    "307 to itself": (_status(307, location="/v1/chat/completions"), "fails"),
    "400": (_status(400), "fails"),
    "401": (_status(401), "fails"),
    "429": (_status(429), "fails"),
    "429, wait an hour": (_status(429, retry_after="3600"), "fails"),
    "429, wait NaN seconds": (_status(429, retry_after="nan"), "fails"),
    "500": (_status(500), "fails"),
    "503, wait for ever": (_status(503, retry_after="inf"), "fails"),
}


class FaultyModel:
    """The server; ``fault`` is the name of what the next requests get."""

    def __init__(self) -> None:
        self.fault = ""
        self._over = threading.Event()
        self._port = 0
        self._open()

    def _open(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self, self._over))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @contextmanager
    def doing(self, fault: str) -> Iterator[None]:
        """Answer all requests in the block with a fault."""
        self.fault = fault
        if fault == "refused":
            self._close()
        try:
            yield
        finally:
            if fault == "refused":
                self._open()
            self.fault = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._close()


def _handler(owner: FaultyModel, over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            send = FAULTS[owner.fault][0] if owner.fault else _honest
            try:
                send(Request(self, body, over))
            except (OSError, ValueError):
                self.close_connection = True  # the client has gone

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
