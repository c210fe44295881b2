"""The dashboard over a real aiserver (studio engine): both in their own right, over HTTP, for walks in a browser."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.app import create_app
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from nanococoa_backend.settings import Settings
from nanococoa_client.schemas import AdCopy
from support.dashboard import Letterbox
from support.own_server import SAMPLES
from support.waiting import until

COPY = AdCopy(
    headline="산지에서 온 아삭한 부사",
    sub="가을 햇사과 10kg",
    price="39,900원",
    old_price="52,000원",
    call_to_action="오늘 주문하면 내일 도착",
    shop="햇살과일",
)

WISHES = {"background": "나무 탁자", "seed": 5, "use_brand": False}


@dataclass(frozen=True, slots=True)
class RealDashboard:
    """``url`` is the dashboard's; ``app`` runs in a thread of this process."""

    url: str
    app: FastAPI

    def make_ad(self, business: str, product: str, **order: Any) -> str:
        """An ad made by the real aiserver; its id when it is finished."""
        services, business_id = self.app.state.services, uuid.UUID(business)
        wishes = AdOrder.model_validate(
            {"background": "나무 탁자", "fields": COPY, "seed": 5, "use_brand": False, **order}
        )
        with services.database.begin() as session:
            scope.narrow(session, business_id)
            media = MediaService(session, services.store)
            ad = AdService(session, media, business_id, None, services.making).make(wishes, uuid.UUID(product))
        until(lambda: self._ended(business_id, ad.id), 120, 0.2)
        return str(ad.id)

    def ad(self, business: str, ad: str) -> Ad:
        with self.app.state.services.database.begin() as session:
            scope.narrow(session, uuid.UUID(business))
            return Ads(session).get(uuid.UUID(ad))

    def _ended(self, business_id: uuid.UUID, ad_id: uuid.UUID) -> bool:
        with self.app.state.services.database.begin() as session:
            scope.narrow(session, business_id)
            ad = Ads(session).get(ad_id)
            assert ad.status not in ("failed", "stopped"), ad.problem
            return ad.status == "completed"

    def business_named(self, name: str) -> str:
        """The id of the newest business with this name."""
        with self.app.state.services.database.begin() as session:
            query = sa.select(Business.id).where(Business.name == name).order_by(Business.created_at.desc()).limit(1)
            return str(session.scalars(query).one())


def sample(number: str = "12") -> bytes:
    """A product's photo."""
    return (SAMPLES / "products" / f"{number}.jpg").read_bytes()


@contextmanager
def dashboard_over(aiserver_url: str, folder: Path, database_url: str = "", port: int = 0) -> Iterator[RealDashboard]:
    """A dashboard that asks the aiserver at ``aiserver_url``."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(
        backend_data_dir=folder / "backend", database_url=database_url, public_url=url, aiserver_url=aiserver_url
    )
    app = create_app(settings, mailer=Letterbox())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 60)
        yield RealDashboard(url, app)
    finally:
        server.should_exit = True
        thread.join(10)
        door.close()
