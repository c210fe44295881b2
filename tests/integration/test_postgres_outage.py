"""PostgreSQL restarts, is gone for a while, or is not there yet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nanococoa_aiserver.errors import DatabaseUnavailable
from nanococoa_aiserver.jobs import repository
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.names import AD_STEPS
from support.house import House, build_house
from support.postgres import Postgres
from support.waiting import until

pytestmark = pytest.mark.postgres
STEPS = list(AD_STEPS)
OUTAGE_SECONDS = 10.0


@pytest.fixture
def fragile(tmp_path: Path, own_postgres: Postgres) -> Iterator[House]:
    """Jobs on a cluster of their own."""
    built = build_house(tmp_path, own_postgres.url())
    yield built
    built.close()


def test_a_job_outlives_ten_seconds_without_database_and_nobody_takes_it(
    fragile: House, own_postgres: Postgres
) -> None:
    workers = [fragile.start_worker(), fragile.start_worker()]
    job_id = fragile.ad(seconds={"background": OUTAGE_SECONDS / 2})
    fragile.until_step(job_id, "background")
    own_postgres.stop()
    gone = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        fragile.service.status(job_id)
    until(lambda: time.monotonic() - gone > OUTAGE_SECONDS, 2 * OUTAGE_SECONDS)
    own_postgres.start()
    view = fragile.until_status(job_id, "completed", 40)
    assert view.error is None
    assert fragile.starts(job_id) == STEPS
    assert all(worker.process.poll() is None for worker in workers)
    following = fragile.ad()
    assert fragile.until_status(following, "completed", 20).error is None


def test_a_worker_killed_while_the_database_was_gone_is_replaced_when_it_is_back(
    fragile: House, own_postgres: Postgres
) -> None:
    first = fragile.start_worker()
    job_id = fragile.ad(hold="background")
    fragile.until_step(job_id, "background")
    second = fragile.start_worker()
    own_postgres.stop()
    first.kill()
    own_postgres.start()
    until(lambda: fragile.starters(job_id)[-1] == second.pid)
    assert fragile.until_status(job_id, "completed").error is None


@pytest.mark.alone
def test_without_a_database_every_question_is_answered_promptly(fragile: House, own_postgres: Postgres) -> None:
    job_id = fragile.ad()
    own_postgres.stop()
    service = fragile.service
    asked = time.monotonic()
    for ask in (
        lambda: service.submit("ad", {}),
        lambda: service.status(job_id),
        lambda: service.stop(job_id),
        lambda: service.resume(job_id),
        lambda: service.events(0, job_id),
        lambda: service.list_jobs(),
        lambda: service.delete(job_id),
        lambda: service.wait(job_id, 5),
        service.stats,
        service.ping,
    ):
        with pytest.raises(DatabaseUnavailable):
            ask()
    assert time.monotonic() - asked < 20
    own_postgres.start()
    until(lambda: _status(fragile, job_id) == "pending")


def test_a_worker_waits_for_a_database_that_is_not_there_yet(fragile: House, own_postgres: Postgres) -> None:
    own_postgres.stop()
    worker = fragile.start_worker(wait=False)
    until(lambda: "waiting for the database" in worker.log.read_text("utf-8"))
    own_postgres.start()
    until(worker.is_ready)
    assert fragile.until_status(fragile.ad(), "completed").error is None


def test_many_processes_may_make_the_tables_at_once(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as processes:
        for done in [processes.submit(database.prepare) for database in databases]:
            done.result()
    for database in databases:
        database.close()


def _status(house: House, job_id: str) -> str | None:
    try:
        return house.service.status(job_id).status
    except DatabaseUnavailable:
        return None


@pytest.mark.alone
def test_rows_locked_by_somebody_who_was_cut_off_are_free_within_seconds(fragile: House) -> None:
    """The server hears nothing of a client that is gone; here it is one that says nothing more."""
    job_id = fragile.ad()
    lost, other = Database(fragile.settings.database_url), Database(fragile.settings.database_url)
    waited: list[float] = []
    with pytest.raises(DatabaseUnavailable):
        _wait_for_the_lost(lost, other, job_id, waited)
    assert waited[0] < 8
    lost.close()
    other.close()


def _wait_for_the_lost(lost: Database, other: Database, job_id: str, waited: list[float]) -> None:
    with lost.begin() as connection:
        repository.lock_job(connection, job_id)
        asked = time.monotonic()
        with other.begin() as waiting:
            repository.lock_job(waiting, job_id)
        waited.append(time.monotonic() - asked)
