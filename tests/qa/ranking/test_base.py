"""What every ranker does with the parts of a question."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier

import numpy as np
import pytest

from qa.pipeline import QA
from qa.question.query import Part, Query
from qa.ranking.base import PartScores, Ranker
from vectorstore import cores
from vectorstore.library import Library
from vectorstore.types import StoredPassage

COMPARED = "白河市和青山县的大棚各有多少？"


class Meeting(Ranker):
    """Scores a part once the others are being scored too."""

    name = "meeting"

    def __init__(self, library: Library, parts: int) -> None:
        self.library = library
        self._barrier = Barrier(parts, timeout=10)

    def score(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> PartScores:
        self._barrier.wait()
        scores = np.arange(sum(len(stored.passage.sentences) for stored in passages), dtype=np.float64)
        return PartScores(scores, np.zeros_like(scores), 0.5)


def test_the_parts_of_a_question_are_scored_at_the_same_time(
    qa: QA, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "count", lambda: 2)
    query = qa.analyser.analyse(COMPARED)
    assert len(query.parts) == 2
    ranked = Meeting(library, 2).rank(query, qa.retriever.retrieve(query))
    assert [part.part for part in ranked.parts] == list(query.parts)
