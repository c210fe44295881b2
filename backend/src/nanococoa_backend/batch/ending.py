"""The end of a run, noticed beside the requests: rows end in many ways, and any may be the last one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.repository import BatchItems, BatchRuns
from nanococoa_backend.batch.results import result_of
from nanococoa_backend.batch.schemas import BatchSummary
from nanococoa_backend.batch.views import summary_of
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database

OnEnd = Callable[[Session, uuid.UUID, BatchSummary], None]


@dataclass(frozen=True, slots=True)
class Task:
    run_id: uuid.UUID
    business_id: uuid.UUID


class Ending:
    """The duty of a ``Crew``. ``on_end`` is called in the transaction in which a run is closed, once each time."""

    name = "ends of runs"

    def __init__(self, database: Database, on_end: OnEnd) -> None:
        self._database, self._on_end = database, on_end

    def claim(self, session: Session) -> tuple[BatchRun, Task] | None:
        run = BatchRuns(session).claim_ended()
        return (run, Task(run.id, run.business_id)) if run else None

    async def attend(self, task: Task) -> None:
        await run_in_threadpool(self._close, task)

    def _close(self, task: Task) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            run = BatchRuns(session).locked(task.run_id)
            told = summary_of(run, [result_of(shown) for shown in BatchItems(session).shown([run.id])])
            run.next_try_at = None
            if run.is_open and not told.making:  # else somebody has taken rows up again meanwhile
                run.is_open = False
                self._on_end(session, run.business_id, told)
