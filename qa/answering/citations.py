"""Citation: passages get opaque labels for a model, and its labels become exact, short pieces of those passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

MUCH = 8.0
"""Weight of what a neighbour must say of a claim, beyond the rest of its evidence, to be cited too: a figure and a
word, or two long words; see ``_weight``."""


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

    def follows(self, other: _Piece, step: int) -> bool:
        """Whether it stands ``step`` sentences behind another of its passage."""
        return self.stored is other.stored and self.index == other.index + step


def label_passages(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """Return the passages under the labels that a model may cite: P1, P2 ... in their order."""
    return {label(number): candidate for number, candidate in enumerate(candidates, start=1)}


def resolve(
    text: str, cited: Sequence[StoredPassage], shown: Sequence[Candidate], verifier: Verifier = RULES
) -> tuple[Evidence, ...]:
    """Return the evidence for a sentence: the best sentences of the passages that it cites; none without a passage.

    The fewest sentences that support it are taken, with a neighbour that says much more of it; if no few do, whole
    passages; if those don't either, the sentences that come nearest, which verification will refuse. A sentence of
    another shown passage of a cited *document* is added where support needs it (the name at a record's head), since its
    place is known and not guessed.

    Args:
        text: the sentence, without labels.
        cited: the passages that it cites, each once.
        shown: the passages that the model was shown.
    """
    if not cited:
        return ()
    claim = _Claim(text, verifier)
    pieces = _pieces(cited)
    compared = compares(text)
    chosen = claim.narrow(pieces, claim.one_of_each(pieces) if compared else ())
    if claim.is_supported_by(chosen):
        chosen = claim.pruned(chosen, compared)
    else:
        others = _pieces(_of_the_same_documents(cited, shown), start=len(cited))
        options = (claim.pruned(option, compared) for option in claim.wider(pieces, others, chosen))
        chosen = next((wide for wide in options if claim.is_supported_by(wide) and claim.is_met_by(wide)), chosen)
    return tuple(_evidence(claim.completed(chosen, pieces)))


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
        self._supported: dict[frozenset[tuple[int, int]], bool] = {}
        """What has been verified, by the keys of the pieces."""

    def narrow(self, pieces: Sequence[_Piece], chosen: Sequence[_Piece] = ()) -> list[_Piece]:
        """Return ``chosen`` and, one by one, the pieces that cover most of the rest, until the claim is supported."""
        picked = list(chosen)
        covered = set().union(*(self._covers(piece) for piece in picked)) if picked else set()
        options = {piece.key: self._covers(piece) for piece in pieces}
        while len(picked) < MOST_PIECES and not (picked and self.is_supported_by(picked)):
            if len(picked) == 1 and not chosen and (wider := self.in_context(picked[0], pieces)):
                return wider
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

    def wider(
        self, pieces: Sequence[_Piece], others: Sequence[_Piece], chosen: Sequence[_Piece]
    ) -> Iterator[Sequence[_Piece]]:
        """Yield what may support a claim that the ``chosen`` pieces don't: all; these with some of the ``others``."""
        yield pieces
        yield self.narrow(others, chosen)

    def in_context(self, piece: _Piece, pieces: Sequence[_Piece]) -> list[_Piece]:
        """Return a piece with one or both of its neighbours, where they support the claim; else nothing.

        What a sentence leaves unsaid stands beside it, more often than in another that shares a word with the claim.
        """
        before, after = ([one for one in pieces if one.follows(piece, step)] for step in (-1, 1))
        options = ([*before, piece], [piece, *after], [*before, piece, *after])
        return next((option for option in options if len(option) > 1 and self.is_supported_by(option)), [])

    def completed(self, chosen: Sequence[_Piece], pieces: Sequence[_Piece]) -> list[_Piece]:
        """Return ``chosen``, where it supports the claim, with neighbours that say ``MUCH`` more of the claim."""
        kept = list(chosen)
        if not self.is_supported_by(kept):
            return kept
        covered = set().union(*(self._covers(piece) for piece in kept))
        for one in pieces:
            beside = one not in kept and any(one.follows(piece, step) for piece in chosen for step in (-1, 1))
            says_more = beside and _weight(self._covers(one) - covered) >= MUCH
            if says_more and self.is_supported_by([*kept, one]):
                kept.append(one)
                covered |= self._covers(one)
        return kept

    def is_met_by(self, pieces: Sequence[_Piece]) -> bool:
        """Whether each piece has a word or a figure of the claim, or stands beside one that has.

        A judge may believe a claim for any text that is long enough; what shares nothing with it is no citation.
        """
        meeting = [piece for piece in pieces if self._covers(piece)]
        return all(
            piece in meeting or any(piece.follows(other, step) for other in meeting for step in (-1, 1))
            for piece in pieces
        )

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
        tried = frozenset(piece.key for piece in pieces)
        if tried not in self._supported:
            self._supported[tried] = bool(pieces) and self._verifier.verify(self.text, _evidence(pieces)).ok
        return self._supported[tried]

    def pruned(self, pieces: Sequence[_Piece], compared: bool = False) -> list[_Piece]:
        """Return ``pieces`` without those that the claim is supported without; those that say least of it go first.

        Args:
            compared: keep one of each passage at least, since a comparison rests on all that it cites.
        """
        kept = list(pieces)
        if not self.is_supported_by(kept):
            return kept
        for piece in sorted(pieces, key=lambda piece: (_weight(self._covers(piece)), -piece.order, -piece.index)):
            fewer = [other for other in kept if other is not piece]
            if compared and all(other.order != piece.order for other in fewer):
                continue
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
