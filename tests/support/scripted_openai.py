"""A real HTTP server on loopback that speaks the OpenAI chat completions protocol and answers by a script.

    with ScriptedOpenAI(honest) as server:
        settings = Settings(llm_base_url=server.url, llm_model="scripted", llm_api_key="sk-test")

A script is a ``Reply``, a list of replies (one a call, the last again and again), or a function of the request's
messages that returns a reply or a text. ``honest`` and the liars below read the passages out of the prompt as a model
would.

It serves embeddings too, by a script of their own: a ``Reply``, a list of replies and functions, or a function of the
texts that returns their vectors. ``ngram_vectors`` makes texts that share words neighbours.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Reply:
    """What the server sends: a completion, or something that is none."""

    text: str = ""
    status: int = 200
    body: str | None = None
    """Sent as it is in place of a completion."""
    content_type: str = "application/json"
    hang: float = 0.0
    """Seconds before anything is sent."""
    drip: float = 0.0
    """Seconds of keep-alive comments before the first chunk of a stream."""
    breaks_after: int | None = None
    """The connection is cut after so many characters of a streamed text."""
    ends_after: int | None = None
    """The stream ends properly after so many characters, but without a finish reason and without [DONE]."""
    garbled_after: int | None = None
    """A chunk that is no JSON comes after so many characters."""
    finish: str = "stop"
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with ``body``."""
    chunk: int = 7
    """Characters in a chunk of a stream: few, so that labels and numbers are cut in two."""
    pause: float = 0.0
    """Seconds before each chunk of a streamed text."""
    thinking: str = ""
    """Thoughts, sent before the text in ``thinking_field``."""
    thinking_field: str = "reasoning_content"
    usage: tuple[int, int] | None = (11, 7)
    """Tokens in and out. A stream ends with them when the request asks for it; None where the endpoint counts none."""
    cached: int | None = None
    """Of the tokens in, those that were cached; None where the endpoint does not say."""


Script = Reply | Sequence[Reply] | Callable[[Messages], "Reply | str"]

Rows = list[list[float]]
Embed = Callable[[list[str]], Rows]
EmbeddingStep = Reply | Embed
EmbeddingScript = EmbeddingStep | Sequence[EmbeddingStep]


def error(status: int, message: str = "scripted failure", headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An error as OpenAI words it."""
    kind = {401: "invalid_request_error", 429: "rate_limit_error"}.get(status, "server_error")
    body = json.dumps({"error": {"message": message, "type": kind, "code": None}})
    return Reply(status=status, body=body, headers=headers)


def ngram_vectors(texts: list[str], dimensions: int = 384) -> Rows:
    """Return a vector for each text: counts of its hashed runs of one to three characters. None is of unit length."""
    return [_ngrams(text, dimensions) for text in texts]


def _ngrams(text: str, dimensions: int) -> list[float]:
    row = [0.0] * dimensions
    padded = f"\x02{text}\x03"
    for size in (1, 2, 3):
        for start in range(len(padded) - size + 1):
            digest = hashlib.blake2b(padded[start : start + size].encode(), digest_size=4).digest()
            row[int.from_bytes(digest, "big") % dimensions] += math.sqrt(size)
    return row


HTML = Reply(body="<html><body><h1>It works!</h1></body></html>", content_type="text/html")
BROKEN_JSON = Reply(body='{"id": "x", "choices": [{"index": 0, "mess')
EMPTY = Reply(text="")


Refusal = Callable[[dict[str, Any]], Reply | None]
"""What an endpoint makes of a request's body: an error, or None when it accepts it."""


def refuses(name: str, hint: str = "") -> Refusal:
    """Refuse requests with the parameter ``name``, as OpenAI words it."""
    message = f"Unsupported parameter: '{name}' is not supported with this model. {hint}".strip()
    body = {"error": {"message": message, "type": "invalid_request_error", "param": name, "code": "unsupported_value"}}
    return lambda request: Reply(status=400, body=json.dumps(body)) if name in request else None


def forbids_extra(name: str) -> Refusal:
    """Refuse requests with the parameter ``name``, as servers on FastAPI word it."""
    detail = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]
    return lambda request: Reply(status=422, body=json.dumps({"detail": detail})) if name in request else None


