"""Customer data on SQLite or PostgreSQL: one pool, sessions that commit at the edge, an outage told as what it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import Depends, Request
from psycopg.errors import DiskFull
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from nanococoa_backend.errors import DatabaseGone, StoreFull
from nanococoa_backend.platform import scope

CONNECT_SECONDS: Final = 2
"""A database that does not answer in this time is gone; people are told instead of kept waiting."""

TURNS: Final = 12
"""Requests with a transaction at once. Fewer than there are threads, so that none of them waits for one behind those
that come later, and holds a connection meanwhile."""

POOL: Final = 16
"""Connections kept, and as many more for a moment: a request may need a second one, work beside requests its own."""


class CustomerSession(Session):
    """A session that keeps businesses apart (``scope``)."""


scope.install(CustomerSession)


class Database:
    """Sessions on the customers' database. Nothing is connected before the first use.

    ``info`` is what every session knows of the installation (``Session.info``).
    """

    def __init__(self, url: str, info: dict[str, Any] | None = None) -> None:
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)
        self.turns = asyncio.Semaphore(TURNS)
        self._sessions = sessionmaker(self.engine, class_=CustomerSession, expire_on_commit=False, info=info or {})

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back by an exception. Raises DatabaseGone, StoreFull."""
        with available(), self._sessions.begin() as session:
            yield session

    def answers(self) -> bool:
        """Whether the database can be asked at all."""
        try:
            with available(), self.engine.connect() as connection:
                connection.execute(sa.select(1))
        except (DatabaseGone, StoreFull):
            return False
        return True

    def close(self) -> None:
        """Connections that a thread is still at work with are closed when it gives them back."""
        sa.event.listen(self.engine.pool, "checkin", lambda connection, _record: connection.close())
        self.engine.dispose()


async def take_turn(request: Request) -> AsyncIterator[None]:
    """Wait here, where nothing is held yet, while many others are at work."""
    async with request.app.state.services.database.turns:
        yield


def open_session(request: Request, _turn: Annotated[None, Depends(take_turn, scope="function")]) -> Iterator[Session]:
    """A route's transaction: it is committed before the answer leaves."""
    with request.app.state.services.database.begin() as session:
        yield session


SessionDep = Annotated[Session, Depends(open_session, scope="function")]


@contextmanager
def available() -> Iterator[None]:
    """Turn a lost or refused connection into DatabaseGone, and a full disk into StoreFull."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if _is_full_disk(error):
            raise StoreFull from error
        raise DatabaseGone(retry_after=2) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseGone(retry_after=2) from error
        raise


def _is_full_disk(error: Exception) -> bool:
    """As PostgreSQL and as SQLite tell it."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, DiskFull) or "disk is full" in str(cause)


def _sqlite_engine(url: str) -> sa.Engine:
    file = sa.make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, pool_size=POOL, max_overflow=POOL, pool_timeout=CONNECT_SECONDS * 2)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"  # a transaction that will write never has to be upgraded
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _postgres_engine(url: str) -> sa.Engine:
    return sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        max_overflow=POOL,
        pool_pre_ping=True,
        pool_timeout=CONNECT_SECONDS * 2,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": 5000,
            "application_name": "nanococoa-backend",
            "options": "-c idle_in_transaction_session_timeout=60000",
        },
    )
