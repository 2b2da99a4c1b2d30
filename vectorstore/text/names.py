"""Proper names in Chinese text: people, places, organisations and brands, by part-of-speech tags."""

from __future__ import annotations

import rjieba

from vectorstore.text.words import normalise

_NAMES = frozenset({"nr", "nrt", "nrfg", "ns", "nt"})
_OTHERS = frozenset({"nz"})


def proper_names(text: str, others: bool = True) -> list[str]:
    """Return the words of ``text``, in normal form, that are tagged as proper names.

    The tagger guesses at words it doesn't know, so a word that is none is sometimes among them: a name is suspected,
    not certain. Without ``others``: people, places and organisations only, no brands and products.
    """
    tags = _NAMES | _OTHERS if others else _NAMES
    return [word for word, tag in rjieba.tag(normalise(text)) if tag in tags and len(word) > 1]
