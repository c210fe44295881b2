"""Alembic's environment: one connection handed in by ``nanococoa_backend.platform.migrating``, both databases alike."""

from __future__ import annotations

from typing import Literal

from alembic import context

from nanococoa_backend.models import METADATA
from nanococoa_backend.platform.tables import UtcTime


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations outlive the code: they name SQLAlchemy's own types."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, render_item=render_item)
with context.begin_transaction():
    context.run_migrations()
