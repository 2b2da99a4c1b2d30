"""POST /chat over real HTTP: JSON, streams, follow-ups, and questions that can't be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from qa.types import Answer

Read = Callable[[str], list[tuple[str, Any]]]

BAD_QUESTIONS = {
    "empty": "",
    "blank": " \n\t　",
    "too_long": "字" * 2001,
    "punctuation": "？！。，……",
}


def cut(text: str, spans: list[list[int]]) -> str:
    return "".join(text[start:end] for start, end in spans)


def test_json_answer_is_cited_to_the_raw_text(client: httpx.Client, question: str, raw_texts: dict[str, str]) -> None:
    response = client.post("/chat", json={"question": question})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert not body["abstained"]
    assert "12.6万吨" in body["answer"]
    assert body["question"] == body["standalone_question"] == question
    assert body["citations"]
    for citation in body["citations"]:
        assert cut(raw_texts[citation["document"]], citation["spans"]) == citation["quote"]
    for hit in body["passages"]:
        assert cut(raw_texts[hit["document"]], hit["spans"]) == hit["text"]
    numbers = {citation["number"] for citation in body["citations"]}
    assert all(sentence["citations"] and numbers.issuperset(sentence["citations"]) for sentence in body["sentences"])


def test_json_answer_has_the_fields_of_a_run_item(client: httpx.Client, question: str) -> None:
    body = client.post("/chat", json={"question": question}).json()
    assert body.keys() == {*Answer.model_fields, "conversation_id", "message_id", "user_message_id"}
    assert {"rewrite", "retrieve", "answer", "total"} <= body["latency_ms"].keys()
    assert body["citations"][0].keys() >= {"number", "document", "title", "section", "quote", "spans"}
    assert body["passages"][0].keys() >= {"document", "spans", "score"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"stream": True}, {}), ({}, {"Accept": "text/event-stream"})],
    ids=["by_field", "by_header"],
)
def test_stream_has_every_event_in_order(
    client: httpx.Client, read_events: Read, question: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    response = client.post("/chat", json={"question": question, **body}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    events = read_events(response.text)
    names = [name for name, _ in events]
    sentences = [data for name, data in events if name == "sentence"]
    done = events[-1][1]
    assert names == ["started", "rewritten", "passages", *["sentence"] * len(sentences), "done"]
    assert sentences
    assert [{name: s[name] for name in done["sentences"][0]} for s in sentences] == done["sentences"]
    cited = {source["number"]: source for sentence in sentences for source in sentence["sources"]}
    assert list(cited.values()) == done["citations"]
    assert dict(events)["passages"]["passages"] == done["passages"]
    assert dict(events)["started"]["conversation_id"] == done["conversation_id"]


def test_stream_and_json_say_the_same(client: httpx.Client, read_events: Read, question: str) -> None:
    body = client.post("/chat", json={"question": question}).json()
    done = read_events(client.post("/chat", json={"question": question, "stream": True}).text)[-1][1]
    varying = {"conversation_id", "message_id", "user_message_id", "latency_ms"}
    assert {k: v for k, v in body.items() if k not in varying} == {k: v for k, v in done.items() if k not in varying}


def test_abstention_has_a_reason_and_nothing_else(client: httpx.Client, read_events: Read) -> None:
    asked = {"question": "量子计算机的退相干时间如何测量？"}
    body = client.post("/chat", json=asked).json()
    assert body["abstained"]
    assert body["reason"]
    assert body["sentences"] == body["citations"] == []
    names = [name for name, _ in read_events(client.post("/chat", json={**asked, "stream": True}).text)]
    assert names == ["started", "rewritten", "passages", "done"]


def test_follow_up_is_read_against_the_conversation(client: httpx.Client, question: str) -> None:
    first = client.post("/chat", json={"question": question}).json()
    second = client.post("/chat", json={"question": "那石桥县呢？", "conversation_id": first["conversation_id"]}).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert second["question"] == "那石桥县呢？"
    assert "粮食" in second["standalone_question"]
    assert "9.8万吨" in second["answer"]


def test_documents_narrow_the_search(client: httpx.Client) -> None:
    asked = {"question": "2023年粮食总产量达到多少？", "documents": ["shiqiao.txt"]}
    body = client.post("/chat", json=asked).json()
    assert {hit["document"] for hit in body["passages"]} == {"shiqiao.txt"}
    by_id = client.post("/chat", json={**asked, "documents": [body["passages"][0]["document_id"]]}).json()
    assert by_id["answer"] == body["answer"]


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("kind", BAD_QUESTIONS)
def test_bad_question_is_refused(client: httpx.Client, kind: str, stream: bool) -> None:
    response = client.post("/chat", json={"question": BAD_QUESTIONS[kind], "stream": stream})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_question"


def test_longest_question_is_answered(client: httpx.Client) -> None:
    assert client.post("/chat", json={"question": "粮食" * 1000}).status_code == 200


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"conversation_id": "0" * 32}, "unknown_conversation"),
        ({"conversation_id": "'; DROP TABLE messages"}, "unknown_conversation"),
        ({"documents": ["yunxi.txt", "nowhere.txt"]}, "unknown_document"),
    ],
    ids=["conversation", "hostile_conversation", "document"],
)
def test_unknown_things_are_not_found(
    client: httpx.Client, question: str, body: dict[str, Any], code: str, stream: bool
) -> None:
    response = client.post("/chat", json={"question": question, "stream": stream, **body})
    assert response.status_code == 404
    error = response.json()["error"]
    assert error["code"] == code
    assert error["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": None}, "question"),
        ({"question": ["粮食"]}, "question"),
        ({"question": "粮食", "documents": []}, "documents"),
        ({"question": "粮食", "documents": "yunxi.txt"}, "documents"),
        ({"question": "粮食", "documents": ["yunxi.txt", 2]}, "documents[1]"),
        ({"question": "粮食", "conversationId": "x"}, "conversationId"),
        ({"question": "粮食", "conversation_id": "x" * 65}, "conversation_id"),
        ({"question": "粮食", "stream": "perhaps"}, "stream"),
        ([], "the body"),
    ],
)
def test_body_outside_the_schema_is_refused(client: httpx.Client, body: Any, field: str) -> None:
    response = client.post("/chat", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_request"
    assert response.json()["error"]["message"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff\xfe",
        b'{"question": "\\ud800 a"}',
        b'{"question": "a", "conversation_id": "\\udfff"}',
        b'{"question": "a", "documents": ["\\ud800"]}',
        b"[" * 100_000,
    ],
    ids=["cut", "binary", "half_question", "half_id", "half_name", "deep"],
)
def test_broken_json_is_refused(client: httpx.Client, content: bytes) -> None:
    response = client.post("/chat", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["error"]["code"] in ("invalid_request", "bad_request")


def test_form_post_from_another_site_is_refused(client: httpx.Client) -> None:
    """A page of another origin can send text/plain without asking first; it must not be read as JSON."""
    response = client.post("/chat", content=b'{"question": "x"}', headers={"Content-Type": "text/plain"})
    assert response.status_code == 422


@pytest.mark.parametrize(
    "question",
    ["粮食\x00产量", "粮食 \U0001f33e 产量？", "糧食總產量是多少", "<script>alert(1)</script>", "\u202e粮食"],
    ids=["nul", "emoji", "traditional", "markup", "override"],
)
def test_odd_characters_are_text(client: httpx.Client, question: str) -> None:
    response = client.post("/chat", json={"question": question})
    assert response.status_code == 200
    assert response.json()["question"] == question
