"""Asks all services beside the requests, each for a short time: a page about trouble must not be in trouble itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.settings import Settings
from nanococoa_backend.system.machine import Answer, Machine, Name, Readings, read_metrics

PAUSE: Final = 10.0
"""Seconds between two looks."""

PATIENCE: Final = 4.0
"""Seconds a service has to answer."""

LONGEST: Final = 2**20
"""Bytes of an answer that are read."""


class MachineWatch:
    """``latest`` is what the last look found."""

    def __init__(self, settings: Settings, database: Database, store: AssetStore) -> None:
        self._settings, self._database, self._store = settings, database, store
        self.latest = Machine()

    async def run(self) -> None:
        """Look until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE), trust_env=False) as session:
            while True:
                try:
                    self.latest = await self.look(session)
                except Exception:  # a service may answer anything
                    structlog.get_logger().exception("system watch crashed")
                await asyncio.sleep(PAUSE)

    async def look(self, session: aiohttp.ClientSession) -> Machine:
        """Every service at once."""
        given = self._settings
        readings: Readings
        (aiserver, health), (homepages, _), (mcp, _), database, store, (readings, free) = await asyncio.gather(
            self._asked(session, "aiserver", f"{given.aiserver_url}/health"),
            self._asked(session, "homepages", f"{given.homepage_url}/health"),
            self._asked(session, "mcp", f"{_origin(given.mcp_url)}/health"),
            self._timed("database", lambda: run_in_threadpool(self._database.answers)),
            self._timed("store", lambda: run_in_threadpool(self._store_works)),
            self._numbers(session),
        )
        found = Machine(now(), (aiserver, homepages, mcp, database, store), readings=readings, free=free)
        engine, note = health.get("engine"), health.get("engine_note")
        return replace(found, engine=engine if isinstance(engine, str) else None, engine_note=str(note or ""))

    async def _numbers(self, session: aiohttp.ClientSession) -> tuple[Readings, int | None]:
        token = self._settings.aiserver_token
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        free = await run_in_threadpool(self._store.free)
        try:
            async with session.get(f"{self._settings.aiserver_url}/metrics", headers=headers) as answer:
                text = (await answer.content.read(LONGEST)).decode("utf-8", "replace")
                return (read_metrics(text) if answer.status == 200 else Readings()), free
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError):
            return Readings(), free

    async def _asked(self, session: aiohttp.ClientSession, name: Name, url: str) -> tuple[Answer, dict[str, Any]]:
        told: dict[str, Any] = {}

        async def ask() -> bool:
            async with session.get(url) as answer:
                body = await answer.json(content_type=None)
                told.update(body if isinstance(body, dict) else {})
                return answer.status == 200

        return await self._timed(name, ask), told

    async def _timed(self, name: Name, ask: Callable[[], Awaitable[bool]]) -> Answer:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                is_well = await ask()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            is_well = False
        if not is_well:
            return Answer(name, None, was_well=any(one.name == name and one.ms for one in self.latest.answers))
        return Answer(name, round(1000 * (time.perf_counter() - started), 1))

    def _store_works(self) -> bool:
        try:
            return self._store.works()
        except BackendError:
            return False


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
