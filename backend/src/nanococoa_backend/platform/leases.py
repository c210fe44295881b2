"""Work that one process at a time does, whichever takes it: a row says until when it is taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.tables import Base, now


class Lease(Base):
    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    ends_at: Mapped[datetime]


def take(database: Database, name: str, lasting: timedelta) -> bool:
    """Whether the work is ours; nobody else gets it before ``lasting`` is over."""
    moment = now()
    insert: Any = postgresql.insert if database.engine.dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(Lease)
        .values(name=name, ends_at=moment + lasting)
        .on_conflict_do_update(
            index_elements=[Lease.name], set_={"ends_at": moment + lasting}, where=Lease.ends_at <= moment
        )
        .returning(Lease.name)
    )
    with database.begin() as session:
        return session.execute(statement).first() is not None
