"""Suggested questions: generated from documents, tried in the background, and shown only if they were answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.text.language import Language, has_han

if TYPE_CHECKING:
    from qa.pipeline import QA
    from vectorstore.types import Document

log = logging.getLogger("qa.sessions.suggestions")

MAX_DOCUMENTS = 12
"""Documents for which questions are generated at a time; without a choice, evenly spread over the library."""
PER_DOCUMENT = 3
"""Questions about one document."""
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Suggestion:
    question: str
    document: str
    """Its name."""
    language: Language


class Suggestions:
    """Finds questions that a library answers. Deterministic for a library; starts anew when the library changes.

    Args:
        qa: whose library to use; questions are tried with the extractive answerer, which is cheap.
        busy: while it returns True, no question is tried, so that people's questions are not slowed down.
    """

    def __init__(self, qa: QA, busy: Callable[[], bool] = lambda: False) -> None:
        self._qa = qa
        self._busy = busy
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._generation = -1
        self._found: dict[str, list[Suggestion]] = {}
        self._queue: list[str] = []
        self._spread: list[str] = []

    def get(
        self, limit: int, documents: Sequence[str] | None = None, language: Language | None = None
    ) -> list[Suggestion]:
        """Return up to ``limit`` known questions, about as many documents as possible; start looking for missing ones.

        Args:
            documents: ids of the documents to ask about; None for all.
            language: of the reader; None for that of each document.
        """
        library = self._qa.library
        generation = library.generation
        with self._lock:
            if generation != self._generation:
                self._generation, self._found, self._queue = generation, {}, []
                self._spread = [info.id for info in library.directory.spread(MAX_DOCUMENTS)]
            wanted = self._spread if documents is None else list(documents[:MAX_DOCUMENTS])
            self._queue += [id for id in wanted if id not in self._found and id not in self._queue]
            if self._queue and self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="suggestions", daemon=True)
                self._thread.start()
            # Wait for all documents, or each call would return a different list.
            if any(id not in self._found for id in wanted):
                return []
            rows = [self._found[id] for id in wanted]
        if language is None:
            rows = [[one for one in row if one.language == row[0].language] for row in rows]
        else:
            rows = [[one for one in row if one.language == language] for row in rows]
        turns = [row[place] for place in range(PER_DOCUMENT + 1) for row in rows if place < len(row)]
        return turns[:limit]

    def stop(self, wait: bool = True) -> None:
        """Stop the search; waits for the question that is being tried, or not."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None and wait:
            thread.join()

    def _work(self) -> None:
        try:
            while (queued := self._next()) is not None:
                generation, document = queued
                found = self._answerable(document)
                with self._lock:
                    if found is not None and generation == self._generation:
                        self._found[document] = found
        except Exception:
            if not self._stop.is_set():  # the library closes under it when the server stops
                log.exception("the search for questions to suggest failed")
            with self._lock:
                self._thread = None
                self._queue = []

    def _next(self) -> tuple[int, str] | None:
        with self._lock:
            if not self._queue or self._stop.is_set():
                self._thread = None
                return None
            return self._generation, self._queue.pop(0)

    def _answerable(self, document_id: str) -> list[Suggestion] | None:
        """Return the generated questions that one document answers, those in its own language first.

        None when the search is stopped. What it is about is asked in either language.
        """
        from qa.sessions.question_generation import generate_questions, overview_question

        library = self._qa.library
        document = library.document_by_id(document_id)
        own: Language = "zh" if has_han(document.text) else "en"
        other: Language = "en" if own == "zh" else "zh"
        asked = [(one, own) for one in generate_questions(document, alone=library.directory.count() == 1)]
        asked += [
            (about, language)
            for language in (own, other)
            if (about := overview_question(document.info.title, language)) is not None
        ]
        found: list[Suggestion] = []
        for generated, language in asked:
            while self._busy() and not self._stop.wait(_PAUSE_SECONDS):
                pass
            if self._stop.is_set():
                return None
            enough = len(found) >= PER_DOCUMENT and language == own
            if not enough and self._answers(document, generated.question, generated.expected):
                found.append(Suggestion(generated.question, document.info.name, language))
        return found

    def _answers(self, document: Document, question: str, expected: str) -> bool:
        """Whether the answer cites this document alone and contains the expected words."""
        from qa.pipeline import QA

        trial = QA(self._qa.library, self._qa.settings, ranker=self._qa.ranker)
        answer = trial.ask(question)
        cited = {citation.document_id for citation in answer.citations}
        return not answer.abstained and cited == {document.info.id} and expected in answer.answer
