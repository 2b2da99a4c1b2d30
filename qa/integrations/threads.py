"""Runs the pipeline for asynchronous callers: in a few threads of its own, which a caller that leaves sets free."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from qa.llm.cancellation import use_flag

THREADS = 4
"""Questions at once, whatever the number of callers: they compute, so more of them would only wait for each other."""
Value = TypeVar("Value")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="report-qa")


async def in_thread(work: Callable[[], Value]) -> Value:
    """Return ``work()``; a caller that is cancelled cancels the work at its next step."""
    context, flag = contextvars.copy_context(), threading.Event()
    context.run(use_flag, flag)
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool(), context.run, work)
    except asyncio.CancelledError:
        flag.set()
        raise


async def stream_in_thread(work: Callable[[], Iterator[Value]]) -> AsyncGenerator[Value]:
    """Yield what ``work()`` yields, as it comes; close the generator to cancel the work at its next step."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Value | None] = asyncio.Queue()
    flag = threading.Event()

    def put(value: Value | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, value)

    def run() -> None:
        try:
            for value in work():
                if flag.is_set():
                    return
                put(value)
        finally:
            put(None)

    context = contextvars.copy_context()
    context.run(use_flag, flag)
    done = loop.run_in_executor(_pool(), context.run, run)
    try:
        while (value := await queue.get()) is not None:
            yield value
        await done
    finally:
        flag.set()
        done.add_done_callback(lambda future: future.cancelled() or future.exception())  # nobody waits for it
