"""Proper names in Chinese text: people, places, organisations and brands, by part-of-speech tags."""

from __future__ import annotations

from collections.abc import Set

from vectorstore.text.language import HAN
from vectorstore.text.segmentation import tag
from vectorstore.text.words import normalise

PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
"""People: Chinese, transliterated, and well-known ones."""
PLACE_TAGS = frozenset({"ns"})
ORGANISATION_TAGS = frozenset({"nt"})
OTHER_TAGS = frozenset({"nz"})
"""Brands, products, works, events."""
ENTITY_TAGS = PERSON_TAGS | PLACE_TAGS | ORGANISATION_TAGS
NAME_TAGS = ENTITY_TAGS | OTHER_TAGS

MASKED_NAME = rf"[{HAN}]某{{1,2}}"
"""Pattern of a person's name as courts and hospitals write it: 王某, 王某某."""


def proper_names(text: str, tags: Set[str] = NAME_TAGS) -> list[str]:
    """Return the words of ``text``, in normal form and in order, that are tagged as proper names.

    The tagger guesses at words it doesn't know, so a word that is none is sometimes among them: a name is suspected,
    not certain.

    Args:
        text: in any form.
        tags: of the kinds of name that are meant, out of ``NAME_TAGS``.
    """
    return [word for word, kind in tag(normalise(text)) if kind in tags and len(word) > 1]
