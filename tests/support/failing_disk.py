"""A disk on which the nth operation fails: a library that ``cc`` makes, loaded before a program's own."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
_NUMBERS = struct.Struct("@5l")  # seen, first, last, error, failed
_SIZE = _NUMBERS.size + 4096
_NEVER = 2**62
HANGS = 0
"""In place of an ``errno``: an operation that never returns."""


class FailingDisk:
    """Decides which operations on files under a folder fail, in the processes that have ``environment``."""

    def __init__(self, workplace: Path, folder: Path) -> None:
        """Make the library in ``workplace``; where there is no compiler, the test is skipped."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler (cc, gcc): it makes the library that lets writes fail")
        library, control = workplace / "failing_disk.so", workplace / "failing_disk.control"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        control.write_bytes(bytes(_SIZE))
        with control.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SIZE)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAILING_DISK_FOLDER": str(folder.resolve()),
            "FAILING_DISK_CONTROL": str(control),
        }

    def fail(self, number: int, error: int, times: int | None = 1) -> None:
        """Let the ``number``-th operation from now fail, or never return.

        Args:
            number: from 1; 0 for none.
            error: an ``errno``, or ``HANGS``.
            times: operations on end that fail, None for all.
        """
        last = _NEVER if times is None else number + times - 1
        self._shared[_NUMBERS.size :] = bytes(_SIZE - _NUMBERS.size)
        self._shared[: _NUMBERS.size] = _NUMBERS.pack(0, number, last, error, 0)

    def work(self) -> tuple[int, str]:
        """Let nothing fail any more; return how many operations failed, and what the first of them was."""
        failed, what = self.failed, self.what
        self._shared[: _NUMBERS.size] = bytes(_NUMBERS.size)
        return failed, what

    @property
    def operations(self) -> int:
        """How many there were since ``fail`` or ``work``."""
        return self._numbers()[0]

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return self._numbers()[4]

    @property
    def what(self) -> str:
        """The name and the file of the first that failed."""
        return self._shared[_NUMBERS.size :].split(b"\0", 1)[0].decode("utf-8", "replace")

    def _numbers(self) -> tuple[int, ...]:
        return _NUMBERS.unpack(self._shared[: _NUMBERS.size])
