"""Cut-outs made beside the requests: what waits in the database is sent to the aiserver, again until it answers.

Nothing is lost when the aiserver or this process goes away: a cut-out stays pending until it is ready or refused.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import AiserverDown, BackendError, DatabaseGone
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import pictures, scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell
from nanococoa_backend.products.repository import Cutouts
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import CutoutRequest

LEASE: Final = timedelta(minutes=3)
"""A process that died leaves its work to another after this."""

PAUSE: Final = 5.0
"""Seconds between two looks when nobody rings."""

LONGEST_PAUSE: Final = 60
"""Seconds until the next try after many failed ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """One cut-out to make."""

    cutout_id: uuid.UUID
    business_id: uuid.UUID
    photo: bytes
    media_type: str
    box: tuple[int, int, int, int] | None
    tries: int


class Cutting:
    def __init__(self, database: Database, store: AssetStore, aiserver: Aiserver, bell: Bell) -> None:
        self._database, self._store = database, store
        self._aiserver, self._bell = aiserver, bell

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self._look():
                await self._bell.wait(PAUSE)

    async def _look(self) -> bool:
        """Whether there was something to do."""
        try:
            task = await run_in_threadpool(self._claim)
            if task is not None:
                await self._work(task)
        except BackendError as error:
            structlog.get_logger().warning("cut-outs wait", code=error.code)
            return False
        except Exception:  # one cut-out's bug must not end all others; its lease lets it be tried again
            structlog.get_logger().exception("cut-out crashed")
            return False
        return task is not None

    async def _work(self, task: Task) -> None:
        try:
            png, result = await self._cut(task)
            await run_in_threadpool(self._finish, task, png, result)
        except DatabaseGone:
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if _passes(error) else self._refuse, task, error)

    async def _cut(self, task: Task) -> tuple[bytes, dict[str, Any]]:
        photo = f"data:{task.media_type};base64,{base64.b64encode(task.photo).decode()}"
        answer = await self._aiserver.cutout(CutoutRequest(image=photo, product_box=task.box, wait_seconds=60))
        if answer.result is None:
            raise AiserverDown  # it is still working; ask again later
        return await self._aiserver.artifact(answer.outputs["cutout"]), answer.result

    def _claim(self) -> Task | None:
        with self._database.begin() as session:
            scope.widen(session)
            moment = now()
            row = Cutouts(session).claim(moment, moment + LEASE)
            if row is None:
                return None
            media = MediaService(session, self._store)
            data, media_type = media.file(media.get(row.photo_id), "original")
            box = (row.box[0], row.box[1], row.box[2], row.box[3]) if row.box else None
            return Task(row.id, row.business_id, data, media_type, box, row.tries)

    def _finish(self, task: Task, png: bytes, result: dict[str, Any]) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            row = Cutouts(session).get(task.cutout_id)
            image = pictures.decode(png).convert("RGBA")
            row.asset_id = MediaService(session, self._store).keep(task.business_id, image, "cutout").id
            row.status, row.next_try_at = "ready", None
            row.confidence, row.verdict = float(result["confidence"]), _verdict(str(result["verdict"]))

    def _refuse(self, task: Task, error: ServiceError) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            row = Cutouts(session).get(task.cutout_id)
            row.status, row.problem, row.next_try_at = "failed", error.code, None

    def _put_off(self, task: Task, error: ServiceError) -> None:
        seconds = error.retry_after or min(LONGEST_PAUSE, 2**task.tries)
        structlog.get_logger().warning("cut-out put off", code=error.code, seconds=seconds)
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            Cutouts(session).get(task.cutout_id).next_try_at = now() + timedelta(seconds=seconds)


def _passes(error: ServiceError) -> bool:
    """Whether the same request may succeed later: the aiserver is away, busy or starting."""
    return error.status >= 500 or error.status in (401, 429)


def _verdict(told: str) -> str:
    return "uncertain" if told == "uncertain" else "ok"
