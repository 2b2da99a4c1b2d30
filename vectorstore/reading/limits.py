"""Limits of reading: what one file may cost before it fails alone; and the passwords that may open it."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


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
class ReadOptions:
    """How files are read."""

    limits: Limits = Limits()
    password: str | None = None
    """Of files that are encrypted."""


DEFAULT = ReadOptions()
