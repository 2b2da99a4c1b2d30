"""Recognised pages by the hash of their pictures: each is recognised once, in whichever file and version it stands."""

from __future__ import annotations

import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from vectorstore.reading.recognised import RecognisedPage


class PageCache:
    """A folder of recognised pages, which may be deleted at any time; None remembers nothing.

    What can't be read or written is as if it were not there.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> RecognisedPage | None:
        """Return the page of a picture's hash."""
        if self._folder is None:
            return None
        try:
            return RecognisedPage.load(zlib.decompress(self._path(self._folder, key).read_bytes()).decode())
        except (OSError, zlib.error, ValueError, TypeError):
            return None

    def put(self, key: str, page: RecognisedPage) -> None:
        """Remember a page."""
        if self._folder is None:
            return
        with suppress(OSError):
            path = self._path(self._folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(zlib.compress(page.dump().encode(), 6))
                Path(name).replace(path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / key[:2] / key
