"""Queries of the jobs. Each takes a connection; the caller owns the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nanococoa_aiserver.jobs.eta import RECENT, StepTime
from nanococoa_aiserver.jobs.names import AD_STEPS, Kind, Lane, Status
from nanococoa_aiserver.jobs.tables import (
    STATUS,
    artifact_refs,
    checkpoints,
    events,
    jobs,
    progress,
    step_times,
    workers,
    workflow_outputs,
    workflows,
)

_STATE = sa.select(
    jobs,
    workflows.c.status.label("workflow_status"),
    workflows.c.queue_name,
    workflows.c.priority.label("queue_priority"),
    workflows.c.created_at.label("queued_at"),
    workflows.c.completed_at,
    workflows.c.recovery_attempts,
    workflows.c.attributes,
    workflow_outputs.c.error,
    *[column for column in progress.c if column.name != "job_id"],
).select_from(
    jobs.outerjoin(workflows, workflows.c.workflow_uuid == jobs.c.id)
    .outerjoin(workflow_outputs, workflow_outputs.c.workflow_uuid == jobs.c.id)
    .outerjoin(progress, progress.c.job_id == jobs.c.id)
)
_ONE_STATE = _STATE.where(jobs.c.id == sa.bindparam("job_id"))
_CHECKPOINTS = sa.select(checkpoints).order_by(checkpoints.c.workflow_uuid, checkpoints.c.function_id)
_WORKFLOW_STATUS = sa.select(workflows.c.status).where(workflows.c.workflow_uuid == sa.bindparam("job_id"))


def upsert(connection: sa.Connection, table: sa.Table, values: dict[str, Any], update: Iterable[str]) -> None:
    """Insert ``values``, or set the columns ``update`` of the row with the same primary key."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table).values(**values)
    keys = [column.name for column in table.primary_key]
    changes = {name: insert.excluded[name] for name in update}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes))


def state_of(connection: sa.Connection, job_id: str) -> sa.Row[Any] | None:
    """A job with its workflow's state and its progress."""
    return connection.execute(_ONE_STATE, {"job_id": job_id}).one_or_none()


def forgive_start(connection: sa.Connection, job_id: str, run: str) -> None:
    """The start of ``run`` no longer counts towards giving a job up, if it waits again or another run has it."""
    other = sa.select(progress.c.job_id).where(progress.c.job_id == job_id, progress.c.run != run).exists()
    starts = workflows.c.recovery_attempts
    waits = sa.and_(workflows.c.status == "ENQUEUED", starts > 0)
    theirs = sa.and_(workflows.c.workflow_uuid == job_id, sa.or_(waits, sa.and_(starts > 1, other)))
    connection.execute(sa.update(workflows).where(theirs).values(recovery_attempts=starts - 1))


def states(
    connection: sa.Connection,
    status: Status | None,
    kind: Kind | None,
    since: float | None,
    key_prefix: str | None,
    limit: int,
    offset: int,
) -> tuple[Sequence[sa.Row[Any]], int]:
    """A page of jobs, newest first, and how many match."""
    matching = [] if since is None else [jobs.c.created >= since]
    if kind is not None:
        matching.append(jobs.c.kind == kind)
    if status is not None:
        matching.append(_has_status(status))
    if key_prefix is not None:
        matching.append(jobs.c.idempotency_key.startswith(key_prefix, autoescape=True))
    found = connection.execute(
        _STATE.where(*matching).order_by(jobs.c.created.desc(), jobs.c.id).limit(limit).offset(offset)
    ).all()
    counted = sa.select(sa.func.count()).select_from(jobs.outerjoin(workflows, workflows.c.workflow_uuid == jobs.c.id))
    return found, connection.execute(counted.where(*matching)).scalar_one()


def workflow_status(connection: sa.Connection, job_id: str) -> str | None:
    """DBOS's own word for the job's state: the cheapest question there is."""
    return connection.execute(_WORKFLOW_STATUS, {"job_id": job_id}).scalar_one_or_none()


def checkpoints_of(connection: sa.Connection, job_ids: Sequence[str]) -> dict[str, list[sa.Row[Any]]]:
    """What each job's steps have left, in order, by job."""
    found: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    if job_ids:
        for row in connection.execute(_CHECKPOINTS.where(checkpoints.c.workflow_uuid.in_(job_ids))):
            found[row.workflow_uuid].append(row)
    return found


