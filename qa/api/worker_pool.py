"""Questions at once: so many work, the others wait; those of one conversation go one after the other.

Each question has one thread from its first event to its last, so that neither a client that leaves nor a server that
stops can pull a generator from under a running step. A client's leaving sets a flag that is looked at between events,
and by what waits for a language model.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from qa.errors import Busy, NotReady
from qa.llm.cancellation import tell_by
from qa.settings import Settings

Event = TypeVar("Event")


class Desk:
    """Runs questions in threads, for one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._pool = ThreadPoolExecutor(settings.questions_at_once, thread_name_prefix="question")
        self._most = settings.questions_at_once + settings.questions_waiting
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.open = 0
        """Questions that work or wait."""

    def admit(self) -> None:
        """Raise when no further question may wait.

        Raises:
            Busy
        """
        if self.open >= self._most:
            raise Busy(f"{self.open} questions are being answered or wait; try again in a moment")

    async def events(
        self, work: Callable[[], Iterator[Event]], conversation_id: str | None = None
    ) -> AsyncGenerator[Event]:
        """Yield the events of ``work()``, which runs in a thread of its own; raise what it raises.

        Close the iterator to stop the work before its next event.
        """
        self.open += 1
        lock = self._lock(conversation_id)
        try:
            await lock.acquire()
        except BaseException:
            self.open -= 1
            raise
        run = _Run(work, asyncio.get_running_loop())

        def ended() -> None:
            self.open -= 1
            lock.release()

        # The request's context goes along: log lines and spans of the thread belong to it.
        context = contextvars.copy_context()
        context.run(tell_by, run.stop)
        future = self._pool.submit(context.run, run.work)
        future.add_done_callback(lambda future: run.finish(future, ended))
        try:
            while (event := await run.next()) is not None:
                yield event
        finally:
            run.stop.set()
            future.cancel()

    def _lock(self, conversation_id: str | None) -> asyncio.Lock:
        if conversation_id is None:
            return asyncio.Lock()
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock

    def close(self) -> None:
        """Wait for the questions at work; those that wait are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class _Run(Generic[Event]):
    """One question: its thread puts events into a queue of the event loop."""

    def __init__(self, work: Callable[[], Iterator[Event]], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self._queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        self.stop = threading.Event()

    def work(self) -> None:
        """Run in a thread of the pool, which keeps what this raises for ``finish``."""
        events = self._work()
        try:
            for event in events:
                self._call(self._queue.put_nowait, event)
                if self.stop.is_set():
                    return
        finally:
            if isinstance(events, Generator):
                events.close()

    def finish(self, future: Future[None], ended: Callable[[], None]) -> None:
        """Tell the event loop, from whichever thread, that this question is over."""
        error = NotReady("the service is stopping") if future.cancelled() else future.exception()
        self._call(ended)
        self._call(self._queue.put_nowait, error)

    async def next(self) -> Event | None:
        """Return the next event, None after the last; raise what the work raised."""
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _call(self, function: Callable[..., None], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: the server is gone
            self._loop.call_soon_threadsafe(function, *values)
