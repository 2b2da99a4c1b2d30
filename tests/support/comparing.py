"""An answerer that compares documents: sentences of each, under its name, then one sentence under no name."""

from __future__ import annotations

from collections.abc import Iterator

from qa.answering.base import Answerer, Request
from qa.types import DraftSentence, Evidence
from vectorstore.types import StoredPassage


class Comparing(Answerer):
    """Quotes the first two sentences of the best passage of each document, then the last of them all again."""

    name = "comparing"

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        best: dict[str, StoredPassage] = {}
        for candidate in request.candidates:
            best.setdefault(candidate.stored.document, candidate.stored)
        evidence: tuple[Evidence, ...] = ()
        for document, stored in sorted(best.items()):
            for sentence in stored.passage.sentences[:2]:
                evidence = (Evidence.of(stored, sentence),)
                yield DraftSentence(sentence.text, evidence, document=document.removesuffix(".txt"))
        yield DraftSentence(evidence[0].quote, evidence)
