"""The worker: takes jobs from the queue, one after the other, reads their files, and changes the library.

It runs in a thread of low priority, so that questions keep their speed. Beside it a second thread renews the lease of
the job at hand, since reading or embedding may be silent for longer.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from vectorstore.changes.spool import Spool
from vectorstore.changes.tasks import REMOVE, Outcome, Task, What
from vectorstore.errors import (
    LibraryError,
    LibraryUnavailable,
    UnknownDocument,
    UnreadableSource,
    VectorStoreError,
)
from vectorstore.reading import RawDocument, read_bytes
from vectorstore.reading.base import OnError
from vectorstore.reading.limits import DEFAULT, MEGABYTE, ReadOptions
from vectorstore.storage.collections import Scope
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import ATTEMPTS, UNFINISHED, Job, Jobs, State
from vectorstore.storage.origins import UPLOADED, Origin

if TYPE_CHECKING:
    from vectorstore.library import IngestReport, Library

log = logging.getLogger("vectorstore.changes")

NICENESS = 10
_POLL_SECONDS = 1.0
"""Between two looks at the queue, for jobs that another process added; one's own wake it."""
SETTLE_SECONDS = 5.0
"""Without a job, until the library does what its changes left for later."""
_TELL_SECONDS = 0.3
_KEPT = timedelta(days=30)
"""How long jobs that are over are remembered, and the files of failed ones kept, to be retried."""
_TIDY_SECONDS = 3600.0
_STOP_SECONDS = 5.0
_RETRY_SECONDS = (0.5, 10.0)
"""After the library itself failed, its disk full or its database away: at first, and at most as it goes on."""


class _Stopped(BaseException):
    """Ends the work on a job. Not an Exception, or it would be taken for the failure of one document."""