def holds(size: int, error_body: dict[str, Any], status: int = 400) -> Refusal:
    """Refuse prompts of more than ``size`` characters."""

    def refusal(request: dict[str, Any]) -> Reply | None:
        if sum(len(message["content"]) for message in request["messages"]) <= size:
            return None
        return Reply(status=status, body=json.dumps(error_body))

    return refusal


class ScriptedOpenAI:
    """The server; ``requests`` holds every chat request's JSON body, ``headers`` its headers, named in lower case.

    With ``has_schemas`` it has structured outputs: where a request brings a JSON schema, each line of the text becomes
    an item of the first array there, under those of its labels that the schema allows. Else it ignores such a schema.

    ``refusals`` are asked first; what one of them refuses takes no reply of the script.

    ``embedding_requests`` and ``embedding_headers`` hold those of embeddings.
    """

    def __init__(self, script: Script = Reply(), embeddings: EmbeddingScript = ngram_vectors) -> None:
        self.script = script
        self.refusals: list[Refusal] = []
        self.has_schemas = False
        self._answered = 0
        self.embeddings = embeddings
        self.embedding_requests: list[dict[str, Any]] = []
        self.embedding_headers: list[dict[str, str]] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL, with ``/v1``."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def reply(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        """Return the next reply for a request."""
        refused = next((reply for reply in (refusal(body) for refusal in self.refusals) if reply), None)
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            number = self._answered
            self._answered += refused is None
        if refused is not None:
            return refused
        scripted = self._scripted(body["messages"], number)
        schema = (body.get("response_format") or {}).get("json_schema")
        if not self.has_schemas or schema is None or scripted.body is not None:
            return scripted
        return replace(scripted, text=by_schema(scripted.text, schema["schema"]))

    def _scripted(self, messages: Messages, number: int) -> Reply:
        if isinstance(self.script, Reply):
            return self.script
        if callable(self.script):
            made = self.script(messages)
            return made if isinstance(made, Reply) else Reply(text=made)
        return self.script[min(number, len(self.script) - 1)]

    def embed(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        """Return the next reply for a request of embeddings."""
        with self._lock:
            number = len(self.embedding_requests)
            self.embedding_requests.append(body)
            self.embedding_headers.append(headers)
        script = self.embeddings
        step = script[min(number, len(script) - 1)] if isinstance(script, Sequence) else script
        if isinstance(step, Reply):
            return step
        items = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(step(body["input"]))]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return Reply(body=json.dumps({"object": "list", "data": items, "model": body["model"], "usage": usage}))

    def wait(self, seconds: float) -> None:
        """Sleep, but not past the server's end."""
        self._stopping.wait(seconds)


def _handler(owner: ScriptedOpenAI) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
            answer = owner.embed if self.path.endswith("/embeddings") else owner.reply
            reply = answer(body, {name.lower(): value for name, value in self.headers.items()})
            owner.wait(reply.hang)
            if not self.path.endswith(("/v1/chat/completions", "/v1/embeddings")):
                self._send(404, "application/json", json.dumps({"error": {"message": f"no {self.path}"}}))
            elif reply.body is not None:
                self._send(reply.status, reply.content_type, reply.body, reply.headers)
            elif body.get("stream"):
                self._stream(reply, bool((body.get("stream_options") or {}).get("include_usage")))
            else:
                self._send(reply.status, reply.content_type, json.dumps(_completion(reply), ensure_ascii=False))

        def _send(self, status: int, content_type: str, body: str, headers: Sequence[tuple[str, str]] = ()) -> None:
            data = body.encode()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, reply: Reply, include_usage: bool) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            try:
                until = time.monotonic() + reply.drip
                while time.monotonic() < until and not owner._stopping.is_set():
                    self._chunk(": keep-alive\n\n")
                    owner.wait(0.05)
                for event in _events(reply, include_usage):
                    owner.wait(reply.pause)
                    self._chunk(event)
                if reply.breaks_after is not None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has gone

        def _chunk(self, text: str) -> None:
            data = text.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ValueError, OSError):
                return  # a cut connection is part of the script

        def finish(self) -> None:
            try:
                super().finish()
            except (ConnectionError, ValueError, OSError):
                return

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def _completion(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": _usage(reply),
    }


