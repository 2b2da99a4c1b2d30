"""The reader of PDF files."""

from __future__ import annotations

from vectorstore.reading.base import OnError, RawDocument, Reader, Source

_MARK = b"%PDF-"
_WITHIN = 1024  # bytes before which it stands, as in other programs


class PdfReader(Reader):
    name = "PDF"
    suffixes = (".pdf",)
    keeps_original = True

    def identifies(self, data: bytes) -> bool:
        return _MARK in data[:_WITHIN]

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document; its places are its pages, with a box for each character.

        Raises:
            UnreadableSource: it is damaged, or encrypted and the password is missing or wrong.
            EmptySource: none of its pages has text that can be read.
        """
        from vectorstore.reading.pdf.document import read_document  # loads PDFium

        return [read_document(source)]
