"""Failures of an endpoint: each becomes one clear error that names the host, never the key, in both languages."""

from __future__ import annotations

import json
import re
import threading
import time

import openai
import pytest
from pydantic import SecretStr

from qa.errors import ModelCut, ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from qa.llm import Message
from qa.llm.base import answer_text, complete
from qa.llm.endpoint import Endpoint
from tests.qa.conftest import KEY, Serve
from tests.support.scripted_openai import BROKEN_JSON, EMPTY, HTML, Reply, ScriptedOpenAI, error
from vectorstore.text.language import has_han

PROMPT = [Message("system", "规则"), Message("user", "问题")]
LONG = "青禾县“一肩挑”占比达96.35%。白石区占比达88.1%。"

FAULT_IN_STREAM = Reply(body='data: {"error": {"message": "out of memory"}}\n\n', content_type="text/event-stream")

FAILURES = [
    pytest.param(error(400, "no such parameter"), ModelRefused, "400", id="400"),
    pytest.param(error(401, f"Incorrect API key provided: {KEY}"), ModelRefused, "QA_LLM_API_KEY", id="401"),
    pytest.param(error(403), ModelRefused, "QA_LLM_MODEL", id="403"),
    pytest.param(error(404), ModelRefused, "QA_LLM_BASE_URL", id="404"),
    pytest.param(error(409), ModelRefused, "status 409", id="409"),
    pytest.param(error(422), ModelRefused, "status 422", id="422"),
    pytest.param(error(429), ModelRefused, "quota", id="429"),
    pytest.param(error(500, f"crashed with {KEY}"), ModelRefused, "status 500", id="500"),
    pytest.param(error(503), ModelRefused, "status 503", id="503"),
    pytest.param(HTML, ModelGarbled, "QA_LLM_BASE_URL", id="html"),
    pytest.param(BROKEN_JSON, ModelGarbled, "no chat completion", id="broken-json"),
    pytest.param(Reply(body="null"), ModelGarbled, "no chat completion", id="null"),
    pytest.param(EMPTY, ModelGarbled, "empty", id="empty"),
    pytest.param(FAULT_IN_STREAM, ModelError, "out of memory", id="fault-in-stream"),
    pytest.param(Reply(text=LONG, garbled_after=20), ModelGarbled, "no chat completion", id="garbled-in-mid-stream"),
    pytest.param(Reply(text=LONG, breaks_after=20), ModelUnreachable, "broke off", id="connection-cut"),
    pytest.param(Reply(text=LONG, finish="length"), ModelCut, "QA_LLM_MAX_TOKENS", id="cut-by-length"),
    pytest.param(Reply(text="<think>On and on", finish="length"), ModelCut, "(length)", id="thoughts-cut-by-length"),
    pytest.param(Reply(text=LONG, finish="content_filter"), ModelCut, "content_filter", id="cut-by-a-filter"),
    pytest.param(Reply(text=LONG, ends_after=20), ModelUnreachable, "broke off", id="stream-ends-early"),
]


