"""Reads a PDF through PDFium, which only the process that reads may load: it trusts what it parses."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.places import Page
from vectorstore.reading.base import RawDocument, Source
from vectorstore.reading.limits import OCR_INSTALL
from vectorstore.reading.pdf.characters import PageText, placing, read_page
from vectorstore.reading.pdf.compose import write_pages
from vectorstore.reading.pdf.rules import RuledTable, read_rules, ruled_tables
from vectorstore.reading.pdf.scans import is_scan, page_text
from vectorstore.text.language import has_han

_HEADING = re.compile(r"\s*#{1,6} (.+)")
_LONGEST_TITLE = 150
"""Characters."""
_MOST_NAMED = 12
"""Pages that a note names one by one."""


def read_document(source: Source) -> RawDocument:
    """Return the document, with the place of each character.

    Raises:
        UnreadableSource: it is damaged, or encrypted and the password is missing or wrong.
        EmptySource: none of its pages has text that can be read.
    """
    document = opened(source)
    try:
        texts, ruled, shown, broken, scans = _pages(document, source.options.limits.pages)
        count = len(document)
    finally:
        document.close()
    for index, page in (source.recognised or {}).items():
        text = page_text(page)
        if text.words:
            texts[index], ruled[index] = text, []
            scans.remove(index)
    out, heads = write_pages(texts, ruled, shown)
    is_tried = source.recognised is not None or source.options.ocr is None
    if out.is_empty and (is_tried or not scans):
        way_out = OCR_INSTALL if source.options.ocr is None else "none was recognised on them either"
        raise EmptySource(f"{source.where} has no text on its {count} pages, only pictures (a scan); {way_out}")
    notes = _notes(shown, scans, broken, count)
    whole = out.text()
    return RawDocument.of(
        source.name, whole, title=_title(whole, heads), places=out.places(), notes=notes, unread=tuple(scans)
    )


def _title(text: str, heads: Sequence[str]) -> str | None:
    """Return the heading that a text begins with, below its running heads: "Acme plc: Strategic report".

    None where there is no such heading, or no running head that says more. A part of a report begins with its own
    heading, and a report's first page may name the company in one line and the year in another.
    """
    first = _HEADING.match(text)
    if first is None:
        return None
    heading = first[1].strip()
    more = [head for head in dict.fromkeys(heads) if _letters(head) not in _letters(heading)]
    said = " ".join(more)
    if not said or len(said) + len(heading) > _LONGEST_TITLE:
        return None
    return said if _letters(heading) in _letters(said) else f"{said}{'：' if has_han(said) else ': '}{heading}"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def opened(source: Source) -> pdfium.PdfDocument:
    """Return the file, opened.

    Raises:
        UnreadableSource: it is damaged, or encrypted and the password is missing or wrong.
    """
    try:
        return pdfium.PdfDocument(source.data, password=source.options.password)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            given = source.options.password is not None
            what = "and the password is wrong; give the right one" if given else "give its password"
            raise UnreadableSource(f"{source.where} is encrypted: {what} with --password") from error
        raise UnreadableSource(f"{source.where} can't be read as a PDF ({error}); save it again") from error


def _pages(
    document: pdfium.PdfDocument, most: int
) -> tuple[list[PageText], list[list[RuledTable]], list[Page], list[int], list[int]]:
    """Return the text, the ruled areas and the label of each page, and the indices of broken ones and of pictures."""
    texts: list[PageText] = []
    ruled: list[list[RuledTable]] = []
    shown: list[Page] = []
    broken: list[int] = []
    scans: list[int] = []
    for index in range(min(most, len(document))):
        text, areas = PageText(0.0, 0.0), list[RuledTable]()
        try:
            page = document[index]
            text = read_page(page)
            if text.turn is None and text.words:
                areas = ruled_tables(read_rules(page, placing(page)))
            if is_scan(page, text):
                scans.append(index)
            page.close()
        except pdfium.PdfiumError:
            broken.append(index)
        texts.append(text)
        ruled.append(areas)
        label = document.get_page_label(index) or str(index + 1)
        shown.append(Page(label, round(text.width, 2), round(text.height, 2)))
    return texts, ruled, shown, broken, scans


def _notes(shown: Sequence[Page], scans: Sequence[int], broken: Sequence[int], count: int) -> tuple[str, ...]:
    notes = []
    if scans:
        notes.append(f"{_named(shown, scans)} no text that can be read: empty, or a scan")
    if broken:
        notes.append(f"{_named(shown, broken)} an error, and were left out")
    if count > len(shown):
        notes.append(f"only the first {len(shown)} of {count} pages were read (QA_READ_PAGES)")
    return tuple(notes)


def _named(shown: Sequence[Page], indices: Sequence[int]) -> str:
    labels = ", ".join(shown[index].label for index in indices[:_MOST_NAMED])
    more = f" and {len(indices) - _MOST_NAMED} more" if len(indices) > _MOST_NAMED else ""
    return f"page {labels} has" if len(indices) == 1 else f"pages {labels}{more} have"
