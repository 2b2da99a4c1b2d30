"""Fault 7: whatever a model's endpoint sends, it takes little memory; halves of characters break nothing."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from qa.errors import ModelError, ModelGarbled, ModelRefused
from qa.llm.base import Message, complete
from qa.llm.endpoint import Endpoint
from tests.support.faulty_model import ENDLESS, packed_endless
from tests.support.scripted_openai import Reply, ScriptedOpenAI, error, ngram_vectors
from vectorstore.embeddings.openai import OpenAIEmbedder
from vectorstore.errors import EmbedderError

PROMPT = [Message("user", "云溪县2023年粮食总产量是多少？ How much grain?")]
MOST = 40_000_000

Respond = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def endpoint(respond: Respond) -> Iterator[tuple[Endpoint, list[str]]]:
    """An endpoint of which each request gets what ``respond`` sends; with the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            try:
                respond(self)
            except OSError:
                self.close_connection = True  # the client has gone

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    model = Endpoint("scripted", f"http://127.0.0.1:{server.server_port}/v1", SecretStr("k"), 60.0)
    try:
        yield model, asked
    finally:
        model.close()
        server.shutdown()
        server.server_close()
        thread.join()


def endless(status: int, head: bytes, piece: bytes, **headers: str) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(head)
        for _ in range(ENDLESS):
            handler.wfile.write(piece * (1_000_000 // len(piece)))

    return respond


def bomb(status: int) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-encoding", "gzip")
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        handler.wfile.write(packed_endless())

    return respond


STREAM = "text/event-stream"
COMMENT = b": keep-alive" + b" " * 988
"""So long that its lines reach the limit of all bytes soon, and not the time that an answer may take."""
FAULTS: dict[str, Respond] = {
    "error body": endless(400, b'{"error": "', b"x", content_type="application/json"),
    "line": endless(200, b'data: {"choices": "', b"x", content_type=STREAM),
    "comments": endless(200, b"", COMMENT + b"\n\n", content_type=STREAM),
    "html": endless(200, b"<html>", b"<p>", content_type="text/html"),
    "packed stream": bomb(200),
    "packed error": bomb(500),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_endless_answers_take_little_memory(fault: str) -> None:
    with endpoint(FAULTS[fault]) as (model, _):
        tracemalloc.start()
        try:
            with pytest.raises(ModelError):
                complete(model, PROMPT)
            assert tracemalloc.get_traced_memory()[1] < MOST
        finally:
            tracemalloc.stop()


def test_too_large_says_so_in_both_languages() -> None:
    with endpoint(FAULTS["line"]) as (model, _), pytest.raises(ModelGarbled) as caught:
        complete(model, PROMPT)
    assert "more than an answer can be" in caught.value.explain("en")
    assert "过大" in caught.value.explain("zh")


def test_redirects_are_not_followed() -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("location", "/internal")
        handler.send_header("content-length", "0")
        handler.end_headers()

    with endpoint(elsewhere) as (model, asked), pytest.raises(ModelRefused) as caught:
        complete(model, PROMPT)
    assert caught.value.upstream_status == 307
    assert set(asked) == {"/v1/chat/completions"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("粮食\ud83d\ude0012.6万吨", "粮食😀12.6万吨"),  # in two chunks, one half in each
        ("粮食\ud83d12.6万吨", "粮食12.6万吨"),
        ("grain \ude00 12.6", "grain  12.6"),
        ("grain 12.6\ud83d", "grain 12.6"),
    ],
)
def test_half_an_emoji_is_whole_or_left_out(sent: str, read: str) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", STREAM)
        handler.end_headers()
        for number, char in enumerate(sent):
            finish = "stop" if number == len(sent) - 1 else None
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "x"}
            choice = {"index": 0, "delta": {"content": char}, "finish_reason": finish}
            handler.wfile.write(f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode())
        handler.wfile.write(b"data: [DONE]\n\n")

    with endpoint(respond) as (model, _):
        answer = complete(model, PROMPT)
    assert answer == read
    answer.encode()


def test_ordinary_answers_and_errors_are_read_as_before() -> None:
    with ScriptedOpenAI([Reply(text="好的。Fine."), error(403, "no such luck")]) as server:
        model = Endpoint("scripted", server.url, SecretStr("sk-secret"), 10.0)
        assert complete(model, PROMPT) == "好的。Fine."
        with pytest.raises(ModelRefused, match="no such luck"):
            complete(model, PROMPT)
        assert server.headers[0]["accept-encoding"] == "identity"


def test_an_endpoint_of_embeddings_is_read_within_bounds() -> None:
    endless = Reply(body="[" + "0," * 20_000_000)
    with ScriptedOpenAI(embeddings=[ngram_vectors, endless]) as server:
        embedder = OpenAIEmbedder("scripted", server.url)
        with pytest.raises(EmbedderError, match="more than vectors can be"):
            embedder.encode(["粮食"], "query")


def test_its_redirects_are_not_followed() -> None:
    with ScriptedOpenAI(embeddings=error(307, headers=(("location", "/v1/elsewhere"),))) as server:
        with pytest.raises(EmbedderError, match="status 307"):
            OpenAIEmbedder("scripted", server.url)
        assert len(server.embedding_requests) == 1
