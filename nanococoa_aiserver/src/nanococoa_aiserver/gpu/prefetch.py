"""Loads in the background what the next job needs, while the present one computes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from nanococoa_aiserver.gpu.turn import Stop

_LONGEST_CLOSE = 5.0
"""Seconds."""

logger = logging.getLogger(__name__)


class Superseded(Exception):
    """Something else is wanted now."""


class Prefetcher:
    """One thread that calls ``fetch`` for each wanted name, the latest wish replacing what is left of earlier ones.

    ``fetch`` gets a stop check that raises Superseded once there is a new wish. It may fail: whoever leases the
    component then meets the same error and reports it.
    """

    def __init__(self, fetch: Callable[[str, Stop], None]) -> None:
        self._fetch = fetch
        self._wanted: list[str] = []
        self._wishes = 0
        self._idle = True
        self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def want(self, names: Sequence[str]) -> None:
        with self._changed:
            self._wanted = list(names)
            self._wishes += 1
            self._idle = False
            self._changed.notify_all()
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="gpu-prefetch", daemon=True)
                self._thread.start()

    def wait_idle(self, timeout: float) -> bool:
        """Whether everything wanted was tried within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout)

    def close(self) -> None:
        """Ends after the component being fetched, or when that takes too long: the thread dies with the process."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_LONGEST_CLOSE)

    def _work(self) -> None:
        while (name := self._next()) is not None:
            try:
                self._fetch(name, self._superseded_after(self._wishes))
            except Superseded:
                continue
            except Exception as error:
                logger.warning("%s could not be prefetched: %s", name, error)

    def _superseded_after(self, wishes: int) -> Stop:
        def check() -> None:
            if self._closed or self._wishes != wishes:
                raise Superseded

        return check

    def _next(self) -> str | None:
        with self._changed:
            if not self._wanted:
                self._idle = True
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._wanted or self._closed)
            return None if self._closed else self._wanted.pop(0)
