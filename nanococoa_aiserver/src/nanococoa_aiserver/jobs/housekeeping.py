"""What is done now and then beside the jobs: forgotten ones enqueued, old ones and unused files deleted."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import Final

import sqlalchemy as sa

from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.errors import DatabaseUnavailable
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.enqueueing import Enqueuer
from nanococoa_aiserver.jobs.eta import RECENT
from nanococoa_aiserver.jobs.names import AD_STEPS
from nanococoa_aiserver.jobs.removal import remove_job, remove_unused_files
from nanococoa_aiserver.jobs.tables import jobs, step_times, workflows
from nanococoa_aiserver.settings import Settings

DAY: Final = 86400.0
_TIDY_SECONDS: Final = 3600.0
_UNUSED_SECONDS: Final = DAY
"""An upload that no job names after a day will not be named any more."""

_FORGOTTEN_SECONDS: Final = 10.0
_SWEEP_SECONDS: Final = 2.0
_TIMES_KEPT: Final = RECENT * len(AD_STEPS) * 20

logger = logging.getLogger(__name__)


class Housekeeper:
    """Every worker has one; doing the same twice does no harm."""

    def __init__(self, database: Database, artifacts: ArtifactStore, settings: Settings) -> None:
        self._enqueuer = Enqueuer(database)
        self._database = database
        self._artifacts = artifacts
        self._keep = settings.keep_jobs_days * DAY
        self._swept_at = 0.0
        self._thread = Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def sweep(self) -> None:
        """Enqueue jobs whose writer died before it could; a cheap question, asked every two seconds at most."""
        if time.monotonic() - self._swept_at > _SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            if found := self._enqueuer.enqueue_forgotten(time.time() - _FORGOTTEN_SECONDS):
                logger.warning("jobs that were never enqueued, now are: %d", found)

    def tidy(self) -> None:
        """Delete finished jobs older than ``KEEP_JOBS_DAYS``, files nobody needs, and old measurements."""
        for job_id in self._expired(time.time() - self._keep):
            remove_job(self._database, self._artifacts, job_id)
        remove_unused_files(self._database, self._artifacts, time.time() - _UNUSED_SECONDS)
        self._forget_old_times()

    def _run(self) -> None:
        while True:
            try:
                self.tidy()
            except DatabaseUnavailable:
                logger.warning("the database is gone; old jobs are deleted later")
            except Exception:
                logger.exception("housekeeping")
            Event().wait(_TIDY_SECONDS)

    def _expired(self, before: float) -> list[str]:
        joined = jobs.join(workflows, workflows.c.workflow_uuid == jobs.c.id)
        finished = workflows.c.status.notin_(["ENQUEUED", "DELAYED", "PENDING"])
        query = sa.select(jobs.c.id).select_from(joined).where(finished, workflows.c.completed_at < int(before * 1000))
        with self._database.begin() as connection:
            return list(connection.execute(query).scalars())

    def _forget_old_times(self) -> None:
        with self._database.begin() as connection:
            newest = connection.execute(sa.select(sa.func.max(step_times.c.id))).scalar_one()
            connection.execute(sa.delete(step_times).where(step_times.c.id < (newest or 0) - _TIMES_KEPT))
