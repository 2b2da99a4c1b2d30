"""What a question asks several things of at once ("the revenue and the headcount"): each as a question by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from qa.question import coordination_chinese as chinese
from qa.question import coordination_english as english
from qa.question.mentions import Mention
from vectorstore.text.language import has_han
from vectorstore.text.words import normalise
from vectorstore.types import Span

Written = Callable[[str], bool]
"""Whether the documents have these words on end."""
MOST = 8
"""More things than this at once are a list to look up, and no question."""
_MOST_SHARED = 4
"""Words that two things may share: each more is looked up in the documents."""


class Asked(NamedTuple):
    """One of the things that a question asks, or asks about."""

    label: str
    """As the question calls it."""
    question: str
    """The question as it asks this one alone."""
    is_name: bool
    """Whether it is somebody, a place or a year, and no attribute: an answer must be about it by name."""


def asked_together(text: str, mentions: Sequence[Mention], written: Written) -> list[Asked]:
    """Return the things that ``text`` asks side by side, at least two, in its order; none where that isn't sure.

    Two that the documents write as one phrase are one thing ("research and development", "Eastmarch and Vale").

    Args:
        mentions: of documents in it.
    """
    language = chinese if has_han(text) else english
    found = language.side_by_side(text, mentions)
    if found is None or len(found.items) > MOST:
        return []
    items = found.items
    phrase = "".join(language.pieces(text[items[0][0] : items[-1][1]]))
    if len(items) == 2 and not _are_documents(items, mentions) and written(phrase):
        return []
    if not found.are_names and _is_compound(text, items, language.pieces, written):
        return []
    shared = "" if found.are_names else _shared(text, items, language.pieces, written)
    before, after = text[: items[0][0]], language.of_one(text[items[-1][1] :])
    labels = [text[start:end] for start, end in items]
    labels = [labels[0], *(shared + label for label in labels[1:])]
    return [Asked(label, f"{before}{label}{after}", found.are_names) for label in labels]


def _are_documents(items: Sequence[Span], mentions: Sequence[Mention]) -> bool:
    """Whether each item names documents that no other one does."""
    named = [{d for m in mentions if start <= m.start and m.end <= end for d in m.documents} for start, end in items]
    return all(named) and len(frozenset().union(*named)) == sum(map(len, named))


def _is_compound(text: str, items: Sequence[Span], pieces: Callable[[str], Sequence[str]], written: Written) -> bool:
    """Whether the last item's end belongs to the first one too ("research and development spending").

    What stands before it ends the first one ("第一季度和第二季度营收"), or documents write it there in the singular.
    """
    first, last = (pieces(text[start:end]) for start, end in (items[0], items[-1]))
    han = has_han(text)
    if "".join(first)[-2:] in "".join(last)[1:-1] if han else f"{first[-1].strip()} " in last[1:-1]:
        return True
    if len(items) > 2 or len(last) <= len(first):
        return False
    before = "".join(first).rstrip() + ("" if han else " ")
    ends = ("".join(last[at:]).removesuffix("s") for at in range(len(last) - 1, 0, -1)[:_MOST_SHARED])
    return any(written(before + end) for end in ends)


def _shared(text: str, items: Sequence[Span], pieces: Callable[[str], Sequence[str]], written: Written) -> str:
    """Return the first words of the first item where they are the last one's too ("the average age and salary").

    The documents tell: they write them before the last item.
    """
    first, last = (pieces(text[start:end]) for start, end in (items[0], items[-1]))
    if len(last) >= len(first):
        return ""
    leads = ("".join(first[:end]) for end in range(min(len(first) - 1, _MOST_SHARED), 0, -1))
    return next((lead for lead in leads if written(lead + "".join(last))), "")


def stands_in(label: str, text: str) -> bool:
    """Whether a name or a year of a question stands in ``text``."""
    language = chinese if has_han(label) else english
    return any(re.search(_whole(form), normalise(text)) for form in language.forms(normalise(label)))


def _whole(name: str) -> str:
    """Return a pattern of a name that is no part of another Latin word or number: Ely is not in "rarely"."""
    kinds = [
        "[a-z]" if end.isascii() and end.isalpha() else r"\d" if end.isdigit() else "" for end in (name[0], name[-1])
    ]
    before, behind = (f"(?{way}{kind})" if kind else "" for way, kind in zip(("<!", "!"), kinds, strict=True))
    return f"{before}{re.escape(name)}{behind}"
