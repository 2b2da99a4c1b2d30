"""The client of a running server, against a socket that answers with given bytes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import takewhile

import pytest

from qa.client import Client
from qa.errors import ServerError, ServerRefused
from qa.sessions.chat import ChatAnswer, ChatSentence

STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
DONE = json.dumps(
    {
        "question": "q",
        "standalone_question": "q",
        "answer": "a",
        "abstained": False,
        "conversation_id": "c",
        "message_id": "m",
        "user_message_id": "u",
    }
)


class Socket:
    """A server that reads one request after another and sends ``reply`` to each; ``requests`` has what came."""

    def __init__(self, reply: str | None) -> None:
        self.reply = reply
        self.requests: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self._ended.is_set():
                    return
                self.requests.append(received(connection))
                if self.reply is None:
                    self._ended.wait(10)  # says nothing
                else:
                    connection.sendall(self.reply.encode())

    def close(self) -> None:
        self._ended.set()
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join(5)
        self._listener.close()


def received(connection: socket.socket) -> str:
    """Read one request whole: what is left unread would reset the connection instead of closing it."""
    with connection.makefile("rb") as stream:
        lines = [line.decode() for line in takewhile(lambda line: line != b"\r\n", stream)]
        length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length")), 0)
        return "".join(lines) + "\r\n" + stream.read(length).decode()


Answering = Callable[[str | None], Socket]


@pytest.fixture
def answering() -> Iterator[Answering]:
    started: list[Socket] = []

    def start(reply: str | None) -> Socket:
        started.append(Socket(reply))
        return started[-1]

    yield start
    for server in started:
        server.close()


def response(status: str, body: str, kind: str = "application/json") -> str:
    length = len(body.encode())
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://x", "https://x", "http://", "http://x:port"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ServerError, match="is not the address of a server"):
        Client(url)


def test_refused_connection_and_silent_server(answering: Answering) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ServerError, match=r"can't be asked: .*refused"):
        Client(f"http://127.0.0.1:{port}").ready()
    with pytest.raises(ServerError, match="it did not answer in time"):
        Client(answering(None).url, timeout=0.2).ready()


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("", "can't be asked"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "can't be asked"),
        (response("200 OK", "<html>It works!</html>", "text/html"), r"no JSON"),
        (response("302 Found", ""), r"no JSON"),
        (response("404 Not Found", "<html>"), r"status 404"),
        (response("500 Internal Server Error", '{"error": "x"}'), r"status 500"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "can't be asked"),
    ],
)
def test_another_program_is_told_from_this_service(answering: Answering, reply: str, message: str) -> None:
    with pytest.raises(ServerError, match=message) as caught:
        Client(answering(reply).url).documents()
    assert caught.value.code == "server_error"


def test_refusal_keeps_its_code(answering: Answering) -> None:
    body = json.dumps({"error": {"code": "unauthorized", "message": "a key is needed"}})
    with pytest.raises(ServerRefused, match="a key is needed") as caught:
        list(Client(answering(response("401 Unauthorized", body)).url).stream("q"))
    assert caught.value.code == "unauthorized"


def test_key_is_shown_and_no_proxy_is_asked(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = answering(response("200 OK", '{"status": "ready"}'))
    assert Client(f"{server.url}/", key="k-1").ready() == {"status": "ready"}
    (request,) = server.requests
    assert request.startswith("GET /readyz HTTP/1.1\r\n")
    assert "authorization: bearer k-1" in request.lower()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events_are_read_whatever_ends_a_line(answering: Answering, end: str) -> None:
    text = "一\u2028二\u0085三\u000b四"  # none of these ends a line of an event
    sentence = json.dumps({"text": text, "citations": [], "sources": []}, ensure_ascii=False)
    lines = [": ping", "", "event: sentence", f"data: {sentence}", "", "event:done", f"data:{DONE}", "", ""]
    first, last = Client(answering(STREAM + end.join(lines)).url).stream("q")
    assert isinstance(first, ChatSentence)
    assert first.text == text
    assert isinstance(last, ChatAnswer)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (STREAM, "broke off in mid-answer"),
        (STREAM + ": ping\n\n", "broke off in mid-answer"),
        (STREAM + f"event: done\ndata: {DONE}\n", "broke off in mid-answer"),
        (STREAM + "event: surprise\ndata: {}\n\n", "event 'surprise'"),
        (STREAM + "event: done\ndata: {\n\n", "event 'done'"),
        (response("200 OK", DONE), "no stream of events"),
        (STREAM.replace("Connection: close", "Transfer-Encoding: chunked") + "3\r\n: p", "can't be asked"),
    ],
)
def test_broken_streams_are_one_error(answering: Answering, reply: str, message: str) -> None:
    with pytest.raises(ServerError, match=message):
        list(Client(answering(reply).url).stream("q"))


def test_lone_surrogate_of_a_terminal_can_be_sent(answering: Answering) -> None:
    server = answering(STREAM + f"event: done\ndata: {DONE}\n\n")
    list(Client(server.url).stream("a\udcff", "c1", ["d.txt"]))
    (request,) = server.requests
    assert json.loads(request.split("\r\n\r\n")[1]) == {
        "question": "a\udcff", "stream": True, "conversation_id": "c1", "documents": ["d.txt"]
    }  # fmt: skip