def test_an_answer_comes_in_pieces_and_whole(serve: Serve) -> None:
    model, server = serve(Reply(text=LONG))
    pieces = list(answer_text(model.stream(PROMPT)))
    assert len(pieces) > 2
    assert "".join(pieces) == LONG == complete(model, PROMPT)
    sent = server.requests[0]
    assert sent["messages"] == [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题"}]
    assert sent["temperature"] == 0
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_chunks_that_say_nothing_are_passed_over(serve: Serve) -> None:
    """Azure's filters report in choices without a delta; others end with choices that are null."""
    text = {"index": 0, "delta": {"content": "42 villages."}, "finish_reason": "stop"}
    filtered = {"index": 0, "finish_reason": None, "content_filter_offsets": {"start_offset": 0}}
    chunks = ([{"index": 0, "delta": {"content": "It has "}}], [filtered], [text], [filtered | {"delta": None}], None)
    events = "".join(f"data: {json.dumps({'id': 'x', 'choices': choices})}\n\n" for choices in chunks)
    model, _ = serve(Reply(body=f"{events}data: [DONE]\n\n", content_type="text/event-stream"))
    assert complete(model, PROMPT) == "It has 42 villages."


@pytest.mark.parametrize(("reply", "kind", "says"), FAILURES)
def test_a_failure_is_one_clear_error(serve: Serve, reply: Reply, kind: type[ModelError], says: str) -> None:
    model, server = serve(reply)
    with pytest.raises(ModelError) as caught:
        complete(model, PROMPT)
    message = str(caught.value)
    assert type(caught.value) is kind
    assert server.host in message
    assert says in message
    assert KEY not in message
    if isinstance(caught.value, ModelRefused):
        assert str(caught.value.upstream_status) in message


@pytest.mark.parametrize(("reply", "kind", "says"), FAILURES)
def test_a_failure_is_explained_in_both_languages(
    serve: Serve, reply: Reply, kind: type[ModelError], says: str
) -> None:
    model, server = serve(reply)
    with pytest.raises(kind) as caught:
        complete(model, PROMPT)
    assert caught.value.explain("en") == str(caught.value)
    chinese = caught.value.explain("zh")
    assert has_han(chinese)
    assert not has_han(str(caught.value))
    assert server.host in chinese
    assert KEY not in chinese
    assert set(re.findall(r"QA_[A-Z_]+", chinese)) == set(re.findall(r"QA_[A-Z_]+", str(caught.value)))


# What can come out of the client: a script that provokes it, and the error of ours that it becomes.
PROVOKED: dict[type[openai.OpenAIError], tuple[Reply, type[ModelError]]] = {
    openai.BadRequestError: (error(400), ModelRefused),
    openai.AuthenticationError: (error(401), ModelRefused),
    openai.PermissionDeniedError: (error(403), ModelRefused),
    openai.NotFoundError: (error(404), ModelRefused),
    openai.ConflictError: (error(409), ModelRefused),
    openai.UnprocessableEntityError: (error(422), ModelRefused),
    openai.RateLimitError: (error(429), ModelRefused),
    openai.InternalServerError: (error(500), ModelRefused),
    openai.APIStatusError: (error(418), ModelRefused),
    openai.APITimeoutError: (Reply(text="x", hang=20), ModelTimeout),
    openai.APIError: (FAULT_IN_STREAM, ModelError),
}
NEVER_RAISED = {
    "OpenAIError": "abstract: only its subclasses are raised",
    "APIConnectionError": "provoked by test_no_server_listens, which has no server to script",
    "APIResponseValidationError": "only with strict response validation, which is off",
    "LengthFinishReasonError": "only by parse()",
    "ContentFilterFinishReasonError": "only by parse()",
    "InvalidWebhookSignatureError": "only by webhooks",
    "OAuthError": "only with workload identities",
    "SubjectTokenProviderError": "only with workload identities",
    "WebSocketConnectionClosedError": "only by the realtime API",
    "WebSocketQueueFullError": "only by the realtime API",
}


def test_every_error_of_the_client_is_known() -> None:
    """A new version of ``openai`` with a new error fails here until it is provoked or set aside."""
    values = {name: getattr(openai, name) for name in openai.__all__}
    errors = {name for name, value in values.items() if isinstance(value, type) and issubclass(value, Exception)}
    assert errors <= {kind.__name__ for kind in PROVOKED} | NEVER_RAISED.keys()


@pytest.mark.parametrize(
    ("raised", "reply", "kind"),
    [pytest.param(raised, *script, id=raised.__name__) for raised, script in PROVOKED.items()],
)
def test_error_of_the_client_becomes_ours(
    serve: Serve, raised: type[Exception], reply: Reply, kind: type[ModelError]
) -> None:
    _, server = serve(reply)
    model = Endpoint("scripted", server.url, SecretStr(KEY), 0.5 if kind is ModelTimeout else 10.0)
    with pytest.raises(ModelError) as caught:
        complete(model, PROMPT)
    assert type(caught.value) is kind
    if kind is not ModelTimeout:  # our own clock may strike before the client's
        assert isinstance(caught.value.__cause__, raised)


def test_what_came_before_a_break_is_handed_on(serve: Serve) -> None:
    model, _ = serve(Reply(text=LONG, breaks_after=28))
    stream = model.stream(PROMPT)
    assert "".join(next(stream) for _ in range(4)) == LONG[:28]
    with pytest.raises(ModelUnreachable):
        next(stream)


def test_no_server_listens() -> None:
    with ScriptedOpenAI(EMPTY) as server:
        host, url = server.host, server.url
    with pytest.raises(ModelUnreachable, match=host):
        complete(Endpoint("scripted", url, None, 5.0), PROMPT)


@pytest.mark.parametrize("reply", [Reply(text="x", hang=20), Reply(text="x", drip=20)], ids=["silence", "keep-alives"])
def test_a_call_ends_after_its_time_even_while_keep_alives_drip(serve: Serve, reply: Reply) -> None:
    _, server = serve(reply)
    slow = Endpoint("scripted", server.url, SecretStr(KEY), 0.3)
    with pytest.raises(ModelTimeout, match=r"0\.3 s \(QA_LLM_TIMEOUT\)"):
        complete(slow, PROMPT)


def test_a_passing_fault_is_tried_again(serve: Serve) -> None:
    model, server = serve([error(503), Reply(text="好。")])
    assert complete(model, PROMPT) == "好。"
    assert len(server.requests) == 2


def test_a_model_that_never_stops_is_cut(serve: Serve) -> None:
    model, _ = serve(Reply(text="好" * 30_000, chunk=1000))
    assert 20_000 <= len(complete(model, PROMPT)) <= 22_000


def test_closing_the_stream_ends_its_thread(serve: Serve) -> None:
    model, _ = serve(Reply(text="好" * 4000, chunk=10))
    stream = model.stream(PROMPT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while any(thread.name == "model" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(thread.name == "model" for thread in threading.enumerate())


def test_a_key_inside_the_url_is_not_shown() -> None:
    model = Endpoint("m", "http://user:hidden@127.0.0.1:9/v1", None, 2.0)
    assert model.host == "127.0.0.1:9"
    with pytest.raises(ModelUnreachable) as caught:
        complete(model, PROMPT)
    assert "hidden" not in str(caught.value)
