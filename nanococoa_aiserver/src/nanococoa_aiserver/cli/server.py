"""``nanococoa serve`` and ``nanococoa worker``: the API process with its workers, and one worker by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nanococoa_aiserver.cli.terminal import friendly_errors

if TYPE_CHECKING:
    from nanococoa_aiserver.settings import Settings

DataDir = Annotated[Path | None, typer.Option(help="Database and files of the embedded mode")]
JobsUrl = Annotated[str | None, typer.Option(help="sqlite:///… or postgresql://…")]
ArtifactsUrl = Annotated[str | None, typer.Option(help="file://… or s3://…")]
Engine = Annotated[str | None, typer.Option(help="auto, studio or diffusion")]
KeepJobsDays = Annotated[float | None, typer.Option(help="Days finished jobs are kept")]
Log = Annotated[str | None, typer.Option(help="text or json")]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="8000 by default")] = None,
    data_dir: DataDir = None,
    jobs_url: JobsUrl = None,
    artifacts_url: ArtifactsUrl = None,
    engine: Engine = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes to keep running")] = None,
    aiserver_token: Annotated[str | None, typer.Option(help="Token that requests must carry")] = None,
    queue_limit: Annotated[int | None, typer.Option(help="Waiting jobs before 503")] = None,
    keep_jobs_days: KeepJobsDays = None,
    log: Log = None,
) -> None:
    """Start the REST API and keep its worker processes running.

    Each flag wins over the environment variable of the same name (--data-dir over DATA_DIR).
    """
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings = load_settings(
            host=host,
            port=port,
            data_dir=data_dir,
            jobs_url=jobs_url,
            artifacts_url=artifacts_url,
            engine=engine,
            workers=workers,
            aiserver_token=aiserver_token,
            queue_limit=queue_limit,
            keep_jobs_days=keep_jobs_days,
            log=log,
        )
        _check_models(settings)
        from nanococoa_aiserver.cli.serving import run_server

        run_server(settings)


def worker(
    data_dir: DataDir = None,
    jobs_url: JobsUrl = None,
    artifacts_url: ArtifactsUrl = None,
    engine: Engine = None,
    keep_jobs_days: KeepJobsDays = None,
    log: Log = None,
) -> None:
    """Run one worker: it takes jobs from the database until it is told to end."""
    from nanococoa_aiserver.settings import load_settings

    with friendly_errors():
        settings = load_settings(
            data_dir=data_dir,
            jobs_url=jobs_url,
            artifacts_url=artifacts_url,
            engine=engine,
            keep_jobs_days=keep_jobs_days,
            log=log,
        )
        _check_models(settings)
        from nanococoa_aiserver import logs
        from nanococoa_aiserver.jobs.worker import run_worker
        from nanococoa_client import tracing

        logs.configure(settings)
        tracing.start("nanococoa-worker")
        run_worker(settings)


def _check_models(settings: Settings) -> None:
    """A model that is not known, or whose licence was not accepted, ends the start instead of every job."""
    if settings.engine == "diffusion":
        from nanococoa_aiserver.engines.diffusion.selection import select_models

        select_models(settings)
