"""What tells against the best sentence beside the fitted signals: its language, its time, a name that no passage has.

The constants were chosen on questions in libraries of both languages: over the written documents that were kept out
of training, over those of ``eval/sets``, and over XQuAD's test articles.
"""

from __future__ import annotations

from collections.abc import Sequence

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
_ELSEWHEN = 3.0
"""And where it asks of a quarter or a half of a year of which neither the passage nor its document's head speaks."""

ELSEWHERE, _ALIKE = 2.0, 0.1
"""How far sentences of other documents than the conversation's are put back for a question that leans on it; and by
how much less of its last round's words the best passage of such a document has. The reader doesn't know the
conversation: to "how long was it shut?" whatever was shut is an answer."""


def elsewhere(topics: Floats, documents: Sequence[str]) -> NDArray[np.bool_]:
    """Return which sentences are of other documents than those that the conversation's last round is about.

    Args:
        topics: share of that round's words in each sentence's passage, shape (sentences,).
        documents: of each sentence.
    """
    most: dict[str, float] = {}
    for document, share in zip(documents, topics.tolist(), strict=True):
        most[document] = max(share, most.get(document, 0.0))
    least = max(most.values(), default=0.0) - _ALIKE
    return np.array([most[document] < least for document in documents], dtype=np.bool_)


def put_back(scores: Floats, away: NDArray[np.bool_]) -> Floats:
    """Return ``scores``, those in the other language lower, where there are sentences in both.

    Args:
        away: which sentences are in another language than the question, shape (sentences,).
    """
    return scores - OWN_FIRST * away if away.any() and not away.all() else scores


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
        elsewhen: whether it asks of a part of a year, and the sentence and its document are of another.
    """
    best, own = int(np.argmax(scores)), scores[~away & read]
    found = _UNHEARD * unheard + _ELSEWHEN * elsewhen
    if away[best] and len(own):
        found += max(0.0, _APART - float(scores[best] - own.max())) * _SLOPE + _UNMET - _MET * float(covers[best])
    return found
