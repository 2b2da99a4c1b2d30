"""What callers ask to be changed: files to take in and documents to remove become jobs, and wake the worker."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.changes.spool import Received, Spool
from vectorstore.changes.tasks import INGEST, REMOVE, Task
from vectorstore.changes.worker import Worker
from vectorstore.errors import BadName, KeyReused, SharedDocument, UnknownDocument
from vectorstore.reading.limits import DEFAULT, ReadOptions
from vectorstore.storage.collections import Scope
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import LEASE_SECONDS, UNFINISHED, Job, Jobs
from vectorstore.storage.origins import UPLOADED
from vectorstore.storage.received import SPOOL

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus
    from vectorstore.library import Library
    from vectorstore.storage.versions import CitedBy
    from vectorstore.types import DocumentInfo

NAME_CHARS = 500
_LIKE_AN_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to take in."""

    name: str
    """The document's."""
    received: Received
    filename: str = ""
    """The file's own name, which may tell its format; the document's if empty."""
    source: str = UPLOADED
    """Who brings it; see :class:`vectorstore.storage.origins.Origin`."""
    modified: int = 0
    """When the file was changed, in nanoseconds since 1970; 0 where that isn't known."""
    collections: Scope = ()
    """Ids of those to put its documents into, from the first moment on; empty for where they go by themselves."""


