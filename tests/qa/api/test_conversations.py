"""Conversations: stored in pairs, kept within their limit, given back as they were, deleted for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.conversations import TITLE_CHARS, Conversations
from qa.errors import UnknownConversation
from qa.types import Answer, AnswerSentence, Citation
from vectorstore.database import Database


def answer(question: str, *sentences: str) -> Answer:
    citations = [
        Citation(number=n, document="a", document_id="a", title="a", section="", quote=text, spans=[(0, len(text))])
        for n, text in enumerate(sentences, start=1)
    ]
    return Answer(
        question=question,
        standalone_question=question,
        answer="".join(f"{text}[{n}]" for n, text in enumerate(sentences, start=1)) or "没有提到。",
        abstained=not sentences,
        sentences=[AnswerSentence(text=text, citations=[n]) for n, text in enumerate(sentences, start=1)],
        citations=citations,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "library.sqlite3") as database:
        yield database


@pytest.fixture
def stored(database: Database) -> Conversations:
    return Conversations(database, limit=6)


def test_messages_come_back_as_they_were(stored: Conversations) -> None:
    conversation = stored.create()
    first = answer("问？", "甲。", "乙。")
    message = stored.append(conversation.id, first)
    user, assistant = stored.messages(conversation.id)
    assert (user.role, user.content, user.answer) == ("user", "问？", None)
    assert assistant == message
    assert assistant.answer == first
    assert stored.get(conversation.id).title == "问？"


def test_history_has_no_citation_marks(stored: Conversations) -> None:
    conversation = stored.create()
    stored.append(conversation.id, answer("一？", "甲。", "乙。"))
    stored.append(conversation.id, answer("二？"))
    turns = stored.history(conversation.id, 10)
    assert [(turn.role, turn.content) for turn in turns] == [
        ("user", "一？"),
        ("assistant", "甲。乙。"),
        ("user", "二？"),
        ("assistant", "没有提到。"),
    ]
    assert stored.history(conversation.id, 2) == turns[-2:]
    assert stored.history(conversation.id, 0) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    questions=st.lists(st.text(min_size=1, max_size=20).filter(lambda t: t.isprintable()), max_size=8),
    limit=st.integers(2, 9),
)
def test_the_last_messages_are_kept_in_pairs(database: Database, questions: list[str], limit: int) -> None:
    conversations = Conversations(database, limit)
    conversation = conversations.create()
    for question in questions:
        conversations.append(conversation.id, answer(question, question))
    messages = conversations.messages(conversation.id)
    kept = questions[max(len(questions) - limit // 2, 0) :]
    assert [m.content for m in messages if m.role == "user"] == kept
    assert [m.role for m in messages] == ["user", "assistant"] * len(kept)


def test_delete_takes_the_messages_along(stored: Conversations, database: Database) -> None:
    kept, gone = stored.create(), stored.create()
    for conversation in (kept, gone):
        stored.append(conversation.id, answer("问？", "甲。"))
    stored.delete(gone.id)
    with database.read() as connection:
        rows = connection.execute("SELECT DISTINCT conversation_id FROM messages").fetchall()
    assert [row[0] for row in rows] == [kept.id]
    for action in (stored.get, stored.messages, stored.delete, lambda id: stored.append(id, answer("x"))):
        with pytest.raises(UnknownConversation, match=gone.id):
            action(gone.id)


def test_ids_are_random_and_titles_short(stored: Conversations) -> None:
    ids = {stored.create().id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(id) == 32 for id in ids)
    conversation = stored.create()
    stored.append(conversation.id, answer("很\n长 " * 100, "甲。"))
    assert len(stored.get(conversation.id).title) == TITLE_CHARS
    assert "\n" not in stored.get(conversation.id).title


def test_last_used_comes_first(stored: Conversations) -> None:
    first, second = stored.create(), stored.create()
    threading.Event().wait(0.003)
    stored.append(first.id, answer("问？", "甲。"))
    assert [conversation.id for conversation in stored.recent()] == [first.id, second.id]


def test_appends_from_threads_stay_in_pairs(database: Database) -> None:
    conversations = Conversations(database, limit=1000)
    conversation = conversations.create()

    def work(name: str) -> None:
        for number in range(5):
            conversations.append(conversation.id, answer(f"{name}{number}", f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "甲乙丙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = conversations.messages(conversation.id)
    assert len(messages) == 30
    for user, assistant in zip(messages[::2], messages[1::2], strict=True):
        assert assistant.answer is not None
        assert user.content == assistant.answer.question


def test_over_http_a_conversation_reads_as_it_was_sent(client: httpx.Client, question: str) -> None:
    sent = client.post("/chat", json={"question": question}).json()
    got = client.get(f"/conversations/{sent['conversation_id']}").json()
    assert [message["role"] for message in got["messages"]] == ["user", "assistant"]
    assert got["title"] == question
    message = got["messages"][1]
    assert message["id"] == sent["message_id"]
    assert message["answer"] == {k: v for k, v in sent.items() if k not in ("conversation_id", "message_id")}


def test_over_http_a_deleted_conversation_is_gone(client: httpx.Client, question: str) -> None:
    path = f"/conversations/{client.post('/chat', json={'question': question}).json()['conversation_id']}"
    response = client.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(path).status_code == client.delete(path).status_code == 404


def test_conversation_deleted_while_it_is_answered_ends_in_an_error(
    client: httpx.Client, question: str, read_events: Callable[[str], list[tuple[str, dict[str, object]]]]
) -> None:
    body = {"question": question, "stream": True}
    with client.stream("POST", "/chat", json=body) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: started"
        conversation = httpx.Response(200, text=next(lines).removeprefix("data: ")).json()["conversation_id"]
        client.delete(f"/conversations/{conversation}")
        events = read_events("\n".join(lines))
    assert events[-1][0] in ("done", "error")  # whichever came first; never both, never none
    assert [name for name, _ in events].count("done") + [name for name, _ in events].count("error") == 1
