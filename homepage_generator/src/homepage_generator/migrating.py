"""Bringing the database's tables up to date with Alembic, from the package's own ``migrations``."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

VERSIONS: Final = "homepage_tables_version"
"""The table that says which migration was the last: the database may have to be shared."""

_SCHEMA_LOCK: Final = 0x686F6D65
"""PostgreSQL advisory lock held meanwhile, so that several processes can start at once (any number)."""

_ONE_AT_A_TIME: Final = Lock()
"""Alembic's context is one for the whole process."""


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings, with a connection for it to use."""
    config = Config()
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Make or change the tables up to ``revision``, within the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
    with _ONE_AT_A_TIME:
        command.upgrade(alembic_config(connection), revision)
