"""Citation: passages get opaque labels for a model, and its labels become exact pieces of those passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.types import Candidate, DraftSentence, Evidence


@dataclass(frozen=True, slots=True)
class Resolved:
    """A draft sentence's evidence, and how many of its labels name no passage."""

    evidence: tuple[Evidence, ...]
    unknown: int = 0


def label_passages(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """Return the passages under the labels that a model may cite: P1, P2 ... in their order."""
    return {f"P{number}": candidate for number, candidate in enumerate(candidates, start=1)}


def resolve(draft: DraftSentence, candidates: Sequence[Candidate]) -> Resolved:
    """Return the evidence that ``draft`` cites: what it cut itself, or what its labels stand for."""
    if draft.evidence:
        return Resolved(draft.evidence)
    passages = label_passages(candidates)
    known = [passages[label].stored for label in dict.fromkeys(draft.labels) if label in passages]
    evidence = tuple(Evidence(stored, stored.passage.text, stored.passage.spans) for stored in known)
    return Resolved(evidence, sum(label not in passages for label in draft.labels))
