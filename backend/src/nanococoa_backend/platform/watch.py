"""Whether the aiserver answers, asked beside the requests: pages load and say so when it does not."""

from __future__ import annotations

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from nanococoa_client.api import Aiserver

PAUSE: Final = 10.0
"""Seconds between two looks."""


class AiserverWatch:
    """``is_up`` is what the last look found."""

    def __init__(self, aiserver: Aiserver) -> None:
        self._aiserver = aiserver
        self.is_up = True

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        was_up, self.is_up = self.is_up, await self._aiserver.health()
        if was_up != self.is_up:
            structlog.get_logger().warning("aiserver is back" if self.is_up else "aiserver does not answer")


class Bell:
    """Wakes background work of the same process; safe to ring from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Until it rings, ``seconds`` at most."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


def ring_after_commit(session: Session, bell: Bell) -> None:
    """Wake the background work once what it shall find is there."""
    sa.event.listen(session, "after_commit", lambda _session: bell.ring(), once=True)
