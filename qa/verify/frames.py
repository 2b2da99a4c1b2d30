"""Frames of figures: each figure of a sentence with the words that are its own, and those before it.

"Local authorities gave 64%, water companies 21%" has two frames: 64% is that of the local authorities. A sentence is
cut between two figures of one kind at the strongest mark that stands there; the rest goes to the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from qa.text.quantities import Kind, Quantity, same
from qa.text.quantities.units import COUNTED, compatible
from qa.verify.lexicon import synonyms
from qa.verify.source import content_words, dated, quantities_of
from vectorstore.text.names import MASKED_NAME
from vectorstore.text.words import normalise, stem

_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[，、）】|)]|,(?!\d)|(?<!\d),",
        r"\b(?:and|but|while|whereas|against|compared|versus|from|to|than)\b|和|与|及|而|但|从|由|至|到|较|比",
        r"[（(【]",
    )
)
"""Where a sentence is cut between two figures, the strongest marks first."""
_LOCAL = re.compile(r"[，；;]|,(?!\d)|(?<!\d),|(?<!\d):(?=\s)")
_BASE = re.compile(
    r"(?:从|由|较|原来的?|原有|上年|去年|此前|相比|比)[^\d，。；、]{0,10}$"
    r"|\b(?:(?:from|against|compared (?:with|to)|versus|vs|than)\b|(?:19|20)\d\d:)[^\d,;.:]{0,20}$"
)
_BASE_BEHIND = re.compile(
    r"[^\d,;.，；。]{0,12}(?:\b(?:the|a) (?:previous )?year (?:before|earlier|ago)|\bpreviously|\blast year)"
)
_RESPECTIVELY = re.compile(r"分别|依次|\brespectively\b")

_MASKED = re.compile(MASKED_NAME)
_NUMBERING = re.compile(r"\s*[(（]?\d{1,2}(?:\.\d{1,2})*[.)）、]?\s+(?=[^\W\d])")
"""What numbers a paragraph or a heading: "2.3 Partners"."""

BEFORE = "§before"
"""Stands for whatever says that a figure is what another one is compared with: from, against, the year before."""
Token = str | Quantity


@dataclass(frozen=True)
class Region:
    """A stretch of text that is asked what it says."""

    text: str

    @cached_property
    def squashed(self) -> str:
        return "".join(self.text.split())

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(stem(word) for word in re.findall(r"[a-z]+", self.text))

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        return quantities_of(self.text)

    def has(self, token: Token) -> bool:
        if isinstance(token, Quantity):
            return any(same(token, figure) for figure in self.figures)
        return any(self._says(word) for word in synonyms(token))

    def _says(self, word: str) -> bool:
        if not word.isascii():
            return any(form in self.squashed for form in forms(word)) or (
                len(word) == 4 and word[:2] in self.squashed and word[2:] in self.squashed
            )
        root = stem(word)
        return root in self.stems or (
            len(root) > 4 and any(s.startswith(root) or root.startswith(s) for s in self.stems if len(s) > 4)
        )


@dataclass(frozen=True)
class Frame:
    """A figure in its sentence."""

    quantity: Quantity
    own: Region
    """What is cut off around it."""
    local: Region
    """Of that, what stands between the same commas."""
    head: Region
    """The sentence before it."""
    base: bool
    """Whether it is what another figure is compared with."""
    place: int
    """Which of the figures of its kind it is, in its sentence."""
    listed: bool
    """Whether its sentence gives several names and then their figures ("respectively")."""

    @cached_property
    def dated(self) -> bool:
        """Whether its sentence has a date."""
        return any(dated(quantity) for region in (self.head, self.own) for quantity in region.figures)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """What the figure is said of: the words between its commas; all its own words where there are none."""
        return self.local_tokens or self.all_tokens

    @cached_property
    def local_tokens(self) -> tuple[Token, ...]:
        return self._tokens(self.local)

    @cached_property
    def all_tokens(self) -> tuple[Token, ...]:
        return self._tokens(self.own)

    def _tokens(self, region: Region) -> tuple[Token, ...]:
        masked = dict.fromkeys(match[0] for match in _MASKED.finditer(region.text))
        plain = content_words(_MASKED.sub(" ", region.text))
        words = masked | dict.fromkeys(plain)
        others = [
            q
            for q in quantities_of(region.text)
            if not q.article
            and q.unit not in ("%", "points")
            and not rival(self.quantity, q)
            and not same(q, self.quantity)
        ]
        return (*words, *((BEFORE,) if self.base else ()), *others)

    def has(self, token: Token) -> bool:
        return self.base if token == BEFORE else self.own.has(token)

    def is_local(self, token: Token) -> bool:
        return self.base if token == BEFORE else self.local.has(token)


def forms(word: str) -> tuple[str, ...]:
    """Return a Chinese word and, where it ends as places do, its short form: 青禾县, 青禾."""
    return (word, word[:-1]) if len(word) > 2 and word[-1] in "省市县区州镇乡村" else (word,)


def rival(one: Quantity, other: Quantity) -> bool:
    """Whether two figures could stand in each other's place."""
    if not is_figure(one) or not is_figure(other) or not compatible(one.unit, other.unit):
        return False
    return one.unit == other.unit or "" not in (one.unit, other.unit) or (one.unit or other.unit) in COUNTED


