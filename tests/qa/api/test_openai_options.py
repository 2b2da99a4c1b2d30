"""Options of chat completions that shape what comes back, and errors that say what to change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import OpenAI
from pydantic import BaseModel, Field

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
NOT_READ = "图片和附件没有读取"
BOTH = "云溪县和石桥县2023年粮食总产量各是多少？"


@pytest.fixture
def sdk(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", timeout=30, max_retries=0) as sdk:
        yield sdk


def ask(sdk: OpenAI, question: str, **options: Any) -> Any:
    return sdk.chat.completions.create(
        model="report-qa", messages=[{"role": "user", "content": question}], **options
    ).choices[0]


def streamed(sdk: OpenAI, question: str, **options: Any) -> tuple[str, Any]:
    """Return a stream's text, and its last chunk."""
    messages: Any = [{"role": "user", "content": question}]
    chunks = list(sdk.chat.completions.create(model="report-qa", messages=messages, stream=True, **options))
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks), chunks[-1]


def test_annotations_are_the_marks_with_their_sources(sdk: OpenAI, client: httpx.Client) -> None:
    choice = ask(sdk, BOTH)
    text, annotations = choice.message.content, choice.message.annotations
    assert len(annotations) == 2
    for annotation, citation in zip(annotations, choice.message.citations, strict=True):
        cited = annotation.url_citation
        assert text[cited.start_index : cited.end_index] == f"[{citation['number']}]"
        assert cited.title == citation["document"]
        assert cited.quote == citation["quote"]
        page, _, place = cited.url.partition("#source/")
        document, spans, version = place.split("/")
        assert (client.get(page).status_code, document) == (200, cited.file_id)
        raw = client.get(f"/documents/{document}", params={"version": version}).json()["text"]
        assert "".join(raw[slice(*map(int, span.split("-")))] for span in spans.split(",")) == citation["quote"]
    _, last = streamed(sdk, BOTH)
    assert last.annotations == [annotation.model_dump() for annotation in annotations]


@pytest.mark.parametrize("stop", ["12.6", ["没有", "万吨"], "县粮食总产量达到9"])
def test_the_text_ends_before_a_stop_sequence(sdk: OpenAI, stop: Any) -> None:
    whole = ask(sdk, BOTH).message.content
    choice = ask(sdk, BOTH, stop=stop)
    cut = min(whole.index(one) for one in ([stop] if isinstance(stop, str) else stop) if one in whole)
    assert (choice.message.content, choice.finish_reason) == (whole[:cut], "stop")
    text, last = streamed(sdk, BOTH, stop=stop)
    assert (text, last.choices[0].finish_reason) == (whole[:cut], "stop")
    assert [one["number"] for one in last.citations] == [n for n in (1, 2) if f"[{n}]" in text]
    whole = [{k: v for k, v in one.items() if v is not None} for one in choice.message.citations]
    assert whole == last.citations  # chunks leave nulls out


def test_a_stop_sequence_across_two_sentences_is_found(sdk: OpenAI) -> None:
    whole = ask(sdk, BOTH).message.content
    end = whole.index("[1]") + 4
    stop = whole[end - 2 : end + 2]
    assert streamed(sdk, BOTH, stop=stop)[0] == whole[: end - 2]
    assert ask(sdk, BOTH, stop="never said").message.content == whole


@pytest.mark.parametrize("limit", [1, 5, 33, 500])
def test_a_limit_of_tokens_cuts_the_text(sdk: OpenAI, limit: int) -> None:
    whole = ask(sdk, BOTH)
    choice = ask(sdk, BOTH, max_tokens=limit)
    text, last = streamed(sdk, BOTH, max_completion_tokens=limit)
    assert choice.message.content == text
    assert whole.message.content.startswith(text)
    assert choice.finish_reason == last.choices[0].finish_reason == ("stop" if limit == 500 else "length")
    assert len(last.citations) == len(last.annotations)


