"""What a figure counts: the noun next to it."""

from __future__ import annotations

import re

from qa.text.quantities import Quantity
from qa.verify.lexicon import NOT_NOUNS
from qa.verify.source import content_words, quantities_of
from vectorstore.text.language import HAN

SHARES = ("%", "points")
"""Units of a share: what it is a share of stands before it, never behind."""
_FILLER = re.compile(
    r"(?:达到?|约|共计?|是|为|占|超过?|近|了|到|至|的|累计|总计|合计|有|仅|只|同比|[:：(（,，\s]){1,20}$"
)
_ENGLISH_NOUN = re.compile(r"\s([a-z]{3,})")
_BEHIND, _BEFORE = re.compile(rf"[{HAN}]{{2}}"), re.compile(rf"[{HAN}]{{2}}$")


def counted_noun(text: str, quantity: Quantity) -> str:
    """Return the noun next to a quantity of ``text`` (normalised), or an empty string where there is none.

    In English that is the word behind it. In Chinese it is the two characters behind a count or, where nothing stands
    there and for a share, the two before it.
    """
    english = _ENGLISH_NOUN.match(text, quantity.end)
    if english and content_words(english[1]):
        return english[1]
    behind = _BEHIND.match(text, quantity.end)
    if behind and quantity.unit not in SHARES and behind[0] not in NOT_NOUNS:
        return behind[0]
    before = _BEFORE.search(_FILLER.sub("", text_before(text, quantity)))
    return before[0] if before and before[0] not in NOT_NOUNS else ""


def text_before(text: str, quantity: Quantity) -> str:
    """Return ``text`` before a quantity of it, back to the quantity before that one."""
    return text[max((q.end for q in quantities_of(text) if q.end <= quantity.start), default=0) : quantity.start]
