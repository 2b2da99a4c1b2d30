"""Fault 8: endless headers, slow clients and too many connections cost little, and others are answered meanwhile."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qa.api import connections
from qa.api.app import create_app
from qa.settings import Settings
from tests.support.http import running
from tests.support.served import command, environment, free_port

SLOW = 200


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that gives headers a second."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(connections, "READ_SECONDS", 1.0)
    with running(create_app(Settings())) as url:
        yield url


def connect(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)


def received(client: socket.socket) -> bytes:
    """All that comes until the connection ends, however it does."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65536):
            data += piece
    return data


def sent(client: socket.socket, piece: bytes, most: int) -> int:
    """Send ``piece`` again and again; return how many bytes the server took before it closed."""
    total = 0
    with contextlib.suppress(OSError):
        while total < most:
            client.sendall(piece)
            total += len(piece)
    return total


@pytest.mark.parametrize("piece", [b"X-More: " + b"a" * 1000 + b"\r\n", b"a" * 1000], ids=["lines", "one line"])
def test_endless_headers_are_refused_early(url: str, piece: bytes) -> None:
    with connect(url) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-First: ")
        assert sent(client, piece, 50_000_000) < 10_000_000


def test_headers_that_are_too_large_are_named_in_json(url: str) -> None:
    with connect(url) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * connections.MAX_HEADERS)
        head, _, body = received(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431")
    assert json.loads(body)["error"]["code"] == "headers_too_large"


@pytest.mark.parametrize("request_", [b"no http\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\xa5\r\n\r\n"])
def test_what_is_no_request_gets_the_documented_error(url: str, request_: bytes) -> None:
    with connect(url) as client:
        client.sendall(request_)
        head, _, body = received(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/json" in head
    assert json.loads(body)["error"]["code"] == "bad_request"


@pytest.mark.parametrize("first", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_request_that_does_not_come_is_not_waited_for(url: str, first: bytes) -> None:
    with connect(url) as client:
        client.sendall(first)
        began = time.monotonic()
        assert received(client) == b""
        assert time.monotonic() - began < 5


def test_dripping_headers_do_not_restart_the_time(url: str) -> None:
    with connect(url) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 8:
                client.sendall(b"X-A: b\r\n")
                time.sleep(0.1)
        assert time.monotonic() - began < 5


def test_connections_that_stay_alive_are_served_again(url: str) -> None:
    """The time for headers counts from each request, and not while an answer is worked on."""
    with httpx.Client(base_url=url, trust_env=False) as client:
        for _ in range(4):
            assert client.get("/healthz").status_code == 200
            time.sleep(0.6)


def test_slow_clients_are_closed_and_others_answered(url: str) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(url)) for _ in range(SLOW)]
        for client in slow:
            client.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        assert all(received(client) == b"" for client in slow)


def test_connections_beyond_the_limit_are_closed_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 10)
    monkeypatch.setattr(connections, "HEADER_SECONDS", 30.0)
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(url)) for _ in range(10)]
        for client in held:
            client.sendall(b"GET /healthz")
        time.sleep(0.5)
        with connect(url) as beyond:
            assert received(beyond) == b""
        held[0].sendall(b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert received(held[0]).startswith(b"HTTP/1.1 200")


def test_a_server_short_of_descriptors_still_becomes_ready(data: Path) -> None:
    """Connections are opened from its first moment, more than it has descriptors."""
    port = free_port()

    def few_descriptors() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    with contextlib.ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                command("serve", "--port", str(port)),
                env=environment(data, QA_RANKER="linear"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=few_descriptors,
            )
        )
        stack.callback(process.terminate)
        deadline = time.monotonic() + 90
        ready = False
        while not ready:
            assert process.poll() is None
            assert time.monotonic() < deadline
            with contextlib.suppress(OSError):
                for _ in range(20):
                    stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            with contextlib.suppress(httpx.HTTPError):
                asked = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=5)
                ready = asked.status_code == 200
            time.sleep(0.1)
