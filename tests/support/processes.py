"""What the kernel knows of a process on this machine: its memory, its threads, its open files."""

from __future__ import annotations

import re
from pathlib import Path


def reset_peak(pid: int) -> None:
    """Let ``peak_memory`` count from now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def peak_memory(pid: int) -> int:
    """Return the most memory, in bytes, that was resident since the last ``reset_peak``."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"), re.M)
    assert found is not None
    return int(found[1]) * 1024


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memory(pid: int) -> int:
    """Return the memory, in bytes, that is resident now and the process' own: not the pages of files it has mapped."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"), re.M)
    assert found is not None
    return int(found[1]) * 1024
