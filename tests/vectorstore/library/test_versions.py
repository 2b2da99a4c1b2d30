"""A document that changes while it is read: one version for each reader; earlier texts, kept while they are cited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vectorstore.library import Library
from vectorstore.reading import RawDocument

Open = Callable[..., Library]


def test_a_reader_sees_one_version(open_library: Open) -> None:
    library = open_library()
    library.ingest([RawDocument.of("a", "A has 1 mill.")])
    texts: list[str] = []

    def read() -> str:
        first = library.document("a").text
        if not texts:
            library.ingest([RawDocument.of("a", "A has 2 mills.")])
        texts.append(first)
        return first + library.document("a").text

    assert library.swaps.consistently(read) == "A has 2 mills." * 2
    assert texts == ["A has 1 mill.", "A has 2 mills."]


def test_what_fails_because_a_document_went_is_tried_again(open_library: Open) -> None:
    library = open_library()
    library.ingest([RawDocument.of("a", "A has 1 mill."), RawDocument.of("b", "B has 2 mills.")])
    names = ["a", "b"]

    def read() -> str:
        if names == ["a", "b"]:
            library.remove(names.pop(0))
            return library.document("a").text
        return library.document(names[0]).text

    assert library.swaps.consistently(read) == "B has 2 mills."
    with pytest.raises(ZeroDivisionError):
        library.swaps.consistently(lambda: 1 // 0)


def test_a_new_document_makes_nobody_read_again(open_library: Open) -> None:
    library = open_library()
    calls: list[int] = []

    def read() -> None:
        calls.append(1)
        library.ingest([RawDocument.of(f"a{len(calls)}", f"A has {len(calls)} mills.")])

    library.swaps.consistently(read)
    assert len(calls) == 1


def test_a_text_that_comes_back_is_the_current_version_again(open_library: Open) -> None:
    library = open_library()
    for text in ("A has 1 mill.", "A has 2 mills.", "A has 1 mill."):
        library.ingest([RawDocument.of("a", text)])
    info = library.document_info("a")
    assert library.versions.document(info.id, info.sha256) is None
    second = RawDocument.of("a", "A has 2 mills.").sha256
    earlier = library.versions.document(info.id, second)
    assert earlier is not None
    assert earlier.text == "A has 2 mills."
    assert library.versions.current([info.id, "nobody"]) == {info.id: info.sha256}
    library.remove("a")
    assert library.versions.document(info.id, second) is None
