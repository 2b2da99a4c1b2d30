"""Makes pictures of text for tests, and PDF files whose pages are such pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from tests.support.pdf_files import raw_pdf

WIDTH, HEIGHT = 1240, 900
LEFT, TOP, PITCH, SIZE = 120, 100, 60, 32


def picture(lines: Sequence[str], form: str = "PNG") -> bytes:
    """Return a picture of lines of text, 150 pixels an inch; the first begins at (LEFT, TOP)."""
    drawn = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(SIZE)
    for number, line in enumerate(lines):
        pen.text((LEFT, TOP + PITCH * number), line, "black", font)
    out = io.BytesIO()
    drawn.save(out, form, dpi=(150, 150))
    return out.getvalue()


def scan(pages: Sequence[Sequence[str]], stamp: str = "") -> bytes:
    """Return a PDF whose pages are pictures of lines.

    Args:
        stamp: text of its own on each page.
    """
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 3 * number) for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    width, height = WIDTH * 72 / 150, HEIGHT * 72 / 150
    for number, lines in enumerate(pages):
        at = first + 3 * number
        data = picture(lines, "JPEG")
        drawing = f"q {width} 0 0 {height} 0 0 cm /I Do Q BT /F 9 Tf 20 20 Td ({stamp}) Tj ET".encode()
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {at + 1} 0 R "
            f"/Resources << /XObject << /I {at + 2} 0 R >> /Font << /F 3 0 R >> >> >>".encode(),
            b"<< /Length %d >> stream\n%s\nendstream" % (len(drawing), drawing),
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
            b"/Filter /DCTDecode /Length %d >> stream\n%s\nendstream" % (WIDTH, HEIGHT, len(data), data),
        ]
    return raw_pdf(objects)
