"""Ads are made beside the requests: kept while the aiserver is away, brought home byte for byte, ended once."""

from __future__ import annotations

import asyncio
import base64
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from nanococoa_backend.ads.models import Ad, AdImage, AdVersion
from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.ads.versions import layer_of
from nanococoa_backend.errors import Outdated
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.tables import now
from nanococoa_client.fake import PICTURE
from nanococoa_client.schemas import AdCopy, GenerateRequest
from support.dashboard import Browser, Dashboard
from support.waiting import until

PICTURE_URI = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
ORDER = AdOrder(scene="wood", fields=AdCopy(headline="갓 딴 부사", price="39,900원"), formats=["square", "story"])


class Shop:
    """A business with one product, and what its people do with ads."""

    def __init__(self, dashboard: Dashboard, browser: Browser | None = None) -> None:
        self._dashboard = dashboard
        self.services = dashboard.app.state.services
        browser = browser or dashboard.owner()
        self.business_id = uuid.UUID(browser.api("GET", "/business").json()["id"])
        self.product_id = uuid.UUID(browser.add_product())
        browser.finished_cutout(str(self.product_id))

    def do(self, name: str, *arguments: Any, ad_id: uuid.UUID | None = None, **options: Any) -> Any:
        """Call the service in a transaction of its own; ``ad_id`` is given as the row."""
        with self.services.database.begin() as session:
            scope.narrow(session, self.business_id)
            media = MediaService(session, self.services.store)
            service = AdService(session, media, self.business_id, None, self.services.making)
            ads = (service.ads.get(ad_id),) if ad_id else ()
            return getattr(service, name)(*ads, *arguments, **options)

    def order(self, order: AdOrder = ORDER, **options: Any) -> uuid.UUID:
        ad_id: uuid.UUID = self.do("make", order, self.product_id, **options).id
        return ad_id

    def ad(self, ad_id: uuid.UUID) -> Ad:
        with self.services.database.begin() as session:
            scope.narrow(session, self.business_id)
            ad: Ad = session.get_one(Ad, ad_id)
            return ad

    def ended(self, ad_id: uuid.UUID, status: str = "completed") -> Ad:
        until(lambda: self.ad(ad_id).status == status)
        return self.ad(ad_id)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.services.database.begin() as session:
            scope.narrow(session, self.business_id)
            return list(session.scalars(query))


@pytest.fixture
def shop(dashboard: Dashboard) -> Shop:
    return Shop(dashboard)


def test_an_order_becomes_a_version_with_its_files_and_layer(shop: Shop) -> None:
    ad = shop.ended(shop.order())
    (version,) = shop.rows(sa.select(AdVersion))
    assert (version.ad_id, version.number, version.source, version.style) == (ad.id, 1, "made", "shout")
    assert version.fields["headline"] == "갓 딴 부사"
    layer = layer_of(shop.services.store, version)
    assert layer is not None
    assert list(layer.formats) == ["square", "story"]
    images = shop.rows(sa.select(AdImage).order_by(AdImage.position))
    assert [image.format for image in images] == ["square", "story"]
    asset = shop.rows(sa.select(Asset).where(Asset.id == images[0].asset_id))[0]
    assert shop.services.store.get(asset.original) == PICTURE
    assert (ad.version_id, ad.cover_id) == (version.id, images[0].asset_id)


def test_the_owners_cutout_is_what_the_ad_is_made_with(dashboard: Dashboard, shop: Shop) -> None:
    ad = shop.ended(shop.order())
    request = dashboard.aiserver._jobs[ad.job_id or ""].request.model_dump()
    assert request["cutout_image"].startswith("data:image/png;base64,")
    assert request["product_image"].startswith("data:image/jpeg;base64,")
    assert "나무" in request["bg_prompt"]


def test_an_order_waits_while_the_aiserver_is_away(dashboard: Dashboard, shop: Shop) -> None:
    dashboard.aiserver.away = True
    ad_id = shop.order()
    until(lambda: shop.ad(ad_id).tries > 0)
    assert shop.ad(ad_id).status == "waiting"
    dashboard.aiserver.away = False
    shop.ended(ad_id)
    assert len(dashboard.aiserver.made()) == 1


def test_the_same_key_gives_the_same_ad_and_another_order_under_it_is_refused(dashboard: Dashboard, shop: Shop) -> None:
    first = shop.order(key="k1")
    assert shop.order(key="k1") == first
    with pytest.raises(Outdated):
        shop.order(AdOrder(background="다른 주문"), key="k1")
    shop.ended(first)
    assert len(dashboard.aiserver.made()) == 1


def test_a_stop_before_the_aiserver_has_it_ends_it_at_once(dashboard: Dashboard, shop: Shop) -> None:
    dashboard.aiserver.away = True
    ad_id = shop.order()
    until(lambda: shop.ad(ad_id).tries > 0)
    shop.do("stop", ad_id=ad_id)
    shop.ended(ad_id, "stopped")
    assert dashboard.aiserver.made() == []


