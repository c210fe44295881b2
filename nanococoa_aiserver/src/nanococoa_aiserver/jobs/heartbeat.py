"""Workers tell that they live, and take over the jobs of those that do not.

A worker is dead when its heartbeat is ``DEAD_SECONDS`` old, or at once when it ran on this machine and its process is
gone. After an outage of the database, or when this process itself was frozen, everybody's heartbeat looks old: then
only the second rule holds until the others have had time to beat again.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import sqlalchemy as sa

from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.errors import DatabaseUnavailable
from nanococoa_aiserver.jobs import repository
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.forecast import DEAD_SECONDS
from nanococoa_aiserver.jobs.tables import worker_states, workers, workflows

BEAT_SECONDS = 1.0
_FROZEN_SECONDS = 3 * BEAT_SECONDS
_CLOCK_TICK = 0.02
"""Kernels give a process's start to 1/100 s."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Process:
    """A worker process, told apart from any other that ever had its number."""

    machine: str
    pid: int
    started: float

    @classmethod
    def current(cls) -> Process:
        return cls(this_machine(), os.getpid(), psutil.Process().create_time())

    def is_gone(self) -> bool:
        """False for processes of other machines: nothing is known of them."""
        if self.machine != this_machine():
            return False
        try:
            process = psutil.Process(self.pid)
            other = abs(process.create_time() - self.started) > _CLOCK_TICK
            return other or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def this_machine() -> str:
    """This boot of this machine, and the container's own numbering of processes."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"


class Heartbeat:
    """Beats for ``worker`` and calls ``recover`` with the ids of workers found dead."""

    def __init__(
        self,
        database: Database,
        worker: str,
        engines: Engines,
        recover: Callable[[list[str]], int],
        sweep: Callable[[], None],
    ) -> None:
        self._database = database
        self._worker = worker
        self._engines = engines
        self._told: dict[str, Any] | None = None
        self._recover = recover
        self._sweep = sweep
        self._process = Process.current()
        self._trusted_since = time.monotonic()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Beat, and take over, until stopped; DBOS must be running."""
        self._thread.start()

    def stop(self) -> None:
        """End beating and hand over what is left of this worker's jobs at once."""
        self._stopped.set()
        self._thread.join(2 * BEAT_SECONDS)
        with self._database.begin() as connection:
            connection.execute(sa.update(workers).where(workers.c.id == self._worker).values(beat=0.0))

    def _run(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                self.beat()
                self._take_over()
                self._sweep()
            except DatabaseUnavailable:
                logger.warning("the database is gone; trying again")
                self._come_back()
            except Exception:
                logger.exception("heartbeat")
            self._stopped.wait(BEAT_SECONDS)
            if time.monotonic() - began > _FROZEN_SECONDS:
                self._come_back()

    def _come_back(self) -> None:
        """Others may look dead that are not, and this worker's own rows may be gone: it was taken for dead itself."""
        self._trusted_since = time.monotonic()
        self._told = None

    def beat(self) -> None:
        """Tell that this worker lives; once before it takes its first job."""
        with self._database.begin() as connection:
            values = {
                "id": self._worker,
                "machine": self._process.machine,
                "pid": self._process.pid,
                "process_started": self._process.started,
                "engine": self._engines.name,
                "beat": self._database.now(connection),
            }
            repository.upsert(connection, workers, values, ["beat"])
            self._tell_state(connection)

    def _tell_state(self, connection: sa.Connection) -> None:
        """Written when it changed: an idle worker's beat stays one small write."""
        state = {"why": self._engines.why, "state": self._engines.state()}
        if state != self._told:
            repository.upsert(connection, worker_states, {"id": self._worker, **state}, ["why", "state"])
            self._told = state

    def _take_over(self) -> None:
        with self._database.begin() as connection:
            now = self._database.now(connection)
            known = connection.execute(sa.select(workers)).all()
            owners = set(connection.execute(_OWNERS).scalars())
        dead = self._dead(known, owners, now)
        if dead:
            taken = self._recover(dead)
            logger.warning("workers found dead: %s; jobs taken over: %d", ", ".join(dead), taken)
            self._forget(dead, {row.id: row.beat for row in known})

    def _dead(self, known: Sequence[sa.Row[Any]], owners: set[str], now: float) -> list[str]:
        trusted = time.monotonic() - self._trusted_since > DEAD_SECONDS + BEAT_SECONDS
        dead = [row.id for row in known if row.id != self._worker and self._is_dead(row, now, trusted)]
        lost = owners - {row.id for row in known} if trusted else set()
        return dead + sorted(lost)

    def _is_dead(self, row: sa.Row[Any], now: float, trusted: bool) -> bool:
        handed_over = row.beat == 0.0
        silent = trusted and now - row.beat > DEAD_SECONDS
        return handed_over or silent or Process(row.machine, row.pid, row.process_started).is_gone()

    def _forget(self, dead: list[str], beats: dict[str, float]) -> None:
        with self._database.begin() as connection:
            for worker in dead:
                unchanged = sa.and_(workers.c.id == worker, workers.c.beat == beats.get(worker))
                connection.execute(sa.delete(workers).where(unchanged))
            left = sa.select(workers.c.id)
            connection.execute(sa.delete(worker_states).where(worker_states.c.id.not_in(left)))


_OWNERS = sa.select(workflows.c.executor_id).where(workflows.c.status == "PENDING").distinct()
