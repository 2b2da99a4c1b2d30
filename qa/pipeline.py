"""The way from a question to a verified answer; start reading here.

``QA.stream`` reads like the sentence "analyse the question, retrieve passages, rank their sentences, draft an answer,
resolve its citations, verify each sentence, hand it over". Everything else in this package is one of those steps.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from qa import messages
from qa.answering.base import Answerer, Request
from qa.answering.builder import AnswerBuilder
from qa.answering.extractive import ExtractiveAnswerer
from qa.answering.lists import incomplete
from qa.answering.more import MoreAnswerer
from qa.answering.nearest import nearest
from qa.answering.overview import MOST_DOCUMENTS, OverviewAnswerer
from qa.answering.replies import nothing_more, reply
from qa.errors import BadQuestion, ModelError, UnknownDocumentAsked
from qa.llm.metering import TokenMeter
from qa.question import unknown_names
from qa.question.analysis import QueryAnalyser
from qa.question.documents import as_written
from qa.question.namesakes import asked_of_namesakes
from qa.question.query import Query
from qa.ranking import load_ranker
from qa.ranking.base import Ranked, Ranker
from qa.ranking.linear import LinearRanker
from qa.retrieval import Retriever, passage_hit
from qa.settings import Settings
from qa.types import (
    Answer,
    Candidate,
    Draft,
    Event,
    Finished,
    History,
    Intent,
    Latency,
    PassageHit,
    Retrieved,
    Rewritten,
    Started,
)
from qa.verify import Verifier
from qa.verify.support import SupportJudge
from vectorstore.errors import UnknownDocument

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus, Scope
    from vectorstore.embeddings import Embedder
    from vectorstore.library import Library


log = logging.getLogger("qa.pipeline")


class QA:
    """Answers questions about a library. Thread-safe: holds no state between questions.

    Args:
        answerer: None for the extractive one.
        ranker: None for the linear one.
        verifier: None for one that judges a language model's sentences too, where the ranker has a reader.

    Raises:
        RankerError: the judge can't be loaded.
    """

    def __init__(
        self,
        library: Corpus,
        settings: Settings,
        answerer: Answerer | None = None,
        ranker: Ranker | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self.library = library
        self.settings = settings
        self.extractive = ExtractiveAnswerer(library)
        self.answerer: Answerer = answerer or self.extractive
        self.special: dict[Intent, Answerer] = {
            Intent.OVERVIEW: OverviewAnswerer(library),
            Intent.MORE: MoreAnswerer(library),
        }
        self.analyser = QueryAnalyser(library, self.answerer.model)
        self.retriever = Retriever.over(library, settings)
        self.ranker: Ranker = ranker or LinearRanker(library)
        reader = self.ranker.claim_reader if self.answerer.model is not None else None
        judge = SupportJudge.load(settings.models_dir, reader=reader) if reader is not None else None
        self.verifier = verifier or Verifier(judge)

    def within(self, scope: Scope | None) -> QA:
        """Return the same pipeline over what is in some collections, given by ids: it knows of nothing else."""
        if scope is None:
            return self
        corpus = self.library.within(scope)
        answerer = None if self.answerer is self.extractive else self.answerer
        return QA(corpus, self.settings, answerer, self.ranker.over(corpus), self.verifier)

    def ask(self, question: str, history: History = (), documents: Sequence[str] | None = None) -> Answer:
        """Return the answer; raises as ``stream`` does."""
        for event in self.stream(question, history, documents):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream ends with Finished")

    def stream(self, question: str, history: History = (), documents: Sequence[str] | None = None) -> Iterator[Event]:
        """Yield Started, Rewritten, Retrieved, one Said for each verified sentence, and Finished.

        A language model's thoughts (Thinking) come before and between the sentences.

        Args:
            question: as typed.
            history: earlier turns, oldest first.
            documents: names or ids of the documents to look in; None for all.

        Raises:
            BadQuestion, UnknownDocumentAsked: before the first event.
        """
        asked = self._checked(question)
        scope = self._scope(documents)
        turns = list(history)[max(0, len(history) - self.settings.history_turns) :]
        meter = TokenMeter()
        return meter.over(self._stream(asked, turns, scope, meter))

    def search(self, query: str, documents: Sequence[str] | None = None) -> list[PassageHit]:
        """Return the passages that fit ``query`` best, as ranked for an answer; raises as ``stream`` does."""
        analysed = self.analyser.analyse(self._checked(query), (), self._scope(documents))
        return [passage_hit(candidate) for candidate in self.request(analysed).candidates]

    def _stream(self, asked: str, history: History, scope: list[str] | None, meter: TokenMeter) -> Iterator[Event]:
        clock = _Clock()
        yield Started(asked)

        query = self.analyser.analyse(asked, history, scope)
        clock.lap("rewrite")
        yield Rewritten(query.standalone)

        if replied := reply(query, self.library):
            yield Retrieved([])
            yield Finished(replied.model_copy(update={"question": asked, "latency_ms": clock.latency()}))
            return

        # Where sentences are quoted, they are from the same state of the library as what was found.
        request, builder, events = self.library.swaps.consistently(lambda: self._found(query, clock))
        hits = [passage_hit(candidate) for candidate in request.candidates[: self.settings.retrieve_k]]
        yield Retrieved(hits)
        yield from events
        if not self._quotes(query):
            yield from builder.say(self._drafts(request, builder))
            self._note(request, builder)
        clock.lap("answer")

        answer = builder.answer(asked, query.standalone, hits)
        if query.intent is Intent.MORE and answer.abstained:
            answer = nothing_more(answer, query.language)
        if answer.reason == "unverified":
            answer = answer.model_copy(update={"answer": messages.UNVERIFIED(query.language)})
        told = {
            "intent": query.intent,
            "latency_ms": clock.latency(),
            "usage": meter.usage,
            "model": self._model(answer),
        }
        yield Finished(answer.model_copy(update=told))

    def _found(self, query: Query, clock: _Clock) -> tuple[Request, AnswerBuilder, list[Event]]:
        """Return what is found for ``query``; where the answer quotes it, with the answer."""
        request = self.request(query)
        builder = AnswerBuilder(request.candidates, self.library.places, self.verifier)
        clock.lap("retrieve")
        events: list[Event] = []
        if self._quotes(query):
            events += builder.say(self._drafts(request, builder))
            self._note(request, builder)
        return request, builder, events

    def _quotes(self, query: Query) -> bool:
        return self.special.get(query.intent, self.answerer).verbatim

    def _note(self, request: Request, builder: AnswerBuilder) -> None:
        """Say what the answer leaves out, and which name of the question the reports don't have."""
        query = request.query
        self._name_unanswered(request, builder)
        found = [candidate.stored for candidate in request.candidates]
        if not builder.said and query.intent is Intent.QUESTION:
            builder.warnings += unknown_names.notices(query, found, self.library)
        elif query.intent is Intent.QUESTION:
            unheard = unknown_names.unheard(query.text, found)
            builder.warnings += [messages.NAME_NOT_FOUND(query.language, name=name) for name in unheard]
        if query.unasked:
            left = " ".join(query.unasked)
            builder.warnings.append(messages.UNASKED(query.language, most=len(query.questions), questions=left))
        if query.intent is Intent.OVERVIEW and (count := query.overview_count) > MOST_DOCUMENTS:
            left_out = messages.DOCUMENTS_LEFT_OUT(query.language, count=count, shown=MOST_DOCUMENTS)
            builder.warnings.append(left_out)

    def request(self, query: Query) -> Request:
        """Return ``query`` with what was found and ranked for it."""
        requests = tuple(map(self._with_shares, query.questions or (query,)))
        request = requests[0] if len(requests) == 1 else _joined(query, requests)
        versions = {candidate.stored.document_id: candidate.stored.sha256 for candidate in request.candidates}
        return replace(request, search=lambda text: self._search(text, query, versions), verifier=self.verifier)

    def _with_shares(self, query: Query) -> Request:
        """Return a question with what was found for it, and for each thing that it asks side by side."""
        request = self._ranked(query)
        if not query.shares or query.intent is not Intent.QUESTION:
            return request
        shares = tuple(self._ranked(share.query) for share in query.shares)
        ranked = replace(request.ranked, candidates=_in_turns((request, *shares)))
        return replace(request, ranked=ranked, shares=shares)

    def _search(self, text: str, asked: Query, versions: dict[str, str]) -> tuple[Candidate, ...]:
        """Return what is found in the same documents and versions for words that a language model asks for."""
        query = self.analyser.analyse(text, (), asked.scope)
        without = (*asked.without, *query.without)
        found = self._ranked(replace(query, intent=Intent.QUESTION, without=without)).candidates
        return tuple(c for c in found if versions.get(c.stored.document_id, c.stored.sha256) == c.stored.sha256)

    def _ranked(self, query: Query) -> Request:
        if query.intent is Intent.OVERVIEW:  # follows the documents, not their best sentences
            return Request(query, Ranked(tuple(self.retriever.retrieve(query))))
        ranked = self.ranker.rank(query, self.retriever.retrieve(query))
        if ranked.probability < 0.5 and (others := asked_of_namesakes(query, self.library)):
            theirs = self.ranker.rank(others, self.retriever.retrieve(others))
            if theirs.probability >= 0.5:
                return Request(others, theirs)
        return Request(query, ranked)

    def _drafts(self, request: Request, builder: AnswerBuilder) -> Iterator[Draft]:
        """Yield the answerer's sentences; quotations instead when nothing that it wrote holds."""
        answerer = self.special.get(request.query.intent, self.answerer)
        builder.answerer = answerer.name
        language = request.query.language
        try:
            yield from answerer.draft(request)
        except ModelError as error:
            log.warning("the language model failed: %s", error)
            failed = messages.MODEL_FAILED_LATER if builder.said else messages.MODEL_FAILED
            builder.warnings.append(failed(language, error=error.public(language)))
        else:
            if answerer.verbatim or builder.said or not builder.dropped:
                return
            builder.warnings.append(messages.NOTHING_VERIFIED(language))
        if not builder.said:
            builder.answerer = self.extractive.name
            yield from self.extractive.draft(request)
        if not builder.said and builder.dropped:
            yield from nearest(request)

    def _model(self, answer: Answer) -> str:
        """Return the name of the language model that wrote an answer; where it runs is for the operator to know."""
        model = self.answerer.model
        return model.name.partition(" at ")[0] if model is not None and answer.answerer == self.answerer.name else ""

    def _name_unanswered(self, request: Request, builder: AnswerBuilder) -> None:
        """Say which of several questions, or which of several documents asked, quotations leave out."""
        if request.query.intent is not Intent.QUESTION or not builder.said or builder.answerer != self.extractive.name:
            return
        if builder.said[0].lead_in:  # the nearest extract: nobody judged what the reports say
            return
        cited = {citation.document_id for citation in builder.citations}
        if not request.questions and (counts := incomplete(request.query, [said.text for said in builder.said])):
            found, there_are = counts
            builder.warnings.append(messages.INCOMPLETE_LIST(request.query.language, found=found, all=there_are))
        for one in request.questions or (request,):
            language, question = one.query.language, one.query.typed
            named = [ranked.part for ranked in one.ranked.parts if ranked.part.names]
            if request.questions and next(self.extractive.draft(one), None) is None:
                builder.warnings.append(messages.UNANSWERED_QUESTION(language, question=question))
            elif len(named) > 1:
                silent = [part for part in named if cited.isdisjoint(part.documents)]
                called = Counter(part.names[0] for part in named)
                titles = {candidate.stored.document_id: candidate.stored.title for candidate in one.candidates}
                names = [
                    as_written(part.names[0], one.query.text)
                    if called[part.names[0]] == 1  # of two years' reports, the title tells which
                    else titles.get(part.documents[0], part.names[0])
                    for part in silent
                ]
                builder.warnings += [messages.SILENT_DOCUMENT(language, name=name) for name in names]

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


