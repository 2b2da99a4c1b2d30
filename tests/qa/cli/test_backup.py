"""qa backup and qa restore: a library that is served is backed up, moved, also to Postgres, and answers the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

QUESTIONS = ("云溪县2023年粮食总产量是多少？", "How long are the new rural roads in Shiqiao County?")


def asked(run: Any, data: Path, **environment: str) -> list[dict[str, Any]]:
    """Return all that is answered, without ids and times."""
    found = [json.loads(run("ask", question, "--json", data=data, **environment).out) for question in QUESTIONS]
    return [
        {name: value for name, value in answer.items() if "latency" not in name and not name.endswith("_id")}
        for answer in found
    ]


def test_a_served_library_moves_to_another_directory(run: Any, served: Any, tmp_path: Path) -> None:
    file = tmp_path / "saved.sqlite3"
    ran = run("backup", str(file), data=served.data)
    assert (ran.status, ran.out.startswith("2 documents, ")) == (0, True)
    refused = run("restore", str(file), "--replace", data=served.data)
    assert refused.status == 1
    assert served.url in refused.err
    moved = json.loads(run("restore", str(file), "--json", data=tmp_path / "moved").out)
    assert moved["documents"] == 2
    assert asked(run, tmp_path / "moved") == asked(run, served.data)
    assert "--replace" in run("restore", str(file), data=tmp_path / "moved").err
    assert run("restore", str(file), "--replace", data=tmp_path / "moved").status == 0


@pytest.mark.usefixtures("postgres_server")
def test_a_library_moves_to_postgres_and_back(run: Any, data: Path, tmp_path: Path, postgres_url: str) -> None:
    before = asked(run, data)
    assert run("keys", "add", "Ada", data=data).status == 0
    assert run("backup", str(tmp_path / "saved"), data=data).status == 0
    there = {"QA_DATABASE_URL": postgres_url}
    empty = run("ask", QUESTIONS[0], data=tmp_path / "moved", **there)
    assert "is empty" in empty.err
    assert run("restore", str(tmp_path / "saved"), data=tmp_path / "moved", **there).status == 0
    assert asked(run, tmp_path / "moved", **there) == before
    doctor = run("doctor", data=tmp_path / "moved", QA_KEYS="on", **there)
    assert "2 documents" in doctor.out
    assert "1 hold" in doctor.out
    assert run("backup", str(tmp_path / "again"), data=tmp_path / "moved", **there).status == 0
    assert run("restore", str(tmp_path / "again"), data=tmp_path / "back").status == 0
    assert asked(run, tmp_path / "back") == before


def test_a_password_is_shown_nowhere(run: Any, tmp_path: Path) -> None:
    there = {"QA_DATABASE_URL": "postgresql://qa:secret@127.0.0.1:1/reports"}
    for command in (["doctor"], ["doctor", "--json"], ["documents", "list"], ["keys", "list"]):
        ran = run(*command, data=tmp_path, **there)
        assert ran.status == 1
        assert "secret" not in ran.out + ran.err
        assert "***@127.0.0.1:1/reports" in ran.out + ran.err
