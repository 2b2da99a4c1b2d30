"""Limits of reading: what one file may cost before it fails alone; and the passwords that may open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1 << 20
MOST_SIDE = 2000
"""Pixels of a page's longer side when its text is recognised: more takes longer, and finds no more."""
OCR_INSTALL = "pip install 'report-qa[ocr]' has the text of pictures recognised"

Progress = Callable[[str, int, int], None]
"""Called with (what is done, units done, units in all)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads one file may use."""

    file_mb: int = 200
    """Size of the file itself."""
    memory_mb: int = 1500
    """Address space, of which the libraries' own code takes about 300."""
    cpu_seconds: int = 60
    wall_seconds: int = 120
    output_mb: int = 64
    """Size of what is read from it."""
    unpacked_mb: int = 400
    """Size of an archive's parts together, unpacked."""
    pages: int = 5000
    draw_seconds: int = 20
    """CPU time and wall clock of drawing one page."""
    draw_megapixels: int = 16
    """Largest image of a page: one that is very long is drawn smaller than asked."""


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How text is recognised on pages that are pictures."""

    cache: Path | None = None
    """A folder that remembers recognised pages; None for none."""
    page_seconds: int = 300
    """Time that one page may take."""
    memory_mb: int = 4000
    """Address space of the process that recognises; it uses a quarter."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read."""

    limits: Limits = Limits()
    password: str | None = None
    """Of files that are encrypted."""
    ocr: OcrOptions | None = None
    """None where pictures stay unread."""
    progress: Progress | None = None
    """Told which of a document's pages are recognised; raising ends it."""


DEFAULT = ReadOptions()
