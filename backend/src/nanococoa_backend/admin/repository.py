"""Queries over everybody's accounts and businesses: counts, never contents."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.admin.schemas import Usage
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.limits.service import month_began
from nanococoa_backend.platform.audit import AuditEntry
from nanococoa_backend.platform.tables import Base

Place = tuple[datetime, uuid.UUID] | None


class Administration:
    def __init__(self, session: Session) -> None:
        self._session = session

    def users(self, limit: int, before: Place, search: str) -> Sequence[User]:
        """Newest first; ``search`` is part of the name or the address."""
        query = _page(sa.select(User), User, limit, before)
        if search:
            matches = (column.icontains(search, autoescape=True) for column in (User.name, User.email))
            query = query.where(sa.or_(*matches))
        return self._session.scalars(query).all()

    def user(self, user_id: uuid.UUID) -> User | None:
        """Nobody else changes it before the transaction ends."""
        return self._session.scalars(sa.select(User).where(User.id == user_id).with_for_update()).one_or_none()

    def admins(self) -> Sequence[uuid.UUID]:
        """Those in use; locked, so that two can't unmake each other."""
        in_use = (User.is_admin, User.deactivated_at.is_(None), User.deleted_at.is_(None))
        self._session.execute(sa.update(User).where(*in_use).values(is_admin=True))  # SQLite locks by writing
        return self._session.scalars(sa.select(User.id).where(*in_use).with_for_update()).all()

    def businesses(self, limit: int, before: Place, search: str) -> Sequence[Business]:
        query = _page(sa.select(Business), Business, limit, before)
        if search:
            query = query.where(Business.name.icontains(search, autoescape=True))
        return self._session.scalars(query).all()

    def business(self, business_id: uuid.UUID) -> Business | None:
        return self._session.get(Business, business_id)

    def usage(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Usage]:
        """Each business' numbers, by a query for each kind."""
        tables = Base.metadata.tables
        ads, products, assets = tables["ads"], tables["products"], tables["assets"]
        counted: dict[str, dict[uuid.UUID, Any]] = {
            "ads": self._counted(ads, ids, ads.c.created_at >= month_began(), ads.c.status != "failed"),
            "products": self._counted(products, ids, products.c.deleted_at.is_(None)),
            "members": self._counted(tables["memberships"], ids),
            "bytes": self._stored(assets, ids),
            "last_at": self._last(ids),
        }
        return {
            one: Usage.model_validate({kind: found[one] for kind, found in counted.items() if one in found})
            for one in ids
        }

    def audit(
        self, limit: int, before: int | None, business_id: uuid.UUID | None
    ) -> Sequence[tuple[AuditEntry, str | None, str | None]]:
        """Lines with the names of who and where, the latest first."""
        query = (
            sa.select(AuditEntry, User.email, Business.name)
            .outerjoin(User, User.id == AuditEntry.user_id)
            .outerjoin(Business, Business.id == AuditEntry.business_id)
            .order_by(AuditEntry.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(AuditEntry.id < before)
        if business_id is not None:
            query = query.where(AuditEntry.business_id == business_id)
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]

    def _counted(self, table: sa.Table, ids: Sequence[uuid.UUID], *wanted: Any) -> dict[uuid.UUID, int]:
        query = sa.select(table.c.business_id, sa.func.count()).where(table.c.business_id.in_(ids), *wanted)
        return {row[0]: row[1] for row in self._session.execute(query.group_by(table.c.business_id))}

    def _stored(self, assets: sa.Table, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """A picture that was added twice is stored once."""
        stored = sa.select(assets.c.business_id, assets.c.original, assets.c.bytes).where(assets.c.business_id.in_(ids))
        once = stored.distinct().subquery()
        query = sa.select(once.c.business_id, sa.func.sum(once.c.bytes)).group_by(once.c.business_id)
        return {row[0]: int(row[1]) for row in self._session.execute(query)}

    def _last(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
        query = sa.select(AuditEntry.business_id, sa.func.max(AuditEntry.at)).where(AuditEntry.business_id.in_(ids))
        rows = self._session.execute(query.group_by(AuditEntry.business_id))
        return {row[0]: row[1] for row in rows if row[0] is not None}


def _page(query: Any, table: Any, limit: int, before: Place) -> Any:
    if before is not None:
        query = query.where(sa.tuple_(table.created_at, table.id) < sa.tuple_(*map(sa.literal, before)))
    return query.order_by(table.created_at.desc(), table.id.desc()).limit(limit)
