"""Archives and XML of Office files and books: opened in memory, within limits, without entities or network."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from vectorstore.errors import UnreadableSource
from vectorstore.reading.limits import MEGABYTE

if TYPE_CHECKING:
    from lxml.etree import _Element

    from vectorstore.reading.base import Source

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
"""The names that "Strict Open XML" gives to the same things."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError)


def names(data: bytes) -> frozenset[str]:
    """Return the names of an archive's parts; none where it is no archive, or a broken one."""
    if not data.startswith(ZIP):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except _DAMAGED:
        return frozenset()


class Archive:
    """An archive of a format whose parts are looked up by name. Nothing of it is ever written to disk."""

    def __init__(self, source: Source) -> None:
        """Open it.

        Raises:
            UnreadableSource: it is damaged, encrypted, or larger unpacked than the limit.
        """
        self._where = source.where
        self._left = source.options.limits.unpacked_mb * MEGABYTE
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.data))
        except _DAMAGED as error:
            raise UnreadableSource(f"{self._where} is a damaged archive ({error}); save it again") from error
        self.names = frozenset(self._zip.namelist())

    def sizes(self) -> list[int]:
        """Return the sizes of its parts, unpacked, as the archive gives them."""
        return [part.file_size for part in self._zip.infolist()]

    def read(self, name: str) -> bytes:
        """Return a part's bytes; empty where there is no such part.

        Raises:
            UnreadableSource: it is damaged, encrypted, or too large.
        """
        if name not in self.names or name.startswith("/") or ".." in name.split("/"):
            return b""
        try:
            with self._zip.open(name) as part:
                data = part.read(self._left + 1)
        except _DAMAGED as error:
            encrypted = isinstance(error, RuntimeError) and "password" in str(error)
            reason = "is encrypted; save it without a password" if encrypted else f"is damaged at {name!r} ({error})"
            raise UnreadableSource(f"{self._where} {reason}") from error
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableSource(f"{self._where} unpacks to more than the limit (QA_READ_UNPACKED_MB)")
        return data

    def xml(self, name: str) -> _Element | None:
        """Return a part's root element; None where there is no such part.

        Raises:
            UnreadableSource: it is no XML, has entities of its own, or as ``read``.
        """
        data = self.read(name)
        data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
        return parse_xml(data, f"{self._where}, {name}") if data else None

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the parts that a part refers to, by id: the last word of the relation's type, and the part's name."""
        folder, base = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if root is None else root.iter(f"{_RELATIONS}Relationship"):
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = relation.get("Type", "").rsplit("/", 1)[-1]
            if relation.get("TargetMode") != "External":
                found[relation.get("Id", "")] = (kind, posixpath.normpath(path))
        return found


def parse_xml(data: bytes, where: str) -> _Element:
    """Return the root element of ``data``.

    Raises:
        UnreadableSource: it is no XML, or has entities of its own, which can grow without end.
        MemoryError: there is not enough.
    """
    from lxml import etree  # loaded only in the process that reads

    if b"<!ENTITY" in data or b"<\0!\0E\0N\0T\0I\0T\0Y" in data:  # the latter in UTF-16
        raise UnreadableSource(f"{where} declares XML entities, which no document needs; save it again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise UnreadableSource(f"{where} is no valid XML ({error}); save it again") from error
    if root is None:
        raise UnreadableSource(f"{where} is no valid XML; save it again")
    return root
