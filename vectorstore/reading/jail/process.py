"""Starts a process that reads a file: without the parent's environment, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Variables that Python needs to start; others (keys, tokens) are none of a parser's business."""


@contextmanager
def started(module: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a module as a process in a folder of its own; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qa-read-", ignore_cleanup_errors=True) as folder:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-B", "-s", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**kept, "PYTHONPATH": str(_ROOT), "TMPDIR": folder, "HOME": folder, "PYTHONUTF8": "1"},
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
