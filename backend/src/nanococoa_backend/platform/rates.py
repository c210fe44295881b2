"""Rate limits that hold for all processes: counters in the database, in transactions of their own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.errors import TooManyTries
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.tables import Base, now


class Tries(Base):
    """How often something was tried in the window that ends at ``ends_at``. Keys are hashed: no addresses are kept."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=1)
    ends_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` tries in ``minutes``."""

    name: str
    most: int
    minutes: int


SIGN_IN_TO_ACCOUNT = Limit("sign-in-account", 10, 15)
SIGN_IN_FROM_ADDRESS = Limit("sign-in-address", 60, 15)
SIGN_UP_FROM_ADDRESS = Limit("sign-up-address", 20, 60)
RESET_OF_ACCOUNT = Limit("reset-account", 3, 60)
RESET_FROM_ADDRESS = Limit("reset-address", 20, 60)
PASSWORD_OF_ACCOUNT = Limit("password-account", 10, 15)
PREVIEWS_OF_BUSINESS = Limit("previews", 1800, 60)
VERSIONS_OF_BUSINESS = Limit("versions", 300, 60)
COPY_OF_BUSINESS = Limit("copy", 240, 60)
ADS_OF_BUSINESS = Limit("ads", 600, 60)
SHARES_FROM_ADDRESS = Limit("shares", 240, 10)
SHARED_PICTURES_FROM_ADDRESS = Limit("shared-pictures", 1200, 10)
QUESTIONS_OF_BUSINESS = Limit("questions", 300, 60)
CHATS_OF_BUSINESS = Limit("chats", 300, 60)
HOMEPAGES_OF_BUSINESS = Limit("homepages", 300, 60)
BATCHES_OF_BUSINESS = Limit("batches", 60, 60)
PICTURES_OF_BUSINESS = Limit("pictures", 300, 60)


class Rates:
    """Counts tries; a refused request is counted too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, limit: Limit, who: object) -> None:
        """One more try by ``who``. Raises TooManyTries with the seconds until the next may succeed."""
        moment = now()
        key = hashlib.sha256(f"{limit.name}\0{who}".encode()).hexdigest()
        with self._database.begin() as session:
            statement = _counted(
                self._database.engine.dialect.name, key, moment, moment + timedelta(minutes=limit.minutes)
            )
            count, ends_at = session.execute(statement).one()
            if count == 1:
                session.execute(sa.delete(Tries).where(Tries.ends_at < moment))
        if count > limit.most:
            raise TooManyTries(retry_after=max(1, round((ends_at - moment).total_seconds())))


def _counted(dialect: str, key: str, moment: datetime, ends_at: datetime) -> Any:
    """Insert or count up in one statement; a window that has passed starts anew."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    over = Tries.ends_at < moment
    return (
        insert(Tries)
        .values(key=key, count=1, ends_at=ends_at)
        .on_conflict_do_update(
            index_elements=[Tries.key],
            set_={
                "count": sa.case((over, 1), else_=Tries.count + 1),
                "ends_at": sa.case((over, ends_at), else_=Tries.ends_at),
            },
        )
        .returning(Tries.count, Tries.ends_at)
    )
