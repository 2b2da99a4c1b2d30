"""Every way in which an endpoint fails becomes one clear error that names the host and never the key."""

from __future__ import annotations

import threading
import time

import pytest
from pydantic import SecretStr

from qa.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from qa.llm import Endpoint, Message
from qa.llm.base import complete
from tests.qa.conftest import KEY, Serve
from tests.support.scripted_openai import BROKEN_JSON, EMPTY, HTML, Reply, ScriptedOpenAI, error

PROMPT = [Message("system", "规则"), Message("user", "问题")]
LONG = "青禾县“一肩挑”占比达96.35%。白石区占比达88.1%。"

FAILURES = [
    pytest.param(error(400, "prompt is too long"), ModelRefused, "400", id="400"),
    pytest.param(error(401, f"Incorrect API key provided: {KEY}"), ModelRefused, "QA_LLM_API_KEY", id="401"),
    pytest.param(error(403), ModelRefused, "QA_LLM_MODEL", id="403"),
    pytest.param(error(404), ModelRefused, "QA_LLM_BASE_URL", id="404"),
    pytest.param(error(429), ModelRefused, "quota", id="429"),
    pytest.param(error(500, f"crashed with {KEY}"), ModelRefused, "status 500", id="500"),
    pytest.param(error(503), ModelRefused, "status 503", id="503"),
    pytest.param(HTML, ModelGarbled, "QA_LLM_BASE_URL", id="html"),
    pytest.param(BROKEN_JSON, ModelGarbled, "no chat completion", id="broken-json"),
    pytest.param(Reply(body="null"), ModelGarbled, "no chat completion", id="null"),
    pytest.param(EMPTY, ModelGarbled, "empty", id="empty"),
    pytest.param(Reply(text=LONG, garbled_after=20), ModelGarbled, "no chat completion", id="garbled-in-mid-stream"),
    pytest.param(Reply(text=LONG, breaks_after=20), ModelUnreachable, "broke off", id="connection-cut"),
    pytest.param(Reply(text=LONG, ends_after=20), ModelUnreachable, "broke off", id="stream-ends-early"),
]


def test_an_answer_comes_in_pieces_and_whole(serve: Serve) -> None:
    model, server = serve(Reply(text=LONG))
    pieces = list(model.stream(PROMPT))
    assert len(pieces) > 2
    assert "".join(pieces) == LONG == complete(model, PROMPT)
    sent = server.requests[0]
    assert sent["messages"] == [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题"}]
    assert sent["temperature"] == 0
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


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


def test_what_came_before_a_break_is_handed_on(serve: Serve) -> None:
    model, _ = serve(Reply(text=LONG, breaks_after=28))
    stream = model.stream(PROMPT)
    assert "".join(next(stream) for _ in range(4)) == LONG[:28]
    with pytest.raises(ModelUnreachable):
        next(stream)


def test_nobody_listens() -> None:
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
