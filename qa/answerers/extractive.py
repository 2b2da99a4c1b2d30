"""The extractive answerer: verbatim sentences that answer, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qa.types import DraftSentence, Evidence, Request


class ExtractiveAnswerer:
    """Answers without a language model."""

    name = "extractive"

    def __init__(self, library: Any) -> None:
        self.library = library

    def draft(self, request: Request) -> Iterator[DraftSentence]:
        vector = self.library.embedder.encode([request.question], "query")[0]
        top = request.candidates[:10]
        vectors = self.library.sentence_vectors([c.stored.id for c in top])
        best = max(
            ((float(v @ vector), c.stored, s) for c in top for s, v in zip(c.stored.passage.sentences, vectors[c.stored.id], strict=True)),
            key=lambda item: item[0],
            default=None,
        )
        if best and best[0] > 0.8:
            yield DraftSentence(best[2].text, (Evidence.of(best[1], best[2]),))
