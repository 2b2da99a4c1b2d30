"""Images of documents' pages: drawn from the files that the library keeps, and kept on the disk within a bound."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import LibraryError, LibraryUnavailable, UnknownPage
from vectorstore.reading.base import Source
from vectorstore.reading.jail import draw_in_jail
from vectorstore.reading.limits import DEFAULT, MEGABYTE, ReadOptions

if TYPE_CHECKING:
    from vectorstore.storage.catalog import Catalog

WIDTHS = range(200, 3001)
"""Pixels that an image may be wide."""
_VERSION = "1"
"""Of the images: changes whenever that of a page would, so that no old one is used."""
_AT_ONCE = 2
"""Pages drawn at the same time; others wait."""
_SLACK = 0.8
"""Share of the bound that is left when it was exceeded and the images not used for longest were deleted."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image that can be had; ``load`` draws it unless it was drawn before."""

    tag: str
    """The same for the same image, for ever; fit for an ETag."""
    load: Callable[[], bytes]
    """Returns a PNG.

    Raises UnknownPage, UnreadableSource (it can't be drawn within the limits), LibraryUnavailable (too many are being
    drawn), LibraryBroken.
    """


class PageImages:
    """Draws pages, each once, and keeps the images in files of a folder that can be deleted at any time."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self.options = DEFAULT
        """Limits of drawing."""
        self.cache_mb = 256
        self._catalog = catalog
        self._folder = folder
        self._drawing = threading.BoundedSemaphore(_AT_ONCE)
        self._size: int | None = None
        self._counting = threading.Lock()

    def configure(self, options: ReadOptions, cache_mb: int) -> None:
        """Set the limits of drawing, and how much the images on the disk may take."""
        self.options, self.cache_mb = options, cache_mb

    def are_there(self, document_id: str) -> bool:
        """Return whether a document's pages can be drawn: its file is kept."""
        return self._catalog.original_of(document_id) is not None

    def image(self, document_id: str, name: str, page: int, width: int) -> PageImage:
        """Return the image of a page.

        Args:
            name: of the document, for messages.
            page: counted from 1.
            width: in pixels, one of ``WIDTHS``.

        Raises:
            UnknownPage: the document has no such page, or its pages can't be drawn.
        """
        original = self._catalog.original_of(document_id)
        if original is None:
            raise UnknownPage(
                f"the pages of {name!r} can't be shown as images: it is no PDF, or its file isn't kept (it is "
                "encrypted, or was taken in by an earlier version: ingest it again)"
            )
        key = f"{original.sha256}-{page}-{width}-{_VERSION}"

        def load() -> bytes:
            return self._kept(key) or self._drawn(key, original.sha256, name, page, width)

        return PageImage(key, load)

    def forget_others(self) -> None:
        """Delete the images of files that no document has any more, as far as that can be done now.

        It comes after a change that is committed already, which must not fail for it.
        """
        with suppress(OSError, LibraryError):
            images = {path: path.name.partition("-")[0] for path in self._folder.iterdir()}
            known = self._catalog.originals_held(sorted(set(images.values())))
            for path, sha256 in images.items():
                if sha256 not in known:
                    with suppress(OSError):
                        path.unlink(missing_ok=True)

    def _kept(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)  # used now: others go first
        except OSError:
            return None
        return data

    def _drawn(self, key: str, sha256: str, name: str, page: int, width: int) -> bytes:
        if not self._drawing.acquire(timeout=self.options.limits.draw_seconds):
            raise LibraryUnavailable("too many pages are being drawn; try again in a moment")
        try:
            kept = self._kept(key)  # another request may have drawn it meanwhile
            if kept is not None:
                return kept
            data = self._catalog.original_bytes(sha256)
            image = draw_in_jail(Source(data, name, name, self.options), page, width)
        finally:
            self._drawing.release()
        self._keep(key, image)
        return image

    def _keep(self, key: str, image: bytes) -> None:
        """Write an image to the disk; where that fails (a full disk), it is drawn again next time."""
        if len(image) > self.cache_mb * MEGABYTE:
            return
        path = self._path(key)
        part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                part.write_bytes(image)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            self._count(len(image))

    def _count(self, more: int) -> None:
        with self._counting:
            if self._size is None:
                self._size = sum(path.stat().st_size for path in self._folder.iterdir())
            else:
                self._size += more
            if self._size > self.cache_mb * MEGABYTE:
                self._size = self._shrink(int(self.cache_mb * MEGABYTE * _SLACK))

    def _shrink(self, most: int) -> int:
        """Delete the images that were not used for longest until ``most`` bytes are left; return what is left."""
        found = sorted(((path.stat(), path) for path in self._folder.iterdir()), key=lambda one: one[0].st_mtime_ns)
        size = sum(status.st_size for status, _ in found)
        for status, path in found:
            if size <= most:
                break
            path.unlink(missing_ok=True)
            size -= status.st_size
        return size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.png"