def _joined(query: Query, requests: tuple[Request, ...]) -> Request:
    """Return one request for several questions, their candidates taking turns."""
    return Request(query, Ranked(_in_turns(requests)), requests)


def _in_turns(requests: Sequence[Request]) -> tuple[Candidate, ...]:
    """Return the candidates of several requests, the best of each first."""
    turns = zip_longest(*(request.candidates for request in requests))
    candidates = {c.stored.id: c for turn in turns for c in turn if c is not None}
    return tuple(replace(c, score=1.0 / place) for place, c in enumerate(candidates.values(), start=1))


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
        RankerError: there is no such ranker, or it can't be loaded.
    """
    from qa.answering import choose

    return QA(library, settings, choose(settings), load_ranker(settings.ranker, library, settings.models_dir))


def configured_embedder(settings: Settings) -> Embedder:
    """Return the embedder that the settings name.

    Raises:
        EmbedderError: there is none of that name, or it can't be loaded or reached.
    """
    from vectorstore.embeddings import load_embedder

    return load_embedder(
        settings.embedder,
        settings.models_dir,
        base_url=settings.embedder_base_url,
        api_key=settings.embedder_api_key,
    )


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
    from vectorstore.embeddings import adopt_models
    from vectorstore.library import Library

    with suppress(OSError):  # the library says what is wrong with it
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    library = Library.open(
        settings.data_dir,
        configured_embedder(settings),
        chunk_chars=settings.chunk_chars,
        database_url=settings.postgres_url,
        chroma_url=settings.chroma_url,
        owner_url=owner_url,
        rebuild=rebuild,
        lazy=True,
        progress=progress,
    )
    adopt_models(settings.data_dir, settings.models_dir)
    library.page_images.configure(settings.read_options(), settings.page_cache_mb)
    return library
