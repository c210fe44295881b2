"""The end of a business or an account whose week to come back is over: jobs, files and rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.leaving.owned import owned_tables
from nanococoa_backend.leaving.purging import RemoveSite
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import Base, now
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import JobNotFound, ServiceError

GRACE: Final = timedelta(days=7)
"""A deleted business or account can be brought back for this long."""

MARGIN: Final = timedelta(hours=1)
"""Between the last moment to come back and the end: no one is brought back while being removed."""

PATIENCE: Final = timedelta(days=1)
"""A business waits this much longer for an aiserver that is away, so that its jobs go too."""


class Removing:
    """Files go before rows: what is cut off leaves rows to find the rest by. ``remove_site`` ends a homepage."""

    def __init__(
        self, database: Database, store: AssetStore, aiserver: Aiserver, remove_site: RemoveSite | None = None
    ) -> None:
        self._database, self._store, self._aiserver = database, store, aiserver
        self._remove_site = remove_site

    async def work(self) -> None:
        """The housekeeping's chore."""
        for business_id, deleted_at in await run_in_threadpool(self._due, "businesses"):
            is_gone = await self._forget_jobs(business_id) and await self._remove_sites(business_id)
            if is_gone or now() - deleted_at > GRACE + PATIENCE:
                await run_in_threadpool(self.remove_business, business_id)
        for user_id, _ in await run_in_threadpool(self._due, "users"):
            await run_in_threadpool(self.remove_user, user_id)

    def remove_business(self, business_id: uuid.UUID) -> None:
        """Everything but the audit log's lines."""
        self._store.remove_all(business_id)
        businesses = Base.metadata.tables["businesses"]
        with self._database.begin() as session:
            for table in reversed(owned_tables()):
                session.execute(sa.delete(table).where(table.c.business_id == business_id))
            session.execute(sa.delete(businesses).where(businesses.c.id == business_id))
            record(session, "business.removed", business_id=business_id)
        self._store.remove_all(business_id)  # what somebody was storing meanwhile
        structlog.get_logger().info("business removed", business=str(business_id))

    def remove_user(self, user_id: uuid.UUID) -> None:
        """What the person made for a business stays, without a name."""
        users = Base.metadata.tables["users"]
        with self._database.begin() as session:
            session.execute(sa.delete(users).where(users.c.id == user_id))
            record(session, "account.removed", user_id=user_id)

    def _due(self, name: str) -> Sequence[tuple[uuid.UUID, datetime]]:
        table = Base.metadata.tables[name]
        query = sa.select(table.c.id, table.c.deleted_at).where(table.c.deleted_at < now() - GRACE - MARGIN)
        with self._database.begin() as session:
            return [(row[0], row[1]) for row in session.execute(query)]

    async def _forget_jobs(self, business_id: uuid.UUID) -> bool:
        """Whether the aiserver knows none of its jobs any more."""
        for job_id in await run_in_threadpool(self._jobs, business_id):
            try:
                await self._aiserver.delete(job_id)
            except JobNotFound:
                continue
            except ServiceError as error:
                structlog.get_logger().warning("a business' jobs wait to be removed", code=error.code)
                return False
        return True

    async def _remove_sites(self, business_id: uuid.UUID) -> bool:
        """Whether the homepage service holds none of its pages any more, in any version."""
        for slug in await run_in_threadpool(self._slugs, business_id):
            try:
                if self._remove_site is not None:
                    await self._remove_site(slug)
            except ServiceError as error:
                structlog.get_logger().warning("a business' homepages wait to be removed", code=error.code)
                return False
        return True

    def _slugs(self, business_id: uuid.UUID) -> Sequence[str]:
        table = Base.metadata.tables["homepages"]
        made = (table.c.business_id == business_id, table.c.slug.is_not(None))
        with self._database.begin() as session:
            return list(session.scalars(sa.select(table.c.slug).where(*made)))

    def _jobs(self, business_id: uuid.UUID) -> list[str]:
        found: set[str] = set()
        with self._database.begin() as session:
            for name in ("ads", "ad_versions"):
                table = Base.metadata.tables[name]
                query = sa.select(table.c.job_id).where(table.c.business_id == business_id).distinct()
                found.update(job_id for job_id in session.scalars(query) if job_id)
        return sorted(found)
