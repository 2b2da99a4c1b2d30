"""Reads the written examples: one sentence a line, with alternatives in brackets, ``<topic>``,
``<payload>`` and ``<figure>`` for what fills them.

``order.KIND.LANGUAGE.txt`` holds what addresses whoever answers, ``plain.KIND.LANGUAGE.txt`` what people tell people.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vectorstore.text.language import Language, language_of
from vectorstore.text.sentences import split_text

from ..reader.public import TRAINED

FOLDER = Path(__file__).parent / "examples"
MOST = 12
"""Wordings taken of one line."""
_ALTERNATIVES = re.compile(r"(?<!\\)\(((?:[^()\\]|\\.)*)(?<!\\)\)\??")
_SLOT = re.compile(r"<(topic|payload|figure)>")
SAID = 60
"""Sentences of reports, in each language, that orders dictate."""
REPORTS = "reports"
"""The kind of the sentences of whole documents."""
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, and whether it gives orders to whoever answers from it."""

    text: str
    order: bool
    kind: str
    language: Language


def read(reports: Sequence[Example], folder: Path = FOLDER) -> list[Example]:
    """Return all written examples; the same ones each time, in the same order.

    Args:
        reports: whose sentences are dictated as well: what is dictated must not give an order away.
    """
    found: dict[str, Example] = {}
    chance = random.Random(3)
    short = {
        language: chance.sample([e.text for e in reports if e.language == language and 8 < len(e.text) < limit], SAID)
        for language, limit in (("zh", 40), ("en", 90))
    }
    for path in sorted(folder.glob("*.*.*.txt")):
        label, kind, language, _ = path.name.split(".")
        slots = {name: _lines(folder / f"{name}.{language}.txt") for name in ("topic", "payload", "figure")}
        slots["payload"] += [text.rstrip("。.") for text in short[language]] + slots["figure"]
        for line in _lines(path):
            for text in wordings(line, slots):
                found.setdefault(text, Example(text, label == "order", kind, "zh" if language == "zh" else "en"))
    return list(found.values())


def wordings(line: str, slots: dict[str, list[str]]) -> list[str]:
    """Return up to ``MOST`` of the sentences that ``line`` stands for, each once."""
    parts = _ALTERNATIVES.split(line)
    options = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    chance = random.Random(line)
    count = 1
    for option in options:
        count *= len(option)
    if count <= MOST:
        every = ["".join(choice) for choice in itertools.product(*options)]
    else:
        every = ["".join(chance.choice(option) for option in options) for _ in range(MOST)]
    texts = (_SLOT.sub(lambda match: chance.choice(slots[match[1]]), text.replace("\\", "")) for text in every)
    return list(dict.fromkeys(" ".join(text.split()) for text in texts))


def of_documents(paths: Sequence[Path]) -> list[Example]:
    """Return the sentences of report documents, each once; none is an order."""
    return _of_lines((line for path in paths for line in path.read_text("utf-8").splitlines()), REPORTS)


def of_pairs(paths: Sequence[Path]) -> list[Example]:
    """Return the sentences of the invented documents in ``eval/training/pairs``, each once; none is an order."""
    rows = (json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines())
    return _of_lines((line for row in rows for line in row.get("text", "").splitlines()), "pairs")


def of_public(folder: Path, most: int) -> list[Example]:
    """Return up to ``most`` sentences of each public reading set that may be trained on; none is taken for an order."""
    found = []
    for name in sorted(TRAINED):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            rows = (json.loads(line) for line in file)
            contexts = sorted({row["context"] for row in rows if row["split"] == "train" and row["ship"] != "no"})
        texts = _of_lines((line for context in contexts for line in context.splitlines()), PUBLIC)
        found += random.Random(name).sample(texts, min(most, len(texts)))
    return found


def _of_lines(lines: Iterable[str], kind: str) -> list[Example]:
    sentences = (text for line in lines for text in split_text(line) if sum(map(str.isalnum, text)) > 3)
    return [Example(text, False, kind, language_of(text)) for text in dict.fromkeys(sentences)]


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
