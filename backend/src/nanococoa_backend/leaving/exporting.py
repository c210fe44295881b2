"""Exports made beside the requests: a process that dies leaves its export to another."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
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
from nanococoa_backend.platform.watch import Bell

LEASE: Final = timedelta(minutes=3)
"""A process that died leaves its export to another after this; one that works on says so in time."""

PAUSE: Final = 10.0
"""Seconds between two looks when nobody rings."""

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
    """``folder`` is where archives grow until they are stored."""

    def __init__(self, database: Database, store: AssetStore, folder: Path, bell: Bell) -> None:
        self._database, self._store, self._bell = database, store, bell
        self._folder = folder

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self._look():
                await self._bell.wait(PAUSE)

    async def forget_old(self) -> None:
        """The housekeeping's chore: exports whose time is over."""
        await run_in_threadpool(self._forget_old)

    async def _look(self) -> bool:
        """Whether there was something to do."""
        try:
            return await run_in_threadpool(self._work)
        except BackendError as error:
            structlog.get_logger().warning("exports wait", code=error.code)
        except Exception:  # one export's bug must not end all others; its lease lets it be tried again
            structlog.get_logger().exception("export crashed")
        return False

    def _work(self) -> bool:
        task = self._claim()
        if task is None:
            return False
        try:
            key, size = self._make(task)
        except (BackendError, OSError) as error:
            self._fail(task, "full" if isinstance(error, StoreFull | OSError) else "other")
        else:
            self._finish(task, key, size)
        return True

    def _claim(self) -> Task | None:
        with self._database.begin() as session:
            scope.widen(session)
            moment = now()
            row = Exports(session).claim(moment, moment + LEASE)
            if row is None:
                return None
            row.tries += 1
            return Task(row.id, row.business_id, as_locale(row.locale) or "ko", row.tries)

    def _make(self, task: Task) -> tuple[str, int]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".zip") as draft:
            path = Path(draft.name)
            write_archive(path, self._database, self._store, task.business_id, task.locale, lambda: self._hold(task))
            return self._store.put_file(task.business_id, f"export-{task.export_id.hex}.zip", path), path.stat().st_size

    def _hold(self, task: Task) -> None:
        with self._database.begin() as session:
            scope.narrow(session, task.business_id)
            Exports(session).get(task.export_id).next_try_at = now() + LEASE

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
