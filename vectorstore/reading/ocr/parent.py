"""Has pages recognised by a process of its own, one after the other: one that takes too long is left out alone."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec

from vectorstore.reading.base import OnError, RawDocument, Source
from vectorstore.reading.jail import read_in_jail
from vectorstore.reading.jail.process import kill, started
from vectorstore.reading.limits import OcrOptions
from vectorstore.reading.ocr.cache import PageCache
from vectorstore.reading.ocr.wire import LONGEST, READ, SKIP, START_SECONDS, Answer, dump_request, load_answer
from vectorstore.reading.recognised import RecognisedPage

_MOST_BROKEN = 3
"""Pages that may break the process, or take too long, before the rest is left out."""


def is_installed() -> bool:
    """Whether the extra ``ocr`` is."""
    return find_spec("rapidocr") is not None


def with_pictures_read(source: Source, documents: list[RawDocument], on_error: OnError) -> list[RawDocument]:
    """Return what was read of ``source``, with the text of pages that are pictures.

    Args:
        documents: as read without them. They are returned as they are where there is nothing to recognise.

    Raises:
        SourceError: neither its text nor its pictures say anything.
    """
    ocr = source.options.ocr
    if ocr is None or len(documents) != 1 or not documents[0].unread:
        return documents
    (document,) = documents
    found, failed = _recognised(source, ocr, document.unread)
    if not found and document.text:
        return [replace(document, notes=(*document.notes, *failed))]
    read = read_in_jail(replace(source, recognised=found), on_error)
    return [replace(one, notes=(*one.notes, *failed)) for one in read]


def _recognised(
    source: Source, ocr: OcrOptions, pages: Sequence[int]
) -> tuple[dict[int, RecognisedPage], tuple[str, ...]]:
    """Return the pages that were recognised by their indices, and for people, why others were not."""
    found: dict[int, RecognisedPage] = {}
    failed: list[str] = []
    cache, left, broken = PageCache(ocr.cache), list(pages), 0
    while left and broken < _MOST_BROKEN:
        with _Recogniser(source, ocr, left).opened() as recogniser:
            for index in tuple(left):
                if source.options.progress is not None:
                    source.options.progress(source.name, len(pages) - len(left), len(pages))
                page = recogniser.page(index, cache)
                left.remove(index)
                if isinstance(page, RecognisedPage):
                    found[index] = page
                    continue
                failed.append(f"the picture of page {index + 1} was not read: {page}")
                if recogniser.is_over:
                    broken += 1
                    break
    if left:
        failed.append(f"the pictures of {len(left)} more pages were not read")
    return found, tuple(failed)


class _Recogniser:
    """The process, and the talk with it."""

    def __init__(self, source: Source, ocr: OcrOptions, pages: Sequence[int]) -> None:
        self.is_over = False
        """It broke, or was stopped."""
        self._source, self._ocr, self._pages = source, ocr, pages
        self._seconds = START_SECONDS + ocr.page_seconds

    @contextmanager
    def opened(self) -> Iterator[_Recogniser]:
        """Start the process, which ends with the block."""
        with started("vectorstore.reading.ocr.child") as self._process:
            self._send(dump_request(self._source, self._ocr, self._pages))
            yield self

    def page(self, index: int, cache: PageCache) -> RecognisedPage | str:
        """Return a page as recognised, or why it isn't."""
        picture = self._answer()
        key = picture.get("key", "")
        if not key:
            return picture.get("error", "unknown")
        known = cache.get(key)
        self._send(READ if known is None else SKIP)
        if known is not None:
            return known
        answer = self._answer()
        if "found" not in answer:
            return answer.get("error", "unknown")
        page = RecognisedPage.load(answer["found"])
        cache.put(key, page)
        return page

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died: that it says nothing more shows it
            self._process.stdin.write(data)
            self._process.stdin.flush()

    def _answer(self) -> Answer:
        assert self._process.stdout is not None
        late = threading.Event()
        timer = threading.Timer(self._seconds, _stop, (self._process, late))
        timer.start()
        try:
            line = self._process.stdout.readline(LONGEST)
        finally:
            timer.cancel()
            timer.join()
        self._seconds = self._ocr.page_seconds
        if line.endswith(b"\n"):
            return load_answer(line)
        self.is_over = True
        if late.is_set():
            return {"error": f"it takes longer than the limit of {self._ocr.page_seconds} s (QA_OCR_PAGE_SECONDS)"}
        limit = f"the limit of {self._ocr.memory_mb} MB (QA_OCR_MEMORY_MB)"
        return {"error": f"it broke text recognition; it may take more memory than {limit}"}


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    kill(process)
