"""Training examples from pairs written by hand: a document, a question that it answers, a near miss that it doesn't."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from qa.question.answer_types import LARGEST, SMALLEST
from vectorstore.text.language import language_of
from vectorstore.text.words import terms
from vectorstore.types import Sentence

from .groups import (
    IGNORED,
    NEGATIVE,
    POSITIVE,
    CutPassage,
    Group,
    LabelledPassage,
    TermIndex,
    cut_document,
    overlap,
    shared_terms,
)

BESIDE = 2
"""Passages of other documents beside the own ones."""
SHORT, LONG = 3, 4
"""Passages of an example: of a document that is hardly longer than them, and of a longer one."""


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


def only_across(documents: Sequence[Document]) -> list[Document]:
    """Return the documents with those of their pairs that are asked in another language, if any."""
    found = []
    for document in documents:
        pairs = tuple(pair for pair in document.pairs if language_of(pair.question) != document.language)
        if pairs:
            found.append(replace(document, pairs=pairs))
    return found


def pair_groups(documents: Sequence[Document], round: int, neighbours: Neighbours | None = None) -> Iterator[Group]:
    """Yield two examples a pair.

    Args:
        round: 0 gives each document alone, under its title; 1 without its title, as a bare file would
            be, unless the question needs the title; 2 and more with the nearest passages of
            other documents beside it. Where a question has several wordings, each round takes another.
        neighbours: those of ``documents``; made here where a round needs them and there are none.
    """
    if round > 1 and neighbours is None:
        neighbours = Neighbours(documents)
    for number, document in enumerate(documents):
        titled = cut_document(document.text, document.title)
        bare = cut_document(document.text, None) if round == 1 else titled
        said = set(terms(document.text))
        most = LONG if len(bare) > 2 * SHORT else SHORT
        for at, pair in enumerate(document.pairs):
            question = (pair.question, *pair.wordings)[round % (1 + len(pair.wordings))]
            only_title = set(terms(document.title)) & set(terms(question)) - said
            passages = titled if only_title else bare
            beside = neighbours.nearest(number, question, True, BESIDE) if neighbours and round > 1 else []
            labelled = _labelled(passages, question, document.text, pair.answers)
            id = f"{document.id}-{at}"
            if any(p.answers for p in labelled):
                nearest = sorted(labelled, key=lambda p: (not p.answers, -shared_terms(question, p.text)))
                chosen = nearest[: most - len(beside)]
                asked = (question, (*chosen, *(p.labelled() for p in beside)), pair.previous)
                yield Group(id, "pairs", document.language, "plain", *asked)
            beside = neighbours.nearest(number, pair.near_miss, False, BESIDE) if neighbours and round > 1 else []
            ranked = sorted(passages, key=lambda p: -shared_terms(pair.near_miss, p.text))[: most - len(beside)]
            kept = tuple(p.labelled() for p in (*ranked, *beside))
            kind = f"written:{pair.change}"
            yield Group(id + "-miss", "pairs", document.language, kind, pair.near_miss, kept, pair.previous)


def _labelled(
    passages: Sequence[CutPassage], question: str, text: str, answers: Sequence[str]
) -> list[LabelledPassage]:
    """Return ``passages`` with labels: which sentences hold one of the ``answers``, verbatim words of ``text``.

    Where the question asks which row of a table comes first, no row by itself tells: the others are ignored.
    """
    holding = [[any(_holds(text, one, s) for one in answers) for s in p.sentences] for p in passages]
    heads = set()
    if LARGEST.search(question) or SMALLEST.search(question):
        pairs = zip(passages, holding, strict=True)
        heads = {_above(s) for p, held in pairs for s, one in zip(p.sentences, held, strict=True) if one} - {()}
    found = []
    for passage, held in zip(passages, holding, strict=True):
        units = zip(passage.sentences, held, strict=True)
        found.append(passage.labelled([POSITIVE if one else _other(sentence, heads) for sentence, one in units]))
    return found


def _above(sentence: Sentence) -> tuple[str, ...]:
    """Return the lines that a table's row is read with; nothing for another sentence."""
    return tuple(sentence.text.splitlines()[:-1])


def _other(sentence: Sentence, heads: Container[tuple[str, ...]]) -> int:
    return IGNORED if _above(sentence) in heads else NEGATIVE


def _holds(text: str, answer: str, sentence: Sentence) -> bool:
    """Whether half of the shorter of answer and sentence is common to both."""
    start = text.find(answer)
    size = sum(right - left for left, right in sentence.spans)
    return start >= 0 and overlap(sentence.spans, start, start + len(answer)) >= 0.5 * min(len(answer), size)


class Neighbours:
    """The passages of all documents, by the words that they hold: which of them lie nearest to a question.

    Where several reports of one kind lie together, what misleads is the same attribute of another body.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self._index = TermIndex()
        self._owners: list[int] = []
        self._said: list[frozenset[str]] = []
        for number, document in enumerate(documents):
            self._said.append(frozenset(terms(f"{document.title}\n{document.text}")))
            for passage in cut_document(document.text, document.title):
                self._index.add(passage)
                self._owners.append(number)

    def nearest(self, number: int, question: str, answered: bool, count: int) -> list[CutPassage]:
        """Return up to ``count`` passages of other documents in the language of the one at ``number``.

        One that may answer as well is left out: its document must lack a word of the question; where the question is
        ``answered``, one that stands in the title of its own document.
        """
        asked = set(terms(question))
        telling = asked & set(terms(self._documents[number].title)) if answered else asked
        found: list[CutPassage] = []
        for at in self._index.ranked(asked):
            other, passage = self._owners[at], self._index.passages[at]
            same = self._documents[other].language == self._documents[number].language
            if other != number and same and telling - self._said[other]:
                found.append(passage)
            if len(found) == count:
                break
        return found