def test_an_answer_as_json(sdk: OpenAI) -> None:
    plain = ask(sdk, BOTH).message
    found = json.loads(ask(sdk, BOTH, response_format={"type": "json_object"}).message.content)
    assert found["answer"] == plain.content
    assert found["citations"] == plain.citations
    assert [one["citations"] for one in found["sentences"]] == [[1], [2]]
    text, _ = streamed(sdk, BOTH, response_format={"type": "json_object"})
    assert json.loads(text) == found
    nothing = json.loads(ask(sdk, "红烧肉怎么做才好吃？", response_format={"type": "json_object"}).message.content)
    assert (nothing["abstained"], nothing["citations"]) == (True, [])


class Quote(BaseModel):
    number: int
    document: str
    quote: str


class Reply(BaseModel):
    """An answer with its sources."""

    answer: str = Field(description="The answer.")
    citations: list[Quote]
    reason: str | None


class Numbered(BaseModel):
    answer: str
    citations: list[int]
    sentences: list[str]


class Price(BaseModel):
    price: float


def chat_model(url: str, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(base_url=f"{url}/v1", api_key="none", model="report-qa", timeout=30, max_retries=0, **options)


def test_a_schema_of_the_client_s_own_is_filled(sdk: OpenAI, url: str, question: str) -> None:
    messages: Any = [{"role": "user", "content": question}]
    parsed = sdk.chat.completions.parse(model="report-qa", messages=messages, response_format=Reply)
    reply = parsed.choices[0].message.parsed
    assert reply is not None
    assert reply.citations == [Quote(number=1, document="yunxi.txt", quote=reply.answer.removesuffix("[1]"))]
    numbered = chat_model(url).with_structured_output(Numbered).invoke(question)
    assert isinstance(numbered, Numbered)
    assert (numbered.citations, numbered.sentences) == ([1], [reply.answer.removesuffix("[1]")])


def doubling(steps: int) -> dict[str, Any]:
    """Return a schema that is short as written, and takes 2**steps checks of an answer; of no trial answer."""
    twice = {
        f"d{step}": {"allOf": [{"$ref": f"#/$defs/d{step + 1}"}, {"$ref": f"#/$defs/d{step + 1}"}]}
        for step in range(steps)
    }
    guarded = {"if": {"minLength": 2}, "then": {"$ref": "#/$defs/d0"}}
    return {"properties": {"answer": guarded}, "$defs": {**twice, f"d{steps}": {"type": "string"}}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (Price.model_json_schema(), "'price' is a required property.*answer, abstained"),
        ({"type": "object", "properties": {"answer": {"type": "integer"}}}, "at answer"),
        ({"type": "array"}, "type is"),
        ({"type": "nonsense"}, "no JSON Schema"),
        ({"type": "object", "properties": {"answer": {"pattern": "(a+)+$"}}}, "pattern"),
        ({"$ref": "http://127.0.0.1:9/schema"}, "leads nowhere"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "circle"),
        ({"$ref": "http://[x"}, "leads nowhere"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$id": "x"}}}, "\\$id in it"),
        ({"anyOf": [{"const": place} for place in range(6000)]}, "more than 10,000 parts"),
        (doubling(30), "more than 10,000 parts"),
        (nested(500), "nested more than 100 deep"),
    ],
)
def test_a_schema_that_cannot_be_filled_is_refused_with_what_can(
    sdk: OpenAI, question: str, schema: dict[str, Any], said: str
) -> None:
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    with pytest.raises(openai.BadRequestError, match=said):
        ask(sdk, question, response_format=wanted)


def test_a_schema_with_references_is_filled(sdk: OpenAI, question: str) -> None:
    """Also one that goes round below the answer, and one whose names have a slash."""
    parts: Any = {"a/b": {"type": "string"}, "tree": {"properties": {"answer": {"$ref": "#/$defs/a~1b"}, "at": {}}}}
    parts["tree"]["properties"]["at"] = {"items": {"$ref": "#/$defs/tree"}}
    wanted: Any = {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"$ref": "#/$defs/tree", "$defs": parts}},
    }
    assert json.loads(ask(sdk, question, response_format=wanted).message.content).keys() == {"answer"}
    text, _ = streamed(sdk, question, response_format=wanted)
    assert json.loads(text).keys() == {"answer"}


