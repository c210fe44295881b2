"""Exports made beside the requests: a process that dies leaves its export to another."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError, StoreFull
from nanococoa_backend.leaving.archive import write_archive
from nanococoa_backend.leaving.models import Export
from nanococoa_backend.leaving.repository import Exports
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.locale import as_locale
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now

MOST_TRIES: Final = 3
FETCHABLE: Final = timedelta(days=7)
"""An export can be fetched for this long."""


@dataclass(frozen=True, slots=True)
class Task:
    export_id: uuid.UUID
    business_id: uuid.UUID
    locale: Locale
    tries: int


class Exporting:
    """The duty of a ``Crew``. ``folder`` is where archives grow until they are stored."""

    name = "exports"

    def __init__(self, database: Database, store: AssetStore, folder: Path) -> None:
        self._database, self._store, self._folder = database, store, folder

    def claim(self, session: Session) -> tuple[Export, Task] | None:
        row = Exports(session).claim()
        if row is None:
            return None
        row.tries += 1
        return row, Task(row.id, row.business_id, as_locale(row.locale) or "ko", row.tries)

    async def attend(self, task: Task) -> None:
        await run_in_threadpool(self._work, task)

    async def forget_old(self) -> None:
        """The housekeeping's chore: exports whose time is over."""
        await run_in_threadpool(self._forget_old)

    def _work(self, task: Task) -> None:
        try:
            key, size = self._make(task)
        except (BackendError, OSError) as error:
            self._fail(task, "full" if isinstance(error, StoreFull | OSError) else "other")
        else:
            self._finish(task, key, size)

    def _make(self, task: Task) -> tuple[str, int]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".zip") as draft:
            path = Path(draft.name)
            write_archive(path, self._database, self._store, task.business_id, task.locale)
            return self._store.put_file(task.business_id, f"export-{task.export_id.hex}.zip", path), path.stat().st_size

    def _finish(self, task: Task, key: str, size: int) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            row = Exports(session).get(task.export_id)
            row.status, row.file, row.bytes, row.next_try_at = "ready", key, size, None
            row.finished_at, row.ends_at = now(), now() + FETCHABLE

    def _fail(self, task: Task, problem: str) -> None:
        structlog.get_logger().error("export failed", problem=problem, tries=task.tries)
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            row = Exports(session).get(task.export_id)
            row.next_try_at = now() + timedelta(minutes=task.tries)
            if task.tries >= MOST_TRIES:
                row.status, row.problem, row.next_try_at, row.finished_at = "failed", problem, None, now()

    def _forget_old(self) -> None:
        with self._database.begin() as session:
            scope.widen(session)
            over = [(row.id, row.file) for row in Exports(session).over()]
        for export_id, key in over:
            if key:
                self._store.remove_old([key], now())
            with self._database.begin() as session:
                scope.widen(session)
                row = session.get(Export, export_id)
                if row is not None:
                    session.delete(row)
