"""What the reader reads: a question or a claim, and a passage, as tokens, cut so that each sentence's are known.

Training and answering build their input here. A question asks which sentences of the passage answer it; a claim asks
whether its one piece of evidence says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Encode = Callable[[str], list[int]]
"""Text to tokens, without special ones."""

MAX_TOKENS = 320
"""Of an input; none was longer in training."""
MAX_QUESTION, MAX_TITLE = 80, 60
MAX_CLAIM = 120
FIRST, LAST = 0, 2
"""<s> and </s>."""


def question_text(question: str, previous: str = "") -> str:
    """Return what stands between <s> and </s></s>."""
    return f"query: {previous} / {question}" if previous else f"query: {question}"


def claim_text(claim: str) -> str:
    """Return what stands between <s> and </s></s> when a claim is judged."""
    return f"claim: {claim}"


def title_text(title: str, section: str) -> str:
    """Return what stands before a passage's sentences; empty when there is neither title nor section."""
    above = f"{title} 【{section}】" if section else title
    return f"{above}:" if above else ""


@dataclass(frozen=True, slots=True)
class EncodedPassage:
    """A question and a passage as tokens."""

    tokens: list[int]
    bounds: list[tuple[int, int]]
    """Of each sentence that was kept, in ``tokens``."""
    kept: range
    """The sentences that were kept."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A question and a passage as tokens, before it is decided which sentences are kept."""

    head: list[int]
    """<s>, the question, </s></s>, and title and section."""
    sentences: list[list[int]]

    @property
    def room(self) -> int:
        """How many tokens of sentences there is room for."""
        return MAX_TOKENS - len(self.head) - 1

    def fit(self, room: int) -> bool:
        """Whether all sentences have at most ``room`` tokens."""
        return sum(map(len, self.sentences)) <= room

    def joined(self, wanted: int, room: int) -> EncodedPassage:
        """Return the input, of whole sentences around the one at ``wanted`` if not all fit.

        Args:
            room: tokens that all sentences may have, above 0; ``wanted`` alone is cut when it has more.
        """
        kept, pieces = range(len(self.sentences)), list(self.sentences)
        if not self.fit(room):
            kept = _around(wanted, [len(piece) for piece in pieces], room)
            pieces[wanted] = pieces[wanted][:room]
        tokens, bounds = list(self.head), []
        for at in kept:
            bounds.append((len(tokens), len(tokens) + len(pieces[at])))
            tokens += pieces[at]
        return EncodedPassage([*tokens, LAST], bounds, kept)


def cut(encode: Encode, question: str, previous: str, title: str, section: str, sentences: Sequence[str]) -> Pieces:
    """Return a question and a passage as tokens.

    Args:
        previous: the question before, where this one leans on it; left out if both together are too long.
    """
    asked = encode(question_text(question, previous))
    if len(asked) > MAX_QUESTION:
        asked = encode(question_text(question))[:MAX_QUESTION]
    return _pieces(encode, asked, title, section, sentences)


def cut_claim(encode: Encode, claim: str, title: str, section: str, evidence: str) -> Pieces:
    """Return a claim and the evidence for it as tokens; a claim that is too long loses its end."""
    return _pieces(encode, encode(claim_text(claim))[:MAX_CLAIM], title, section, [evidence])


def _pieces(encode: Encode, asked: Sequence[int], title: str, section: str, sentences: Sequence[str]) -> Pieces:
    head = [FIRST, *asked, LAST, LAST]
    above = title_text(title, section)
    head += encode(above)[:MAX_TITLE] if above else []
    return Pieces(head, [encode(sentence) for sentence in sentences])


def _around(wanted: int, lengths: Sequence[int], room: int) -> range:
    """Return the widest stretch around ``wanted`` that fits, growing to the right before it grows to the left."""
    first, last, used = wanted, wanted, lengths[wanted]
    while True:
        if last + 1 < len(lengths) and used + lengths[last + 1] <= room:
            last += 1
            used += lengths[last]
        elif first > 0 and used + lengths[first - 1] <= room:
            first -= 1
            used += lengths[first]
        else:
            return range(first, last + 1)
