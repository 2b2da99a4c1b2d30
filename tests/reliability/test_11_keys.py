"""Fault 11: wrong keys are limited for each address, and a key is checked before a body is read."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from qa.api.app import create_app
from qa.api.rate_limit import FailureLimiter
from qa.api.service import WRONG_KEYS_PER_MINUTE
from qa.errors import TooManyRequests
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.support.http import running
from vectorstore.library import Library

WRONG = {"Authorization": f"Bearer qa-00000000-{'x' * 43}"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(Settings(data_dir=tmp_path_factory.mktemp("library"))) as library:
        yield library


@pytest.fixture
def url(library: Library) -> Iterator[str]:
    settings = Settings(answerer="extractive", keys="on")
    with running(create_app(settings, QA(library, settings), Conversations(library.database))) as url:
        yield url


def test_wrong_keys_are_refused_after_twenty(url: str, library: Library) -> None:
    _, key = Keys(library.database).add("Ada")
    right = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, trust_env=False) as client:
        statuses = [client.get("/documents", headers=WRONG).status_code for _ in range(WRONG_KEYS_PER_MINUTE + 5)]
        assert statuses[:WRONG_KEYS_PER_MINUTE] == [401] * WRONG_KEYS_PER_MINUTE
        assert statuses[-1] == 429
        refused = client.post("/v1/chat/completions", headers=right, json={})
        assert refused.status_code == 429
        assert refused.json()["error"]["type"] == "rate_limit_error"
        assert int(refused.headers["retry-after"]) >= 1
        for path in ("/", "/healthz", "/readyz", "/config"):
            assert client.get(path).status_code == 200


def test_right_keys_and_missing_ones_are_not_counted(url: str, library: Library) -> None:
    _, key = Keys(library.database).add("Grace")
    with httpx.Client(base_url=url, trust_env=False) as client:
        for _ in range(WRONG_KEYS_PER_MINUTE + 5):
            assert client.get("/documents").status_code == 401
            assert client.get("/documents", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_addresses_have_limits_of_their_own() -> None:
    limiter = FailureLimiter(3)
    for _ in range(3):
        limiter.failed("192.0.2.1")
        limiter.failed("2001:db8::1")
    for address in ("192.0.2.1", "2001:db8::2"):  # the second one is of the same network
        with pytest.raises(TooManyRequests):
            limiter.check(address)
    for address in ("192.0.2.2", "2001:db8:1::1", ""):
        limiter.check(address)


@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions", "/conversations", "/feedback", "/v1/embeddings"])
@pytest.mark.parametrize("headers", [{}, WRONG], ids=["no key", "wrong key"])
def test_a_key_is_checked_before_the_body_comes(url: str, path: str, headers: dict[str, str]) -> None:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 1000000"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as client:
        began = time.monotonic()
        client.sendall("\r\n".join([*lines, "", '{"question": ']).encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 401")
        assert time.monotonic() - began < 10


def test_a_body_that_is_no_json_says_nothing_to_who_has_no_key(url: str) -> None:
    with contextlib.closing(httpx.Client(base_url=url, trust_env=False)) as client:
        asked = client.post("/chat", content=b"{", headers={"Content-Type": "application/json"})
    assert asked.status_code == 401
