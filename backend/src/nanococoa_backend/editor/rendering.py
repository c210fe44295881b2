"""Edits rendered beside the requests: what waits is sent to the aiserver, again until it answers.

A version is added when all its files are home; formats that do not change take their files over byte for byte.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.kit import bring_kit, render_kept
from nanococoa_backend.ads.models import AdVersion
from nanococoa_backend.ads.repository import AdImages, Ads, AdVersions
from nanococoa_backend.ads.versions import Outcome, StoredFile, add_version, layer_of, stored_file, stored_layer
from nanococoa_backend.editor.merging import merged_checks, merged_layer, render_request
from nanococoa_backend.editor.models import AdEdit
from nanococoa_backend.editor.repository import AdEdits
from nanococoa_backend.editor.schemas import VersionOrder
from nanococoa_backend.editor.service import affected
from nanococoa_backend.errors import AiserverDown, DatabaseGone, NotEditable
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.retrying import may_pass, pause_after
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import AdLayer, Checks, LightResult

WAIT: Final = 50
"""Seconds for one answer."""

MOST_WAITS: Final = 6
"""26 formats take about 20 seconds on a small machine, and others may be before them."""


@dataclass(frozen=True, slots=True)
class Task:
    """One edit to render."""

    edit_id: uuid.UUID
    business_id: uuid.UUID
    order: VersionOrder
    layer: AdLayer
    formats: list[str]
    tries: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the aiserver made of it."""

    job_id: str
    outputs: dict[str, str]
    layer: AdLayer
    checks: Checks
    warnings: list[str]


class Rendering:
    """The duty of a ``Crew``."""

    name = "edits"

    def __init__(self, database: Database, store: AssetStore, aiserver: Aiserver) -> None:
        self._database, self._store = database, store
        self._aiserver = aiserver

    def claim(self, session: Session) -> tuple[AdEdit, Task] | None:
        edit = AdEdits(session).claim()
        if edit is None:
            return None
        order = VersionOrder.model_validate(edit.request)
        layer = layer_of(self._store, AdVersions(session).get(edit.base_id))
        if layer is None:
            _close(edit, NotEditable())
            return None
        return edit, Task(edit.id, edit.business_id, order, layer, affected(layer, order), edit.tries)

    async def attend(self, task: Task) -> None:
        try:
            made = await self._render(task)
            files = [await self._brought(task, name, link) for name, link in made.outputs.items()]
            layer = merged_layer(task.layer, made.layer, task.formats)
            await bring_kit(self._aiserver, self._store, task.business_id, layer)
            key = await run_in_threadpool(stored_layer, self._store, task.business_id, layer)
            outcome = Outcome(made.job_id, files, layer, key, made.checks, made.warnings)
            await run_in_threadpool(self._finish, task, outcome)
        except DatabaseGone:
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if may_pass(error) else self._fail, task, error)

    async def _render(self, task: Task) -> Rendered:
        request = render_request(task.layer, task.order, task.formats, wait_seconds=WAIT, locale=task.order.locale)
        answer = await render_kept(self._aiserver, self._store, task.business_id, request)
        return await self._waited_for(answer.job_id) if answer.result is None else _read(answer)

    async def _waited_for(self, job_id: str) -> Rendered:
        for _ in range(MOST_WAITS):
            try:
                status = await self._aiserver.wait(job_id, WAIT)
            except TimeoutError:
                continue
            if status.layer is not None and status.status == "completed":
                return Rendered(status.job_id, status.outputs, status.layer, status.checks, status.warnings)
            break
        raise AiserverDown

    async def _brought(self, task: Task, name: str, link: str) -> StoredFile:
        data = await self._aiserver.artifact(link)
        return await run_in_threadpool(stored_file, self._store, task.business_id, name, data)

    def _finish(self, task: Task, outcome: Outcome) -> None:
        with self._database.begin() as session:
            edit = self._claimed(session, task)
            ad = Ads(session).locked(edit.ad_id) if edit else None
            if edit is None or ad is None:
                return
            base = AdVersions(session).get(edit.base_id)
            files = _in_order(session, base, outcome.files)
            checks = merged_checks(Checks.model_validate(base.checks), outcome.checks)
            whole = Outcome(outcome.job_id, files, outcome.layer, outcome.layer_key, checks, outcome.warnings)
            version = add_version(session, ad, whole, source="edited", user_id=edit.user_id)
            edit.status, edit.version_id, edit.finished_at, edit.problem = "done", version.id, now(), None

    def _claimed(self, session: Session, task: Task) -> AdEdit | None:
        """The edit, if it still waits; locked."""
        scope.narrow(session, task.business_id)
        edit = AdEdits(session).locked(task.edit_id)
        return edit if edit is not None and edit.status == "waiting" else None

    def _put_off(self, task: Task, error: ServiceError) -> None:
        pause = pause_after(error, task.tries)
        structlog.get_logger().warning("edit put off", edit=str(task.edit_id), code=error.code, seconds=pause.seconds)
        with self._database.begin() as session:
            if (edit := self._claimed(session, task)) is not None:
                edit.next_try_at = now() + pause

    def _fail(self, task: Task, error: ServiceError) -> None:
        structlog.get_logger().warning("edit failed", edit=str(task.edit_id), code=error.code)
        with self._database.begin() as session:
            if (edit := self._claimed(session, task)) is not None:
                _close(edit, error)


def _read(answer: LightResult) -> Rendered:
    result: dict[str, Any] = answer.result or {}
    layer, checks = AdLayer.model_validate(result["layer"]), Checks.model_validate(result.get("checks") or {})
    return Rendered(answer.job_id, answer.outputs, layer, checks, answer.warnings)


def _in_order(session: Session, base: AdVersion, fresh: Sequence[StoredFile]) -> list[StoredFile]:
    """The new files in the order of the version before, with that one's own where nothing changed."""
    made: dict[str, StoredFile | None] = {file.format: file for file in fresh}
    kept = [
        made.pop(image.format, None) or StoredFile(image.format, asset, image.bytes)
        for image, asset in AdImages(session).of(base.id)
    ]
    return [*kept, *(file for file in made.values() if file)]


def _close(edit: AdEdit, error: ServiceError) -> None:
    locale: Locale = "en" if edit.request.get("locale") == "en" else "ko"
    edit.status, edit.finished_at = "failed", now()
    edit.problem = {"code": error.code, "message": error.message(locale)}
