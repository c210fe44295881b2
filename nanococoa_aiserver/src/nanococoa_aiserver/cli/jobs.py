"""``nanococoa jobs``: what the queue holds, read from the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nanococoa_aiserver.cli.terminal import friendly_errors
from nanococoa_aiserver.jobs.names import Status

if TYPE_CHECKING:
    from nanococoa_aiserver.jobs.models import JobView
    from nanococoa_aiserver.jobs.service import JobService


def jobs(
    job_id: Annotated[str | None, typer.Argument(help="One job; none: the newest")] = None,
    status: Annotated[Status | None, typer.Option(help="Only jobs in this state")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per job")] = False,
) -> None:
    """List the newest jobs, or show one, with the seconds each step took."""
    with friendly_errors(), _service() as service:
        found = [service.status(job_id)] if job_id else service.list_jobs(status=status, limit=limit).jobs
    (_echo_json if as_json else _echo_table)(found)


@contextmanager
def _service() -> Iterator[JobService]:
    from nanococoa_aiserver.artifacts.store import open_store
    from nanococoa_aiserver.jobs.service import JobService
    from nanococoa_aiserver.settings import load_settings

    settings = load_settings()
    service = JobService(settings, open_store(settings.store_url))
    try:
        yield service
    finally:
        service.close()


def _summary(job: JobView) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "kind": job.kind,
        "status": job.status,
        "progress_percent": round(job.percent, 1),
        "step": job.step,
        "created": datetime.fromtimestamp(job.created).astimezone().isoformat(timespec="seconds"),
        "elapsed_sec": round(job.elapsed, 2),
        "step_seconds": job.step_seconds,
        "error": job.error.to_json() if job.error else None,
    }


def _echo_json(found: list[JobView]) -> None:
    for job in found:
        typer.echo(json.dumps(_summary(job), ensure_ascii=False))


def _echo_table(found: list[JobView]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("job", "kind", "status", "%", "created", "seconds", "steps", box=None, header_style="dim")
    for job in found:
        row = _summary(job)
        steps = " ".join(f"{name} {seconds:.1f}" for name, seconds in job.step_seconds.items())
        percent, elapsed = f"{row['progress_percent']:.0f}", f"{row['elapsed_sec']:.1f}"
        table.add_row(job.id, job.kind, job.status, percent, row["created"], elapsed, steps)
    Console(highlight=False).print(table)
