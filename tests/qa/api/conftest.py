"""A tiny library of invented reports, and the application in front of it on a real port."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from qa.answering.base import Answerer
from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument

REPORTS = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。"
    "全县茶园面积4200亩。\n\n## 教育\n\n云溪县新建小学3所，新增学位1800个。\n",
    "shiqiao.txt": "# 石桥县2023年工作总结\n\n## 农业\n\n2023年，石桥县粮食总产量达到9.8万吨，比上年下降0.4%。\n\n"
    "## 交通\n\n石桥县新修农村公路126公里，改造危桥7座。\n",
}
QUESTION = "云溪县2023年粮食总产量是多少？"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        data_dir=tmp_path_factory.mktemp("library"), answerer="extractive", questions_at_once=2, questions_waiting=2
    )


@pytest.fixture(scope="session")
def library(settings: Settings) -> Iterator[Library]:
    with open_library(settings) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        yield library


@pytest.fixture(scope="session")
def conversations(library: Library, settings: Settings) -> Conversations:
    return Conversations(library.database, settings.history_limit)


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` on a free port of this machine, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            app.state.service.workers.close()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until ``condition`` holds; fail when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def app(library: Library, settings: Settings, conversations: Conversations) -> FastAPI:
    return create_app(settings, QA(library, settings), conversations)


@pytest.fixture(scope="session")
def url(app: FastAPI) -> Iterator[str]:
    with running(app) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def serve_with(library: Library, settings: Settings, conversations: Conversations) -> Callable[[Answerer], Any]:
    """Serve the same library with another answerer: ``with serve_with(answerer) as (app, client)``."""

    @contextmanager
    def serve(answerer: Answerer) -> Iterator[tuple[FastAPI, httpx.Client]]:
        app = create_app(settings, QA(library, settings, answerer), conversations)
        with running(app) as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            yield app, client

    return serve


def server_sent(text: str) -> list[tuple[str, Any]]:
    """Return (event, data) of a stream, which is read as its specification has it."""
    events = []
    for block in text.split("\n\n"):
        fields = [line.partition(": ")[::2] for line in block.split("\n") if line and not line.startswith(":")]
        if fields:
            values = dict(fields)
            assert values.keys() == {"event", "data"}
            events.append((values["event"], json.loads(values["data"])))
    return events


@pytest.fixture(scope="session")
def serving() -> Callable[[FastAPI], Any]:
    """``with serving(app) as url``."""
    return running


@pytest.fixture
def read_events() -> Callable[[str], list[tuple[str, Any]]]:
    return server_sent


@pytest.fixture
def wait_until() -> Callable[..., None]:
    return until


@pytest.fixture
def raw_texts() -> dict[str, str]:
    """The text of each report, by name."""
    return dict(REPORTS)


@pytest.fixture
def question() -> str:
    """A question that the first report answers."""
    return QUESTION


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
