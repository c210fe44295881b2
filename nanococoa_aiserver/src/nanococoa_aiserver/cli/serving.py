"""The API process: uvicorn in front, worker processes kept beside it, all ended in order by one signal."""

from __future__ import annotations

import signal
import sys

import uvicorn

from nanococoa_aiserver.app import create_app
from nanococoa_aiserver.cli.memory import give_memory_back
from nanococoa_aiserver.jobs.supervisor import supervise
from nanococoa_aiserver.settings import Settings
from nanococoa_client import tracing

UPLOAD_BYTES = 1 << 17
"""Uploads and long answers are larger than this."""

GRACE_SECONDS = 5
"""Open event streams get this long to end; their clients come back with Last-Event-ID."""

IDLE_SECONDS = 75
"""Connections that rest are kept longer than any caller keeps them (nginx 60, aiohttp 15, httpx 5), so that no request
is sent on one that is just being closed: a lost answer to a POST can't be asked for again."""


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; the workers have drained or handed over when this returns."""
    # uvicorn raises the signal again when it has shut down: as an exit, so that the workers are ended in order too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    give_memory_back(UPLOAD_BYTES)
    tracing.start("nanococoa-aiserver")
    with supervise(settings, settings.workers):
        uvicorn.run(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=IDLE_SECONDS,
        )