class Changes:
    """The queue of changes of a library that is open in this process. Threads may share it."""

    def __init__(
        self,
        library: Library,
        data_dir: Path,
        options: ReadOptions = DEFAULT,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        """``lease_seconds``: after which the job of a worker that is gone is another's."""
        self.library = library
        self.jobs = Jobs(library.database, lease_seconds)
        self.spool = Spool(data_dir / SPOOL, library.database, library.shared)
        self.worker = Worker(library, self.jobs, self.spool, options)
        self._seen: Corpus = library
        self._scope: Scope | None = None

    def of(self, owner: str, scope: Scope) -> Changes:
        """Return what is left of it for somebody who is limited to some collections.

        Their jobs are all the jobs there are, and they change no document that is in another collection, not even one
        that comes there before its job's turn.
        """
        limited = copy(self)
        limited.jobs, limited._seen, limited._scope = self.jobs.of(owner), self.library.within(scope), scope
        return limited

    def ingest(self, files: Sequence[NewFile], key: str | None = None) -> list[Job]:
        """Queue files to be taken in, all of them or none, and return their jobs in the same order.

        A file whose name and bytes are those of a job that isn't over gives that job.

        Args:
            key: the caller's own name for this change: with one that was given before, the jobs of that time come back.

        Raises:
            KeyReused: the key was given before, with other files.
            SharedDocument: the name is of a document that is also where the caller sees nothing.
            LibraryError: the database failed; nothing is queued.
        """
        for file in files:
            self.require_alone(file.name)
        with self.library.database.transaction():
            if key is not None:
                self.library.database.one_at_a_time(f"change {key}")
                known = [self.jobs.of_key(f"{key}#{at}") is not None for at in range(len(files) + 1)]
                if any(known) and known != [True] * len(files) + [False]:
                    raise KeyReused("this idempotency key was used for another number of files; send another key")
            jobs = [self._ingest(file, _part(key, at)) for at, file in enumerate(files)]
        for file, job in zip(files, jobs, strict=True):
            if Task.of(job).file != file.received.id:  # known already
                self.spool.drop(file.received.id)
        self.worker.wake()
        return jobs

    def _ingest(self, file: NewFile, key: str | None) -> Job:
        received = file.received
        known = (received.id, file.filename, received.sha256, received.size, file.modified)
        task = Task(file.source, *known, collections=file.collections, within=self._scope)
        latest = self.latest(file.name)
        waits = latest is not None and latest.state in UNFINISHED and latest.kind == INGEST
        if key is None and latest is not None and waits and _same(Task.of(latest), task):
            return latest
        return self._add(INGEST, file.name, task, key)

    def _add(self, kind: str, name: str, task: Task, key: str | None) -> Job:
        job = self.jobs.add(kind, name, task.dump(), key)
        if (job.kind, job.document) != (kind, name) or not _same(Task.of(job), task):
            raise KeyReused(f"this idempotency key was used for another change, of {job.document!r}; send another key")
        return job

    def remove_file(self, name: str, source: str) -> Job:
        """Queue the removal of a document whose file is gone from a watched folder; others' documents stay.

        One that waits already is not queued again: each look at the folder asks for it.
        """
        latest = self.latest(name)
        waits = latest is not None and latest.state in UNFINISHED and latest.kind == REMOVE
        if latest is not None and waits and Task.of(latest) == Task(source):
            return latest
        job = self._add(REMOVE, name, Task(source), None)
        self.worker.wake()
        return job

    def remove(self, name_or_id: str, key: str | None = None) -> Job:
        """Queue the removal of a document that is in the library, or will be.

        Raises:
            UnknownDocument: there is none of that name or id, and none is on its way.
            KeyReused: the key was given before, for another change.
            SharedDocument: it is also where the caller sees nothing.
        """
        name = self.name_of(name_or_id)
        self.require_alone(name)
        job = self._add(REMOVE, name, Task(UPLOADED, within=self._scope), _part(key, 0))
        self.worker.wake()
        return job

    def require_alone(self, name: str) -> None:
        """Say at once what the worker would say, of a document that the caller sees.

        Raises:
            SharedDocument: it is also where the caller sees nothing.
        """
        why = self.library.membership.refusal(name, self._scope)
        if isinstance(why, SharedDocument):
            raise why

    def name_of(self, name_or_id: str) -> str:
        """Return the name of a document that is in the library, or on its way.

        Raises:
            UnknownDocument: there is none of that name or id.
            AmbiguousDocument: the name is another's id.
        """
        try:
            return self._seen.document_info(name_or_id, to_change=True).name
        except UnknownDocument:
            latest = self.jobs.latest(name_or_id)
            if latest is None or (latest.kind == REMOVE and latest.state not in UNFINISHED):
                raise
            return latest.document

    def source_of(self, name: str) -> str:
        """Return from where the document of that name comes, or is coming; empty where that isn't known.

        Folders are of the machine: who is limited to some collections learns of uploads alone.
        """
        latest = self.latest(name)
        if latest is not None and latest.state in UNFINISHED:
            return Task.of(latest).source
        origin = self.library.origins.get(name)
        source = origin.source if origin is not None else ""
        if self._scope is None:
            return source
        return source if source == UPLOADED and self.info(name) is not None else ""

    def info(self, name: str) -> DocumentInfo | None:
        """Return the document of that name that answers questions now; None when there is none."""
        try:
            found = self._seen.document_info(name)
        except UnknownDocument:
            return None
        return found if found.name == name else None

    def cited_by(self, name: str) -> CitedBy:
        """Return how much would lose its source with the document of that name."""
        from vectorstore.storage.versions import CitedBy  # late: it loads numpy

        if self._scope is not None and self.info(name) is None:
            return CitedBy(0, 0)
        return self.library.versions.cited_by(document_id(name))

    def is_foreign(self, name: str, source: str) -> bool:
        """Return whether a document of that name is there, or on its way, that does not come from ``source``."""
        known = self.source_of(name)
        return known != source if known else bool(self.library.versions.current([document_id(name)]))

    def latest(self, name: str) -> Job | None:
        """Return the job of a document that came last; None when there is none."""
        found = self.jobs.recent(1, document=name)
        return found[0] if found else None

    def retry(self, job_id: str) -> bool:
        """See :meth:`vectorstore.storage.jobs.Jobs.retry`."""
        retried = self.jobs.retry(job_id)
        self.worker.wake()
        return retried


def checked_name(name: str) -> str:
    """Return a document's name in its canonical form: a relative path with ``/``.

    Raises:
        BadName: it is empty, too long, absolute, leads upwards, looks like an id, or holds what no name may.
    """
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part != "."]
    why = next((why for is_bad, why in _COMPLAINTS if is_bad(path, parts)), None)
    if why is not None:
        raise BadName(f"{name[:100]!r} can't be a document's name: {why}")
    return "/".join(parts)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_COMPLAINTS: tuple[tuple[Callable[[str, list[str]], bool], str], ...] = (
    (lambda path, parts: not path.strip(), "it is empty; give the file a name"),
    (lambda path, parts: len(path) > NAME_CHARS, f"it is longer than {NAME_CHARS} characters"),
    (lambda path, parts: not _encodes(path), "it holds half a character (a lone surrogate)"),
    (lambda path, parts: not path.isprintable(), "it holds a control character"),
    (lambda path, parts: path.startswith("/"), "it begins with a slash; leave that out"),
    (lambda path, parts: any(not part.strip() for part in parts), "a part between its slashes is empty"),
    (
        lambda path, parts: _LIKE_AN_ID.fullmatch("/".join(parts)) is not None,
        "it has the form of a document's id (16 hex digits), for which it would be taken; add a file ending",
    ),
    (lambda path, parts: ".." in parts, "it leads upwards with `..`"),
)


def _same(one: Task, other: Task) -> bool:
    """Return whether two tasks bring the same bytes into the same collections, with the same rights."""
    return (one.sha256, one.collections, one.within) == (other.sha256, other.collections, other.within)


def _part(key: str | None, number: int) -> str | None:
    """Return the key of one of the jobs of a change."""
    return None if key is None else f"{key}#{number}"
