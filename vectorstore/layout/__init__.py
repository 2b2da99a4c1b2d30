"""Layout repair: from a raw text to its blocks in reading order. ``repair`` is all that others need."""

from vectorstore.layout.repair import repair

__all__ = ["repair"]
