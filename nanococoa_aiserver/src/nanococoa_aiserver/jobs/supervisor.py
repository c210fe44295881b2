"""Keeps worker processes alive: one that dies is replaced at once, one that keeps dying less and less often.

Workers end with their supervisor, even when that is killed: they ask the kernel to be told.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final

from nanococoa_aiserver.settings import Settings

STOP_SECONDS: Final = 10.0
"""Between SIGTERM and SIGKILL; longer than a worker drains."""

_SETTLED_SECONDS: Final = 20.0
"""A worker that lived this long is restarted without delay."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_LOOK_SECONDS: Final = 0.2
_PARENT_VARIABLE: Final = "NANOCOCOA_SUPERVISOR"
_PR_SET_PDEATHSIG: Final = 1

logger = logging.getLogger(__name__)


@contextmanager
def supervise(settings: Settings, workers: int, command: Sequence[str] | None = None) -> Iterator[None]:
    """Keep ``workers`` worker processes running inside the block; leaving it ends them in order."""
    supervisor = _Supervisor(command or worker_command(), settings.environment(), workers)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def worker_command() -> list[str]:
    """The command line of a worker; ``ps`` shows ``nanococoa worker``."""
    script = Path(sys.executable).with_name("nanococoa")
    start = [str(script)] if script.exists() else ["-m", "nanococoa_aiserver.cli"]
    return [sys.executable, *start, "worker"]


def die_with_supervisor() -> None:
    """Called by a worker: get SIGTERM when its supervisor is gone, and exit if it already is."""
    supervisor = os.environ.get(_PARENT_VARIABLE)
    if supervisor is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):
        sys.exit("the supervisor is gone")


class _Child:
    """One place for a worker: the process in it, and when the next may start."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.start_at = 0.0
        self.failures = 0

    def died(self, now: float) -> float:
        """Returns the seconds until the next start: none at first, doubling while it keeps dying young."""
        self.failures = 1 if now - self.started > _SETTLED_SECONDS else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (self.failures - 2))
        self.start_at, self.process = now + pause, None
        return pause


class _Supervisor:
    """Runs in one thread, which must live as long as the workers: the kernel watches the thread that started them."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], workers: int) -> None:
        self._command = list(command)
        self._environment = {**os.environ, **environment, _PARENT_VARIABLE: str(os.getpid())}
        self._children = [_Child() for _ in range(workers)]
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            for child in self._children:
                self._look_after(child)
            self._stopped.wait(_LOOK_SECONDS)
        self._end_all()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and (code := child.process.poll()) is not None:
            logger.warning("a worker ended with %s; the next starts in %.1f s", code, child.died(now))
        if child.process is None and now >= child.start_at:
            child.process = subprocess.Popen(self._command, env=self._environment)  # noqa: S603 - our own command line
            child.started = now

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
