"""Whose a figure is: the documents that a claim names, and the name that each of its figures belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.text.quantities import Kind, Quantity
from qa.verify.frames import forms, frames, sentences
from qa.verify.lexicon import COMMON_IN_NAMES
from qa.verify.source import Source, content_words, dated, quantities_of, squash
from vectorstore.text.names import ENTITY_TAGS, MASKED_NAME, proper_names
from vectorstore.text.words import normalise


def owned(text: str, sources: Sequence[Source]) -> Iterator[tuple[Quantity, str, frozenset[str]]]:
    """Yield the figures and dates of a text with the name that each belongs to, and the documents of that name.

    That is the name among a figure's own words; else the nearest.
    """
    for sentence in sentences(text):
        named = mentions(sentence, sources)
        own = {frame.quantity.start: frame.own.squashed for frame in frames(sentence)}
        for quantity in quantities_of(sentence):
            if quantity.kind not in (Kind.NUMBER, Kind.DATE) or quantity.article:
                continue
            beside = [mention for mention in named if squash(mention[1]) in own.get(quantity.start, "")]
            several = len({documents for _, _, documents in beside}) > 1
            name, documents = beside[0][1:] if beside and not several else _nearest_mention(sentence, quantity, named)
            yield quantity, name, documents


def figures_in(text: str) -> list[Quantity]:
    """Return the figures of a text that may be compared: no years, and no articles."""
    return [q for q in quantities_of(text) if q.kind is Kind.NUMBER and not q.article and not dated(q)]


def mentions(text: str, sources: Sequence[Source]) -> list[tuple[int, str, frozenset[str]]]:
    """Where the claim names some of the documents, but not all: (offset, name, documents' ids), by offset."""
    titles = {source.document: normalise(source.context.split("\n")[0]) for source in sources}
    names = set(_names(text))
    for title in titles.values():
        names.update(_names(title) or [word for word in content_words(title) if word not in COMMON_IN_NAMES])
    found = []
    for name in {form for full in names for form in forms(full)}:
        documents = frozenset(document for document, title in titles.items() if name in title)
        if documents and len(documents) < len(titles):
            found += [(match.start(), name, documents) for match in re.finditer(re.escape(name), text)]
    return sorted(found)


def _names(text: str) -> list[str]:
    masked = re.findall(MASKED_NAME, text)
    return [*masked, *(name for name in proper_names(text, ENTITY_TAGS) if len(name) > 1)]


def _nearest_mention(
    text: str, quantity: Quantity, mentions: Sequence[tuple[int, str, frozenset[str]]]
) -> tuple[str, frozenset[str]]:
    """The mention that a figure belongs to: the one right behind it ("96%的甲县"), the last before it, or the next."""
    behind = [mention for mention in mentions if mention[0] >= quantity.end]
    before = [mention for mention in mentions if mention[0] < quantity.start]
    if behind and text[quantity.end : behind[0][0]].strip() in ("的", "in", "for", "at"):
        return behind[0][1:]
    if before:
        return before[-1][1:]
    return behind[0][1:] if behind else ("", frozenset())
