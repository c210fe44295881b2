"""Alembic's environment: one connection handed in by ``homepage_generator.migrating``, both databases alike."""

from __future__ import annotations

from alembic import context

import homepage_generator.jobs.tables
import homepage_generator.publish.tables  # noqa: F401 -- both are on the metadata
from homepage_generator.database import metadata
from homepage_generator.migrating import VERSIONS

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, version_table=VERSIONS)
with context.begin_transaction():
    context.run_migrations()
