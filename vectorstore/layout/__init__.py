"""Layout repair: from a raw text to its blocks in reading order. ``repair`` is its one entry point."""

from vectorstore.layout.repair import repair

__all__ = ["repair"]