def ahead_in_queue(connection: sa.Connection, state: sa.Row[Any]) -> int:
    """How many waiting jobs of the lane are taken before this one."""
    order = sa.tuple_(workflows.c.priority, workflows.c.created_at, jobs.c.created)
    own = sa.tuple_(sa.literal(state.queue_priority), sa.literal(state.queued_at), sa.literal(state.created))
    waiting = sa.and_(workflows.c.queue_name == state.queue_name, workflows.c.status == "ENQUEUED")
    joined = workflows.join(jobs, jobs.c.id == workflows.c.workflow_uuid)
    return connection.execute(sa.select(sa.func.count()).select_from(joined).where(waiting, order < own)).scalar_one()


def waiting_in(connection: sa.Connection, lane: Lane) -> int:
    """Jobs of the lane that wait."""
    waiting = [workflows.c.queue_name == lane, workflows.c.status == "ENQUEUED"]
    return connection.execute(sa.select(sa.func.count()).where(*waiting)).scalar_one()


def next_kind(connection: sa.Connection, lane: Lane) -> str | None:
    """The kind of the lane's next job, None when none waits."""
    waiting = sa.and_(workflows.c.queue_name == lane, workflows.c.status == "ENQUEUED")
    joined = workflows.join(jobs, jobs.c.id == workflows.c.workflow_uuid)
    order = (workflows.c.priority, workflows.c.created_at, jobs.c.created)
    return connection.execute(
        sa.select(jobs.c.kind).select_from(joined).where(waiting).order_by(*order).limit(1)
    ).scalar()


def running_in(connection: sa.Connection, lane: Lane) -> Sequence[sa.Row[Any]]:
    """States of the lane's running jobs."""
    return connection.execute(_STATE.where(workflows.c.queue_name == lane, workflows.c.status == "PENDING")).all()


def recent_step_times(connection: sa.Connection) -> list[StepTime]:
    """Measured steps, newest first: enough for every step's median in a few buckets."""
    query = sa.select(step_times).order_by(step_times.c.id.desc()).limit(RECENT * len(AD_STEPS) * 6)
    return [StepTime(row.engine, row.step, row.formats, row.seconds) for row in connection.execute(query)]


def add_event(connection: sa.Connection, job_id: str, kind: str, data: dict[str, Any], now: float) -> None:
    connection.execute(sa.insert(events).values(job_id=job_id, kind=kind, data=data, created=now))


def events_after(connection: sa.Connection, job_id: str, after_id: int, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(events).where(events.c.job_id == job_id, events.c.id > after_id)
    return connection.execute(query.order_by(events.c.id).limit(limit)).all()


def last_event_kind(connection: sa.Connection, job_id: str) -> str | None:
    query = sa.select(events.c.kind).where(events.c.job_id == job_id).order_by(events.c.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def lock_job(connection: sa.Connection, job_id: str) -> None:
    """Let other transactions that lock this job wait for the end of this one."""
    connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(lane=jobs.c.lane))


def add_references(connection: sa.Connection, job_id: str, artifacts: Iterable[str], now: float) -> None:
    """Note that a job needs these files."""
    for artifact in sorted(artifacts):
        upsert(connection, artifact_refs, {"job_id": job_id, "artifact": artifact, "at": now}, ["at"])


def references_of(connection: sa.Connection, job_id: str) -> dict[str, float]:
    """The job's files, and when it last put or named each."""
    query = sa.select(artifact_refs.c.artifact, artifact_refs.c.at).where(artifact_refs.c.job_id == job_id)
    return {row.artifact: row.at for row in connection.execute(query)}


def still_referenced(connection: sa.Connection, artifacts: Iterable[str]) -> set[str]:
    """Those of ``artifacts`` that some job needs."""
    query = sa.select(artifact_refs.c.artifact).where(artifact_refs.c.artifact.in_(list(artifacts)))
    return set(connection.execute(query).scalars())


def not_enqueued(connection: sa.Connection, before: float) -> Sequence[sa.Row[Any]]:
    """Jobs accepted before ``before`` whose workflow was never written: its writer died in between."""
    joined = jobs.outerjoin(workflows, workflows.c.workflow_uuid == jobs.c.id)
    query = sa.select(jobs).select_from(joined).where(workflows.c.workflow_uuid.is_(None), jobs.c.created < before)
    return connection.execute(query).all()


def live_workers(connection: sa.Connection, now: float, dead_after: float) -> int:
    query = sa.select(sa.func.count()).select_from(workers).where(workers.c.beat > now - dead_after)
    return connection.execute(query).scalar_one()


def _has_status(status: Status) -> sa.ColumnElement[bool]:
    words = [word for word, ours in STATUS.items() if ours == status]
    known = workflows.c.status.in_([word for word in words if word is not None])
    return sa.or_(known, workflows.c.status.is_(None)) if None in words else known
