"""Makes small PDF files for tests: text at given places, lines, rotated pages, labels, encryption."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"
WIDTHS = 500
"""Width of each Latin character, in thousandths of its size; Chinese ones have 1000."""


@dataclass
class Page:
    """A page in the making: (0, 0) is its lower left corner, before it is rotated."""

    width: float = 595
    height: float = 842
    rotate: int = 0
    commands: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 10, bold: bool = False, up: bool = False) -> Page:
        """Write a line; ``y`` is that of its base line. ``up`` turns it to the left, as suits a page rotated by 90."""
        latin = all(character < "\x7f" for character in text)
        font = ("F2" if bold else "F1") if latin else ("F4" if bold else "F3")
        shown = text.encode("latin-1").hex() if latin else "".join(f"{ord(c):04x}" for c in text)
        turned = "0 1 -1 0" if up else "1 0 0 1"
        self.commands.append(f"BT /{font} {size} Tf {turned} {x} {y} Tm <{shown}> Tj ET")
        return self

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = 10, pitch: float = 12) -> Page:
        """Write lines one below the other."""
        for number, text in enumerate(texts):
            self.text(x, y - number * pitch, text, size)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> Page:
        """Draw a line."""
        self.commands.append(f"{x0} {y0} m {x1} {y1} l S")
        return self

    def grid(self, xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]]) -> Page:
        """Draw a table with a line around each cell; ``ys`` fall."""
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for row, y in zip(rows, ys[1:], strict=True):
            for text, x in zip(row, xs, strict=False):
                if text:
                    self.text(x + 3, y + 4, text, 9)
        return self


def pdf(pages: Sequence[Page], labels: str = "", password: str | None = None) -> bytes:
    """Return a file of pages.

    Args:
        labels: the array of a PDF's page labels, such as ``0 << /S /r >> 2 << /S /D >>``.
        password: needed to open it.
    """
    return _Writer(password).file(pages, labels)


def raw_pdf(objects: Sequence[bytes]) -> bytes:
    """Return a file of objects as they are; the first is its root."""
    writer = _Writer(None)
    writer.objects = list(objects)
    return writer.finished()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a compressed stream as an object."""
    packed = zlib.compress(data, 9)
    return b"<< /Filter /FlateDecode /Length %d %s >> stream\n%s\nendstream" % (len(packed), entries, packed)


class _Writer:
    """Puts a file together."""

    def __init__(self, password: str | None) -> None:
        self.objects: list[bytes] = []
        self._key: bytes | None = None
        self._encryption = b""
        if password is not None:
            owner = _rc4(hashlib.md5(_padded(password)).digest()[:5], _padded(password))
            seed = _padded(password) + owner + (0xFFFFFFFC).to_bytes(4, "little") + _ID
            self._key = hashlib.md5(seed).digest()[:5]
            user = _rc4(self._key, _PADDING)
            self._encryption = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
                owner.hex().encode(), user.hex().encode(),
            )  # fmt: skip

    def file(self, pages: Sequence[Page], labels: str) -> bytes:
        first = 10
        kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
        numbers = f"/PageLabels << /Nums [ {labels} ] >>" if labels else ""
        self._add(f"<< /Type /Catalog /Pages 2 0 R {numbers} >>")
        self._add(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>")
        widths = " ".join([str(WIDTHS)] * 95)
        for name in ("Helvetica", "Helvetica-Bold"):
            weight = 700 if name.endswith("Bold") else 400
            descriptor = (
                f"<< /Type /FontDescriptor /FontName /{name} /Flags 32 /StemV {weight // 5} /FontWeight {weight} >>"
            )
            self._add(
                f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /FirstChar 32 /LastChar 126 /Widths [{widths}] "
                f"/Encoding /WinAnsiEncoding /FontDescriptor {descriptor} >>"
            )
        for name, number in (("Sun", 5), ("Sun-Bold", 7)):
            self._add(
                f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
                f"/DescendantFonts [{number + 1} 0 R] /ToUnicode 9 0 R >>"
            )
            self._add(
                f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) "
                "/Ordering (Identity) /Supplement 0 >> /DW 1000 "
                f"/FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags 4 /Ascent 880 "
                "/Descent -120 /FontBBox [0 -120 1000 880] >> >>"
            )
        unicode = (
            "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange "
            + "".join(f"1 beginbfrange <{high:02x}00> <{high:02x}ff> <{high:02x}00> endbfrange " for high in range(256))
            + "endcmap end"
        )
        self._add_stream(unicode.encode())
        for number, page in enumerate(pages):
            self._add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] /Rotate {page.rotate} "
                f"/Contents {first + 2 * number + 1} 0 R "
                "/Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R /F4 7 0 R >> >> >>"
            )
            self._add_stream("\n".join(page.commands).encode())
        return self.finished()

    def _add(self, content: str) -> None:
        self.objects.append(content.encode("latin-1"))

    def _add_stream(self, data: bytes) -> None:
        packed = zlib.compress(data)
        if self._key is not None:
            number = (len(self.objects) + 1).to_bytes(3, "little") + b"\0\0"
            packed = _rc4(hashlib.md5(self._key + number).digest()[:10], packed)
        self.objects.append(b"<< /Filter /FlateDecode /Length %d >> stream\n%s\nendstream" % (len(packed), packed))

    def finished(self) -> bytes:
        if self._encryption:
            self.objects.append(self._encryption)
        out, places = b"%PDF-1.6\n", []
        for number, content in enumerate(self.objects, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        encrypted = b"/Encrypt %d 0 R " % len(self.objects) if self._encryption else b""
        head = b"/Size %d /Root 1 0 R %s/ID [<%s> <%s>]" % (
            len(places) + 1,
            encrypted,
            _ID.hex().encode(),
            _ID.hex().encode(),
        )
        return out + b"trailer << %s >>\nstartxref\n%d\n%%%%EOF" % (head, start)


def _padded(password: str) -> bytes:
    return (password.encode("latin-1") + _PADDING)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)
