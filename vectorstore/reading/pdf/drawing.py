"""Draws a page of a PDF as an image (PNG), through PDFium."""

from __future__ import annotations

import math
import struct
import zlib

import pypdfium2 as pdfium

from vectorstore.errors import UnknownPage, UnreadableSource
from vectorstore.reading.base import Source
from vectorstore.reading.pdf.document import opened

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
"""Kinds of pixels, as PNG counts them."""
_LEVEL = 6


def draw(source: Source, page: int, width: int) -> bytes:
    """Return a page as it is shown, after rotation, with its annotations and the fields of its form.

    Args:
        page: counted from 1.
        width: of the image, in pixels; less where it would have more than ``draw_megapixels``.

    Raises:
        UnknownPage: there is no such page.
        UnreadableSource: it can't be drawn.
    """
    document = opened(source)
    try:
        if page > len(document):
            raise UnknownPage(f"{source.where} has {len(document)} pages, and no page {page}")
        document.init_forms()
        shown = document[page - 1]
        bitmap = shown.render(scale=_scale(shown.get_size(), width, source), rev_byteorder=True)
        return png(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
    except pdfium.PdfiumError as error:
        raise UnreadableSource(f"page {page} of {source.where} can't be drawn ({error})") from error
    finally:
        document.close()


def _scale(size: tuple[float, float], width: int, source: Source) -> float:
    """Return pixels for each point."""
    across, down = max(size[0], 1.0), max(size[1], 1.0)
    most = source.options.limits.draw_megapixels * 1_000_000
    return min(width / across, math.sqrt(most / (across * down)))


def png(width: int, height: int, stride: int, pixels: bytes) -> bytes:
    """Return an image file of pixels of three bytes (red, green, blue), in rows of ``stride`` bytes."""
    rows = [pixels[at : at + 3 * width] for at in range(0, stride * height, stride)]
    grey = all(row[::3] == row[1::3] == row[2::3] for row in rows)
    data = b"".join(b"\0" + (row[::3] if grey else row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, _GREY if grey else _RGB, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(data, _LEVEL)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
