"""Cut-outs made beside the requests: what waits in the database is sent to the aiserver, again until it answers.

Nothing is lost when the aiserver or this process goes away: a cut-out stays pending until it is ready or refused.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import AiserverDown, DatabaseGone
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import pictures, scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.retrying import may_pass, pause_after
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.products.models import Cutout
from nanococoa_backend.products.repository import Cutouts
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import CutoutRequest


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
    """The duty of a ``Crew``."""

    name = "cut-outs"

    def __init__(self, database: Database, store: AssetStore, aiserver: Aiserver) -> None:
        self._database, self._store = database, store
        self._aiserver = aiserver

    def claim(self, session: Session) -> tuple[Cutout, Task] | None:
        row = Cutouts(session).claim()
        if row is None:
            return None
        media = MediaService(session, self._store)
        data, media_type = media.file(media.get(row.photo_id), "original")
        box = (row.box[0], row.box[1], row.box[2], row.box[3]) if row.box else None
        return row, Task(row.id, row.business_id, data, media_type, box, row.tries)

    async def attend(self, task: Task) -> None:
        try:
            png, result = await self._cut(task)
            await run_in_threadpool(self._finish, task, png, result)
        except DatabaseGone:
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if may_pass(error) else self._refuse, task, error)

    async def _cut(self, task: Task) -> tuple[bytes, dict[str, Any]]:
        photo = f"data:{task.media_type};base64,{base64.b64encode(task.photo).decode()}"
        answer = await self._aiserver.cutout(CutoutRequest(image=photo, product_box=task.box, wait_seconds=60))
        if answer.result is None:
            raise AiserverDown  # it is still working; ask again later
        return await self._aiserver.artifact(answer.outputs["cutout"]), answer.result

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
        pause = pause_after(error, task.tries)
        structlog.get_logger().warning("cut-out put off", code=error.code, seconds=pause.seconds)
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            Cutouts(session).get(task.cutout_id).next_try_at = now() + pause


def _verdict(told: str) -> str:
    return "uncertain" if told == "uncertain" else "ok"
