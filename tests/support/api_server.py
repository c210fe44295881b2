"""The API over real HTTP: uvicorn on a free port in a thread, with a real worker process behind it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from nanococoa_aiserver.app import create_app
from nanococoa_aiserver.settings import Settings
from support import calls
from support.waiting import until

WORKER = [sys.executable, str(Path(__file__).with_name("api_worker.py"))]


@dataclass(frozen=True, slots=True)
class ApiServer:
    """``url`` without a slash at its end."""

    url: str
    settings: Settings


@contextmanager
def serving(settings: Settings) -> Iterator[ApiServer]:
    """The API process' application, without workers."""
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    options = uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=1, timeout_keep_alive=75)
    server = uvicorn.Server(options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 180)
        yield ApiServer(f"http://127.0.0.1:{door.getsockname()[1]}", settings)
    finally:
        server.should_exit = True
        thread.join(60)
        door.close()


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, ended afterwards."""
    log = settings.data_dir.with_suffix(".worker.log")
    with log.open("wb") as output:
        process = subprocess.Popen(WORKER, env=environment(settings), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)


def environment(settings: Settings) -> dict[str, str]:
    """What a worker of the tests is started with."""
    return {**os.environ, **settings.environment(), "PYTHONPATH": str(Path(__file__).parents[1])}


@contextmanager
def serving_with_worker(settings: Settings) -> Iterator[ApiServer]:
    """Both; ready when this begins."""
    with serving(settings) as server, working(settings):
        until(lambda: calls.get(f"{server.url}/ready", headers=bearer(settings), timeout=60).status_code == 200, 180)
        yield server


def bearer(settings: Settings) -> dict[bytes, bytes]:
    """The header that carries the server's token, if it has one."""
    token = settings.aiserver_token
    return {b"Authorization": f"Bearer {token.get_secret_value()}".encode()} if token else {}
