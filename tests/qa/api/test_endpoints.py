"""What callers see of the model's endpoint: its thoughts as they come, and the tokens that an answer took."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.observability.metrics import Metrics
from qa.observability.question_trace import MeasuredModel
from qa.types import TokenUsage
from tests.support.scripted_openai import Messages, Reply, Script, ScriptedOpenAI, error, passages

Serve = Callable[[ModelAnswerer], Any]
ASKED = [
    pytest.param("云溪县2023年粮食总产量是多少？", "先看第一段：12.6万吨。", id="zh"),
    pytest.param("How much grain did Yunxi County (云溪县) harvest in 2023?", "The first passage says it.", id="en"),
]


def quotes(thinking: str = "", **more: Any) -> Callable[[Messages], Reply]:
    """Quote the first passage's first sentence after some thoughts; a rewriting of the question gets no sense."""

    def reply(messages: Messages) -> Reply:
        shown = passages(messages)
        if not shown:
            return Reply(text="NO_ANSWER", **more)
        label, text = next(iter(shown.items()))
        return Reply(text=f"{text.split('。')[0]}。[{label}]", thinking=thinking, **more)

    return reply


@contextmanager
def asking(serve_with: Serve, script: Script) -> Iterator[httpx.Client]:
    with ScriptedOpenAI(script) as server:
        model = Endpoint("scripted", server.url, None, 10.0)
        with serve_with(ModelAnswerer(model, repair=False)) as (_, client):
            yield client


def events(client: httpx.Client, question: str) -> list[tuple[str, dict[str, Any]]]:
    text = client.post("/chat", json={"question": question, "stream": True}).text
    found = []
    for block in text.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if lines:
            found.append((lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))))
    return found


@pytest.mark.parametrize(("question", "thinking"), ASKED)
def test_thoughts_are_events_of_the_stream_and_no_part_of_the_answer(
    serve_with: Serve, question: str, thinking: str
) -> None:
    with asking(serve_with, quotes(thinking)) as client:
        seen = events(client, question)
        names = [name for name, _ in seen]
        assert names.index("passages") < names.index("thinking") < names.index("done")
        assert "".join(data["text"] for name, data in seen if name == "thinking") == thinking
        done = seen[-1][1]
        assert thinking not in json.dumps(done, ensure_ascii=False)
        stored = client.get(f"/conversations/{done['conversation_id']}").text
        assert thinking not in stored
        assert thinking not in client.post("/chat", json={"question": question}).text


@pytest.mark.parametrize(("question", "thinking"), ASKED)
def test_thoughts_are_reasoning_of_a_streamed_completion(serve_with: Serve, question: str, thinking: str) -> None:
    body = {"model": "report-qa", "messages": [{"role": "user", "content": question}], "stream": True}
    with asking(serve_with, quotes(thinking)) as client:
        lines = client.post("/v1/chat/completions", json=body).text.splitlines()
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == thinking
    assert thinking not in "".join(delta.get("content", "") for delta in deltas)


@pytest.mark.parametrize(("question", "thinking"), ASKED)
def test_an_answer_says_what_it_took(serve_with: Serve, question: str, thinking: str) -> None:
    with asking(serve_with, quotes(thinking, usage=(1234, 56), cached=1024)) as client:
        answer = client.post("/chat", json={"question": question}).json()
        assert answer["usage"] == {"input_tokens": 1234, "output_tokens": 56, "cached_tokens": 1024, "calls": 1}
        follow_up = {"question": question, "conversation_id": answer["conversation_id"]}
        usage = client.post("/chat", json=follow_up).json()["usage"]
        assert usage["calls"] >= 1
        assert usage["input_tokens"] == 1234 * usage["calls"]
        stored = client.get(f"/conversations/{answer['conversation_id']}").json()["messages"][1]["answer"]
        assert stored["usage"] == answer["usage"]


@pytest.mark.parametrize("script", [quotes(usage=None), error(500)], ids=["uncounted", "failed"])
def test_no_tokens_are_invented(serve_with: Serve, script: Script) -> None:
    with asking(serve_with, script) as client:
        assert client.post("/chat", json={"question": "云溪县2023年粮食总产量是多少？"}).json()["usage"] is None


def test_an_answer_without_a_model_took_no_tokens(client: httpx.Client, question: str) -> None:
    assert client.post("/chat", json={"question": question}).json()["usage"] is None


def test_tokens_are_counted_in_the_metrics_for_each_call() -> None:
    metrics = Metrics()
    with ScriptedOpenAI([Reply(text="好。", usage=(100, 7), cached=64), Reply(text="Good.", usage=(50, 3))]) as server:
        model = MeasuredModel(Endpoint("scripted", server.url, None, 10.0), metrics.model_called)
        for _ in range(2):
            assert [piece for piece in model.stream([]) if isinstance(piece, TokenUsage)]
    text = metrics.text().decode()
    for kind, tokens in (("input", 150.0), ("cached", 64.0), ("output", 10.0)):
        assert f'qa_model_tokens_total{{kind="{kind}"}} {tokens}' in text
