"""The process that reads one file, as ``python -m vectorstore.reading.jail.child``: limits first, then the parser.

It takes the file from standard input and writes what it read, or the image of a page, to standard output. It opens no
file for writing, no connection, and starts no process.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable

from vectorstore.errors import SourceError, UnreadableSource
from vectorstore.reading.base import Source
from vectorstore.reading.jail.wire import Drawing, dump_reply, load_request
from vectorstore.reading.limits import MEGABYTE, Limits

_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn",
    "os.fork", "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Read the file on standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the answer
    source, drawing = load_request(sys.stdin.buffer.read())
    limits = source.options.limits
    _limit(limits)
    work = _drawing(drawing) if drawing else _reading()
    sys.addaudithook(_refuse)
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
    from vectorstore.reading.registry import reader_of, refuse_unknown

    def read(source: Source) -> bytes:
        errors: list[SourceError] = []
        refuse_unknown(source.data, source.where)
        documents = reader_of(source.where, source.data).read(source, errors.append)
        return dump_reply(documents, errors)

    return read


def _drawing(drawing: Drawing) -> Callable[[Source], bytes]:
    """Return what draws a page of a file."""
    from vectorstore.reading.pdf.drawing import draw

    return lambda source: draw(source, drawing.page, drawing.width)


def needs_memory(where: str, limits: Limits) -> str:
    """Return what people are told of a file that takes too much memory."""
    return f"{where} takes more memory to read than the limit of {limits.memory_mb} MB (QA_READ_MEMORY_MB)"


def _limit(limits: Limits) -> None:
    wanted = (
        (resource.RLIMIT_AS, limits.memory_mb * MEGABYTE),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, size in wanted:
        try:
            resource.setrlimit(what, (size, size + 1 if what == resource.RLIMIT_CPU else size))
        except (ValueError, OSError):  # a limit that this system doesn't have, or a lower one that is set already
            continue


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"reading a file does not need {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        raise PermissionError(f"reading a file does not write to {arguments[0]!r}")


if __name__ == "__main__":
    main()
