"""Worker pool: bounded concurrency, the queue, order within a conversation, and cancellation on disconnect."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI

from qa.answering.base import Answerer, Request
from qa.api.worker_pool import WorkerPool
from qa.errors import BadQuestion, Busy
from qa.sessions.chat import ChatEvent, ChatRewritten
from qa.settings import Settings
from qa.types import DraftSentence, Evidence


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(Settings(questions_at_once=2, questions_waiting=3))
    yield pool
    pool.close()


def event(text: str) -> ChatEvent:
    return ChatRewritten(standalone_question=text)


async def collect(
    pool: WorkerPool, work: Callable[[], Iterator[ChatEvent]], conversation: str | None = None
) -> list[str]:
    with pool.admit() as place:
        events = pool.stream(work, place, conversation)
        return [e.standalone_question async for e in events if isinstance(e, ChatRewritten)]


def test_no_more_run_than_there_are_workers(pool: WorkerPool) -> None:
    lock = threading.Lock()
    working = most = 0

    def work() -> Iterator[ChatEvent]:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        for step in "abc":
            threading.Event().wait(0.005)
            yield event(step)
        with lock:
            working -= 1

    async def all_at_once() -> list[list[str]]:
        return await asyncio.gather(*(collect(pool, work) for _ in range(5)))

    assert asyncio.run(all_at_once()) == [["a", "b", "c"]] * 5
    assert most == 2
    assert pool.pending == 0


def test_questions_of_one_conversation_go_one_after_the_other(pool: WorkerPool) -> None:
    trace: list[str] = []

    def work(name: str) -> Callable[[], Iterator[ChatEvent]]:
        def run() -> Iterator[ChatEvent]:
            for step in range(3):
                trace.append(f"{name}{step}")
                threading.Event().wait(0.002)
                yield event(f"{name}{step}")

        return run

    async def all_at_once() -> None:
        await asyncio.gather(*(collect(pool, work(name), "the same") for name in "abcd"))

    asyncio.run(all_at_once())
    assert trace == [f"{name}{step}" for name in "abcd" for step in range(3)]


def test_full_queue_refuses(pool: WorkerPool) -> None:
    release = threading.Event()

    def work() -> Iterator[ChatEvent]:
        release.wait(20)
        yield event("x")

    async def fill() -> None:
        tasks = [asyncio.create_task(collect(pool, work)) for _ in range(5)]
        while pool.pending < 5:
            await asyncio.sleep(0.001)
        with pytest.raises(Busy, match="5 questions"):
            pool.admit()
        release.set()
        await asyncio.gather(*tasks)

    asyncio.run(fill())
    assert pool.pending == 0


def test_a_place_counts_from_its_admission_until_it_is_given_back(pool: WorkerPool) -> None:
    async def unused() -> None:
        with contextlib.ExitStack() as places:
            given = [places.enter_context(pool.admit()) for _ in range(5)]
            with pytest.raises(Busy):
                pool.admit()
            events = pool.stream(lambda: iter([event("x")]), given[0])
            assert [one async for one in events] == [event("x")]
            assert pool.pending == 4
            places.enter_context(pool.admit())
        assert pool.pending == 0

    asyncio.run(unused())


def test_errors_of_the_work_are_raised(pool: WorkerPool) -> None:
    def work() -> Iterator[ChatEvent]:
        yield event("one")
        raise BadQuestion("no")

    with pytest.raises(BadQuestion):
        asyncio.run(collect(pool, work, "c"))
    assert pool.pending == 0


@pytest.mark.parametrize("waits_for", ["its_turn", "a_thread", "an_event"])
def test_disconnect_frees_the_worker(pool: WorkerPool, waits_for: str) -> None:
    """At whatever stage the client disconnects, the conversation's next question and the pool's next one run."""
    release = threading.Event()
    closed = threading.Event()

    def endless() -> Iterator[ChatEvent]:
        try:
            while True:
                yield event("x")
                release.wait(0.01)
        finally:
            closed.set()

    def blocked() -> Iterator[ChatEvent]:
        release.wait(20)
        yield event("y")

    async def leave() -> None:
        others = []
        if waits_for == "its_turn":
            others = [asyncio.create_task(collect(pool, blocked, "c"))]
        if waits_for == "a_thread":
            others = [asyncio.create_task(collect(pool, blocked)) for _ in range(2)]
        await asyncio.sleep(0.05)
        disconnecting = asyncio.create_task(collect(pool, endless, "c"))
        await asyncio.sleep(0.05)
        disconnecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await disconnecting
        release.set()
        await asyncio.gather(*others)
        while pool.pending:
            await asyncio.sleep(0.001)
        assert await collect(pool, lambda: iter([event("next")]), "c") == ["next"]

    asyncio.run(asyncio.wait_for(leave(), 20))
    assert closed.is_set() == (waits_for == "an_event")


class Slow(Answerer):
    """An answerer that says the same sentence again and again until it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.said = threading.Event()
        self.closed = threading.Event()

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        stored = request.candidates[0].stored
        sentence = stored.passage.sentences[0]
        try:
            while not self.go_on.is_set():
                yield DraftSentence(sentence.text, (Evidence.of(stored, sentence),))
                self.said.set()
                self.go_on.wait(0.02)
        finally:
            self.closed.set()


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])
def test_disconnect_stops_the_work_and_stores_what_was_sent(
    serve_with: Callable[[Slow], contextlib.AbstractContextManager[tuple[FastAPI, httpx.Client]]],
    wait_until: Callable[..., None],
    question: str,
    stream: bool,
) -> None:
    slow = Slow()
    with serve_with(slow) as (app, client):
        pool = app.state.service.workers
        conversation = client.post("/conversations", json={}).json()["id"]
        body = {"question": question, "conversation_id": conversation}
        if stream:
            with client.stream("POST", "/chat", json={**body, "stream": True}) as response:
                lines = response.iter_lines()  # dropped, it would close the connection
                assert next(lines) == "event: started"
                assert slow.said.wait(20)
        else:
            with pytest.raises(httpx.ReadTimeout):
                client.post("/chat", json=body, timeout=0.5)
        assert slow.closed.wait(20)
        assert not slow.go_on.is_set()
        wait_until(lambda: pool.pending == 0)
        stored = app.state.service.chat.conversations.messages(conversation)
        assert [message.answer.stopped for message in stored if message.answer] == ([True] if stream else [])


