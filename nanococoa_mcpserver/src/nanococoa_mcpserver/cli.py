"""``nanococoa-mcp``: the server over HTTP, or over stdio for a client that starts it itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import anyio
import uvicorn

from nanococoa_client import tracing
from nanococoa_mcpserver.settings import Settings, SettingsError, load_settings
from nanococoa_mcpserver.transport import create_app, serve_stdio

GRACE_SECONDS = 3
"""For streams that are open when the server is told to end; jobs don't care."""

IDLE_SECONDS = 75
"""Connections that rest are kept longer than any caller keeps them (nginx 60, aiohttp 15, httpx 5), so that no request
is sent on one that is just being closed: a lost answer to a POST can't be asked for again."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser("nanococoa-mcp", description=__doc__)
    made.add_argument("--stdio", action="store_true", help="talk over stdin and stdout instead of HTTP")
    made.add_argument(
        "--allow-dir",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="stdio only: photos in this folder may be named by their path; may be given several times",
    )
    made.add_argument("--host", help="address to listen on (MCP_HOST, 127.0.0.1)")
    made.add_argument("--port", type=int, help="port to listen on (MCP_PORT, 3000)")
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until stopped. A wrong setting or option is one line and exit 2."""
    asked = parser().parse_args(arguments)
    try:
        settings = load_settings(mcp_host=asked.host, mcp_port=asked.port)
        _check(asked)
        _run(asked, settings)
    except SettingsError as error:
        sys.stderr.write(f"nanococoa-mcp: {error}\n")
        sys.exit(2)


def _check(asked: argparse.Namespace) -> None:
    if asked.allow_dir and not asked.stdio:
        raise SettingsError("--allow-dir: works with --stdio only; over a network no file is read by its path")
    if missing := [str(folder) for folder in asked.allow_dir if not folder.is_dir()]:
        raise SettingsError(f"--allow-dir: no such folder: {', '.join(missing)}")


def _run(asked: argparse.Namespace, settings: Settings) -> None:
    tracing.start("nanococoa-mcp")
    if asked.stdio:
        anyio.run(serve_stdio, settings, asked.allow_dir)
        return
    uvicorn.run(
        create_app(settings),
        host=settings.mcp_host,
        port=settings.mcp_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )
