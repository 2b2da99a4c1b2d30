"""Reads a PDF through PDFium, which only the process that reads may load: it trusts what it parses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.places import Page
from vectorstore.reading.base import RawDocument, Source
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.pdf.characters import PageText, placing, read_page
from vectorstore.reading.pdf.compose import body_size, compose
from vectorstore.reading.pdf.page_layout import lay_out
from vectorstore.reading.pdf.rules import RuledTable, read_rules, ruled_tables
from vectorstore.reading.pdf.running import without_running

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
        texts, ruled, shown, broken = _pages(document, source.options.limits.pages)
        count = len(document)
    finally:
        document.close()
    unread = [index for index, text in enumerate(texts) if not text.words]
    without_running(texts)
    body = body_size(_sizes(texts, ruled) or _sizes(texts, [[]] * len(texts)))
    out = MarkdownWriter()
    for page in shown:
        out.add_page(page)
    compose([lay_out(text, ruled[index], index, body) for index, text in enumerate(texts)], body, out)
    if out.is_empty:
        raise EmptySource(
            f"{source.where} has no text on its {count} pages, only pictures (a scan); "
            "run it through text recognition first"
        )
    return RawDocument.of(source.name, out.text(), places=out.places(), notes=_notes(shown, unread, broken, count))


def _sizes(texts: Sequence[PageText], ruled: Sequence[Sequence[RuledTable]]) -> Counter[float]:
    """Count the characters of each size outside of ruled tables, whose text is mostly smaller."""
    sizes: Counter[float] = Counter()
    for text, areas in zip(texts, ruled, strict=True):
        grids = [area.region for area in areas if area.xs]
        for word in text.words:
            if not any(x0 <= word.x0 <= x1 and y0 <= word.middle <= y1 for x0, y0, x1, y1 in grids):
                sizes[word.size] += len(word.text)
    return sizes


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
) -> tuple[list[PageText], list[list[RuledTable]], list[Page], list[int]]:
    """Return the text, the ruled areas and the label of each page, and the indices of those that are broken."""
    texts: list[PageText] = []
    ruled: list[list[RuledTable]] = []
    shown: list[Page] = []
    broken: list[int] = []
    for index in range(min(most, len(document))):
        text, areas = PageText(0.0, 0.0), list[RuledTable]()
        try:
            page = document[index]
            text = read_page(page)
            if text.turn is None and text.words:
                areas = ruled_tables(read_rules(page, placing(page)))
            page.close()
        except pdfium.PdfiumError:
            broken.append(index)
        texts.append(text)
        ruled.append(areas)
        label = document.get_page_label(index) or str(index + 1)
        shown.append(Page(label, round(text.width, 2), round(text.height, 2)))
    return texts, ruled, shown, broken


def _notes(shown: Sequence[Page], unread: Sequence[int], broken: Sequence[int], count: int) -> tuple[str, ...]:
    notes = []
    if pictures := [index for index in unread if index not in broken]:
        notes.append(f"{_named(shown, pictures)} no text that can be read: empty, or a scan")
    if broken:
        notes.append(f"{_named(shown, broken)} an error, and were left out")
    if count > len(shown):
        notes.append(f"only the first {len(shown)} of {count} pages were read (QA_READ_PAGES)")
    return tuple(notes)


def _named(shown: Sequence[Page], indices: Sequence[int]) -> str:
    labels = ", ".join(shown[index].label for index in indices[:_MOST_NAMED])
    more = f" and {len(indices) - _MOST_NAMED} more" if len(indices) > _MOST_NAMED else ""
    return f"page {labels} has" if len(indices) == 1 else f"pages {labels}{more} have"
