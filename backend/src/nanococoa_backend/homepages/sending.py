"""Wishes fulfilled beside the requests: what waits is given to the homepage service, followed, and brought home.

Nothing is lost when the service or this process goes away, and nothing is made twice: each job is asked for under a
key of its row. Wishes for one page go one after another.
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

from nanococoa_backend.errors import BackendError, HomepagesDown, NotFound
from nanococoa_backend.homepages.arriving import Arrival, settle
from nanococoa_backend.homepages.commission import commission_of
from nanococoa_backend.homepages.models import HomepageTask
from nanococoa_backend.homepages.repository import UNDER_WAY, Homepages, Tasks
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.homepage_client import HomepageClient
from nanococoa_backend.platform.homepage_contract import Accepted, Commission, Edit, JobState
from nanococoa_backend.platform.retrying import may_pass, pause_after
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_client.errors import JobNotFound, ServiceError

FOLLOW: Final = timedelta(seconds=1)
"""Between two looks at a job that runs."""

MOST_NONSENSE: Final = 8
"""Answers nobody can read before a wish is given up: a service that is merely away is waited for without end."""

MOST_ATTEMPTS: Final = 3
"""Jobs a wish is given to when the service forgets them."""

OnEnd = Callable[[Session, HomepageTask], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A wish as it was claimed; ``slug`` and ``draft`` are its page's."""

    id: uuid.UUID
    business_id: uuid.UUID
    homepage_id: uuid.UUID
    kind: str
    status: str
    job_id: str | None
    stop_wanted: bool
    key: str
    request: dict[str, Any]
    slug: str | None
    draft: str | None
    is_first: bool
    tries: int


