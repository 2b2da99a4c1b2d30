"""Has a file read by a process of its own, and says why when that exceeds its limits."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace

from vectorstore.errors import UnreadableSource
from vectorstore.reading.base import OnError, RawDocument, Source
from vectorstore.reading.jail.process import kill, started
from vectorstore.reading.jail.wire import Drawing, dump_request, load_image, load_reply
from vectorstore.reading.limits import MEGABYTE, Limits

_AT_ONCE = 65536  # bytes


def read_in_jail(source: Source, on_error: OnError) -> list[RawDocument]:
    """Return the documents in ``source``, read by another process within ``source.options.limits``.

    Args:
        on_error: called with what is wrong with one document of several.

    Raises:
        SourceError: it can't be read, or exceeds a limit; the message begins with ``source.where``.
    """
    documents, errors = load_reply(_answer(source, dump_request(source)))
    for error in errors:
        on_error(error)
    return documents


def draw_in_jail(source: Source, page: int, width: int) -> bytes:
    """Return a page of a PDF as a PNG, drawn by another process within ``source.options.limits``.

    Args:
        page: counted from 1.
        width: of the image, in pixels; smaller where that would take more pixels than the limit.

    Raises:
        UnknownPage: there is no such page.
        UnreadableSource: it can't be drawn, or exceeds a limit; the message begins with ``source.where``.
    """
    limits = source.options.limits
    seconds = {"cpu_seconds": limits.draw_seconds, "wall_seconds": limits.draw_seconds}
    source = replace(source, options=replace(source.options, limits=replace(limits, **seconds)))
    return load_image(_answer(source, dump_request(source, Drawing(page, width))))


def _answer(source: Source, request: bytes) -> bytes:
    """Return what the process answers.

    Raises:
        UnreadableSource: it exceeds a limit, or breaks.
    """
    limits = source.options.limits
    with started("vectorstore.reading.jail.child") as process:
        late = threading.Event()
        timer = threading.Timer(limits.wall_seconds, _stop, (process, late))
        timer.start()
        try:
            reply = _talk(process, request, limits.output_mb * MEGABYTE)
        finally:
            timer.cancel()
            timer.join()
        code = process.wait()
    if reply is None:
        raise UnreadableSource(
            f"{source.where} holds more text than the limit of {limits.output_mb} MB (QA_READ_OUTPUT_MB)"
        )
    if code != 0 or late.is_set():
        raise UnreadableSource(_reason(source.where, code, late.is_set(), limits))
    return reply


def _talk(process: subprocess.Popen[bytes], request: bytes, most: int) -> bytes | None:
    """Send a request and return the answer; None when that is longer than ``most``."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it died: its exit status says why
        process.stdin.write(request)
    with suppress(BrokenPipeError):
        process.stdin.close()
    parts, size = [], 0
    while part := process.stdout.read(_AT_ONCE):
        size += len(part)
        if size > most:
            kill(process)
            return None
        parts.append(part)
    return b"".join(parts)


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    kill(process)


def _reason(where: str, code: int, late: bool, limits: Limits) -> str:
    if late:
        return f"{where} takes longer to read than the limit of {limits.wall_seconds} s (QA_READ_SECONDS)"
    if code == -signal.SIGXCPU:
        return f"{where} takes more CPU time to read than the limit of {limits.cpu_seconds} s (QA_READ_CPU_SECONDS)"
    return (
        f"{where} broke the process that read it (status {code}): it is damaged, or takes more memory than the limit "
        f"of {limits.memory_mb} MB (QA_READ_MEMORY_MB)"
    )
