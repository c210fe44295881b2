"""``homepage-generator``: the service."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from homepage_generator.app import create_app
from homepage_generator.settings import SettingsError, load_settings

GRACE_SECONDS = 3
"""For streams that are open when the server is told to end; jobs go on at the next start."""

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@cli.callback()
def service() -> None:
    """A shop's homepage from its own facts."""


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOMEPAGE_HOST, 127.0.0.1)")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (HOMEPAGE_PORT, 8891)")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Database and files (HOMEPAGE_DATA_DIR)")] = None,
) -> None:
    """Start the API, the pages and the work on jobs. A wrong setting is one line and exit 2."""
    try:
        settings = load_settings(homepage_host=host, homepage_port=port, homepage_data_dir=data_dir)
        settings.check_exposure()
    except SettingsError as error:
        sys.stderr.write(f"homepage-generator: {error}\n")
        raise typer.Exit(2) from None
    uvicorn.run(
        create_app(settings),
        host=settings.homepage_host,
        port=settings.homepage_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def main() -> None:
    """Entry point of the console script."""
    cli()
