"""Work beside the requests: each worker by itself, so that one's bug ends no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog
from anyio import create_task_group

PAUSE: Final = 5.0
"""Seconds until a worker that crashed begins again."""


class Worker(Protocol):
    async def run(self) -> None:
        """Work until cancelled."""


@asynccontextmanager
async def working(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """All of them, until the block ends; what threads are still at is waited for."""
    async with create_task_group() as group:
        for worker in workers:
            group.start_soon(_kept_at_it, worker)
        yield
        group.cancel_scope.cancel()


async def _kept_at_it(worker: Worker) -> None:
    while True:
        try:
            await worker.run()
        except Exception:
            structlog.get_logger().exception("background work crashed", worker=type(worker).__name__)
        await asyncio.sleep(PAUSE)
