"""A job while it runs: what its steps may use (``StepContext``), and what the world is told of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa

from nanococoa_aiserver.ads.context import Step
from nanococoa_aiserver.artifacts.store import ArtifactStore, artifact_ids_in
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.errors import DatabaseUnavailable, JobNotFound, JobStopped, StorageFull
from nanococoa_aiserver.jobs import eta, repository
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.enqueueing import REQUEST_ID
from nanococoa_aiserver.jobs.forecast import Forecast, number_of_formats
from nanococoa_aiserver.jobs.names import steps_of
from nanococoa_aiserver.jobs.tables import progress, step_times, workflows
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.settings import Settings

STOP_CHECK_SECONDS = 0.2
OUTAGE_PAUSE_SECONDS = 0.5
TELL_SECONDS = 0.25
"""Progress is written this often at most, whatever a denoising loop calls."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all jobs of a worker share. ``database`` is the quick one, not waiting for the disk."""

    worker: str
    settings: Settings
    database: Database
    artifacts: ArtifactStore
    engines: Engines
    renderer: LayerRenderer
    forecast: Forecast


class RunningJob:
    """The ``StepContext`` of one run of a job at this worker.

    It tells nothing any more, and its steps are stopped, once another run has begun: at another worker, or here after
    a stop and a quick resume.
    """

    def __init__(self, workshop: Workshop, job_id: str) -> None:
        self._shop = workshop
        self._id = job_id
        self._run = uuid.uuid4().hex
        self._step: Step | None = None
        self._sub_step: str | None = None
        self._share = 0.0
        self._done: list[str] = []
        self._told_at = 0.0
        self._checked_at = 0.0
        self._row = _patiently(workshop.database, self._claim)
        self._expected: dict[str, float] = self._row.expected
        self._percent: float = self._row.percent
        self._previews: dict[str, list[str]] = self._row.previews

    @property
    def job_id(self) -> str:
        return self._id

    @property
    def request_id(self) -> str:
        """Of the request that asked for the job; empty when none did, or an older version took it."""
        return str((self._row.attributes or {}).get(REQUEST_ID, ""))

    @property
    def kind(self) -> str:
        kind: str = self._row.kind
        return kind

    @property
    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = self._row.params
        return request

    @property
    def engines(self) -> Engines:
        return self._shop.engines.for_lane(self._row.lane)

    @property
    def artifacts(self) -> ArtifactStore:
        return self._shop.artifacts

    @property
    def renderer(self) -> LayerRenderer:
        return self._shop.renderer

    @property
    def settings(self) -> Settings:
        return self._shop.settings

    def progress(self, sub_step: str, share: float) -> None:
        """Told to clients four times a second at most. Raises JobStopped."""
        self.check_stop()
        self._sub_step, self._share = sub_step, max(self._share, min(1.0, share))
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            self._tell("progress")

    def preview(self, name: str, artifact: str) -> None:
        assert self._step is not None, "previews are shown from within a step"
        self._previews = {**self._previews, name: [artifact, self._step.name]}
        self._refer_to({artifact})
        self._tell("preview", {"previews": {name: artifact}})

    def check_stop(self) -> None:
        """Looks at the database five times a second at most. Raises JobStopped."""
        if time.monotonic() - self._checked_at < STOP_CHECK_SECONDS:
            return
        self._checked_at = time.monotonic()
        if not self._is_ours():
            raise JobStopped

    def begin(self, step: Step) -> None:
        self._step, self._sub_step, self._share = step, None, 0.0
        self._checked_at = 0.0
        self.check_stop()
        self._tell("step")
        self.check_stop()  # both may have waited for the end of an outage, in which another worker took the job over

    def look_ahead(self, left: Sequence[str]) -> None:
        """Tell the engine what comes: the steps ``left`` of this job, then those of the next one in the queue."""
        ahead = self.engines.ahead
        if ahead is None or self._row.lane != "heavy":
            return
        following: str | None = None
        with suppress(DatabaseUnavailable), self._shop.database.begin() as connection:
            following = repository.next_kind(connection, "heavy")
        ahead([*left, *(steps_of(following) if following else ())])

    def end(self, result: Mapping[str, Any], seconds: float) -> None:
        """Note the files ``result`` names before it becomes a checkpoint, and how long the step took."""
        assert self._step is not None, "end follows begin"
        self._refer_to(artifact_ids_in(dict(result)))
        if not self.request.get("test_mode"):
            self._measured(seconds)

    def passed(self, step: str) -> None:
        """``step`` is behind us: done now, done before, or not needed."""
        self._done.append(step)

    def leave(self) -> None:
        """This run ends and its worker lives: a job that went to another run meanwhile was not begun in vain.

        What the run came to stays so if this cannot be written.
        """
        with suppress(DatabaseUnavailable, StorageFull), self._shop.database.begin() as connection:
            repository.forgive_start(connection, self._id, self._run)

    def _claim(self, connection: sa.Connection) -> sa.Row[Any]:
        shop, now = self._shop, time.time()
        row = repository.state_of(connection, self._id)
        if row is None:
            raise JobNotFound(id=self._id)
        values = {
            "job_id": self._id,
            "worker": shop.worker,
            "run": self._run,
            "engine": shop.engines.name,
            "expected": row.expected or shop.forecast.expected(connection, row.kind, row.params),
            "started": row.started or now,
            "updated": now,
        }
        repository.upsert(connection, progress, values, [name for name in values if name != "job_id"])
        claimed = repository.state_of(connection, self._id)
        assert claimed is not None, "it was there a moment ago, in this transaction"
        return claimed

    def _tell(self, kind: str, more: Mapping[str, Any] | None = None) -> None:
        """Write progress and its event. An outage of the database is no reason to end a step."""
        assert self._step is not None, "told from within a step"
        self._told_at = time.monotonic()
        self._percent = max(self._percent, eta.percent(self._expected, self._done, self._step.name, self._share))
        state = {"step": self._step.name, "sub_step": self._sub_step, "share": self._share, "percent": self._percent}
        try:
            with self._shop.database.begin() as connection:
                ours = sa.and_(progress.c.job_id == self._id, progress.c.run == self._run)
                values = {**state, "previews": self._previews, "updated": time.time()}
                if connection.execute(sa.update(progress).where(ours).values(**values)).rowcount:
                    event = {"status": "running", "stage": self._step.stage, **state, **(more or {})}
                    repository.add_event(connection, self._id, kind, event, time.time())
        except DatabaseUnavailable:
            return

    def _is_ours(self) -> bool:
        joined = workflows.join(progress, progress.c.job_id == workflows.c.workflow_uuid)
        columns = (workflows.c.status, workflows.c.executor_id, progress.c.run)
        mine = sa.select(*columns).select_from(joined).where(workflows.c.workflow_uuid == self._id)
        try:
            with self._shop.database.begin() as connection:
                row = connection.execute(mine).one_or_none()
        except DatabaseUnavailable:
            return True
        return row is not None and (row.status, row.executor_id, row.run) == ("PENDING", self._shop.worker, self._run)

    def _refer_to(self, artifacts: set[str]) -> None:
        """Before a step ends its files must be safe from clean-up."""
        if artifacts:
            refer = partial(repository.add_references, job_id=self._id, artifacts=artifacts, now=time.time())
            _patiently(self._shop.database, refer)

    def _measured(self, seconds: float) -> None:
        assert self._step is not None, "measured within a step"
        values = {
            "engine": self._shop.engines.name,
            "step": self._step.name,
            "formats": number_of_formats(self.request),
            "seconds": seconds,
        }
        with suppress(DatabaseUnavailable), self._shop.database.begin() as connection:
            connection.execute(sa.insert(step_times).values(**values))


def _patiently(database: Database, act: Callable[[sa.Connection], T]) -> T:
    """Do what must be done in a transaction, waiting for the end of an outage as DBOS itself does."""
    while True:
        try:
            with database.begin() as connection:
                return act(connection)
        except DatabaseUnavailable:
            time.sleep(OUTAGE_PAUSE_SECONDS)
