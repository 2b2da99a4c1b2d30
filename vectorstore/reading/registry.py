"""The registry of formats, and the choice of a reader: by content where that tells, else by name."""

from __future__ import annotations

from pathlib import PurePath

from vectorstore.errors import UnreadableSource
from vectorstore.reading.archive import ZIP
from vectorstore.reading.base import Reader, Source
from vectorstore.reading.docx import DocxReader
from vectorstore.reading.encrypted import decrypted
from vectorstore.reading.epub import EpubReader
from vectorstore.reading.html import HtmlReader
from vectorstore.reading.jsonl import JsonLinesReader
from vectorstore.reading.mail import MailReader
from vectorstore.reading.ole import is_encrypted_package, refuse_old
from vectorstore.reading.pdf import PdfReader
from vectorstore.reading.pictures import PictureReader
from vectorstore.reading.pptx import PptxReader
from vectorstore.reading.rtf import RtfReader
from vectorstore.reading.sheets import CsvReader, SpreadsheetReader
from vectorstore.reading.text import TextReader


def reader_of(name: str, data: bytes) -> Reader:
    """Return the reader of a file called ``name``.

    The first that identifies its content is taken; else the one of its suffix, unless only others recognise the
    content. What nobody recognises goes to the suffix's reader, or to that of plain text: its error says what is wrong.
    """
    sure = next((reader for reader in READERS if reader.identifies(data)), None)
    if sure is not None:
        return sure
    suffix = PurePath(name).suffix.lower()
    named = next((reader for reader in READERS if suffix in reader.suffixes), None)
    if named is not None and named.recognises(data):
        return named
    return next((reader for reader in READERS if reader.recognises(data)), named or READERS[0])


def opened(source: Source) -> tuple[Reader, Source]:
    """Return the reader of a file, and the file: decrypted where it was encrypted.

    Raises:
        UnreadableSource: it is of a format that is known and that no reader reads, or its password is missing or wrong;
            the message says what it is and what to do.
    """
    if not is_encrypted_package(source.data):
        _refuse_unknown(source)  # first: nobody need look for the password of what isn't read anyway
    source = decrypted(source)
    _refuse_unknown(source)
    return reader_of(source.where, source.data), source


def _refuse_unknown(source: Source) -> None:
    if any(reader.identifies(source.data) for reader in READERS):
        return
    refuse_old(source.data, source.where)
    if source.data.startswith(ZIP):
        where = source.where
        raise UnreadableSource(f"{where} is an archive of no known format; export it as .docx, .xlsx, .pptx or .txt")


READERS: tuple[Reader, ...] = (
    TextReader(),
    PdfReader(),
    DocxReader(),
    RtfReader(),
    PptxReader(),
    SpreadsheetReader(),
    EpubReader(),
    HtmlReader(),
    MailReader(opened),
    PictureReader(),
    CsvReader(),
    JsonLinesReader(),
)
"""A file whose suffix no reader knows goes to the first that recognises its content."""

SUFFIXES = tuple(suffix for reader in READERS if not reader.is_collection for suffix in reader.suffixes)
"""What counts as a document inside a directory, in any case."""

OLD = (".doc", ".ppt", ".msg", ".wps")
"""What old programs save and nothing reads. In a directory they are tried too: each is named with the way out, and some
are something else, such as RTF or HTML in a ``.doc``."""

PICTURES = tuple(suffix for reader in READERS if reader.needs_ocr for suffix in reader.suffixes)
"""Those of them that do only where text is recognised."""
