"""The bytes of the file that a document was read from, which its pages are drawn from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import UnreadableSource

PART = 256 * 1024
"""Bytes that are stored in one row: a file is never held whole by a database's driver."""


@dataclass(frozen=True, slots=True)
class Original:
    """One file's content, named by its hash; it stays in its file until it is stored."""

    sha256: str
    """Hex, over the bytes."""
    size: int
    content: bytes | Path | None = None
    """The bytes, or the file that holds them; None when the catalogue has them."""

    @classmethod
    def of(cls, data: bytes, path: Path | None = None) -> Original:
        """Return the original with these bytes; with a path, they are read from there again when they are stored."""
        return cls(hashlib.sha256(data).hexdigest(), len(data), data if path is None else path)

    def parts(self) -> Iterator[bytes]:
        """Yield the bytes, ``PART`` of them at a time; nothing where the catalogue has them.

        Raises:
            UnreadableSource: the file has changed since it was read, or can't be read any more.
        """
        if isinstance(self.content, bytes):
            for start in range(0, self.size, PART):
                yield self.content[start : start + PART]
        elif self.content is not None:
            yield from self._from_file(self.content)

    def _from_file(self, path: Path) -> Iterator[bytes]:
        found = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while part := file.read(PART):
                    found.update(part)
                    yield part
        except OSError as error:
            raise UnreadableSource(f"{path} can't be read any more ({error.strerror}); ingest it again") from error
        if found.hexdigest() != self.sha256:
            raise UnreadableSource(f"{path} changed while it was read; ingest it again")

    def check(self) -> None:
        """Read all of it once.

        Raises:
            UnreadableSource: as ``parts``.
        """
        for _ in self.parts():
            pass
