"""Suggested questions: what documents suggest, tried out in the background, and only what was answered is shown."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.pipeline import QA
    from vectorstore.types import Document

log = logging.getLogger("qa.sessions.suggestions")

FIRST_DOCUMENTS = 12
"""Documents that are tried without anybody asking for them, at even distances over the library."""
EACH = 3
"""Questions of one document."""
_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Suggestion:
    question: str
    document: str
    """Its name."""


class Suggestions:
    """Finds questions that a library answers. Deterministic for a library; found anew when it changes.

    Args:
        qa: whose library is meant; questions are tried with its extractive answerer, which costs next to nothing.
        busy: while it says so, no question is tried: people go first.
    """

    def __init__(self, qa: QA, busy: Callable[[], bool] = lambda: False) -> None:
        self._qa = qa
        self._busy = busy
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._fingerprint = ""
        self._found: dict[str, list[Suggestion]] = {}
        self._wanted: list[str] = []

    def get(self, limit: int, documents: Sequence[str] | None = None) -> list[Suggestion]:
        """Return up to ``limit`` questions that are known by now, of as many documents as possible, and find others.

        Args:
            documents: ids of the documents that they should be about; None for all.
        """
        library = self._qa.library
        fingerprint = library.fingerprint
        with self._lock:
            if fingerprint != self._fingerprint:
                self._fingerprint, self._found, self._wanted = fingerprint, {}, []
            if documents is None:
                every = [info.id for info in library.documents()]
                step = max(1, len(every) // FIRST_DOCUMENTS)
                wanted = every[::step][:FIRST_DOCUMENTS]
            else:
                wanted = list(documents[:FIRST_DOCUMENTS])
            self._wanted += [id for id in wanted if id not in self._found and id not in self._wanted]
            if self._wanted and self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="suggestions", daemon=True)
                self._thread.start()
            # All documents or none: a list that grows would be another one at each look.
            if any(id not in self._found for id in wanted):
                return []
            rows = [self._found[id] for id in wanted]
        turns = [row[place] for place in range(EACH) for row in rows if place < len(row)]
        return turns[:limit]

    def stop(self) -> None:
        """End the search; waits for the question that is being tried."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        try:
            while (wanted := self._next()) is not None:
                fingerprint, document = wanted
                found = self._tried(document)
                with self._lock:
                    if found is not None and fingerprint == self._fingerprint:
                        self._found[document] = found
        except Exception:
            log.exception("the search for questions to suggest ended")
            with self._lock:
                self._thread = None
                self._wanted = []

    def _next(self) -> tuple[str, str] | None:
        with self._lock:
            if not self._wanted or self._stop.is_set():
                self._thread = None
                return None
            return self._fingerprint, self._wanted.pop(0)

    def _tried(self, document_id: str) -> list[Suggestion] | None:
        """Return the questions of one document; None when the search is to end."""
        from qa.sessions.question_generation import ideas

        library = self._qa.library
        document = library.document(document_id)
        found: list[Suggestion] = []
        for idea in ideas(document, alone=len(library.documents()) == 1):
            while self._busy() and not self._stop.wait(_PAUSE):
                pass
            if self._stop.is_set():
                return None
            if len(found) < EACH and self._answers(document, idea.question, idea.expected):
                found.append(Suggestion(idea.question, document.info.name))
        return found

    def _answers(self, document: Document, question: str, expected: str) -> bool:
        """Whether the question is answered from that document, with the words that it was made from."""
        from qa.pipeline import QA

        trial = QA(self._qa.library, self._qa.settings)
        answer = trial.ask(question)
        cited = {citation.document_id for citation in answer.citations}
        return not answer.abstained and cited == {document.info.id} and expected in answer.answer
