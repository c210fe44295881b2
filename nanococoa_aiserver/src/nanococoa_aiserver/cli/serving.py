"""The API process: uvicorn in front, worker processes kept beside it, all ended in order by one signal."""

from __future__ import annotations

import ctypes
import signal
import sys

import uvicorn

from nanococoa_aiserver.app import create_app
from nanococoa_aiserver.jobs.supervisor import supervise
from nanococoa_aiserver.settings import Settings

GRACE_SECONDS = 5
"""Open event streams get this long to end; their clients come back with Last-Event-ID."""


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; the workers have drained or handed over when this returns."""
    # uvicorn raises the signal again when it has shut down: as an exit, so that the workers are ended in order too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _keep_memory_small()
    with supervise(settings, settings.workers):
        uvicorn.run(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


def _keep_memory_small() -> None:
    """Give memory back: two malloc arenas instead of eight a core, and large blocks (uploads, answers) always mapped.

    Each thread that decodes an upload would otherwise keep its own high tide. The numbers are glibc's, in malloc.h.
    """
    arena_max, mmap_threshold, trim_threshold = -8, -3, -1
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((arena_max, 2), (mmap_threshold, 1 << 17), (trim_threshold, 1 << 17)):
            mallopt(option, value)
