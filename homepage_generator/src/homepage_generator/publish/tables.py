"""Sites, their versions, and messages that visitors left."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from homepage_generator.database import metadata

sites = Table(
    "sites",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("published", Text),
    Column("newest", Integer, nullable=False, default=0),
    Column("created", Float(53), nullable=False),
)
"""``made_by`` is the job that took the name; ``newest`` counts versions, also those that were removed."""

versions = Table(
    "versions",
    metadata,
    Column("slug", Text, ForeignKey("sites.slug", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("folder", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("report", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("created", Float(53), nullable=False),
    UniqueConstraint("slug", "job_id"),
)
"""``folder`` is named by its content: versions that look the same share one."""

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, ForeignKey("sites.slug", ondelete="CASCADE"), nullable=False),
    Column("body", JSON, nullable=False),
    Column("sender", Text, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try", Float(53)),
    Column("delivered", Float(53)),
    Column("refused", Boolean, nullable=False, default=False),
    Index("messages_of_site", "slug", "created"),
    Index("messages_due", "next_try"),
)
"""``sender`` is a keyed hash of the visitor's address: enough to count by, not to know who it was."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
