"""How titles and first lines stand in the lexical index, so that any stretch of them is found as it stands there.

A document's first passage carries them as pairs and triples of neighbouring characters: what is two long is one term,
and what is longer is a phrase of triples. What is worked out of a title (``vectorstore.text.titles``) is a term each.
"""

from __future__ import annotations

from enum import StrEnum

from vectorstore.storage.records import PassageText
from vectorstore.text.titles import Clue, clues, head_of
from vectorstore.text.words import normalise


class Part(StrEnum):
    """Where a stretch, in normal form, is looked for."""

    TITLE = "title"
    HEAD = "head"
    """In title and first lines; two characters at least."""
    LABEL = "label"
    """In title and name."""


Condition = tuple[Part | Clue, str]
"""What a document must have: a stretch of one of its parts, or a clue about it."""

FIELDS = {part: f"{part}_characters" for part in Part}
CLUES = "clues"
_PAIR, _TRIPLE = 2, 3


def values(passage: PassageText) -> dict[str, str | list[str]]:
    """Return what the index holds of the document that ``passage`` opens, by field; nothing for another passage."""
    if passage.opens is None:
        return {}
    title, head = normalise(passage.title), head_of(passage.title, passage.opens.text)
    label = normalise(f"{passage.title} {passage.opens.name}")
    return {
        FIELDS[Part.TITLE]: _characters(title, (_TRIPLE, _PAIR, 1)),
        FIELDS[Part.HEAD]: _characters(head, (_TRIPLE, _PAIR)),
        FIELDS[Part.LABEL]: _characters(label, (_TRIPLE, _PAIR, 1)),
        CLUES: [_clue(kind, text) for kind, text in dict.fromkeys(clues(title, head))],
    }


def phrase(condition: Condition) -> tuple[str, list[str]]:
    """Return the field and the terms, one after the other there, that stand for ``condition``."""
    kind, text = condition
    if isinstance(kind, Clue):
        return CLUES, [_clue(kind, text)]
    return FIELDS[kind], _runs(_without_space(text), min(len(text), _TRIPLE))


def _characters(text: str, sizes: tuple[int, ...]) -> str:
    """Return runs of ``text`` as the index takes terms: with spaces between them, one size after the other."""
    text = _without_space(text)
    return " ".join(" ".join(_runs(text, size)) for size in sizes)


def _runs(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(len(text) - size + 1)] if size else []


def _without_space(text: str) -> str:
    """Return ``text`` with another character, that no text has, for each that would end a term."""
    return "".join(chr(0xF0000 + ord(char)) if char.isspace() else char for char in text)


def _clue(kind: Clue, text: str) -> str:
    return f"{kind}:{text}"
