"""Questions answered beside the requests: what waits is given to the aiserver and followed until its answer is there.

A model that must be loaded first may take minutes; leaving the page, or a process that dies, loses nothing.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.locale import as_locale
from nanococoa_backend.platform.retrying import may_pass, pause_after
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.tools.models import PictureNote
from nanococoa_backend.tools.repository import OPEN, PictureNotes
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import JobNotFound, ServiceError
from nanococoa_client.schemas import AnalyzeRequest, ClipScoreRequest, LightResult, StatusResponse

WAIT: Final = 5
"""Seconds an answer is waited for at once; most come in less."""

FOLLOW: Final = timedelta(seconds=1)
"""Between two looks at a job that takes longer."""

MOST_ATTEMPTS: Final = 3
"""Jobs a question is given to when the aiserver forgets them."""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed question as it was."""

    note_id: uuid.UUID
    business_id: uuid.UUID
    asset_id: uuid.UUID
    kind: str
    words: str
    model: str
    locale: Locale
    job_id: str | None


class Answering:
    """The duty of a ``Crew``."""

    name = "questions"

    def __init__(self, database: Database, store: AssetStore, aiserver: Aiserver) -> None:
        self._database, self._store, self._aiserver = database, store, aiserver

    def claim(self, session: Session) -> tuple[PictureNote, Task] | None:
        note = PictureNotes(session).claim()
        if note is None:
            return None
        locale = as_locale(note.locale) or "ko"
        return note, Task(
            note.id, note.business_id, note.asset_id, note.kind, note.words, note.model, locale, note.job_id
        )

    async def attend(self, task: Task) -> None:
        try:
            await (self._ask(task) if task.job_id is None else self._follow(task, task.job_id))
        except NotFound as error:  # the picture was removed for good
            await run_in_threadpool(self._fail, task, error)
        except BackendError:  # our own database or disk
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if may_pass(error) else self._fail, task, error)

    # --- asking -------------------------------------------------------------------------------------------------------

    async def _ask(self, task: Task) -> None:
        answer = await self._asked(task, await run_in_threadpool(self._picture, task))
        if answer.result is not None:
            return await run_in_threadpool(self._finish, task, answer.result)
        return await run_in_threadpool(
            self._change, task, status="running", job_id=answer.job_id, tries=0, next_try_at=now() + FOLLOW
        )

    async def _asked(self, task: Task, picture: str) -> LightResult:
        if task.kind == "question":
            question = AnalyzeRequest(image=picture, question=task.words or None, locale=task.locale, wait_seconds=WAIT)
            return await self._aiserver.analyze(question)
        score = ClipScoreRequest.model_validate(
            {"image_base64": picture, "prompt": task.words, "model_type": task.model}
            | {"locale": task.locale, "wait_seconds": WAIT}
        )
        return await self._aiserver.clip_score(score)

    def _picture(self, task: Task) -> str:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            media = MediaService(session, self._store)
            data, media_type = media.file(media.get(task.asset_id), "original")
            return f"data:{media_type};base64,{base64.b64encode(data).decode()}"

    # --- following ----------------------------------------------------------------------------------------------------

    async def _follow(self, task: Task, job_id: str) -> None:
        try:
            status = await self._aiserver.status(job_id)
        except JobNotFound as lost:
            return await run_in_threadpool(self._lost, task, lost)
        if status.status == "completed" and status.result is not None:
            return await run_in_threadpool(self._finish, task, status.result)
        if status.status in ("pending", "running"):
            return await run_in_threadpool(
                self._change, task, progress=snapshot_of(status), tries=0, next_try_at=now() + FOLLOW
            )
        return await run_in_threadpool(self._end, task, "failed", problem=_told(status))

    def _lost(self, task: Task, error: JobNotFound) -> None:
        """The aiserver knows nothing of the job: it is asked again, a few times."""
        with self._database.begin() as session:
            note = self._claimed(session, task)
            if note is None:
                return
            note.job_id, note.status, note.next_try_at, note.attempt = None, "waiting", None, note.attempt + 1
            if note.attempt >= MOST_ATTEMPTS:
                _ended(note, "failed", problem=_problem(error, task.locale))

    # --- writing down -------------------------------------------------------------------------------------------------

    def _claimed(self, session: Session, task: Task) -> PictureNote | None:
        """The question, if it still is as it was claimed; locked."""
        scope.narrow(session, task.business_id)
        note = PictureNotes(session).locked(task.note_id)
        return note if note is not None and note.status in OPEN and note.job_id == task.job_id else None

    def _change(self, task: Task, **values: Any) -> None:
        with self._database.begin() as session:
            if (note := self._claimed(session, task)) is not None:
                for name, value in values.items():
                    setattr(note, name, value)

    def _put_off(self, task: Task, error: ServiceError) -> None:
        with self._database.begin() as session:
            note = self._claimed(session, task)
            if note is None:
                return
            note.tries += 1
            pause = pause_after(error, note.tries)
            note.next_try_at = now() + pause
        structlog.get_logger().warning("question put off", code=error.code, seconds=pause.seconds)

    def _finish(self, task: Task, result: dict[str, Any]) -> None:
        self._end(task, "done", answer=answer_of(task.kind, result))

    def _fail(self, task: Task, error: ServiceError) -> None:
        self._end(task, "failed", problem=_problem(error, task.locale))

    def _end(self, task: Task, status: str, **found: Any) -> None:
        with self._database.begin() as session:
            if (note := self._claimed(session, task)) is not None:
                _ended(note, status, **found)


def answer_of(kind: str, result: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the aiserver's answer."""
    if kind == "question":
        return {name: value for name, value in result.items() if name != "views"}
    return {
        "score": result["clip_score"],
        "interpretation": result["interpretation"],
        "model": result["model_type"],
    }


def snapshot_of(status: StatusResponse) -> dict[str, Any]:
    return status.model_dump(mode="json", include={"message", "eta_seconds", "queue_position"})


def _ended(
    note: PictureNote, status: str, *, answer: dict[str, Any] | None = None, problem: dict[str, Any] | None = None
) -> None:
    note.status, note.answer, note.problem, note.progress = status, answer or {}, problem, None
    note.finished_at, note.next_try_at = now(), None


def _problem(error: ServiceError, locale: Locale) -> dict[str, Any]:
    return {"code": error.code, "message": error.message(locale)}


def _told(status: StatusResponse) -> dict[str, Any]:
    error = status.error
    return {"code": error.code, "message": error.message} if error else {"code": "STOPPED", "message": status.message}
