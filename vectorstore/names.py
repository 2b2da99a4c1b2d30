"""Proper names in Chinese text: people, places, organisations and brands, by part-of-speech tags."""

from __future__ import annotations

import rjieba

from vectorstore.words import normalise

_TAGS = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"})


def proper_names(text: str) -> list[str]:
    """Return the words of ``text``, in normal form, that are tagged as proper names.

    The tagger guesses at words it doesn't know, so a word that is none is sometimes among them; take a name as suspect, not
    as certain.
    """
    return [word for word, tag in rjieba.tag(normalise(text)) if tag in _TAGS and len(word) > 1]
