"""Web pages (.html): the text that the page is about, in the encoding that is true, whatever it declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vectorstore.errors import EmptySource
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, looks_like_text
from vectorstore.reading.html_text import write_html
from vectorstore.reading.markdown import MarkdownWriter

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BEGINS = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S)
_TAG = re.compile(rb"<(?:html|head|body|div|p|table|meta|h[1-6])[\s>]", re.I)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,30})", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LOOKED_AT = 4096


class HtmlReader(Reader):
    name = "HTML"
    suffixes = (".html", ".htm", ".xhtml")

    def identifies(self, data: bytes) -> bool:
        return _BEGINS.match(data.removeprefix(b"\xef\xbb\xbf")[:_LOOKED_AT]) is not None

    def recognises(self, data: bytes) -> bool:
        return looks_like_text(data) and _TAG.search(data) is not None

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document.

        Raises:
            UnreadableSource: it is not text.
            EmptySource: it says nothing.
        """
        charset = _CHARSET.search(source.data[:_LOOKED_AT])
        decoded = decode(source.data, source.where, charset[1].decode("ascii") if charset else None)
        root = parse_html(decoded.text)
        out = MarkdownWriter() if root is None else _written(root)
        if out.is_empty:
            raise EmptySource(f"{source.where} holds no text; there is nothing to index")
        return [RawDocument.of(source.name, out.text(), decoded.encoding, notes=decoded.notes)]


def _written(root: HtmlElement) -> MarkdownWriter:
    """Return what a page says, below its title: that may stand in what is left out, beside the menu."""
    first = next(root.iter("h1"), None)
    out = MarkdownWriter()
    if first is not None:
        write_html(root, out)
    if not out.has_title:
        out = MarkdownWriter()
        out.heading(1, _title(root) or ("" if first is None else first.text_content()))
        write_html(root, out)
    return out


def parse_html(text: str) -> HtmlElement | None:
    """Return the root of a page; None where there is nothing to parse."""
    from lxml import etree, html  # loaded only in the process that reads

    text = _DECLARATION.sub("", text.replace("\x00", ""))  # lxml takes no text that declares an encoding
    try:
        return html.document_fromstring(text, parser=html.HTMLParser(remove_comments=True, remove_pis=True))
    except (etree.ParserError, ValueError):
        return None


def _title(root: HtmlElement) -> str:
    """Return what the page calls itself: for others that link to it, else in the browser's title bar."""
    for meta in root.iter("meta"):
        if meta.get("property") == "og:title" and meta.get("content"):
            return str(meta.get("content"))
    title = root.find(".//title")
    return "" if title is None else title.text_content()
