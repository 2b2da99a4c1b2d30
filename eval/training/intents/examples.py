"""Reads the written examples: one utterance a line, with alternatives in brackets, ``<doc>`` for a document's name."""

from __future__ import annotations

import itertools
import random
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from qa.types import Intent
from vectorstore.text.language import Language
from vectorstore.text.words import words

FOLDER = Path(__file__).parent / "examples"
HELD_OUT = 5
"""One line in this many is held out of the fit, with all its wordings."""
MOST = 16
"""Wordings taken of one line."""
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_NAME = "<doc>"


@dataclass(frozen=True, slots=True)
class Example:
    """An utterance and what its writer wants."""

    text: str
    intent: Intent
    language: Language
    held_out: bool


def read(folder: Path = FOLDER) -> list[Example]:
    """Return all examples; the same ones each time, in the same order."""
    found = []
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        names = _lines(folder / f"names.{language}.txt")
        for intent in Intent:
            for line in _lines(folder / f"{intent.value}.{language}.txt"):
                held_out = zlib.crc32(line.encode()) % HELD_OUT == 0
                found += [Example(text, intent, language, held_out) for text in wordings(line, names)]
    fitted = {example.text for example in found if not example.held_out}
    return [example for example in found if not (example.held_out and example.text in fitted)]


def general_words(folder: Path = FOLDER) -> frozenset[str]:
    """Return the words of the examples that ask for an overview, names of documents left out."""
    texts = (_lines(folder / f"{Intent.OVERVIEW.value}.{language}.txt") for language in ("zh", "en"))
    return frozenset(
        word
        for lines in texts
        for line in lines
        for part in _ALTERNATIVES.split(line.replace(_NAME, " "))
        for option in part.split("|")
        for word in words(option)
    )


def wordings(line: str, names: list[str]) -> list[str]:
    """Return up to ``MOST`` of the utterances that ``line`` stands for, each once."""
    parts = _ALTERNATIVES.split(line)
    options = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    every = list(dict.fromkeys("".join(choice).strip() for choice in itertools.product(*options)))
    chance = random.Random(line)
    chosen = every if len(every) <= MOST else chance.sample(every, MOST)
    return [text.replace(_NAME, chance.choice(names)) for text in chosen]


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
