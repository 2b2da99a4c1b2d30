"""Feedback on answers: stored with the answer, replaced, listed, deleted, and deleted with the conversation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.fixture
def sent(client: httpx.Client, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/chat", json={"question": question}).json()
    return answer


def test_second_opinion_replaces_the_first(client: httpx.Client, sent: dict[str, Any]) -> None:
    for rating, comment in (("up", ""), ("down", "前一年的呢？")):
        body = {"message_id": sent["message_id"], "rating": rating, "comment": comment}
        response = client.post("/feedback", json=body)
        assert response.status_code == 201
    (listed,) = [f for f in client.get("/feedback").json()["feedback"] if f["message_id"] == sent["message_id"]]
    assert listed == response.json()
    assert (listed["rating"], listed["comment"]) == ("down", "前一年的呢？")
    assert (listed["question"], listed["answer"], listed["abstained"]) == (sent["question"], sent["answer"], False)
    assert listed["documents"] == ["yunxi.txt"]
    messages = client.get(f"/conversations/{sent['conversation_id']}").json()["messages"]
    assert messages[0]["feedback"] is None
    assert messages[1]["feedback"] == {key: listed[key] for key in ("rating", "comment", "created")}
    rated = client.get("/feedback", params={"rating": "up", "limit": 1000}).json()["feedback"]
    assert sent["message_id"] not in [f["message_id"] for f in rated]


def test_opinion_is_taken_back(client: httpx.Client, sent: dict[str, Any]) -> None:
    client.post("/feedback", json={"message_id": sent["message_id"], "rating": "up"})
    path = f"/feedback/{sent['message_id']}"
    response = client.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert client.delete(path).status_code == 404
    messages = client.get(f"/conversations/{sent['conversation_id']}").json()["messages"]
    assert messages[1]["feedback"] is None


def test_opinion_outlives_asking_again_and_not_the_conversation(client: httpx.Client, sent: dict[str, Any]) -> None:
    def listed() -> bool:
        found = client.get("/feedback", params={"limit": 1000}).json()["feedback"]
        return sent["message_id"] in [f["message_id"] for f in found]

    client.post("/feedback", json={"message_id": sent["message_id"], "rating": "down"})
    where = {"conversation_id": sent["conversation_id"], "replaces": sent["user_message_id"]}
    client.post("/chat", json={"question": "石桥县改造危桥多少座？", **where})
    assert listed()
    client.delete(f"/conversations/{sent['conversation_id']}")
    assert not listed()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"message_id": "nobody"}, 404),
        ({"rating": "sideways"}, 422),
        ({"comment": "x" * 2001}, 422),
        ({"more": 1}, 422),
        ({"comment": "x" * 2000}, 201),
    ],
)
def test_opinions_that_do_not_fit(
    client: httpx.Client, sent: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    body = {"message_id": sent["message_id"], "rating": "up"} | change
    assert client.post("/feedback", json=body).status_code == status


def test_questions_are_not_judged(client: httpx.Client, sent: dict[str, Any]) -> None:
    body = {"message_id": sent["user_message_id"], "rating": "up"}
    assert client.post("/feedback", json=body).status_code == 404
