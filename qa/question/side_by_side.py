"""The things that a question puts side by side: where they stand in it."""

from __future__ import annotations

from typing import NamedTuple

from vectorstore.types import Span


class SideBySide(NamedTuple):
    """Where the things stand that a question puts side by side."""

    items: list[Span]
    are_names: bool
    """Whether they are names or years, and no attributes."""