class Worker:
    """Does jobs in a thread until it is stopped. Any number of workers may share a queue.

    Where the library isn't shared, jobs at hand when it starts are a dead worker's, and it takes them over at once.
    """

    def __init__(self, library: Library, jobs: Jobs, spool: Spool, options: ReadOptions = DEFAULT) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._library = library
        self._jobs = jobs
        self._spool = spool
        self._options = options
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._at_hand: Job | None = None
        self._unsettled: Callable[[], None] | None = None
        self._threads = [
            threading.Thread(target=self._run, name="worker", daemon=True),
            threading.Thread(target=self._renew, name="worker-lease", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the step at hand; its job is queued again. Reading a file is not awaited: it changes nothing."""
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        _lower_priority()
        self._library.settle_later()
        with suppress(LibraryError):
            self._spool.adopt()
            if not self._library.shared:
                self._jobs.take_over()
        tidy_up = quiet_since = time.monotonic()
        pause, longest = _RETRY_SECONDS
        while not self._stopping.is_set():
            try:
                worked = self._work()
                pause = _RETRY_SECONDS[0]
                if worked:
                    quiet_since = time.monotonic()
                elif time.monotonic() >= quiet_since + SETTLE_SECONDS:
                    self._library.settle()
                if not worked and time.monotonic() >= tidy_up:
                    tidy_up = time.monotonic() + _TIDY_SECONDS
                    self._tidy_up()
            except Exception as error:
                log.error("the worker can't work: %s", error, exc_info=not isinstance(error, LibraryError))
                self._stopping.wait(pause)
                pause = min(2 * pause, longest)
                continue
            if not worked:
                self._wake.wait(_POLL_SECONDS)
                self._wake.clear()

    def _tidy_up(self) -> None:
        """Forget what is long over, and delete files that nobody waits for."""
        old = (datetime.now(UTC) - _KEPT).isoformat(timespec="milliseconds")
        for job in self._jobs.forget(old):
            self._spool.drop(Task.of(job).file)
        waiting = self._jobs.recent(sys.maxsize, (*UNFINISHED, "failed", "cancelled"))
        self._spool.sweep({Task.of(job).file for job in waiting})

    def _renew(self) -> None:
        while not self._stopping.wait(self._jobs.lease_seconds / 4):
            job = self._at_hand
            if job is not None:
                with suppress(LibraryError):
                    self._jobs.renew(job, self.name)

    def _work(self) -> bool:
        """Do the next job; False when there is none.

        Raises:
            LibraryError: the library failed; the job is queued again.
        """
        self._settle()
        job = self._jobs.claim(self.name) if self._jobs.any_unfinished() else None
        if job is None:
            return False
        self._at_hand = job
        try:
            self._do(job)
        except _Stopped:
            with suppress(LibraryError):  # it is closed, and the next one takes the job over
                self._jobs.give_back(job, self.name)
        except Exception as error:
            self._unsettled = partial(self._failed, job, error)
            with suppress(LibraryError):  # a disk that is full may have no room for that: later, then
                self._settle()
            if isinstance(error, LibraryError):
                raise
        finally:
            self._at_hand = None
        return True

    def _settle(self) -> None:
        """Note what became of the last job, if that could not be stored then.

        Raises:
            LibraryError: it still can't.
        """
        if self._unsettled is not None:
            self._unsettled()
            self._unsettled = None

    def _failed(self, job: Job, error: Exception) -> None:
        """Note that a job failed; after a failure of the library queue it again, three times if it may be to blame."""
        if isinstance(error, LibraryUnavailable):
            self._jobs.give_back(job, self.name)
            return
        if isinstance(error, LibraryError) and job.attempts < ATTEMPTS:
            self._jobs.give_back(job, self.name, counted=True)
            return
        if not isinstance(error, VectorStoreError):
            log.error("job %s failed", job.id, exc_info=error)
        reason = str(error) if isinstance(error, VectorStoreError) else f"{type(error).__name__}: {error}"
        self._jobs.fail(job, self.name, reason)
        log.warning("%s failed: %s", job.document, reason)

    def _do(self, job: Job) -> None:
        started = time.monotonic()
        task = Task.of(job)
        outcome = self._removed(job, task) if job.kind == REMOVE else self._ingested(job, task)
        if self._jobs.finish(job, self.name, outcome.dump()):
            self._spool.drop(task.file)
            log.info("%s: %s in %.1f s", job.document, outcome.what, time.monotonic() - started)

    def _removed(self, job: Job, task: Task) -> Outcome:
        """Remove a document; what a watched folder lost, only if it came from there and from nowhere else since."""
        name = job.document
        origin = self._library.origins.get(name)
        if task.source != UPLOADED and (origin is None or origin.source != task.source):
            return Outcome(((name, "unchanged"),))
        what: What = "removed"
        try:
            self._library.remove_named(name, lambda _: self._hold(job), task.within)
        except UnknownDocument:
            what = "unchanged"
        if origin is not None and self._library.membership.refusal(name, task.within) is None:
            self._library.origins.drop(origin)
        return Outcome(((name, what),))

    def _ingested(self, job: Job, task: Task) -> Outcome:
        """Read a job's file and take in what it holds.

        Raises:
            SourceError: it can't be read, or may not have that name.
            VectorStoreError: nothing of it could be taken in.
        """
        if (why := self._library.membership.refusal(job.document, task.within)) is not None:
            raise why
        complaints: list[str] = []
        documents = self._read(job, task, lambda error: complaints.append(str(error)))
        self.tell(job, 0, 0)
        stored = partial(self._store, job, task)
        report = self._library.ingest(documents, _Progress(self, job), task.collections or None, task.within, stored)
        complaints += [message if name == job.document else f"{name}: {message}" for name, message in report.failed]
        notes = [note if name == job.document else f"{name}: {note}" for name, note in report.notes]
        outcome = Outcome(self._became(documents, report, task.within), (*notes, *complaints))
        if not outcome.documents:
            raise UnreadableSource("\n".join(complaints) or f"{job.document} holds no document")
        # Also of an e-mail that is nothing but its attachments, or each look at its folder would send it.
        if task.source != UPLOADED or any(what == "unchanged" for _, what in outcome.documents):
            before = self._library.origins.get(job.document)
            if before is None or before.source == task.source:  # who brings what is there takes it from nobody
                self._note_origin(job.document, task)
        return outcome

    def _store(self, job: Job, task: Task, names: Sequence[str]) -> None:
        """Hold a job, and note where its documents come from with the change itself: else they would stay another's."""
        self._hold(job)
        for name in names:
            self._note_origin(name, task)

    def _note_origin(self, name: str, task: Task) -> None:
        self._library.origins.put(Origin(name, task.source, task.sha256, task.size, task.modified))

    def _read(self, job: Job, task: Task, on_error: OnError) -> list[RawDocument]:
        filename = task.filename or job.document
        data = self._spool.read(task.file)
        if len(data) > self._options.limits.file_mb * MEGABYTE:
            raise UnreadableSource(f"{filename} is larger than {self._options.limits.file_mb} MB (QA_READ_FILE_MB)")
        options = replace(self._options, progress=_Progress(self, job, "reading"))
        return read_bytes(data, job.document, filename, on_error, options)

    def _became(
        self, documents: list[RawDocument], report: IngestReport, within: Scope | None
    ) -> tuple[tuple[str, What], ...]:
        """Return what became of each document; one whose text another name has stands under that name."""
        texts = {raw.name: raw.sha256 for raw in documents}
        became: list[tuple[str, What]] = [(name, "added") for name in report.added]
        became += [(name, "replaced") for name in report.replaced]
        versions = self._library.versions
        for name in report.unchanged:
            is_held = document_id(name) in versions.current([document_id(name)])
            became.append((name if is_held else versions.holder(texts[name], within) or name, "unchanged"))
        return tuple(became)

    def _hold(self, job: Job) -> None:
        """Let nobody take a job over until its change is committed.

        Raises:
            _Stopped: somebody has, since this process stood still for longer than its lease; or it was cancelled.
        """
        if not self._jobs.hold(job, self.name):
            raise _Stopped

    def tell(self, job: Job, done: int, total: int, state: State = "indexing") -> None:
        """Tell how far a job is: characters that are indexed, or a scan's pages that are read.

        Raises:
            _Stopped: the worker is to stop, or the job was cancelled.
        """
        if self._stopping.is_set() or not self._jobs.advance(job, self.name, state, done, total):
            raise _Stopped


class _Progress:
    """Passes on progress, a few times a second."""

    def __init__(self, worker: Worker, job: Job, state: State = "indexing") -> None:
        self._worker = worker
        self._job = job
        self._state = state
        self._next = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _TELL_SECONDS
            self._worker.tell(self._job, done, total, self._state)


def _lower_priority() -> None:
    """Let this thread, and those that it starts, wait for all others: on Linux each thread has its own niceness."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
