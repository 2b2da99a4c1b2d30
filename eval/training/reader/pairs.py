"""Training examples from pairs written by hand: a document, a question that it answers, a near miss that it doesn't."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from vectorstore.text.words import terms
from vectorstore.types import Sentence

from .groups import NEGATIVE, POSITIVE, CutPassage, Group, cut_document, overlap, shared_terms, stable


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with the words that answer it, and a near miss of it."""

    question: str
    answers: tuple[str, ...]
    near_miss: str
    change: str
    previous: str
    wordings: tuple[str, ...] = ()
    """Other wordings of the question."""


@dataclass(frozen=True, slots=True)
class Document:
    """An invented document, and what is asked about it."""

    id: str
    language: Literal["zh", "en"]
    title: str
    text: str
    pairs: tuple[Pair, ...]


def read_pairs(paths: Sequence[Path]) -> list[Document]:
    """Return the documents of files, and of all ``*.jsonl`` in folders; a last line still being written is left.

    A line with ``of`` holds more pairs for the document of that id: they come and go with it, so that no document is
    trained on in one line and held out in another. It is left out where its document is not among the files.
    """
    found: dict[str, Document] = {}
    more: defaultdict[str, list[Pair]] = defaultdict(list)
    for given in paths:
        for path in sorted(given.glob("*.jsonl")) if given.is_dir() else [given]:
            for line in path.read_text("utf-8").split("\n")[:-1]:
                if not line.strip():
                    continue
                value = json.loads(line)
                if "of" in value:
                    more[value["of"]] += _pairs(value["pairs"])
                else:
                    found.setdefault(value["id"], _document(value))
    return [replace(document, pairs=(*document.pairs, *more[id])) for id, document in found.items()]


def _document(value: dict[str, object]) -> Document:
    pairs = value["pairs"]
    assert isinstance(pairs, list)
    id, language, title, text = (value[key] for key in ("id", "lang", "title", "text"))
    return Document(id, language, title, text, tuple(_pairs(pairs)))  # type: ignore[arg-type]


def _pairs(pairs: list[dict[str, Any]]) -> list[Pair]:
    read = []
    for pair in pairs:
        answers = (pair["answer"],) if isinstance(pair["answer"], str) else tuple(pair["answer"])
        asked = (pair["question"], answers, pair["near_miss"], pair["change"], pair.get("history") or "")
        read.append(Pair(*asked, tuple(pair.get("wordings") or ())))
    return read


def pair_groups(documents: Sequence[Document], round: int) -> Iterator[Group]:
    """Yield two examples a pair.

    Args:
        round: 0 gives each document alone, under its title; 1 without its title, as a bare file would
            be, unless the question needs the title; 2 with a
            passage of another document beside it. Where a question has several wordings, each round
            takes another.
    """
    for number, document in enumerate(documents):
        titled = cut_document(document.text, document.title)
        bare = cut_document(document.text, None) if round == 1 else titled
        said = set(terms(document.text))
        for at, pair in enumerate(document.pairs):
            question = (pair.question, *pair.wordings)[round % (1 + len(pair.wordings))]
            only_title = set(terms(document.title)) & set(terms(question)) - said
            passages = titled if only_title else bare
            beside = [_beside(documents, number, question)] if round == 2 else []
            labelled = [p.labelled(_labels(document.text, pair.answers, p)) for p in passages]
            id = f"{document.id}-{at}"
            if any(p.answers for p in labelled):
                chosen = sorted(labelled, key=lambda p: not p.answers)[: 3 - len(beside)]
                asked = (question, (*chosen, *(p.labelled() for p in beside)), pair.previous)
                yield Group(id, "pairs", document.language, "plain", *asked)
            ranked = sorted(passages, key=lambda p: -shared_terms(pair.near_miss, p.text))[: 3 - len(beside)]
            kept = tuple(p.labelled() for p in (*ranked, *beside))
            kind = f"written:{pair.change}"
            yield Group(id + "-miss", "pairs", document.language, kind, pair.near_miss, kept, pair.previous)


def _labels(text: str, answers: Sequence[str], passage: CutPassage) -> list[int]:
    return [POSITIVE if any(_holds(text, one, s) for one in answers) else NEGATIVE for s in passage.sentences]


def _holds(text: str, answer: str, sentence: Sentence) -> bool:
    """Whether half of the shorter of answer and sentence is common to both."""
    start = text.find(answer)
    size = sum(right - left for left, right in sentence.spans)
    return start >= 0 and overlap(sentence.spans, start, start + len(answer)) >= 0.5 * min(len(answer), size)


def _beside(documents: Sequence[Document], number: int, question: str) -> CutPassage:
    """Return the passage that shares most words with ``question`` among those of 30 other documents."""
    language = documents[number].language
    others = [d for d in documents if d.language == language and d is not documents[number]]
    first = stable(question) % max(1, len(others))
    some = [others[(first + step) % len(others)] for step in range(min(30, len(others)))]
    passages = [p for d in some for p in cut_document(d.text, d.title)]
    return max(passages or cut_document(documents[number].text, None), key=lambda p: shared_terms(question, p.text))
