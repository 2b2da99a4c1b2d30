"""Two API processes and workers on one Postgres and one Chroma server, as compose.yaml's profile ``scale`` has them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.served import Served, command, environment, launch, launch_worker, wait

SECONDS = 300.0
"""Far more than anything here takes."""
COUNT = 3


def report(county: str, number: int) -> bytes:
    text = f"# {county}工作总结\n\n{county}新建小学{number}所，新增学位{number * 37}个。\n\n"
    return (text + f"{county}改造农村公路{number * 11}公里，群众满意度提升。\n\n" * 12).encode()


class Cluster:
    """Starts processes that share one library, each with a data directory of its own."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self.settings = settings
        self.processes: list[subprocess.Popen[bytes]] = []

    def serve(self, name: str) -> Served:
        served = launch(self._folder / name, **self.settings, QA_WORK="off")
        self.processes.append(served.process)
        return served

    def work(self, name: str) -> subprocess.Popen[bytes]:
        process = launch_worker(self._folder / name, **self.settings)
        self.processes.append(process)
        return process


@pytest.fixture
def cluster(postgres_url: str, chroma_server: str, tmp_path: Path) -> Iterator[Cluster]:
    settings = {"QA_DATABASE_URL": postgres_url, "QA_CHROMA_URL": chroma_server, "QA_RANKER": "linear"}
    cluster = Cluster(tmp_path, {**settings, "QA_JOB_LEASE": "5"})
    yield cluster
    for process in cluster.processes:
        process.kill()
        process.wait()


def call(served: Served, method: str, path: str, **options: Any) -> dict[str, Any]:
    answer = httpx.request(method, served.url + path, timeout=60, trust_env=False, **options)
    assert answer.status_code in (200, 202), answer.text
    found: dict[str, Any] = answer.json()
    return found


def upload(served: Served, **files: bytes) -> list[str]:
    """Upload files; return the ids of their jobs."""
    form = [("files", (f"{name}.txt", content)) for name, content in files.items()]
    return [job["id"] for job in call(served, "POST", "/documents", files=form)["jobs"]]


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state(served: Served, job: str) -> str:
    return str(call(served, "GET", f"/jobs/{job}")["state"])


def test_processes_share_a_library_and_lose_nothing(cluster: Cluster) -> None:
    one, two = cluster.serve("one"), cluster.serve("two")
    wait(one)
    wait(two)
    first = cluster.work("first")

    # Uploaded through one, asked through the other as soon as it is ready
    (job,) = upload(one, 甲县=report("甲县", 31))
    until(lambda: state(two, job) == "ready")
    ready = time.monotonic()
    answer = call(two, "POST", "/chat", json={"question": "甲县新增学位多少个？"})
    print(f"{time.monotonic() - ready:.2f} s from ready to the answer of the other process")  # pytest -s shows it
    assert "1147" in answer["answer"]
    more = {"question": "那新建小学多少所？", "conversation_id": answer["conversation_id"]}
    assert "31" in call(one, "POST", "/chat", json=more)["answer"]  # the conversation goes on in the first

    # Its replacement answers through both, and the old version through neither
    (job,) = upload(two, 甲县=report("甲县", 32))
    until(lambda: state(one, job) == "ready")
    for served in (one, two):
        assert "1184" in call(served, "POST", "/chat", json={"question": "甲县新增学位多少个？"})["answer"]

    # A worker is killed in the middle of a job; another one takes over
    jobs = upload(one, **{f"乙{number}县": report(f"乙{number}县", number + 50) for number in range(COUNT)})
    until(lambda: any(state(one, job) in ("reading", "indexing") for job in jobs))
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    second = cluster.work("second")

    # The process that acknowledged an upload is killed at once
    jobs += upload(one, 丙县=report("丙县", 71))
    one.process.send_signal(signal.SIGKILL)
    until(lambda: all(state(two, job) == "ready" for job in jobs))
    names = [document["name"] for document in call(two, "GET", "/documents")["documents"]]
    assert sorted(names) == sorted(["甲县.txt", "丙县.txt", *(f"乙{number}县.txt" for number in range(COUNT))])
    assert str(71 * 37) in call(two, "POST", "/chat", json={"question": "丙县新增学位多少个？"})["answer"]

    # SIGTERM drains
    for process in (second, two.process):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(("arguments", "what"), [(("worker",), "`qa worker`"), (("serve",), "QA_WORK=off")])
def test_a_library_of_one_process_needs_no_worker(tmp_path: Path, arguments: tuple[str], what: str) -> None:
    ran = subprocess.run(
        command(*arguments),
        env=environment(tmp_path, QA_WORK="off"),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert ran.returncode == 1
    assert f"{what} needs a library that several processes share: set QA_DATABASE_URL" in ran.stderr
