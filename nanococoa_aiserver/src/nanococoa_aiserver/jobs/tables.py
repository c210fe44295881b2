"""Our tables beside DBOS's own, and the few columns of DBOS's that are read for a job's state.

DBOS's ``workflow_status`` alone says what state a job is in, so there is nothing that could disagree with it. Its
tables are read, never written.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

from nanococoa_aiserver.jobs.names import Status

DBOS_SCHEMA: Final = "dbos_schema"
"""Stands for schema ``dbos`` on PostgreSQL and for none on SQLite."""

metadata = MetaData()
_BigId = BigInteger().with_variant(Integer, "sqlite")


def _job_id(*, primary_key: bool = False) -> Column[str]:
    return Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False)


jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("parent", Text),
    Column("from_step", Text),
    Column("idempotency_key", Text, unique=True),
    Column("priority", Integer, nullable=False),
    Column("locale", Text, nullable=False),
    Column("created", Float(53), nullable=False),
    Index("jobs_created", "created"),
)

progress = Table(
    "progress",
    metadata,
    _job_id(primary_key=True),
    Column("worker", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("expected", JSON, nullable=False),
    Column("started", Float(53)),
    Column("step", Text),
    Column("sub_step", Text),
    Column("share", Float(53), nullable=False, default=0.0),
    Column("percent", Float(53), nullable=False, default=0.0),
    Column("previews", JSON, nullable=False, default=dict),
    Column("updated", Float(53), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    _job_id(),
    Column("kind", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created", Float(53), nullable=False),
    Index("events_of_job", "job_id", "id"),
    sqlite_autoincrement=True,
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("machine", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", Float(53), nullable=False),
    Column("engine", Text, nullable=False),
    Column("beat", Float(53), nullable=False),
)

worker_states = Table(
    "worker_states",
    metadata,
    Column("id", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("state", JSON, nullable=False),
)
"""What a worker says of itself beside its heartbeat: why it runs its engine, and what lies in the graphics memory."""

step_times = Table(
    "step_times",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("engine", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("formats", Integer, nullable=False),
    Column("seconds", Float(53), nullable=False),
)

artifact_refs = Table(
    "artifact_refs",
    metadata,
    _job_id(primary_key=True),
    Column("artifact", Text, primary_key=True),
    Column("at", Float(53), nullable=False),
    Index("artifact_refs_of_artifact", "artifact"),
)

_dbos = MetaData(schema=DBOS_SCHEMA)

workflows = Table(
    "workflow_status",
    _dbos,
    Column("workflow_uuid", Text, primary_key=True),
    Column("status", Text),
    Column("queue_name", Text),
    Column("priority", Integer),
    Column("executor_id", Text),
    Column("recovery_attempts", BigInteger),
    Column("created_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("attributes", JSON),
)

workflow_outputs = Table(
    "workflow_output",
    _dbos,
    Column("workflow_uuid", Text, primary_key=True),
    Column("error", Text),
)

checkpoints = Table(
    "operation_outputs",
    _dbos,
    Column("workflow_uuid", Text, primary_key=True),
    Column("function_id", Integer, primary_key=True),
    Column("function_name", Text),
    Column("output", Text),
    Column("error", Text),
    Column("started_at_epoch_ms", BigInteger),
    Column("completed_at_epoch_ms", BigInteger),
)

POISONED: Final = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"

STATUS: Final[dict[str | None, Status]] = {
    None: "pending",
    "ENQUEUED": "pending",
    "DELAYED": "pending",
    "PENDING": "running",
    "SUCCESS": "completed",
    "ERROR": "failed",
    POISONED: "failed",
    "CANCELLED": "stopped",
}
"""Our state by DBOS's; None while a job's row is there but its workflow is not yet."""
