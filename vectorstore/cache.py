"""What the library remembers of one state of the catalogue, so that a question reads little from the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from vectorstore.records import VectorBatch, Vectors
from vectorstore.types import DocumentInfo, StoredPassage

Value = TypeVar("Value")

_CACHED = 4096  # passages, and as many sets of sentence vectors (about 30 MB)


class Remembered(Generic[Value]):
    """Values by passage id, the most recent few thousand."""

    def __init__(self) -> None:
        self._values: dict[int, Value] = {}
        self._lock = threading.Lock()

    def some(self, ids: Sequence[int], fetch: Callable[[Sequence[int]], dict[int, Value]]) -> dict[int, Value]:
        """Return the values of those of ``ids`` that have one; ``fetch`` is asked for those not remembered."""
        with self._lock:
            known = {id: self._values[id] for id in ids if id in self._values}
        missing = [id for id in ids if id not in known]
        if missing:
            fetched = fetch(missing)
            known |= fetched
            with self._lock:
                if len(self._values) > _CACHED:
                    self._values.clear()
                self._values |= fetched
        return known


class Cache:
    """What is remembered of one state of the catalogue. A change puts a new one in its place.

    Whoever fetches something notes the cache first: what it reads is then as new as that cache, or newer than one that
    nobody looks at any more.
    """

    def __init__(self) -> None:
        self.documents: list[DocumentInfo] | None = None
        self.passages = Remembered[StoredPassage]()
        self.sentence_vectors = Remembered[Vectors]()
        self.passage_vectors = Remembered[Vectors]()
        self.matrices: dict[str, VectorBatch] = {}
