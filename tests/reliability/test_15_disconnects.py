"""Who leaves, at whatever stage of a question, leaves nothing behind in the server but what they saw.

One question is answered at a time, so that another waits; the embedder and the model wait until they are told to go on.
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from qa.errors import ModelTimeout
from qa.llm.base import Message
from qa.llm.endpoint import Endpoint
from qa.pipeline import open_library
from qa.settings import Settings
from tests.reliability.conftest import ENGLISH, LONG, REPORTS
from tests.reliability.measuring import Measure
from tests.support.faulty_model import FaultyModel, honest
from tests.support.processes import descriptors, threads
from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, ngram_vectors
from tests.support.served import Served, serving
from vectorstore.reading import RawDocument

ROUNDS = 50 if LONG else 2
SPARE = 2
"""Threads and descriptors more or less: a pool's, of which a request may have needed one more at the same time."""
SECONDS = 60.0
"""Far more than it takes: other processes may have the cores."""
STAGES = ("queued", "searching", "writing", "first sentence")


MARK = "employee badge"
"""Stands in questions whose search is held. Each has a number, for the vector of a known one is not asked for again."""


class Gate:
    """Holds who passes while it is closed."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.reached = threading.Event()

    def passed(self) -> None:
        self.reached.set()
        assert self._open.wait(SECONDS)

    @contextmanager
    def closed(self) -> Iterator[None]:
        self.reached.clear()
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()


class Serving:
    """A server whose embedder and model are held at will."""

    def __init__(self, served: Served, model: ScriptedOpenAI, search: Gate, write: Gate) -> None:
        self.served, self.model, self.search, self.write = served, model, search, write
        self.numbers = itertools.count(1)
        self.slow = False
        """Whether the model stops after a first sentence, as far as anybody can tell."""
        self.client = httpx.Client(base_url=served.url, trust_env=False, timeout=SECONDS)

    def open_questions(self) -> int:
        text = self.client.get("/metrics").text
        return int(float(text.partition("\nqa_questions_open ")[2].partition("\n")[0]))

    def counts(self) -> tuple[int, int]:
        pid = self.served.process.pid
        return threads(pid), descriptors(pid)

    def conversation(self) -> str:
        made: str = self.client.post("/conversations", json={}).json()["id"]
        return made

    def ended(self) -> int:
        """Return how many requests for an answer are over."""
        return self.served.log.read_text("utf-8").count("POST /chat ")

    def messages(self, conversation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/conversations/{conversation}").json()["messages"]
        return found


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    search, write = Gate(), Gate()
    serving_now: list[Serving] = []

    def embed(texts: list[str]) -> list[list[float]]:
        if any(MARK in text.lower() for text in texts):
            search.passed()
        return ngram_vectors(texts)

    def answer(messages: Messages) -> Reply:
        write.passed()
        if serving_now and serving_now[0].slow:
            return Reply(text=f"{honest(messages)}\n{'x' * 5000}", chunk=20, pause=0.05)
        return Reply(text=honest(messages))

    data = tmp_path_factory.mktemp("leaving") / "data"
    with ScriptedOpenAI(answer, embed) as model:
        settings = Settings(data_dir=data, embedder="openai:scripted", embedder_base_url=model.url)
        with open_library(settings) as library:
            library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        with serving(
            data,
            QA_EMBEDDER="openai:scripted",
            QA_EMBEDDER_BASE_URL=model.url,
            QA_LLM_BASE_URL=model.url,
            QA_LLM_MODEL="scripted",
            QA_RANKER="linear",
            QA_QUESTIONS_AT_ONCE="1",
        ) as served:
            serving_now.append(Serving(served, model, search, write))
            with serving_now[0].client:
                yield serving_now[0]


@contextmanager
def asking(service: Serving, stream: bool, question: str = ENGLISH) -> Iterator[tuple[str, socket.socket]]:
    """Send a question in a conversation of its own over a connection of its own, and leave at the end of the block.

    Then wait until the server has noticed: it could answer before that.
    """
    conversation = service.conversation()
    before = service.ended()
    body = json.dumps({"question": question, "conversation_id": conversation, "stream": stream}).encode()
    host = urlsplit(service.served.url).netloc
    head = (
        f"POST /chat HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.served.port), SECONDS) as connection:
        connection.sendall(head.encode() + body)
        yield conversation, connection
    until(lambda: service.ended() > before)


def leave(service: Serving, stage: str, stream: bool) -> tuple[str, str]:
    """Leave at a stage; return the conversation's id and what was seen."""
    seen = ""
    if stage == "queued":
        with service.write.closed(), asking(service, stream=False) as (_, first):
            assert service.write.reached.wait(SECONDS)
            with asking(service, stream) as (conversation, _):
                until(lambda: service.open_questions() == 2)
            until(lambda: service.open_questions() == 1)
            first.shutdown(socket.SHUT_RDWR)
        return conversation, seen
    if stage == "first sentence":
        service.write.reached.clear()
        service.slow = True
        try:
            with asking(service, stream) as (conversation, connection):
                assert service.write.reached.wait(SECONDS)
                while stream and '"sources"' not in seen:
                    seen += connection.recv(65536).decode()
                if not stream:
                    time.sleep(0.3)
            until(lambda: service.open_questions() == 0)  # the model is not waited for
        finally:
            service.slow = False
        return conversation, seen
    gate = service.search if stage == "searching" else service.write
    question = f"{ENGLISH} {MARK.capitalize()} {next(service.numbers)}?" if stage == "searching" else ENGLISH
    with gate.closed():
        with asking(service, stream, question) as (conversation, _):
            assert gate.reached.wait(SECONDS)
        if stage == "writing":
            until(lambda: service.open_questions() == 0)
    return conversation, seen


