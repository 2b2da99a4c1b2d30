"""Citation: passages get opaque labels for a model, and its labels become exact, short pieces of those passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.answering.citation_labels import label
from qa.text.quantities import same
from qa.types import Candidate, Evidence
from qa.verify import RULES, Verifier
from qa.verify.comparisons import compares
from qa.verify.source import bare, content_words, quantities_of
from vectorstore.text.spans import merge
from vectorstore.text.words import normalise
from vectorstore.types import Sentence, StoredPassage

MOST_PIECES = 8
"""Sentences that one claim may rest on; a comparison of five places needs five, and some need a second one each."""


@dataclass(frozen=True)
class _Piece:
    """A sentence of a passage, as a candidate for a citation."""

    order: int
    """Of its passage, among those cited."""
    index: int
    """In its passage."""
    stored: StoredPassage
    sentence: Sentence

    @cached_property
    def key(self) -> tuple[int, int]:
        return self.order, self.index


def label_passages(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """Return the passages under the labels that a model may cite: P1, P2 ... in their order."""
    return {label(number): candidate for number, candidate in enumerate(candidates, start=1)}


def resolve(
    text: str, cited: Sequence[StoredPassage], shown: Sequence[Candidate], verifier: Verifier = RULES
) -> tuple[Evidence, ...]:
    """Return the evidence for a sentence: the best sentences of the passages that it cites; none without a passage.

    The fewest sentences that support it are taken; if no few do, whole passages; if those don't either, the sentences
    that come nearest, which verification will refuse. A sentence of another shown passage of a cited *document* is
    added where support needs it (the name at a record's head), since its place is known and not guessed.

    Args:
        text: the sentence, without labels.
        cited: the passages that it cites, each once.
        shown: the passages that the model was shown.
    """
    if not cited:
        return ()
    claim = _Claim(text, verifier)
    pieces = _pieces(cited)
    chosen = claim.narrow(pieces, claim.one_of_each(pieces) if compares(text) else ())
    if not claim.is_supported_by(chosen):
        whole = [piece for stored in cited for piece in pieces if piece.stored is stored]
        others = _pieces(_of_the_same_documents(cited, shown), start=len(cited))
        wider = claim.narrow(others, chosen)
        chosen = next((option for option in (whole, wider) if claim.is_supported_by(option)), chosen)
    return tuple(_evidence(chosen if compares(text) else claim.pruned(chosen)))


def _pieces(passages: Iterable[StoredPassage], start: int = 0) -> list[_Piece]:
    return [
        _Piece(order, index, stored, sentence)
        for order, stored in enumerate(passages, start)
        for index, sentence in enumerate(stored.passage.sentences)
    ]


def _of_the_same_documents(cited: Sequence[StoredPassage], candidates: Sequence[Candidate]) -> list[StoredPassage]:
    documents, taken = {stored.document_id for stored in cited}, {stored.id for stored in cited}
    others = [candidate.stored for candidate in candidates]
    return [stored for stored in others if stored.document_id in documents and stored.id not in taken]


class _Claim:
    """A sentence that needs evidence; the chosen pieces have to cover its words and quantities."""

    def __init__(self, text: str, verifier: Verifier) -> None:
        self.text = text
        self._verifier = verifier
        plain = normalise(bare(text))
        self.words = dict.fromkeys(content_words(plain))
        self.quantities = [q for q in quantities_of(plain) if not q.article]

    def narrow(self, pieces: Sequence[_Piece], chosen: Sequence[_Piece] = ()) -> list[_Piece]:
        """Return ``chosen`` and, one by one, the pieces that cover most of the rest, until the claim is supported."""
        picked = list(chosen)
        covered = set().union(*(self._covers(piece) for piece in picked)) if picked else set()
        options = {piece.key: self._covers(piece) for piece in pieces}
        while len(picked) < MOST_PIECES and not (picked and self.is_supported_by(picked)):
            best = max(
                (piece for piece in pieces if piece not in picked),
                key=lambda piece: (_weight(options[piece.key] - covered), -piece.order, -piece.index),
                default=None,
            )
            if best is None or not options[best.key] - covered:
                break
            picked.append(best)
            covered |= options[best.key]
        return picked

    def one_of_each(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Return the piece of every passage that covers most: a comparison rests on all that it cites."""
        best: dict[int, _Piece] = {}
        for piece in pieces:
            rival = best.get(piece.order)
            if rival is None or _weight(self._covers(piece)) > _weight(self._covers(rival)):
                best[piece.order] = piece
        return list(best.values())

    def _covers(self, piece: _Piece) -> set[str]:
        """Return what of the claim a piece says: words as they are, a quantity as "#" and its index."""
        text = normalise(piece.sentence.text)
        squashed = "".join(text.split())
        known = quantities_of(text)
        found = {word for word in self.words if word in squashed or word in text}
        return found | {f"#{i}" for i, q in enumerate(self.quantities) if any(same(q, other) for other in known)}

    def is_supported_by(self, pieces: Sequence[_Piece]) -> bool:
        return self._verifier.verify(self.text, _evidence(pieces)).ok if pieces else False

    def pruned(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Return ``pieces`` without those that the claim is supported without."""
        kept = list(pieces)
        if not self.is_supported_by(kept):
            return kept
        for piece in reversed(pieces):
            fewer = [other for other in kept if other is not piece]
            if fewer and self.is_supported_by(fewer):
                kept = fewer
        return kept


def _weight(items: set[str]) -> float:
    """Return how much covering ``items`` is worth; figures come first, since a citation is read for them."""
    return sum(6.0 if item.startswith("#") else float(min(len(item), 4)) for item in items)


def _evidence(pieces: Sequence[_Piece]) -> list[Evidence]:
    """Return the pieces as evidence, in order; neighbours in a passage become one."""
    found: list[Evidence] = []
    last: _Piece | None = None
    for piece in sorted(pieces, key=lambda piece: piece.key):
        if last is not None and last.stored is piece.stored and last.index + 1 == piece.index:
            joined = found.pop()
            spans = merge((*joined.spans, *piece.sentence.spans))
            found.append(Evidence(piece.stored, joined.quote + piece.sentence.text, spans))
        else:
            found.append(Evidence.of(piece.stored, piece.sentence))
        last = piece
    return found
