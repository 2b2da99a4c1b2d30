"""A library of one Chinese and one English report, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.qa.api.conftest import running
from vectorstore.library import Library
from vectorstore.reading import RawDocument

REPORTS = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。"
    "全县茶园面积4200亩。\n",
    "marrow.txt": "# Marrow Island annual report 2023\n\n## Ferries\n\nIn 2023 the ferries of Marrow Island carried "
    "5,200 people. A return ticket cost £3.\n",
}
ASKED = [
    pytest.param("云溪县2023年粮食总产量是多少？", "12.6万吨", "yunxi.txt", id="zh"),
    pytest.param("How many people did the ferries carry in 2023?", "5,200", "marrow.txt", id="en"),
]
"""Question, what the answer holds, and the document that says it."""


@dataclass(frozen=True)
class Served:
    """A running service."""

    url: str
    keys: Keys


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("library")
    with open_library(Settings(data_dir=directory)) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
    return directory


@pytest.fixture(scope="module")
def library(data_dir: Path) -> Iterator[Library]:
    with open_library(Settings(data_dir=data_dir)) as library:
        yield library


@pytest.fixture(scope="module")
def served(library: Library, data_dir: Path) -> Iterator[Served]:
    settings = Settings(data_dir=data_dir, answerer="extractive")
    conversations = Conversations(library.database, settings.history_limit)
    with running(create_app(settings, QA(library, settings), conversations)) as url:
        yield Served(url, Keys(library.database))


@pytest.fixture(scope="module")
def guarded(library: Library, data_dir: Path) -> Iterator[Served]:
    """A service that asks for keys, each good for two questions a minute."""
    settings = Settings(data_dir=data_dir, answerer="extractive", keys="on", key_questions_per_minute=2)
    conversations = Conversations(library.database, settings.history_limit)
    with running(create_app(settings, QA(library, settings), conversations)) as url:
        yield Served(url, Keys(library.database))
