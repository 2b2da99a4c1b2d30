"""What a job is asked to do and what it came to, as its row holds them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from vectorstore.storage.collections import Scope
from vectorstore.storage.jobs import Job

INGEST, REMOVE = "ingest", "remove"

What = Literal["added", "replaced", "unchanged", "removed"]


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know besides the document's name; a job's ``payload``."""

    source: str
    """As :class:`vectorstore.storage.origins.Origin` has it."""
    file: str = ""
    """Id of the file in the spool; empty for a removal."""
    filename: str = ""
    """What the file was called, which may tell its format; the document's name if empty."""
    sha256: str = ""
    """Of the file's bytes, in hex; empty for a removal."""
    size: int = 0
    modified: int = 0
    """Nanoseconds since 1970, of a file in a watched folder."""
    collections: Scope = ()
    """Ids of those to put its documents into; empty for where they go by themselves."""
    within: Scope | None = None
    """Ids of the collections that who asked for it is limited to; None for no limit. None of them is a limit, too."""

    def dump(self) -> str:
        told = {key: value for key, value in asdict(self).items() if value or (key == "within" and value is not None)}
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def of(cls, job: Job) -> Task:
        found: dict[str, Any] = {"source": "", **json.loads(job.payload or "{}")}
        found |= {name: tuple(found[name]) for name in ("collections", "within") if name in found}
        return cls(**found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to; its ``result``."""

    documents: tuple[tuple[str, What], ...] = ()
    """Names, and what became of each."""
    notes: tuple[str, ...] = ()
    """For people: what could not be read."""

    @property
    def what(self) -> What | None:
        """What became of its document; of several, the greatest change."""
        found = {what for _, what in self.documents}
        order: tuple[What, ...] = ("removed", "replaced", "added", "unchanged")
        return next((what for what in order if what in found), None)

    def dump(self) -> str:
        return json.dumps({"documents": self.documents, "notes": self.notes}, ensure_ascii=False)

    @classmethod
    def of(cls, job: Job) -> Outcome:
        found = json.loads(job.result or "{}")
        documents = tuple((name, what) for name, what in found.get("documents", ()))
        return cls(documents, tuple(found.get("notes", ())))
