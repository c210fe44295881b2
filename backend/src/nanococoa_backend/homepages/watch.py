"""Whether the homepage service answers, and the looks it offers; asked beside the requests."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from nanococoa_backend.platform.homepage_client import HomepageClient
from nanococoa_backend.platform.homepage_contract import Options
from nanococoa_client.errors import ServiceError

PAUSE: Final = 10.0
"""Seconds between two looks."""


class HomepageWatch:
    """``is_up`` is what the last look found; ``options`` what was offered last, also while it is away."""

    def __init__(self, service: HomepageClient) -> None:
        self._service = service
        self.is_up = False
        self.options = Options()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        was_up, self.is_up = self.is_up, await self._service.health()
        if was_up != self.is_up:
            structlog.get_logger().info("homepage service answers" if self.is_up else "homepage service is away")
        if self.is_up:
            await self._learn()

    async def _learn(self) -> None:
        try:
            self.options = await self._service.options()
        except ServiceError:  # an older service has none; pages then offer what suits the trade
            return
