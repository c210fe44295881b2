"""Numbers about all jobs, for /metrics and /dashboard."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from nanococoa_aiserver.jobs.forecast import Forecast
from nanococoa_aiserver.jobs.models import Stats, WorkerState
from nanococoa_aiserver.jobs.names import LANES, Lane, Status
from nanococoa_aiserver.jobs.tables import STATUS, jobs, worker_states, workers, workflows


def read_stats(connection: sa.Connection, forecast: Forecast, now: float) -> Stats:
    """``now`` is the clock of the heartbeats."""
    counts = _counts(connection)
    waiting = {lane: counts.get((lane, "pending"), 0) for lane in LANES}
    return Stats(
        waiting=waiting,
        running={lane: counts.get((lane, "running"), 0) for lane in LANES},
        by_status=_by_status(counts),
        oldest_wait=_oldest_wait(connection),
        expected_wait={lane: _wait(connection, forecast, lane, waiting[lane]) for lane in LANES},
        step_seconds=forecast.step_seconds(connection),
        workers=[_worker(row, now) for row in connection.execute(_WORKERS)],
    )


def _counts(connection: sa.Connection) -> dict[tuple[Lane, Status], int]:
    counted = sa.select(jobs.c.lane, workflows.c.status, sa.func.count().label("number"))
    joined = jobs.outerjoin(workflows, workflows.c.workflow_uuid == jobs.c.id)
    counts: dict[tuple[Lane, Status], int] = {}
    for row in connection.execute(counted.select_from(joined).group_by(jobs.c.lane, workflows.c.status)):
        key = (row.lane, STATUS[row.status])
        counts[key] = counts.get(key, 0) + row.number
    return counts


def _by_status(counts: dict[tuple[Lane, Status], int]) -> dict[Status, int]:
    return {status: sum(n for (_, s), n in counts.items() if s == status) for status in dict.fromkeys(STATUS.values())}


def _oldest_wait(connection: sa.Connection) -> dict[Lane, float]:
    query = sa.select(workflows.c.queue_name, sa.func.min(workflows.c.created_at).label("since"))
    waiting = query.where(workflows.c.status == "ENQUEUED", workflows.c.queue_name.in_(LANES))
    since = {row.queue_name: row.since for row in connection.execute(waiting.group_by(workflows.c.queue_name))}
    return {lane: max(0.0, time.time() - since[lane] / 1000) if lane in since else 0.0 for lane in LANES}


def _wait(connection: sa.Connection, forecast: Forecast, lane: Lane, waiting: int) -> float:
    work = sum(forecast.expected(connection, "ad" if lane == "heavy" else "render", {}).values())
    return round(forecast.wait(connection, lane, [work] * waiting, time.time()), 3)


def _worker(row: sa.Row[Any], now: float) -> WorkerState:
    age = max(0.0, now - row.beat)
    return WorkerState(row.id, row.machine, row.pid, row.engine, age, row.why or "", row.state or {})


_WORKERS = sa.select(workers, worker_states.c.why, worker_states.c.state).select_from(
    workers.outerjoin(worker_states, worker_states.c.id == workers.c.id)
)
