"""Which engine the workers run, known without waiting: the last reading is answered while a fresh one is taken."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock, Thread

import structlog

from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.jobs.models import WorkerState
from nanococoa_aiserver.jobs.service import JobService

FRESH_SECONDS = 2.0
ALIVE_SECONDS = 6.0
"""A worker that has not beaten for so long is taken for dead: its jobs are taken over by then."""


@dataclass(frozen=True, slots=True)
class EngineSeen:
    """``engine`` is None while no worker was seen; ``why`` says why it is that one, where that needs saying."""

    engine: str | None = None
    why: str = ""


class EngineWatch:
    """Asks the jobs' database in a thread of its own, one at a time, so that an outage holds nobody up."""

    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs
        self._seen = EngineSeen()
        self._read_at = -FRESH_SECONDS
        self._reading = Lock()

    def latest(self) -> EngineSeen:
        """The last reading; a fresh one is begun when it is older than ``FRESH_SECONDS``."""
        if time.monotonic() - self._read_at > FRESH_SECONDS and self._reading.acquire(blocking=False):
            Thread(target=self._read, name="engine-watch", daemon=True).start()
        return self._seen

    def _read(self) -> None:
        try:
            self._seen = engine_of(self._jobs.stats().workers)
        except ServiceError as error:
            structlog.get_logger().warning("workers not known", error=str(error))
        finally:
            self._read_at = time.monotonic()
            self._reading.release()


def engine_of(workers: list[WorkerState]) -> EngineSeen:
    """What the first living worker runs."""
    alive = [worker for worker in workers if worker.age <= ALIVE_SECONDS]
    return EngineSeen(alive[0].engine, alive[0].why) if alive else EngineSeen()
