"""Every table that holds something of a business, found by its foreign key: a table that is new can't be forgotten."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from nanococoa_backend.platform.tables import Base

_UUID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f])")
_KEY: Final = re.compile(r"[0-9a-f]{32}/[\w.-]+")
BATCH: Final = 500
STREAMED: Final = {"yield_per": BATCH}


def owned_tables() -> list[sa.Table]:
    """Tables whose rows go with their business, those first that others point to."""
    return [table for table in Base.metadata.sorted_tables if _owner(table) is not None]


def of_business(table: sa.Table, business_id: uuid.UUID) -> Any:
    """The condition for a business' rows of an owned table."""
    return table.c.business_id == business_id


def rows_of(connection: sa.Connection, table: sa.Table, condition: Any) -> Iterator[sa.RowMapping]:
    """Row by row: a business may have more than fits into memory."""
    query = sa.select(table).where(condition).order_by(*table.primary_key.columns)
    yield from connection.execute(query, execution_options=STREAMED).mappings()


def mentions(connection: sa.Connection, business_id: uuid.UUID) -> tuple[set[uuid.UUID], set[str]]:
    """Ids and keys of files that any row of the business names, in columns of their own or within texts.

    Pictures' own rows don't count: they are what is asked about.
    """
    ids: set[uuid.UUID] = set()
    keys: set[str] = set()
    businesses = Base.metadata.tables["businesses"]
    asked = [(table, of_business(table, business_id)) for table in owned_tables() if table.name != "assets"]
    for table, condition in [*asked, (businesses, businesses.c.id == business_id)]:
        columns = [_readable(column) for column in table.columns if _may_name(column)]
        rows = connection.execute(sa.select(*columns).where(condition), execution_options=STREAMED) if columns else ()
        for row in rows:
            for value in row:
                _note(value, ids, keys)
    return ids, keys


def _owner(table: sa.Table) -> sa.Column[Any] | None:
    column = table.columns.get("business_id")
    keys = column.foreign_keys if column is not None else ()
    return column if any(key.ondelete == "CASCADE" for key in keys) else None


def _may_name(column: sa.Column[Any]) -> bool:
    if column.name == "business_id" or column.primary_key:
        return False
    length = getattr(column.type, "length", None)
    is_text = isinstance(column.type, sa.String) and (length is None or length >= len(uuid.uuid4().hex))
    return isinstance(column.type, sa.Uuid | sa.JSON) or is_text


def _readable(column: sa.Column[Any]) -> Any:
    """JSON as text: it is searched, not understood."""
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def _note(value: Any, ids: set[uuid.UUID], keys: set[str]) -> None:
    if isinstance(value, uuid.UUID):
        ids.add(value)
    elif isinstance(value, str):
        ids.update(uuid.UUID(found) for found in _UUID.findall(value))
        keys.update(_KEY.findall(value))
