"""Ads over the API: ordered, followed, stopped, taken up again; and what they can be made of."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.catalogue import built_in
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watchers import MOST_PER_PERSON
from nanococoa_client.fake import PICTURE
from support.dashboard import Browser, Dashboard, refused
from support.waiting import until

ORDER = {"scene": "wood", "fields": {"headline": "갓 딴 부사", "price": "39,900원"}, "formats": ["square", "story"]}


class Maker:
    """A shop with a product and its ads."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.browser: Browser = dashboard.owner()
        self.product = self.browser.add_product()
        self.browser.finished_cutout(self.product)

    def order(self, **changed: Any) -> dict[str, Any]:
        answer = self.post(**changed)
        assert answer.status_code == 202, answer.text
        ad: dict[str, Any] = answer.json()
        return ad

    def post(self, key: str | None = None, **changed: Any) -> Any:
        headers = {"X-CSRF-Token": self.browser.fresh_token()} | ({"Idempotency-Key": key} if key else {})
        body = {"product_id": self.product, **ORDER, **changed}
        return self.browser.raw("POST", "/api/v1/ads", json=body, headers=headers)

    def ad(self, ad_id: str) -> dict[str, Any]:
        ad: dict[str, Any] = self.browser.api("GET", f"/ads/{ad_id}").json()
        return ad

    def ended(self, ad_id: str, status: str = "completed") -> dict[str, Any]:
        until(lambda: self.ad(ad_id)["status"] == status)
        return self.ad(ad_id)


@pytest.fixture
def maker(dashboard: Dashboard) -> Maker:
    return Maker(dashboard)


def test_an_ad_is_ordered_made_and_its_files_are_as_the_aiserver_made_them(maker: Maker) -> None:
    ad = maker.order()
    assert (ad["status"], ad["title"], ad["files"]) == ("waiting", "갓 딴 부사", [])
    done = maker.ended(ad["id"])
    assert [(file["format"], file["title"]) for file in done["files"]] == [
        ("square", "square"),
        ("story", "story"),
    ]
    assert maker.browser.get(done["files"][0]["url"]).content == PICTURE
    assert (done["progress"], done["problem"], done["order"]["scene"]) == (None, None, "wood")


def test_the_same_key_makes_one_ad_also_in_another_process_later(dashboard: Dashboard, maker: Maker) -> None:
    dashboard.aiserver.hold = True
    first, again = maker.post("once-1").json(), maker.post("once-1").json()
    assert first["id"] == again["id"]
    refused(maker.post("once-1", scene="snow"), 422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"formats": ["square", "billboard_on_the_moon"]}, "formats"),
        ({"formats": []}, "formats"),
        ({"formats": ["../../etc"]}, "formats"),
        ({"scene": "volcano"}, "scene"),
        ({"style": "comic"}, "style"),
        ({"text_color": "red"}, "text_color"),
        ({"seed": -1}, "seed"),
        ({"background": "나무" * 1001}, "background"),
        ({"pictures": 3}, "pictures"),
    ],
)
def test_an_order_that_cannot_be_made_is_told_by_its_field(maker: Maker, changed: dict[str, Any], field: str) -> None:
    error = refused(maker.post(**changed), 422, "INVALID_PARAMETER")
    assert any(field in name for name in error["details"]["fields"]), error


def test_a_product_or_parent_that_is_not_there_is_not_found(maker: Maker) -> None:
    refused(maker.post(product_id=str(uuid.uuid4())), 404, "NOT_FOUND")
    refused(maker.post(parent_id=str(uuid.uuid4())), 404, "NOT_FOUND")


def test_an_ad_is_stopped_and_goes_on(dashboard: Dashboard, maker: Maker) -> None:
    dashboard.aiserver.hold = True
    ad = maker.order()
    until(lambda: maker.ad(ad["id"])["status"] == "pending")
    refused(maker.browser.api("POST", f"/ads/{ad['id']}/retry"), 409, "OUTDATED")
    assert maker.browser.api("POST", f"/ads/{ad['id']}/stop").status_code == 200
    maker.ended(ad["id"], "stopped")
    assert maker.browser.api("POST", f"/ads/{ad['id']}/retry").status_code == 202
    maker.ended(ad["id"])
    assert len(dashboard.aiserver.made()) == 1


