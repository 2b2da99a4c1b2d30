"""Calls of Chroma: its errors become ours, and an embedded one that has failed is not called again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vectorstore.errors import IndexBroken, LibraryError, LibraryUnavailable

WAIT_SECONDS = 30.0
"""That a call waits for the one before it."""


class ChromaCalls:
    """Guards the calls of one client after another.

    After a write that failed, an embedded Chroma keeps a lock: the next call waits for it for ever, and keeps Python's
    own lock meanwhile, so that nothing in the process runs any more. Therefore one call is made at a time, and after
    one that failed none but ``close``. Another client is not affected.
    """

    def __init__(self, where: str, embedded: bool) -> None:
        """``where``: for people, where Chroma keeps its files, or its server is."""
        self.failed = False
        """Whether an embedded Chroma has failed; whoever makes another client takes this back."""
        self._where = where
        self._embedded = embedded
        self._lock = threading.RLock()

    @contextmanager
    def calling(self, what: str) -> Iterator[None]:
        """Turn whatever Chroma raises into a LibraryError: its own errors, httpx's, and its Rust core's panics.

        Raises:
            IndexBroken: Chroma failed, now or before.
            LibraryUnavailable: the call before this one does not end.
        """
        if not self._embedded:
            with self._translated(what):
                yield
            return
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise LibraryUnavailable(f"the dense index ({self._where}) has not answered for {WAIT_SECONDS:g} s")
        try:
            if self.failed and what != "close":
                raise IndexBroken(f"the dense index ({self._where}) has failed, and is still to be built again")
            with self._translated(what):
                yield
        finally:
            self._lock.release()

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except LibraryError:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            self.failed = self._embedded
            raise IndexBroken(
                f"the dense index ({self._where}) failed to {what}: {type(error).__name__}: {error}; "
                "start again, and it is rebuilt from the catalogue"
            ) from error