def test_a_question_alone_that_is_left_leaves_no_conversation(
    serve_with: Callable[[Slow], contextlib.AbstractContextManager[tuple[FastAPI, httpx.Client]]],
    wait_until: Callable[..., None],
    question: str,
) -> None:
    slow = Slow()
    with serve_with(slow) as (app, client):
        before = client.get("/conversations?limit=200").json()
        leaving = http.client.HTTPConnection(client.base_url.host, client.base_url.port)
        try:
            leaving.request("POST", "/chat", json.dumps({"question": question}), {"Content-Type": "application/json"})
            assert slow.said.wait(30)
            leaving.close()
            wait_until(lambda: app.state.service.workers.pending == 0)
            assert client.get("/conversations?limit=200").json() == before
        finally:
            slow.go_on.set()
            leaving.close()


def test_a_client_of_mcp_that_leaves_ends_its_question(
    serve_with: Callable[[Slow], contextlib.AbstractContextManager[tuple[FastAPI, httpx.Client]]],
    wait_until: Callable[..., None],
    question: str,
) -> None:
    slow = Slow()
    with serve_with(slow) as (app, client):
        called = {"name": "ask", "arguments": {"question": question}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        leaving = http.client.HTTPConnection(client.base_url.host, client.base_url.port)
        try:
            leaving.request("POST", "/mcp", json.dumps(body), headers)
            assert slow.said.wait(30)
            leaving.close()
            assert slow.closed.wait(20)
            assert not slow.go_on.is_set()
            wait_until(lambda: app.state.service.workers.pending == 0)
        finally:
            slow.go_on.set()
            leaving.close()


def test_turns_of_questions_at_once_do_not_mix(client: httpx.Client, url: str, question: str) -> None:
    conversation = client.post("/chat", json={"question": question}).json()["conversation_id"]
    asked = [f"{question[:-1]}（{number}）？" for number in range(4)]

    def ask(text: str) -> None:
        body = {"question": text, "conversation_id": conversation}
        assert httpx.post(f"{url}/chat", json=body, timeout=30, trust_env=False).status_code == 200

    threads = [threading.Thread(target=ask, args=(text,)) for text in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = client.get(f"/conversations/{conversation}").json()["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 5
    pairs = list(zip(messages[::2], messages[1::2], strict=True))
    assert all(user["content"] == assistant["answer"]["question"] for user, assistant in pairs)
    assert sorted(user["content"] for user, _ in pairs[1:]) == asked
