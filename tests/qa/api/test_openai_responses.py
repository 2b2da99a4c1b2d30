"""/v1/responses, called by the openai package and by LangChain over a port."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI
from openai import OpenAI
from pydantic import BaseModel, SecretStr

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from tests.qa.api.test_streams import Endless
from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, honest

BOTH = "云溪县和石桥县2023年粮食总产量各是多少？"
STEPS = ["response.created", "response.in_progress"]
OPENED = ["response.output_item.added", "response.content_part.added"]
SAID = ["response.output_text.delta", "response.output_text.annotation.added"]
CLOSED = ["response.output_text.done", "response.content_part.done", "response.output_item.done"]
SEARCH = ["in_progress", "searching", "completed"]


@pytest.fixture
def sdk(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", timeout=30, max_retries=0) as sdk:
        yield sdk


def create(sdk: OpenAI, input: Any, **options: Any) -> Any:
    return sdk.responses.create(model="report-qa", input=input, **options)


def test_a_response_says_what_chat_says(sdk: OpenAI, client: httpx.Client) -> None:
    ours = client.post("/chat", json={"question": BOTH}).json()
    response = create(sdk, BOTH, instructions="Answer like a pirate.", metadata={"a": "b"})
    assert (response.output_text, response.status) == (ours["answer"], "completed")
    assert response.citations == ours["citations"]
    assert (response.instructions, response.metadata) == ("Answer like a pirate.", {"a": "b"})
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    (message,) = response.output
    for annotation, citation in zip(message.content[0].annotations, ours["citations"], strict=True):
        assert annotation.type == "url_citation"
        assert response.output_text[annotation.start_index : annotation.end_index] == f"[{citation['number']}]"
        assert annotation.quote == citation["quote"]
    response.model_dump(warnings="error")  # it is what the package's own types say


def test_a_stream_has_the_events_of_openai_s(sdk: OpenAI) -> None:
    whole = create(sdk, BOTH)
    with sdk.responses.stream(model="report-qa", input=BOTH) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.type for event in events] == [*STEPS, *OPENED, *SAID, *SAID, *CLOSED, "response.completed"]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text == whole.output_text
    told = [event.annotation.model_dump() for event in events if event.type == "response.output_text.annotation.added"]
    for response in (final, whole):
        message: Any = response.output[0]
        assert told == [annotation.model_dump() for annotation in message.content[0].annotations]


def test_a_response_is_gone_on_from_twice(sdk: OpenAI) -> None:
    """Each response may be continued any number of times: a chain, and a branch from its middle."""
    first = create(sdk, "云溪县2023年粮食总产量是多少？")
    second = create(sdk, "那石桥县呢？", previous_response_id=first.id)
    assert "9.8万吨" in second.output_text
    assert second.previous_response_id == first.id
    third = create(sdk, "改造危桥多少座？", previous_response_id=second.id)
    assert "7座" in third.output_text
    assert "9.8万吨" in create(sdk, "那石桥县呢？", previous_response_id=first.id).output_text
    messages = [{"role": "user", "content": "云溪县茶园面积多少？"}, {"role": "assistant", "content": "4200亩。[1]"}]
    own = create(sdk, [*messages, {"role": "user", "content": "粮食总产量呢？"}])
    assert "12.6万吨" in own.output_text
    assert "9.8万吨" in create(sdk, "那石桥县呢？", previous_response_id=own.id).output_text
    listed = [item.content[0].text for item in sdk.responses.input_items.list(own.id)]
    assert listed == ["粮食总产量呢？", "4200亩。", "云溪县茶园面积多少？"]


def test_a_response_is_read_again_as_it_was_sent_and_deleted(sdk: OpenAI) -> None:
    options: list[dict[str, Any]] = [
        {},
        {"max_output_tokens": 9},
        {"text": {"format": {"type": "json_object"}}},
        {"tools": [{"type": "file_search", "vector_store_ids": ["vs_library"]}]},
    ]
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    asked = [{"role": "user", "content": [{"type": "input_text", "text": BOTH}, image]}]
    for option in options:
        response = create(sdk, asked, **option)
        assert sdk.responses.retrieve(response.id).model_dump() == response.model_dump()
    sdk.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError, match=r"input"):
        sdk.responses.retrieve(response.id)
    unstored = create(sdk, BOTH, store=False)
    for call in (sdk.responses.retrieve, sdk.responses.delete):
        with pytest.raises(openai.NotFoundError, match="not stored"):
            call(unstored.id)
    with pytest.raises(openai.NotFoundError, match="no response"):
        create(sdk, "那石桥县呢？", previous_response_id=unstored.id)


def test_file_search_gives_file_citations_and_what_was_found(sdk: OpenAI) -> None:
    tool: Any = {
        "type": "file_search",
        "vector_store_ids": ["vs_library"],
        "filters": {"type": "eq", "key": "document", "value": "yunxi.txt"},
    }
    question = "2023年粮食总产量是多少？"
    response = create(sdk, question, tools=[tool], include=["file_search_call.results"])
    search, message = response.output
    assert search.queries == [question]
    assert {result.filename for result in search.results} == {"yunxi.txt"}
    (citation,) = message.content[0].annotations
    assert (citation.type, citation.filename) == ("file_citation", "yunxi.txt")
    assert response.output_text[citation.start_index : citation.end_index] == "[1]"
    assert sdk.files.retrieve(citation.file_id).filename == "yunxi.txt"
    with sdk.responses.stream(model="report-qa", input=question, tools=[tool]) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    searched = [f"response.file_search_call.{step}" for step in SEARCH]
    assert kinds[2:7] == ["response.output_item.added", *searched, "response.output_item.done"]
    assert [item.type for item in final.output] == ["file_search_call", "message"]
    with pytest.raises(openai.NotFoundError, match="vs_library"):
        create(sdk, question, tools=[tool | {"vector_store_ids": ["vs_none"]}])


def test_a_limit_of_tokens_makes_it_incomplete(sdk: OpenAI) -> None:
    whole = create(sdk, BOTH).output_text
    cut = create(sdk, BOTH, max_output_tokens=9)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert whole.startswith(cut.output_text)
    assert cut.citations == []
    events = list(create(sdk, BOTH, max_output_tokens=9, stream=True))
    assert events[-1].type == "response.incomplete"
    assert events[-1].response.output_text == cut.output_text
    assert "9.8万吨" in create(sdk, "那石桥县呢？", previous_response_id=events[-1].response.id).output_text


class Answered(BaseModel):
    answer: str
    abstained: bool


def test_structured_output(sdk: OpenAI, question: str) -> None:
    parsed = sdk.responses.parse(model="report-qa", input=question, text_format=Answered).output_parsed
    assert parsed is not None
    assert "12.6万吨" in parsed.answer
    off_topic = create(sdk, "红烧肉怎么做才好吃？", text={"format": {"type": "json_object"}})
    assert json.loads(off_topic.output_text)["reason"] is not None
    assert off_topic.abstained


def test_an_image_alone_is_answered(sdk: OpenAI) -> None:
    image = [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]}]
    response = create(sdk, image, text={"format": {"type": "json_object"}})
    assert "only text is" in response.output_text
    assert sdk.responses.retrieve(response.id).output_text == response.output_text
    follow_up = create(sdk, "云溪县2023年粮食总产量是多少？", previous_response_id=response.id)
    assert "12.6万吨" in follow_up.output_text
    assert "9.8万吨" in create(sdk, "那石桥县呢？", previous_response_id=follow_up.id).output_text
    unstored = create(sdk, image, store=False)
    with pytest.raises(openai.NotFoundError):
        sdk.responses.retrieve(unstored.id)
    events = list(create(sdk, image, stream=True))
    assert [event.type for event in events] == [STEPS[0], *OPENED, SAID[0], *CLOSED, "response.completed"]


def chat_model(url: str, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(
        base_url=f"{url}/v1",
        api_key="none",
        model="report-qa",
        timeout=30,
        max_retries=0,
        use_responses_api=True,
        **options,
    )


def citations_of(message: Any) -> list[dict[str, Any]]:
    return [note for block in message.content_blocks if block["type"] == "text" for note in block["annotations"]]


def test_langchain_keeps_the_citations(url: str) -> None:
    model = chat_model(url)
    answer = model.invoke(BOTH)
    assert isinstance(answer.text, str)
    found = citations_of(answer)
    assert [answer.text[note["start_index"] : note["end_index"]] for note in found] == ["[1]", "[2]"]
    assert [note["title"] for note in found] == ["yunxi.txt", "shiqiao.txt"]
    assert all(note["type"] == "citation" and note["extras"]["quote"] in answer.text for note in found)
    assert answer.usage_metadata is not None
    total: Any = None
    for chunk in model.stream(BOTH):
        total = chunk if total is None else total + chunk
    assert total.text == answer.text
    assert citations_of(total) == found
    assert total.usage_metadata == answer.usage_metadata
    history = [HumanMessage("云溪县2023年粮食总产量是多少？"), answer, HumanMessage("那石桥县呢？")]
    assert "9.8万吨" in model.invoke(history).text


def test_langchain_goes_on_by_the_response_s_id(url: str) -> None:
    model = chat_model(url, use_previous_response_id=True)
    first = model.invoke([HumanMessage("云溪县2023年粮食总产量是多少？")])
    assert isinstance(first, AIMessage)
    second = model.invoke([HumanMessage("云溪县2023年粮食总产量是多少？"), first, HumanMessage("那石桥县呢？")])
    assert "9.8万吨" in second.text
    reply = model.with_structured_output(Answered).invoke("石桥县改造危桥多少座？")
    assert isinstance(reply, Answered)
    assert "7座" in reply.answer


def test_a_stream_that_is_left_is_stored_and_gone_on_from(
    serve_with: Callable[[Any], Any], wait_until: Callable[..., None], question: str
) -> None:
    with serve_with(Endless()) as (app, client):
        body = {"model": "report-qa", "input": question, "stream": True}
        said = id = ""
        with client.stream("POST", "/v1/responses", json=body) as response:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    id = data.get("response", {}).get("id") or id
                    said += data.get("delta", "")
                if said:
                    break
        wait_until(lambda: app.state.service.workers.pending == 0)
        stored = client.get(f"/v1/responses/{id}").json()
        assert stored["status"] == "incomplete"
        assert stored["output"][0]["content"][0]["text"].startswith(said)
        listed = client.get(f"/v1/responses/{id}/input_items").json()["data"]
        assert [item["content"][0]["text"] for item in listed] == [question]
        follow_up = {"model": "report-qa", "input": "那石桥县呢？", "previous_response_id": id, "stream": True}
        with client.stream("POST", "/v1/responses", json=follow_up) as response:
            assert response.status_code == 200


def test_thoughts_are_a_reasoning_item_before_the_message(serve_with: Callable[[Any], Any], question: str) -> None:
    def script(messages: Messages) -> Reply:
        return Reply(text=honest(messages), thinking="云溪县的报告里有。")

    with ScriptedOpenAI(script) as model:
        answerer = ModelAnswerer(Endpoint("scripted", model.url, SecretStr("k"), timeout=20))
        with serve_with(answerer) as (_, client), OpenAI(base_url=f"{client.base_url}/v1", api_key="none") as sdk:
            tool: Any = {"type": "file_search", "vector_store_ids": ["vs_library"]}
            with sdk.responses.stream(model="report-qa", input=question, tools=[tool]) as stream:
                events = list(stream)
                final = stream.get_final_response()
            assert [item.type for item in final.output] == ["file_search_call", "reasoning", "message"]
            assert "12.6万吨" in final.output_text
            reasoning: Any = final.output[1]
            deltas = [event.delta for event in events if event.type == "response.reasoning_summary_text.delta"]
            assert "".join(deltas) == reasoning.summary[0].text == "云溪县的报告里有。"
            total: Any = None
            for chunk in chat_model(str(client.base_url).rstrip("/")).stream(question):
                total = chunk if total is None else total + chunk
            assert [block["type"] for block in total.content_blocks] == ["reasoning", "text"]
            assert len(citations_of(total)) == 1
