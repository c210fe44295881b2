"""Bringing a database's tables up to date with Alembic, from ``db/migrations`` of the checkout or as installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from nanococoa_backend.platform.database import Database, available

_LOCK: Final = 0x636F636F61
"""PostgreSQL advisory lock held meanwhile, so that several processes can start at once (any number)."""

_CHECKOUT: Final = Path(__file__).resolve().parents[4]


def migrations_folder() -> Path:
    """``db/migrations`` beside the services, or what the wheel has installed."""
    checkout = _CHECKOUT / "db" / "migrations"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "nanococoa" / "migrations"


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings, with a connection for it to use."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Make or change the tables up to ``revision``; nothing happens when they are there. Raises DatabaseGone."""
    with available(), database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # else a second process begins with what the first half made
        command.upgrade(alembic_config(connection), revision)
