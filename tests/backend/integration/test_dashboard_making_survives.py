"""No order is lost and none is made twice: killed processes, two of them, a full disk, workers that end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from nanococoa_backend.ads.models import Ad, AdVersion
from nanococoa_backend.app import create_app
from nanococoa_backend.errors import StoreFull
from nanococoa_backend.platform import scope
from nanococoa_backend.settings import Settings
from support.backend_process import BackendProcess, Program
from support.dashboard import PASSWORD, CuttingAiserver, Dashboard, Letterbox
from support.own_server import serving
from support.postgres import Postgres
from support.waiting import until

pytestmark = pytest.mark.timeout(400)

ORDER = {"scene": "wood", "fields": {"headline": "갓 딴 부사", "price": "39,900원"}, "formats": ["square", "story"]}
ENDED = ("completed", "failed", "stopped")


@contextmanager
def begun(backend: BackendProcess) -> Iterator[tuple[Program, dict[str, Any]]]:
    """A shop with one product, and the order for an ad of it."""
    program = Program(backend.url)
    try:
        program.begin(f"{uuid.uuid4().hex}@haetsal.kr", PASSWORD)
        yield program, {"product_id": program.add_product("부사"), **ORDER}
    finally:
        program.close()


def state(program: Program, ad_id: str) -> dict[str, Any]:
    ad: dict[str, Any] = program.api("GET", f"/ads/{ad_id}")
    return ad


def test_a_dashboard_killed_in_the_middle_brings_the_ad_home_after_its_restart(tmp_path: Path) -> None:
    with serving(tmp_path, ENGINE="studio") as aiserver:
        backend = BackendProcess(tmp_path, aiserver.url)
        backend.start()
        try:
            with begun(backend) as (program, order):
                ad = program.api("POST", "/ads", json=order)["id"]
                until(lambda: state(program, ad)["status"] in ("running", *ENDED), 120, 0.05)
                backend.kill()
                until(lambda: _jobs(aiserver.url)[0]["status"] == "completed", 240, 0.2)
                backend.start()
                until(lambda: state(program, ad)["status"] in ENDED, 240, 0.5)
                done = state(program, ad)
                assert (done["status"], [file["format"] for file in done["files"]]) == (
                    "completed",
                    ["square", "story"],
                )
                assert len(_jobs(aiserver.url)) == 1
                picture = program.call("GET", done["files"][0]["url"])
                assert picture.headers["content-type"] == "image/png"
        finally:
            backend.end()


def test_an_ad_is_made_although_the_aiservers_workers_were_killed(tmp_path: Path) -> None:
    with serving(tmp_path, ENGINE="studio") as aiserver:
        backend = BackendProcess(tmp_path, aiserver.url)
        backend.start()
        try:
            with begun(backend) as (program, order):
                for worker in aiserver.workers():
                    worker.kill()  # the API lives on; whoever takes the job up again is a new worker
                ad = program.api("POST", "/ads", json=order)["id"]
                until(lambda: state(program, ad)["status"] in ENDED, 240, 0.5)
                assert state(program, ad)["status"] == "completed"
                assert len(_jobs(aiserver.url)) == 1
        finally:
            backend.end()


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
    until(lambda: browser.api("GET", f"/ads/{ad}").json()["status"] == "completed", 120, 0.1)
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
        until(lambda: all(browser.api("GET", f"/ads/{ad}").json()["status"] in ENDED for ad in ids), 120, 0.1)
        with first.state.services.database.begin() as session:
            scope.widen(session)
            assert session.scalars(sa.select(Ad.status).distinct()).all() == ["completed"]
            assert session.scalar(sa.select(sa.func.count(AdVersion.id))) == 12
    assert len(aiserver.made()) == 12


def _jobs(aiserver_url: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = httpx.get(f"{aiserver_url}/jobs", params={"kind": "ad"}, timeout=60).json()["jobs"]
    return jobs