def test_an_image_does_not_end_the_chat(sdk: OpenAI, question: str) -> None:
    plain = ask(sdk, question).message.content
    beside: Any = [{"role": "user", "content": [{"type": "text", "text": question}, IMAGE]}]
    said = sdk.chat.completions.create(model="report-qa", messages=beside).choices[0].message.content
    assert said is not None
    assert said.startswith(f"{plain}\n\n{NOT_READ}")
    alone: Any = [{"role": "user", "content": [IMAGE]}]
    for stream in (False, True):
        reply: Any = sdk.chat.completions.create(model="report-qa", messages=alone, stream=stream)
        text = "".join(c.choices[0].delta.content or "" for c in reply) if stream else reply.choices[0].message.content
        assert text.startswith("Images and attachments were not read")
    later: Any = [*beside, {"role": "assistant", "content": said}, {"role": "user", "content": "那石桥县呢？"}]
    follow_up = sdk.chat.completions.create(model="report-qa", messages=later).choices[0].message.content
    assert "9.8万吨" in (follow_up or "")
    assert NOT_READ not in (follow_up or "")


@pytest.mark.parametrize(
    ("path", "change", "param", "said"),
    [
        ("chat/completions", {"n": 2}, "n", "n can only be 1"),
        ("chat/completions", {"tool_choice": "required"}, "tool_choice", "use|ask for structured output"),
        ("chat/completions", {"stream_options": {"include_usage": True}}, "stream_options", "stream is true"),
        ("chat/completions", {"messages": [{"role": "user", "content": 3}]}, "messages[0].content", "valid string"),
        ("chat/completions", {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
         "messages[0].content[0]", "needs its text"),
        ("chat/completions", {"messages": [{"role": "user", "content": "\ud800"}]}, "messages[0].content", "surrogate"),
        ("chat/completions", {"messages": [{"content": "a"}]}, "messages[0].role", "required"),
        ("chat/completions", {"stop": ["a"] * 5}, "stop", "at most 4"),
        ("responses", {"input": [{"role": "nobody", "content": "a"}]}, "input[0].role", "'user'"),
        ("responses", {"input": []}, "input", "at least 1"),
        ("responses", {"metadata": {"a": {"b": "\ud800"}}}, "metadata", "surrogate"),
        ("responses", {"tools": [{"a": nested(300)}]}, "tools", "nested more than 150 deep"),
        ("responses", {"conversation": "conv_1"}, "conversation", "previous_response_id"),
        ("responses", {"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format", "json_object"),
        ("embeddings", {"input": [1, 2]}, "input", "check_embedding_ctx_length=False"),
        ("embeddings", {"input": [[1], [2]]}, "input", "token ids"),
        ("embeddings", {"input": ["a", ""]}, "input[1]", "at least 1"),
    ],
)  # fmt: skip
def test_an_error_names_the_field_as_it_was_written(
    client: httpx.Client, question: str, path: str, change: dict[str, Any], param: str, said: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "chat/completions": {"model": "report-qa", "messages": [{"role": "user", "content": question}]},
        "responses": {"model": "report-qa", "input": question},
        "embeddings": {"model": "bundled", "input": question},
    }
    response = client.post(
        f"/v1/{path}", content=json.dumps(bodies[path] | change), headers={"Content-Type": "application/json"}
    )
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (400, param)
    assert any(one in error["message"] for one in said.split("|"))
    assert not any(word in error["message"] for word in ("function-", "body.", "constrained", "ContentPart"))
    if path == "embeddings":
        return
    assert error["message"].startswith(f"{param}: ")


def test_errors_outside_of_v1_name_it_too(client: httpx.Client) -> None:
    message = client.post("/chat", json={"question": 3}).json()["error"]["message"]
    assert message == "question: Input should be a valid string"


def test_langchain_s_token_ids_get_the_way_out(url: str) -> None:
    embeddings = OpenAIEmbeddings(
        base_url=f"{url}/v1", api_key="none", model="bundled", check_embedding_ctx_length=False, max_retries=0
    )
    assert len(embeddings.embed_query("茶园")) == 384
