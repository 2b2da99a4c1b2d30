"""Which sentences give orders to whoever answers from a document, told by a small classifier.

A logistic regression over character n-grams, fitted on written examples by ``python -m eval.training.injection`` and
kept in ``weights.npz``. Ordinary orders ("all villages must publish their accounts") are not meant: those are what
reports are made of. It needs no vector, so that it works with every embedder, on titles, and on old libraries.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from vectorstore.text.words import normalise

Floats = NDArray[np.float32]

BUCKETS = 1 << 16
"""Into which n-grams are hashed."""
LONGEST = 6
"""Characters of an n-gram."""
MOST_CHARACTERS = 2000
"""Of a sentence that are looked at."""
_AT_ONCE = 256
"""Sentences that are scored together; 12 kB of memory for 100 characters each."""
LIKELY = 0.8
"""Probability from which a sentence is taken for an order to whoever answers."""
_MULTIPLIER = np.uint32(0x01000193)
_MIXER = np.uint32(0x85EBCA6B)


@dataclass(frozen=True, slots=True)
class InjectionClassifier:
    """Tells orders to whoever answers from other sentences. Threads may share it."""

    weights: Floats
    """Of the n-grams, shape (BUCKETS,)."""
    offset: float

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return how likely each of ``texts`` is such an order, shape (len(texts),)."""
        portions = [self._scores(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)]
        scores = np.concatenate(portions) if portions else np.empty(0, dtype=np.float32)
        return np.asarray(1 / (1 + np.exp(-scores)), dtype=np.float32)

    def _scores(self, texts: Sequence[str]) -> Floats:
        """Return the log odds of all at once: text by text, numpy's calls take longer than their work."""
        of, found = _grams(texts)
        # By text, then by bucket: integers this short are sorted stably in linear time, both as one number aren't.
        order = np.argsort(found, kind="stable")
        order = order[np.argsort(of[order], kind="stable")]
        of, found = of[order], found[order]
        first = np.flatnonzero(np.concatenate(([True], (of[1:] != of[:-1]) | (found[1:] != found[:-1]))))
        values = self.weights[found[first]] * np.sqrt(np.diff(first, append=len(of)))
        sums = np.bincount(of[first], values, minlength=len(texts))
        lengths = np.sqrt(np.bincount(of, minlength=len(texts)))  # of the vectors of square roots of counts
        return np.asarray(sums / lengths + self.offset, dtype=np.float32)

    def to_bytes(self) -> bytes:
        """Return it as a compressed npz file in half precision."""
        file = io.BytesIO()
        np.savez_compressed(file, weights=self.weights.astype("<f2"), offset=np.array([self.offset], dtype="<f4"))
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> InjectionClassifier:
        """Return what ``to_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(arrays["weights"].astype(np.float32), float(arrays["offset"][0]))


def _grams(texts: Sequence[str]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return each n-gram of ``texts``, of one to ``LONGEST`` characters: its text's index, and its bucket.

    Args:
        texts: 65,536 at most.

    All digits count as one: which figure it is tells nothing. One that is found twice is there twice.
    """
    framed = [f"\n{normalise(text[:MOST_CHARACTERS])}\n" for text in texts]
    codes = np.frombuffer("".join(framed).encode("utf-32-le", "replace"), dtype="<u4")
    codes = np.where((codes >= ord("0")) & (codes <= ord("9")), np.uint32(ord("0")), codes)
    of = np.repeat(np.arange(len(texts), dtype=np.uint16), [len(one) for one in framed])
    hashed = np.zeros(len(codes), dtype=np.uint32)
    owners, found = [], []
    for size in range(min(LONGEST, len(codes))):
        end = len(codes) - size
        hashed = (hashed[:end] ^ codes[size:]) * _MULTIPLIER + np.uint32(1)
        mixed = (hashed ^ (hashed >> np.uint32(15))) * _MIXER
        inside = of[:end] == of[size:]  # and not across the end of a text
        owners.append(of[:end][inside])
        found.append(((mixed >> np.uint32(11)) % np.uint32(BUCKETS))[inside].astype(np.uint16))
    return np.concatenate(owners), np.concatenate(found)


def features(text: str) -> tuple[NDArray[np.int64], Floats]:
    """Return the buckets of ``text``, each once, and their values: together a vector of length 1."""
    found, counts = np.unique(_grams([text])[1], return_counts=True)
    values = np.sqrt(counts.astype(np.float32))
    return found.astype(np.int64), values / np.linalg.norm(values)


@cache
def shipped() -> InjectionClassifier:
    """Return the classifier that comes with the package."""
    return InjectionClassifier.from_bytes((resources.files(__package__) / "weights.npz").read_bytes())
