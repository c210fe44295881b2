"""A job's row, its checkpoints and the clock, put together as the state clients see. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from nanococoa_aiserver.errors import InternalError
from nanococoa_aiserver.jobs import eta
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import FINISHED, Status, steps_of
from nanococoa_aiserver.jobs.serializer import parse
from nanococoa_aiserver.jobs.tables import POISONED, STATUS
from nanococoa_client.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job's checkpoints hold: results and seconds of the steps that ended well, by name."""

    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    last: float = 0.0
    """When the last of them ended, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What a waiting job's clients want to know."""

    position: int
    wait: float
    work: float


def status_of(row: sa.Row[Any]) -> Status:
    return STATUS[row.workflow_status]


def finished_steps(rows: Sequence[sa.Row[Any]]) -> Finished:
    """Checkpoints of steps that failed are left out, and so are the results of steps that were not needed."""
    good = [row for row in rows if row.error is None]
    last = max((row.completed_at_epoch_ms / 1000 for row in good), default=0.0)
    done = Finished(names=tuple(row.function_name for row in good), last=last)
    for row in good:
        if (result := parse(row.output)) is not None:
            done.results[row.function_name] = result
            done.seconds[row.function_name] = (row.completed_at_epoch_ms - row.started_at_epoch_ms) / 1000
    return done


def view_of(row: sa.Row[Any], done: Finished, now: float, queued: Queued | None = None) -> JobView:
    """The state at ``now``; ``queued`` for a job that waits."""
    status = status_of(row)
    finished = _finished_at(row, done) if status in FINISHED else None
    step = row.step or (next(iter(steps_of(row.kind))) if status == "running" else None)
    left, step_left = _remaining(row, done, status, step, now, queued)
    return JobView(
        id=row.id,
        kind=row.kind,
        lane=row.lane,
        status=status,
        params=row.params,
        locale=row.locale,
        created=row.created,
        percent=100.0 if status == "completed" else row.percent or 0.0,
        stage=steps_of(row.kind).get(step or ""),
        step=step,
        sub_step=row.sub_step,
        share=row.share or 0.0,
        elapsed=_elapsed(row.started, finished, now),
        eta=left,
        step_eta=step_left,
        queue_position=queued.position if queued else None,
        started=row.started,
        finished=finished,
        engine=row.engine or "studio",
        worker=row.worker,
        attempts=row.recovery_attempts or 0,
        parent=row.parent,
        from_step=row.from_step,
        previews={name: artifact for name, (artifact, _) in (row.previews or {}).items()},
        results=done.results,
        step_seconds=done.seconds,
        error=_failure(row) if status == "failed" else None,
    )


def remaining_seconds(row: sa.Row[Any], done: Finished, now: float) -> float:
    """Seconds a running job should still take; negative when it is late."""
    current = row.step if row.step not in done.names else None
    then = eta.remaining(row.expected or {}, done.names, current, row.share or 0.0)
    return eta.counted_down(then, row.updated or now, now)


def _remaining(
    row: sa.Row[Any], done: Finished, status: Status, step: str | None, now: float, queued: Queued | None
) -> tuple[float | None, float | None]:
    if queued:
        return queued.wait + queued.work, None
    if status != "running" or not row.expected:
        return None, None
    total = remaining_seconds(row, done, now)
    whole = row.expected.get(step, 0.0) * (1 - (row.share or 0.0))
    return total, eta.counted_down(whole, row.updated, now)


def _finished_at(row: sa.Row[Any], done: Finished) -> float:
    """DBOS's time is in whole seconds on SQLite; no job ends before what was last heard of it."""
    return max((row.completed_at or 0) / 1000, done.last, row.updated or 0.0)


def _elapsed(started: float | None, finished: float | None, now: float) -> float:
    return max(0.0, (finished or now) - started) if started else 0.0


def _failure(row: sa.Row[Any]) -> ServiceError:
    if row.workflow_status == POISONED:
        failure: ServiceError = InternalError("job_poisoned", attempts=row.recovery_attempts)
    else:
        failure = parse(row.error) if row.error else InternalError()
    failure.job_id = row.id
    return failure
