"""What Open WebUI shows of an answer, and its background tasks; its handling is re-enacted, see the support module."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from qa.api.openai.completions import CompletionBuilder
from qa.api.openai.conversation import asked_in
from qa.api.openai.openwebui import source_event
from qa.api.openai.schema import CompletionRequest
from qa.types import Citation, CitedPlace
from tests.support.openwebui import Shown, received

BOTH = "云溪县和石桥县2023年粮食总产量各是多少？"
TASK = """### Task:
{task}
### Output:
JSON format: {{ "{key}": {example} }}
### Chat History:
<chat_history>
USER: {question}
ASSISTANT: 2023年，云溪县粮食总产量达到12.6万吨。[1]
</chat_history>"""


def streamed(client: httpx.Client, question: str, **more: Any) -> Shown:
    body = {"model": "report-qa", "messages": [{"role": "user", "content": question}], "stream": True} | more
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200
        return received(response.iter_lines())


def task(client: httpx.Client, key: str, question: str = BOTH, example: str = '""', stream: bool = False) -> Any:
    content = TASK.format(task="Do it.", key=key, example=example, question=question)
    if stream:
        return json.loads(streamed(client, content).text)[key]
    body = {"model": "report-qa", "messages": [{"role": "user", "content": content}], "stream": False}
    response = client.post("/v1/chat/completions", json=body).json()
    return json.loads(response["choices"][0]["message"]["content"])[key]


def test_the_usage_of_a_task_is_streamed_where_it_is_asked_for() -> None:
    question = {"role": "user", "content": "What next?"}
    body = CompletionRequest.model_validate(
        {"model": "report-qa", "messages": [question], "stream": True, "stream_options": {"include_usage": True}}
    )
    chunks = list(CompletionBuilder(body, asked_in(body.messages), "").plain_chunks("三个字"))
    assert json.loads(chunks[-1])["usage"] == {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}


def test_each_citation_is_a_source_with_its_quote_in_order(client: httpx.Client) -> None:
    whole = client.post("/chat", json={"question": BOTH}).json()
    shown = streamed(client, BOTH)
    assert shown.text == whole["answer"]
    assert len(whole["citations"]) == 2
    assert [chip["quotes"] for chip in shown.chips] == [[citation["quote"]] for citation in whole["citations"]]
    for citation in whole["citations"]:
        number = citation["number"]
        assert f"[{number}]" in shown.text
        # `[n]` in the text, the n-th chip and the citation of that number are the same.
        assert shown.inline(number) == shown.chips[number - 1]["name"] == f"{citation['document']} · [{number}]"
        _, _, place = shown.chips[number - 1]["metadata"]["source_url"].partition("/#source/")
        document, spans, version = place.split("/")
        text = client.get(f"/documents/{document}", params={"version": version}).json()["text"]
        assert "".join(text[slice(*map(int, span.split("-")))] for span in spans.split(",")) == citation["quote"]


def test_two_citations_into_one_document_stay_two(client: httpx.Client) -> None:
    shown = streamed(client, "云溪县2023年粮食总产量是多少？新建小学几所？")
    assert [chip["name"] for chip in shown.chips] == ["yunxi.txt · [1]", "yunxi.txt · [2]"]
    assert [shown.inline(number) for number in (1, 2)] == [chip["name"] for chip in shown.chips]


def test_the_status_shows_the_search_and_the_verifying(client: httpx.Client) -> None:
    searching, verifying, verified = streamed(client, BOTH).statuses
    assert (searching["description"], searching["done"]) == ("正在资料中查找", False)
    assert verifying["description"].endswith("正在逐句核对")
    assert (verified["description"], verified["done"]) == ("逐句核对完毕：2 句，2 处引文", True)
    abstained = streamed(client, "红烧肉怎么做才好吃？")
    assert (abstained.statuses[-1]["done"], abstained.chips) == (True, [])
    assert streamed(client, "What is the grain output?").statuses[0]["description"] == "Searching the reports"


def test_a_page_is_named_and_counted_from_0() -> None:
    place = CitedPlace(page=2, label="ii", boxes=[(0, 0, 9, 9)], page_size=(600, 800))
    cited = Citation(
        number=3, document="a.pdf", document_id="0f", title="A", section="", quote="So.", spans=[(5, 8)], places=[place]
    )
    data = source_event(cited, "http://127.0.0.1:8000", "en")["data"]
    assert data["source"] == {"id": "c3", "name": "a.pdf · p. ii · [3]"}
    assert data["document"] == ["So."]
    (metadata,) = data["metadata"]
    assert metadata["page"] == 1
    assert metadata["source_url"] == "http://127.0.0.1:8000/#source/0f/5-8"


@pytest.mark.parametrize("stream", [False, True])
def test_a_title_is_the_first_question(client: httpx.Client, stream: bool) -> None:
    assert task(client, "title", stream=stream) == BOTH.removesuffix("？")
    long = task(client, "title", "云溪县" * 30)
    assert len(long) == 40
    assert long.endswith("…")


def test_what_to_ask_next_is_what_the_library_answers(client: httpx.Client, wait_until: Callable[..., None]) -> None:
    known = client.get
    wait_until(lambda: known("/suggestions?limit=12").json()["questions"] != [], seconds=60)
    questions = [item["question"] for item in known("/suggestions?limit=12").json()["questions"]]
    found = task(client, "follow_ups", questions[0], '["a", "b"]')
    assert found
    assert set(found) <= set(questions) - {questions[0]}
    assert task(client, "tags", example='["a"]') == task(client, "queries", example='["a"]') == []
    assert task(client, "text") == ""


def test_tasks_cost_no_question(client: httpx.Client, app: FastAPI) -> None:
    def asked() -> float:
        return float(client.get("/metrics").text.partition('qa_questions_total{outcome="answered"} ')[2].split("\n")[0])

    streamed(client, BOTH)
    before = asked()
    for key in ("title", "tags", "follow_ups", "queries"):
        task(client, key)
    assert asked() == before
    streamed(client, BOTH)
    assert asked() == before + 1


def test_a_question_behind_other_documents_is_still_asked(client: httpx.Client) -> None:
    """Open WebUI puts documents that are attached to the chat before the question."""
    wrapped = f"### Task:\nRespond using the context.\n<context>\n<source>x</source>\n</context>\n\n{BOTH}"
    assert streamed(client, wrapped).text == streamed(client, BOTH).text
