"""Examples as arrays of tokens: every piece is tokenised by itself, so that each sentence's tokens are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .groups import POSITIVE, Group, LabelledPassage, shared_terms

Ints = NDArray[np.int32]
Labels = NDArray[np.int8]

MAX_TOKENS = 320
MAX_QUESTION, MAX_TITLE = 80, 60
FIRST, LAST = 0, 2
"""<s> and </s>."""


def tokenizer() -> Callable[[str], list[int]]:
    """Return what cuts text into the bundled model's tokens, without special tokens."""
    from vectorstore.embeddings.bundled.unigram import Unigram, sort_pieces
    from vectorstore.embeddings.bundled.weights import read, weight_file

    weights = read(weight_file())
    return lru_cache(maxsize=500_000)(Unigram(weights, sort_pieces(weights)).encode)


def question_text(question: str, previous: str = "") -> str:
    """Return what stands between <s> and </s></s>."""
    return f"query: {previous} / {question}" if previous else f"query: {question}"


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


def encode_passage(
    encode: Callable[[str], list[int]],
    question: str,
    previous: str,
    passage: LabelledPassage,
    wanted: int | None = None,
) -> EncodedPassage:
    """Return the tokens of a question and a passage: at most ``MAX_TOKENS``.

    Args:
        wanted: the sentence around which a passage that is too long is cut; None for the one most like the question.
    """
    asked = encode(question_text(question, previous))
    if len(asked) > MAX_QUESTION:
        asked = encode(question_text(question))[:MAX_QUESTION]
    head = [FIRST, *asked, LAST, LAST]
    above = title_text(passage.title, passage.section)
    head += encode(above)[:MAX_TITLE] if above else []
    pieces = [encode(sentence) for sentence in passage.sentences]
    room = MAX_TOKENS - len(head) - 1
    kept = range(len(pieces))
    if sum(map(len, pieces)) > room:
        if wanted is None:
            scores = [shared_terms(question, sentence) for sentence in passage.sentences]
            wanted = scores.index(max(scores))
        kept = _around(wanted, [len(piece) for piece in pieces], room)
        pieces[wanted] = pieces[wanted][:room]
    tokens, bounds = list(head), []
    for at in kept:
        bounds.append((len(tokens), len(tokens) + len(pieces[at])))
        tokens += pieces[at]
    return EncodedPassage([*tokens, LAST], bounds, kept)


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


@dataclass(frozen=True, slots=True)
class Encoded:
    """Examples as flat arrays. A group's sequences, and a sequence's tokens and sentences, lie one behind the other."""

    tokens: Ints
    sequences: Ints
    """First token of each sequence, and the end; shape (sequences + 1,)."""
    groups: Ints
    """First sequence of each group, and the end; shape (groups + 1,)."""
    sentences: Ints
    """First sentence of each sequence, and the end; shape (sequences + 1,)."""
    bounds: Ints
    """First token of each sentence in its sequence and the end; shape (sentences, 2)."""
    labels: Labels
    """See ``groups.POSITIVE``; shape (sentences,)."""

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self.groups) - 1

    def length(self, group: int) -> int:
        """Return how many tokens a group has."""
        return int(self.sequences[self.groups[group + 1]] - self.sequences[self.groups[group]])

    def save(self, path: Path) -> None:
        np.savez_compressed(path, **{name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def load(cls, path: Path) -> Encoded:
        with np.load(path) as file:
            return cls(*(file[name] for name in cls.__slots__))


def encode_groups(encode: Callable[[str], list[int]], groups: Sequence[Group]) -> Encoded:
    """Return ``groups`` as arrays. Sentences that were cut away have no label."""
    tokens: list[int] = []
    sequences, group_ends, sentence_ends, bounds, labels = [0], [0], [0], [], []
    for group in groups:
        for passage in group.passages:
            wanted = passage.labels.index(POSITIVE) if passage.answers else None
            made = encode_passage(encode, group.question, group.previous, passage, wanted)
            tokens += made.tokens
            sequences.append(len(tokens))
            bounds += made.bounds
            labels += [passage.labels[at] for at in made.kept]
            sentence_ends.append(len(labels))
        group_ends.append(len(sequences) - 1)
    return Encoded(
        np.array(tokens, dtype=np.int32),
        np.array(sequences, dtype=np.int32),
        np.array(group_ends, dtype=np.int32),
        np.array(sentence_ends, dtype=np.int32),
        np.array(bounds, dtype=np.int32).reshape(-1, 2),
        np.array(labels, dtype=np.int8),
    )
