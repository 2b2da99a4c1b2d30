"""What goes over the pipes between the process that wants pages recognised and the one that does it.

::

    -> a line of JSON (which pages, limits, how long the file is), then the file
    <- {"page": 3, "key": "..."}       the picture of a page, by its hash
    -> read | skip                     skip where that picture has been read before
    <- {"page": 3, "found": "..."}     or "error" instead: why that page can't be read
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, TypedDict

from vectorstore.reading.base import Source
from vectorstore.reading.limits import Limits, OcrOptions, ReadOptions

READ, SKIP = b"read\n", b"skip\n"
START_SECONDS = 60
"""For loading the models, beside the time of the pages."""
LONGEST = 32 << 20
"""Bytes of an answer's line at most."""


class Answer(TypedDict, total=False):
    """What is said of a page."""

    page: int
    """Its index."""
    key: str
    found: str
    """A recognised page as it dumps."""
    error: str


def dump_request(source: Source, ocr: OcrOptions, pages: Sequence[int]) -> bytes:
    """Return the first line and the file."""
    head = {
        "name": source.name,
        "where": source.where,
        "password": source.options.password,
        "limits": asdict(source.options.limits),
        "page_seconds": ocr.page_seconds,
        "memory_mb": ocr.memory_mb,
        "pages": list(pages),
        "size": len(source.data),
    }
    return json.dumps(head).encode() + b"\n" + source.data


def load_request(stream: IO[bytes]) -> tuple[Source, list[int]]:
    """Return what ``dump_request`` made this of."""
    head = json.loads(stream.readline())
    ocr = OcrOptions(None, head["page_seconds"], head["memory_mb"])
    options = ReadOptions(Limits(**head["limits"]), head["password"], ocr)
    return Source(stream.read(head["size"]), head["name"], head["where"], options), head["pages"]


def dump_answer(answer: Answer) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def load_answer(line: bytes) -> Answer:
    """Return what is said of a page.

    Raises:
        ValueError: it is no whole answer.
    """
    found: Answer = json.loads(line)
    return found
