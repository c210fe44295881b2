"""What is done now and then beside the requests, by one process at a time: chores that may be done twice or cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeAlias

import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.leases import take

EVERY: Final = timedelta(minutes=10)
"""Chores are done this often, however many processes there are."""

PAUSE: Final = 60.0
"""Seconds between two looks whether it is time."""

Chore: TypeAlias = Callable[[], Awaitable[None]]


class Housekeeping:
    """Each chore stands alone: one that fails is logged and tried again next time, the others go on."""

    def __init__(self, database: Database, chores: tuple[Chore, ...]) -> None:
        self._database, self._chores = database, chores

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        """Do the chores if it is time and nobody else does."""
        try:
            is_ours = await run_in_threadpool(take, self._database, "housekeeping", EVERY)
        except BackendError as error:
            structlog.get_logger().warning("housekeeping waits", code=error.code)
            return
        if is_ours:
            await self.clean()

    async def clean(self) -> None:
        """Every chore once, now."""
        for chore in self._chores:
            try:
                await chore()
            except Exception:  # one chore's bug must not end the others
                structlog.get_logger().exception("chore crashed", chore=getattr(chore, "__qualname__", repr(chore)))
