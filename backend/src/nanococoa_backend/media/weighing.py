"""Pictures from before their size was kept are weighed once, so that a business' storage is counted in full."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore

SLICE: Final = 200
"""Pictures in one transaction; each is three questions to the store."""


class Weighing:
    """Nothing is left to do after one pass: what is kept today is kept with its size."""

    def __init__(self, database: Database, store: AssetStore) -> None:
        self._database, self._store = database, store
        self._is_done = False

    async def work(self) -> None:
        """The housekeeping's chore; cut off at any point, it begins again with what is left."""
        last = uuid.UUID(int=0)
        weighed = 0
        while not self._is_done:
            rows = await run_in_threadpool(self._unweighed, last)
            await run_in_threadpool(self._weigh, rows)
            weighed += len(rows)
            if rows:
                last = rows[-1].id
            self._is_done = len(rows) < SLICE
        if weighed:
            structlog.get_logger().info("pictures weighed", pictures=weighed)

    def _unweighed(self, after: uuid.UUID) -> Sequence[Asset]:
        with self._database.begin() as session:
            scope.widen(session)
            query = sa.select(Asset).where(Asset.bytes == 0, Asset.id > after)
            return session.scalars(query.order_by(Asset.id).limit(SLICE)).all()

    def _weigh(self, rows: Sequence[Asset]) -> None:
        """The store is asked first: no transaction waits for it. Files that are lost weigh nothing."""
        sizes = {row.id: sum(self._store.size(key) for key in (row.original, row.view, row.thumb)) for row in rows}
        with self._database.begin() as session:
            scope.widen(session)
            for asset_id, size in sizes.items():
                session.execute(sa.update(Asset).where(Asset.id == asset_id).values(bytes=size))
