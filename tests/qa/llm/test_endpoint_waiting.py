"""How long an endpoint is waited for: silence counts, not length, and Retry-After is honoured while there is time."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate

import pytest
from pydantic import SecretStr

from qa.errors import Cancelled, ModelRefused, ModelTimeout
from qa.llm import Message
from qa.llm.base import complete
from qa.llm.cancellation import use_flag
from qa.llm.endpoint import Endpoint
from tests.qa.conftest import KEY, Serve
from tests.support.scripted_openai import Reply, ScriptedOpenAI, error

PROMPT = [Message("system", "规则"), Message("user", "问题")]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text="全县新建蔬菜大棚1200个，带动农户增收。", pause=0.3, chunk=2),
        Reply(text="The county built 1,200 greenhouses in one year.", pause=0.3, chunk=5),
        Reply(text="好。", thinking="先看第一段，再看第二段，然后比较。", pause=0.3, chunk=2),
        Reply(text="Yes.", thinking="First the one passage, then the other one.", pause=0.3, chunk=5),
    ],
    ids=["zh", "en", "zh-thinking", "en-thinking"],
)
def test_a_call_may_last_as_long_as_pieces_come(serve: Serve, reply: Reply) -> None:
    model, _ = serve(reply, timeout=1.5)
    started = time.monotonic()
    assert complete(model, PROMPT) == reply.text
    assert time.monotonic() - started > 1.5


def test_silence_after_a_piece_ends_a_call(serve: Serve) -> None:
    model, _ = serve(Reply(text="好的。请看。", chunk=3, pause=1.5), timeout=0.4)
    with pytest.raises(ModelTimeout, match="silent"):
        complete(model, PROMPT)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "milliseconds", "date"])
def test_retry_after_is_waited_for(serve: Serve, status: int, form: str) -> None:
    headers = {
        "seconds": ("retry-after", "1"),
        "milliseconds": ("retry-after-ms", "1000"),
        "date": ("retry-after", formatdate(time.time() + 3, usegmt=True)),
    }
    model, server = serve([error(status, headers=(headers[form],)), Reply(text="好。")])
    started = time.monotonic()
    assert complete(model, PROMPT) == "好。"
    assert time.monotonic() - started >= 0.9
    assert len(server.requests) == 2


def test_retry_after_the_deadline_is_not_waited_for(serve: Serve) -> None:
    model, server = serve(error(429, headers=(("retry-after", "30"),)), timeout=5.0)
    started = time.monotonic()
    with pytest.raises(ModelRefused, match="429"):
        complete(model, PROMPT)
    assert time.monotonic() - started < 4
    assert len(server.requests) == 1


def test_a_quota_that_is_used_up_is_not_asked_again(serve: Serve) -> None:
    body = (
        '{"error": {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"}}'
    )
    model, server = serve(Reply(status=429, body=body))
    with pytest.raises(ModelRefused, match="quota"):
        complete(model, PROMPT)
    assert len(server.requests) == 1


def test_an_endpoint_that_stays_busy_is_given_up(serve: Serve) -> None:
    model, server = serve(error(503, headers=(("retry-after", "0"),)))
    with pytest.raises(ModelRefused, match="503"):
        complete(model, PROMPT)
    assert len(server.requests) == 3


def test_a_call_that_waits_to_try_again_ends_when_the_client_disconnects() -> None:
    flag = threading.Event()
    failures: list[Cancelled] = []
    with ScriptedOpenAI(error(429, headers=(("retry-after", "20"),))) as server:
        model = Endpoint("scripted", server.url, SecretStr(KEY), 30.0)

        def ask() -> None:
            use_flag(flag)
            try:
                complete(model, PROMPT)
            except Cancelled as failure:
                failures.append(failure)

        thread = threading.Thread(target=ask)
        thread.start()
        while not server.requests:
            time.sleep(0.01)
        flag.set()
        thread.join(5)
        assert not thread.is_alive()
        assert len(server.requests) == 1
    assert "disconnected" in str(failures[0])
