"""Taking work from a table so that nobody else takes it too, on either database.

One statement finds and marks the row: a separate look first would let two hands on SQLite see the same one. The moment
written there is the claim itself: as long as it stands, the row is held, and whoever changes it has let go.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.platform.tables import Base, now

LEASE: Final = timedelta(seconds=20)
"""A process that died leaves what it held to another after this; one that works on renews it in time."""

Row = TypeVar("Row", bound=Base)


@dataclass(slots=True)
class Claim:
    """One row that is ours until ``until``."""

    table: type[Base]
    row_id: uuid.UUID
    until: datetime


def claim(session: Session, table: type[Row], waiting: Any) -> Row | None:
    """The row under ``waiting`` that is due longest; it is not due again before ``LEASE`` is over."""
    columns: Any = table
    moment = now()
    due = sa.or_(columns.next_try_at.is_(None), columns.next_try_at <= moment)
    query = sa.select(columns.id).where(waiting, due)
    query = query.order_by(columns.next_try_at.asc().nulls_first(), columns.created_at).limit(1)
    chosen = query.with_for_update(skip_locked=True).scalar_subquery()
    statement = sa.update(table).where(columns.id == chosen).values(next_try_at=moment + LEASE).returning(table)
    return session.scalars(statement, execution_options={"synchronize_session": False}).one_or_none()


def claim_on(row: Any) -> Claim:
    """What was just claimed."""
    return Claim(type(row), row.id, row.next_try_at)


def hold(session: Session, claimed: Claim, lasting: timedelta) -> bool:
    """Keep the row for ``lasting`` from now. False when it ended, was put off, or was taken by another meanwhile."""
    columns: Any = claimed.table
    until = now() + lasting
    statement = sa.update(claimed.table).where(columns.id == claimed.row_id, columns.next_try_at == claimed.until)
    held = session.execute(statement.values(next_try_at=until), execution_options={"synchronize_session": False})
    is_ours = bool(held.rowcount)  # type: ignore[attr-defined]
    if is_ours:
        claimed.until = until
    return is_ours
