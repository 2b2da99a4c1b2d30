"""Gives back to the system what the C library keeps of memory that was freed."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Give back what was freed, if the C library can: glibc alone keeps so much, and alone has a call for it.

    Models that are loaded and documents that are read take blocks which glibc, once it has seen a large one freed,
    keeps in its heaps; some tens of MB stay with the process for nothing. A call takes some milliseconds.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library, such as musl
            ctypes.CDLL(None).malloc_trim(0)
