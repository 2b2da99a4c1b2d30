"""The process that recognises text, as ``python -m vectorstore.reading.ocr.child``: limits first, then the pictures."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import IO

from vectorstore.reading.base import Source
from vectorstore.reading.jail.confinement import confine, limit
from vectorstore.reading.limits import MEGABYTE
from vectorstore.reading.ocr.wire import READ, START_SECONDS, dump_answer, load_request
from vectorstore.reading.recognised import RecognisedPage

_THREADS = 4
_KIND = 5
"""By how much this process gives way to others: questions are answered meanwhile."""


def main() -> None:
    """Recognise the pages of the file on standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the answer
    source, pages = load_request(sys.stdin.buffer)
    ocr = source.options.ocr
    assert ocr is not None
    os.nice(_KIND)
    threads = max(1, min(_THREADS, (os.cpu_count() or 1) - 1))
    limit(ocr.memory_mb * MEGABYTE, (START_SECONDS + len(pages) * ocr.page_seconds) * threads)
    with out:
        _recognise(source, pages, threads, out)


def _recognise(source: Source, pages: list[int], threads: int, out: IO[bytes]) -> None:
    """Say of each page which picture it is, and what it reads where that is asked for."""
    from vectorstore.reading.ocr.engine import Engine
    from vectorstore.reading.pictures import draw, is_picture

    if not is_picture(source.data):
        from vectorstore.reading.pdf.pictures import draw

    engine = Engine(threads)
    confine()
    for index in pages:
        try:
            picture, scale, (width, height) = draw(source, index)
            shape = f"{engine.fingerprint} {picture.shape} {scale:.6f} ".encode()
            out.write(dump_answer({"page": index, "key": hashlib.sha256(shape + picture.tobytes()).hexdigest()}))
            out.flush()
            if sys.stdin.buffer.readline() != READ:
                continue
            found = RecognisedPage(width, height, engine.lines(picture, scale))
            answer = dump_answer({"page": index, "found": found.dump()})
        except Exception as error:  # a library may fail in any way: it is this page that can't be read
            answer = dump_answer({"page": index, "error": f"{type(error).__name__}: {str(error)[:200]}"})
        out.write(answer)
        out.flush()


if __name__ == "__main__":
    main()
