"""A business as one ZIP: its rows as JSON, table by table, and its pictures under names people can read."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from nanococoa_backend.errors import NotFound
from nanococoa_backend.leaving.owned import of_business, owned_tables, rows_of
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import Base

SECRETS: Final = ("password", "secret", "hash")
"""Columns with such a word in their name stay here: what they open is not the business' to keep."""

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def write_archive(file: Path, database: Database, store: AssetStore, business_id: uuid.UUID, locale: Locale) -> None:
    """Raises OSError for a full disk, StoreFull, Unexpected, DatabaseGone."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(say(locale, "leaving.archive.readme"), say(locale, "leaving.archive.text"))
        with database.begin() as session:
            connection = session.connection()
            for table, condition in _parts(business_id):
                _write_rows(archive, table.name, _told(rows_of(connection, table, condition), table))
            _write_rows(archive, "people", _people(connection, business_id))
            files = _files(connection, business_id)
        missing = _write_files(archive, files, store)  # the transaction is over: pictures may take long
        if missing:
            archive.writestr("missing.json", json.dumps(missing, indent=1))


def safe_name(text: str, longest: int = 60) -> str:
    """A file name that every system takes."""
    return _UNSAFE.sub(" ", text).strip(" .")[:longest].strip(" .") or "_"


def _parts(business_id: uuid.UUID) -> Iterator[tuple[sa.Table, Any]]:
    tables = Base.metadata.tables
    yield tables["businesses"], tables["businesses"].c.id == business_id
    for table in owned_tables():
        yield table, of_business(table, business_id)
    yield tables["audit_log"], tables["audit_log"].c.business_id == business_id


def _told(rows: Iterator[sa.RowMapping], table: sa.Table) -> Iterator[dict[str, Any]]:
    names = [name for name in table.columns.keys() if not any(word in name for word in SECRETS)]  # noqa: SIM118 - a collection
    for row in rows:
        yield {name: row[name] for name in names}


def _people(connection: sa.Connection, business_id: uuid.UUID) -> Iterator[dict[str, Any]]:
    users, members = Base.metadata.tables["users"], Base.metadata.tables["memberships"]
    query = sa.select(users.c.id, users.c.name, users.c.email, members.c.role).join(
        members, members.c.user_id == users.c.id
    )
    for row in connection.execute(query.where(members.c.business_id == business_id)).mappings():
        yield dict(row)


def _write_rows(archive: zipfile.ZipFile, name: str, rows: Iterator[dict[str, Any]]) -> None:
    """A JSON list, row by row; an empty table leaves no file."""
    first = next(rows, None)
    if first is None:
        return
    with archive.open(f"data/{name}.json", "w", force_zip64=True) as entry:
        entry.write(b"[\n" + _json(first))
        for row in rows:
            entry.write(b",\n" + _json(row))
        entry.write(b"\n]\n")


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode()


def _files(connection: sa.Connection, business_id: uuid.UUID) -> dict[str, str]:
    """Where in the archive each key of the store goes: finished ads under their title, the rest by kind."""
    tables = Base.metadata.tables
    assets, images, versions, ads = (tables[name] for name in ("assets", "ad_images", "ad_versions", "ads"))
    query = sa.select(assets.c.original, assets.c.kind).where(assets.c.business_id == business_id)
    files = {row.original: f"pictures/{row.kind}/{row.original.rsplit('/')[-1]}" for row in connection.execute(query)}
    made = (
        sa.select(ads.c.id, ads.c.title, ads.c.created_at, versions.c.number, images.c.format, assets.c.original)
        .select_from(images)
        .join(assets, assets.c.id == images.c.asset_id)
        .join(versions, versions.c.id == images.c.version_id)
        .join(ads, ads.c.id == versions.c.ad_id)
        .where(images.c.business_id == business_id)
    )
    files |= {row.original: _place(row) for row in connection.execute(made)}
    layers = sa.select(versions.c.layer).where(versions.c.business_id == business_id, versions.c.layer.is_not(None))
    return files | {key: f"layers/{key.rsplit('/')[-1]}" for key in connection.scalars(layers)}


def _place(row: Any) -> str:
    made: datetime = row.created_at
    folder = f"{made:%Y-%m-%d} {safe_name(row.title)} {row.id.hex[:6]}"
    return f"ads/{folder}/{row.number}-{safe_name(row.format)}.{row.original.rsplit('.')[-1]}"


def _write_files(archive: zipfile.ZipFile, files: dict[str, str], store: AssetStore) -> list[str]:
    """Pictures are stored as they are: they don't get smaller. Names of those that are not there."""
    missing = []
    for key, place in files.items():
        try:
            archive.writestr(zipfile.ZipInfo(place, (1980, 1, 1, 0, 0, 0)), store.get(key))
        except NotFound:
            missing.append(place)
    return missing
