"""Rewriting a follow-up into a question that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qa.types import Answerer, History


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A question that stands alone, and other wordings to search with as well."""

    question: str
    also: tuple[str, ...] = ()


class Rewriter:
    def __init__(self, library: Any, answerer: Answerer) -> None:
        self.library = library
        self.answerer = answerer

    def rewrite(self, question: str, history: History) -> Rewrite:
        earlier = [turn.content for turn in history if turn.role == "user"]
        if not earlier:
            return Rewrite(question)
        return Rewrite(question, (f"{earlier[-1]} {question}",))
