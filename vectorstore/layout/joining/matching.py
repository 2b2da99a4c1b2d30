"""Chooses which loose end continues in which loose beginning, over the whole text; in doubt it joins nothing.

If every loose end fits its neighbour, neighbours are joined. If one doesn't, or the text's last sentence is cut off,
columns may be out of order: then every loose end is compared with every beginning around it, and the assignment is
chosen as a whole, without circles. A join is kept only if every other choice is clearly worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vectorstore.layout.joining.assignment import Pair, assign
from vectorstore.layout.joining.candidates import Candidates
from vectorstore.layout.joining.ends import OPEN_END
from vectorstore.layout.joining.openings import SURE_BEGINNING
from vectorstore.layout.order import cycle
from vectorstore.layout.pieces import Piece, Role

THRESHOLD = 1.0
"""Log odds that a join needs."""
MARGIN = 1.0
"""By how much the choice must beat any other that assigns one of the two halves elsewhere."""
FAR_MARGIN = 1.5
"""The same once columns may be out of order."""
ANCHOR = 3.0
"""Log odds of the join across the text that first proves that they are; its fit alone must reach ANCHOR_FIT."""
ANCHOR_FIT = 1.0
LEFT_OVER = -1.0
"""Log odds that a join across the text needs beside such a proof: halves that are left over mostly belong together."""
NEXT_IN_DISORDER = -0.5
"""Added to the log odds of neighbours beside such a proof."""
WEAK_FIT = 0.5
"""Two neighbouring halves that fit less well are no sign of order."""
PROOF = 1.0
PROOF_WITHOUT_SIGN = 3.0
"""How much better than neighbours alone an assignment across the text must be, with and without other signs."""
IN_ORDER = 2.5
"""Log odds that a text without a sign of disorder is in order; each neighbour's fit adds to it, up to MOST_FROM_FIT."""
MOST_FROM_FIT = 2.0
SIGNED_FIT = -1.0
UNSIGNED_FIT = -2.5
"""Fit that neighbours need where other joins are in doubt and nothing is proven, with and without other signs."""
_WINDOW = 80
"""Pieces to either side in which a far half is looked for."""
_MOST_ENDS = 20
"""Loose ends weighed at once."""
_BUDGET = 20_000
"""Pairs weighed across the text, for a whole document; beyond, only neighbours are joined."""


@dataclass(frozen=True, slots=True)
class Join:
    """Piece ``left`` goes on in piece ``right``, less the ``drop`` first characters of that."""

    left: int
    right: int
    drop: int
    near: bool
    """``right`` is the next piece, or the next but captions."""


def find_joins(pieces: Sequence[Piece], raw: str, captions: frozenset[int]) -> list[Join]:
    """Return the joins to be made, each piece at most once on either side, free of circles.

    Args:
        captions: indices of the pieces that are captions by their place or their words.
    """
    candidates = Candidates(pieces, raw, captions)
    chosen = _choose_near(candidates)
    for group, signed in _doubtful_groups(candidates, chosen, pieces):
        chosen = _Puzzle(candidates, group, chosen, len(pieces)).solution(signed)
    return [
        Join(left, right, candidates.fit(left, right).drop, right in candidates.near[left])
        for left, right in sorted(chosen.items())
    ]


def _choose_near(candidates: Candidates) -> dict[int, int]:
    """Choose among neighbours alone; when a caption and what stands behind it are equally likely, choose neither."""
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for left, near in candidates.near.items():
        ranked = sorted((right for right in near if right not in taken), key=lambda right: -near[right])
        if not ranked or candidates.alone(left, ranked[0]) < THRESHOLD or not candidates.is_believable(left, ranked[0]):
            continue
        if len(ranked) > 1 and near[ranked[0]] - near[ranked[1]] < MARGIN:
            continue
        chosen[left] = ranked[0]
        taken.add(ranked[0])
    return chosen


def _doubtful_groups(
    candidates: Candidates, chosen: dict[int, int], pieces: Sequence[Piece]
) -> Iterator[tuple[list[int], bool]]:
    """Yield runs of loose ends near each other, and whether a sign says that text is out of order; within budget."""
    if candidates.casual:
        return
    signs = _signs_of_disorder(candidates, chosen, pieces)
    weak = {left for left, right in chosen.items() if candidates.fit(left, right).score < WEAK_FIT}
    spent = 0
    group: list[int] = []
    for left in [*candidates.ends, len(pieces) + 2 * _WINDOW]:
        if group and (len(group) == _MOST_ENDS or left - group[-1] > _WINDOW):
            signed = any(group[0] - _WINDOW <= sign <= group[-1] + _WINDOW for sign in signs)
            if signed or len(weak.intersection(group)) > 1:
                yield group, signed
                spent += len(group) * (group[-1] - group[0] + 2 * _WINDOW)
            group = []
        if spent > _BUDGET:
            return
        group.append(left)


