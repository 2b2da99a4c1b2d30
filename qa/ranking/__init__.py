"""Which sentence answers, and whether any does: the rankers, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import RankerError

if TYPE_CHECKING:
    from qa.ranking.base import Ranker
    from vectorstore.corpus import Corpus

__all__ = ["RANKERS", "load_ranker"]


def _linear(library: Corpus, weights: Path | None, cache_dir: Path) -> Ranker:
    from qa.ranking import linear, model

    return linear.LinearRanker(library, model.load(weights) if weights else None)


def _reader(library: Corpus, weights: Path | None, cache_dir: Path) -> Ranker:
    from qa.ranking.reader.ranker import ReaderRanker
    from qa.reader.model import WEIGHTS

    return ReaderRanker.load(library, weights or WEIGHTS, cache_dir)


RANKERS: dict[str, Callable[[Corpus, Path | None, Path], Ranker]] = {"linear": _linear, "reader": _reader}
"""Rankers that come with the package: made of a library, weights (None for the package's own), and a folder that keeps
what is made of them once. Any other name is a sentence-transformers cross-encoder's, or a path to one."""


def load_ranker(name: str, library: Corpus, cache_dir: Path) -> Ranker:
    """Return the ranker called ``name``.

    Args:
        name: one of RANKERS, which the path of other weights may follow after a colon; or a cross-encoder's name or
            local path.
        cache_dir: keeps what is made once from the bundled weights; created when needed.

    Raises:
        RankerError: there is no such ranker, it can't be loaded, or the extra sentence-transformers is missing.
    """
    kind, _, weights = name.partition(":")
    if make := RANKERS.get(kind):
        return make(library, Path(weights).expanduser() if weights else None, cache_dir)
    if not name.strip():
        raise RankerError(f"QA_RANKER is empty; it must be {' or '.join(RANKERS)}, or a cross-encoder's name or path")
    from qa.ranking.cross_encoder import CrossEncoderRanker

    return CrossEncoderRanker(name, library)
