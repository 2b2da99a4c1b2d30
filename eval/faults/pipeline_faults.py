"""Faults of the pipeline: each breaks one part of the real pipeline, which is asked again."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from qa.pipeline import QA
from qa.question.query import Query
from qa.ranking.base import Ranked
from qa.ranking.linear import LinearRanker
from qa.types import Answer, Candidate, History
from vectorstore import layout
from vectorstore.library import Library
from vectorstore.types import Block, BlockKind, DocumentInfo, Hit, Layout

from ..runs.run_file import Run
from .sandbox import Change, Sandbox


class Broken:
    """Stands in for a part of the pipeline: what a subclass does not break is passed on."""

    def __init__(self, sound: Any) -> None:
        self._sound = sound

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sound, name)


class WithoutLexical(Broken):
    def lexical(self, *_: Any, **__: Any) -> list[Hit]:
        return []


class WithoutDense(Broken):
    def dense(self, *_: Any, **__: Any) -> list[Hit]:
        return []


class MixedSentenceVectors(Broken):
    """Every sentence of a passage has the vector of another one of it."""

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Any]:
        return {key: vectors[::-1] for key, vectors in self._sound.sentence_vectors(ids).items()}


class WithoutLargest(Broken):
    """The document with most passages is not in the library."""

    def __init__(self, sound: Any) -> None:
        super().__init__(sound)
        infos: list[DocumentInfo] = sound.documents()
        self._missing = max(infos, key=lambda info: (info.passages, info.name)).id

    def documents(self) -> list[DocumentInfo]:
        return [info for info in self._sound.documents() if info.id != self._missing]

    def dense(
        self, vector: Any, k: int, documents: Sequence[str] | None = None, without: Collection[str] = ()
    ) -> list[Hit]:
        found: list[Hit] = self._sound.dense(vector, k, self._scope(documents), without)
        return found

    def lexical(
        self, query: str, k: int, documents: Sequence[str] | None = None, without: Collection[str] = ()
    ) -> list[Hit]:
        found: list[Hit] = self._sound.lexical(query, k, self._scope(documents), without)
        return found

    def _scope(self, documents: Sequence[str] | None) -> list[str]:
        ids = documents if documents is not None else [info.id for info in self._sound.documents()]
        return [name for name in ids if name != self._missing]


class Asking:
    """Asks a pipeline with the question or the history changed."""

    def __init__(self, sound: QA, question: Callable[[str], str] = str, history: Callable[[History], History] = list):
        self._sound, self._question, self._history = sound, question, history

    def ask(self, question: str, history: History = ()) -> Answer:
        return self._sound.ask(self._question(question), self._history(history))


def _library(broken: Callable[[Any], Any]) -> Change:
    return lambda sandbox: sandbox.ask(sandbox.pipeline(broken(sandbox.corpus.library)))


class ChangedRanking(LinearRanker):
    """Hands over the passages in another order, or not all of them, and ranks the sentences of those."""

    def __init__(self, library: Library, change: Callable[[list[Candidate], str], list[Candidate]]) -> None:
        super().__init__(library)
        self._change = change

    def rank(self, query: Query, candidates: Sequence[Candidate]) -> Ranked:
        changed = self._change(list(super().rank(query, candidates).candidates), query.typed)
        return Ranked(tuple(changed), super().rank(query, changed).parts)


def _ranking(change: Callable[[list[Candidate], str], list[Candidate]]) -> Change:
    """Put ``change`` between the ranking of the passages and everyone who looks at them."""
    return lambda sandbox: sandbox.ask(sandbox.pipeline(ranker=ChangedRanking(sandbox.corpus.library, change)))


def _shuffled(candidates: list[Candidate], question: str) -> list[Candidate]:
    return random.Random(question).sample(candidates, len(candidates))


def _history_dropped(sandbox: Sandbox) -> Run:
    return sandbox.ask(Asking(sandbox.pipeline(), history=lambda _: []), only=lambda question: bool(question.history))


def _question_cut(sandbox: Sandbox) -> Run:
    return sandbox.ask(Asking(sandbox.pipeline(), question=lambda text: text[: max(4, len(text) // 2)]))


def _layout_off(sandbox: Sandbox) -> Run:
    with _repair(line_by_line), sandbox.rebuilt() as corpus:
        return sandbox.ask(sandbox.pipeline(corpus.library))


@contextmanager
def _repair(instead: Callable[[str, str | None], Layout]) -> Iterator[None]:
    names = vars(layout)
    sound = names["repair"]
    names["repair"] = instead
    try:
        yield
    finally:
        names["repair"] = sound


def line_by_line(text: str, title: str | None = None) -> Layout:
    """Return a layout without repair: every line that is not blank is a paragraph."""
    blocks = []
    at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            start = at + line.index(stripped)
            span = (start, start + len(stripped))
            blocks.append(Block(BlockKind.PARAGRAPH, stripped, (span,)))
        at += len(line)
    first = blocks[0].text[:40] if blocks else ""
    return Layout(title or first, tuple(blocks), raw=text)


FAULTS: tuple[tuple[str, str, Change], ...] = (
    ("top-k of 1", "only the best passage is retrieved", _ranking(lambda found, _: found[:1])),
    ("best passage lost", "the ranking begins with the second passage", _ranking(lambda found, _: found[1:])),
    ("ranking reversed", "the worst of the passages come first", _ranking(lambda found, _: found[::-1])),
    ("passages shuffled", "the ranking is in random order", _ranking(_shuffled)),
    ("lexical off", "the lexical index finds nothing", _library(WithoutLexical)),
    ("dense off", "the dense index finds nothing", _library(WithoutDense)),
    ("sentence vectors mixed", "sentences have each other's vectors", _library(MixedSentenceVectors)),
    ("a report missing", "the largest document is not in the library", _library(WithoutLargest)),
    ("layout repair off", "every line of a file is a paragraph", _layout_off),
    ("history dropped", "a follow-up is asked without what went before", _history_dropped),
    ("question cut", "only the first half of a question arrives", _question_cut),
)
