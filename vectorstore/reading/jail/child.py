"""The process that reads one file, as ``python -m vectorstore.reading.jail.child``: limits first, then the parser.

It takes the file from standard input and writes what it read, or the image of a page, to standard output. It opens no
file for writing, no connection, and starts no process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from vectorstore.errors import SourceError, UnreadableSource
from vectorstore.reading.base import Source
from vectorstore.reading.jail.confinement import confine, limit
from vectorstore.reading.jail.wire import Drawing, dump_reply, load_request
from vectorstore.reading.limits import MEGABYTE, Limits


def main() -> None:
    """Read the file on standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the answer
    source, drawing = load_request(sys.stdin.buffer.read())
    limits = source.options.limits
    limit(limits.memory_mb * MEGABYTE, limits.cpu_seconds)
    work = _drawing(drawing) if drawing else _reading()
    confine()
    try:
        reply = work(source)
    except SourceError as error:
        reply = dump_reply([], [], error)
    except MemoryError:
        reply = dump_reply([], [], UnreadableSource(needs_memory(source.where, limits)))
    except RecursionError:
        reply = dump_reply([], [], UnreadableSource(f"{source.where} is nested too deeply to be read; save it again"))
    except Exception as error:  # a parser may fail in any way: it is the file that can't be read
        reason = f"{source.where} can't be read ({type(error).__name__}: {error}); save it again, or export it as .txt"
        reply = dump_reply([], [], UnreadableSource(reason))
    with out:
        out.write(reply)


def _reading() -> Callable[[Source], bytes]:
    """Return what reads a file; its modules are loaded already, before writing is refused."""
    from vectorstore.reading.registry import opened

    def read(source: Source) -> bytes:
        errors: list[SourceError] = []
        reader, source = opened(source)
        documents = reader.read(source, errors.append)
        return dump_reply(documents, errors)

    return read


def _drawing(drawing: Drawing) -> Callable[[Source], bytes]:
    """Return what draws a page of a file."""
    from vectorstore.reading.pdf.drawing import draw

    return lambda source: draw(source, drawing.page, drawing.width)


def needs_memory(where: str, limits: Limits) -> str:
    """Return what people are told of a file that takes too much memory."""
    return f"{where} takes more memory to read than the limit of {limits.memory_mb} MB (QA_READ_MEMORY_MB)"


if __name__ == "__main__":
    main()
