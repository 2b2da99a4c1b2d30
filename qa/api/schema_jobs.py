"""Responses of the HTTP API about changes of the library: jobs, what they came to, what a removal loses."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.api.examples import JOB, JOBS
from qa.failures import reason_in
from vectorstore.changes import Outcome
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import Job
from vectorstore.text.language import Language

JobState = Literal["queued", "reading", "indexing", "ready", "failed", "cancelled"]
What = Literal["added", "replaced", "unchanged", "removed"]


class ChangedDocument(BaseModel):
    """What became of one document."""

    id: str
    name: str = Field(description="Of a text that the library has under another name, that one.")
    outcome: What


class JobView(BaseModel):
    """A change of the library that waits, is worked on, or is over."""

    model_config = ConfigDict(json_schema_extra={"examples": [JOB]})

    id: str
    kind: Literal["ingest", "remove"]
    document: str = Field(description="The document's name.")
    document_id: str
    state: JobState
    position: int | None = Field(
        None, description="Queued jobs before it that the caller sees; null unless it is queued."
    )
    done: int = Field(description="How much is done, and `total` of how much, in any unit; 0 of 0 before it is known.")
    total: int
    outcome: What | None = Field(None, description="What became of the document, once the job is ready.")
    documents: list[ChangedDocument] = Field(
        description="What became of each, once it is ready; a file may hold several."
    )
    notes: list[str] = Field(description="What could not be read.")
    reason: str | None = Field(None, description="Why it failed: one reason a line, in English unless asked otherwise.")
    attempts: int
    created: str = Field(description="ISO 8601, UTC.")
    updated: str = Field(description="ISO 8601, UTC.")

    @classmethod
    def of(cls, job: Job, position: int | None, language: Language | None = None) -> JobView:
        outcome = Outcome.of(job)
        documents = [ChangedDocument(id=document_id(name), name=name, outcome=what) for name, what in outcome.documents]
        return cls(
            id=job.id,
            kind="remove" if job.kind == "remove" else "ingest",
            document=job.document,
            document_id=document_id(job.document),
            state=job.state,
            position=position,
            done=job.done,
            total=job.total,
            outcome=outcome.what,
            documents=documents,
            notes=list(outcome.notes),
            reason=None if job.reason is None else reason_in(language, job.reason),
            attempts=job.attempts,
            created=job.created,
            updated=job.updated,
        )


class Accepted(BaseModel):
    """The jobs that a request became, in the order of its files."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"jobs": [JOB]}]})

    jobs: list[JobView]


class CitedBy(BaseModel):
    """Stored conversations, and answers in them, that cite a document, in whichever version."""

    conversations: int
    answers: int


class Lost(CitedBy):
    """What goes with a document: its passages. The answers keep what they quote, and can't show its source any more."""

    passages: int


class Removal(BaseModel):
    """A removal, and what will be lost."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"jobs": [JOB], "lost": {"passages": 12, "conversations": 2, "answers": 3}}]}
    )

    jobs: list[JobView] = Field(description="Empty after a dry run.")
    lost: Lost


class DocumentStatus(BaseModel):
    """How far a document is."""

    id: str
    name: str
    state: JobState = Field(description="Of its latest job; `ready` where there is none.")
    answers_now: bool = Field(description="Whether a whole version of it answers questions now.")
    sha256: str | None = Field(description="That version: a hash of its text.")
    source: str = Field(
        description="Where its file came from: `upload`, or `watch:` and a folder; empty where nobody noted it, and of "
        "folders for a key that is limited to some collections."
    )
    job: JobView | None
    cited_by: CitedBy


class OriginView(BaseModel):
    """A file that a document was read from."""

    name: str = Field(description="The document's.")
    file_sha256: str
    size: int
    modified: int = Field(description="Nanoseconds since 1970; 0 where it is not known.")


class OriginList(BaseModel):
    """What came from one source."""

    origins: list[OriginView]


class JobList(BaseModel):
    """Jobs, those that came last first."""

    model_config = ConfigDict(json_schema_extra={"examples": [JOBS]})

    jobs: list[JobView]
    counts: dict[JobState, int] = Field(description="Of all jobs that the caller sees.")
    next: str | None = Field(None, description="Cursor of the next page: send it as `before`. Null on the last page.")
