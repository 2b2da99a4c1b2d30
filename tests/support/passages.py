"""Makes passages from plain text, as retrieval returns them."""

from __future__ import annotations

from qa.answering.base import Request
from qa.question.analysis import analyse
from qa.ranking.base import Ranked
from qa.types import Candidate
from vectorstore.text.sentences import split
from vectorstore.types import BlockKind, Passage, StoredPassage


def stored(
    number: int, text: str, document: str = "甲县.txt", title: str = "甲县：强基固本", section: str = ""
) -> StoredPassage:
    """A passage that is the whole raw text of its document."""
    spans = ((0, len(text)),)
    passage = Passage(0, BlockKind.PARAGRAPH, section, text, spans, tuple(split(text, spans)))
    return StoredPassage(number, f"id-{document}", document, title, passage)


def candidate(
    number: int, text: str, document: str = "甲县.txt", title: str = "甲县：强基固本", section: str = ""
) -> Candidate:
    """The same as a candidate; the first is the best."""
    return Candidate(stored(number, text, document, title, section), 1.0 / number)


def request(question: str, *candidates: Candidate) -> Request:
    """A request about these candidates, with nothing said before."""
    return Request(analyse(question), Ranked(candidates))
