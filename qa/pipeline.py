"""The way from a question to a verified answer; start reading here.

``QA.stream`` reads like the sentence "take directions out, rewrite the question, retrieve passages, rank them, draft an
answer, resolve its citations, verify each sentence, hand it over". Everything else in this package is one of those
steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from qa.answering import comparison
from qa.answering.builder import Composer, abstention
from qa.answering.extractive import ExtractiveAnswerer
from qa.errors import BadQuestion, ModelError, UnknownDocumentAsked
from qa.messages import MODEL_FAILED, NOTHING_VERIFIED
from qa.question.analysis import sentences
from qa.question.documents import Subjects
from qa.question.followups import Rewrite, Rewriter
from qa.question.injection import without_directions
from qa.ranking.passages import rerank
from qa.retrieval import Retriever, passage_hit
from qa.settings import Settings
from qa.types import (
    Answer,
    Answerer,
    Candidate,
    DraftSentence,
    Event,
    Finished,
    History,
    Latency,
    Request,
    Retrieved,
    Rewritten,
    Started,
    Turn,
)
from vectorstore.errors import UnknownDocument
from vectorstore.text.language import language_of
from vectorstore.text.words import normalise

if TYPE_CHECKING:
    from vectorstore.library import Library


class QA:
    """Answers questions about a library. Thread-safe: holds no state between questions."""

    def __init__(self, library: Library, settings: Settings, answerer: Answerer | None = None) -> None:
        self.library = library
        self.settings = settings
        self.retriever = Retriever.over(library, settings)
        self.extractive = ExtractiveAnswerer(library)
        self.answerer: Answerer = answerer or self.extractive
        self.rewriter = Rewriter(library, self.answerer)

    def ask(self, question: str, history: History = (), documents: Sequence[str] | None = None) -> Answer:
        """Return the answer; raises as ``stream`` does."""
        for event in self.stream(question, history, documents):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream ends with Finished")

    def stream(self, question: str, history: History = (), documents: Sequence[str] | None = None) -> Iterator[Event]:
        """Yield Started, Rewritten, Retrieved, one Said for each verified sentence, and Finished.

        Args:
            question: as typed.
            history: earlier turns, oldest first.
            documents: names or ids of the documents to look in; None for all.

        Raises:
            BadQuestion, UnknownDocumentAsked: before the first event.
        """
        asked = self._checked(question)
        scope = self._scope(documents)
        return self._stream(asked, list(history)[max(0, len(history) - self.settings.history_turns) :], scope)

    def _stream(self, asked: str, history: History, scope: list[str] | None) -> Iterator[Event]:
        clock = _Clock()
        yield Started(asked)

        question = without_directions(asked)
        rewrites = self._rewrites(question or asked, history)
        standalone = " ".join(rewrite.question for _, rewrite in rewrites)
        clock.lap("rewrite")
        yield Rewritten(standalone)

        request = _joined(
            standalone,
            question or asked,
            history,
            [
                self.ranked(Request(left.question, part, self._found(left, among), tuple(history)))
                for part, (left, among) in ((part, self._left(rewrite, scope)) for part, rewrite in rewrites)
            ],
        )
        candidates = request.candidates
        hits = [passage_hit(candidate) for candidate in candidates[: self.settings.retrieve_k]]
        clock.lap("retrieve")
        yield Retrieved(hits)

        composer = Composer(candidates)
        of_use = candidates if question else ()  # directions alone ask nothing of the reports
        yield from composer.say(self._drafts(request, of_use, composer))
        self._name_unanswered(request, composer)
        clock.lap("answer")

        answer = composer.answer(asked, standalone, hits)
        yield Finished(answer.model_copy(update={"latency_ms": clock.latency()}))

    def _rewrites(self, asked: str, history: History) -> list[tuple[str, Rewrite]]:
        """Return each question in ``asked`` with its form that stands alone: the later ones follow the earlier.

        A model reads, and rewrites, all of them together.
        """
        turns, found = list(history), []
        for part in sentences(asked) if self.answerer is self.extractive else [asked]:
            found.append((part, self.rewriter.rewrite(part, turns)))
            turns.append(Turn(role="user", content=part))
        return found

    def _left(self, rewrite: Rewrite, scope: list[str] | None) -> tuple[Rewrite, list[str] | None]:
        """Return what is asked of which documents: of the others, by "除了罗江，还有哪里…"."""
        these, rest = comparison.except_for(rewrite.question)
        named = {d for mention in Subjects.of(self.library).mentions(normalise(these)) for d in mention.documents}
        if not named:
            return rewrite, scope
        among = [info.id for info in self.library.documents()] if scope is None else scope
        return Rewrite(rest), [document for document in among if document not in named]

    def _found(self, rewrite: Rewrite, scope: list[str] | None) -> tuple[Candidate, ...]:
        return tuple(self.retriever.retrieve(rewrite.question, scope, also=rewrite.also))

    def _name_unanswered(self, request: Request, composer: Composer) -> None:
        """Say which of several questions, or which of several documents asked, the extractive answer leaves out."""
        if not composer.said or composer.answerer != self.extractive.name:
            return
        cited = {citation.document_id for citation in composer.citations}
        for part in request.parts or (request,):
            named = [table.part for table in part.tables if table.part.names]
            if request.parts and next(self.extractive.draft(part), None) is None:
                composer.warnings.append(f"{part.asked} {abstention(part.asked)}")
            elif len(named) > 1:
                silent = [one.names[0] for one in named if cited.isdisjoint(one.documents)]
                none = abstention(part.asked)
                colon = ": " if none.isascii() else "："
                composer.warnings += [f"{name}{colon}{none}" for name in silent]

    def ranked(self, request: Request) -> Request:
        """Return ``request`` with its candidates in the order of their best sentences."""
        tables = tuple(self.extractive.tables(request))
        return replace(request, candidates=rerank(request.candidates, tables), tables=tables)

    def _drafts(self, request: Request, candidates: Sequence[Candidate], composer: Composer) -> Iterator[DraftSentence]:
        """Yield the answerer's sentences; the extractive answerer's instead when the model gave nothing usable."""
        composer.answerer = self.answerer.name
        if not candidates:
            return
        language = language_of(request.asked)
        try:
            yield from self.answerer.draft(request)
        except ModelError as error:
            composer.warnings.append(MODEL_FAILED(language, error=error.explain(language)))
        else:
            if self.answerer is self.extractive or composer.said or not composer.dropped:
                return
            composer.warnings.append(NOTHING_VERIFIED(language))
        if not composer.said:
            composer.answerer = self.extractive.name
            yield from self.extractive.draft(request)

    def _checked(self, question: str) -> str:
        text = question.strip()
        if not text:
            raise BadQuestion("the question is empty; type a question")
        if len(text) > self.settings.question_chars:
            raise BadQuestion(
                f"the question has {len(text)} characters; at most {self.settings.question_chars} can be asked at once"
            )
        if not any(char.isalnum() for char in text):
            raise BadQuestion(f"the question {text[:40]!r} has neither a letter nor a digit; type a question")
        return text

    def _scope(self, documents: Sequence[str] | None) -> list[str] | None:
        if documents is None:
            return None
        try:
            return [self.library.document_info(name).id for name in documents]
        except UnknownDocument as error:
            raise UnknownDocumentAsked(str(error)) from error


def _joined(question: str, asked: str, history: History, requests: Sequence[Request]) -> Request:
    """Return one request for all of ``requests``, their candidates taking turns; a single one as it is."""
    if len(requests) == 1:
        return requests[0]
    turns = zip_longest(*(request.candidates for request in requests))
    candidates = {c.stored.id: c for turn in turns for c in turn if c is not None}
    ranked = tuple(replace(c, score=1.0 / place) for place, c in enumerate(candidates.values(), start=1))
    return Request(question, asked, ranked, tuple(history), parts=tuple(requests))


class _Clock:
    def __init__(self) -> None:
        self.started = self.last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self.last) * 1000, 3)
        self.last = now

    def latency(self) -> Latency:
        return Latency(total=round((time.perf_counter() - self.started) * 1000, 3), **self.laps)


def build(settings: Settings, library: Library) -> QA:
    """Return the pipeline that the settings ask for.

    Raises:
        SettingsError: a model is asked for and none is configured.
    """
    from qa.answering import choose

    return QA(library, settings, choose(settings))


def open_library(
    settings: Settings,
    *,
    owner_url: str | None = None,
    rebuild: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Library:
    """Return the library that the settings describe, opened; close it when done.

    Args:
        owner_url: where this process can be asked, when it is a server.
        rebuild: cut and embed everything again first.
        progress: called with (what, done, total) while indexes are repaired or rebuilt.

    Raises:
        EmbedderError, LibraryError
    """
    from vectorstore.embeddings import load_embedder
    from vectorstore.library import Library

    return Library.open(
        settings.data_dir,
        load_embedder(settings.embedder, settings.data_dir / "models"),
        chunk_chars=settings.chunk_chars,
        chroma_url=settings.chroma_url,
        owner_url=owner_url,
        rebuild=rebuild,
        lazy=True,
        progress=progress,
    )
