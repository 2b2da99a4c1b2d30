"""Lets a reader of several steps see each document in one version: as it was before a change, or after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from vectorstore.storage.changelog import ChangeLog

_TRIES = 5
_SECONDS = 2.0
"""That a reader waits for a change; one takes milliseconds."""

Result = TypeVar("Result")


class Swaps:
    """Counts the documents that were replaced or removed, once before each change and once after it.

    New documents are not counted: whoever misses one has read a moment earlier.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0  # odd while a document changes

    @contextmanager
    def swapping(self) -> Iterator[None]:
        """A change of documents that were there before; from one thread at a time."""
        self._count_up()
        try:
            yield
        finally:
            self._count_up()

    def _count_up(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def consistently(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, once no document was replaced or removed while it ran.

        It is called again where one was, whatever it made or raised then. After five tries the last is taken.
        """
        for _ in range(_TRIES - 1):
            with self._changed:
                self._changed.wait_for(lambda: self._count % 2 == 0, _SECONDS)
                before = self._count
            try:
                result = work()
            except Exception:  # it may have missed a passage that is gone
                if self._count == before:
                    raise
                continue
            if self._count == before and before % 2 == 0:
                return result
        return work()


class SharedSwaps(Swaps):
    """The same where other processes change documents too: the log of changes tells of all."""

    def __init__(self, changes: ChangeLog) -> None:
        super().__init__()
        self._changes = changes

    def consistently(self, work: Callable[[], Result]) -> Result:
        for _ in range(_TRIES - 1):
            before = self._changes.generation
            try:
                result = work()
            except Exception:  # it may have missed a passage that is gone
                if not self._changes.swapped_since(before):
                    raise
                continue
            if not self._changes.swapped_since(before):
                return result
        return work()
