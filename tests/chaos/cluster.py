"""The processes under test: one server over SQLite; or two servers and a worker over Postgres and a Chroma server."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.chaos.nursery import Child, Nursery
from tests.support import chroma, postgres
from tests.support.served import free_port

START_SECONDS = 600.0
"""Far more than it takes: other processes may have the cores."""
KINDS = ("sqlite", "postgres")


class Cluster:
    """Starts what is not running, and kills at random."""

    def __init__(self, nursery: Nursery, settings: dict[str, str], servers: int, workers: int, chance: random.Random):
        self._nursery = nursery
        self._settings = settings
        self._chance = chance
        self._servers = {f"server-{number}": 0 for number in range(servers)}
        self._names = [*self._servers, *(f"worker-{number}" for number in range(workers))]
        self._running: dict[str, Child] = {}

    def start(self) -> None:
        """Start what is not running; ``wait`` tells when it is ready."""
        for name in self._names:
            if name not in self._running:
                self._running[name] = self._start(name)

    def _start(self, name: str) -> Child:
        if name not in self._servers:
            return self._nursery.start(name, "worker", **self._settings)
        self._servers[name] = port = free_port()
        return self._nursery.start(name, "serve", "--port", str(port), **self._settings)

    def wait(self) -> None:
        """Return once all servers are ready."""
        deadline = time.monotonic() + START_SECONDS
        for name in self._servers:
            while not self._answers(name):
                assert not self._running[name].is_over, f"{name} ended by itself; see its log"
                assert time.monotonic() < deadline, f"{name} did not become ready"
                time.sleep(0.2)

    def _answers(self, name: str) -> bool:
        try:
            return httpx.get(f"{self._url(name)}/readyz", timeout=10, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._servers[name]}"

    @property
    def url(self) -> str:
        """Of one of the servers, at random."""
        return self._url(self._chance.choice(list(self._servers)))

    @property
    def urls(self) -> list[str]:
        """Of all servers."""
        return [self._url(name) for name in self._servers]

    def kill(self) -> str:
        """Kill one process at random, wherever it is; return which."""
        name = self._chance.choice(self._names)
        self._end(name, signal.SIGKILL)
        return name

    def stop(self) -> None:
        """Let all processes end as SIGTERM has them."""
        for name in list(self._running):
            self._end(name, signal.SIGTERM)

    def _end(self, name: str, number: int) -> None:
        child = self._running.pop(name)
        child.send(number)
        deadline = time.monotonic() + START_SECONDS
        while not child.is_over:
            assert time.monotonic() < deadline, f"{name} did not end"
            time.sleep(0.01)


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """Yield the settings that say where everything is stored."""
    if kind == "sqlite":
        yield {}
        return
    files = folder / "chroma"
    files.mkdir()
    with postgres.server() as server, chroma.server(files) as chroma_url:
        postgres.run(server, "CREATE DATABASE chaos")
        yield {"QA_DATABASE_URL": f"{server}chaos", "QA_CHROMA_URL": chroma_url, "QA_JOB_LEASE": "5"}
