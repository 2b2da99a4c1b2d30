"""Candidates: for each loose end, the pieces that may continue it, with the log odds that they do.

Most sentences continue in the next piece, perhaps after a caption. Where columns may be out of order, others are looked
for across the text: after other loose ends and, less readily, after sentences that ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vectorstore.layout.joining.assignment import Pair
from vectorstore.layout.joining.ends import OPEN_END, casualness, end_score
from vectorstore.layout.joining.openings import Openings, has_lead
from vectorstore.layout.joining.seams import WEIGHTS, Fit, Usage, content_words, fit
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.text.language import has_han
from vectorstore.types import BlockKind

NEXT = 1.0
NEXT_LINE = -2.0
"""A line break without a blank line is mostly intended."""
BEHIND_LOOSE_END = -0.5
BEHIND_CAPTION = -1.5
BEHIND_CLOSED = -3.0
"""Odds from its place that a piece, not a neighbour, is what a sentence goes on in."""
SKIP = -0.8
"""For each piece skipped that only may be a caption."""
SKIP_FIT = 1.0
"""Fit that a half behind such a piece needs."""
INTO_CAPTION = -3.0
MOST_FROM_FORM = 3.5
"""Log odds that two neighbours belong together by their form alone: columns are out of order more seldom than that."""
HOPELESS = -2.9
"""Log odds by form from which no fit could make a join."""
_MOST_SKIPPED = 4
_CAPTION_LENGTH = 60


class Candidates:
    """Scores pairs of pieces, each at most once."""

    def __init__(self, pieces: Sequence[Piece], raw: str, captions: frozenset[int]) -> None:
        self._pieces = pieces
        self._captions = captions
        self._usage = Usage(raw)
        self._fits: dict[Pair, Fit] = {}
        self._words: dict[int, frozenset[str]] = {}
        openings = Openings(pieces)
        self.beginnings = [openings.score(piece) for piece in pieces]
        """For each piece the log odds that it begins in mid-sentence, None where it can't."""
        self.casual = casualness(pieces)
        """What is taken off unsure ends, because the document is a form or its author seldom writes full stops."""
        self.ends = self._loose_ends()
        """Index of each piece that may stop in mid-sentence, and the log odds that it does."""
        self.near = {left: dict(self._neighbours(left)) for left in self.ends}
        """For each loose end the pieces next to it, and the log odds that it goes on there."""

    def _loose_ends(self) -> dict[int, float]:
        casual = self.casual
        found = {}
        for index, piece in enumerate(self._pieces):
            score = None if index in self._captions else end_score(piece)
            if score is not None:
                found[index] = score - (casual if score <= OPEN_END else 0.0)
        return found

    def _neighbours(self, left: int) -> Iterator[tuple[int, float]]:
        penalty = 0.0
        for right in range(left + 1, min(len(self._pieces), left + 2 + _MOST_SKIPPED)):
            piece = self._pieces[right]
            if piece.role is Role.HEADING:
                return
            beginning = self.beginnings[right]
            is_caption = right in self._captions or piece.kind is not None
            if beginning is not None:
                place = NEXT if piece.gap or right > left + 1 else NEXT_LINE
                place += INTO_CAPTION if is_caption else -self._goes_on_behind(right)
                odds = self.ends[left] + beginning + place + penalty
                if odds > HOPELESS:
                    yield right, odds + self.fit(left, right).score
            if not is_caption:
                if beginning is None or not looks_like_caption(piece):
                    return
                penalty += SKIP

    def alone(self, left: int, right: int) -> float:
        """Return the log odds of two neighbours as long as nothing else is known; their form says only so much."""
        fit_score = self.fit(left, right).score
        return min(MOST_FROM_FORM, self.near[left][right] - fit_score) + fit_score

    def is_believable(self, left: int, right: int) -> bool:
        """Whether a join does not skip a piece that only may be a caption, or is a good fit if it does."""
        skips = any(
            index not in self._captions and self._pieces[index].kind is None for index in range(left + 1, right)
        )
        return not (skips and right in self.near[left]) or self.fit(left, right).score >= SKIP_FIT

    def _goes_on_behind(self, index: int) -> float:
        """Return how likely it is that a piece is a caption, as the one behind it begins in mid-sentence itself."""
        behind = index + 1
        if behind >= len(self._pieces) or not looks_like_caption(self._pieces[index]):
            return 0.0
        return max(0.0, self.beginnings[behind] or 0.0)

    def fit(self, left: int, right: int) -> Fit:
        """Return how well the two pieces' halves of a sentence fit."""
        if (left, right) not in self._fits:
            one = self._pieces[left]
            self._fits[left, right] = fit(one.text, self._pieces[right].text, self._usage, one.end)
        return self._fits[left, right]

    def places(self, indices: Iterable[int]) -> dict[int, float]:
        """Return the pieces among ``indices`` that a far sentence may go on in, with the log odds from their place."""
        found = {}
        for index in indices:
            score = self.beginnings[index]
            if score is None or self._pieces[index].gap == 0 or index in self._captions:
                continue
            text = self._pieces[index].text
            if not has_han(text[:200]) or not (is_closed(text) or len(text) >= _CAPTION_LENGTH):
                continue  # words and usage say too little about other writing and about scraps
            before = self.before(index)
            if before < 0 or self._heads(before):
                continue
            if self.ends.get(before, 0.0) >= OPEN_END:
                found[index] = score + BEHIND_LOOSE_END
            elif before < index - 1:
                found[index] = score + BEHIND_CAPTION
            elif not has_lead(text):
                found[index] = score + BEHIND_CLOSED
        return found

    def _heads(self, index: int) -> bool:
        """Whether a piece is a title or a heading, or looks like one."""
        piece = self._pieces[index]
        if piece.role is Role.HEADING or piece.kind is BlockKind.TITLE:
            return True
        return piece.kind is None and self.ends.get(index, OPEN_END) < OPEN_END

    def may_be_far(self, left: int) -> bool:
        """Whether a loose end is prose, so that its sentence may go on elsewhere."""
        return self._pieces[left].role is Role.TEXT

    def before(self, index: int) -> int:
        """Return the piece before another, captions left out; -1 when there is none."""
        before = index - 1
        while before >= 0 and (before in self._captions or self._pieces[before].kind is BlockKind.CAPTION):
            before -= 1
        return before

    def kinship(self, left: int, right: int) -> float:
        """Return the log odds that the two pieces are about the same things."""
        for index in (left, right):
            if index not in self._words:
                self._words[index] = frozenset(content_words(self._pieces[index].text[:2000]))
        return WEIGHTS["topic"] * self._usage.kinship(self._words[left], self._words[right])


def looks_like_caption(piece: Piece) -> bool:
    """Whether a piece is so short and so complete that it may be a picture's caption."""
    text = piece.text.rstrip()
    return (
        piece.role is Role.TEXT
        and piece.gap > 0
        and piece.lines == 1
        and len(text) <= _CAPTION_LENGTH
        and is_closed(text)
        and not any(mark in text[:-2] for mark in "。！？")
    )
