"""Taking work from a table so that nobody else takes it too, on either database.

One statement finds and marks the row: a separate look first would let two hands on SQLite see the same one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.platform.tables import Base

Row = TypeVar("Row", bound=Base)


def claim(session: Session, table: type[Row], waiting: Any, moment: datetime, until: datetime) -> Row | None:
    """The row under ``waiting`` that is due longest; it is not due again before ``until``."""
    columns: Any = table
    due = sa.or_(columns.next_try_at.is_(None), columns.next_try_at <= moment)
    query = sa.select(columns.id).where(waiting, due)
    query = query.order_by(columns.next_try_at.asc().nulls_first(), columns.created_at).limit(1)
    chosen = query.with_for_update(skip_locked=True).scalar_subquery()
    statement = sa.update(table).where(columns.id == chosen).values(next_try_at=until).returning(table)
    return session.scalars(statement, execution_options={"synchronize_session": False}).one_or_none()
