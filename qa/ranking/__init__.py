"""Which sentence answers, and whether any does: the rankers, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.errors import RankerError

if TYPE_CHECKING:
    from qa.ranking.base import Ranker
    from vectorstore.library import Library

__all__ = ["RANKERS", "load_ranker"]


def _linear(library: Library) -> Ranker:
    from qa.ranking.linear import LinearRanker

    return LinearRanker(library)


RANKERS: dict[str, Callable[[Library], Ranker]] = {"linear": _linear}
"""Rankers that come with the package. Any other name is a sentence-transformers cross-encoder's, or a path to one."""


def load_ranker(name: str, library: Library) -> Ranker:
    """Return the ranker called ``name``: one of RANKERS, or a cross-encoder's name or local path.

    Raises:
        RankerError: there is no such ranker, it can't be loaded, or the extra sentence-transformers is missing.
    """
    if make := RANKERS.get(name):
        return make(library)
    if not name.strip():
        raise RankerError(f"QA_RANKER is empty; it must be {' or '.join(RANKERS)}, or a cross-encoder's name or path")
    from qa.ranking.cross_encoder import CrossEncoderRanker

    return CrossEncoderRanker(name, library)
