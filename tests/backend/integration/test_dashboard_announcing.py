"""Webhooks tell what ended, whichever way it ended, once, and only those who want to hear of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.platform import scope
from nanococoa_backend.webhooks.models import Delivery
from support.dashboard import Browser, Dashboard, open_dashboard
from support.homepage_service import HomepageService
from support.lists import finished, send, two_products
from support.waiting import until

TOKEN = "the-homepage-service-token"


@pytest.fixture
def service() -> Iterator[HomepageService]:
    running = HomepageService(TOKEN)
    yield running
    running.close()


@pytest.fixture
def shop(tmp_path: Path, jobs_url: str, service: HomepageService) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, jobs_url, homepage_url=service.url, homepage_token=TOKEN) as opened:
        yield opened


def listening(dashboard: Dashboard, **options: Any) -> Browser:
    owner = dashboard.owner()
    assert owner.api("POST", "/webhooks", json={"url": "https://shop.example/hooks", **options}).status_code == 201
    return owner


def told(dashboard: Dashboard, event: str) -> list[dict[str, Any]]:
    """What the letters of an event say, the earliest first."""
    with dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        query = sa.select(Delivery.body).where(Delivery.event == event).order_by(Delivery.created_at)
        return [json.loads(body)["data"] for body in session.scalars(query)]


def test_a_homepage_is_told_of_when_it_is_made_and_when_it_goes_out(shop: Dashboard) -> None:
    owner = listening(shop)
    homepage = owner.api("POST", "/homepages", json={}).json()["id"]
    (made,) = until(lambda: told(shop, "homepage.completed"))
    assert (made["homepage_id"], made["kind"], made["published"], made["site_url"]) == (homepage, "make", None, None)
    owner.api("POST", f"/homepages/{homepage}/publish", json={})
    until(lambda: len(told(shop, "homepage.completed")) == 2)
    published = told(shop, "homepage.completed")[1]
    assert (published["kind"], published["published"]) == ("publish", "v1")
    assert published["site_url"].startswith("http")
    assert published["url"].endswith(f"/homepages/{homepage}")


def test_a_homepage_that_is_stopped_is_told_of_as_that(shop: Dashboard, service: HomepageService) -> None:
    owner = listening(shop, events=["homepage.stopped"])
    service.away = True
    homepage = owner.api("POST", "/homepages", json={}).json()["id"]
    (task,) = owner.api("GET", f"/homepages/{homepage}/tasks").json()["tasks"]
    assert owner.api("POST", f"/homepages/{homepage}/tasks/{task['id']}/stop").status_code < 300
    (stopped,) = until(lambda: told(shop, "homepage.stopped"))
    assert stopped["homepage_id"] == homepage


def test_a_run_is_told_of_once_with_its_tally_and_again_when_rows_were_made_anew(dashboard: Dashboard) -> None:
    owner = listening(dashboard)
    run = finished(owner, send(owner, *two_products()).json()["id"])
    (end,) = until(lambda: told(dashboard, "batch.finished"))
    assert (end["batch_id"], end["total"], end["passed"], end["failed"]) == (run["id"], 2, 2, 0)
    assert len(told(dashboard, "ad.completed")) == 2
    item = run["items"][0]["id"]
    assert owner.api("POST", f"/batches/{run['id']}/items/{item}/retry").status_code == 202
    until(lambda: len(told(dashboard, "batch.finished")) == 2)


def test_a_run_that_is_stopped_before_an_ad_began_is_told_of_too(dashboard: Dashboard) -> None:
    owner = listening(dashboard, events=["batch.stopped"])
    dashboard.aiserver.away = True
    run = send(owner, *two_products()).json()["id"]
    assert owner.api("POST", f"/batches/{run}/stop").status_code < 300
    dashboard.aiserver.away = False
    (end,) = until(lambda: told(dashboard, "batch.stopped"))
    assert (end["batch_id"], end["stopped"], end["passed"]) == (run, 2, 0)
