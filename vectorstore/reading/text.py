"""Plain text and Markdown: the file is the text. Layout repair reads the markup of both."""

from __future__ import annotations

from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, looks_like_text, refuse_bad_text


class TextReader(Reader):
    name = "plain text"
    suffixes = (".txt", ".md")
    is_parser = False

    def recognises(self, data: bytes) -> bool:
        return looks_like_text(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document.

        Raises:
            UnreadableSource: it is not text, or in an unknown encoding.
            EmptySource: nothing but white space.
        """
        decoded = decode(source.data, source.where)
        refuse_bad_text(decoded.text, source.where)
        return [RawDocument.of(source.name, decoded.text, decoded.encoding, notes=decoded.notes)]
