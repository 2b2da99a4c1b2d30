"""A library whose embedder is behind an OpenAI-compatible endpoint: indexed, asked, and refused to another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.pipeline import QA, build, open_library
from qa.settings import Settings, load
from tests.support.scripted_openai import ScriptedOpenAI, error
from vectorstore.errors import EmbedderError, IndexMismatch
from vectorstore.reading import RawDocument

KEY = "sk-very-secret"


@pytest.fixture
def server() -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI() as started:
        yield started


@pytest.fixture
def settings(tmp_path: Path, server: ScriptedOpenAI) -> Settings:
    return Settings(
        data_dir=tmp_path,
        embedder="openai:scripted",
        embedder_base_url=server.url,
        embedder_api_key=SecretStr(KEY),
        answerer="extractive",
    )


def test_it_indexes_and_answers(settings: Settings, server: ScriptedOpenAI, reports: list[RawDocument]) -> None:
    with open_library(settings) as library:
        assert len(library.ingest(reports).added) == len(reports)
        answer = build(settings, library).ask("白河市全市共有多少个行政村？")
    assert not answer.abstained
    assert "65个" in answer.answer
    assert {citation.document for citation in answer.citations} == {"b.txt"}
    assert {headers["authorization"] for headers in server.embedding_headers} == {f"Bearer {KEY}"}
    assert {request["model"] for request in server.embedding_requests} == {"scripted"}


def test_what_was_embedded_is_not_asked_for_again(
    settings: Settings, server: ScriptedOpenAI, reports: list[RawDocument]
) -> None:
    with open_library(settings) as library:
        library.ingest(reports)
    asked = len(server.embedding_requests)
    with open_library(settings) as library:
        library.ingest(reports)
    assert len(server.embedding_requests) == asked + 1  # the probe of the second opening


def test_the_index_refuses_another_model(settings: Settings, reports: list[RawDocument]) -> None:
    with open_library(settings) as library:
        library.ingest(reports)
    with pytest.raises(IndexMismatch, match=r"openai-scripted-.*openai-another-"):
        open_library(settings.model_copy(update={"embedder": "openai:another"}))


def test_an_endpoint_that_fails_later_is_named(
    settings: Settings, server: ScriptedOpenAI, reports: list[RawDocument]
) -> None:
    with open_library(settings) as library:
        library.ingest(reports)
        server.embeddings = error(401)
        with pytest.raises(EmbedderError, match=r"refused the key; check QA_EMBEDDER_API_KEY"):
            QA(library, settings).ask("青山县新建蔬菜大棚多少个？")


def test_endpoint_and_key_are_settings_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://shared.example/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-shared")
    assert load().embedder_base_url == load().llm_base_url == "https://shared.example/v1"
    monkeypatch.setenv("QA_EMBEDDER_BASE_URL", "https://embeddings.example/v1")
    monkeypatch.setenv("QA_EMBEDDER_API_KEY", "sk-own")
    settings = load()
    assert settings.embedder_base_url == "https://embeddings.example/v1"
    assert settings.embedder_api_key == SecretStr("sk-own")
    assert settings.llm_base_url == "https://shared.example/v1"
    assert settings.llm_api_key == SecretStr("sk-shared")
