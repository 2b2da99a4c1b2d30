"""Streams over a real port: fifty at once, each in order; a disconnect frees the worker at every stage."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from qa.answering.base import Answerer, Request
from qa.answering.llm import ModelAnswerer
from qa.api.app import create_app
from qa.llm.endpoint import Endpoint
from qa.pipeline import QA
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from qa.types import DraftSentence, Evidence
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from vectorstore.library import Library

STREAMS = 50
STEP = 0.02
"""Seconds between two sentences of ``Endless``: fifty steps are a second's work."""
QUESTIONS = ["云溪县2023年粮食总产量是多少？", "石桥县改造危桥多少座？", "云溪县新建小学几所？", "红烧肉怎么做才好吃？"]

ServeWith = Callable[[Any], Any]
ReadEvents = Callable[[str], list[tuple[str, Any]]]


@pytest.fixture
def roomy(
    library: Library, settings: Settings, conversations: Conversations, serving: Callable[[FastAPI], Any]
) -> Iterator[str]:
    """A service with as many places as it has by default."""
    defaults = Settings(data_dir=settings.data_dir, answerer="extractive")
    with serving(create_app(defaults, QA(library, defaults), conversations)) as url:
        yield url


def test_fifty_streams_at_once_finish_with_every_event_in_order(roomy: str, read_events: ReadEvents) -> None:
    async def ask(client: httpx.AsyncClient, number: int) -> tuple[str, str]:
        question = QUESTIONS[number % len(QUESTIONS)]
        response = await client.post("/chat", json={"question": question, "stream": True})
        assert response.status_code == 200
        return question, response.text

    async def all_at_once() -> list[tuple[str, str]]:
        limits = httpx.Limits(max_connections=STREAMS)
        async with httpx.AsyncClient(base_url=roomy, timeout=60, trust_env=False, limits=limits) as client:
            return await asyncio.gather(*(ask(client, number) for number in range(STREAMS)))

    conversations = set()
    answers: dict[str, set[str]] = {}
    for question, text in asyncio.run(all_at_once()):
        events = read_events(text)
        names = [name for name, _ in events]
        sentences = [data for name, data in events if name == "sentence"]
        assert names == ["started", "rewritten", "passages", *["sentence"] * len(sentences), "done"]
        done = events[-1][1]
        assert [item["text"] for item in sentences] == [item["text"] for item in done["sentences"]]
        assert events[0][1]["question"] == done["question"] == question
        conversations.add(done["conversation_id"])
        answers.setdefault(question, set()).add(done["answer"])
    assert len(conversations) == STREAMS
    assert all(len(said) == 1 for said in answers.values())


class Endless(Answerer):
    """Says a true sentence again and again, and counts."""

    name = "endless"

    def __init__(self) -> None:
        self.said = 0
        self.works = threading.Event()
        self.closed = threading.Event()

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        stored = request.candidates[0].stored
        sentence = stored.passage.sentences[0]
        try:
            while self.said < 3000:
                yield DraftSentence(sentence.text, (Evidence.of(stored, sentence),))
                self.said += 1
                self.works.set()
                time.sleep(STEP)
        finally:
            self.closed.set()


@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions"])
def test_disconnect_in_mid_stream_ends_the_work_within_a_second(
    serve_with: ServeWith, wait_until: Callable[..., None], question: str, path: str
) -> None:
    endless = Endless()
    body: dict[str, Any] = {"question": question, "stream": True}
    if path.startswith("/v1"):
        body = {"model": "report-qa", "messages": [{"role": "user", "content": question}], "stream": True}
    with serve_with(endless) as (app, client):
        with client.stream("POST", path, json=body) as response:
            lines = response.iter_lines()
            next(lines)
            assert endless.works.wait(20)
            before = endless.said
        assert endless.closed.wait(20)
        assert endless.said - before <= 1 / STEP
        wait_until(lambda: app.state.service.workers.pending == 0)


def test_disconnect_frees_the_worker_while_a_model_is_silent(
    serve_with: ServeWith, wait_until: Callable[..., None], question: str
) -> None:
    """The model would be silent for a minute; the worker must not wait for it."""
    with ScriptedOpenAI(Reply(text="x", drip=60)) as model:
        answerer = ModelAnswerer(Endpoint("scripted", model.url, SecretStr("k"), timeout=60))
        with serve_with(answerer) as (app, client):
            workers = app.state.service.workers
            with client.stream("POST", "/chat", json={"question": question, "stream": True}) as response:
                lines = response.iter_lines()
                assert next(lines) == "event: started"
                wait_until(lambda: len(model.requests) > 0)
                assert workers.pending == 1
            wait_until(lambda: workers.pending == 0, seconds=20)


class Blocked(Answerer):
    """Says nothing until it is let go."""

    name = "blocked"

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        self.go_on.wait(30)
        yield from ()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat", {"question": QUESTIONS[0], "stream": True}),
        ("/chat", {"question": QUESTIONS[0]}),
        (
            "/v1/chat/completions",
            {"model": "report-qa", "messages": [{"role": "user", "content": QUESTIONS[0]}], "stream": True},
        ),
        ("/v1/responses", {"model": "report-qa", "input": QUESTIONS[0], "stream": True}),
    ],
)
def test_of_many_at_once_no_more_are_admitted_than_there_are_places(
    serve_with: ServeWith, wait_until: Callable[..., None], settings: Settings, path: str, body: dict[str, Any]
) -> None:
    places = settings.questions_at_once + settings.questions_waiting
    blocked = Blocked()

    async def all_at_once(url: httpx.URL) -> list[int]:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            asked = [asyncio.create_task(client.post(path, json=body)) for _ in range(4 * places)]
            while sum(task.done() for task in asked) < 3 * places and not blocked.go_on.is_set():
                await asyncio.sleep(0.05)
            blocked.go_on.set()
            return [response.status_code for response in await asyncio.gather(*asked)]

    with serve_with(blocked) as (app, client):
        threading.Timer(10, blocked.go_on.set).start()
        statuses = asyncio.run(all_at_once(client.base_url))
        assert statuses.count(200) == places
        assert statuses.count(503) == 3 * places
        wait_until(lambda: app.state.service.workers.pending == 0)
