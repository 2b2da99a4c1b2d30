"""Fault 13: a write that is sent again with its ``Idempotency-Key`` is done once."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.access import ANONYMOUS
from qa.sessions.chat import Chat, ChatAnswer, ChatSentence
from qa.sessions.conversations import Conversations
from qa.sessions.retries import turn_ids
from qa.settings import Settings
from tests.reliability.conftest import CHINESE, ENGLISH, REPORTS
from tests.support.http import running
from vectorstore.reading import RawDocument


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("library"), answerer="extractive", ranker="linear")
    with open_library(settings) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        yield Chat(QA(library, settings), Conversations(library.database))


@pytest.fixture(scope="module")
def client(chat: Chat) -> Iterator[httpx.Client]:
    app = create_app(chat.qa.settings, chat.qa, chat.conversations)
    with running(app) as url, httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        yield client


def ask(client: httpx.Client, key: str | None, question: str, **more: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/chat", json={"question": question, **more}, headers=headers)


def stored(client: httpx.Client, conversation: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = client.get(f"/conversations/{conversation}").json()["messages"]
    return messages


def test_a_question_sent_again_is_stored_once(client: httpx.Client) -> None:
    first = ask(client, "tuesday", CHINESE)
    again = ask(client, "tuesday", CHINESE)
    assert (first.status_code, again.json()) == (200, first.json())
    conversation = first.json()["conversation_id"]
    follow_up = {"question": "茶园面积呢？", "conversation_id": conversation}
    second = ask(client, "wednesday", **follow_up)
    assert [ask(client, "wednesday", **follow_up).json() for _ in range(2)] == [second.json()] * 2
    assert ask(client, "tuesday", CHINESE).json() == first.json()  # also when others have followed
    assert [message["content"] for message in stored(client, conversation)][::2] == [CHINESE, "茶园面积呢？"]
    ask(client, None, **follow_up)
    assert len(stored(client, conversation)) == 6  # without a key, asking twice is asking twice


def test_a_client_that_leaves_takes_nothing_from_one_that_asks_again(chat: Chat) -> None:
    """As on two servers: the first asked with the same key, and hears of its client's leaving late."""
    ids = turn_ids(ANONYMOUS, "early", {})
    first = chat.stream(ENGLISH, ids=ids, shown=False)
    next(first)
    again = chat.stream(ENGLISH, ids=ids)
    next(again)
    assert isinstance(first, Generator)
    first.close()
    assert isinstance(list(again)[-1], ChatAnswer)
    assert len(chat.conversations.messages(ids.conversation)) == 2


def test_it_comes_as_a_stream_too(client: httpx.Client) -> None:
    first = ask(client, "stream", ENGLISH).json()
    streamed = ask(client, "stream", ENGLISH, stream=True).text
    names = [line.removeprefix("event: ") for line in streamed.splitlines() if line.startswith("event: ")]
    assert names == ["started", "rewritten", "passages", *["sentence"] * len(first["sentences"]), "done"]
    assert json.loads(streamed.strip().rpartition("data: ")[2]) == first


def test_two_at_once_are_one_turn(client: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(client, "at once", CHINESE).json(), range(4)))
    assert answers == [answers[0]] * 4
    assert len(stored(client, answers[0]["conversation_id"])) == 2


def test_an_edited_question_replaces_once(client: httpx.Client) -> None:
    first = ask(client, None, CHINESE).json()
    edit = {"conversation_id": first["conversation_id"], "replaces": first["user_message_id"]}
    answers = [ask(client, "edit", "云溪县茶园面积多少亩？", **edit).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(stored(client, first["conversation_id"])) == 2


def test_another_request_with_the_same_key_is_refused(client: httpx.Client) -> None:
    conversation = ask(client, "mine", CHINESE).json()["conversation_id"]
    for question, more in (
        (ENGLISH, {}),
        (CHINESE, {"conversation_id": conversation}),
        (CHINESE, {"documents": ["yunxi.txt"]}),
    ):
        refused = ask(client, "mine", question, **more)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert len(stored(client, conversation)) == 2


def test_a_stopped_answer_is_answered_in_its_place(chat: Chat, client: httpx.Client) -> None:
    body = {"question": CHINESE, "conversation_id": None, "documents": None, "collections": None, "replaces": None}
    ids = turn_ids(ANONYMOUS, "left", body)
    events = chat.stream(CHINESE, ids=ids)
    assert any(isinstance(event, ChatSentence) for event in events)
    events.close()  # type: ignore[attr-defined]
    assert stored(client, ids.conversation)[1]["answer"]["stopped"] is True
    whole = ask(client, "left", CHINESE).json()
    assert (whole["stopped"], whole["conversation_id"], whole["message_id"]) == (False, ids.conversation, ids.answer)
    assert [message["id"] for message in stored(client, ids.conversation)] == [ids.question, ids.answer]


@pytest.mark.parametrize(("key", "question", "left"), [("快", CHINESE, False), ("first", ENGLISH, True)])
def test_two_processes_at_once_are_one_turn(chat: Chat, key: str, question: str, left: bool) -> None:
    """A server that lost its client may still work on the question when another one is asked it."""
    ids = turn_ids(ANONYMOUS, key, {"question": question})
    slower, faster = (
        Chat(chat.qa, Conversations(chat.conversations.database)).stream(question, ids=ids) for _ in range(2)
    )
    next(slower)
    if left:
        next(faster)
        faster.close()  # type: ignore[attr-defined]
        kept = None
    else:
        kept = list(faster)[-1]
    told = list(slower)[-1]
    assert isinstance(told, ChatAnswer)
    assert (told.stopped, told.message_id) == (False, ids.answer)
    assert kept is None or told == kept
    messages = chat.conversations.messages(ids.conversation)
    assert [message.id for message in messages] == [ids.question, ids.answer]
    assert messages[1].answer is not None
    assert not messages[1].answer.stopped


def test_after_a_failure_before_the_answer_the_conversation_is_used_again(chat: Chat, client: httpx.Client) -> None:
    body = {"question": ENGLISH, "conversation_id": None, "documents": None, "collections": None, "replaces": None}
    ids = turn_ids(ANONYMOUS, "failed", body)
    chat.conversations.create(ANONYMOUS, id=ids.conversation)
    assert ask(client, "failed", ENGLISH).json()["conversation_id"] == ids.conversation
    assert len(stored(client, ids.conversation)) == 2
