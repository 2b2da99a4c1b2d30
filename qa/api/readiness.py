"""Readiness: whether a question can be answered now, found out by searching the library."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from qa.errors import NotReady
from vectorstore.errors import VectorStoreError

if TYPE_CHECKING:
    from vectorstore.library import Library

log = logging.getLogger("qa.api")

CHECK_SECONDS = 2.0
"""Time that the library gets to answer."""


class Held(NamedTuple):
    """What a library holds."""

    documents: int
    passages: int


class Readiness:
    """Checks a library, in a thread of its own: the shared ones may all be waiting for it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._check: asyncio.Future[Held] | None = None

    async def held(self, library: Library) -> Held:
        """Return what the library holds, once it has been searched.

        Raises:
            NotReady: it can't be searched, or doesn't answer in time.
        """
        if self._check is None:
            self._check = asyncio.get_running_loop().run_in_executor(self._thread, _searched, library)
        check = self._check
        done, _ = await asyncio.wait({check}, timeout=CHECK_SECONDS)
        if not done:
            raise NotReady("the library does not answer: something holds its database, or its indexes are being built")
        if self._check is check:
            self._check = None
        try:
            return check.result()
        except VectorStoreError as error:
            log.warning("not ready: %s", error)
            raise NotReady("the library can't be searched; the log says why") from error

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _searched(library: Library) -> Held:
    library.check()
    return Held(library.directory.count(), library.directory.passages)
