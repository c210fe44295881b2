"""What all tables share: the declarative base with named constraints, ids, times in UTC, whose a row is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names, so that a migration can change them on either database."""


def now() -> datetime:
    """The time in UTC, with its zone."""
    return datetime.now(UTC)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment, with its zone in Python on both databases (SQLite keeps none)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way of saying it
        uuid.UUID: sa.Uuid(),
        datetime: UtcTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        list[int]: sa.JSON(),
    }


class Identified:
    """A row with an id nobody can guess and the moment it was made."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    created_at: Mapped[datetime] = mapped_column(default=now)


class BusinessOwned:
    """A row that belongs to one business; every query over it is narrowed to that business (``scope``)."""

    business_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("businesses.id", ondelete="CASCADE"), index=True)
