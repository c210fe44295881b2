"""The one database of jobs, sites and messages: SQLite or PostgreSQL, an outage told as what it is.

Parts declare their tables on ``metadata``; migrations make them, at the first use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from psycopg.errors import DiskFull
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from homepage_generator.errors import DatabaseGone, StorageFull
from homepage_generator.migrating import upgrade

CONNECT_SECONDS: Final = 2
"""A database that does not answer in this time is gone; clients are told instead of kept waiting."""

POOL: Final = 8
T = TypeVar("T")
metadata = sa.MetaData()


class Database:
    """Connections. Nothing is connected before the first use; tables are up to date from the first use on."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._ready = False
        self._lock = Lock()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction, one writer at a time on SQLite. Raises DatabaseGone or StorageFull."""
        self.prepare()
        with _available(), self.engine.begin() as connection:
            yield connection

    def prepare(self) -> None:
        """Bring the tables up to date; cheap when they are, safe when many processes do it at once."""
        if self._ready:
            return
        with self._lock, _available():
            if self._ready:
                return
            with self.engine.begin() as connection:
                upgrade(connection)
            self._ready = True

    def now(self, connection: sa.Connection) -> float:
        """The clock all processes share: the database's on PostgreSQL, this machine's on SQLite."""
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(sa.text("select extract(epoch from clock_timestamp())")).scalar_one())

    def close(self) -> None:
        self.engine.dispose()


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """Run this beside the event loop, to its end even when we are cancelled meanwhile: nothing is done by half, and
    no connection is left in a thread that nobody waits for."""
    task = asyncio.create_task(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if _is_full_disk(error):
            raise StorageFull from error
        raise DatabaseGone from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseGone from error
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
        connection.isolation_level = None  # our own BEGIN below
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a transaction that will write never has to be upgraded

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
            "application_name": "homepage-generator",
            "options": "-c idle_in_transaction_session_timeout=60000",
        },
    )
