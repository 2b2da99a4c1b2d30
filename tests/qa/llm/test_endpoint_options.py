"""Endpoints that take some options and not others: each refusal is learnt once, for the whole process."""

from __future__ import annotations

import json

import pytest

from qa.errors import ModelContextExceeded, ModelRefused
from qa.llm import Message, from_settings
from qa.llm.base import complete
from qa.settings import Settings
from tests.qa.conftest import Serve
from tests.support.scripted_openai import Refusal, Reply, ScriptedOpenAI, error, forbids_extra, refuses

PROMPT = [Message("system", "规则"), Message("user", "问题")]
ENGLISH = [Message("system", "Rules"), Message("user", "Question")]

REFUSED = [
    pytest.param(refuses("temperature", "Only the default (1) value is supported."), "temperature", id="temperature"),
    pytest.param(forbids_extra("temperature"), "temperature", id="temperature-unnamed"),
    pytest.param(refuses("stream_options"), "stream_options", id="stream-options"),
    pytest.param(forbids_extra("stream_options"), "stream_options", id="stream-options-unnamed"),
]


@pytest.mark.parametrize(("refusal", "name"), REFUSED)
@pytest.mark.parametrize("prompt", [PROMPT, ENGLISH], ids=["zh", "en"])
def test_what_an_endpoint_refuses_is_left_out_from_then_on(
    serve: Serve, refusal: Refusal, name: str, prompt: list[Message]
) -> None:
    model, server = serve(Reply(text="好。"))
    server.refusals = [refusal]
    assert [complete(model, prompt) for _ in range(3)] == ["好。"] * 3
    assert [name in request for request in server.requests] == [True, False, False, False]


def test_several_refusals_are_learnt_one_after_another(serve: Serve) -> None:
    model, server = serve(Reply(text="Good."), max_tokens=500)
    server.refusals = [
        refuses("temperature"),
        refuses("max_tokens", "Use 'max_completion_tokens' instead."),
        forbids_extra("stream_options"),
    ]
    assert [complete(model, ENGLISH) for _ in range(2)] == ["Good.", "Good."]
    assert len(server.requests) == 5
    for request in server.requests[3:]:
        assert request["max_completion_tokens"] == 500
        assert not {"temperature", "max_tokens", "stream_options"} & request.keys()


def test_the_limit_is_sent_by_its_older_name_where_that_is_taken(serve: Serve) -> None:
    model, server = serve(Reply(text="好。"), max_tokens=500)
    complete(model, PROMPT)
    (request,) = server.requests
    assert request["max_tokens"] == 500
    assert "max_completion_tokens" not in request


def test_an_endpoint_that_takes_no_limit_gets_none(serve: Serve) -> None:
    model, server = serve(Reply(text="好。"), max_tokens=500)
    server.refusals = [refuses("max_tokens"), refuses("max_completion_tokens")]
    assert complete(model, PROMPT) == "好。"
    assert not {"max_tokens", "max_completion_tokens"} & server.requests[-1].keys()


def test_a_refusal_that_speaks_of_no_option_is_final(serve: Serve) -> None:
    model, server = serve(error(400, "no such model"))
    with pytest.raises(ModelRefused, match="no such model"):
        complete(model, PROMPT)
    assert len(server.requests) == 1


VLLM = "'max_tokens' is too large: 500. This model's maximum context length is 4096 tokens"
CONTEXT_EXCEEDED = [
    pytest.param(400, {"message": "too long", "type": "x", "code": "context_length_exceeded"}, id="openai"),
    pytest.param(400, {"message": "too long", "type": "exceed_context_size_error", "code": 400}, id="llama.cpp"),
    pytest.param(400, {"message": VLLM, "type": "BadRequestError", "param": "max_tokens", "code": 400}, id="vllm"),
    pytest.param(413, {"message": "Prompt is too long", "type": "x", "code": None}, id="413"),
    pytest.param(500, {"message": "the input exceeds the context window", "type": "x", "code": None}, id="500"),
]


@pytest.mark.parametrize(("status", "detail"), CONTEXT_EXCEEDED)
def test_a_prompt_that_is_too_long_is_an_error_of_its_own(serve: Serve, status: int, detail: dict[str, object]) -> None:
    model, server = serve(Reply(status=status, body=json.dumps({"error": detail})), max_tokens=500)
    with pytest.raises(ModelContextExceeded) as caught:
        complete(model, PROMPT)
    assert len(server.requests) == 1
    assert caught.value.upstream_status == status
    for language in ("zh", "en"):
        assert server.host in caught.value.explain(language)
        assert "QA_LLM_PASSAGES" in caught.value.explain(language)


def test_the_settings_set_the_limit() -> None:
    with ScriptedOpenAI(Reply(text="好。")) as server:
        settings = Settings(llm_model="m", llm_base_url=server.url, llm_max_tokens=2048)
        model = from_settings(settings)
        assert model is not None
        complete(model, PROMPT)
        assert server.requests[0]["max_tokens"] == 2048
