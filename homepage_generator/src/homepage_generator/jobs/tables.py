"""Jobs as rows."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, Table, Text

from homepage_generator.database import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("idempotency_key", Text, unique=True),
    Column("locale", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stop_wanted", Boolean, nullable=False, default=False),
    Column("owner", Text),
    Column("lease_until", Float(53)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("agent", Text),
    Column("step", Text, nullable=False, default=""),
    Column("percent", Float(53), nullable=False, default=0.0),
    Column("screenshots", JSON, nullable=False, default=list),
    Column("warnings", JSON, nullable=False, default=list),
    Column("result", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("changed", Integer, nullable=False, default=0),
    Column("created", Float(53), nullable=False),
    Column("started", Float(53)),
    Column("finished", Float(53)),
    Index("jobs_waiting", "status", "created"),
    Index("jobs_of_site", "slug", "status"),
)
"""``request`` holds what ``Work`` needs; ``changed`` counts changes, so that a watcher sees whether there was one.

``status``: pending → running → completed | failed | stopped; ``waiting`` while a person is to say whether the page may
go on (told as running).
"""
