"""What tells against the best sentence beside the fitted signals: its language, and a name that no passage has.

The constants were chosen on questions in libraries of both languages: over the written documents that were kept out
of training, over those of ``eval/sets``, and over XQuAD's test articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.ranking.base import Floats
from qa.text.periods import asked_periods, written_periods
from vectorstore.text.words import normalise
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

OWN_FIRST = 1.0
"""How far sentences in another language than the question's are put back beside those in its own: the reader takes
either, and of two that seem to answer, that one does more often."""
_APART, _SLOPE = 4.0, 0.5
"""The best sentence, where it is in the other language, is ahead of the best in the question's own by so much; by less,
the log-odds that it answers fall by ``_SLOPE`` for each 1. A question about what is said in neither finds as good a
sentence in both."""
_UNMET, _MET = 0.3, 1.5
"""And by ``_UNMET``, less ``_MET`` for all of the question's words that the dictionary finds in it."""
_UNHEARD = 2.0
"""And where the question has a name in pinyin that no passage has."""

_ELSEWHEN = 3.0
"""And where it asks of a quarter or a half of a year of which neither the passage nor its document's head speaks."""


def put_back(scores: Floats, away: NDArray[np.bool_]) -> Floats:
    """Return ``scores``, those in the other language lower, where there are sentences in both.

    Args:
        away: which sentences are in another language than the question, shape (sentences,).
    """
    return scores - OWN_FIRST * away if away.any() and not away.all() else scores


def is_elsewhen(question: str, stored: StoredPassage, library: Corpus) -> bool:
    """Whether ``question`` (normalised) asks of a part of a year, and the passage and its document's head of others."""
    asked = asked_periods(question)
    if not asked:
        return False
    near = normalise(f"{stored.title}\n{stored.passage.section}\n{stored.passage.text}")
    if not asked.isdisjoint(written_periods(near)):
        return False
    head = next(iter(library.passages_of(stored.document_id)), stored)
    return asked.isdisjoint(written_periods(normalise(head.passage.text)))


def doubt(
    scores: Floats,
    covers: Floats,
    away: NDArray[np.bool_],
    read: NDArray[np.bool_],
    unheard: bool = False,
    elsewhen: bool = False,
) -> float:
    """Return by how much the log-odds that the best sentence answers are to be lowered.

    Args:
        scores: as ``put_back`` returns them, shape (sentences,).
        covers: share of the question's words that each sentence has.
        read: which sentences the reader has read.
        unheard: whether the question has a name in pinyin that no passage has.
        elsewhen: see ``is_elsewhen``.
    """
    best, own = int(np.argmax(scores)), scores[~away & read]
    found = _UNHEARD * unheard + _ELSEWHEN * elsewhen
    if away[best] and len(own):
        found += max(0.0, _APART - float(scores[best] - own.max())) * _SLOPE + _UNMET - _MET * float(covers[best])
    return found
