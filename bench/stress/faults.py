"""What is done to the house while it works, and what is seen of it: kills, restarts of the database, memory."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

import psutil

from bench.stress.house import House

LOOK_SECONDS: Final = 0.25
SAMPLE_SECONDS: Final = 2.0


@dataclass(slots=True)
class Faults:
    """Kills a worker at its work every ``kill_seconds``, restarts the database when each share of ``restart_at`` is
    done.

    The oldest worker is never killed, so that its memory is watched throughout.
    """

    house: House
    done: Callable[[], float]
    kill_seconds: float
    restart_at: tuple[float, ...]
    began: float = field(default_factory=time.time)
    events: list[dict[str, Any]] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def during(self) -> Iterator[None]:
        ended = Event()
        threads = [Thread(target=run, args=(ended,), daemon=True) for run in (self._kill, self._restart, self._watch)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def now(self) -> float:
        return time.time() - self.began

    def _kill(self, ended: Event) -> None:
        while not ended.wait(self.kill_seconds):
            while not (victims := self._victims()):
                if ended.wait(LOOK_SECONDS):
                    return
            victim = random.choice(victims)  # noqa: S311 no secret
            victim.kill()
            self._happened("kill", pid=victim.pid)

    def _victims(self) -> list[psutil.Process]:
        oldest = self.house.workers()[:1]
        return [worker for worker in self.house.at_work() if worker not in oldest]

    def _restart(self, ended: Event) -> None:
        for share in self.restart_at:
            while self.done() < share:
                if ended.wait(LOOK_SECONDS):
                    return
            at = self.now()
            self.house.postgres.stop()
            self.house.postgres.start()
            self._happened("restart", at=round(at, 2), seconds=round(self.now() - at, 2))

    def _watch(self, ended: Event) -> None:
        while not ended.wait(SAMPLE_SECONDS):
            try:
                workers = self.house.workers()
                self.memory.append(
                    {
                        "at": round(self.now(), 1),
                        "api_mb": _megabytes(self.house.server.process),
                        "worker_mb": _megabytes(workers[0]),
                        "workers": len(workers),
                    }
                )
            except (psutil.Error, IndexError):
                continue

    def _happened(self, what: str, **more: Any) -> None:
        self.events.append({"at": round(self.now(), 2), "what": what} | more)


def _megabytes(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)