class Sending:
    """The duty of a ``Crew``. ``on_end`` is called in the transaction in which a wish ends."""

    name = "homepages"

    def __init__(
        self, database: Database, store: AssetStore, service: HomepageClient, on_end: tuple[OnEnd, ...] = ()
    ) -> None:
        self._database, self._store, self._service = database, store, service
        self._on_end = on_end

    def claim(self, session: Session) -> tuple[HomepageTask, Task] | None:
        row = Tasks(session).claim()
        if row is None:
            return None
        homepage = Homepages(session).get(row.homepage_id)
        return row, Task(
            row.id,
            row.business_id,
            row.homepage_id,
            row.kind,
            row.status,
            row.job_id,
            row.stop_wanted,
            f"{row.id.hex}-{row.attempt}",
            row.request,
            homepage.slug,
            homepage.draft,
            Tasks(session).under_way(row.homepage_id)[0].id == row.id,
            row.tries,
        )

    async def attend(self, task: Task) -> None:
        try:
            if not task.is_first:
                await run_in_threadpool(self._change, task, next_try_at=now() + FOLLOW)
            elif task.stop_wanted and task.job_id is None:
                await run_in_threadpool(self._end, task, "stopped")
            elif task.kind in ("make", "edit"):
                await (self._give(task) if task.job_id is None else self._follow(task))
            else:
                await self._show(task)
        except HomepagesDown as error:
            nonsense = error.key == "homepages_strange" and task.tries >= MOST_NONSENSE
            await run_in_threadpool(self._fail if nonsense else self._put_off, task, error)
        except NotFound:  # deleted for good meanwhile
            return
        except BackendError:  # our own database or disk: it is tried again when the lease ends
            raise
        except ServiceError as error:
            await run_in_threadpool(self._put_off if may_pass(error) else self._fail, task, error)

    # --- jobs: pages that are made or changed -------------------------------------------------------------------------

    async def _give(self, task: Task) -> None:
        if task.kind == "make":
            accepted = await self._service.generate(await run_in_threadpool(self._pack, task), task.key)
        else:
            accepted = await self._ask_edit(task)
        await run_in_threadpool(
            self._change, task, status="pending", job_id=accepted.job_id, next_try_at=now(), tries=0
        )

    async def _ask_edit(self, task: Task) -> Accepted:
        if task.slug is None or task.draft is None:
            raise NotFound
        edit = Edit.model_validate(task.request | {"base": task.draft})
        return await self._service.edit(task.slug, edit, task.key)

    def _pack(self, task: Task) -> Commission:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            return commission_of(MediaService(session, self._store), task.request)

    async def _follow(self, task: Task) -> None:
        assert task.job_id is not None
        try:
            if task.stop_wanted:
                await self._service.stop(task.job_id)
            state = await self._service.status(task.job_id)
        except JobNotFound as lost:
            await run_in_threadpool(self._lost, task, lost)
        else:
            await self._act_on(task, state)

    async def _act_on(self, task: Task, state: JobState) -> None:
        match state.status:
            case "completed":
                await self._bring_home(task, state)
            case "failed":
                await run_in_threadpool(self._end, task, "failed", problem=_told(state))
            case "stopped":
                await run_in_threadpool(self._end, task, "stopped", progress=snapshot_of(state))
            case _:
                await run_in_threadpool(
                    self._change,
                    task,
                    status=state.status,
                    progress=snapshot_of(state),
                    tries=0,
                    next_try_at=now() + FOLLOW,
                )

    async def _bring_home(self, task: Task, state: JobState) -> None:
        if state.result is None:
            raise HomepagesDown("homepages_strange")
        if task.slug not in (None, state.result.slug):  # it did something to another page: nothing of it is taken over
            return await run_in_threadpool(self._end, task, "failed", problem={"code": "SLUG_TAKEN", "message": ""})
        return await self._arrive(task, state.result.slug, state.result.version, snapshot_of(state))

    # --- what the world sees ------------------------------------------------------------------------------------------

    async def _show(self, task: Task) -> None:
        if task.slug is None:
            raise NotFound
        match task.kind:
            case "publish":
                await self._service.publish(task.slug, task.request["version"])
            case "rollback":
                await self._service.roll_back(task.slug, task.request["version"])
            case _:
                await self._service.unpublish(task.slug)
        await self._arrive(task, task.slug, task.draft, None)

    async def _arrive(self, task: Task, slug: str, draft: str | None, progress: dict[str, Any] | None) -> None:
        """Ask what there is now: it is kept, so that pages can be shown while the service is away."""
        versions = await self._service.versions(slug)
        sections = await self._service.sections(slug, draft) if draft else None
        arrival = Arrival(slug, draft, versions, sections, progress)
        await run_in_threadpool(self._settle, task, arrival)

    def _settle(self, task: Task, arrival: Arrival) -> None:
        with self._database.begin() as session:
            row = self._claimed(session, task)
            if row is not None:
                settle(session, row, arrival)
                self._tell(session, row)

    # --- writing down -------------------------------------------------------------------------------------------------

    def _claimed(self, session: Session, task: Task) -> HomepageTask | None:
        """The wish, if it still is as it was claimed; locked."""
        scope.narrow(session, task.business_id)
        row = Tasks(session).locked(task.id)
        same = row is not None and row.status in UNDER_WAY and row.job_id == task.job_id
        return row if same else None

    def _change(self, task: Task, **values: Any) -> None:
        with self._database.begin() as session:
            row = self._claimed(session, task)
            if row is not None:
                for name, value in values.items():
                    setattr(row, name, value)

    def _lost(self, task: Task, error: JobNotFound) -> None:
        """The service knows nothing of the job: it is asked again under a new key, a few times."""
        with self._database.begin() as session:
            row = self._claimed(session, task)
            if row is None:
                return
            structlog.get_logger().warning("homepage service forgot a job", task=str(task.id), job=task.job_id)
            if row.stop_wanted:
                self._ended(session, row, "stopped")
            elif row.attempt + 1 >= MOST_ATTEMPTS:
                self._ended(session, row, "failed", problem=_problem(error))
            else:
                row.status, row.job_id, row.next_try_at, row.attempt = "waiting", None, None, row.attempt + 1

    def _put_off(self, task: Task, error: ServiceError) -> None:
        with self._database.begin() as session:
            row = self._claimed(session, task)
            if row is None:
                return
            row.tries += 1
            pause = pause_after(error, row.tries)
            row.next_try_at = now() + pause
        structlog.get_logger().warning("homepage put off", code=error.code, seconds=pause.seconds)

    def _fail(self, task: Task, error: ServiceError) -> None:
        self._end(task, "failed", problem=_problem(error))

    def _end(self, task: Task, status: str, **found: Any) -> None:
        with self._database.begin() as session:
            row = self._claimed(session, task)
            if row is not None:
                self._ended(session, row, status, **found)

    def _ended(
        self,
        session: Session,
        row: HomepageTask,
        status: str,
        *,
        problem: dict[str, Any] | None = None,
        progress: dict[str, Any] | None = None,
    ) -> None:
        row.status, row.problem, row.progress = status, problem, progress or row.progress
        row.finished_at, row.next_try_at, row.stop_wanted = now(), None, False
        self._tell(session, row)

    def _tell(self, session: Session, row: HomepageTask) -> None:
        session.flush()
        for listener in self._on_end:
            listener(session, row)


def _problem(error: ServiceError) -> dict[str, Any]:
    return {"code": str(error.details.get("code", error.code)), "message": error.message("ko")}


def _told(state: JobState) -> dict[str, Any]:
    error = state.error or {}
    return {"code": str(error.get("code", "INTERNAL_ERROR"))[:60], "message": str(error.get("message", ""))[:500]}


def snapshot_of(state: JobState) -> dict[str, Any]:
    kept = {"progress_percent", "agent", "step", "eta_seconds", "queue_position", "screenshots"}
    return state.model_dump(mode="json", include=kept)
