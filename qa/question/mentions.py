"""Names in a question: where they stand and which documents they point to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a question that names documents."""

    start: int
    end: int
    text: str
    documents: frozenset[str]
    """Ids."""
    weight: float
    """ln(documents in all / documents named) + 1, larger for rarer names."""


def without(question: str, mentions: Iterable[Mention], filler: str = "") -> str:
    """Return ``question`` with the mentions cut out."""
    out, at = [], 0
    for mention in sorted(mentions, key=lambda m: m.start):
        out.append(question[at : mention.start])
        out.append(filler)
        at = mention.end
    out.append(question[at:])
    return "".join(out)


def named(mentions: Sequence[Mention]) -> dict[str, float]:
    """Return document id -> summed weight of the mentions that name it."""
    weights: dict[str, float] = defaultdict(float)
    for mention in mentions:
        for document in mention.documents:
            weights[document] += mention.weight
    return dict(weights)
