"""The jobs as the API sees them: submit, watch, stop, resume, fork, delete."""

from __future__ import annotations

from typing import Any

from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.jobs.models import Event, JobRow, JobsPage, JobView, Stats
from nanococoa_aiserver.jobs.names import Kind, Status
from nanococoa_aiserver.settings import Settings


class JobService:
    """Thread-safe and blocking: call it from ``def`` routes. Every method raises DatabaseUnavailable promptly."""

    def __init__(self, settings: Settings, artifacts: ArtifactStore) -> None:
        """Connects on first use, so that the API process is up (and says so) while the database is not."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def ping(self) -> None:
        """For /ready. Raises DatabaseUnavailable."""
        raise NotImplementedError

    def submit(
        self,
        kind: Kind,
        params: dict[str, Any],
        *,
        idempotency_key: str | None = None,
        priority: int = 100,
        locale: str = "ko",
    ) -> JobRow:
        """Write and enqueue a job in one transaction. ``params`` is JSON with artifact ids for pictures.

        A known key returns its job; with other params it raises InvalidParameter. Raises QueueFull (``retry_after``
        from the ETA) when too many heavy jobs wait.
        """
        raise NotImplementedError

    def status(self, job_id: str) -> JobView:
        """Raises JobNotFound."""
        raise NotImplementedError

    def list_jobs(
        self, *, status: Status | None = None, kind: Kind | None = None, limit: int = 20, offset: int = 0
    ) -> JobsPage:
        """Newest first; ``total`` counts all that match."""
        raise NotImplementedError

    def stop(self, job_id: str) -> JobView:
        """Stop a waiting or running job; a finished one is left as it is. Raises JobNotFound."""
        raise NotImplementedError

    def resume(self, job_id: str) -> JobView:
        """Go on with a failed or stopped job at its unfinished step. Raises JobNotFound, JobNotResumable."""
        raise NotImplementedError

    def fork(self, job_id: str, *, from_step: str, changes: dict[str, Any], priority: int = 100) -> JobRow:
        """A new job with ``changes`` to the params that reuses the results of the steps before ``from_step``.

        Raises JobNotFound, JobNotResumable when those steps are not done, InvalidParameter for an unknown step or a
        change that needs an earlier one.
        """
        raise NotImplementedError

    def delete(self, job_id: str) -> None:
        """Delete a job and the files no other job refers to. Raises JobNotFound, JobNotResumable while it runs."""
        raise NotImplementedError

    def events(self, after_id: int, job_id: str, *, limit: int = 200) -> list[Event]:
        """Changes of one job after ``after_id`` (0: from its beginning), oldest first."""
        raise NotImplementedError

    def wait(self, job_id: str, seconds: float) -> JobView:
        """Return as soon as the job is finished, or its state after ``seconds``."""
        raise NotImplementedError

    def stats(self) -> Stats:
        raise NotImplementedError
