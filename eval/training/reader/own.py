"""Training examples from the repository's own question sets, their passages found as the product finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qa.question.analysis import QueryAnalyser
from qa.retrieval import Retriever
from qa.settings import Settings
from qa.types import Turn
from vectorstore.embeddings import Embedder
from vectorstore.reading import read_source
from vectorstore.text.language import language_of
from vectorstore.types import StoredPassage

from ...runs import corpus as corpora
from ..labels import answers
from .groups import IGNORED, NEGATIVE, POSITIVE, Group, LabelledPassage, stable

SETS = (
    ("seeds.jsonl", None),
    ("training.jsonl", None),
    ("chinese/questions.jsonl", "chinese/documents"),
    ("english/questions.jsonl", "english/documents"),
)
"""Question sets under ``eval/sets`` that may be trained on, and their documents; None for the seeds."""
PASSAGES = 3


def own_groups(sets: Path, seeds: Path, settings: Settings, embedder: Embedder, limit: int = 0) -> Iterator[Group]:
    """Yield an example for each question that isn't marked as test, asked of a temporary library.

    Args:
        sets: the folder of question sets.
        seeds: the folder of the five reports.
        limit: questions taken of each set; 0 for all.
    """
    for name, folder in SETS:
        documents = list(read_source(sets / folder if folder else seeds))
        with corpora.temporary(documents, settings, embedder) as corpus:
            analyser = QueryAnalyser(corpus.library)
            retriever = Retriever.over(corpus.library, settings)
            everything = [p for info in corpus.library.documents() for p in corpus.library.document(info.name).passages]
            lines = (sets / name).read_text("utf-8").splitlines()
            for line in lines[: limit or None]:
                question = json.loads(line)
                if question.get("split") == "test":
                    continue
                query = analyser.analyse(question["question"], [Turn(**turn) for turn in question.get("history") or []])
                if query.questions:
                    continue  # the set doesn't say which of several questions has an answer
                found = [candidate.stored for candidate in retriever.retrieve(query)]
                asked, previous = _wording(question, query.text)
                passages = _passages(question, found, everything, corpus.texts)
                if question["answerable"] and not any(passage.answers for passage in passages):
                    continue
                id, language = f"{name}:{question['id']}", language_of(asked + previous)
                yield Group(id, f"own:{name}", language, "plain", asked, tuple(passages), previous)


def _wording(question: dict[str, Any], standalone: str) -> tuple[str, str]:
    """Return a question as it is asked, and the one before it: the follow-up made to stand alone half of the time."""
    asked = [turn["content"] for turn in question.get("history") or [] if turn["role"] == "user"]
    if not asked:
        return question["question"], ""
    return (standalone, "") if stable(question["id"]) % 2 else (question["question"], asked[-1])


def _passages(
    question: dict[str, Any], found: Sequence[StoredPassage], everything: Sequence[StoredPassage], raw: Any
) -> list[LabelledPassage]:
    """Return the best passages of retrieval and, if none of them holds the evidence, the first that does."""
    chosen = [_labelled(question, stored, raw) for stored in found[:PASSAGES]]
    if question["answerable"] and not any(passage.answers for passage in chosen):
        for stored in (*found[PASSAGES:], *everything):
            labelled = _labelled(question, stored, raw)
            if labelled.answers:
                return [*chosen[: PASSAGES - 1], labelled]
    return chosen


def _labelled(question: dict[str, Any], stored: StoredPassage, raw: Any) -> LabelledPassage:
    wanted = [one for group in question.get("must_contain") or [] for one in group if len(one) > 2]
    labels = []
    for sentence in stored.passage.sentences:
        if question["answerable"] and answers(question, stored, sentence, raw):
            labels.append(POSITIVE)
        else:
            labels.append(IGNORED if any(one in sentence.text for one in wanted) else NEGATIVE)
    texts = tuple(sentence.text for sentence in stored.passage.sentences)
    return LabelledPassage(stored.title, stored.passage.section, texts, tuple(labels))
