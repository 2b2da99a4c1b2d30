"""What tells against the best sentence beside the fitted signals: its language, and a name that no passage has.

The constants were chosen on questions in libraries of both languages: over the written documents that were kept out
of training, over those of ``eval/sets``, and over XQuAD's test articles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qa.ranking.base import Floats

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


def put_back(scores: Floats, away: NDArray[np.bool_]) -> Floats:
    """Return ``scores``, those in the other language lower, where there are sentences in both.

    Args:
        away: which sentences are in another language than the question, shape (sentences,).
    """
    return scores - OWN_FIRST * away if away.any() and not away.all() else scores


def doubt(scores: Floats, covers: Floats, away: NDArray[np.bool_], read: NDArray[np.bool_], unheard: bool) -> float:
    """Return by how much the log-odds that the best sentence answers are to be lowered.

    Args:
        scores: as ``put_back`` returns them, shape (sentences,).
        covers: share of the question's words that each sentence has.
        read: which sentences the reader has read.
        unheard: whether the question has a name in pinyin that no passage has.
    """
    best, own = int(np.argmax(scores)), scores[~away & read]
    found = _UNHEARD * unheard
    if away[best] and len(own):
        found += max(0.0, _APART - float(scores[best] - own.max())) * _SLOPE + _UNMET - _MET * float(covers[best])
    return found
