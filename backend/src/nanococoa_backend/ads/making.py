"""Ads made beside the requests: what waits is given to the aiserver, what runs is looked after, what ends comes home.

An ad is a row that nobody but its claimer touches for a while (``platform.crew``), and its job has an idempotency key
made from its id: a process that dies at any point leaves work that another takes up, and no job is made twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.kit import bring_kit
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.parcel import CutoutPending, Parcel, parcel_of
from nanococoa_backend.ads.repository import UNDER_WAY, Ads
from nanococoa_backend.ads.versions import Outcome, StoredFile, add_version, stored_file, stored_layer
from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.retrying import may_pass, pause_after
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import JobNotFound, JobNotResumable, ServiceError
from nanococoa_client.schemas import GenerateRequest, JobAccepted, StatusResponse

MOST_ATTEMPTS: Final = 3
"""Jobs an ad is given to when the aiserver forgets them."""

OnEnd = Callable[[Session, Ad], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed ad as it was."""

    ad_id: uuid.UUID
    business_id: uuid.UUID
    status: str
    job_id: str | None
    stop_wanted: bool


class Making:
    """The duty of a ``Crew``. ``on_end`` is called in the transaction in which an ad ends."""

    name = "ads"

    def __init__(
        self, database: Database, store: AssetStore, aiserver: Aiserver, on_end: tuple[OnEnd, ...] = ()
    ) -> None:
        self._database, self._store = database, store
        self._aiserver, self._on_end = aiserver, on_end

    def claim(self, session: Session) -> tuple[Ad, Task] | None:
        ad = Ads(session).claim()
        return (ad, Task(ad.id, ad.business_id, ad.status, ad.job_id, ad.stop_wanted)) if ad else None

    async def attend(self, task: Task) -> None:
        try:
            if task.status == "waiting":
                await self._give(task)
            else:
                await self._follow(task)
        except CutoutPending:
            await run_in_threadpool(self._change, task, next_try_at=now() + timedelta(seconds=1))
        except NotFound as error:  # the product or the picture was removed for good
            await run_in_threadpool(self._fail, task, error)
        except BackendError as error:  # our own database or disk: what ran goes on, what is done stays there
            await run_in_threadpool(self._put_off, task, error)
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if may_pass(error) else self._fail, task, error)

    # --- giving -------------------------------------------------------------------------------------------------------

    async def _give(self, task: Task) -> None:
        if task.stop_wanted and task.job_id is None:
            return await run_in_threadpool(self._end, task, "stopped")
        if task.job_id is not None and await self._goes_on(task.job_id):
            return await run_in_threadpool(self._change, task, status="pending", next_try_at=now(), tries=0)
        parcel = await run_in_threadpool(self._pack, task)
        accepted = await self._hand_over(parcel)
        return await run_in_threadpool(
            self._change, task, status="pending", job_id=accepted.job_id, next_try_at=now(), tries=0
        )

    async def _goes_on(self, job_id: str) -> bool:
        """Whether the aiserver takes up a job again where it ended."""
        try:
            await self._aiserver.resume(job_id)
        except JobNotResumable as error:
            return error.details.get("status") in ("pending", "running", "completed")
        except JobNotFound:
            return False
        return True

    async def _hand_over(self, parcel: Parcel) -> JobAccepted:
        if isinstance(parcel.request, GenerateRequest):
            return await self._aiserver.generate(parcel.request)
        return await self._aiserver.edit(parcel.request)

    def _pack(self, task: Task) -> Parcel:
        """Everything that one job needs. Raises CutoutPending, NotFound."""
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            ad = Ads(session).get(task.ad_id)
            if ad.job_id is not None:  # it could not be taken up again: another job, with a key of its own
                ad.job_id, ad.attempt = None, ad.attempt + 1
            return parcel_of(session, self._store, ad)

    # --- following ----------------------------------------------------------------------------------------------------

    async def _follow(self, task: Task) -> None:
        assert task.job_id is not None
        try:
            if task.stop_wanted:
                await self._aiserver.stop(task.job_id)
            status = await self._aiserver.status(task.job_id)
        except JobNotFound as lost:
            await run_in_threadpool(self._lost, task, lost)
        else:
            await self._act_on(task, status)

    async def _act_on(self, task: Task, status: StatusResponse) -> None:
        match status.status:
            case "completed":
                await self._bring_home(task, status)
            case "failed":
                await run_in_threadpool(self._end, task, "failed", problem=_told(status))
            case "stopped":
                await run_in_threadpool(self._end, task, "stopped", progress=snapshot_of(status))
            case _:
                await run_in_threadpool(self._note, task, status)

    async def _bring_home(self, task: Task, status: StatusResponse) -> None:
        files: list[StoredFile] = []
        for name, link in status.outputs.items():
            data = await self._aiserver.artifact(link)
            files.append(await run_in_threadpool(stored_file, self._store, task.business_id, name, data))
        await bring_kit(self._aiserver, self._store, task.business_id, status.layer)
        key = await run_in_threadpool(stored_layer, self._store, task.business_id, status.layer)
        outcome = Outcome(status.job_id, files, status.layer, key, status.checks, status.warnings)
        await run_in_threadpool(self._end, task, "completed", outcome=outcome)

    def _lost(self, task: Task, error: JobNotFound) -> None:
        """The aiserver knows nothing of the job: it is given to it again, a few times."""
        with self._database.begin() as session:
            ad = self._claimed(session, task)
            if ad is None:
                return
            structlog.get_logger().warning("aiserver forgot a job", ad=str(ad.id), job=task.job_id)
            if ad.stop_wanted:
                self._ended(session, ad, "stopped")
            elif ad.attempt + 1 >= MOST_ATTEMPTS or not ad.request:
                self._ended(session, ad, "failed", problem=_problem(error))
            else:
                ad.status, ad.job_id, ad.next_try_at, ad.attempt = "waiting", None, None, ad.attempt + 1

    # --- writing down -------------------------------------------------------------------------------------------------

    def _claimed(self, session: Session, task: Task) -> Ad | None:
        """The ad, if it still is as it was claimed; locked."""
        scope.narrow(session, task.business_id)
        ad = Ads(session).locked(task.ad_id)
        same = ad is not None and ad.status in UNDER_WAY and ad.job_id in (task.job_id, None)
        return ad if same else None

    def _change(self, task: Task, **values: Any) -> None:
        with self._database.begin() as session:
            ad = self._claimed(session, task)
            if ad is None:
                return
            for name, value in values.items():
                setattr(ad, name, value)

    def _note(self, task: Task, status: StatusResponse) -> None:
        pause = timedelta(seconds=min(10, 1 + (status.queue_position or 0)))
        self._change(task, status=status.status, progress=snapshot_of(status), tries=0, next_try_at=now() + pause)

    def _put_off(self, task: Task, error: ServiceError) -> None:
        with self._database.begin() as session:
            ad = self._claimed(session, task)
            if ad is None:
                return
            ad.tries += 1
            pause = pause_after(error, ad.tries)
            ad.next_try_at = now() + pause
        structlog.get_logger().warning("ad put off", code=error.code, seconds=pause.seconds)

    def _fail(self, task: Task, error: ServiceError) -> None:
        self._end(task, "failed", problem=_problem(error))

    def _end(self, task: Task, status: str, **found: Any) -> None:
        with self._database.begin() as session:
            ad = self._claimed(session, task)
            if ad is not None:
                self._ended(session, ad, status, **found)

    def _ended(
        self,
        session: Session,
        ad: Ad,
        status: str,
        *,
        outcome: Outcome | None = None,
        problem: dict[str, Any] | None = None,
        progress: dict[str, Any] | None = None,
    ) -> None:
        if outcome is not None:
            add_version(session, ad, outcome)
        ad.status, ad.problem, ad.progress = status, problem, progress or ad.progress
        ad.finished_at, ad.next_try_at, ad.stop_wanted = now(), None, False
        session.flush()
        for listener in self._on_end:
            listener(session, ad)


def _problem(error: ServiceError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message("ko"), "message_en": error.message("en")}


def _told(status: StatusResponse) -> dict[str, Any]:
    error = status.error
    if error is None:
        return {"code": "INTERNAL_ERROR", "message": status.message}
    return {"code": error.code, "message": error.message}


def snapshot_of(status: StatusResponse) -> dict[str, Any]:
    kept = ("progress_percent", "step", "sub_step", "message", "eta_seconds", "queue_position", "step1_result")
    return status.model_dump(mode="json", include=set(kept))