def is_figure(quantity: Quantity) -> bool:
    """Whether a quantity is a number that is neither an article nor a year by itself."""
    return quantity.kind is Kind.NUMBER and not quantity.article and not dated(quantity)


def weight(tokens: Iterable[Token]) -> float:
    """Return how much tokens tell: figures most, then long words."""
    return sum(_weight(token) for token in tokens)


def _weight(token: Token) -> float:
    if isinstance(token, Quantity):
        return 4.0
    if not token.isascii():
        return float(min(len(token), 4))
    return 2.0 if len(token) < 6 else 3.0


@lru_cache(maxsize=8192)
def frames(sentence: str) -> tuple[Frame, ...]:
    """Return the frames of the figures of one sentence, which is in normal form."""
    numbering = _NUMBERING.match(sentence)
    begins = numbering.end() if numbering else 0
    figures = [q for q in quantities_of(sentence) if is_figure(q) and q.start >= begins]
    return tuple(_frame(sentence, figure, [q for q in figures if rival(figure, q)]) for figure in figures)


def _frame(sentence: str, figure: Quantity, kin: Sequence[Quantity]) -> Frame:
    place = next(i for i, q in enumerate(kin) if q.start == figure.start) if figure in kin else 0
    start = _cut(sentence, kin[place - 1], figure) if place else 0
    end = _cut(sentence, figure, kin[place + 1]) if place + 1 < len(kin) else len(sentence)
    left = max((m.end() for m in _LOCAL.finditer(sentence, start, figure.start + 1)), default=start)
    right = next((m.start() for m in _LOCAL.finditer(sentence, figure.end, end)), end)
    return Frame(
        figure,
        Region(_without(sentence, start, figure, end)),
        Region(_without(sentence, left, figure, right)),
        Region(sentence[:start]),
        bool(
            _BASE.search(sentence[max(0, figure.start - 30) : figure.start]) or _BASE_BEHIND.match(sentence, figure.end)
        ),
        place,
        bool(_RESPECTIVELY.search(sentence)),
    )


def _without(sentence: str, start: int, figure: Quantity, end: int) -> str:
    return f"{sentence[start : figure.start]} {sentence[figure.end : end]}"


def _cut(sentence: str, one: Quantity, other: Quantity) -> int:
    """Return where what belongs to one figure ends and what belongs to the next begins."""
    between = sentence[one.end : other.start]
    for marks in _CUTS:
        match = marks.search(between)
        if match:
            return one.end + (match.end() if match[0] in "，、）】|)," else match.start())
    return one.end


_SENTENCE = re.compile(r"[；;。！？!?]|\.(?=\s|$)|\n\s*\n")


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text in normal form, clauses between semicolons apart, line ends as spaces."""
    parts = (" ".join(part.split()) for part in _SENTENCE.split(normalise(text)))
    return tuple(part for part in parts if any(char.isalnum() for char in part))
