"""Fault 12: no password, no address of a model and nothing that it says gets out; the database is its owner's alone."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.pipeline import QA, open_library
from qa.settings import Settings, without_passwords
from tests.reliability.conftest import CHINESE, ENGLISH, REPORTS
from tests.support.scripted_openai import HTML, Reply, ScriptedOpenAI, error
from tests.support.served import command, environment
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.storage.database import Database

CANARY = "internal-canary-4711"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(Settings(data_dir=tmp_path_factory.mktemp("library"))) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        yield library


@pytest.mark.parametrize(
    "reply",
    [error(status, CANARY) for status in (400, 401, 403, 404, 418, 500)]
    + [HTML, Reply(text=""), Reply(body=json.dumps({"error": {"message": CANARY}})), Reply(text="x", breaks_after=0)],
)
def test_warnings_say_neither_where_the_model_is_nor_what_it_said(
    library: Library, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedOpenAI(reply) as server, caplog.at_level(logging.WARNING, "qa.pipeline"):
        answerer = ModelAnswerer(Endpoint("scripted", server.url, SecretStr("sk-secret"), 10.0), repair=False)
        qa = QA(library, Settings(), answerer)
        for question in (CHINESE, ENGLISH):
            answer = qa.ask(question)
            assert answer.warnings
            text = answer.model_dump_json()
            for hidden in (CANARY, server.host, "127.0.0.1"):
                assert hidden not in text
        assert server.host in caplog.text  # whoever runs the service is told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pa:ss@host:1/v1", "http://***@host:1/v1"),
        ("postgresql://u:p@ss@host/db?x=1", "postgresql://***@host/db?x=1"),
        ("https://token@a.example and http://b.example/@x", "https://***@a.example and http://b.example/@x"),
        ("不变 a@b.example", "不变 a@b.example"),
    ],
)
def test_passwords_of_urls_are_hidden(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_doctor_prints_no_password(tmp_path: Path, more: list[str]) -> None:
    url = f"http://user:{CANARY}@127.0.0.1:9/v1"
    told = environment(tmp_path / "data", QA_LLM_BASE_URL=url, QA_LLM_MODEL="x", QA_OTLP_ENDPOINT=url)
    ran = subprocess.run(command("doctor", *more), env=told, capture_output=True, text=True, timeout=120, check=False)
    assert "127.0.0.1:9" in ran.stdout
    assert CANARY not in ran.stdout + ran.stderr


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_library_is_its_owner_s_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_library(Settings(data_dir=data)):
        assert mode(data) == 0o700
        assert mode(data / "library.sqlite3") == 0o600


def test_a_database_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    Database(file).close()
    file.chmod(0o644)
    with Database(file) as database, database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        assert mode(file) == 0o600
        assert [mode(path) for path in tmp_path.glob("*-journal")] == [0o600]
