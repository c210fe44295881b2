"""Waiting for jobs: all who wait for one job share one stream of its events, and a lost stream is taken up again.

An aiserver that restarts keeps its jobs, so whoever waits goes on waiting until their own time is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from nanococoa_client.api import FINISHED, Aiserver
from nanococoa_client.errors import ServiceError, UpstreamUnavailable

AGAIN_SECONDS: Final = 0.5
"""Between two tries to reach an aiserver that is away; the client has tried for seconds itself by then."""

T = TypeVar("T")


class Watch:
    """One job, watched. ``latest`` is its last event's data; ``over`` is set at its end or when it can't be watched."""

    def __init__(self, aiserver: Aiserver, job_id: str) -> None:
        self.latest: dict[str, Any] = {}
        self.away = False
        self.over = asyncio.Event()
        self.waiters = 0
        self._task = asyncio.create_task(self._follow(aiserver, job_id))

    async def ended_within(self, seconds: float) -> bool:
        """Whether the job's end came in this time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()
        return self.over.is_set()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _follow(self, aiserver: Aiserver, job_id: str) -> None:
        after = 0
        try:
            while True:
                try:
                    async for event in aiserver.events(job_id, after):
                        after, self.latest, self.away = event.id, event.data, False
                        if event.name in FINISHED:
                            return
                    return
                except UpstreamUnavailable:
                    self.away = True
                    await asyncio.sleep(AGAIN_SECONDS)
        except ServiceError:
            return  # whoever waits asks for the job's state next, and is told the same failure
        finally:
            self.over.set()


class Watches:
    """The watches that somebody waits on, by job and language."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Watch] = {}

    @asynccontextmanager
    async def watch(self, aiserver: Aiserver, job_id: str, language: str) -> AsyncIterator[Watch]:
        """The job's watch, shared; ended when the last one leaves. The job itself never notices."""
        key = (job_id, language)
        if (watch := self._open.get(key)) is None:
            watch = self._open[key] = Watch(aiserver, job_id)
        watch.waiters += 1
        try:
            yield watch
        finally:
            watch.waiters -= 1
            if watch.waiters == 0:
                self._open.pop(key, None)
                await watch.close()


async def patiently(ask: Callable[[], Awaitable[T]], seconds: float) -> T:
    """The answer of an aiserver that may be restarting: asked again for ``seconds``, then UpstreamUnavailable."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await ask()
        except UpstreamUnavailable:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(AGAIN_SECONDS)
