"""Text recognition (the extra ``ocr``): pages that are pictures are read by a process of its own, page by page."""

from vectorstore.reading.ocr.parent import is_installed, with_pictures_read

__all__ = ["is_installed", "with_pictures_read"]
