"""Where checkpoints are kept: a file beside the SQLite database, or tables in PostgreSQL.

A connection for each job that is worked on: it is gone with the job, and one that broke takes no other along.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg.rows import DictRow, dict_row

from homepage_generator.errors import DatabaseGone, StorageFull

CONNECT_SECONDS: Final = 5
SETUP_SECONDS: Final = 30
_SETUP_LOCK: Final = 0x67726170


class Checkpoints:
    """``url`` is the one of the jobs' database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._file = beside(url) if url.startswith("sqlite") else None
        self._is_set_up = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        """Raises DatabaseGone or StorageFull, from within too."""
        try:
            async with self._sqlite(self._file) if self._file else self._postgres() as saver:
                yield saver
        except psycopg.errors.DiskFull as error:
            raise StorageFull from error
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
            raise DatabaseGone from error
        except sqlite3.OperationalError as error:
            raise (StorageFull if "full" in str(error) else DatabaseGone) from error

    @asynccontextmanager
    async def _sqlite(self, file: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        file.parent.mkdir(parents=True, exist_ok=True)
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            await saver.conn.execute("PRAGMA busy_timeout=10000")
            await saver.setup()
            yield saver

    @asynccontextmanager
    async def _postgres(self) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        async with await self._connect() as connection:
            saver = AsyncPostgresSaver(connection)
            if not self._is_set_up:
                await _set_up(saver, connection)
                self._is_set_up = True
            yield saver

    async def _connect(self) -> psycopg.AsyncConnection[DictRow]:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=0, row_factory=dict_row, connect_timeout=CONNECT_SECONDS,
            tcp_user_timeout=5000, application_name="homepage-generator",
        )  # fmt: skip


def beside(url: str) -> Path:
    """``homepages.db`` → ``homepages-checkpoints.db``: jobs and checkpoints never wait for each other's lock."""
    file = Path(sa.make_url(url).database or "homepages.db")
    return file.with_name(f"{file.stem}-checkpoints.db")


async def _set_up(saver: AsyncPostgresSaver, connection: psycopg.AsyncConnection[DictRow]) -> None:
    """One process at a time. The lock is tried, not waited for: a waiting statement would hold back the index that is
    made concurrently, for ever."""
    async with asyncio.timeout(SETUP_SECONDS):
        while not await _locked(connection):  # noqa: ASYNC110 -- it is another process that unlocks
            await asyncio.sleep(0.1)
    try:
        await saver.setup()
    finally:
        await connection.execute("select pg_advisory_unlock(%s)", (_SETUP_LOCK,))


async def _locked(connection: psycopg.AsyncConnection[DictRow]) -> bool:
    cursor = await connection.execute("select pg_try_advisory_lock(%s) as got", (_SETUP_LOCK,))
    row = await cursor.fetchone()
    return bool(row and row["got"])
