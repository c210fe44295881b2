"""How long jobs will take, from the step times in the database; read again every few seconds at most."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median
from threading import Lock
from typing import Any

import sqlalchemy as sa

from nanococoa_aiserver.jobs import eta, repository
from nanococoa_aiserver.jobs.names import LANES, Lane, steps_of
from nanococoa_aiserver.jobs.views import Queued, finished_steps, remaining_seconds

_FRESH_SECONDS = 5.0
DEAD_SECONDS = 4.0
"""A worker whose last heartbeat is older is dead."""


class Forecast:
    """Expected seconds of jobs and queues for one engine."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._times: list[eta.StepTime] = []
        self._read_at = -_FRESH_SECONDS
        self._lock = Lock()

    def expected(self, connection: sa.Connection, kind: str, params: Mapping[str, Any]) -> dict[str, float]:
        """Seconds by step for a job."""
        return eta.expected_seconds(
            self._recent(connection), self._engine, tuple(steps_of(kind)), number_of_formats(params)
        )

    def step_seconds(self, connection: sa.Connection) -> dict[str, float]:
        """Median seconds of each step that was measured lately."""
        by_step: dict[str, list[float]] = {}
        for measured in self._recent(connection):
            by_step.setdefault(measured.step, []).append(measured.seconds)
        return {step: round(median(seconds[: eta.RECENT]), 4) for step, seconds in by_step.items()}

    def queued(self, connection: sa.Connection, state: sa.Row[Any], now: float) -> Queued:
        """Place in the queue, the wait and the work of a job that waits; jobs ahead are taken to be like it."""
        work = sum(self.expected(connection, state.kind, state.params).values())
        ahead = repository.ahead_in_queue(connection, state) if state.queue_name else 0
        wait = self.wait(connection, state.lane, [work] * ahead, now)
        return Queued(ahead + 1, wait, work)

    def wait(self, connection: sa.Connection, lane: Lane, ahead: list[float], now: float) -> float:
        """Seconds until a job of the lane starts behind ``ahead`` (their expected seconds)."""
        running = repository.running_in(connection, lane)
        rows = repository.checkpoints_of(connection, [row.id for row in running])
        left = [remaining_seconds(row, finished_steps(rows.get(row.id, [])), now) for row in running]
        return eta.queue_wait(left, ahead, self._slots(connection, lane, now))

    def _slots(self, connection: sa.Connection, lane: Lane, now: float) -> int:
        return max(1, repository.live_workers(connection, now, DEAD_SECONDS)) * LANES[lane]

    def _recent(self, connection: sa.Connection) -> list[eta.StepTime]:
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH_SECONDS:
                self._times = repository.recent_step_times(connection)
                self._read_at = time.monotonic()
            return self._times


def number_of_formats(params: Mapping[str, Any]) -> int:
    """Formats a request makes, at least 1."""
    return max(1, len(params.get("formats") or ()))
