"""Changes of an embedded Chroma give way to questions: no other thread runs during one of its calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from vectorstore.indexes.portions import Portions
from vectorstore.library import Library
from vectorstore.reading import RawDocument


def calls(count: int, seconds: float) -> tuple[list[int], list[float]]:
    """Return the sizes of the calls for so many items, of which each takes so long, and the pauses between them."""
    now = [0.0]
    sizes: list[int] = []
    pauses: list[float] = []
    for portion in Portions(50, lambda: now[0], pauses.append).of(count):
        sizes.append(len(range(count)[portion]))
        now[0] += sizes[-1] * seconds
    assert sum(sizes) == count
    return sizes, pauses


def test_calls_are_short_however_long_an_item_takes() -> None:
    for seconds in (0.0, 0.0004, 0.001, 0.005):
        sizes, pauses = calls(3000, seconds)
        assert all(size * seconds <= 0.1 or size <= 50 for size in sizes[1:])
        assert max(pauses) <= 0.25
        assert len(pauses) == len(sizes) - 1
    assert max(calls(3000, 0.0)[0]) == 500
    assert calls(0, 0.001) == ([], [])
    assert calls(50, 0.001) == ([50], [])


def test_others_run_while_a_long_document_is_taken_in(open_library: Callable[..., Library], toy: Any) -> None:
    """Between any two calls another thread had its turn: in one call it waited for all."""
    sections = (f"# Street {i}\n\nThe council planted {i * 7 + 3} trees in street {i} last year." for i in range(2000))
    document = RawDocument.of("new.txt", "\n\n".join(sections))
    with open_library(embedder=toy.ToyEmbedder(384)) as library:
        library.ingest([RawDocument.of("old.txt", "The council planted 5 trees.")])
        library.settle_later()
        before_calls: list[int] = []
        add = library._dense._collection.add
        turns, over = [0], threading.Event()

        def counted(**arguments: Any) -> None:
            before_calls.append(turns[0])
            add(**arguments)

        def ask() -> None:
            while not over.wait(0.002):
                turns[0] += 1

        library._dense._collection.add = counted
        asking = threading.Thread(target=ask)
        asking.start()
        library.ingest([document])
        over.set()
        asking.join()
        assert library.document_info("new.txt").passages == 2000
    assert len(before_calls) > 3
    assert all(later > earlier for earlier, later in pairwise(before_calls))
