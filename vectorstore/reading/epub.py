"""Books (.epub): the chapters in reading order."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.reading.archive import ZIP, Archive
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode
from vectorstore.reading.html import parse_html
from vectorstore.reading.html_text import write_html
from vectorstore.reading.markdown import MarkdownWriter

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_MIMETYPE = b"application/epub+zip"


class EpubReader(Reader):
    name = "EPUB"
    suffixes = (".epub",)

    def identifies(self, data: bytes) -> bool:
        return data.startswith(ZIP) and _MIMETYPE in data[:200]

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document, with the book's title.

        Raises:
            UnreadableSource: it is damaged, protected, or larger than the limits.
            EmptySource: it holds no text.
        """
        archive, out = Archive(source), MarkdownWriter()
        package_name = _package_name(archive)
        package = archive.xml(package_name)
        if package is None:
            raise UnreadableSource(f"{source.where} is a book without a table of its parts; save it again")
        for part in _spine(package, posixpath.dirname(package_name)):
            data = archive.read(part)
            root = parse_html(decode(data, f"{source.where}, {part}").text) if data else None
            if root is not None:
                write_html(root, out, whole=True)
        if out.is_empty:
            raise EmptySource(f"{source.where} holds no text; there is nothing to index")
        return [RawDocument.of(source.name, out.text(), title=_title(package))]


def _package_name(archive: Archive) -> str:
    container = archive.xml(_CONTAINER)
    files = () if container is None else container.iter("{*}rootfile")
    return next((file.get("full-path", "") for file in files), "")


def _spine(package: _Element, folder: str) -> list[str]:
    """Return the names of the parts in reading order, without the table of contents."""
    items = {item.get("id"): item for item in package.iter("{*}item")}
    parts = [items.get(reference.get("idref")) for reference in package.iter("{*}itemref")]
    shown = [item for item in parts if item is not None and "nav" not in (item.get("properties") or "").split()]
    return [posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))) for item in shown]


def _title(package: _Element) -> str | None:
    title = next(package.iter("{http://purl.org/dc/elements/1.1/}title"), None)
    return " ".join((title.text or "").split()) or None if title is not None else None
