"""The queue of jobs, on SQLite and on Postgres: order, leases, retry, cancelling, and many workers at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vectorstore.storage.database import Database
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import ATTEMPTS, Job, Jobs
from vectorstore.storage.tables import jobs as table
from vectorstore.storage.tables import select, update


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    with Database(place) as database:
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Jobs:
    return Jobs(database, lease_seconds=60, clock=clock)


def claimed(jobs: Jobs, worker: str = "w") -> Job:
    job = jobs.claim(worker)
    assert job is not None
    return job


def now(jobs: Jobs, job: Job) -> Job:
    found = jobs.get(job.id)
    assert found is not None
    return found


def test_jobs_are_taken_in_the_order_in_which_they_came(jobs: Jobs) -> None:
    added = [jobs.add("ingest", name, payload=f"{name}.pdf") for name in ("甲.pdf", "annual report.pdf", "乙.pdf")]
    assert [job.number for job in added] == [1, 2, 3]
    assert jobs.positions(added) == [0, 1, 2]
    assert jobs.get(added[1].id) == added[1]
    taken = [claimed(jobs) for _ in added]
    assert [(job.id, job.payload) for job in taken] == [(job.id, job.payload) for job in added]
    assert {job.state for job in taken} == {"reading"}
    assert jobs.claim("w") is None
    assert [job.id for job in jobs.recent(2)] == [added[2].id, added[1].id]
    assert jobs.get("nobody") is None


def test_a_key_that_was_given_before_adds_nothing(jobs: Jobs) -> None:
    first = jobs.add("ingest", "a", idempotency_key="k")
    assert jobs.add("ingest", "a", idempotency_key="k") == first
    assert jobs.add("ingest", "a").id != first.id
    assert jobs.add("ingest", "a", idempotency_key="other").id != first.id
    assert len(jobs.recent()) == 3


def test_a_job_runs_to_its_end(jobs: Jobs) -> None:
    jobs.add("ingest", "a")
    job = claimed(jobs)
    assert jobs.advance(job, "w", "indexing", 3, 10)
    assert (now(jobs, job).state, now(jobs, job).done, now(jobs, job).total) == ("indexing", 3, 10)
    with pytest.raises(ValueError, match="'ready'"):
        jobs.advance(job, "w", "ready", 10, 10)
    assert jobs.finish(job, "w")
    assert now(jobs, job).state == "ready"
    assert not jobs.finish(job, "w")
    assert not jobs.cancel(job.id)
    assert not jobs.retry(job.id)


def test_a_failed_job_says_why_and_can_be_retried(jobs: Jobs) -> None:
    jobs.add("ingest", "a")
    job = claimed(jobs)
    assert jobs.fail(job, "w", "the file is encrypted")
    assert (now(jobs, job).state, now(jobs, job).reason) == ("failed", "the file is encrypted")
    assert jobs.claim("w") is None
    assert jobs.retry(job.id)
    assert (now(jobs, job).state, now(jobs, job).reason) == ("queued", None)
    assert jobs.finish(claimed(jobs), "w")


def test_a_job_that_a_later_one_of_its_document_has_overtaken_is_not_retried(jobs: Jobs) -> None:
    jobs.add("ingest", "a", payload="the first version")
    first = claimed(jobs)
    jobs.fail(first, "w", "the disk is full")
    jobs.add("ingest", "a", payload="the second version")
    assert jobs.finish(claimed(jobs), "w")
    assert not jobs.retry(first.id)


def test_the_job_of_a_worker_that_died_is_taken_up_again(jobs: Jobs, clock: Clock) -> None:
    jobs.add("ingest", "a")
    job = claimed(jobs, "dead")
    clock.now += 59
    assert jobs.advance(job, "dead", "reading", 1, 2)
    clock.now += 59
    assert jobs.claim("w") is None  # the lease was renewed
    clock.now += 2
    again = claimed(jobs)
    assert (again.id, again.attempts, again.done) == (job.id, 2, 0)
    assert not jobs.advance(job, "dead", "indexing", 2, 2)  # it was only slow, and must stop
    assert not jobs.finish(job, "dead")
    assert jobs.finish(again, "w")


def test_a_worker_that_lost_its_job_does_not_get_it_back_unseen(jobs: Jobs, clock: Clock) -> None:
    jobs.add("ingest", "a")
    job = claimed(jobs)
    clock.now += 61
    again = claimed(jobs)
    assert not jobs.finish(job, "w")
    assert jobs.finish(again, "w")


def test_a_job_that_kills_its_workers_fails_in_the_end(jobs: Jobs, clock: Clock) -> None:
    bad, good = jobs.add("ingest", "bad"), jobs.add("ingest", "good")
    for _ in range(ATTEMPTS):
        assert claimed(jobs).id == bad.id
        clock.now += 61
    assert claimed(jobs).id == good.id
    assert now(jobs, bad).state == "failed"
    assert f"ended {ATTEMPTS} times" in (now(jobs, bad).reason or "")


def test_a_cancelled_job_is_not_begun_or_not_ended(jobs: Jobs) -> None:
    waiting, running = jobs.add("ingest", "a"), jobs.add("ingest", "b")
    assert jobs.cancel(waiting.id)
    job = claimed(jobs)
    assert job.id == running.id
    assert jobs.cancel(running.id)
    assert not jobs.advance(job, "w", "indexing", 1, 1)
    assert not jobs.finish(job, "w")
    assert {now(jobs, one).state for one in (waiting, running)} == {"cancelled"}
    assert jobs.claim("w") is None
    assert jobs.retry(waiting.id)
    assert claimed(jobs).id == waiting.id


def test_jobs_of_one_document_run_one_after_the_other(jobs: Jobs) -> None:
    first, second, other = jobs.add("ingest", "a"), jobs.add("ingest", "a"), jobs.add("ingest", "b")
    job = claimed(jobs, "one")
    assert job.id == first.id
    assert claimed(jobs, "two").id == other.id
    assert jobs.claim("three") is None
    assert jobs.finish(job, "one")
    assert claimed(jobs, "three").id == second.id


def test_no_job_is_taken_twice_or_left(jobs: Jobs) -> None:
    added = {jobs.add("ingest", str(number)).id for number in range(24)}
    taken: list[str] = []

    def work(worker: str) -> None:
        while (job := jobs.claim(worker)) is not None:
            taken.append(job.id)
            assert jobs.finish(job, worker)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(added)
    assert {job.state for job in jobs.recent()} == {"ready"}


def test_a_locked_job_is_passed_over(postgres_url: str) -> None:
    with Database(postgres_url) as mine, Database(postgres_url) as theirs:
        first, second = Jobs(mine).add("ingest", "a"), Jobs(mine).add("ingest", "b")
        with theirs.transaction() as connection:
            connection.execute(select(table).where(table.c.id == first.id).with_for_update())
            assert claimed(Jobs(mine)).id == second.id  # without waiting for them
        assert claimed(Jobs(mine)).id == first.id


def test_a_job_keeps_what_it_came_to_until_it_is_retried(jobs: Jobs) -> None:
    jobs.add("ingest", "a")
    job = claimed(jobs)
    assert jobs.finish(job, "w", "added")
    assert now(jobs, job).result == "added"
    assert [one.id for one in jobs.since(now(jobs, job).updated)] == [job.id]


def test_a_change_that_a_slower_clock_dates_back_is_not_missed(jobs: Jobs, database: Database) -> None:
    """Workers are on several machines, and what is dated first may be committed last."""
    dated = {"甲.pdf": "12:00:00.000", "annual report.pdf": "12:00:09.000", "old.pdf": "11:00:00.000"}
    for name, time in dated.items():
        job = jobs.add("ingest", name)
        with database.transaction() as connection:
            values = {"updated": f"2026-01-01T{time}+00:00"}
            connection.execute(update(table).where(table.c.id == job.id).values(values))
    seen = jobs.since("2026-01-01T12:00:09.000+00:00")
    assert [job.document for job in seen] == ["甲.pdf", "annual report.pdf"]
    assert [job.document for job in jobs.since(seen[-1].updated, limit=1)] == ["annual report.pdf"]
    assert len(jobs.since("")) == 3


def test_whoever_owns_the_library_alone_takes_over_at_once(jobs: Jobs) -> None:
    jobs.add("ingest", "a")
    for attempt in range(1, ATTEMPTS + 1):
        job = claimed(jobs, "dead")
        assert job.attempts == attempt
        jobs.take_over()
    assert now(jobs, job).state == "failed"


def test_a_job_that_is_given_back_loses_no_attempt(jobs: Jobs) -> None:
    jobs.add("ingest", "a")
    assert jobs.give_back(claimed(jobs), "w")
    assert jobs.give_back(claimed(jobs), "w", counted=True)
    assert claimed(jobs).attempts == 2


def test_jobs_are_found_by_their_document_and_forgotten_when_they_are_old(jobs: Jobs) -> None:
    first, second = jobs.add("ingest", "a"), jobs.add("ingest", "b")
    assert jobs.latest("b") == second
    assert jobs.latest(document_id("a")) == first
    assert jobs.latest("nobody") is None
    jobs.finish(claimed(jobs), "w")
    assert jobs.counts() == {"ready": 1, "queued": 1}
    assert [job.id for job in jobs.recent(states=["queued"])] == [second.id]
    assert [job.id for job in jobs.recent(before=second.number)] == [first.id]
    assert [job.id for job in jobs.forget("9999")] == [first.id]
    assert [job.id for job in jobs.recent()] == [second.id]
