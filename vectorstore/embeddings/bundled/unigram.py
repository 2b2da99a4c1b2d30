"""Text to the bundled model's tokens: normal forms, then the most probable pieces (SentencePiece's unigram model).

The ``tokenizers`` package gives the same tokens, but takes a second and 100 MB to load this vocabulary of 250,000
pieces. Here nothing is loaded beforehand: a piece is looked up among those that begin with its first character, which
are read from the mapped weight file when that character is first met.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from vectorstore.embeddings.bundled.weights import Weights

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
"""Stands for a space inside pieces."""
UNKNOWN_PENALTY = 10.0
"""An unknown character is so much less probable than the least probable piece (SentencePiece's kUnkPenalty)."""

_REMEMBERED = 20_000
"""Texts whose tokens are kept, some 10 MB: sentences are read again and again, and cutting one takes a millisecond."""

_SPACES = re.compile(" {2,}")
_Pieces = tuple[dict[str, tuple[float, int]], int]  # piece -> score and id, and the longest piece's length


def sort_pieces(weights: Weights) -> NDArray[np.int32]:
    """Return the ids of the pieces that text can be made of, in the order of their bytes, int32.

    The special tokens are left out: "</s>" in a text is four characters.
    """
    shape = weights.shape
    pieces = [weights.piece(index) for index in range(len(weights.piece_scores))]
    special = {shape.first, shape.last, shape.pad, shape.unknown, len(pieces) - 1}  # the last one is <mask>
    usable = [index for index, piece in enumerate(pieces) if piece and index not in special]
    return np.array(sorted(usable, key=pieces.__getitem__), dtype=np.int32)


class Unigram:
    """Cuts text into the bundled model's tokens. Threads may share one."""

    def __init__(self, weights: Weights, order: NDArray[np.int32]) -> None:
        """Prepare.

        Args:
            order: what ``sort_pieces(weights)`` gives.
        """
        self._weights = weights
        self._order = order
        self._unknown_score = float(weights.piece_scores.min()) - UNKNOWN_PENALTY
        self._pieces: dict[str, _Pieces] = {}
        self.encode_again = lru_cache(maxsize=_REMEMBERED)(self.encode)
        """``encode`` for texts that come again; what it returns is not to be changed."""

    def normalise(self, text: str) -> str:
        """Return ``text`` in its normal form, spaces replaced by ``SPACE`` and one more before the first word."""
        text = unicodedata.normalize("NFC", text).translate(self._weights.normal_forms)
        text = _SPACES.sub(" ", text)
        return (text if text.startswith(" ") else " " + text).replace(" ", SPACE)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of ``text``, without the special tokens around them."""
        return self._best(self.normalise(text))

    def _best(self, text: str) -> list[int]:
        """Viterbi's algorithm: for each position the best way to it, then back from the end."""
        size = len(text)
        unknown = self._weights.shape.unknown
        scores = [-1e30] * (size + 1)
        scores[0] = 0.0
        tokens = [unknown] * (size + 1)
        starts = [0] * (size + 1)
        known = self._pieces
        for start in range(size):
            key = text[start]
            if key == SPACE:
                key = text[start : start + 2]
            pieces, longest = known.get(key) or self._load(key)
            score = scores[start]
            if text[start] not in pieces and score + self._unknown_score > scores[start + 1]:
                scores[start + 1], tokens[start + 1], starts[start + 1] = score + self._unknown_score, unknown, start
            for end in range(start + 1, min(size, start + longest) + 1):
                found = pieces.get(text[start:end])
                if found is not None and score + found[0] > scores[end]:
                    scores[end], tokens[end], starts[end] = score + found[0], found[1], start
        path: list[int] = []
        at = size
        while at > 0:
            if tokens[at] != unknown or not path or path[-1] != unknown:  # unknown characters in a row are one token
                path.append(tokens[at])
            at = starts[at]
        return path[::-1]

    def _load(self, key: str) -> _Pieces:
        """Read the pieces that begin with ``key``: a character, or a space and the character after it."""
        indices = self._beginning(SPACE)[:1] if key[0] == SPACE else self._order[:0]  # bytewise first: the space alone
        if key != SPACE:
            indices = np.concatenate([indices, self._beginning(key)])
        weights = self._weights
        starts, ends = weights.piece_offsets[indices].tolist(), weights.piece_offsets[indices + 1].tolist()
        scored = zip(weights.piece_scores[indices].tolist(), indices.tolist(), strict=True)
        data = weights.piece_bytes.data
        texts = (str(data[start:end], "utf-8") for start, end in zip(starts, ends, strict=True))
        pieces = dict(zip(texts, scored, strict=True))
        found = self._pieces[key] = (pieces, max(map(len, pieces), default=0))
        return found

    def _beginning(self, prefix: str) -> NDArray[np.int32]:
        """Return the ids of all pieces that begin with ``prefix``."""
        first = prefix.encode()
        after = first[:-1] + bytes([first[-1] + 1])  # no byte of UTF-8 is 255
        low, high = (bisect_left(self._order, end, key=self._weights.piece) for end in (first, after))
        return self._order[low:high]


_SHARED: WeakValueDictionary[int, Unigram] = WeakValueDictionary()


def shared(weights: Weights, order: NDArray[np.int32]) -> Unigram:
    """Return the one of ``weights``, for all models that are made of them: the pieces it has read take some 20 MB."""
    found = _SHARED.get(id(weights))  # it holds the weights: while it is there, the number is theirs
    if found is None:
        found = _SHARED[id(weights)] = Unigram(weights, order)
    return found
