"""Conversations: stored in pairs, limited in length, returned unchanged, deleted with everything in them."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa.api.export import escaped, file_name
from qa.errors import UnknownConversation, UnknownMessage
from qa.sessions.conversations import TITLE_CHARS, Conversations
from qa.types import Answer, AnswerSentence, Citation
from vectorstore.storage.database import APPLICATION_ID, Database
from vectorstore.storage.tables import messages, select

JSON = {"Content-Type": "application/json"}
PLACE = ("conversation_id", "message_id", "user_message_id")


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
def database(place: Path | str) -> Iterator[Database]:
    with Database(place) as database:
        yield database


@pytest.fixture
def stored(database: Database) -> Conversations:
    return Conversations(database, limit=6)


def test_messages_come_back_as_they_were(stored: Conversations) -> None:
    conversation = stored.create()
    first = answer("问？", "甲。", "乙。")
    turned = stored.append(conversation.id, first)
    user, assistant = stored.messages(conversation.id)
    assert (user.role, user.content, user.answer) == ("user", "问？", None)
    assert (user, assistant) == turned
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
    rows = database.rows(select(messages.c.conversation_id).distinct())
    assert [row.conversation_id for row in rows] == [kept.id]
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


def test_asking_again_drops_what_followed(stored: Conversations) -> None:
    conversation = stored.create()
    turns = [stored.append(conversation.id, answer(f"{number}？", f"{number}。")) for number in (1, 2, 3)]
    second = turns[1].question.id
    assert [turn.content for turn in stored.history(conversation.id, 9, replaces=second)] == ["1？", "1。"]
    again = stored.append(conversation.id, answer("二？", "二。"), replaces=second)
    assert stored.messages(conversation.id) == [*turns[0], *again]
    for gone in (second, turns[2].question.id, turns[0].answer.id, "x"):
        with pytest.raises(UnknownMessage, match=gone):
            stored.append(conversation.id, answer("x"), replaces=gone)
    assert stored.messages(conversation.id) == [*turns[0], *again]


def test_conversations_are_searched(stored: Conversations) -> None:
    titled, said, other = stored.create("a", "Grain 100%"), stored.create("a"), stored.create("b")
    stored.append(titled.id, answer("问？", "甲。"), "a")
    turn = stored.append(said.id, answer("产量？", "前面。" * 20 + "\nThe Harvest was 100_0." + "后面。" * 20), "a")
    stored.append(other.id, answer("产量？", "harvest"), "b")
    (found,) = stored.recent(owner="a", search="harvest")
    assert (found.id, found.found.message_id if found.found else "") == (said.id, turn.answer.id)
    assert found.found is not None
    assert "The Harvest was 100_0." in found.found.text
    assert len(found.found.text) < 80
    (by_title,) = stored.recent(owner="a", search="grain")
    assert (by_title.id, by_title.found) == (titled.id, None)
    assert [each.id for each in stored.recent(owner="a", search="100%")] == [titled.id]  # no wildcards
    assert stored.recent(owner="a", search="1__%") == []


def test_each_owner_has_its_own(stored: Conversations) -> None:
    mine, theirs = stored.create("a"), stored.create("b", "Title")
    assert [conversation.id for conversation in stored.recent(owner="a")] == [mine.id]
    assert stored.get(theirs.id, "b").title == "Title"
    for action in (stored.get, stored.messages, stored.delete):
        with pytest.raises(UnknownConversation):
            action(theirs.id, "a")
    with pytest.raises(UnknownConversation):
        stored.append(theirs.id, answer("x"), "a")
    with pytest.raises(UnknownConversation):
        stored.rename(theirs.id, "x", "a")


def test_database_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "earlier.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(
            "CREATE TABLE conversations "
            "(id TEXT PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL)"
        )
        connection.execute("INSERT INTO conversations VALUES ('old', 'Title', '2024', '2024')")
        connection.commit()
    with Database(path) as database:
        conversations = Conversations(database)
        conversations.append("old", answer("问？", "甲。"))
        (found,) = conversations.recent()
        assert (found.id, found.title, found.message_count) == ("old", "Title", 2)
        assert Conversations(database).recent() == [found]


def test_over_http_the_list_goes_on_where_it_ended(client: httpx.Client) -> None:
    made = [client.post("/conversations", json={"title": f" {number}\n号 "}).json() for number in range(5)]
    assert made[0]["title"] == "0 号"
    listed: list[dict[str, object]] = []
    place: str | None = None
    while len(listed) < 5:
        page = client.get("/conversations", params={"limit": 2} | ({"before": place} if place else {})).json()
        assert len(page["conversations"]) == 2 or page["next"] is None  # others' conversations may follow
        listed += page["conversations"]
        place = page["next"]
    assert [item["id"] for item in listed[:5]] == [
        item["id"] for item in sorted(made, key=lambda item: (item["updated"], -int(item["id"], 16)), reverse=True)
    ]
    assert listed[0]["message_count"] == 0
    everything = client.get("/conversations?limit=200").json()
    assert everything["next"] is None
    older = client.get(f"/conversations?before={made[0]['updated']}").json()["conversations"]
    assert all(item["updated"] < made[0]["updated"] for item in older)


def test_over_http_a_question_asked_alone_is_listed_once_it_is_followed_up(client: httpx.Client, question: str) -> None:
    def listed() -> dict[str, str]:
        found = client.get("/conversations?limit=200").json()["conversations"]
        return {item["id"]: item["title"] for item in found}

    alone = client.post("/chat", json={"question": question}).json()["conversation_id"]
    assert alone not in listed()
    assert client.get(f"/conversations/{alone}").json()["title"] == question
    client.post("/chat", json={"question": "那危桥呢？", "conversation_id": alone})
    assert listed()[alone] == question
    made = client.post("/conversations", json={}).json()["id"]
    client.post("/chat", json={"question": question, "conversation_id": made})
    assert listed()[made] == question


def test_over_http_a_conversation_is_renamed(client: httpx.Client, question: str) -> None:
    path = f"/conversations/{client.post('/chat', json={'question': question}).json()['conversation_id']}"
    renamed = client.patch(path, json={"title": "<b>粮食</b>"}).json()
    assert renamed["title"] == client.get(path).json()["title"] == "<b>粮食</b>"
    for title in ("", "  ", "x" * 201, "\ud800"):
        assert client.patch(path, content=json.dumps({"title": title}), headers=JSON).status_code == 422
    assert client.patch("/conversations/none", json={"title": "x"}).status_code == 404


def test_over_http_a_question_is_edited_and_asked_again(client: httpx.Client, question: str) -> None:
    first = client.post("/chat", json={"question": question}).json()
    conversation = first["conversation_id"]
    second = client.post("/chat", json={"question": "那茶园呢？", "conversation_id": conversation}).json()
    body = {"conversation_id": conversation, "replaces": first["user_message_id"]}
    edited = client.post("/chat", json={**body, "question": "石桥县改造危桥多少座？", "stream": True})
    assert edited.status_code == 200
    messages = client.get(f"/conversations/{conversation}").json()["messages"]
    assert [message["content"] for message in messages if message["role"] == "user"] == ["石桥县改造危桥多少座？"]
    gone = client.post("/chat", json={**body, "question": question, "replaces": second["user_message_id"]})
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "unknown_message")
    alone = client.post("/chat", json={"question": question, "replaces": first["user_message_id"]})
    assert alone.status_code == 422


def test_over_http_a_conversation_is_exported(client: httpx.Client, question: str) -> None:
    sent = client.post("/chat", json={"question": question}).json()
    conversation = sent["conversation_id"]
    client.post("/chat", json={"question": "石桥县改造危桥多少座？", "conversation_id": conversation})
    client.post("/chat", json={"question": "红烧肉怎么做才好吃？", "conversation_id": conversation})
    path = f"/conversations/{conversation}"
    exported = client.get(f"{path}/export")
    assert exported.headers["content-type"] == "text/markdown; charset=utf-8"
    plain, titled = f'filename="conversation-{conversation}.md"', quote(question.rstrip("？?"))
    assert exported.headers["content-disposition"] == f"attachment; {plain}; filename*=UTF-8''{titled}.md"
    used = re.findall(r"\[\^(\d+)\](?!:)", exported.text)
    noted = re.findall(r"^\[\^(\d+)\]: (.*)$", exported.text, flags=re.MULTILINE)
    assert list(dict.fromkeys(used)) == [number for number, _ in noted] == [str(n) for n in range(1, len(noted) + 1)]
    assert len(noted) >= 2
    first = sent["citations"][0]
    place = ", ".join(f"{start}–{end}" for start, end in first["spans"])
    assert noted[0][1].startswith(f"{first['title']} · {first['section']} · {first['document']} ({place}): “")
    as_json = client.get(f"{path}/export?format=json")
    assert as_json.json() == client.get(path).json()
    assert "attachment" in as_json.headers["content-disposition"]
    assert client.get(f"{path}/export?format=pdf").status_code == 422
    assert client.get("/conversations/none/export").status_code == 404


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("a1 \n-+#*_[]()<>!&`~|\\^:.$\"'/=粮")))
def test_exported_text_stays_text(text: str) -> None:
    """CommonMark reads back what was typed: no link, no markup, no HTML."""
    rendered = MarkdownIt("commonmark").parse(f"## {escaped(text)}\n\n{escaped(text)}\n")
    words = " ".join(text.split())
    inline = [token for token in rendered if token.type == "inline" and token.content]
    kinds = {child.type for token in inline for child in token.children or ()}
    assert kinds <= {"text", "text_special"}
    assert [token.type for token in rendered if token.level == 0 and token.nesting == 1] == [
        "heading_open",
        *(["paragraph_open"] if words else []),
    ]
    for token in inline:
        assert "".join(child.content for child in token.children or ()) == words


@pytest.mark.parametrize(
    ("title", "name"),
    [("粮食/产量：多少？", "粮食 产量 多少"), ("a\tb..", "a b"), ("???", "conversation-1"), ("𠮷" * 90, "𠮷" * 80)],
)
def test_title_becomes_a_file_name_on_every_system(title: str, name: str) -> None:
    assert file_name(title, "conversation-1") == name


def test_over_http_a_conversation_reads_as_it_was_sent(client: httpx.Client, question: str) -> None:
    sent = client.post("/chat", json={"question": question}).json()
    got = client.get(f"/conversations/{sent['conversation_id']}").json()
    assert [message["role"] for message in got["messages"]] == ["user", "assistant"]
    assert got["title"] == question
    message = got["messages"][1]
    assert message["id"] == sent["message_id"]
    assert message["answer"] == {k: v for k, v in sent.items() if k not in PLACE}
    assert got["messages"][0]["id"] == sent["user_message_id"]


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
