"""``homepage-generator``: the service, and its gate by hand."""

from __future__ import annotations

import asyncio
import html
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from homepage_generator.app import create_app
from homepage_generator.chromium import Chromium
from homepage_generator.database import Database
from homepage_generator.errors import BrowserGone, DatabaseGone, StorageFull
from homepage_generator.gate import Report, inspect, packaged_axe
from homepage_generator.settings import Settings, SettingsError, load_settings
from nanococoa_client import tracing

GRACE_SECONDS = 3
"""For streams that are open when the server is told to end; jobs go on at the next start."""

IDLE_SECONDS = 75
"""Connections that rest are kept longer than any caller keeps them (nginx 60, aiohttp 15), so that no request
is sent on one that is just being closed: a visitor would see a 502."""

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
    tracing.start("nanococoa-homepages")
    uvicorn.run(
        create_app(settings),
        host=settings.homepage_host,
        port=settings.homepage_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )


@cli.command()
def migrate(
    data_dir: Annotated[Path | None, typer.Option(help="Database and files (HOMEPAGE_DATA_DIR)")] = None,
) -> None:
    """Bring the database's tables up to date; ``serve`` does so too. Exit 1 when it does not answer."""
    try:
        database = Database(load_settings(homepage_data_dir=data_dir).jobs_url)
        database.prepare()
    except SettingsError as error:
        sys.stderr.write(f"homepage-generator: {error}\n")
        raise typer.Exit(2) from None
    except (DatabaseGone, StorageFull) as error:
        sys.stderr.write(f"homepage-generator: {error.message('en')}\n")
        raise typer.Exit(1) from None
    database.close()


@cli.command()
def gate(
    folder: Annotated[Path, typer.Argument(help="A site's folder, with its index.html", exists=True, file_okay=False)],
    url: Annotated[str | None, typer.Option(help="Where it will stand; else as its first page says")] = None,
    shots: Annotated[Path | None, typer.Option(help="Where screenshots are put")] = None,
) -> None:
    """Look at every page of a site in Chromium. Exit 1 with a line for each problem."""
    try:
        settings = load_settings()
        report = asyncio.run(_inspect(settings, folder, url or _own_address(folder), shots))
    except (SettingsError, BrowserGone) as error:
        sys.stderr.write(f"homepage-generator: {error}\n")
        raise typer.Exit(2) from None
    for one in report.findings:
        place = " ".join(str(part) for part in (one.page, one.width, one.section) if part)
        sys.stdout.write(f"  {one.check}: {place}: {one.say('en')}\n")
    sys.stdout.write(f"  {len(report.findings)} problems on {len(report.pages)} pages in {report.seconds:g} s\n")
    raise typer.Exit(0 if report.passed else 1)


async def _inspect(settings: Settings, folder: Path, url: str, shots: Path | None) -> Report:
    async with Chromium(settings.chromium_path) as chromium:
        return await inspect(folder, chromium, url=url, axe=settings.axe_path or packaged_axe(), shots=shots)


def _own_address(folder: Path) -> str:
    """The canonical address of the first page."""
    home = folder / "index.html"
    found = re.search(r'<link rel="canonical" href="([^"]+)"', home.read_text("utf-8")) if home.is_file() else None
    if found is None:
        raise typer.BadParameter("has no index.html that says its address: name it with --url", param_hint="FOLDER")
    return html.unescape(found[1])


def main() -> None:
    """Entry point of the console script."""
    cli()