def settled(service: Serving, baseline: tuple[int, int]) -> None:
    """Wait until nothing runs and there are no more threads and descriptors than before."""
    most = [count + SPARE for count in baseline]
    deadline = time.monotonic() + SECONDS
    while service.open_questions() or any(now > at for now, at in zip(service.counts(), most, strict=True)):
        assert time.monotonic() < deadline, (service.open_questions(), service.counts(), baseline)
        time.sleep(0.2)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("stage", STAGES)
def test_what_was_seen_is_stored(service: Serving, stage: str, stream: bool) -> None:
    conversation, seen = leave(service, stage, stream)
    until(lambda: service.open_questions() == 0)
    messages = service.messages(conversation)
    if not stream or stage == "queued":
        assert messages == []
        return
    asked, answered = messages
    answer = answered["answer"]
    assert asked["content"].startswith(ENGLISH)
    assert (answer["stopped"], len(answer["warnings"])) == (True, 1)
    assert [one["text"] in seen for one in answer["sentences"]] == [True] * (stage == "first sentence")


def test_nothing_is_left_behind(service: Serving, measure: Measure) -> None:
    every = [(stage, stream) for stage in STAGES for stream in (True, False)]
    for stage, stream in every:
        leave(service, stage, stream)
    until(lambda: service.open_questions() == 0)
    time.sleep(1)  # for the threads of the model's calls
    baseline = service.counts()
    for _ in range(ROUNDS):
        for stage, stream in every:
            leave(service, stage, stream)
    settled(service, baseline)
    more = [now - before for now, before in zip(service.counts(), baseline, strict=True)]
    left = ROUNDS * len(every)
    measure(f"threads, descriptors more after {left} left", f"{SPARE}, {SPARE}", f"{more[0]}, {more[1]}", True)
    answer = service.client.post("/chat", json={"question": ENGLISH}).json()
    assert (answer["answerer"], answer["stopped"], answer["warnings"]) == ("model", False, [])


def test_a_model_that_only_keeps_its_connection_alive_is_left_too() -> None:
    """Its comments are bytes, but no output: the thread that reads them would never look up."""
    with FaultyModel() as server, server.doing("keep-alive comments"):
        before = threading.active_count()
        model = Endpoint("scripted", server.url, SecretStr("k"), 0.5)
        with pytest.raises(ModelTimeout):
            list(model.stream([Message("user", ENGLISH)]))
        until(lambda: not [thread for thread in threading.enumerate() if thread.name == "model"])
        model.close()
        until(lambda: threading.active_count() <= before)