def test_a_running_ad_is_stopped_there_too_and_can_go_on(dashboard: Dashboard, shop: Shop) -> None:
    dashboard.aiserver.hold = True
    ad_id = shop.order()
    until(lambda: shop.ad(ad_id).status == "pending")
    shop.do("stop", ad_id=ad_id)
    job_id = shop.ended(ad_id, "stopped").job_id
    dashboard.aiserver.hold = False
    shop.do("try_again", ad_id=ad_id)
    assert shop.ended(ad_id).job_id == job_id
    assert len(shop.rows(sa.select(AdVersion))) == 1


def test_a_job_the_aiserver_forgot_is_given_to_it_again_then_told_as_lost(dashboard: Dashboard, shop: Shop) -> None:
    dashboard.aiserver.hold = True
    ad_id = shop.order()

    def given(attempt: int) -> bool:
        seen = shop.ad(ad_id)  # read once: between two reads the ad can have moved on
        return seen.job_id is not None and seen.attempt == attempt

    for attempt in range(3):
        until(partial(given, attempt))
        dashboard.aiserver._jobs.clear()
    ad = shop.ended(ad_id, "failed")
    assert ad.problem is not None
    assert ad.problem["code"] == "JOB_NOT_FOUND"


def test_what_the_aiserver_refuses_is_told_and_not_tried_again(dashboard: Dashboard, shop: Shop) -> None:
    ad = shop.ended(shop.order(AdOrder(formats=["billboard-9000"])), "failed")
    assert ad.problem is not None
    assert ad.problem["code"] == "INVALID_PARAMETER"
    assert dashboard.aiserver.made() == []


def begun_elsewhere(shop: Shop) -> tuple[uuid.UUID, str]:
    """An ad that waits for somebody else to give it to the aiserver, and the job that it was given."""
    ad_id = shop.order(ORDER, begins_at=now() + timedelta(hours=1))
    request = GenerateRequest.model_validate({"text_content": "x", "bg_prompt": "x", "product_image": PICTURE_URI})
    return ad_id, asyncio.run(shop.services.aiserver.generate(request)).job_id


def test_an_ad_that_somebody_else_began_comes_home_as_one(dashboard: Dashboard, shop: Shop) -> None:
    ad_id, job_id = begun_elsewhere(shop)
    assert shop.ad(ad_id).status == "waiting"
    for _ in range(2):
        shop.do("given", job_id, ad_id=ad_id)
    assert shop.ended(ad_id).job_id == job_id
    assert dashboard.aiserver.made() == [job_id]


def test_an_ad_that_was_stopped_while_somebody_else_began_it_is_stopped_there_too(
    dashboard: Dashboard, shop: Shop
) -> None:
    dashboard.aiserver.hold = True
    ad_id, job_id = begun_elsewhere(shop)
    shop.do("stop", ad_id=ad_id)
    shop.ended(ad_id, "stopped")
    shop.do("given", job_id, ad_id=ad_id)
    shop.ended(ad_id, "stopped")
    assert asyncio.run(shop.services.aiserver.status(job_id)).status == "stopped"


def test_an_ad_whose_maker_was_never_heard_of_again_is_made_all_the_same(dashboard: Dashboard, shop: Shop) -> None:
    shop.ended(shop.order(ORDER, begins_at=now() + timedelta(seconds=1)))
    assert len(dashboard.aiserver.made()) == 1


def test_a_copy_in_one_line_is_told_by_its_fields_once_it_was_read(shop: Shop) -> None:
    order = AdOrder(scene="wood", text="갓 딴 부사 | 39,900원", formats=["square"])
    ad_id = shop.order(order)
    assert shop.do("order_of", ad_id=ad_id).fields.headline
    ad = shop.ended(ad_id)
    told = shop.do("order_of", ad_id=ad_id)
    (version,) = shop.rows(sa.select(AdVersion))
    assert (told.text, told.fields.model_dump()) == ("", version.fields)
    assert ad.title == "갓 딴 부사"


def test_an_earlier_version_can_be_shown_again(shop: Shop) -> None:
    ad = shop.ended(shop.order())
    first = ad.version_id
    assert shop.do("use_version", first, ad_id=ad.id).number == 1


def test_a_product_deleted_meanwhile_does_not_lose_the_order(dashboard: Dashboard, shop: Shop) -> None:
    dashboard.aiserver.away = True
    ad_id = shop.order()
    with shop.services.database.begin() as session:
        scope.narrow(session, shop.business_id)
        session.execute(sa.text("UPDATE products SET deleted_at = CURRENT_TIMESTAMP"))
    dashboard.aiserver.away = False
    shop.ended(ad_id)
