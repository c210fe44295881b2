"""Databases of the dashboard whose tables were made once in this process and are copied for each test.

Migrating takes as long as many a test. The application still looks whether its tables are up to date when it starts.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.migrating import upgrade

_FOLDER: Final = tempfile.TemporaryDirectory(prefix="nanococoa-migrated-")
_TEMPLATE: Final = "dashboard_migrated"


def with_tables(url: str) -> None:
    """Gives an empty database its tables; one that has any stays as it is."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        assert address.database is not None
        _copy(Path(address.database))
    else:
        _recreate(address)


def _copy(file: Path) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_migrated_file(), file)


@cache
def _migrated_file() -> Path:
    file = Path(_FOLDER.name) / "customers.db"
    _migrate(f"sqlite:///{file}")
    return file


def _recreate(address: sa.URL) -> None:
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        used = connection.execute(tables).fetchone() != (0,)
    if used:
        return
    name, template = map(sql.Identifier, (str(address.database), _migrated_database(address.set(database="postgres"))))
    with psycopg.connect(_server(address), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {}").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))


@cache
def _migrated_database(server: sa.URL) -> str:
    """One for each cluster."""
    with psycopg.connect(_server(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    _migrate(server.set(database=_TEMPLATE).render_as_string(hide_password=False))
    return _TEMPLATE


def _server(address: sa.URL) -> str:
    return address.set(database="postgres").render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.engine.dispose()
