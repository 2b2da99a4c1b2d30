"""Fault 10: a full disk is 507, a locked or read-only database 503, soon and in the shape of every error."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.reliability.conftest import CHINESE, ENGLISH, REPORTS
from tests.support.http import running
from tests.support.scripted_openai import ScriptedOpenAI, ngram_vectors
from tests.support.served import command, environment, free_port
from vectorstore.library import Library
from vectorstore.reading import RawDocument


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, str]]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("library"), answerer="extractive")
    event.listen(Pool, "checkout", limit)
    with contextlib.ExitStack() as stack:
        stack.callback(event.remove, Pool, "checkout", limit)
        library = stack.enter_context(open_library(settings))
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        app = create_app(settings, QA(library, settings), Conversations(library.database))
        with running(app) as url:
            yield library, url


LIMITS = {"query_only": "OFF", "max_page_count": "1073741823"}
"""Limits of SQLite's own, which every connection gets when it is used."""


def limit(connection: Any, *_: object) -> None:
    for pragma, value in LIMITS.items():
        connection.execute(f"PRAGMA {pragma} = {value}")


@contextlib.contextmanager
def limited(pragma: str, value: str) -> Iterator[None]:
    """Let connections run into one of these limits."""
    before, LIMITS[pragma] = LIMITS[pragma], value
    try:
        yield
    finally:
        LIMITS[pragma] = before


@contextlib.contextmanager
def locked(library: Library) -> Iterator[None]:
    """Hold the database as another program would."""
    holder = sqlite3.connect(library.database.name)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.rollback()
        holder.close()


def answered(url: str, path: str, body: dict[str, Any]) -> tuple[int, str, float, str]:
    """Return status, error code, seconds and the whole text of a response."""
    began = time.monotonic()
    response = httpx.post(url + path, json=body, timeout=60, trust_env=False)
    return response.status_code, response.json()["error"]["code"], time.monotonic() - began, response.text


OPENAI = {"model": "report-qa", "messages": [{"role": "user", "content": ENGLISH}]}


def test_a_locked_database_is_503_within_five_seconds(served: tuple[Library, str]) -> None:
    library, url = served
    with locked(library):
        for path, body in (("/conversations", {}), ("/chat", {"question": CHINESE})):
            status, code, seconds, text = answered(url, path, body)
            assert (status, code) == (503, "library_unavailable")
            assert seconds < 6
            assert str(library.database.name) not in text
    assert httpx.post(f"{url}/conversations", json={}, trust_env=False).status_code == 201


def test_a_write_waits_for_those_of_its_own_server(served: tuple[Library, str]) -> None:
    library, url = served
    began = threading.Event()

    def slow() -> None:
        with library.database.transaction():
            began.set()
            time.sleep(5)

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(10)
    created = httpx.post(f"{url}/conversations", json={}, timeout=60, trust_env=False)
    thread.join()
    assert created.status_code == 201


def test_a_read_only_database_is_503(served: tuple[Library, str]) -> None:
    library, url = served
    with limited("query_only", "ON"):
        status, code, _, text = answered(url, "/conversations", {})
        assert (status, code) == (503, "library_unavailable")
        assert str(library.database.name) not in text


def test_a_full_disk_is_507_and_nothing_is_lost(served: tuple[Library, str]) -> None:
    _, url = served
    kept = httpx.post(f"{url}/chat", json={"question": CHINESE}, timeout=60, trust_env=False).json()
    with limited("max_page_count", "1"):
        long = {"question": ENGLISH, "conversation_id": kept["conversation_id"]}
        codes = set()
        for _ in range(20):  # until the free pages of the file are used up
            response = httpx.post(f"{url}/chat", json=long, timeout=60, trust_env=False)
            if response.status_code != 200:
                codes.add((response.status_code, response.json()["error"]["code"]))
                break
        assert codes == {(507, "disk_full")}
        streamed = httpx.post(f"{url}/chat", json={**long, "stream": True}, timeout=60, trust_env=False)
        assert streamed.text.count("event: error") == 1
        assert json.loads(streamed.text.strip().rpartition("data: ")[2])["error"]["code"] == "disk_full"
        asked = httpx.post(f"{url}/v1/chat/completions", json=OPENAI, timeout=60, trust_env=False)
        assert asked.status_code == 200  # stores nothing
    messages = httpx.get(f"{url}/conversations/{kept['conversation_id']}", trust_env=False).json()["messages"]
    assert messages[1]["answer"]["answer"] == kept["answer"]


def test_a_change_goes_on_when_the_disk_does(served: tuple[Library, str], tmp_path: Path) -> None:
    """Also when there was no room to note that it stopped: it does not wait for its lease to end."""
    stopped = threading.Event()

    def embed(texts: list[str]) -> list[list[float]]:
        if "粮食" in texts[0] and not stopped.is_set():
            LIMITS["query_only"] = "ON"  # the job is taken by now
            stopped.set()
        return ngram_vectors(texts)

    with ScriptedOpenAI(embeddings=embed) as model, contextlib.ExitStack() as stack:
        stack.callback(LIMITS.update, query_only="OFF")
        settings = Settings(data_dir=tmp_path, embedder="openai:scripted", embedder_base_url=model.url, ranker="linear")
        library = stack.enter_context(open_library(settings))
        url = stack.enter_context(running(create_app(settings, QA(library, settings), Conversations(library.database))))
        client = stack.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False))
        files = [("files", ("yunxi.txt", REPORTS["yunxi.txt"].encode()))]
        job = client.post("/documents", files=files).json()["jobs"][0]["id"]
        assert stopped.wait(60)
        time.sleep(1)
        LIMITS["query_only"] = "OFF"
        deadline = time.monotonic() + 30
        while (state := client.get(f"/jobs/{job}").json()["state"]) != "ready":
            assert state in ("queued", "reading", "indexing")
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert client.get(f"/jobs/{job}").json()["attempts"] == 1


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_log_that_can_not_be_written_stops_nothing(data: Path, log_format: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            command("serve", "--port", str(port)),
            env=environment(data, QA_RANKER="linear", QA_LOG_FORMAT=log_format),
            stdout=subprocess.DEVNULL,
            stderr=full,
        )
    try:
        deadline = time.monotonic() + 120
        status = 0
        while status != 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            with contextlib.suppress(httpx.HTTPError):
                status = httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code
            time.sleep(0.2)
        assert httpx.post(f"{url}/chat", json={"question": CHINESE}, timeout=60, trust_env=False).status_code == 200
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_log_still_says_which_file(served: tuple[Library, str], caplog: pytest.LogCaptureFixture) -> None:
    library, url = served
    with caplog.at_level(logging.ERROR, "qa.api"), locked(library):
        answered(url, "/conversations", {})
    assert str(library.database.name) in caplog.text
