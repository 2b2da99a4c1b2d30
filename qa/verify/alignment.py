"""Alignment of figures: what a claim says of a figure is what the evidence says of it, not of its neighbour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.text.quantities import Quantity, same
from qa.verify.frames import BEFORE, Frame, Region, Token, frames, rival, sentences, weight
from qa.verify.lexicon import CHANGES
from qa.verify.source import Source, dated
from vectorstore.text.words import normalise, stem

_MARGIN = 3.0
"""By how much more another figure must explain before a figure counts as misplaced."""
_APART = 4.0
"""Weight of words that the evidence has, but apart from the figure that they are said with."""


@dataclass(frozen=True)
class _Home:
    """A figure of the evidence, and what it stands under."""

    frame: Frame
    sentence: str
    title: Region
    """Its title and section."""
    beside: Region
    """Of the sentences beside its own those that have no figure of its kind."""
    document: str

    def explains(self, token: Token) -> bool:
        """Whether the token stands with the figure, before it, above it, or in a sentence beside its own."""
        return self.gives(token) or (not self._dates(token) and token != BEFORE and self.beside.has(token))

    def gives(self, token: Token) -> bool:
        """Whether the token stands with the figure, before it in its sentence, or above it."""
        return self.frame.has(token) or self.inherits(token)

    def inherits(self, token: Token) -> bool:
        if token == BEFORE:
            return False
        return self.frame.head.has(token) or (not self._dates(token) and self.title.has(token))

    def _dates(self, token: Token) -> bool:
        """Whether a token is a date and the figure's sentence has one."""
        return isinstance(token, Quantity) and bool(dated(token)) and self.frame.dated


def aligned(claim: str, sources: Sequence[Source]) -> str | None:
    """Every figure is said of what the evidence says it of: no neighbour, other sentence or document fits better."""
    homes = [home for source in sources for home in _homes(source)]
    for sentence in sentences(claim):
        for frame in frames(sentence):
            giving = [home for home in homes if same(frame.quantity, home.frame.quantity)]
            rivals = [
                home
                for home in homes
                if rival(frame.quantity, home.frame.quantity) and not same(frame.quantity, home.frame.quantity)
            ]
            if not giving:
                continue
            reasons = [_misplaced(frame, home, rivals) or _apart(frame, home, sources) for home in giving]
            if all(reasons):
                return reasons[0]
    return None


def _homes(source: Source) -> tuple[_Home, ...]:
    return _homes_of(source.passage or source.text, source.context, source.document)


@lru_cache(maxsize=1024)
def _homes_of(text: str, context: str, document: str) -> tuple[_Home, ...]:
    found, title = [], Region(normalise(context))
    told = sentences(text)
    for number, sentence in enumerate(told):
        beside = [told[i] for i in (number - 1, number + 1) if 0 <= i < len(told)]
        for frame in frames(sentence):
            theirs = [one for one in beside if not any(rival(frame.quantity, f.quantity) for f in frames(one))]
            found.append(_Home(frame, sentence, title, Region("\n".join(theirs)), document))
    return tuple(found)


def _misplaced(frame: Frame, home: _Home, rivals: Iterable[_Home]) -> str | None:
    for other in rivals:
        beside = other.sentence == home.sentence and other.document == home.document
        if _beside(frame, home, other) if beside else _elsewhere(frame, home, other):
            return f"{frame.quantity.text.strip()}: the evidence gives {other.frame.quantity.text.strip()} for that"
    return None


def _apart(frame: Frame, home: _Home, sources: Sequence[Source]) -> str | None:
    """Whether the figure is said of something that the evidence has in another place only."""
    whole = Region("\n".join(source.whole for source in sources))
    away = [t for t in frame.local_tokens if isinstance(t, str) and not home.explains(t) and whole.has(t)]
    beside = [t for t in frame.local_tokens if isinstance(t, str) and not home.gives(t) and whole.has(t)]
    if weight(away) < _APART and not any(_qualifies(token, frame, home, whole) for token in beside):
        return None
    return f"{frame.quantity.text.strip()}: the evidence doesn't say it of {' '.join(map(str, beside))}"


def _qualifies(token: str, frame: Frame, home: _Home, whole: Region) -> bool:
    """Whether a word stands before one that the figure has, as the evidence has both of another thing only.

    "£5 from the general reserve", where £5 is of the emergency reserve and the general reserve is another.
    """
    words = [one for one in frame.local_tokens if isinstance(one, str)]
    after = words[words.index(token) + 1 : words.index(token) + 2]
    if not after or not home.frame.has(after[0]):
        return False
    own = any(_pair(one, after[0], home.frame.own) for one in words if one != token)
    return not own and _pair(token, after[0], whole)


def _pair(one: str, other: str, region: Region) -> bool:
    """Whether two words stand side by side."""
    if one.isascii():
        return bool(re.search(rf"\b{re.escape(one)}\s+{re.escape(stem(other))}", region.text))
    return one + other in region.squashed or f"{one}的{other}" in region.squashed


def _beside(frame: Frame, home: _Home, other: _Home) -> bool:
    """Whether a neighbour in one sentence fits better: it has what is said, and the figure has none of it.

    A figure inherits what stands before it ("authorities gave 64%, companies 21%" gives what companies gave), unless it
    has words of its own and none is said of it; it inherits nothing from behind.
    """
    if home.frame.listed or not frame.local_tokens:
        return False
    if _leads(frame, home, other):
        return True
    pointing = [t for t in frame.tokens if t not in CHANGES and other.frame.has(t) and not home.frame.has(t)]
    mine = [t for t in frame.tokens if home.frame.has(t) and not other.frame.has(t)]
    if other.frame.place < home.frame.place:
        return bool(pointing) and not mine and bool(home.frame.tokens)
    apart = [t for t in pointing if not home.explains(t)]
    return bool(apart) and (not mine or _cover(frame, other) > _cover(frame, home))


def _leads(frame: Frame, home: _Home, other: _Home) -> bool:
    """Whether a claim begins with what leads another figure, and says nothing of what leads its own."""
    lead, theirs = (
        next((t for t in one.tokens if isinstance(t, str) and t != BEFORE and t not in CHANGES), "")
        for one in (frame, home.frame)
    )
    if not lead or not theirs:
        return False
    return other.frame.has(lead) and not home.frame.has(lead) and not Region(frame.own.text).has(theirs)


def _cover(frame: Frame, home: _Home) -> float:
    """Return which share of a figure's own words is said, between 0 and 1."""
    own = [token for token in home.frame.tokens if token != BEFORE] or home.frame.tokens
    said = Region(frame.own.text)
    covered = [token for token in own if (frame.base if token == BEFORE else said.has(token))]
    return weight(covered) / weight(own) if own else 0.0


def _elsewhere(frame: Frame, home: _Home, other: _Home) -> bool:
    """Whether a figure of another sentence explains more of what is said, or all of it and something besides."""
    said = [token for token in frame.all_tokens if token != BEFORE]
    mine = [token for token in said if home.explains(token)]
    theirs = [token for token in said if token not in CHANGES and other.gives(token)]
    more = weight(t for t in theirs if t not in mine)
    if more - weight(t for t in mine if t not in theirs) >= _MARGIN:
        return True
    besides = any(other.frame.is_local(token) for token in theirs if token not in mine)
    return besides and all(other.frame.has(token) for token in mine if home.frame.has(token))
