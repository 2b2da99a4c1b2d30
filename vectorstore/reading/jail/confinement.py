"""What a process that reads a file may not do: use more than its limits, write, connect, start others."""

from __future__ import annotations

import os
import resource
import sys

_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn",
    "os.fork", "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def limit(memory: int, cpu_seconds: int) -> None:
    """Limit this process: address space in bytes, time of the processor, and no bytes written to files."""
    wanted = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, size in wanted:
        try:
            resource.setrlimit(what, (size, size + 1 if what == resource.RLIMIT_CPU else size))
        except (ValueError, OSError):  # a limit that this system doesn't have, or a lower one that is set already
            continue


def confine() -> None:
    """Refuse from now on what reading a file does not need; what is imported later may only read."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"reading a file does not need {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        raise PermissionError(f"reading a file does not write to {arguments[0]!r}")
