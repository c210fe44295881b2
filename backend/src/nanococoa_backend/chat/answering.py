"""Answers made beside the requests. A turn is a row that nobody but its claimer touches for a while."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from anyio import create_task_group
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.chat.ledger import Ledger, Task
from nanococoa_backend.chat.live import ChatParts
from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.watch import Bell
from nanococoa_backend.settings import Settings

HANDS: Final = 4
"""Answers made at once."""

PAUSE: Final = 5.0
"""Seconds between two looks when nobody rings."""

TICK: Final = 1.0
"""Seconds until a wish to stop is noticed."""

TURN_SECONDS: Final = 300.0
MOST_TRIES: Final = 3
"""Processes that may die of one question."""


class Answering:
    def __init__(
        self, database: Database, store: AssetStore, settings: Settings, parts: ChatParts, making: Bell
    ) -> None:
        self._database, self._store, self._settings = database, store, settings
        self._parts, self._making = parts, making
        self._ledger = Ledger(database)

    async def run(self) -> None:
        """Work until cancelled."""
        async with create_task_group() as hands:
            for _ in range(HANDS):
                hands.start_soon(self._work)

    async def _work(self) -> None:
        while True:
            if not await self._look():
                await self._parts.bell.wait(PAUSE)

    async def _look(self) -> bool:
        """Whether there was something to do."""
        try:
            task = await run_in_threadpool(self._ledger.claim)
            if task is not None:
                await self._attend(task)
        except NotFound:  # deleted, or taken by another meanwhile
            return True
        except BackendError as error:
            structlog.get_logger().warning("chats wait", code=error.code)
            return False
        return task is not None

    async def _attend(self, task: Task) -> None:
        try:
            if task.tries > MOST_TRIES or not self._parts.is_open:
                return await run_in_threadpool(self._ledger.end, task, "failed", "interrupted")
            status, problem = await self._answered(task)
            await run_in_threadpool(self._ledger.end, task, status, problem)
        finally:
            self._parts.live.forget(task.turn_id)

    async def _answered(self, task: Task) -> tuple[str, str]:
        """How it ended, and why when it did not end well."""
        work = asyncio.create_task(self._worked(task))
        try:
            async with asyncio.timeout(TURN_SECONDS):
                while not work.done():
                    await asyncio.wait({work}, timeout=TICK)
                    if not work.done() and not await run_in_threadpool(self._ledger.keep, task):
                        return "stopped", "stopped"
        except TimeoutError:
            return "failed", "too_long"
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        return ("failed", work.result()) if work.result() else ("done", "")

    async def _worked(self, task: Task) -> str:
        """The name of the problem; empty when there is none."""
        from nanococoa_backend.chat.asked import answer  # the agent's libraries weigh 100 MB

        return await answer(self._database, self._store, self._settings, self._parts, self._making, self._ledger, task)
