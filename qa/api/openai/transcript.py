"""The text of an answer as a client gets it, piece by piece: its citation marks, and where it is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from qa.answering.rendering import piece
from qa.api.openai.annotations import Mark
from qa.types import AnswerSentence, Citation
from vectorstore.text.language import HAN, Language

_TOKEN = re.compile(rf"[{HAN}]|[^\W{HAN}]+|[^\w\s]")


def count_tokens(text: str) -> int:
    """Return the number of words, Chinese characters and punctuation marks."""
    return sum(1 for _ in _TOKEN.finditer(text))


class Transcript:
    """What has been said of an answer.

    Args:
        language: of the question; names of documents are written as in it.
        stops: the text ends before the first of these.
        most_tokens: the text ends after so many tokens, as ``count_tokens`` counts them; None for no limit.
    """

    def __init__(self, language: Language, stops: Sequence[str] = (), most_tokens: int | None = None) -> None:
        self.language = language
        self.citations: dict[int, Citation] = {}
        """By number, as far as their sentences came."""
        self.finish: Literal["stop", "length"] | None = None
        """Why the text was cut; None where it wasn't."""
        self._stops = stops
        self._most = most_tokens
        self._whole = ""
        self._sent = 0
        self._marks: list[Mark] = []
        self._previous: AnswerSentence | None = None

    @property
    def text(self) -> str:
        """What was handed out."""
        return self._whole[: self._sent]

    @property
    def marks(self) -> list[Mark]:
        """The citation marks in ``text``, in order."""
        return [mark for mark in self._marks if mark.end <= self._sent]

    def say(self, sentence: AnswerSentence, citations: Iterable[Citation]) -> str:
        """Take in a sentence and the citations that are new with it; return the text that can be handed out."""
        self.citations.update((citation.number, citation) for citation in citations)
        text = piece(sentence, self._previous, self.language)
        self._previous = sentence
        cited = "".join(f"[{number}]" for number in sentence.citations)
        at = len(self._whole) + text.rfind(cited)
        for number in sentence.citations:
            end = at + len(f"[{number}]")
            self._marks.append(Mark(number, at, end))
            at = end
        return self.add(text)

    def add(self, text: str) -> str:
        """Take in text without citations; return the text that can be handed out."""
        if self.finish is not None:
            return ""
        self._whole += text
        self._cut()
        return self._hand_out(len(self._whole) - self._held_back())

    def end(self) -> str:
        """Return the rest: what could have been the beginning of a stop sequence."""
        return self._hand_out(len(self._whole))

    def _cut(self) -> None:
        found = [at for at in (self._whole.find(stop, self._sent) for stop in self._stops) if at >= 0]
        if found:
            self._whole, self.finish = self._whole[: min(found)], "stop"
        if self._most is None:
            return
        for count, token in enumerate(_TOKEN.finditer(self._whole)):
            if count == self._most:
                end = next((m.start for m in self._marks if m.start < token.start() < m.end), token.start())
                self._whole, self.finish = self._whole[:end].rstrip(), "length"
                return

    def _held_back(self) -> int:
        """Return how many characters at the end may begin a stop sequence."""
        if self.finish is not None:
            return 0
        lengths = (
            length for stop in self._stops for length in range(1, len(stop)) if self._whole.endswith(stop[:length])
        )
        return max(lengths, default=0)

    def _hand_out(self, end: int) -> str:
        start, self._sent = self._sent, max(self._sent, end)
        return self._whole[start : self._sent]
