"""The suite's real parts under stress: PostgreSQL from its own binaries, ``nanococoa serve``, supervised workers.

Only the engine is simulated. The database keeps a log of its own, by a trigger, of every time a job came to its end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import psycopg

from bench.server import CHECKOUT, Server, running_server

if TYPE_CHECKING:
    from bench.stress.pace import Pace
    from nanococoa_aiserver.jobs.service import JobService
    from support.postgres import Postgres

WORKER: Final = "bench.stress.worker"
_LOG_OF_ENDS: Final = """
CREATE TABLE log_of_ends (job text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO log_of_ends (job) VALUES (NEW.workflow_uuid); RETURN NULL; END $$;
CREATE TRIGGER note_end AFTER UPDATE OF status ON dbos.workflow_status
FOR EACH ROW WHEN (NEW.status = 'SUCCESS') EXECUTE FUNCTION note_end();
"""


@dataclass(frozen=True, slots=True)
class House:
    server: Server
    jobs: JobService
    postgres: Postgres
    journal: Path
    url: str

    def workers(self) -> list[psutil.Process]:
        """Oldest first."""
        return sorted(filter(_is_worker, psutil.Process().children()), key=lambda process: process.create_time())

    def at_work(self) -> list[psutil.Process]:
        """Workers with a job under way, oldest first; none while the database is gone."""
        under_way = "SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'"
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                busy = {int(worker.split("-")[-2]) for (worker,) in connection.execute(under_way)}
        except psycopg.Error:
            return []
        return [worker for worker in self.workers() if worker.pid in busy]

    def ends(self) -> dict[str, int]:
        """How often each job came to its end, as the database saw it."""
        with psycopg.connect(self.url) as connection:
            return dict(connection.execute("SELECT job, count(*) FROM log_of_ends GROUP BY job").fetchall())


@contextmanager
def running_house(workers: int, pace: Pace, serve: Sequence[str] = ()) -> Iterator[House]:
    """Ready for jobs inside the block. ``serve`` starts the API in place of ``nanococoa serve``.

    Raises RuntimeError where PostgreSQL is not installed.
    """
    from nanococoa_aiserver.artifacts.store import open_store
    from nanococoa_aiserver.jobs.service import JobService
    from nanococoa_aiserver.jobs.supervisor import supervise
    from nanococoa_aiserver.settings import load_settings
    from support.postgres import find_binaries, running_postgres

    if (binaries := find_binaries()) is None:
        raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgres(binaries) as postgres:
        url = postgres.create_database("jobs")
        with running_server(0, serve, JOBS_URL=url, ENGINE="diffusion") as server:
            settings = load_settings(
                data_dir=server.data_dir, jobs_url=url, engine="diffusion", artifacts_url=None, warm_up=False
            )
            jobs = JobService(settings, open_store(settings.store_url))
            jobs.ping()  # makes the tables
            with psycopg.connect(url) as connection:
                connection.execute(_LOG_OF_ENDS)
            house = House(server, jobs, postgres, server.data_dir / "journal", url)
            house.journal.touch()
            with supervise(settings, workers, _command(house.journal, pace)):
                _wait_until_ready(server)
                yield house
            jobs.close()


def _command(journal: Path, pace: Pace) -> list[str]:
    """A worker that writes to ``workers.log``; ``exec`` twice, so that the process that is killed is the worker."""
    path = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "tests")])
    given = [f"PYTHONPATH={path}", f"STRESS_JOURNAL={journal}", f"STRESS_PACE={pace}"]
    log = str(journal.with_name("workers.log"))
    return ["sh", "-c", 'exec env "$@" >>"$0" 2>&1', log, *given, sys.executable, "-m", WORKER]


def _wait_until_ready(server: Server, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while server.http.get("/ready").status_code != 200:
        if time.monotonic() > deadline:
            raise TimeoutError("no worker became ready")
        time.sleep(0.1)


def _is_worker(process: psutil.Process) -> bool:
    try:
        return WORKER in process.cmdline()
    except psutil.Error:
        return False