def _signs_of_disorder(candidates: Candidates, chosen: dict[int, int], pieces: Sequence[Piece]) -> list[int]:
    """Return the pieces whose sentence neither ends nor goes on next to them, or begins nowhere.

    A single pair of neighbours that seems not to fit is no sign yet: such pairs occur in every text.
    """
    shown = [index for index, piece in enumerate(pieces) if piece.kind is None and piece.role is not Role.HEADING]
    begun = set(chosen.values())
    torn = [index for index in shown if candidates.ends.get(index, 0.0) >= OPEN_END and index not in chosen]
    orphans = [
        index for index in shown[1:] if index not in begun and (candidates.beginnings[index] or 0.0) >= SURE_BEGINNING
    ]
    beside = {right for left in torn for right in candidates.near[left] if right not in begun}
    alone = [left for left in torn if not beside.intersection(candidates.near[left])]
    strange = [left for left in torn if left not in alone]
    return alone + [index for index in orphans if index not in beside] + (strange if len(strange) > 1 else [])


class _Puzzle:
    """The loose ends of one stretch of text and everything that they may go on in."""

    def __init__(self, candidates: Candidates, group: Sequence[int], chosen: dict[int, int], count: int) -> None:
        self.candidates = candidates
        self.group = group
        self.chosen = chosen
        self.count = count
        self.fixed = {left: right for left, right in chosen.items() if left not in group}
        taken = set(self.fixed.values())
        around = range(max(0, group[0] - _WINDOW), min(count, group[-1] + _WINDOW + 1))
        self.places = candidates.places(index for index in around if index not in taken)
        self.scores = self._scores(taken)

    def solution(self, signed: bool) -> dict[int, int]:
        """Return all joins of the document, with those of this group chosen anew.

        Args:
            signed: something else already says that text is out of order.
        """
        kept = self._clear_joins()
        if self._is_disturbed(kept, PROOF if signed else PROOF_WITHOUT_SIGN):
            for pair in self.scores:
                self.scores[pair] += NEXT_IN_DISORDER if self._is_near(*pair) else 0.0
            least = {True: THRESHOLD, False: LEFT_OVER}
            kept = self._clear_joins()
            return self.fixed | {
                left: right
                for left, right in kept.items()
                if self.scores[left, right] >= least[self._is_near(left, right)]
            }
        doubted = kept if signed else {left: self.chosen[left] for left in self.group if left in self.chosen}
        fits = {left: self.candidates.fit(left, right).score for left, right in doubted.items()}
        in_order = sum(min(score, MOST_FROM_FIT) for score in fits.values()) + (0.0 if signed else IN_ORDER)
        least_fit = WEAK_FIT if in_order < 0 else SIGNED_FIT if signed else UNSIGNED_FIT
        return self.fixed | {
            left: right for left, right in doubted.items() if self._is_near(left, right) and fits[left] >= least_fit
        }

    def _is_disturbed(self, kept: dict[int, int], proof: float) -> bool:
        if not any(self._is_anchor(left, right) for left, right in kept.items()):
            return False
        in_order = self._best({pair: score for pair, score in self.scores.items() if self._is_near(*pair)})
        return self._total(self._best(self.scores)) - self._total(in_order) >= proof

    def _clear_joins(self) -> dict[int, int]:
        """Return those joins of the best assignment without which it would be clearly worse."""
        best = self._best(self.scores)
        believable = self.candidates.is_believable
        return {left: right for left, right in best.items() if believable(left, right) and self._is_clear(best, left)}

    def _scores(self, taken: set[int]) -> dict[Pair, float]:
        """Return the log odds of every pair that is possible at all."""
        scores: dict[Pair, float] = {}
        for left in self.group:
            near = self.candidates.near[left]
            scores.update({(left, right): score for right, score in near.items() if right not in taken})
            may_be_far = self.candidates.may_be_far(left)
            far = [right for right in self.places if may_be_far and right not in near and right != left]
            kinship = {right: self.candidates.kinship(left, right) for right in far}
            usual = sum(kinship.values()) / max(1, len(kinship))
            for right in far:
                odds = self.candidates.ends[left] + self.places[right] + self.candidates.fit(left, right).score
                scores[left, right] = odds + kinship[right] - usual
        surely = {left for left in self.group if self.candidates.ends[left] >= OPEN_END}
        return {pair: score for pair, score in scores.items() if pair[0] in surely or score >= THRESHOLD}

    def _is_near(self, left: int, right: int) -> bool:
        return right in self.candidates.near[left]

    def _is_anchor(self, left: int, right: int) -> bool:
        strong = self.scores[left, right] >= ANCHOR and self.candidates.fit(left, right).score >= ANCHOR_FIT
        return strong and not self._is_near(left, right)

    def _is_clear(self, best: dict[int, int], left: int) -> bool:
        """Whether the choice clearly beats any other that assigns one of the halves elsewhere."""
        pair = (left, best[left])
        others = {other: score for other, score in self.scores.items() if other != pair}
        second = self._best(others)
        if left not in second and pair[1] not in second.values():
            return True
        return self._total(best) - self._total(second) >= FAR_MARGIN

    def _total(self, joins: dict[int, int]) -> float:
        return sum(self.scores[pair] - LEFT_OVER for pair in joins.items())

    def _best(self, scores: dict[Pair, float]) -> dict[int, int]:
        """Return the best assignment without a circle: while there is one, its weakest join is forbidden."""
        allowed = {pair: score - LEFT_OVER for pair, score in scores.items()}
        while True:
            found = assign(allowed)
            joins = self.fixed | found
            near = {left for left, right in joins.items() if self._is_near(left, right)}
            circle = [left for left in cycle(self.count, joins, near) if left in found]
            if not circle:
                return found
            weakest = min(circle, key=lambda left: allowed[left, found[left]])
            del allowed[weakest, found[weakest]]
