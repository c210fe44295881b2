"""Deleting jobs with their files. A file goes only when no job, a fork included, needs it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.errors import ArtifactNotFound
from nanococoa_aiserver.jobs import repository
from nanococoa_aiserver.jobs.database import Database, available
from nanococoa_aiserver.jobs.tables import artifact_refs, jobs

_CLOCK_GRAIN = 0.05
"""Seconds a file's time stamp may be ahead of the clock that was read after writing it."""


def remove_job(database: Database, store: ArtifactStore, job_id: str) -> None:
    """Delete a job's rows, its workflow and the files only it needed. The rows go first: without them nobody asks."""
    with database.begin() as connection:
        files = repository.references_of(connection, job_id)
        connection.execute(sa.delete(jobs).where(jobs.c.id == job_id))
        orphans = files.keys() - repository.still_referenced(connection, files)
    with available():
        database.client().delete_workflow(job_id)
    _delete_files(store, {artifact: files[artifact] for artifact in orphans})


def remove_unused_files(database: Database, store: ArtifactStore, older_than: float) -> int:
    """Delete files no job refers to that were last put before ``older_than``, such as uploads never used."""
    store.remove_drafts(older_than)
    removed = 0
    for artifact in store.ids(older_than):
        with database.begin() as connection:
            query = sa.select(artifact_refs.c.job_id).where(artifact_refs.c.artifact == artifact).limit(1)
            used = connection.execute(query).scalar_one_or_none()
        if used is None:
            store.delete(artifact)
            removed += 1
    return removed


def _delete_files(store: ArtifactStore, last_named: Mapping[str, float]) -> None:
    """Leave a file that was put again since its job named it: somebody is about to use it."""
    for artifact, at in last_named.items():
        try:
            if store.modified(artifact) <= at + _CLOCK_GRAIN:
                store.delete(artifact)
        except ArtifactNotFound:
            continue
