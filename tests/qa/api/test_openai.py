"""The OpenAI-compatible API, called by real clients: the openai package and LangChain."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import OpenAI

OFF_TOPIC = "红烧肉怎么做才好吃？"


@pytest.fixture
def sdk(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", timeout=30, max_retries=0) as sdk:
        yield sdk


def asked(question: str) -> Any:
    return [{"role": "user", "content": question}]


def test_completion_says_what_chat_says(sdk: OpenAI, client: httpx.Client, question: str) -> None:
    ours = client.post("/chat", json={"question": question}).json()
    completion = sdk.chat.completions.create(model="report-qa", messages=asked(question))
    (choice,) = completion.choices
    assert choice.message.content == ours["answer"]
    assert choice.finish_reason == "stop"
    extra = choice.message.model_extra
    assert extra is not None
    assert (extra["citations"], extra["abstained"]) == (ours["citations"], False)
    assert "[1]" in ours["answer"]
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens > 0
    assert completion.id.startswith("chatcmpl-")


def test_stream_adds_up_to_the_completion(sdk: OpenAI, question: str) -> None:
    whole = sdk.chat.completions.create(model="report-qa", messages=asked(question))
    chunks = list(
        sdk.chat.completions.create(
            model="report-qa", messages=asked(question), stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    *_, last, usage = chunks
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices] == [None] * (len(deltas) - 1) + [
        "stop"
    ]
    assert last.model_extra is not None
    assert whole.choices[0].message.model_extra is not None
    cited = whole.choices[0].message.model_extra["citations"]  # chunks leave nulls out
    assert last.model_extra["citations"] == [{k: v for k, v in one.items() if v is not None} for one in cited]
    assert (usage.choices, usage.usage) == ([], whole.usage)
    without = list(sdk.chat.completions.create(model="report-qa", messages=asked(question), stream=True))
    assert all(chunk.usage is None for chunk in without)
    assert len(without) == len(chunks) - 1


def test_stream_ends_as_openai_ends_it(client: httpx.Client, question: str) -> None:
    body = {"model": "report-qa", "messages": asked(question), "stream": True}
    response = client.post("/v1/chat/completions", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in response.text.split("\n") if line and not line.startswith(":")]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    assert all(json.loads(line.removeprefix("data: "))["object"] == "chat.completion.chunk" for line in lines[:-1])


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_abstention_is_marked(sdk: OpenAI, stream: bool) -> None:
    if stream:
        chunks = list(sdk.chat.completions.create(model="report-qa", messages=asked(OFF_TOPIC), stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        extra = chunks[-1].model_extra
    else:
        message = sdk.chat.completions.create(model="report-qa", messages=asked(OFF_TOPIC)).choices[0].message
        text, extra = message.content or "", message.model_extra
    assert extra is not None
    assert (extra["abstained"], extra["citations"]) == (True, [])
    assert text == "资料中没有提到。"


def test_messages_before_the_question_are_its_history(sdk: OpenAI, question: str) -> None:
    first = sdk.chat.completions.create(model="report-qa", messages=asked(question)).choices[0].message.content
    messages: Any = [
        {"role": "system", "content": "You are a pirate."},
        *asked(question),
        {"role": "assistant", "content": first},
        {"role": "user", "content": [{"type": "text", "text": "那石桥县呢？"}]},
    ]
    follow_up = sdk.chat.completions.create(model="report-qa", messages=messages).choices[0].message.content
    assert "9.8万吨" in (follow_up or "")


def test_nothing_is_stored(sdk: OpenAI, client: httpx.Client, question: str) -> None:
    before = client.get("/conversations?limit=200").json()
    sdk.chat.completions.create(model="report-qa", messages=asked(question))
    assert client.get("/conversations?limit=200").json() == before


def test_documents_can_be_chosen(sdk: OpenAI, question: str) -> None:
    def answer(*documents: str) -> Any:
        body = {"documents": list(documents)}
        return sdk.chat.completions.create(model="report-qa", messages=asked(question), extra_body=body)

    assert "12.6万吨" in answer("yunxi.txt").choices[0].message.content
    assert "12.6万吨" not in answer("shiqiao.txt").choices[0].message.content
    with pytest.raises(openai.NotFoundError, match="no document"):
        answer("nowhere.txt")


def test_parameters_of_style_mean_nothing(sdk: OpenAI, question: str) -> None:
    plain = sdk.chat.completions.create(model="report-qa", messages=asked(question))
    styled = sdk.chat.completions.create(
        model="report-qa",
        messages=asked(question),
        temperature=0.3,
        top_p=0.9,
        seed=1,
        user="somebody",
        n=1,
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
    )
    assert styled.choices[0].message.content == plain.choices[0].message.content


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"logprobs": True}, "logprobs"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"temperature": 3}, "temperature"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"messages": []}, "messages"),
        ({"temprature": 1}, "temprature"),
        ({"\udfff": 1}, None),
        ({"messages": [{"role": "system", "content": "x"}]}, None),
        ({"messages": [{"role": "user", "content": "？？"}]}, None),
    ],
)
def test_what_cannot_be_is_refused_in_openai_s_shape(
    client: httpx.Client, question: str, change: dict[str, Any], param: str | None
) -> None:
    body = json.dumps({"model": "report-qa", "messages": asked(question)} | change)
    response = client.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    if param is not None:
        assert error["param"] == param
    assert response.headers["x-request-id"]


def test_errors_are_the_package_s_own(sdk: OpenAI, client: httpx.Client, question: str) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.chat.completions.create(model="gpt-4o", messages=asked(question))
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="Unrecognized request argument supplied: colour"):
        sdk.chat.completions.create(model="report-qa", messages=asked(question), extra_body={"colour": 1})
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("nothing")
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/v1/chat/completions", 405)):
        response = client.request(method, path)
        assert response.status_code == status
        assert response.json()["error"]["type"] == "invalid_request_error"


def test_models_are_listed(sdk: OpenAI) -> None:
    models = [model.id for model in sdk.models.list()]
    assert models == ["report-qa", "bundled"]
    assert sdk.models.retrieve("report-qa").object == "model"


def test_embeddings_are_the_library_s(sdk: OpenAI, library: Any) -> None:
    texts = ["茶园面积", "粮食总产量", "tea"]
    embedded = sdk.embeddings.create(model="bundled", input=texts)  # base64 by the package's choice
    expected = library.embedder.encode(texts, "passage")
    assert [item.index for item in embedded.data] == [0, 1, 2]
    for item, row in zip(embedded.data, expected, strict=True):
        assert item.embedding == pytest.approx(row.tolist(), abs=1e-6)
    as_query = sdk.embeddings.create(
        model="bundled", input=texts[0], encoding_format="float", extra_body={"input_type": "query"}
    )
    assert as_query.data[0].embedding == pytest.approx(
        library.embedder.encode(texts[:1], "query")[0].tolist(), abs=1e-6
    )
    for bad in ({"input": [1, 2]}, {"input": ""}, {"input": []}, {"dimensions": 7}):
        with pytest.raises(openai.BadRequestError):
            sdk.embeddings.create(**{"model": "bundled", "input": "x"} | bad)
    with pytest.raises(openai.NotFoundError):
        sdk.embeddings.create(model="report-qa", input="x")


def test_base64_is_little_endian_float32(client: httpx.Client, library: Any) -> None:
    body = {"model": "bundled", "input": "茶园", "encoding_format": "base64"}
    (item,) = client.post("/v1/embeddings", json=body).json()["data"]
    raw = base64.b64decode(item["embedding"])
    assert struct.unpack(f"<{library.embedder.dimensions}f", raw) == pytest.approx(
        library.embedder.encode(["茶园"], "passage")[0].tolist(), abs=1e-6
    )


def test_langchain_chats(url: str, question: str) -> None:
    chat = ChatOpenAI(base_url=f"{url}/v1", api_key="none", model="report-qa", timeout=30, max_retries=0, temperature=0)
    messages = [
        SystemMessage("Answer like a pirate."),
        HumanMessage(question),
        AIMessage("2023年，云溪县粮食总产量达到12.6万吨。[1]"),
        HumanMessage("那石桥县呢？"),
    ]
    answer = chat.invoke(messages)
    assert "9.8万吨" in str(answer.content)
    assert answer.usage_metadata is not None
    streamed = list(chat.stream(messages, stream_usage=True))
    assert "".join(str(chunk.content) for chunk in streamed) == answer.content
    total = streamed[0]
    for chunk in streamed[1:]:
        total += chunk
    assert total.usage_metadata == answer.usage_metadata


def test_langchain_embeds(url: str, library: Any) -> None:
    embeddings = OpenAIEmbeddings(
        base_url=f"{url}/v1", api_key="none", model="bundled", check_embedding_ctx_length=False, max_retries=0
    )
    (vector,) = embeddings.embed_documents(["茶园"])
    assert vector == pytest.approx(library.embedder.encode(["茶园"], "passage")[0].tolist(), abs=1e-6)
