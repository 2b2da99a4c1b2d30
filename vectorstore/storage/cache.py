"""An in-memory cache of the catalogue, so that a question reads little from the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from vectorstore.injection import Screened
from vectorstore.places import Places
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.types import StoredPassage

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_CACHED = 4096  # passages, and as many sets of sentence vectors (about 30 MB)

_CACHED_PLACES = 16  # documents, 8 bytes a character


class Remembered(Generic[Key, Value]):
    """A cache of values by key, such as a passage's id. It is emptied when it holds more than ``most``."""

    def __init__(self, most: int = _CACHED) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def some(self, keys: Sequence[Key], fetch: Callable[[Sequence[Key]], dict[Key, Value]]) -> dict[Key, Value]:
        """Return the values of those of ``keys`` that have one; ``fetch`` is called for those not cached."""
        with self._lock:
            known = {key: self._values[key] for key in keys if key in self._values}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        if missing:
            fetched = fetch(missing)
            known |= fetched
            with self._lock:
                if len(self._values) > self._most:
                    self._values.clear()
                self._values |= fetched
        return known


class Cache:
    """What is cached of one state of the catalogue. Each change of the catalogue replaces the whole cache.

    Readers take the cache before they read the catalogue: what they put into it is then never older than it. If the
    catalogue changes meanwhile, they fill a cache that is no longer used.
    """

    def __init__(self) -> None:
        self.stored = Remembered[int, StoredPassage]()
        """As the catalogue has them; ``passages`` has those of them that were screened."""
        self.passages = Remembered[int, Screened]()
        self.vectors = Remembered[int, tuple[Vectors, Vectors]]()
        """Of passages in context, and of their bare sentences: one row, and whoever needs one needs the other."""
        self.places = Remembered[str, Places](_CACHED_PLACES)
        self.matrices: dict[str, VectorBatch] = {}
