"""Sets sentences on the pages of a PDF, in one column or two, so that what is read from them can be compared."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

WIDTH, HEIGHT = 595, 842
"""A4, in points."""
_MARGIN, _GUTTER, _SIZE, _PITCH = 54, 22, 9.0, 11.5
_LINES = 58
_ADVANCE = 0.6  # of Courier's characters, as a share of their size
_HEADING, _PARAGRAPH = 7, 4
"""Paragraphs under a heading, and sentences of a paragraph."""

Line = tuple[float, float, float, bool, str]
"""x, y, size, bold, text; from the lower left corner."""


def typeset(sentences: Sequence[str], columns: int, pages: int | None = None) -> tuple[bytes, list[str]]:
    """Return a PDF, and the sentences that stand on it in their order.

    Paragraphs have headings between them; pages a running head, a number, and columns of equal height. Sentences end
    where the column does, or go on in the next one.

    Args:
        sentences: without line ends, of ASCII characters alone.
        pages: as many are filled, with the sentences again from the start where need be; None sets each once.
    """
    width = (WIDTH - 2 * _MARGIN - (columns - 1) * _GUTTER) / columns
    on_a_page = columns * _LINES
    paragraphs = _parts(sentences, _PARAGRAPH)
    lines: list[tuple[bool, str]] = []
    used: list[str] = []
    number = 0
    while number < len(paragraphs) if pages is None else len(lines) < pages * on_a_page:
        if number % _HEADING == 0:
            lines += [(False, ""), (True, f"Section {number // _HEADING + 1} of this report"), (False, "")]
        paragraph = paragraphs[number % len(paragraphs)]
        wrapped = textwrap.wrap(" ".join(paragraph), int(width / (_SIZE * _ADVANCE)))
        lines += [(False, text) for text in wrapped] + [(False, "")]
        used += paragraph
        number += 1
    filled = _parts(lines, on_a_page)[:pages]
    return _file([_page(part, width, at) for at, part in enumerate(filled, start=1)]), used


def _parts(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def _page(lines: Sequence[tuple[bool, str]], width: float, number: int) -> Iterator[Line]:
    yield _MARGIN, HEIGHT - 36, 8.0, False, "Annual review of the valley"
    yield WIDTH / 2, 30, 8.0, False, str(number)
    for column, part in enumerate(_parts(lines, _LINES)):
        for row, (bold, text) in enumerate(part):
            if text:
                x = _MARGIN + column * (width + _GUTTER)
                yield x, HEIGHT - 66 - row * _PITCH, _SIZE + 2 * bold, bold, text


def _file(pages: Sequence[Iterator[Line]]) -> bytes:
    fonts = [f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>".encode() for name in ("Courier", "Courier-Bold")]
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        *fonts,
    ]
    for at, page in enumerate(pages):
        shown = "\n".join(
            f"BT /F{1 + bold} {size} Tf {x:.1f} {y:.1f} Td <{text.encode('ascii').hex()}> Tj ET"
            for x, y, size, bold, text in page
        )
        packed = zlib.compress(shown.encode())
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {6 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Filter /FlateDecode /Length %d >> stream\n%s\nendstream" % (len(packed), packed))
    out, places = b"%PDF-1.6\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start)
