"""Cursors: where a page of a list ended, as text nobody needs to read. Lists are newest first."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime

from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform.tables import Identified


def cursor_after(row: Identified) -> str:
    text = f"{row.created_at.isoformat()} {row.id.hex}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    """Raises InvalidField for a cursor we have not made."""
    if not cursor:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        return datetime.fromisoformat(moment), uuid.UUID(row_id)
    except ValueError:
        raise InvalidField(cursor="invalid") from None
