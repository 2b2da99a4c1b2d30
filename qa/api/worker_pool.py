"""Worker pool: answers a bounded number of questions at once, and queues the rest.

Questions of one conversation run one after the other. Each question has one thread from its first event to its last,
so a client that disconnects, or a server that stops, never closes a generator while one of its steps runs. A
disconnect sets a cancellation flag instead, which is checked between events and while a language model is awaited.
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
from qa.llm.cancellation import use_flag
from qa.settings import Settings

Event = TypeVar("Event")


class Place:
    """A place of one question, from its admission to its end; the event loop's thread alone uses it.

    As a context manager it is given back at the end of the block, unless the question's work has begun by then, which
    gives it back itself.
    """

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: Callable[[], None] | None = release

    def take(self) -> Callable[[], None]:
        """Return what gives it back, for the work that begins now.

        Raises:
            Busy: it was given back, or taken, before.
        """
        if self._release is None:
            raise Busy("this question has lost its place; ask again")
        release, self._release = self._release, None
        return release

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self._release is not None:
            self.take()()


class WorkerPool:
    """Runs questions in threads, for one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._pool = ThreadPoolExecutor(settings.questions_at_once, thread_name_prefix="question")
        self._capacity = settings.questions_at_once + settings.questions_waiting
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._stopped = asyncio.Event()
        self.pending = 0
        """Questions that run, are queued, or have been admitted."""

    def admit(self) -> Place:
        """Return a place for a question: from now on it counts, so that no more are admitted than there are places.

        Raises:
            Busy: all are taken.
        """
        if self.pending >= self._capacity:
            raise Busy(f"{self.pending} questions are being answered or wait; try again in a moment")
        self.pending += 1
        return Place(self._release)

    def _release(self) -> None:
        self.pending -= 1

    async def stream(
        self, work: Callable[[], Iterator[Event]], place: Place, conversation_id: str | None = None
    ) -> AsyncGenerator[Event]:
        """Yield the events of ``work()``, which runs in a thread of its own; raise what it raises.

        Close the iterator to cancel the work before its next event.

        Args:
            place: what ``admit`` returned; it is taken with the first event.

        Raises:
            NotReady: the pool was stopped before the last event.
        """
        events = self._stream(work, place, conversation_id)
        stopped = asyncio.ensure_future(self._stopped.wait())
        step: asyncio.Future[Event] | None = None
        try:
            while True:
                step = asyncio.ensure_future(anext(events))
                await asyncio.wait({step, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done():
                    raise NotReady("the service is stopping; ask again in a moment")
                try:
                    event = step.result()
                except StopAsyncIteration:
                    return
                yield event
        finally:
            stopped.cancel()
            if step is not None and not step.done():
                step.cancel()  # ends ``events`` too
            else:
                await events.aclose()

    async def _stream(
        self, work: Callable[[], Iterator[Event]], place: Place, conversation_id: str | None
    ) -> AsyncGenerator[Event]:
        give_back = place.take()
        lock = self._lock(conversation_id)
        try:
            await lock.acquire()
        except BaseException:
            give_back()
            raise
        run = _Run(work, asyncio.get_running_loop())

        def release() -> None:
            give_back()
            lock.release()

        # The thread gets the request's context: its log lines and spans belong to that request.
        context = contextvars.copy_context()
        context.run(use_flag, run.cancelled)
        future = self._pool.submit(context.run, run.work)
        future.add_done_callback(lambda future: run.finish(future, release))
        try:
            while (event := await run.next()) is not None:
                yield event
        finally:
            run.cancelled.set()
            future.cancel()

    def _lock(self, conversation_id: str | None) -> asyncio.Lock:
        if conversation_id is None:
            return asyncio.Lock()
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock

    def stop(self) -> None:
        """End all questions with NotReady, whether they run or are queued; in the event loop's thread."""
        self._stopped.set()

    def close(self) -> None:
        """Wait for the questions that run; drop those that are queued."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class _Run(Generic[Event]):
    """One question: its thread puts events into a queue of the event loop."""

    def __init__(self, work: Callable[[], Iterator[Event]], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self._queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        self.cancelled = threading.Event()

    def work(self) -> None:
        """Run in a thread of the pool, which keeps what this raises for ``finish``."""
        events = self._work()
        try:
            for event in events:
                self._call(self._queue.put_nowait, event)
                if self.cancelled.is_set():
                    return
        finally:
            if isinstance(events, Generator):
                events.close()

    def finish(self, future: Future[None], release: Callable[[], None]) -> None:
        """Tell the event loop, from any thread, that this question has ended."""
        error = NotReady("the service is stopping") if future.cancelled() else future.exception()
        self._call(release)
        self._call(self._queue.put_nowait, error)

    async def next(self) -> Event | None:
        """Return the next event, None after the last; raise what the work raised."""
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _call(self, function: Callable[..., None], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
            self._loop.call_soon_threadsafe(function, *values)
