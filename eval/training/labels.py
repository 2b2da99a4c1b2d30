"""Which sentences answer a question of a question set: those that hold its evidence, and what it must contain."""

from __future__ import annotations

from typing import Any

from vectorstore.text.words import normalise
from vectorstore.types import Sentence, StoredPassage

SINGLE = frozenset(("single_fact", "fact", "layout_break", "english", "follow_up"))
"""Types of questions whose answer must stand in the sentence itself."""


def _norm(text: str) -> str:
    return "".join(normalise(text).split())


def answers(question: dict[str, Any], stored: StoredPassage, sentence: Sentence, raw: dict[str, str]) -> bool:
    """Whether a sentence holds the question's evidence and, for a single fact, the answer itself."""
    wanted = [alternative for group in question.get("must_contain") or [] for alternative in group]
    if not question.get("evidence"):
        return bool(wanted) and all(
            any(_norm(one) in _norm(sentence.text) for one in group) for group in question["must_contain"]
        )
    if not any(
        _overlaps(raw[stored.document], e["quote"], sentence)
        for e in question["evidence"]
        if e["document"] == stored.document
    ):
        return False
    return not (wanted and question["type"] in SINGLE) or any(_norm(one) in _norm(sentence.text) for one in wanted)


def _overlaps(raw: str, quote: str, sentence: Sentence) -> bool:
    """Whether half of the shorter of quote and sentence is common to both."""
    at = raw.find(quote)
    while at >= 0:
        common = sum(max(0, min(at + len(quote), end) - max(at, start)) for start, end in sentence.spans)
        if common >= 0.5 * min(len(quote), sum(end - start for start, end in sentence.spans)):
            return True
        at = raw.find(quote, at + 1)
    return False
