"""No order is lost and none is made twice: killed processes, two of them, a full disk, workers that end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from nanococoa_backend.ads.models import Ad, AdVersion
from nanococoa_backend.app import create_app
from nanococoa_backend.errors import StoreFull
from nanococoa_backend.platform import scope
from nanococoa_backend.settings import Settings
from support import calls
from support.backend_process import BackendProcess, Program
from support.dashboard import PASSWORD, CuttingAiserver, Dashboard, Letterbox
from support.own_server import Server
from support.postgres import Postgres
from support.waiting import until

pytestmark = pytest.mark.timeout(1200)

ORDER = {"scene": "wood", "fields": {"headline": "갓 딴 부사", "price": "39,900원"}, "formats": ["square", "story"]}
ENDED = ("completed", "failed", "stopped")


class Begun(NamedTuple):
    """A shop of a dashboard that can be killed, and an order for an ad of its product."""

    backend: BackendProcess
    program: Program
    order: dict[str, Any]
    aiserver: Server
    jobs_before: set[str]

    def ad(self, ad_id: str) -> dict[str, Any]:
        ad: dict[str, Any] = self.program.api("GET", f"/ads/{ad_id}")
        return ad

    def until_ended(self, ad_id: str) -> dict[str, Any]:
        until(lambda: self.ad(ad_id)["status"] in ENDED, 240, 0.3)
        return self.ad(ad_id)

    def jobs(self) -> list[str]:
        """How far the aiserver is with each ad that it was given since."""
        jobs = ads_of(self.aiserver)
        return [job["status"] for job in jobs if job["job_id"] not in self.jobs_before]


@pytest.fixture
def begun(aiserver: Server, tmp_path: Path) -> Iterator[Begun]:
    backend = BackendProcess(tmp_path, aiserver.url)
    backend.start()
    program = Program(backend.url)
    try:
        program.begin(f"{uuid.uuid4().hex}@haetsal.kr", PASSWORD)
        order = {"product_id": program.add_product("부사"), **ORDER}
        yield Begun(backend, program, order, aiserver, {job["job_id"] for job in ads_of(aiserver)})
    finally:
        program.close()
        backend.end()


def test_a_dashboard_killed_in_the_middle_brings_the_ad_home_after_its_restart(begun: Begun) -> None:
    ad = begun.program.api("POST", "/ads", json=begun.order)["id"]
    until(lambda: begun.ad(ad)["status"] in ("running", *ENDED))
    begun.backend.kill()
    until(lambda: begun.jobs() == ["completed"], 240, 0.2)
    begun.backend.start()
    done = begun.until_ended(ad)
    assert (done["status"], [file["format"] for file in done["files"]]) == ("completed", ["square", "story"])
    assert begun.jobs() == ["completed"]
    picture = begun.program.call("GET", done["files"][0]["url"])
    assert picture.headers["content-type"] == "image/png"


def test_an_ad_is_made_although_the_aiservers_workers_were_killed(begun: Begun) -> None:
    for worker in begun.aiserver.workers():
        worker.kill()  # the API lives on; whoever takes the job up again is a new worker
    ad = begun.program.api("POST", "/ads", json=begun.order)["id"]
    assert begun.until_ended(ad)["status"] == "completed"
    assert begun.jobs() == ["completed"]


def test_a_full_disk_only_delays_an_ad(dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = dashboard.owner()
    product = browser.add_product()
    browser.finished_cutout(product)
    store = type(dashboard.app.state.services.store)
    keep = store.put
    refused: list[str] = []

    def full(self: Any, business_id: uuid.UUID, data: bytes, media_type: str) -> str:
        if len(refused) < 3:
            refused.append(media_type)
            raise StoreFull
        return str(keep(self, business_id, data, media_type))

    monkeypatch.setattr(store, "put", full)
    ad = browser.api("POST", "/ads", json={"product_id": product, **ORDER}).json()["id"]
    until(lambda: browser.api("GET", f"/ads/{ad}").json()["status"] == "completed", 180, 0.1)
    assert len(refused) == 3
    assert len(dashboard.aiserver.made()) == 1
    assert len(browser.api("GET", f"/ads/{ad}").json()["files"]) == 2


@pytest.mark.postgres
def test_two_processes_on_one_database_make_each_ad_once(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.create_database(f"two_{uuid.uuid4().hex[:12]}")
    aiserver = CuttingAiserver()
    settings = Settings(backend_data_dir=tmp_path / "backend", database_url=url)
    first, second = (create_app(settings, aiserver, Letterbox()) for _ in range(2))
    with (
        TestClient(first, base_url=settings.public_url) as client,
        TestClient(second, base_url=settings.public_url),
    ):
        browser = Dashboard(first, client, aiserver, Letterbox()).owner()
        product = browser.add_product()
        browser.finished_cutout(product)
        ids = [browser.api("POST", "/ads", json={"product_id": product, **ORDER}).json()["id"] for _ in range(12)]
        until(lambda: all(browser.api("GET", f"/ads/{ad}").json()["status"] in ENDED for ad in ids), 180, 0.1)
        with first.state.services.database.begin() as session:
            scope.widen(session)
            assert session.scalars(sa.select(Ad.status).distinct()).all() == ["completed"]
            assert session.scalar(sa.select(sa.func.count(AdVersion.id))) == 12
    assert len(aiserver.made()) == 12


def ads_of(aiserver: Server) -> list[dict[str, Any]]:
    query = {"kind": "ad", "limit": "100"}
    jobs: list[dict[str, Any]] = calls.get(f"{aiserver.url}/jobs", params=query, timeout=60).json()["jobs"]
    return jobs
