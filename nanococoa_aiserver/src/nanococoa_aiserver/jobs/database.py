"""One connection pool for our tables and DBOS's, on SQLite or PostgreSQL, and an outage told as what it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from psycopg.errors import DiskFull
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nanococoa_aiserver.errors import DatabaseUnavailable, StorageFull
from nanococoa_aiserver.jobs.names import APP_NAME
from nanococoa_aiserver.jobs.serializer import JsonSerializer
from nanococoa_aiserver.jobs.tables import DBOS_SCHEMA, metadata

CONNECT_SECONDS = 2
"""A database that does not answer in this time is gone; clients are told instead of kept waiting."""

_IDLE_SECONDS = 5
"""A machine that is cut off within a transaction keeps the rows it locked, its job's among them, no longer than this.
No transaction here waits for anything but the database."""

_SCHEMA_LOCK = 0x6E616E6F
"""PostgreSQL advisory lock held while our tables are made (any number, the same in every process)."""

WAKE_CHANNEL = "nanococoa_jobs"


class Database:
    """Connections to the jobs' database. Nothing is connected before the first use.

    ``durable=False`` is for what may be lost in a power cut (heartbeats, progress): SQLite then commits without
    waiting for the disk. It never makes a file inconsistent.
    """

    def __init__(self, url: str, *, durable: bool = True, pool: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url, durable, pool) if self.is_sqlite else _postgres_engine(url, pool)
        self._ready = False
        self._lock = Lock()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction. Raises DatabaseUnavailable when the database cannot be reached."""
        with available(), self.engine.begin() as connection:
            yield connection

    def prepare(self) -> None:
        """Make DBOS's tables and ours; cheap when they are there, safe when many processes do it at once."""
        if self._ready:
            return
        with self._lock, available():
            if not self._ready:
                self._create_tables()
                self._ready = True

    def client(self) -> DBOSClient:
        """DBOS from the outside: enqueue, cancel, rewind, fork. Raises at once when the database is gone."""
        return DBOSClient(
            system_database_engine=self.engine,
            application_name=APP_NAME,
            serializer=JsonSerializer(),
            lazy=True,
            retry_connection_errors=False,
        )

    def now(self, connection: sa.Connection) -> float:
        """The clock all workers share: the database's on PostgreSQL, this machine's on SQLite."""
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(sa.text("select extract(epoch from clock_timestamp())")).scalar_one())

    def wake_workers(self, connection: sa.Connection) -> None:
        """Tell listening workers of new work; on SQLite they watch the file and see the commit itself."""
        if not self.is_sqlite:
            connection.execute(sa.select(sa.func.pg_notify(WAKE_CHANNEL, "")))

    def close(self) -> None:
        self.engine.dispose()

    def _create_tables(self) -> None:
        with self.engine.connect():
            pass  # a database that is gone is told here; DBOS would wait for it
        DBOS.migrate(self.url)
        with self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            metadata.create_all(connection)


@contextmanager
def available() -> Iterator[None]:
    """Turn a lost or refused connection into DatabaseUnavailable, and a full disk into StorageFull."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if _is_full_disk(error):
            raise StorageFull from error
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable from error
        raise


def _is_full_disk(error: Exception) -> bool:
    """As PostgreSQL and as SQLite tell it."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, DiskFull) or "disk is full" in str(cause)


def _sqlite_engine(url: str, durable: bool, pool: int) -> sa.Engine:
    file = sa.make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, pool_size=pool, max_overflow=pool, pool_timeout=CONNECT_SECONDS * 2)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"  # a transaction that will write never has to be upgraded
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine.execution_options(schema_translate_map={DBOS_SCHEMA: None})


def _postgres_engine(url: str, pool: int) -> sa.Engine:
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        pool_timeout=CONNECT_SECONDS * 2,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": 5000,
            "application_name": APP_NAME,
            "options": f"-c idle_in_transaction_session_timeout={_IDLE_SECONDS * 1000}",
        },
    )
    return engine.execution_options(schema_translate_map={DBOS_SCHEMA: "dbos"})
