"""The document that a sentence speaks of: a field of every JSON shape, and a name in front of it in every text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import httpx
import pytest

from qa.answering.base import Answerer
from qa.sessions.conversations import Conversations
from tests.support.comparing import Comparing
from vectorstore.storage.tables import messages, update

QUESTIONS = [
    pytest.param("哪个县的粮食产量更高，云溪还是石桥？", "：", id="zh"),
    pytest.param("Which county grows more grain?", ": ", id="en"),
]

both_languages = pytest.mark.parametrize(("question", "colon"), QUESTIONS)


@pytest.fixture
def comparing(serve_with: Callable[[Answerer], Any]) -> Iterator[httpx.Client]:
    with serve_with(Comparing()) as (_, client):
        yield client


def as_text(sentences: list[dict[str, Any]], colon: str) -> str:
    """The answer as one string, as it has to read."""
    lines = []
    for document, group in groupby(sentences, key=lambda s: s["document"]):
        said = "".join(s["text"] + "".join(f"[{n}]" for n in s["citations"]) for s in group)
        lines.append(f"{document}{colon}{said}" if document else said)
    return "\n".join(lines)


@both_languages
def test_answer_names_the_document_of_each_sentence(comparing: httpx.Client, question: str, colon: str) -> None:
    answer = comparing.post("/chat", json={"question": question}).json()
    documents = [sentence["document"] for sentence in answer["sentences"]]
    assert [name for name, _ in groupby(documents)] == ["shiqiao", "yunxi", ""]
    assert not any(sentence["text"].startswith(("shiqiao", "yunxi")) for sentence in answer["sentences"])
    assert answer["answer"] == as_text(answer["sentences"], colon)


@both_languages
def test_stream_names_it_too(
    comparing: httpx.Client, read_events: Callable[[str], list[tuple[str, Any]]], question: str, colon: str
) -> None:
    events = read_events(comparing.post("/chat", json={"question": question, "stream": True}).text)
    streamed = [data for name, data in events if name == "sentence"]
    done = events[-1][1]
    assert [{name: data[name] for name in done["sentences"][0]} for data in streamed] == done["sentences"]
    assert as_text(streamed, colon) == done["answer"]


@both_languages
def test_openai_text_has_the_names_whole_and_streamed(comparing: httpx.Client, question: str, colon: str) -> None:
    body = {"model": "report-qa", "messages": [{"role": "user", "content": question}]}
    answer = comparing.post("/chat", json={"question": question}).json()
    whole = comparing.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    assert whole == answer["answer"] == as_text(answer["sentences"], colon)
    stream = comparing.post("/v1/chat/completions", json={**body, "stream": True}).text
    lines = [line.removeprefix("data: ") for line in stream.split("\n") if line.startswith("data: {")]
    deltas = [json.loads(line)["choices"][0]["delta"] for line in lines]
    assert "".join(delta.get("content", "") for delta in deltas) == whole


@both_languages
def test_export_has_a_paragraph_for_each_document(comparing: httpx.Client, question: str, colon: str) -> None:
    answer = comparing.post("/chat", json={"question": question}).json()
    path = f"/conversations/{answer['conversation_id']}/export"
    paragraphs = comparing.get(path).text.split("\n\n")
    named = [paragraph for paragraph in paragraphs if paragraph.startswith("**")]
    assert [paragraph.split("**")[1] for paragraph in named] == ["shiqiao", "yunxi"]
    for paragraph, name in zip(named, ("shiqiao", "yunxi"), strict=True):
        said = [sentence["text"] for sentence in answer["sentences"] if sentence["document"] == name]
        assert paragraph.startswith(f"**{name}**{colon}{said[0]}[^")
        assert all(text in paragraph for text in said)
    last = answer["sentences"][-1]
    assert f"{last['text']}[^{last['citations'][0]}]" in paragraphs
    exported = comparing.get(path, params={"format": "json"}).json()
    assert exported["messages"][1]["answer"]["sentences"] == answer["sentences"]


@both_languages
def test_conversation_keeps_it_and_a_follow_up_is_given_the_names(
    comparing: httpx.Client, conversations: Conversations, question: str, colon: str
) -> None:
    answer = comparing.post("/chat", json={"question": question}).json()
    stored = comparing.get(f"/conversations/{answer['conversation_id']}").json()["messages"][1]
    assert stored["answer"]["sentences"] == answer["sentences"]
    assert stored["content"] == answer["answer"]
    _, said = conversations.history(answer["conversation_id"], 2)
    assert said.content == as_text([{**s, "citations": []} for s in answer["sentences"]], colon)


def test_answer_stored_before_there_was_the_field_is_read(
    comparing: httpx.Client, conversations: Conversations
) -> None:
    answer = comparing.post("/chat", json={"question": "云溪县和石桥县的粮食产量各是多少？"}).json()
    old = {name: answer[name] for name in answer if name not in ("conversation_id", "message_id", "user_message_id")}
    for sentence in old["sentences"]:
        del sentence["document"]
    with conversations.database.transaction() as connection:
        changed = update(messages).where(messages.c.id == answer["message_id"])
        connection.execute(changed.values(answer=json.dumps(old, ensure_ascii=False)))
    stored = comparing.get(f"/conversations/{answer['conversation_id']}").json()["messages"][1]
    assert [sentence["document"] for sentence in stored["answer"]["sentences"]] == [""] * len(old["sentences"])
    rated = comparing.post("/feedback", json={"message_id": answer["message_id"], "rating": "up"})
    assert rated.status_code == 201
    assert comparing.get(f"/conversations/{answer['conversation_id']}/export").status_code == 200