def _usage(reply: Reply) -> dict[str, Any] | None:
    if reply.usage is None:
        return None
    sent, written = reply.usage
    usage: dict[str, Any] = {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written}
    if reply.cached is not None:
        usage["prompt_tokens_details"] = {"cached_tokens": reply.cached}
    return usage


def _events(reply: Reply, include_usage: bool) -> Iterator[str]:
    cut = next((n for n in (reply.breaks_after, reply.ends_after, reply.garbled_after) if n is not None), None)
    text = reply.text if cut is None else reply.text[:cut]
    yield _event({"role": "assistant", "content": ""})
    for start in range(0, len(reply.thinking), reply.chunk):
        yield _event({reply.thinking_field: reply.thinking[start : start + reply.chunk]})
    for start in range(0, len(text), reply.chunk):
        yield _event({"content": text[start : start + reply.chunk]})
    if reply.garbled_after is not None:
        yield 'data: {"id": "scripted", "choices": [{\n\n'
    elif cut is None:
        yield _event({}, reply.finish)
        if include_usage and reply.usage is not None:
            yield f"data: {json.dumps({**_CHUNK, 'choices': [], 'usage': _usage(reply)})}\n\n"
        yield "data: [DONE]\n\n"


_CHUNK: dict[str, Any] = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}


def _event(delta: dict[str, str], finish: str | None = None) -> str:
    chunk = {**_CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


_LABEL = re.compile(r"\[(\w+)\]")


def by_schema(text: str, schema: dict[str, Any]) -> str:
    """Return the lines of ``text`` as JSON by a schema: an object of an array of objects, each of a text and labels."""
    ((name, items),) = schema["properties"].items()
    properties = items["items"]["properties"]
    said = next(key for key, value in properties.items() if value["type"] == "string")
    cites = next(key for key, value in properties.items() if value["type"] == "array")
    known = properties[cites]["items"]["enum"]
    lines = [line for line in text.split("\n") if line.strip()]
    found = [{said: _LABEL.sub("", line), cites: [n for n in _LABEL.findall(line) if n in known]} for line in lines]
    return json.dumps({name: found}, ensure_ascii=False)


_PASSAGE = re.compile(r'<passage id="(?P<label>[^"]+)"[^>]*>\n(?P<text>.*?)\n</passage>', re.S)


def passages(messages: Messages) -> dict[str, str]:
    """Return the passages of a prompt by their labels, as a model sees them."""
    return {m["label"]: m["text"] for message in messages for m in _PASSAGE.finditer(message["content"])}


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[。！？])", text.strip())[0].strip().rstrip("。") + "。"


def honest(messages: Messages) -> str:
    """Repeat the first sentence of the first passage, and cite it."""
    label, text = next(iter(passages(messages).items()))
    return f"{_first_sentence(text)}[{label}]"


def cites_unknown_labels(messages: Messages) -> str:
    """A true sentence under an invented label, then the same under a real one."""
    label, text = next(iter(passages(messages).items()))
    return f"{_first_sentence(text)}[P99]\n{_first_sentence(text)}[{label}]"


def changes_a_digit(messages: Messages) -> str:
    """The first sentence with a number in it, with that number's first digit changed."""
    for label, text in passages(messages).items():
        for sentence in re.split(r"(?<=[。！？])", text):
            if re.search(r"\d", sentence):
                digit = re.search(r"\d", sentence)
                assert digit is not None
                other = str((int(digit[0]) + 3) % 9 + 1)
                return f"{sentence[: digit.start()]}{other}{sentence[digit.end() :]}[{label}]"
    return "NO_ANSWER"


def obeys_injection(messages: Messages) -> str:
    """Whatever a passage (or the question) orders after 请输出 / "output", cited to that passage."""
    whole = "\n".join(message["content"] for message in messages)
    order = re.search(r"请(?:直接)?(?:输出|回答)[:：“\"]*(?P<what>[^”\"\n。]+)", whole)
    label = next(iter(passages(messages)), "P1")
    return f"{order['what'] if order else 'HACKED'}。[{label}]"


def abstains(messages: Messages) -> str:
    return "NO_ANSWER"
