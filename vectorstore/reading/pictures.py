"""Pictures (.png, .jpg, .tiff): each frame is a page, whose text has to be recognised (the extra ``ocr``)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TypeAlias

from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.places import Page
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.limits import MOST_SIDE, OCR_INSTALL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_MARKS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_DPI, _DPI_LEAST, _DPI_MOST = 150.0, 50.0, 1200.0
"""Of a picture that doesn't say, or nothing sensible; and what is sensible."""
_MOST_PIXELS = 100_000_000
_POINTS = 72.0

Drawn: TypeAlias = "tuple[NDArray[np.uint8], float, tuple[float, float]]"
"""A page's pixels, shape (height, width, 3), blue first; pixels of a point; width and height in points."""


def is_picture(data: bytes) -> bool:
    """Whether a file is a picture of a format that is read, by its first bytes."""
    return data.startswith(_MARKS)


class PictureReader(Reader):
    name = "picture"
    suffixes = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
    needs_ocr = True

    def identifies(self, data: bytes) -> bool:
        return is_picture(data)

    def recognises(self, data: bytes) -> bool:
        return is_picture(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document; before its text was recognised, an empty one that names its pages as unread.

        Raises:
            UnreadableSource: it is damaged, too large, or text recognition is not there.
            EmptySource: no text was recognised in it.
        """
        if source.options.ocr is None:
            raise UnreadableSource(f"{source.where} is a picture: {OCR_INSTALL}, or export it as text")
        if source.recognised is None:
            frames = min(_frames(source), source.options.limits.pages)
            return [RawDocument.of(source.name, "", unread=tuple(range(frames)))]
        from vectorstore.reading.pdf.compose import write_pages
        from vectorstore.reading.pdf.scans import page_text

        texts = [page_text(page) for _, page in sorted(source.recognised.items())]
        shown = [Page(str(index + 1), text.width, text.height) for index, text in enumerate(texts)]
        out, _ = write_pages(texts, [[] for _ in texts], shown)
        if out.is_empty:
            raise EmptySource(f"{source.where} is a picture in which no text was recognised; there is nothing to index")
        return [RawDocument.of(source.name, out.text(), places=out.places())]


def draw(source: Source, index: int) -> Drawn:
    """Return a frame of a picture, smaller where it is larger than is recognised.

    Raises:
        UnreadableSource: it is damaged or too large.
    """
    picture = _opened(source)
    picture.seek(index)
    dpi = picture.info.get("dpi", (_DPI, _DPI))[0]
    dpi = round(float(dpi)) if _DPI_LEAST <= float(dpi) <= _DPI_MOST else _DPI
    import numpy as np
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture)
    width, height = upright.size
    shown = _on_white(upright)
    shown.thumbnail((MOST_SIDE, MOST_SIDE))
    pixels = np.ascontiguousarray(np.asarray(shown, dtype=np.uint8)[:, :, ::-1])
    size = width / dpi * _POINTS, height / dpi * _POINTS
    return pixels, shown.size[0] / size[0], (round(size[0], 2), round(size[1], 2))


def _on_white(picture: Image) -> Image:
    """Return a picture in colours, what is transparent as white paper."""
    from PIL import Image

    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    return paper.convert("RGB")


def _frames(source: Source) -> int:
    return int(getattr(_opened(source), "n_frames", 1))


def _opened(source: Source) -> Image:
    """Return the picture, not yet decoded.

    Raises:
        UnreadableSource: it is damaged or too large.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(source.data), formats=("PNG", "JPEG", "TIFF", "MPO"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableSource(f"{source.where} is a damaged picture ({error}); save it again") from error
    if picture.size[0] * picture.size[1] > _MOST_PIXELS:
        limit = f"{_MOST_PIXELS // 1_000_000} million pixels"
        raise UnreadableSource(f"{source.where} has more than {limit}; save it smaller, or export it as PDF")
    return picture
