"""Fault 9: /healthz answers whatever else hangs, /readyz tells the truth, and a torn index is built again."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.support.served import serving

AT_ONCE = 60
"""More than the threads that the routes share."""


def test_health_is_answered_while_every_thread_waits_for_a_locked_database(data: Path) -> None:
    with serving(data, QA_RANKER="linear") as served:
        holder = sqlite3.connect(data / "library.sqlite3")
        holder.execute("BEGIN EXCLUSIVE")
        blocked = [
            threading.Thread(
                target=httpx.post,
                args=(f"{served.url}/conversations",),
                kwargs={"json": {}, "timeout": 60, "verify": False, "trust_env": False},
            )
            for _ in range(AT_ONCE)
        ]
        for thread in blocked:
            thread.start()
        time.sleep(2)
        try:
            with httpx.Client(base_url=served.url, trust_env=False, timeout=10) as client:
                seconds = []
                for _ in range(20):
                    began = time.monotonic()
                    assert client.get("/healthz").status_code == 200
                    seconds.append(time.monotonic() - began)
                assert sorted(seconds)[10] < 0.5
                assert max(seconds) < 2  # leaves room for a machine whose cores are all busy
                began = time.monotonic()
                not_ready = client.get("/readyz")
                assert (not_ready.status_code, not_ready.json()["error"]["code"]) == (503, "not_ready")
                assert time.monotonic() - began < 4
        finally:
            holder.rollback()
            holder.close()
            for thread in blocked:
                thread.join()
        assert httpx.get(f"{served.url}/readyz", trust_env=False, timeout=10).status_code == 200


def warmed_up(data: Path) -> Path:
    """Wait until Chroma has been started; return its database."""
    deadline = time.monotonic() + 60
    while not (found := list((data / "dense").glob("*/chroma.sqlite3"))):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(2)
    return found[0]


@pytest.mark.parametrize("harm", ["truncated", "overwritten", "deleted"])
def test_a_dense_index_torn_under_a_running_server_is_built_again(
    data: Path, questions: tuple[str, str], harm: str
) -> None:
    with (
        serving(data, QA_RANKER="linear") as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client,
    ):
        database = warmed_up(data)
        before = [client.post("/chat", json={"question": question}).json()["answer"] for question in questions]
        for file in [path for path in database.parent.rglob("*") if path.is_file()]:
            if harm == "truncated":
                file.write_bytes(b"")
            elif harm == "overwritten":
                file.write_bytes(b"torn" * (file.stat().st_size // 4 + 1))
            else:
                file.unlink()
        for question, answer in zip(questions, before, strict=True):
            answered = client.post("/chat", json={"question": question})
            assert answered.status_code == 200, served.log.read_text("utf-8")
            assert answered.json()["answer"] == answer
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("harm", [b"", b"no database" * 1000])
def test_a_torn_catalogue_is_not_ready(data: Path, questions: tuple[str, str], harm: bytes) -> None:
    with (
        serving(data, QA_RANKER="linear") as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client,
    ):
        warmed_up(data)
        (data / "library.sqlite3").write_bytes(harm)
        not_ready = client.get("/readyz")
        assert (not_ready.status_code, not_ready.json()["error"]["code"]) == (503, "not_ready")
        assert str(data) not in not_ready.text
        assert client.get("/healthz").status_code == 200
