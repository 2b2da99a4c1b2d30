"""Pages of a PDF as pictures, for text recognition."""

from __future__ import annotations

import numpy as np

from vectorstore.reading.base import Source
from vectorstore.reading.limits import MOST_SIDE
from vectorstore.reading.pdf.document import opened
from vectorstore.reading.pictures import Drawn

_FINEST = 300 / 72
"""Pixels of a point at most: small pages are not blown up beyond what scanners see."""


def draw(source: Source, index: int) -> Drawn:
    """Return a page as it is shown.

    Raises:
        UnreadableSource, PdfiumError: it is damaged, or encrypted and the password is missing or wrong.
    """
    document = opened(source)
    try:
        page = document[index]
        width, height = page.get_size()
        scale = min(MOST_SIDE / max(width, height), _FINEST)
        bitmap = page.render(scale=scale, may_draw_forms=False)
        pixels = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    finally:
        document.close()
    return pixels, scale, (round(width, 2), round(height, 2))
