"""Intents: what a message wants, told from its vector by a small classifier; most messages are ordinary questions.

A logistic regression over the question vector of the bundled embedder, fitted on written examples by
``python -m eval.training.intents`` and kept in ``intents.json``. Taking a question for anything else is the worst
fault, so another intent must be far likelier. With another embedder every message is an ordinary question.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from qa.types import Intent
from vectorstore.embeddings import BUNDLED, Embedder, Vectors

LIKELY = 0.8
"""Probability of not being a question from which a message is taken for what else is likeliest."""
LIKELY_OVERVIEW = 0.4
"""The same for an overview, which must also be one of a document or of all; see ``qa.question.overviews``."""


@dataclass(frozen=True, slots=True)
class IntentClassifier:
    """Tells intents from vectors."""

    intents: tuple[Intent, ...]
    weights: NDArray[np.float32]
    """Shape (intents, dimensions)."""
    offsets: NDArray[np.float32]
    """Shape (intents,)."""
    general: frozenset[str] = frozenset()
    """Words by which people ask for an overview, such as 报告, "summarise", "document": they name no document."""

    def probabilities(self, vectors: Vectors) -> NDArray[np.float32]:
        """Return how likely each intent is, shape (len(vectors), intents).

        Args:
            vectors: of messages, embedded as questions, shape (messages, dimensions).
        """
        scores = vectors @ self.weights.T + self.offsets
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)

    def classify(self, vectors: Vectors) -> list[Intent]:
        """Return the intent of each message; an ordinary question unless another is likely. Arguments as above."""
        probabilities = self.probabilities(vectors)
        question = self.intents.index(Intent.QUESTION)
        other = 1 - probabilities[:, question]
        probabilities[:, question] = 0
        likeliest = [self.intents[at] for at in probabilities.argmax(axis=1)]
        return [
            intent if p >= (LIKELY_OVERVIEW if intent is Intent.OVERVIEW else LIKELY) else Intent.QUESTION
            for intent, p in zip(likeliest, other, strict=True)
        ]

    def to_json(self) -> str:
        """Return it as text: half-precision arrays in little-endian order, in base 64."""
        arrays = {"weights": self.weights, "offsets": self.offsets}
        packed = {name: base64.b64encode(array.astype("<f2").tobytes()).decode() for name, array in arrays.items()}
        content = {"intents": self.intents, **packed, "general": " ".join(sorted(self.general))}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, content: Mapping[str, str | Sequence[str]]) -> IntentClassifier:
        """Return what ``to_json`` wrote."""
        intents = tuple(Intent(name) for name in content["intents"])
        weights, offsets = (
            np.frombuffer(base64.b64decode(str(content[name])), "<f2").astype(np.float32)
            for name in ("weights", "offsets")
        )
        general = frozenset(str(content["general"]).split(" "))
        return cls(intents, weights.reshape(len(intents), -1), offsets, general)


def classifier_for(embedder: Embedder) -> IntentClassifier | None:
    """Return the classifier for the vectors of ``embedder``; None unless that is the bundled one."""
    return shipped() if embedder.name == BUNDLED else None


@cache
def shipped() -> IntentClassifier:
    """Return the classifier that comes with the package."""
    return IntentClassifier.from_json(json.loads((resources.files(__package__) / "intents.json").read_text("utf-8")))
