"""A Chroma server for the tests, on a free port of this machine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.support.served import free_port

_START_SECONDS = 120.0


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run ``chroma run`` with its files in ``folder``, and yield its URL."""
    port = free_port()
    command = [Path(sys.executable).with_name("chroma"), "run", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--path", folder / "data"], stdout=log, stderr=log, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, folder / "log")
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(base_url=url, trust_env=False) as client:
        while True:
            with suppress(httpx.HTTPError):
                if client.get("/api/v2/heartbeat").status_code == 200:
                    return
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"the Chroma server did not start: {log.read_text()}"
            time.sleep(0.05)
