"""Fault 12: no password, no address of a model and nothing that it says gets out; the database is its owner's alone."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.pipeline import QA, open_library
from qa.settings import Settings, without_passwords
from tests.reliability.conftest import CHINESE, ENGLISH, REPORTS
from tests.support import http_proxy
from tests.support.scripted_openai import HTML, Reply, ScriptedOpenAI, error
from tests.support.served import command, environment, serving
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


def test_the_login_of_a_chroma_server_is_nowhere_to_be_seen(tmp_path: Path, chroma_server: str) -> None:
    """In what a server logs, answers and measures, what the commands print, and what is kept on the disk."""
    report = tmp_path / "report.md"
    report.write_text(next(iter(REPORTS.values())), "utf-8")
    with http_proxy.before(chroma_server, "/chroma", f"reader:{CANARY}/1") as place:
        url = f"http://reader:{CANARY}%2F1@{place}/chroma"
        data, told = tmp_path / "data", {"QA_CHROMA_URL": url, "QA_RANKER": "linear"}
        with serving(data, "--seeds", str(report), **told) as served:
            asked = [
                httpx.post(f"{served.url}/chat", json={"question": CHINESE, "stream": False}, timeout=60.0),
                *(httpx.get(f"{served.url}{path}") for path in ("/metrics", "/healthz", "/readyz", "/config")),
            ]
            doctor = [_ran("doctor", data, **told), _ran("doctor", data, "--json", **told)]
        wrong = [_ran(name, data, **told | {"QA_CHROMA_URL": url.replace("%2F1", "")}) for name in ("ask", "serve")]
    gone = [_ran(name, data, **told) for name in ("ask", "doctor")]
    malformed = [_ran(name, data, **told | {"QA_CHROMA_URL": url.replace("%2F", "/")}) for name in ("ask", "doctor")]
    assert all(f"http://***@{place}/chroma" in text for text in doctor)
    assert all("refuses the login" in text for text in wrong)
    assert all(f"no Chroma server answers at http://{place}/chroma" in text for text in gone)
    assert all(f"QA_CHROMA_URL is 'http://***@{place}/chroma'" in text for text in malformed)
    answers = [reply.text for reply in asked]
    files = [path.read_bytes().decode("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (*answers, *doctor, *wrong, *gone, *malformed, *files):
        assert CANARY not in text
    assert [reply.status_code for reply in asked] == [200] * len(asked)
    assert CANARY not in repr(Settings(chroma_url=url))


def _ran(name: str, data: Path, *more: str, **settings: str) -> str:
    """What a command prints."""
    words = [CHINESE] if name == "ask" else []
    ran = subprocess.run(
        command(name, *words, *more), env=environment(data, **settings), capture_output=True, text=True, timeout=120
    )
    return ran.stdout + ran.stderr


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
