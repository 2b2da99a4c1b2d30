"""Jobs of the catalogue: changes that wait for a worker, run under a lease, and are over; on SQLite and on Postgres.

::

    queued -> reading -> indexing -> ready
       |         |          |------> failed (with a reason; ``retry`` queues it again)
       |---------|----------|------> cancelled

A worker holds a job while its lease lasts and renews it by telling how far it is. The job of one that died is queued
again when the lease is over. Jobs of one document run one after the other, in the order in which they came.
"""

from __future__ import annotations

import re
import time
import uuid
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from vectorstore.storage.database import Database
from vectorstore.storage.hashes import document_id
from vectorstore.storage.tables import (
    Condition,
    Connection,
    Query,
    Row,
    as_number,
    as_text,
    delete,
    func,
    insert,
    jobs,
    meta,
    or_,
    select,
    true,
    update,
)

State = Literal["queued", "reading", "indexing", "ready", "failed", "cancelled"]
RUNNING: tuple[State, ...] = ("reading", "indexing")
UNFINISHED: tuple[State, ...] = ("queued", *RUNNING)
LEASE_SECONDS = 60.0
"""Far longer than a worker is silent, and than clocks of several machines differ."""
SKEW = timedelta(seconds=10)
"""More than the clocks of several machines differ, and than a change takes to be committed."""
ATTEMPTS = 3
"""Workers that may die of a job before it fails."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was when it was read."""

    number: int
    """Its place among all jobs there ever were, from 1."""
    id: str
    idempotency_key: str | None
    kind: str
    """What is to be done; the worker's own word."""
    document: str
    """The name of the document that changes."""
    payload: str
    """What the worker needs to know besides."""
    state: State
    done: int
    total: int
    """How much is done, and of how much, in any unit; 0 of 0 before that is known."""
    reason: str | None
    """Why it failed."""
    attempts: int
    """Times that a worker took it, since it was added or retried."""
    created: str
    """ISO 8601, UTC; so is ``updated``."""
    updated: str
    result: str | None = None
    """What it came to, once it is ready; the worker's own words."""
    owner: str = ""
    """Who asked for it and sees no others' jobs; empty for all who see the whole queue."""


Values = dict[str, Any]
_ID = re.compile("[0-9a-f]{16}")
_COLUMNS = tuple(jobs.c[name] for name in Job.__dataclass_fields__)
_OTHER = jobs.alias()


