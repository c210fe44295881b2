"""The dashboard over a real aiserver (studio engine): both in their own right, over HTTP, for walks in a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import uvicorn
from fastapi import FastAPI

from nanococoa_backend.app import create_app
from nanococoa_backend.settings import Settings
from support.dashboard import Letterbox
from support.made_ads import finished_ad
from support.own_server import SAMPLES
from support.waiting import until

Kind: TypeAlias = Literal["sqlite", "postgres"]
Dashboards: TypeAlias = "Callable[[Kind], RealDashboard]"


@dataclass(frozen=True, slots=True)
class RealDashboard:
    """``url`` is the dashboard's; ``app`` runs in a thread of this process."""

    url: str
    app: FastAPI

    def make_ad(self, business: str, product: str, **order: Any) -> str:
        """An ad made by the real aiserver; its id when it is finished."""
        return finished_ad(self.app, business, product, 300, **order)


def sample(number: str = "12") -> bytes:
    """A product's photo."""
    return (SAMPLES / "products" / f"{number}.jpg").read_bytes()


@contextmanager
def dashboard_over(
    aiserver_url: str, folder: Path, database_url: str = "", port: int = 0, **more: Any
) -> Iterator[RealDashboard]:
    """A dashboard that asks the aiserver at ``aiserver_url``."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(
        backend_data_dir=folder / "backend",
        database_url=database_url,
        public_url=url,
        aiserver_url=aiserver_url,
        **more,
    )
    app = create_app(settings, mailer=Letterbox())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, timeout_keep_alive=75))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 180)
        yield RealDashboard(url, app)
    finally:
        server.should_exit = True
        thread.join(60)
        door.close()
