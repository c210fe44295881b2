"""Answers made beside the requests. A turn is a row that nobody but its claimer touches for a while."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.chat.ledger import Ledger, Task
from nanococoa_backend.chat.models import ChatTurn
from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.services import Services

TICK: Final = 1.0
"""Seconds until a wish to stop is noticed."""

TURN_SECONDS: Final = 300.0
MOST_TRIES: Final = 3
"""Processes that may die of one question."""


class Answering:
    """The duty of a ``Crew``."""

    name = "chats"

    def __init__(self, services: Services) -> None:
        self._services, self._parts = services, services.chat
        self._ledger = Ledger(services.database)

    def claim(self, session: Session) -> tuple[ChatTurn, Task] | None:
        return self._ledger.claim(session)

    async def attend(self, task: Task) -> None:
        try:
            if task.tries > MOST_TRIES or not self._parts.is_open:
                return await run_in_threadpool(self._ledger.end, task, "failed", "interrupted")
            status, problem = await self._answered(task)
            await run_in_threadpool(self._ledger.end, task, status, problem)
        except NotFound:  # deleted, or taken by another meanwhile
            return None
        finally:
            self._parts.live.forget(task.turn_id)

    async def _answered(self, task: Task) -> tuple[str, str]:
        """How it ended, and why when it did not end well."""
        work = asyncio.create_task(self._worked(task))
        try:
            async with asyncio.timeout(TURN_SECONDS):
                while not work.done():
                    await asyncio.wait({work}, timeout=TICK)
                    if not work.done() and not await run_in_threadpool(self._ledger.goes_on, task):
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

        return await answer(self._services, self._ledger, task)
