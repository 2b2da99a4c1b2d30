"""Fault 2: a signal ends every open stream with exactly one terminal event, and in time."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.served import Served, serving

STREAMS = 12
"""Three times as many as are answered at once, so that most of them wait."""


class Stream(threading.Thread):
    """Asks, and keeps what comes until the end of the connection."""

    def __init__(self, url: str, path: str, body: dict[str, Any]) -> None:
        super().__init__()
        self._url, self._path, self._body = url, path, body
        self.opened = threading.Event()
        self.text = ""
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with (
                httpx.Client(base_url=self._url, timeout=60, trust_env=False) as client,
                client.stream("POST", self._path, json=self._body) as response,
            ):
                self.opened.set()
                for piece in response.iter_text():
                    self.text += piece
        except httpx.HTTPError as error:
            self.error = error
        finally:
            self.opened.set()

    @property
    def events(self) -> list[str]:
        return [line.removeprefix("event: ") for line in self.text.splitlines() if line.startswith("event: ")]


def opened(served: Served, model: ScriptedOpenAI, questions: tuple[str, str], count: int) -> list[Stream]:
    """Open streams on which a silent model is waited for."""
    streams = [
        Stream(served.url, "/chat", {"question": questions[number % 2], "stream": True}) for number in range(count)
    ]
    for stream in streams:
        stream.start()
    for stream in streams:
        assert stream.opened.wait(60)
    deadline = time.monotonic() + 60
    while not model.requests:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return streams


def silent(data: Path, model: ScriptedOpenAI) -> Any:
    return serving(data, QA_LLM_BASE_URL=model.url, QA_LLM_MODEL="scripted", QA_RANKER="linear")


@pytest.mark.parametrize("signals", [1, 2])
def test_each_open_stream_ends_with_one_terminal_event(data: Path, questions: tuple[str, str], signals: int) -> None:
    with ScriptedOpenAI(Reply(text="x", drip=60)) as model, silent(data, model) as served:
        streams = opened(served, model, questions, STREAMS)
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        if signals == 2:
            time.sleep(0.5)
            served.process.send_signal(signal.SIGTERM)
        status = served.process.wait(timeout=30)
        seconds = time.monotonic() - began
        for stream in streams:
            stream.join(10)
    assert status == 0
    assert seconds < (10 if signals == 1 else 4)
    assert [stream.error for stream in streams] == [None] * STREAMS
    for stream in streams:
        assert stream.events[-1] == "error"
        assert sum(name in ("done", "error") for name in stream.events) == 1
    log = served.log.read_text("utf-8")
    assert "Traceback" not in log
    assert log.endswith("stopped\n")


def test_answers_that_are_about_to_end_are_finished(data: Path, questions: tuple[str, str]) -> None:
    with ScriptedOpenAI(Reply(text="NO_ANSWER", drip=2)) as model, silent(data, model) as served:
        streams = opened(served, model, questions, 2)
        assert served.stop()[0] == 0
        for stream in streams:
            stream.join(10)
    assert [stream.events[-1] for stream in streams] == ["done", "done"]


def test_readiness_turns_before_the_port_closes(data: Path, questions: tuple[str, str]) -> None:
    with ScriptedOpenAI(Reply(text="x", drip=60)) as model, silent(data, model) as served:
        streams = opened(served, model, questions, 1)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        with httpx.Client(base_url=served.url, trust_env=False) as client:
            assert client.get("/readyz").status_code == 503
            refused = client.post("/chat", json={"question": questions[0]})
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
        assert "error" not in streams[0].events
        assert served.process.wait(timeout=30) == 0
        streams[0].join(10)


def test_other_shapes_of_an_answer_end_too(data: Path, questions: tuple[str, str]) -> None:
    """OpenAI's streams end with an error as data; whole answers with 503."""
    message = {"role": "user", "content": questions[1]}
    with ScriptedOpenAI(Reply(text="x", drip=60)) as model, silent(data, model) as served:
        chunks = Stream(
            served.url, "/v1/chat/completions", {"model": "report-qa", "messages": [message], "stream": True}
        )
        whole = Stream(served.url, "/chat", {"question": questions[0]})
        chunks.start()
        assert chunks.opened.wait(60)
        whole.start()
        time.sleep(1)
        assert served.stop()[0] == 0
        chunks.join(10)
        whole.join(10)
    last = chunks.text.strip().rpartition("data: ")[2]
    assert json.loads(last)["error"]["code"] == "not_ready"
    assert json.loads(whole.text)["error"]["code"] == "not_ready"
