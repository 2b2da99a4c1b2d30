"""Fault 6: leaving in mid-stream stores what the person saw, marked as stopped, and is no error of the model."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, honest, passages
from tests.support.served import serving

WARNING = {"zh": "回答到这里被停止，没有说完。", "en": "The answer was stopped here, before its end."}


def slow(messages: Messages) -> Reply:
    """The first passage's sentences, one by one, and so slowly that the second one never comes."""
    label, text = next(iter(passages(messages).items()))
    first = text.replace("。", "。\n").replace(". ", ".\n").splitlines()[0].strip()
    return Reply(text=f"{first}[{label}]\n{'x' * 800}", pause=0.05)


def silent_after_thinking(_: Messages) -> Reply:
    return Reply(text="x", thinking="hm" * 100, pause=0.05)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedOpenAI]:
    """The language model; each test gives it a script."""
    with ScriptedOpenAI(honest) as server:
        yield server


@pytest.fixture(scope="module")
def client(ingested: Path, model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one server: what is counted is compared with what was counted before."""
    data = tmp_path_factory.mktemp("leaving") / "data"
    shutil.copytree(ingested, data)
    with (
        serving(data, QA_LLM_BASE_URL=model.url, QA_LLM_MODEL="scripted", QA_RANKER="linear") as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client,
    ):
        yield client


def left(client: httpx.Client, question: str, stop_at: str) -> tuple[str, str]:
    """Ask, leave at the first event of that name; return the conversation's id and the data of that event."""
    conversation = client.post("/conversations", json={}).json()["id"]
    body = {"question": question, "conversation_id": conversation, "stream": True}
    with client.stream("POST", "/chat", json=body) as response:
        lines = response.iter_lines()
        for line in lines:
            if line == f"event: {stop_at}":
                return conversation, next(lines)
    raise AssertionError("it never came")


def ended(client: httpx.Client) -> str:
    """Wait until no question runs; return the metrics."""
    deadline = time.monotonic() + 30
    while "qa_questions_open 0.0" not in (text := client.get("/metrics").text):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return text


def counted(metrics: str) -> tuple[float, list[str]]:
    """Return how many questions were left, and the errors of the model."""
    lines = metrics.splitlines()
    left = [line for line in lines if line.startswith('qa_questions_total{outcome="left"} ')]
    errors = [line for line in lines if line.startswith("qa_model_errors_total{")]
    return (float(left[0].split()[-1]) if left else 0.0), errors


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_seen_is_stored_as_stopped(
    model: ScriptedOpenAI, client: httpx.Client, questions: tuple[str, str], language: str
) -> None:
    question = questions[0 if language == "zh" else 1]
    model.script = slow
    before, errors = counted(ended(client))
    conversation, seen = left(client, question, "sentence")
    metrics = ended(client)
    asked, answered = client.get(f"/conversations/{conversation}").json()["messages"]
    assert asked["content"] == question
    answer = answered["answer"]
    assert answer["stopped"] is True
    assert [sentence["text"] for sentence in answer["sentences"]] == [answer["sentences"][0]["text"]]
    assert answer["sentences"][0]["text"] in seen
    assert answer["citations"][0]["quote"] in seen
    assert answer["warnings"] == [WARNING[language]]
    assert counted(metrics) == (before + 1, errors)
    # The conversation goes on from there.
    model.script = honest
    whole = client.post("/chat", json={"question": question, "conversation_id": conversation}, timeout=120)
    assert whole.json()["stopped"] is False


@pytest.mark.parametrize("script", [silent_after_thinking, slow], ids=["thinking", "whole answer awaited"])
def test_who_saw_no_sentence_leaves_the_question_if_it_was_streamed(
    model: ScriptedOpenAI, client: httpx.Client, questions: tuple[str, str], script: Callable[[Messages], Reply]
) -> None:
    model.script = script
    before, errors = counted(ended(client))
    if script is silent_after_thinking:
        conversation, _ = left(client, questions[1], "thinking")
    else:
        conversation = client.post("/conversations", json={}).json()["id"]
        with pytest.raises(httpx.ReadTimeout):
            client.post("/chat", json={"question": questions[0], "conversation_id": conversation}, timeout=3)
    metrics = ended(client)
    messages = client.get(f"/conversations/{conversation}").json()["messages"]
    if script is silent_after_thinking:
        asked, answered = messages
        assert (asked["content"], answered["content"]) == (questions[1], "")
        assert (answered["answer"]["stopped"], answered["answer"]["warnings"]) == (True, [WARNING["en"]])
    else:
        assert messages == []
    assert counted(metrics) == (before + 1, errors)
