"""What was deleted is gone for good after a week, and files that nothing names any more go with it.

A homepage's row goes after its site: as long as the homepage service holds it, the row says what is to be removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.leaving.owned import BATCH, mentions, owned_tables
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.leases import take
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import Base, now
from nanococoa_client.errors import ServiceError

KEPT: Final = timedelta(days=7)
"""What was deleted can be brought back for this long; so old must a file be that nothing names."""

RemoveSite: TypeAlias = Callable[[str], Awaitable[object]]


class Purging:
    """Every step may be cut off at any point: the next round goes on. ``remove_site`` ends a homepage."""

    def __init__(self, database: Database, store: AssetStore, remove_site: RemoveSite) -> None:
        self._database, self._store, self._remove_site = database, store, remove_site

    async def work(self) -> None:
        """The housekeeping's chore. Businesses that lost something are swept at once, all of them once a day."""
        await self._remove_sites(now() - KEPT)
        await run_in_threadpool(self._work)

    def _work(self) -> None:
        before = now() - KEPT
        touched = self.purge(before)
        if take(self._database, "sweep", timedelta(days=1)):
            touched |= set(self._businesses())
        for business_id in touched:
            self.sweep(business_id, before)

    def purge(self, before: datetime) -> set[uuid.UUID]:
        """Remove rows that were deleted earlier; whose they were."""
        touched: set[uuid.UUID] = set()
        for table in owned_tables():
            if "deleted_at" in table.columns:
                touched |= self._purge(table, _due(table, before))
        return touched

    def sweep(self, business_id: uuid.UUID, before: datetime) -> int:
        """Remove pictures that no row names, and files that no picture and no row names; how many files went."""
        with self._database.begin() as session:
            ids, keys = mentions(session.connection(), business_id)
            keys |= self._sweep_rows(session.connection(), business_id, ids, before)
        old = [file.key for file in self._store.listed(business_id) if file.key not in keys]
        gone = sum(self._store.remove_old(chunk, before) for chunk in _chunks(old))
        if gone:
            structlog.get_logger().info("files removed", business=str(business_id), files=gone)
        return gone

    async def _remove_sites(self, before: datetime) -> None:
        """The rows follow without their names. A service that is away is waited for: the pages are off the net."""
        for homepage_id, slug in await run_in_threadpool(self._sites, before):
            try:
                await self._remove_site(slug)
            except ServiceError as error:
                structlog.get_logger().warning("deleted homepages wait to be removed", code=error.code)
                return
            await run_in_threadpool(self._forget_site, homepage_id)

    def _sites(self, before: datetime) -> Iterable[tuple[uuid.UUID, str]]:
        table = Base.metadata.tables["homepages"]
        query = sa.select(table.c.id, table.c.slug).where(table.c.deleted_at < before, table.c.slug.is_not(None))
        with self._database.begin() as session:
            return [(row.id, row.slug) for row in session.execute(query.order_by(table.c.deleted_at).limit(BATCH))]

    def _forget_site(self, homepage_id: uuid.UUID) -> None:
        table = Base.metadata.tables["homepages"]
        with self._database.begin() as session:
            session.execute(sa.update(table).where(table.c.id == homepage_id).values(slug=None))

    def _purge(self, table: sa.Table, condition: Any) -> set[uuid.UUID]:
        touched: set[uuid.UUID] = set()
        due = sa.select(table.c.id).where(condition).limit(BATCH)
        while True:
            with self._database.begin() as session:
                gone = session.execute(
                    sa.delete(table).where(table.c.id.in_(due.scalar_subquery())).returning(table.c.business_id)
                ).all()
            touched |= {row[0] for row in gone}
            if len(gone) < BATCH:
                return touched

    def _sweep_rows(
        self, connection: sa.Connection, business_id: uuid.UUID, used: set[uuid.UUID], before: datetime
    ) -> set[str]:
        """The keys of all pictures that stay."""
        assets = Base.metadata.tables["assets"]
        query = sa.select(assets.c.id, assets.c.created_at, assets.c.original, assets.c.view, assets.c.thumb)
        unused, keys = [], set()
        for row in connection.execute(query.where(assets.c.business_id == business_id)):
            if row.id in used or row.created_at >= before:
                keys |= {row.original, row.view, row.thumb}
            else:
                unused.append(row.id)
        for chunk in _chunks(unused):
            connection.execute(sa.delete(assets).where(assets.c.id.in_(chunk)))
        return keys

    def _businesses(self) -> Iterable[uuid.UUID]:
        with self._database.begin() as session:
            return list(session.scalars(sa.select(Base.metadata.tables["businesses"].c.id)))


def _due(table: sa.Table, before: datetime) -> Any:
    """Which of its rows may go."""
    is_old = table.c.deleted_at < before
    return is_old & table.c.slug.is_(None) if table.name == "homepages" else is_old


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
