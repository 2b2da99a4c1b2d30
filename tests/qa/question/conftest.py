"""Conversations over small invented documents, with either ranker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from qa.pipeline import QA, build
from qa.settings import Settings
from qa.types import Answer, Turn
from tests.qa.question.followup_documents import DOCUMENTS
from vectorstore.library import Library
from vectorstore.reading import RawDocument


@pytest.fixture(scope="session")
def talked_about(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("talk"), library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield opened


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory, talked_about: Library) -> QA:
    folder = tmp_path_factory.mktemp("reader")
    return build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), talked_about)


@pytest.fixture(scope="session", params=["linear", "reader"])
def conversation(request: pytest.FixtureRequest, talked_about: Library, reading: QA) -> QA:
    """A pipeline with each of the rankers."""
    linear = QA(talked_about, Settings(answerer="extractive"))
    return reading if request.param == "reader" else linear


def talk(qa: QA, turns: Sequence[str]) -> Answer:
    """Return the answer to the last of ``turns``; one that ends in "[1]" is what was answered to the one before."""
    history = [Turn(role="assistant" if text.endswith("[1]") else "user", content=text) for text in turns[:-1]]
    return qa.ask(turns[-1], history)
