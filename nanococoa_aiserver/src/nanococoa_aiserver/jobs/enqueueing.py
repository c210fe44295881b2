"""Handing jobs to DBOS: new ones, forks, resumed ones, and those whose writer died too early."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from dbos import EnqueueOptions, SetWorkflowID
from dbos import error as dbos_error
from dbos._context import OTEL_CARRIER_ATTRIBUTE

from nanococoa_aiserver.jobs import repository
from nanococoa_aiserver.jobs.database import Database, available
from nanococoa_aiserver.jobs.names import PIPELINE_VERSION, Lane, lane_of
from nanococoa_client import request_ids, tracing

REQUEST_ID: Final = "request_id"
"""A workflow's attribute: the request that asked for the job."""

WORKFLOW: Final = "job"
"""The name the worker registers; what is to be done stands in the job's row."""


class Enqueuer:
    """Every method raises DatabaseUnavailable; what was enqueued wakes the workers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(self, connection: sa.Connection, job_id: str, lane: Lane, priority: int) -> None:
        """Enqueue a job in the transaction that writes its row."""
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": lane,
            "workflow_id": job_id,
            "app_version": PIPELINE_VERSION,
            "priority": priority,
            "attributes": _caused_by(),
        }
        self._database.client().enqueue_in_transaction(connection, options)
        self._database.wake_workers(connection)

    def start_fork(self, job_id: str, parent: str, from_step: str) -> None:
        """Copy the parent's checkpoints before ``from_step`` and enqueue the fork, in DBOS's own transaction."""
        with self._database.begin() as connection:
            rows = repository.checkpoints_of(connection, [parent]).get(parent, [])
        numbers = {row.function_name: row.function_id for row in rows}
        first = numbers.get(from_step, 1 + max(numbers.values(), default=0))
        with available(), SetWorkflowID(job_id):
            self._database.client().fork_workflow(
                parent, first, queue_name=lane_of("ad"), application_version=PIPELINE_VERSION
            )
            self._database.client().update_workflow_attributes(job_id, _caused_by())  # else the parent's
        self._wake()

    def rewind(self, job_id: str, next_step: int, lane: Lane) -> bool:
        """Forget the checkpoints from ``next_step`` (1-based) on and enqueue the job again; False when it is active."""
        try:
            with available():
                self._database.client().rewind_workflow(
                    job_id, start_step=next_step, queue_name=lane, application_version=PIPELINE_VERSION
                )
        except dbos_error.DBOSException:
            return False
        self._wake()
        return True

    def enqueue_forgotten(self, before: float) -> int:
        """Enqueue jobs accepted before then whose workflow was never written; returns how many."""
        with self._database.begin() as connection:
            forgotten = repository.not_enqueued(connection, before)
        for job in forgotten:
            if not (job.parent and self._try_fork(job)):
                with self._database.begin() as connection:
                    self.enqueue(connection, job.id, job.lane, job.priority)
        return len(forgotten)

    def _try_fork(self, job: sa.Row[Any]) -> bool:
        """False when the parent was deleted meanwhile: the fork's own request is whole, so it can begin at step 1."""
        try:
            self.start_fork(job.id, job.parent, job.from_step)
        except dbos_error.DBOSNonExistentWorkflowError:
            return False
        return True

    def _wake(self) -> None:
        with self._database.begin() as connection:
            self._database.wake_workers(connection)


def _caused_by() -> dict[str, Any]:
    """What the worker's log and spans say of where a job came from."""
    attributes: dict[str, Any] = {REQUEST_ID: request_ids.running()} if request_ids.running() else {}
    if trace := tracing.outgoing():
        attributes[OTEL_CARRIER_ATTRIBUTE] = trace
    return attributes