class Jobs:
    """The queue. Thread-safe, as the database is; on Postgres processes of several machines may share it."""

    def __init__(
        self,
        database: Database,
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.time,
        owner: str = "",
    ) -> None:
        """
        Args:
            clock: gives seconds since 1970.
            owner: whose jobs are added here; there are no others to be read, counted, retried or cancelled then.
        """
        self._database = database
        self.lease_seconds = lease_seconds
        self._clock = clock
        self._owner = owner
        self._seen: Condition = jobs.c.owner == owner if owner else true()

    def of(self, owner: str) -> Jobs:
        """Return the part of the queue that is ``owner``'s, as if there were nothing else."""
        return Jobs(self._database, self.lease_seconds, self._clock, owner)

    def add(self, kind: str, document: str, payload: str = "", idempotency_key: str | None = None) -> Job:
        """Queue a job and return it; with a key that was given before, return the job of that time."""
        with self._database.transaction() as connection:
            number = _next_number(connection)  # whoever adds at the same time waits here
            same = select(*_COLUMNS).where(jobs.c.idempotency_key == idempotency_key)
            known = connection.execute(same).one_or_none() if idempotency_key is not None else None
            if known is not None:
                return Job(*known)
            now = _now()
            new = uuid.uuid4().hex
            key, owner = idempotency_key, self._owner
            job = Job(number, new, key, kind, document, payload, "queued", 0, 0, None, 0, now, now, owner=owner)
            connection.execute(insert(jobs).values({name: getattr(job, name) for name in Job.__dataclass_fields__}))
        return job

    def get(self, job_id: str) -> Job | None:
        """Return a job, None when there is none of that id."""
        found: list[Row] = list(self._database.rows(select(*_COLUMNS).where(jobs.c.id == job_id, self._seen)))
        return Job(*found[0]) if found else None

    def of_key(self, idempotency_key: str) -> Job | None:
        """Return the job that was added with a key; None when there is none."""
        found = self._database.rows(select(*_COLUMNS).where(jobs.c.idempotency_key == idempotency_key))
        return Job(*found[0]) if found else None

    def latest(self, name_or_id: str) -> Job | None:
        """Return the job that came last of those of a document, by its name or id; None when there is none."""
        named = jobs.c.document == name_or_id
        if _ID.fullmatch(name_or_id):
            told = jobs.c.state.in_((*UNFINISHED, "failed"))
            names = self._database.rows(select(jobs.c.document).where(told, self._seen).distinct())
            named = jobs.c.document.in_([row[0] for row in names if document_id(row[0]) == name_or_id] or [name_or_id])
        newest = select(*_COLUMNS).where(named, self._seen).order_by(jobs.c.number.desc()).limit(1)
        found = self._database.rows(newest)
        return Job(*found[0]) if found else None

    def recent(
        self,
        limit: int = 100,
        states: Sequence[State] | None = None,
        document: str | None = None,
        before: int | None = None,
    ) -> list[Job]:
        """Return jobs, those that came last first.

        Args:
            states: only those in one of these.
            document: only those of the document of that name.
            before: only those with a smaller number.
        """
        query = select(*_COLUMNS).where(self._seen).order_by(jobs.c.number.desc()).limit(limit)
        if states is not None:
            query = query.where(jobs.c.state.in_(states))
        if document is not None:
            query = query.where(jobs.c.document == document)
        if before is not None:
            query = query.where(jobs.c.number < before)
        return [Job(*row) for row in self._database.rows(query)]

    def since(self, updated: str, limit: int = 1000) -> list[Job]:
        """Return jobs that changed at that time or later, or up to ``SKEW`` before it, in order; of many, the last.

        So whoever looks again and again misses no change that a machine with a slower clock made.

        Args:
            updated: a job's ``updated``; empty for all.
        """
        after = updated and (datetime.fromisoformat(updated) - SKEW).isoformat(timespec="milliseconds")
        changed = select(*_COLUMNS).where(jobs.c.updated >= after, self._seen)
        last = changed.order_by(jobs.c.updated.desc(), jobs.c.number.desc()).limit(limit)
        return [Job(*row) for row in reversed(self._database.rows(last))]

    def counts(self) -> dict[str, int]:
        """Return the number of jobs in each state that has any."""
        query = select(jobs.c.state, func.count()).where(self._seen).group_by(jobs.c.state)
        return {row[0]: int(row[1]) for row in self._database.rows(query)}

    def positions(self, some: Sequence[Job]) -> list[int | None]:
        """Return of each of some jobs how many queued ones came before it; None of one that isn't queued."""
        last = max((job.number for job in some if job.state == "queued"), default=0)
        before = select(jobs.c.number).where(jobs.c.state == "queued", jobs.c.number < last, self._seen)
        queued = [row.number for row in self._database.rows(before.order_by(jobs.c.number))] if last else []
        return [bisect_left(queued, job.number) if job.state == "queued" else None for job in some]

    def any_unfinished(self) -> bool:
        """Return whether there may be something to do."""
        return bool(self._database.rows(select(jobs.c.number).where(jobs.c.state.in_(UNFINISHED)).limit(1)))

    def claim(self, worker: str) -> Job | None:
        """Take the first job that is queued, or whose worker died; None when there is none. Never waits for others.

        Args:
            worker: names the worker, and nobody else.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            while (row := connection.execute(_first(now)).one_or_none()) is not None:
                if row.attempts < ATTEMPTS:
                    values = {"state": "reading", "done": 0, "total": 0, "attempts": row.attempts + 1, "worker": worker}
                    values["lease_ends"] = _milliseconds(now + self.lease_seconds)
                    return _changed(connection, row.number, values)
                _changed(connection, row.number, _spent())
        return None

    def advance(self, job: Job, worker: str, state: State, done: int, total: int) -> bool:
        """Tell how far a job is, and renew its lease; False when it is cancelled or another's: then stop.

        Raises:
            ValueError: ``state`` is not one of a running job.
        """
        if state not in RUNNING:
            raise ValueError(f"a running job's state is one of {RUNNING} and not {state!r}")
        lease = _milliseconds(self._clock() + self.lease_seconds)
        return self._end(job, worker, {"state": state, "done": done, "total": total, "lease_ends": lease})

    def renew(self, job: Job, worker: str) -> bool:
        """Renew a job's lease while there is nothing to tell; False when it is cancelled or another's."""
        lease = _milliseconds(self._clock() + self.lease_seconds)
        renewed = update(jobs).where(_mine(job, worker), jobs.c.state.in_(RUNNING)).values(lease_ends=lease)
        with self._database.transaction() as connection:
            return connection.execute(renewed).rowcount == 1

    def hold(self, job: Job, worker: str) -> bool:
        """Return whether a job is still the worker's; nobody takes it over until the caller's transaction ends."""
        query = select(jobs.c.number).where(_mine(job, worker), jobs.c.state.in_(RUNNING)).with_for_update()
        with self._database.transaction() as connection:
            return connection.execute(query).first() is not None

    def finish(self, job: Job, worker: str, result: str | None = None) -> bool:
        """Mark a job as done; False when it is cancelled or another's."""
        return self._end(job, worker, {**_over("ready"), "result": result})

    def give_back(self, job: Job, worker: str, counted: bool = False) -> bool:
        """Queue a job again that its worker can't do now; False when it is cancelled or another's.

        Args:
            counted: whether that was one of its ``ATTEMPTS``.
        """
        attempts = job.attempts if counted else job.attempts - 1
        values = {"state": "queued", "worker": None, "lease_ends": None, "attempts": attempts}
        return self._end(job, worker, {**values, "done": 0, "total": 0})

    def take_over(self) -> int:
        """Queue all jobs again that are being worked on, and return how many: for who owns the library alone."""
        values = {"state": "queued", "worker": None, "lease_ends": None, "done": 0, "total": 0}
        died = jobs.c.state.in_(RUNNING)
        spent = update(jobs).where(died, jobs.c.attempts >= ATTEMPTS).values(updated=_now(), **_spent())
        with self._database.transaction() as connection:
            connection.execute(spent)
            return connection.execute(update(jobs).where(died).values(updated=_now(), **values)).rowcount

    def forget(self, before: str) -> list[Job]:
        """Delete jobs that were over before that time, and return them.

        Args:
            before: ISO 8601, UTC.
        """
        old = (jobs.c.updated < before) & jobs.c.state.not_in(UNFINISHED)
        with self._database.transaction() as connection:
            gone = [Job(*row) for row in connection.execute(select(*_COLUMNS).where(old)).all()]
            connection.execute(delete(jobs).where(old))
        return gone

    def fail(self, job: Job, worker: str, reason: str) -> bool:
        """Mark a job as failed; False when it is cancelled or another's."""
        return self._end(job, worker, _over("failed", reason))

    def _end(self, job: Job, worker: str, values: Values) -> bool:
        changed = update(jobs).where(_mine(job, worker), jobs.c.state.in_(RUNNING)).values(updated=_now(), **values)
        with self._database.transaction() as connection:
            return connection.execute(changed).rowcount == 1

    def retry(self, job_id: str) -> bool:
        """Queue a failed or cancelled job again, at its old place; False when it is neither.

        False, too, when a later job changes the same document: the earlier one would undo what that did.
        """
        later = select(_OTHER.c.number).where(_OTHER.c.document == jobs.c.document, _OTHER.c.number > jobs.c.number)
        values = {"state": "queued", "reason": None, "attempts": 0, "done": 0, "total": 0, "result": None}
        return self._change(jobs.c.state.in_(("failed", "cancelled")) & ~later.exists(), job_id, values)

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; its worker, if any, learns it when it next tells how far it is. False when it is over."""
        return self._change(jobs.c.state.in_(UNFINISHED), job_id, _over("cancelled"))

    def _change(self, allowed: Condition, job_id: str, values: Values) -> bool:
        changed = update(jobs).where(jobs.c.id == job_id, allowed, self._seen).values(updated=_now(), **values)
        with self._database.transaction() as connection:
            return connection.execute(changed).rowcount == 1


def _mine(job: Job, worker: str) -> Condition:
    return (jobs.c.number == job.number) & (jobs.c.worker == worker) & (jobs.c.attempts == job.attempts)


def _first(now: float) -> Query:
    """Return the query of the job that is to be taken next, locked; those that others lock are passed over."""
    abandoned = jobs.c.state.in_(RUNNING) & (jobs.c.lease_ends < _milliseconds(now))
    same_document = (_OTHER.c.document == jobs.c.document) & (_OTHER.c.number < jobs.c.number)
    waits = select(_OTHER.c.number).where(same_document, _OTHER.c.state.in_(UNFINISHED)).exists()
    return (
        select(jobs.c.number, jobs.c.attempts)
        .where(or_(jobs.c.state == "queued", abandoned), ~waits)
        .order_by(jobs.c.number)
        .limit(1)
        .with_for_update(skip_locked=True, of=jobs)
    )


def _changed(connection: Connection, number: int, values: Values) -> Job:
    connection.execute(update(jobs).where(jobs.c.number == number).values(updated=_now(), **values))
    return Job(*connection.execute(select(*_COLUMNS).where(jobs.c.number == number)).one())


def _next_number(connection: Connection) -> int:
    more = as_text(as_number(meta.c.value) + 1)
    connection.execute(update(meta).where(meta.c.key == "next_job").values(value=more))
    return int(connection.execute(select(meta.c.value).where(meta.c.key == "next_job")).scalar_one()) - 1


def _over(state: State, reason: str | None = None) -> Values:
    return {"state": state, "reason": reason, "worker": None, "lease_ends": None}


def _spent() -> Values:
    return _over("failed", f"its worker ended {ATTEMPTS} times without a result")


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