def test_why_an_ad_failed_is_told_in_the_readers_language(dashboard: Dashboard, maker: Maker) -> None:
    ad = maker.order(fields={"headline": "갓 " * 600, "sub": "딴 " * 600})
    korean = maker.ended(ad["id"], "failed")["problem"]
    headers = {"Accept-Language": "en"}
    english = maker.browser.raw("GET", f"/api/v1/ads/{ad['id']}", headers=headers).json()["problem"]
    assert korean["code"] == english["code"] == "INVALID_PROMPT"
    assert korean["message"] != english["message"]


def test_the_events_tell_each_state_and_end_when_the_files_are_here(dashboard: Dashboard, maker: Maker) -> None:
    dashboard.aiserver.hold = True
    ad = maker.order()
    until(lambda: maker.ad(ad["id"])["status"] == "pending")
    finish = threading.Timer(0.5, lambda: dashboard.aiserver.finish(dashboard.aiserver.made()[0]))
    finish.start()
    told = list(events_of(maker.browser, ad["id"]))
    finish.join()
    assert told[-1][0] == "end"
    assert told[-1][1]["status"] == "completed"
    assert {name for name, _ in told[:-1]} == {"progress"}
    assert len(maker.ad(ad["id"])["files"]) == 2


def test_the_events_of_an_ended_ad_end_at_once(maker: Maker) -> None:
    ad = maker.ended(maker.order()["id"])
    assert [name for name, _ in events_of(maker.browser, ad["id"])] == ["end"]


def test_events_end_when_the_ad_is_deleted_meanwhile(dashboard: Dashboard, maker: Maker) -> None:
    dashboard.aiserver.hold = True
    ad = maker.order()
    services = dashboard.app.state.services
    services.watchers.check(uuid.uuid4())
    gone = threading.Timer(0.5, lambda: _delete(dashboard, ad["id"]))
    gone.start()
    assert all(name == "progress" for name, _ in events_of(maker.browser, ad["id"]))
    gone.join()


def test_too_many_open_events_of_one_person_are_refused(dashboard: Dashboard, maker: Maker) -> None:
    ad = maker.ended(maker.order()["id"])
    user = uuid.UUID(maker.browser.api("GET", "/me").json()["id"])
    watchers = dashboard.app.state.services.watchers
    with ExitStack() as open_pages:
        for _ in range(MOST_PER_PERSON):
            open_pages.enter_context(watchers.counted(user))
        refused(maker.browser.api("GET", f"/ads/{ad['id']}/events"), 429, "RATE_LIMITED")
    assert [name for name, _ in events_of(maker.browser, ad["id"])] == ["end"]


def test_what_an_ad_can_be_made_of_is_told_in_words(maker: Maker) -> None:
    told = maker.browser.api("GET", "/catalogue").json()
    assert {"name": "square", "title": "square", "width": 1080, "height": 1080, "group": "social"} in told["formats"]
    assert [scene["title"] for scene in told["scenes"]] == ["나무 탁자"]
    assert maker.browser.get(told["scenes"][0]["picture"]).headers["content-type"] == "image/webp"
    assert told["is_current"] is True


def test_the_catalogue_is_there_before_the_aiserver_has_answered(dashboard: Dashboard) -> None:
    dashboard.app.state.services.catalogue.now = built_in()
    told = dashboard.owner().api("GET", "/catalogue").json()
    assert (len(told["formats"]), len(told["scenes"]), told["is_current"]) == (26, 24, False)


def _delete(dashboard: Dashboard, ad_id: str) -> None:
    with dashboard.app.state.services.database.begin() as session:
        scope.widen(session)
        session.execute(sa.update(Ad).where(Ad.id == uuid.UUID(ad_id)).values(deleted_at=now()))


def events_of(browser: Browser, ad_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, data) of each event, until the stream ends."""
    answer = browser.api("GET", f"/ads/{ad_id}/events")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    for block in answer.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in fields:
            yield fields["event"], json.loads(fields["data"])
