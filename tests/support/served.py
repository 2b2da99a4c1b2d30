"""Runs ``qa`` in a process of its own: a command, or a server that is started, awaited and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa.client import Client
from qa.errors import ServerError
from tests.support import models

START_SECONDS = 600.0
"""Far more than it takes: other processes may have the cores."""


def command(*arguments: str) -> list[str]:
    """The installed command's entry point, in this interpreter."""
    return [sys.executable, "-c", "from qa.cli import main; main()", *arguments]


def environment(data: Path, **more: str) -> dict[str, str]:
    """This process's environment with no settings but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "OPENAI_"))}
    return {**kept, "QA_DATA_DIR": str(data), **more}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def ingest(data: Path, *paths: Path) -> None:
    """Fill a library."""
    models.lend(data)
    arguments = command("ingest", *(str(path) for path in paths))
    ran = subprocess.run(
        arguments, env=environment(data), check=False, capture_output=True, text=True, timeout=START_SECONDS
    )
    assert ran.returncode == 0, ran.stderr


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    url: str
    port: int
    data: Path
    log: Path
    """Standard error. A file, since a full pipe would block the server."""

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit status and what was written to standard error."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        return status, self.log.read_text("utf-8")


@contextmanager
def serving(data: Path, *arguments: str, **settings: str) -> Iterator[Served]:
    """Run ``qa serve`` as a process, wait until it is ready, and end it."""
    served = launch(data, *arguments, **settings)
    try:
        wait(served)
        yield served
    finally:
        if served.process.poll() is None:
            served.stop()


def launch(data: Path, *arguments: str, **settings: str) -> Served:
    """Start ``qa serve`` as a process; whoever does it waits for it, and ends it."""
    models.lend(data)
    port = free_port()
    log = data.parent / f"serve-{port}.log"
    process = _start(log, environment(data, **settings), "serve", "--port", str(port), *arguments)
    return Served(process, f"http://127.0.0.1:{port}", port, data, log)


def launch_worker(data: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start ``qa worker`` as a process; whoever does it ends it."""
    models.lend(data)
    return _start(data.parent / f"{data.name}.log", environment(data, **settings), "worker")


def _start(log: Path, environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("a", encoding="utf-8") as err:
        return subprocess.Popen(command(*arguments), env=environment, stdout=subprocess.DEVNULL, stderr=err)


def wait(served: Served) -> None:
    """Return once a server that was started is ready."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert served.process.poll() is None, served.log.read_text("utf-8")
        assert time.monotonic() < deadline, "the server did not become ready"
        try:
            Client(served.url).wait_ready(START_SECONDS)
            return
        except ServerError:
            time.sleep(0.05)
