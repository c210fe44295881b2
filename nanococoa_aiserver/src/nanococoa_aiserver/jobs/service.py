"""The jobs as the API sees them: submit, watch, stop, resume, fork, delete."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from nanococoa_aiserver.artifacts.store import ArtifactStore, artifact_ids_in
from nanococoa_aiserver.errors import InvalidParameter, JobNotFound, JobNotResumable, QueueFull
from nanococoa_aiserver.jobs import repository
from nanococoa_aiserver.jobs.database import Database, available
from nanococoa_aiserver.jobs.enqueueing import Enqueuer
from nanococoa_aiserver.jobs.forecast import Forecast
from nanococoa_aiserver.jobs.forking import kept_steps
from nanococoa_aiserver.jobs.models import Event, JobRow, JobsPage, JobView, Stats
from nanococoa_aiserver.jobs.names import FINISHED, Kind, Lane, Status, lane_of
from nanococoa_aiserver.jobs.removal import remove_job
from nanococoa_aiserver.jobs.statistics import read_stats
from nanococoa_aiserver.jobs.tables import STATUS, jobs, progress
from nanococoa_aiserver.jobs.views import finished_steps, status_of, view_of
from nanococoa_aiserver.settings import Settings

_WAIT_FIRST, _WAIT_LONGEST = 0.02, 0.2
"""Seconds between two looks of ``wait``, growing from the first to the second."""


class JobService:
    """Thread-safe and blocking: call it from ``def`` routes. Every method raises DatabaseUnavailable promptly."""

    def __init__(self, settings: Settings, artifacts: ArtifactStore) -> None:
        """Connects on first use, so that the API process is up (and says so) while the database is not."""
        self._artifacts = artifacts
        self._limit = settings.queue_limit
        self._database = Database(settings.database_url)
        self._enqueuer = Enqueuer(self._database)
        self._forecast = Forecast("studio" if settings.engine == "auto" else settings.engine)

    def close(self) -> None:
        self._database.close()

    def ping(self) -> None:
        """For /ready. Raises DatabaseUnavailable."""
        with self._transaction() as connection:
            connection.execute(sa.select(1))

    def submit(
        self,
        kind: Kind,
        params: dict[str, Any],
        *,
        idempotency_key: str | None = None,
        priority: int = 100,
        locale: str = "ko",
    ) -> JobRow:
        """Write and enqueue a job in one transaction. ``params`` is JSON with artifact ids for pictures.

        A known key returns its job; with other params it raises InvalidParameter. Raises QueueFull (``retry_after``
        from the ETA) when too many jobs wait.
        """
        row = _new_row(kind, params, priority, locale) | {"idempotency_key": idempotency_key}
        if known := self._known(row):
            return known
        try:
            self._write(row)
        except IntegrityError:
            if known := self._known(row):
                return known
            raise
        return _accepted(row)

    def status(self, job_id: str) -> JobView:
        """Raises JobNotFound."""
        with self._transaction() as connection:
            return self._view(connection, _found(repository.state_of(connection, job_id), job_id))

    def list_jobs(
        self,
        *,
        status: Status | None = None,
        kind: Kind | None = None,
        since: float | None = None,
        key_prefix: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> JobsPage:
        """Newest first; ``since`` in seconds since the epoch; ``total`` counts all that match."""
        with self._transaction() as connection:
            states, total = repository.states(connection, status, kind, since, key_prefix, limit, offset)
            rows = repository.checkpoints_of(connection, [state.id for state in states])
            now = time.time()
            return JobsPage([view_of(state, finished_steps(rows.get(state.id, [])), now) for state in states], total)

    def stop(self, job_id: str) -> JobView:
        """Stop a waiting or running job; a finished one is left as it is. Raises JobNotFound."""
        if self.status(job_id).status not in FINISHED:
            with available():
                self._database.client().cancel_workflow(job_id)
        return self.status(job_id)

    def resume(self, job_id: str) -> JobView:
        """Go on with a failed or stopped job at its unfinished step. Raises JobNotFound, JobNotResumable."""
        with self._transaction() as connection:
            state = _found(repository.state_of(connection, job_id), job_id)
            if status_of(state) not in ("failed", "stopped"):
                raise JobNotResumable(status=status_of(state), job_id=job_id)
            self._tell_end(connection, state)
            rows = repository.checkpoints_of(connection, [job_id]).get(job_id, [])
            next_step = 1 + max((row.function_id for row in rows if row.error is None), default=0)
            again = sa.update(progress).where(progress.c.job_id == job_id)
            connection.execute(again.values(started=None, step=None, sub_step=None, share=0.0))
            repository.add_event(connection, job_id, "pending", {"status": "pending"}, time.time())
        if not self._enqueuer.rewind(job_id, next_step, state.lane):  # somebody else resumed it first
            raise JobNotResumable(status=self.status(job_id).status, job_id=job_id)
        return self.status(job_id)

    def fork(self, job_id: str, *, from_step: str, changes: dict[str, Any]) -> JobRow:
        """A new job with ``changes`` to the params that reuses the results of the steps before ``from_step``.

        It goes to the front of its lane: somebody is looking at the first version. Raises JobNotFound,
        JobNotResumable when those steps are not done, InvalidParameter for an unknown step or a change that needs an
        earlier one.
        """
        source = self.status(job_id)
        done = finished_steps(self._checkpoints(job_id))
        kept = kept_steps(from_step, changes, source.status, done.names, source.kind)
        row = _new_row(source.kind, source.params | changes, 1, source.locale)
        row |= {"parent": job_id, "from_step": from_step}
        with self._transaction() as connection:
            _insert(connection, row, artifact_ids_in([done.results[step] for step in kept if step in done.results]))
            _inherit_previews(connection, job_id, row["id"], kept)
        self._enqueuer.start_fork(row["id"], job_id, from_step)
        return _accepted(row)

    def delete(self, job_id: str) -> None:
        """Delete a job and the files no other job refers to. Raises JobNotFound, JobNotResumable while it runs."""
        view = self.status(job_id)
        if view.status == "running":
            raise JobNotResumable("job_running", job_id=job_id)
        if view.status == "pending":
            self.stop(job_id)
        remove_job(self._database, self._artifacts, job_id)

    def events(self, after_id: int, job_id: str, *, limit: int = 200) -> list[Event]:
        """Changes of one job after ``after_id`` (0: from its beginning), oldest first. Raises JobNotFound.

        The end is written here, by the first who asks after it: whatever ended the job, a worker that is no more
        included, nobody waits for it in vain.
        """
        with self._transaction() as connection:
            if repository.last_event_kind(connection, job_id) not in FINISHED:
                self._tell_end(connection, _found(repository.state_of(connection, job_id), job_id))
            return [_event(row) for row in repository.events_after(connection, job_id, after_id, limit)]

    def wait(self, job_id: str, seconds: float) -> JobView:
        """Return as soon as the job is finished, or its state after ``seconds``."""
        deadline, pause = time.monotonic() + seconds, _WAIT_FIRST
        while not self._is_finished(job_id) and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(_WAIT_LONGEST, pause * 1.2)
        return self.status(job_id)

    def stats(self) -> Stats:
        """Depths, waits and workers for /metrics and /dashboard."""
        with self._transaction() as connection:
            return read_stats(connection, self._forecast, self._database.now(connection))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        self._database.prepare()
        with self._database.begin() as connection:
            yield connection

    def _known(self, row: dict[str, Any]) -> JobRow | None:
        if row["idempotency_key"] is None:
            return None
        with self._transaction() as connection:
            query = sa.select(jobs).where(jobs.c.idempotency_key == row["idempotency_key"])
            if (known := connection.execute(query).one_or_none()) is None:
                return None
            if (known.kind, known.params) != (row["kind"], row["params"]):
                raise InvalidParameter("idempotency_key_reused", job_id=known.id)
            status = STATUS[repository.workflow_status(connection, known.id)]
            return JobRow(known.id, known.kind, known.lane, status, known.created, duplicate=True)

    def _write(self, row: dict[str, Any]) -> None:
        with self._transaction() as connection:
            self._refuse_when_full(connection, row["lane"])
            _insert(connection, row, artifact_ids_in(row["params"]))
            self._enqueuer.enqueue(connection, row["id"], row["lane"], row["priority"])

    def _refuse_when_full(self, connection: sa.Connection, lane: Lane) -> None:
        depth = repository.waiting_in(connection, lane)
        if depth >= self._limit:
            wait = max(1, math.ceil(self._forecast.wait(connection, lane, [], time.time())))
            raise QueueFull(depth=depth, retry_after=wait)

    def _view(self, connection: sa.Connection, state: sa.Row[Any]) -> JobView:
        now = time.time()
        if status_of(state) == "pending":
            return view_of(state, finished_steps([]), now, self._forecast.queued(connection, state, now))
        rows = repository.checkpoints_of(connection, [state.id]).get(state.id, [])
        return view_of(state, finished_steps(rows), now)

    def _checkpoints(self, job_id: str) -> list[sa.Row[Any]]:
        with self._transaction() as connection:
            return repository.checkpoints_of(connection, [job_id]).get(job_id, [])

    def _is_finished(self, job_id: str) -> bool:
        with self._transaction() as connection:
            return STATUS[repository.workflow_status(connection, job_id)] in FINISHED

    def _tell_end(self, connection: sa.Connection, state: sa.Row[Any]) -> None:
        if status_of(state) not in FINISHED:
            return
        repository.lock_job(connection, state.id)  # two clients may ask at once
        if repository.last_event_kind(connection, state.id) not in FINISHED:
            view = self._view(connection, state)
            repository.add_event(connection, state.id, view.status, _ending(view), time.time())


def _new_row(kind: Kind, params: dict[str, Any], priority: int, locale: str) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "lane": lane_of(kind),
        "params": params,
        "priority": priority,
        "locale": locale,
        "created": time.time(),
    }


def _insert(connection: sa.Connection, row: dict[str, Any], artifacts: set[str]) -> None:
    connection.execute(sa.insert(jobs).values(**row))
    repository.add_references(connection, row["id"], artifacts | artifact_ids_in(row["params"]), row["created"])
    repository.add_event(connection, row["id"], "pending", {"status": "pending"}, row["created"])


def _inherit_previews(connection: sa.Connection, parent: str, job_id: str, kept: tuple[str, ...]) -> None:
    state = repository.state_of(connection, parent)
    shown = {name: seen for name, seen in ((state and state.previews) or {}).items() if seen[1] in kept}
    values: dict[str, Any] = {"job_id": job_id, "worker": "", "run": "", "engine": (state and state.engine) or "studio"}
    connection.execute(sa.insert(progress).values(**values, expected={}, previews=shown, updated=time.time()))


def _accepted(row: dict[str, Any]) -> JobRow:
    return JobRow(row["id"], row["kind"], row["lane"], "pending", row["created"])


def _found(state: sa.Row[Any] | None, job_id: str) -> sa.Row[Any]:
    if state is None:
        raise JobNotFound(id=job_id[:80])
    return state


def _event(row: sa.Row[Any]) -> Event:
    return Event(row.id, row.job_id, row.kind, row.data, row.created)


def _ending(view: JobView) -> dict[str, Any]:
    failure = {"error": view.error.to_json()} if view.error else {}
    return {"status": view.status, "percent": view.percent, "outputs": view.outputs} | failure
