"""Runs and measures processes: a worker, a command from start to end, a server until it is ready."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import EvalError

_LIMIT = 600.0  # seconds for one measured process
_POLL = 0.02


class BenchFailed(EvalError):
    """A measured process failed; the message has its last words."""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a measured process: ours, with modules compiled once as on most machines."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | changes


def worker(name: str, arguments: Mapping[str, Any], limit: float = _LIMIT) -> dict[str, Any]:
    """Run a worker of the module ``workers`` in a new process and return its figures.

    Args:
        limit: seconds after which it is ended.

    Raises:
        BenchFailed: it ended with an error.
    """
    output = _run([sys.executable, "-m", f"{__package__}.workers", name, json.dumps(arguments)], environment(), limit)
    figures: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return figures


def wall(command: Sequence[str], **changes: str) -> float:
    """Run a command and return the seconds of wall clock from its start to its end.

    Raises:
        BenchFailed: it ended with an error.
    """
    started = time.perf_counter()
    _run(command, environment(**changes))
    return time.perf_counter() - started


def _run(command: Sequence[str], variables: Mapping[str, str], limit: float = _LIMIT) -> str:
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchFailed(f"{_named(command)} took over {limit:.0f} s and was ended") from error
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "without a word").splitlines()[-1]
        raise BenchFailed(f"{_named(command)} ended with status {done.returncode}: {words}")
    return done.stdout


def _named(command: Sequence[str]) -> str:
    return " ".join(Path(command[0]).name if not at else part for at, part in enumerate(command[:4]))


def qa() -> list[str]:
    """Return the command line that runs this package's ``qa``."""
    return [sys.executable, "-c", "from qa.cli import main; main()"]


def server(data_dir: Path, question: str) -> dict[str, float]:
    """Start ``qa serve`` over a filled library, ask it once, and end it.

    Returns:
        ready_s: until it says that it is ready; server_ask_ms: the first question; server_mb: resident after it.

    Raises:
        BenchFailed: it didn't become ready.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = environment(QA_DATA_DIR=str(data_dir), QA_ANSWERER="extractive")
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen([*qa(), "serve", "--port", str(port)], env=variables, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz", process)
            ready = time.perf_counter()
            _post(f"http://127.0.0.1:{port}/chat", {"question": question})
            answered = time.perf_counter()
            resident = resident_mb(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)
    return {"ready_s": ready - started, "server_ask_ms": (answered - ready) * 1000, "server_mb": resident}


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until ``url`` answers.

    Raises:
        BenchFailed: the server ended, or isn't ready after ten minutes.
    """
    end = time.monotonic() + _LIMIT
    while time.monotonic() < end:
        if process.poll() is not None:
            raise BenchFailed(f"qa serve ended with status {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):  # not yet listening, or 503 while it opens
            time.sleep(_POLL)
    raise BenchFailed(f"qa serve was not ready after {_LIMIT:.0f} s")


def _post(url: str, body: Mapping[str, Any]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()


def resident_mb(pid: int) -> float:
    """Return what a process has resident now, in MB; NaN where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), float("nan"))


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process until now; NaN where there is no /proc.

    Beside the clock it tells what is slow from what waits for other programs.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
