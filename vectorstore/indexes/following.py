"""The lexical index of a library that several processes change: it follows the catalogue's log of changes.

Each process has an index of its own. Nobody writes to it but this: a change reaches it from the log, as soon as a
search needs it, and every half second while :class:`Follower` runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import LibraryError
from vectorstore.indexes.derived import Progress
from vectorstore.indexes.lexical import COMPACT_BELOW, LAYOUT, Lexical
from vectorstore.storage.catalog import Catalog

if TYPE_CHECKING:
    from vectorstore.storage.changelog import ChangeLog, News
    from vectorstore.storage.records import PassageText

log = logging.getLogger("vectorstore.indexes")

FOLLOW_SECONDS = 0.5
"""Between two looks at the log; a change must be known everywhere within two seconds."""
_RETRY_SECONDS = 5.0
_AT_ONCE = 100  # documents
_TRIES = 3


class FollowingLexical(Lexical):
    """Passages, searched by BM25; see :class:`vectorstore.indexes.lexical.Lexical`. Thread-safe."""

    def __init__(self, directory: Path, catalog: Catalog, changes: ChangeLog, forget: Callable[[], None]) -> None:
        """``forget`` is called after others' changes, to drop what is cached of the catalogue."""
        super().__init__(directory, catalog)
        self._changes = changes
        self._forget = forget
        self._following = threading.RLock()
        self._generation = -1
        self._stamp = ""
        self._dirty = False

    def open(self, progress: Progress | None = None) -> bool:
        """Open the index as this process left it and catch up with the log; build it anew where that can't be done."""
        with self._following:
            name, stamp = self._slot.held(LAYOUT) or ("", "")
            generation = self._changes.generation_of(stamp) if name else None
            if generation is not None and self._is_opened(name):
                self._generation, self._stamp, self._dirty, self._removed = generation, stamp, False, False
                if self._is_whole():
                    return False
            self._rebuild(progress)
            return True

    def _is_whole(self) -> bool:
        """Return whether the index and the catalogue agree, once no change comes between the two counts."""
        for _ in range(_TRIES):
            self.catch_up()
            if self.total == self._catalog.count():
                return True
        return False

    def _rebuild(self, progress: Progress | None = None) -> None:
        now = self._changes.since(self._generation)  # what changes while it is built is caught up with afterwards
        super()._rebuild(progress)
        self._forget()
        self._generation, self._stamp = now.generation, now.stamp
        self._note_clean()

    def _note_clean(self) -> None:
        self._slot.finish(self._name, LAYOUT, self._stamp)
        self._dirty = False

    def catch_up(self, generation: int | None = None) -> bool:
        """Take in what changed up to ``generation`` at least, or up to now; return whether anything did.

        Raises:
            LibraryError: the database or tantivy failed.
        """
        if generation is not None and self._generation >= generation:
            return False
        with self._following:
            if generation is not None and self._generation >= generation:
                return False
            news = self._changes.since(self._generation)
            if news.generation == self._generation:
                return False
            if news.documents is None:
                self._rebuild()
            else:
                self._take_in(news, news.documents)
            return True

    def _take_in(self, news: News, documents: Sequence[str]) -> None:
        """Put documents as they are now in the place of what the index holds of them."""
        if documents and not self._dirty:
            self._slot.begin()
            self._dirty = True
        for start in range(0, len(documents), _AT_ONCE):
            some = documents[start : start + _AT_ONCE]
            self._put(some, [text for id in some for text in self._catalog.texts_of(id)])
        self._forget()
        self._generation, self._stamp = news.generation, news.stamp

    def settle(self) -> None:
        """Do what can wait until nothing changes: build the index again after removals, note that it is whole.

        Raises:
            LibraryError: the database or tantivy failed.
        """
        with self._following:
            if self._removed and self._catalog.count() < COMPACT_BELOW:
                self._rebuild()
            elif self._dirty:
                self._end_writer()
                self._note_clean()

    def close(self) -> None:
        with self._following:
            if self._dirty and self._index is not None:
                self._end_writer()
                self._note_clean()
            super().close()

    # The log tells what is written here.

    def begin(self) -> None:
        """Do nothing; so do the next four."""

    def add(self, passages: Iterable[PassageText]) -> None:
        pass

    def remove(self, ids: Sequence[int]) -> None:
        pass

    def put(self, passages: Sequence[PassageText]) -> None:
        pass

    def finish(self) -> None:
        pass


class Follower:
    """A thread that keeps an index up to date until it is stopped."""

    def __init__(self, lexical: FollowingLexical) -> None:
        self._lexical = lexical
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Start the thread, once."""
        if not self._thread.is_alive() and not self._stopping.is_set():
            self._thread.start()

    def stop(self) -> None:
        """Stop it, and return once it has ended."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(FOLLOW_SECONDS):
            try:
                if not self._lexical.catch_up():
                    self._lexical.settle()
            except LibraryError as error:
                log.warning("changes of others can't be followed now: %s", error)
                self._stopping.wait(_RETRY_SECONDS)
