"""Pages of lists, newest first, one way for all: a cursor says where a page ended, as text nobody needs to read."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Query

from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform.tables import Identified

Limit = Annotated[int, Query(ge=1, le=100, description="Entries a page")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]
Place: TypeAlias = tuple[datetime, uuid.UUID]
Row = TypeVar("Row")


def cursor_after(row: Identified) -> str:
    text = f"{row.created_at.isoformat()} {row.id.hex}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """Raises InvalidField for a cursor we have not made."""
    if not cursor:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        return datetime.fromisoformat(moment), uuid.UUID(row_id)
    except ValueError:
        raise InvalidField(cursor="invalid") from None


def page_of(
    rows: Iterable[Row], limit: int, cursor: str | None, made: Callable[[Row], Identified]
) -> tuple[list[Row], str | None]:
    """A page of a list that is short enough to be read as a whole, and the next page's cursor.

    ``made`` is the row of the database that an entry is from. Raises InvalidField.
    """

    def place(row: Row) -> Place:
        return made(row).created_at, made(row).id

    before = place_of(cursor)
    rest = sorted((row for row in rows if before is None or place(row) < before), key=place, reverse=True)
    return rest[:limit], cursor_after(made(rest[limit - 1])) if len(rest) > limit else None


def itself(row: Identified) -> Identified:
    """For ``page_of``: the entry is the row."""
    return row
