"""Examples as arrays of tokens, which the product's own ``qa.reader.inputs`` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.reader.inputs import MAX_CLAIM, EncodedPassage, claim_text, cut, cut_claim

from .groups import POSITIVE, Group, LabelledPassage, shared_terms

Ints = NDArray[np.int32]
Labels = NDArray[np.int8]


def tokenizer() -> Callable[[str], list[int]]:
    """Return what cuts text into the bundled model's tokens, without special tokens."""
    from vectorstore.embeddings.bundled.unigram import Unigram, sort_pieces
    from vectorstore.embeddings.bundled.weights import read, weight_file

    weights = read(weight_file())
    return lru_cache(maxsize=500_000)(Unigram(weights, sort_pieces(weights)).encode)


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
    pieces = cut(encode, question, previous, passage.title, passage.section, passage.sentences)
    if wanted is None and not pieces.fit(pieces.room):
        scores = [shared_terms(question, sentence) for sentence in passage.sentences]
        wanted = scores.index(max(scores))
    return pieces.joined(wanted or 0, pieces.room)


def claim_fits(encode: Callable[[str], list[int]], claim: str, title: str, section: str, evidence: str) -> bool:
    """Whether a claim and its evidence are read whole: half of the evidence may not say what all of it says."""
    pieces = cut_claim(encode, claim, title, section, evidence)
    return len(encode(claim_text(claim))) <= MAX_CLAIM and pieces.fit(pieces.room)


def _encoded(
    encode: Callable[[str], list[int]], group: Group, passage: LabelledPassage, wanted: int | None
) -> EncodedPassage:
    if group.task == "answers":
        return encode_passage(encode, group.question, group.previous, passage, wanted)
    pieces = cut_claim(encode, group.question, passage.title, passage.section, passage.sentences[0])
    return pieces.joined(0, pieces.room)


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
            made = _encoded(encode, group, passage, wanted)
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
