"""Questions asked through the product, up to what both models make of their sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa.question.analysis import QueryAnalyser
from qa.ranking.base import Floats, parts_of
from qa.ranking.reader.ranker import ReaderRanker, Reading
from qa.retrieval import Retriever
from qa.settings import Settings
from qa.types import Turn
from vectorstore.embeddings import Embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument, read_source
from vectorstore.text.language import Language

from ...runs import corpus as corpora
from ..labels import answers
from . import groups as records
from .mixture import held_out, split_own
from .own import SETS
from .pairs import Document

Asked = dict[str, Any]
"""A question as question sets have it."""
Make = Callable[[Library], ReaderRanker]


@dataclass(frozen=True, slots=True)
class Sample:
    """One question, read."""

    written: bool
    """Whether it is about a written document, which neither model knows."""
    language: Language
    """Of the question."""
    answerable: bool
    reading: Reading
    positive: Floats
    """1 for sentences that answer, shape (sentences,)."""


def own(data: Path, sets: Path, seeds: Path, settings: Settings, embedder: Embedder, ranker: Make) -> Iterator[Sample]:
    """Yield the samples of the own questions that were kept out of training."""
    ids = {group.id for group in split_own(records.read(data / "own.jsonl.gz"))[1]}
    for name, folder in SETS:
        questions = [json.loads(line) for line in (sets / name).read_text("utf-8").splitlines()]
        chosen = [question for question in questions if f"{name}:{question['id']}" in ids]
        if chosen:
            documents = list(read_source(sets / folder if folder else seeds))
            yield from samples(False, chosen, documents, settings, embedder, ranker)


def written(
    documents: Sequence[Document], share: float, settings: Settings, embedder: Embedder, ranker: Make
) -> Iterator[Sample]:
    """Yield the samples of a share of the written documents that were kept out of training."""
    kept = [one for one in documents if held_out(one.id) and records.stable(f"asked {one.id}") % 1000 < 1000 * share]
    asked = [question for one in kept for question in questions_about(one)]
    yield from samples(True, asked, [as_file(one) for one in kept], settings, embedder, ranker)


def as_file(document: Document) -> RawDocument:
    """Return a written document as the library takes it in."""
    return RawDocument.of(f"{document.id}.md", f"# {document.title}\n\n{document.text}")


def questions_about(document: Document) -> Iterator[Asked]:
    """Yield what a pair answers, in all its wordings, and the near miss."""
    for pair in document.pairs:
        history = [{"role": "user", "content": pair.previous}] if pair.previous else []
        evidence = [{"document": f"{document.id}.md", "quote": answer} for answer in pair.answers]
        common = {"type": "pair", "history": history}
        for question in (pair.question, *pair.wordings):
            yield common | {"question": question, "answerable": True, "evidence": evidence}
        yield common | {"question": pair.near_miss, "answerable": False}


def samples(
    written: bool,
    questions: Iterable[Asked],
    documents: Sequence[RawDocument],
    settings: Settings,
    embedder: Embedder,
    make: Make,
) -> Iterator[Sample]:
    """Yield each question that one part asks, read by the product; the others have several answers."""
    with corpora.temporary(documents, settings, embedder) as corpus:
        library = corpus.library
        analyser, retriever, ranker = QueryAnalyser(library), Retriever.over(library, settings), make(library)
        for question in questions:
            query = analyser.analyse(question["question"], [Turn(**turn) for turn in question.get("history") or []])
            candidates = retriever.retrieve(query)
            parts = parts_of(query, candidates)
            found = [candidate.stored for candidate in candidates]
            passages = [one for one in found if not parts[0].documents or one.document_id in parts[0].documents]
            if query.questions or len(parts) > 1 or not any(stored.passage.sentences for stored in passages):
                continue
            positive = [
                question["answerable"] and answers(question, stored, sentence, dict(corpus.texts))
                for stored in passages
                for sentence in stored.passage.sentences
            ]
            reading = ranker.read(query, parts[0], passages, 1)
            yield Sample(written, query.language, question["answerable"], reading, np.array(positive, dtype=np.float64))
