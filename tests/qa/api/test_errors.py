"""Errors over HTTP: one shape, the right status, a request id, and no internal details."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from qa.api.app import MAX_BODY, create_app
from qa.api.middleware import RequestMiddleware
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings


def error_of(response: httpx.Response) -> dict[str, str]:
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body.keys() == {"error"}
    error: dict[str, str] = body["error"]
    assert error.keys() == {"code", "message", "request_id"}
    assert error["request_id"] == response.headers["x-request-id"]
    assert error["message"]
    return error


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/docs/nothing", 404, "not_found"),
        ("GET", "/chat/", 404, "not_found"),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, "not_found"),
        ("GET", "/chat", 405, "method_not_allowed"),
        ("DELETE", "/documents", 405, "method_not_allowed"),
        ("OPTIONS", "/chat", 405, "method_not_allowed"),
        ("GET", "/documents/nowhere.txt", 404, "unknown_document"),
        ("GET", "/documents/", 404, "unknown_document"),
        ("GET", "/conversations/nowhere", 404, "unknown_conversation"),
        ("DELETE", "/conversations/nowhere", 404, "unknown_conversation"),
    ],
)
def test_every_error_has_the_shape(client: httpx.Client, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert error_of(response)["code"] == code


def test_allowed_methods_are_named(client: httpx.Client) -> None:
    assert client.get("/chat").headers["allow"] == "POST"


def test_large_body_is_refused_by_its_length(client: httpx.Client) -> None:
    response = client.post("/chat", json={"question": "x" * MAX_BODY})
    assert response.status_code == 413
    assert error_of(response)["code"] == "body_too_large"


def test_large_body_is_refused_while_it_comes(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(MAX_BODY // 65536 + 2):
            yield b"x" * 65536

    response = client.post("/chat", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert error_of(response)["code"] == "body_too_large"


def test_a_body_that_is_wrong_all_over_is_answered_soon(client: httpx.Client) -> None:
    """Comparing each complaint with each other one took minutes, and nothing else was answered meanwhile."""
    unknown = {f"k{place}": 0 for place in range(60_000)}
    assert error_of(client.post("/chat", json=unknown))["code"] == "invalid_request"
    for name, path in (("tools", "responses"), ("tools", "chat/completions"), ("include", "responses")):
        body = {"model": "report-qa", "input": "x", name: [0] * 200_000}
        assert client.post(f"/v1/{path}", json=body).status_code == 400


def test_slow_body_is_given_up(serving: Callable[[FastAPI], Any]) -> None:
    app = FastAPI()

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    app.state.service = create_app(Settings()).state.service
    app.add_middleware(RequestMiddleware, max_body=100, body_seconds=0.2)
    with serving(app) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("given", ["abc-1.2_3", "a" * 64])
def test_request_id_is_given_back(client: httpx.Client, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "<script>", "a\tb", "../x", "é".encode()])
def test_odd_request_id_is_replaced(client: httpx.Client, given: str | bytes) -> None:
    request_id = client.get(
        "/healthz", headers=[(b"X-Request-ID", given if isinstance(given, bytes) else given.encode())]
    ).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)


def test_error_in_a_stream_is_its_last_event(
    serving: Callable[[FastAPI], Any], broken_app: FastAPI, read_events: Callable[[str], list[tuple[str, Any]]]
) -> None:
    with serving(broken_app) as url:
        response = httpx.post(f"{url}/chat", json={"question": "粮食", "stream": True}, trust_env=False)
        names = [name for name, _ in read_events(response.text)]
        assert names[-1] == "error"
        assert names.count("error") + names.count("done") == 1
        error = read_events(response.text)[-1][1]["error"]
        assert error["request_id"] == response.headers["x-request-id"]
        assert "library.sqlite3" not in response.text


def test_fault_of_the_library_is_a_503_that_gives_nothing_away(
    serving: Callable[[FastAPI], Any], broken_app: FastAPI
) -> None:
    with serving(broken_app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for response in (client.post("/chat", json={"question": "粮食"}), client.get("/documents")):
            assert response.status_code == 503
            assert error_of(response)["code"] == "library_error"
            assert "sqlite" not in response.text
            assert "Traceback" not in response.text


@pytest.fixture
def broken_app(tmp_path: Path, conversations: Conversations) -> FastAPI:
    """An application whose library was closed under it; its conversations are another library's, and work."""
    settings = Settings(data_dir=tmp_path / "data", answerer="extractive")
    with open_library(settings) as library:
        return create_app(settings, QA(library, settings), conversations)
